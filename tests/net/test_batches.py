"""Time-major batches."""

import numpy as np
import pytest
import torch

from skrnn.input.sequences import Sequences, from_arrays
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


@pytest.mark.parametrize("size", [2, 100])
def test_columns_are_those_that_a_batch_reads_with_the_steps_that_read_them(size):
    """Each step reads up to three of six columns; the number 6 stands for none."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 7, (14, 3))
    values[3] = 6
    sequences = Sequences(values, np.array([2, 0, 4, 1, 4, 3]))
    packed = pack(sequences, np.arange(6), np.arange(6) // size)
    for batch in packed.batches(torch.float64, torch.device("cpu"), 6):
        steps = batch.values.tolist()
        read = sorted({column for step in steps for column in step if column < 6})
        assert batch.columns.tolist() == read
        x = torch.randn(len(steps), 2, generator=torch.Generator().manual_seed(0)).double()
        expected = [
            sum((x[t] * step.count(column) for t, step in enumerate(steps)), torch.zeros(2))
            for column in read
        ]
        torch.testing.assert_close(batch.steps_of_column.sum(x), torch.stack(expected).double())


def test_batches_of_numbers_have_no_columns():
    packed = pack(ragged([2, 0, 3]), np.arange(3), np.zeros(3, dtype=int))
    (batch,) = packed.batches(torch.float32, torch.device("cpu"))
    assert batch.columns is None and batch.steps_of_column is None
    assert batch.values.dtype == torch.float32 and batch.lengths.dtype == torch.int64
    assert batch.nonempty == 2 and batch.size == 3


def test_the_step_before_is_shifted_in():
    packed = pack(ragged([1, 3, 2]), np.arange(3), np.zeros(3, dtype=int))
    (batch,) = packed.batches(torch.float64, torch.device("cpu"))
    steps = batch.values[:, 0].tolist()
    before = batch.shift(batch.values)[:, 0].tolist()
    assert before == [step - 1 if step % 10 else 0 for step in steps]
