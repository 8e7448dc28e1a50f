"""How many threads compute a step."""

import os
import signal
import sys
from threading import Event, Thread

import pytest
import torch

from skrnn.net import threads
from skrnn.net.architecture import Architecture
from skrnn.net.threads import limit_threads, threads_for, unlimited, usual_threads


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


pytestmark = pytest.mark.usefixtures("two_threads")


class Other:
    """Another thread, which does one thing after the other."""

    def __init__(self):
        self.tasks, self.found = [], None
        self.wanted, self.done = Event(), Event()
        Thread(target=self._run, daemon=True).start()

    def _run(self):
        while self.wanted.wait():
            self.wanted.clear()
            self.found = self.task()
            self.done.set()

    def do(self, task):
        self.task = task
        self.wanted.set()
        assert self.done.wait(60)
        self.done.clear()
        return self.found


def of_a_new_thread():
    return Other().do(torch.get_num_threads)


@pytest.mark.parametrize(
    "cell, nhidden, n", [("rnn", 255, 1), ("rnn", 256, 2), ("gru", 147, 1), ("gru", 148, 2),
                         ("lstm", 127, 1), ("lstm", 128, 2)],
)  # fmt: skip
def test_a_product_of_four_million_multiplications_is_shared(cell, nhidden, n):
    """A batch of 64: 64 * nhidden * nhidden for each gate, against 2 ** 22."""
    with limit_threads(threads_for(64, Architecture(5, nhidden, 2, True, cell=cell))):
        assert torch.get_num_threads() == n
    assert torch.get_num_threads() == 2


def test_the_number_of_threads_is_put_back_after_an_error():
    with pytest.raises(KeyError), limit_threads(1):
        raise KeyError
    assert torch.get_num_threads() == of_a_new_thread() == 2


def test_a_block_may_say_what_the_usual_number_is_inside_of_it():
    with limit_threads(1, usual=1):
        assert usual_threads() == 1
        with limit_threads(3):
            assert usual_threads() == 1
            with unlimited():
                assert torch.get_num_threads() == 1
        with limit_threads(1, usual=4):
            assert usual_threads() == 4
        assert usual_threads() == 1
    assert usual_threads() == torch.get_num_threads() == of_a_new_thread() == 2


def test_blocks_may_be_within_each_other():
    with limit_threads(1):
        with limit_threads(3):
            assert torch.get_num_threads() == 3
            assert usual_threads() == 2
            with unlimited():
                assert torch.get_num_threads() == 2
            assert torch.get_num_threads() == 3
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == of_a_new_thread() == 2


def test_a_new_thread_does_not_take_the_number_of_the_process_in_its_block():
    """It has none until it asks for it, and would then take the one that was set last."""
    one, two = Other(), Other()
    blocks = {one: limit_threads(1), two: limit_threads(1)}
    for thread, block in blocks.items():
        thread.do(block.__enter__)
    torch.set_num_threads(2)
    assert [thread.do(torch.get_num_threads) for thread in blocks] == [1, 1]
    for thread, block in blocks.items():
        thread.do(lambda block=block: block.__exit__(None, None, None))
    assert torch.get_num_threads() == of_a_new_thread() == 2


@pytest.mark.parametrize("first", ["one", "two"])
def test_blocks_of_several_threads_may_end_in_any_order(first):
    """The second thread is new, so it begins with the number of the first one's block."""
    one, two = Other(), Other()
    blocks = {one: limit_threads(1), two: limit_threads(1)}
    for thread, block in blocks.items():
        thread.do(block.__enter__)
        assert thread.do(torch.get_num_threads) == 1
        assert thread.do(usual_threads) == usual_threads() == 2
    for thread in [one, two] if first == "one" else [two, one]:
        thread.do(lambda block=blocks[thread]: block.__exit__(None, None, None))
        assert thread.do(torch.get_num_threads) == 2
    assert torch.get_num_threads() == of_a_new_thread() == 2


def test_threads_keep_numbers_of_their_own():
    """A thread that has one for itself changes neither that of the process nor those of others."""
    own = Other()
    own.do(torch.get_num_threads)  # else the thread takes the number of the process later
    own.do(lambda: torch.set_num_threads(3))
    torch.set_num_threads(2)  # of this thread and of the process

    def compute():
        with limit_threads(1):
            return torch.get_num_threads(), usual_threads()

    for _ in range(2):
        assert own.do(compute) == (1, 3)
        assert of_a_new_thread() == 2
        assert compute() == (1, 2)
        assert own.do(torch.get_num_threads) == 3
        assert torch.get_num_threads() == of_a_new_thread() == 2


def test_a_number_that_is_set_between_blocks_counts():
    other = Other()

    def compute():
        with limit_threads(1):
            return usual_threads()

    assert other.do(compute) == 2
    other.do(lambda: torch.set_num_threads(4))
    assert other.do(compute) == 4 and other.do(torch.get_num_threads) == of_a_new_thread() == 4


def test_a_block_ends_those_inside_of_it():
    """Ctrl-C can leave a block behind, which ends when its traceback is thrown away."""
    outer, inner = limit_threads(1), limit_threads(1)
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert torch.get_num_threads() == of_a_new_thread() == 2
    inner.__exit__(None, None, None)
    assert torch.get_num_threads() == of_a_new_thread() == 2


@pytest.mark.parametrize("at", range(1, 12))
def test_an_interrupt_of_a_block_restores_the_number(at):
    """Ctrl-C as one of the functions begins that make a block and end it."""
    calls = 0

    def trace(frame, event, arg):
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt

    def compute():
        with limit_threads(1):
            pass

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        compute()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert calls >= min(at, 9)
    assert torch.get_num_threads() == of_a_new_thread() == 2
    assert not threads._stacks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no os.fork")
@pytest.mark.filterwarnings("ignore:Using fork:RuntimeWarning")  # by polars, before 1.20
def test_a_forked_process_computes_with_one_thread_and_has_the_numbers_of_its_parent():
    """Other threads have blocks when the process is forked, and hold the lock."""
    other, holder, held, end = Other(), Other(), Event(), Event()
    block = limit_threads(1)
    other.do(block.__enter__)

    def hold():
        with threads._lock:
            held.set()
            end.wait(60)

    holder.task = hold
    holder.wanted.set()
    held.wait(60)

    def child():
        with limit_threads(2):
            found = [torch.get_num_threads(), usual_threads()]
        return [*found, torch.get_num_threads(), of_a_new_thread()]

    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        signal.alarm(60)  # which ends it, should it hang
        try:
            os.write(writing, bytes(child()))
        finally:
            os._exit(0)
    end.set()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert list(pipe.read()) == [1, 1, 2, 2]
    os.waitpid(pid, 0)
    with limit_threads(2):
        assert torch.get_num_threads() == 2
    other.do(lambda: block.__exit__(None, None, None))
    assert torch.get_num_threads() == of_a_new_thread() == 2
