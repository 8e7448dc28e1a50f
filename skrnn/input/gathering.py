"""Processes that share a fit, and what they tell each other.

In: a value of this process. Out: the values of all. Imports nothing: `skrnn.net.group` is what
sends and receives.
"""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Gather(Protocol):
    """Returns the values of all processes, in the same order on all of them."""

    def __call__(self, value: T, /) -> list[T]: ...


def alone(value: T) -> list[T]:
    """Return the value of the only process."""
    return [value]
