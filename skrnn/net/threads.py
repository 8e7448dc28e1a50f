"""How many threads compute a step.

In: the size of a batch and of a net. Out: torch's number of threads, put back at the end. Knows
torch alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from skrnn.net.architecture import Architecture

SHARED = 1 << 22  # multiplications of a product from which on threads may share it


@contextmanager
def threads(size: int, architecture: Architecture) -> Iterator[None]:
    """Compute in one thread where the product of `size` states and W is too small to be shared.

    Threads wait for each other after every product, and for long if another program has
    their core.
    """
    before = torch.get_num_threads()
    small = size * architecture.rows * architecture.nhidden < SHARED
    try:
        torch.set_num_threads(1 if small else before)
        yield
    finally:
        torch.set_num_threads(before)
