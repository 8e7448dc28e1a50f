"""Ranks: their values and their sums."""

import pytest
import torch
from ranks import in_threads

from skrnn.net.group import ALONE, joined


def test_a_process_alone_has_its_own_values():
    with joined("Who") as group:
        assert group is ALONE and group.size == 1 and group.rank == 0
        assert group.gather("value") == ["value"] == group.exchange(["value"])
        tensor = torch.arange(3)
        group.add(tensor)
        group.copy_first(tensor)
        assert tensor.tolist() == [0, 1, 2]
        group.close()


def test_the_ranks_of_these_tests_gather_add_and_copy():
    def meet(group):
        tensor = torch.full((2,), float(group.rank + 1))
        group.add(tensor)
        other = torch.full((1,), group.rank)
        group.copy_first(other)
        received = group.exchange([10 * group.rank + i for i in range(3)])
        return group.gather(group.rank * 10), tensor.tolist(), other.tolist(), received

    for rank, answer in enumerate(in_threads(3, meet)):
        assert answer == ([0, 10, 20], [6, 6], [0], [rank, 10 + rank, 20 + rank])


def test_an_error_of_a_rank_of_these_tests_ends_all():
    def meet(group):
        if group.rank == 1:
            raise KeyError("rank 1")
        group.gather(None)

    with pytest.raises(KeyError, match="rank 1"):
        in_threads(2, meet)
