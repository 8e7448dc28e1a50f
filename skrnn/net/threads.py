"""Limit the number of threads that torch uses.

In: the size of a batch and of a network. Out: a number of threads; torch's number is restored at
the end. Imports only torch.

torch has a number of threads for each Python thread, and one for the process, with which new
Python threads start. `torch.set_num_threads` sets both, but only the number of the current thread
can be read directly. The number of the process is therefore read before the first block begins,
and restored when the last block has ended.

A forked process uses one thread. It does not have the threads of its parent, for which OpenMP
would wait for ever.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock, Thread, get_ident, local

import torch

from skrnn.net.architecture import Architecture

MIN_SHARED_SIZE = 1 << 22  # multiplications in a product; smaller products use one thread


def threads_for(size: int, architecture: Architecture) -> int:
    """Return torch's number of threads, or 1 if the product of `size` states and W is small.

    Threads wait for each other after every product, and for a long time if another program uses
    their core.
    """
    small = size * architecture.gate_rows * architecture.nhidden < MIN_SHARED_SIZE
    return 1 if small else usual_threads()


def usual_threads() -> int:
    """Return torch's number of threads outside of all blocks; 1 in a forked process."""
    if _forked:
        return 1
    with _lock:
        stack = _stacks.get(get_ident())
        return stack[-1].usual if stack else _number_before()


@contextmanager
def limit_threads(n: int, usual: int | None = None) -> Iterator[None]:
    """Compute with so many threads; with one in a forked process.

    Blocks inside of this one take `usual` for torch's number of threads, if it is given.
    """
    block = _Block(1 if _forked else n, usual)
    try:
        block.enter()
        yield
    finally:
        try:
            block.leave()
        finally:  # again, in case Ctrl-C interrupted the first call
            block.leave()


def unlimited() -> AbstractContextManager[None]:
    """Use torch's own number of threads inside of other blocks, for the user's code."""
    return limit_threads(usual_threads())


class _Block:
    """A block in which one Python thread computes with n threads."""

    before: int
    usual: int  # what blocks inside of this one take for torch's number

    def __init__(self, n: int, usual: int | None) -> None:
        self.n, self.wanted, self.thread = n, usual, get_ident()

    def enter(self) -> None:
        """Set the number of threads; before the first block, find that of the process."""
        global _of_process
        with _lock:
            around = _stacks.get(self.thread, [])
            self.before = around[-1].n if around else _number_before()
            known = around[-1].usual if around else self.before
            self.usual = known if self.wanted is None else self.wanted
            if not _stacks:
                torch.init_num_threads()  # this thread now has the number of the process
                _of_process = torch.get_num_threads()
            _stacks[self.thread] = [*around, self]
            _here.known = True
            torch.set_num_threads(self.n)

    def leave(self) -> None:
        """Restore the number of threads, and end inner blocks that Ctrl-C has interrupted.

        A second call does nothing.
        """
        with _lock:
            stack = _stacks.get(self.thread, [])
            if self not in stack:
                return
            torch.set_num_threads(self.before)
            if around := stack[: stack.index(self)]:
                _stacks[self.thread] = around
                return
            if len(_stacks) == 1 and self.before != _of_process:
                _set_elsewhere(_of_process)
            del _stacks[self.thread]


def _number_before() -> int:
    """Return torch's number for this thread, which has no block."""
    number = torch.get_num_threads()  # a new thread takes that of the process now, not later
    began_in_a_block = _stacks and not hasattr(_here, "known")  # of another one, with its number
    return _of_process if began_in_a_block else number


def _set_elsewhere(n: int) -> None:
    """Set the number of the process, but not that of this thread."""
    other = Thread(target=torch.set_num_threads, args=(n,))
    other.start()
    other.join()


_lock = RLock()
_stacks: dict[int, list[_Block]] = {}  # the blocks of each thread, innermost last
_of_process = 1  # the number of threads of the process, while there are blocks
_here = local()  # `known`: this thread has had a block
_forked = False


def _after_fork() -> None:
    """Forget the blocks of threads that do not exist in this process."""
    global _forked, _lock
    _forked, _lock = True, RLock()
    others = _stacks.keys() - {get_ident()}
    for thread in others:
        del _stacks[thread]
    if others and not _stacks:
        torch.set_num_threads(_of_process)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork)
