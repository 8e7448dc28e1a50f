"""Matrix products in which the result for a row does not depend on the other rows.

In: rows, a matrix. Out: their product. Libraries choose the algorithm by the number of rows, so
the last bit of a result depends on it. Rows are therefore multiplied in blocks of a few fixed
sizes. If the columns do not fill the registers, the last bit also depends on the position of a row.
Matrices are therefore widened by columns of zeros. Imports only torch.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import torch
from torch import Tensor

from skrnn.net.threads import limit_threads

BLOCKS = (1024, 512, 256, 128, 64, 32)
SMALLEST = BLOCKS[-1]
COLUMNS = 16  # the number of columns is rounded up to a multiple of this


def round_up(n: int) -> int:
    """Return n rounded up to the number of rows in whole blocks."""
    return -(-n // SMALLEST) * SMALLEST


def widen(W: Tensor) -> Tensor:
    """Return W with columns of zeros at the end, as `product` needs it."""
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
    """Divide n rows into blocks, the largest first: the start and the size of each."""
    start = 0
    for size in BLOCKS:
        while n - start >= size:
            yield start, size
            start += size
