"""Limit the threads that compute a step.

In: the size of a batch and of a net. Out: torch's number of threads, restored at the end.
Imports only torch.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from skrnn.net.architecture import Architecture

MIN_SHARED_SIZE = 1 << 22  # multiplications of a product from which on threads may share it


@contextmanager
def limit_threads(size: int, architecture: Architecture) -> Iterator[None]:
    """Use one thread if the product of `size` states and W is too small to be shared.

    Threads wait for each other after every product, and for long if another program has
    their core.
    """
    before = torch.get_num_threads()
    small = size * architecture.gate_rows * architecture.nhidden < MIN_SHARED_SIZE
    try:
        torch.set_num_threads(1 if small else before)
        yield
    finally:
        torch.set_num_threads(before)
