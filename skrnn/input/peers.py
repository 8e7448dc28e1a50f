"""The processes that share a fit, and the messages between them.

In: values of this process. Out: values of all. Imports nothing: `skrnn.net.group` is what sends
and receives.
"""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Peers(Protocol):
    """Processes, each with its own values; all of them have to call the same methods."""

    size: int

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes, in the same order on all of them."""

    def exchange(self, values: list[T]) -> list[T]:
        """Send value i to process i; return what all have sent to this one, in their order."""


class Alone:
    """A process without others."""

    size = 1

    def gather(self, value: T) -> list[T]:
        """Return the only value."""
        return [value]

    def exchange(self, values: list[T]) -> list[T]:
        """Return the only value."""
        return values


ALONE = Alone()
