"""How many threads compute a step."""

import pytest
import torch

from skrnn.net.architecture import Architecture
from skrnn.net.threads import limit_threads, threads_for


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    "cell, nhidden, n", [("rnn", 255, 1), ("rnn", 256, 2), ("gru", 147, 1), ("gru", 148, 2),
                         ("lstm", 127, 1), ("lstm", 128, 2)],
)  # fmt: skip
def test_a_product_of_four_million_multiplications_is_shared(cell, nhidden, n):
    """A batch of 64: 64 * nhidden * nhidden for each gate, against 2 ** 22."""
    with limit_threads(threads_for(64, Architecture(5, nhidden, 2, True, cell=cell))):
        assert torch.get_num_threads() == n
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_the_number_of_threads_is_put_back_after_an_error():
    with pytest.raises(KeyError), limit_threads(1):
        raise KeyError
    assert torch.get_num_threads() == 2
