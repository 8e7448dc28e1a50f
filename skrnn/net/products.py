"""Products whose rows do not depend on what else is multiplied.

In: rows, a matrix. Out: their product. How a library multiplies depends on the number of rows,
and so does the last bit of the result; here they are multiplied in blocks of a few fixed sizes.
Where the columns do not fill its registers, the last bit depends on the place of a row as well:
matrices are widened by columns of zeros. Imports only torch.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import torch
from torch import Tensor

from skrnn.net.threads import limit_threads

BLOCKS = (1024, 512, 256, 128, 64, 32)
SMALLEST = BLOCKS[-1]
COLUMNS = 16  # matrices have a multiple of so many columns


def round_up(n: int) -> int:
    """Return the number of rows of whole blocks that n rows need."""
    return -(-n // SMALLEST) * SMALLEST


def widen(W: Tensor) -> Tensor:
    """Return W as `product` needs it, with columns of zeros at the end."""
    return torch.cat([W, W.new_zeros(len(W), -W.shape[1] % COLUMNS)], 1)


def product(x: Tensor, W: Tensor, n_threads: int = 1) -> Tensor:
    """Return x W, block by block, computed by so many threads; W comes from `widen`."""
    n = x.shape[0]
    if n % SMALLEST:
        x = torch.cat([x, x.new_zeros(round_up(n) - n, x.shape[1])])
    with limit_threads(n_threads) if n_threads > 1 else nullcontext():
        if n in BLOCKS:
            return torch.mm(x, W)
        out = W.new_empty(x.shape[0], W.shape[1])
        for start, size in _cut(x.shape[0]):
            torch.mm(x[start : start + size], W, out=out[start : start + size])
    return out[:n]


def _cut(n: int) -> Iterator[tuple[int, int]]:
    """Cut n rows into blocks, the largest first: where each begins, and its size."""
    start = 0
    for size in BLOCKS:
        while n - start >= size:
            yield start, size
            start += size
