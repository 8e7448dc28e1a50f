"""Time-major batches."""

import numpy as np
import pytest

from skrnn.input.sequences import from_arrays
from skrnn.net.batches import pack


def ragged(lengths):
    return from_arrays(
        [np.full((n, 1), 10.0 * i) + np.arange(n)[:, None] for i, n in enumerate(lengths)]
    )


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pack_reads_every_step_of_every_sequence_once_and_in_order(size):
    lengths = [2, 0, 4, 1, 4, 3]
    sequences = ragged(lengths)
    rows = np.array([5, 0, 2, 1, 4, 3, 2])  # one of them twice
    packed = pack(sequences, rows, np.arange(7) // size)
    read = []
    start = at = 0
    for batch_sizes, count in zip(packed.batch_sizes, packed.sizes):
        assert batch_sizes == sorted(batch_sizes, reverse=True)
        steps = np.split(
            packed.values[start : start + sum(batch_sizes), 0], np.cumsum(batch_sizes)[:-1]
        )
        previous = packed.previous[start : start + sum(batch_sizes)]
        reverse_index = packed.reverse_index[start : start + sum(batch_sizes)]
        sequence_index = packed.sequence_index[start : start + sum(batch_sizes)]
        flat = packed.values[start : start + sum(batch_sizes), 0]
        if batch_sizes:  # where h_{t-1} stands is the step before, of the same sequence
            assert (flat[previous[batch_sizes[0] :]] == flat[batch_sizes[0] :] - 1).all()
        for rank in range(count):
            mine = [step[rank] for step in steps if rank < len(step)]
            where = packed.last[at + rank]
            assert where == 0 if not mine else flat[where] == mine[-1]
            assert (flat[sequence_index == rank] == mine).all()
            assert (flat[reverse_index[sequence_index == rank]] == mine[::-1]).all()
            assert packed.lengths[at + rank] == len(mine)
            read.append((int(rows[packed.order[at + rank]]), mine))
        start, at = start + sum(batch_sizes), at + count
    assert sorted(i for i, _ in read) == sorted(rows.tolist())
    for i, mine in read:
        assert mine == [10.0 * i + t for t in range(lengths[i])]
