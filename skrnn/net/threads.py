"""Limit the threads that compute a step.

In: the size of a batch and of a net. Out: a number of threads, and torch's restored at the end.
Imports only torch.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from skrnn.net.architecture import Architecture

MIN_SHARED_SIZE = 1 << 22  # multiplications of a product from which on threads may share it


def threads_for(size: int, architecture: Architecture) -> int:
    """Return torch's number of threads, or 1 if the product of `size` states and W is small.

    Threads wait for each other after every product, and for long if another program has
    their core.
    """
    small = size * architecture.gate_rows * architecture.nhidden < MIN_SHARED_SIZE
    return 1 if small else torch.get_num_threads()


@contextmanager
def limit_threads(n: int) -> Iterator[None]:
    """Compute with so many threads."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n)
        yield
    finally:
        torch.set_num_threads(before)
