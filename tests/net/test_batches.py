"""Time-major batches."""

import numpy as np
import pytest
import torch
from small import CPU, DOUBLE
from small import ngrams as sequences_with_ngrams

from skrnn.input.sequences import Ngrams, Sequences, from_arrays
from skrnn.net.batches import Segments, ngram_batch, pack


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


def check_readers(readers, read):
    """Compare the columns, and the sums of what reads each, with a list (column, reader)."""
    columns = sorted({column for column, _ in read})
    assert readers.columns.tolist() == columns  # each column once
    n = max((by for _, by in read), default=0) + 1
    x = torch.randn(n, 2, generator=torch.Generator().manual_seed(0)).double()
    expected = [sum(x[by] for column, by in read if column == one) for one in columns]
    expected = torch.stack(expected) if expected else x[:0]
    torch.testing.assert_close(readers.of_column.sum(x), expected)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_columns_of_u_are_those_that_a_batch_reads_with_the_steps_that_read_them(size):
    values = np.random.default_rng(0).integers(0, 6, 14).astype(np.int32)
    sequences = Sequences(values, np.array([2, 0, 4, 1, 4, 3]))
    packed = pack(sequences, np.arange(6), np.arange(6) // size)
    for batch in packed.batches(DOUBLE, CPU, readers=True):
        check_readers(batch.readers, [(c, t) for t, c in enumerate(batch.values.tolist())])


def with_ngrams():
    """Six sequences; the n-grams of each, of eight columns. The last has none."""
    rng = np.random.default_rng(0)
    counts = np.array([3, 1, 0, 5, 4, 0])
    columns = rng.integers(0, 8, counts.sum()).astype(np.int32)
    ngrams = Ngrams(columns, counts, np.linspace(1, 2, 6))
    values = rng.integers(0, 5, 14).astype(np.int32)
    own = [part.tolist() for part in np.split(columns, np.cumsum(counts)[:-1])]
    return Sequences(values, np.array([2, 1, 4, 1, 2, 4]), ngrams), own


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4, 5], [5, 2, 5, 3, 3, 0], [2], [5, 2, 0]])
@pytest.mark.parametrize("size", [1, 2, 4, 100])
def test_each_batch_has_the_ngrams_of_its_sequences(rows, size):
    (sequences, own), at, rows = with_ngrams(), 0, np.array(rows)
    packed = pack(sequences, rows, np.arange(len(rows)) // size)
    for batch in packed.batches(DOUBLE, CPU, readers=True):
        mine = rows[packed.order[at : at + batch.size]]
        at += batch.size
        ngrams = batch.ngrams
        assert ngrams.columns.tolist() == [column for i in mine for column in own[i]]
        counts = [len(own[i]) for i in mine]
        assert ngrams.starts.tolist() == (np.cumsum(counts) - counts).tolist()
        assert ngrams.scale[:, 0].tolist() == sequences.ngrams.scale[mine].tolist()
        assert ngrams.scale.dtype == DOUBLE and ngrams.scale.shape == (batch.size, 1)
        read = [(column, rank) for rank, i in enumerate(mine) for column in own[i]]
        check_readers(ngrams.readers, read)
    assert at == len(rows)


def test_readers_are_found_only_if_they_are_asked_for():
    sequences, _ = with_ngrams()
    packed = pack(sequences, np.arange(6), np.arange(6) // 4)
    for batch in packed.batches(DOUBLE, CPU):
        assert batch.readers is None and batch.ngrams.readers is None


def test_batches_of_numbers_have_no_readers_and_no_ngrams():
    packed = pack(ragged([2, 0, 3]), np.arange(3), np.zeros(3, dtype=int))
    (batch,) = packed.batches(torch.float32, CPU, readers=True)
    assert batch.readers is None and batch.ngrams is None
    assert batch.values.dtype == torch.float32 and batch.lengths.dtype == torch.int64
    assert batch.nonempty == 2 and batch.size == 3


def test_ngrams_as_one_batch_are_those_of_pack():
    sequences, own = with_ngrams()
    batch = ngram_batch(sequences.ngrams, torch.float32, CPU)
    assert batch.columns.tolist() == [column for some in own for column in some]
    assert batch.starts.tolist() == [0, 3, 4, 4, 9, 13]
    assert batch.scale.dtype == torch.float32 and batch.readers is None
    torch.testing.assert_close(batch.scale[:, 0], torch.linspace(1, 2, 6))


def test_segments_without_rows_sum_to_zero():
    x = torch.arange(6.0).view(3, 2)
    rows, starts = torch.tensor([2, 0, 0]), torch.tensor([0, 0, 3, 3])
    assert Segments(rows, starts).sum(x).tolist() == [[0, 0], [4, 7], [0, 0], [0, 0]]
    assert Segments(rows[:0], starts[:2]).sum(x).tolist() == [[0, 0], [0, 0]]
    assert Segments(rows, starts).sum(x[:, :0]).shape == (4, 0)


def test_the_step_before_is_shifted_in():
    packed = pack(ragged([1, 3, 2]), np.arange(3), np.zeros(3, dtype=int))
    (batch,) = packed.batches(DOUBLE, CPU)
    steps = batch.values[:, 0].tolist()
    before = batch.shift(batch.values)[:, 0].tolist()
    assert before == [step - 1 if step % 10 else 0 for step in steps]


def test_an_epoch_reads_every_ngram_once():
    sequences, _ = sequences_with_ngrams()
    n = len(sequences)
    packed = pack(sequences, np.random.default_rng(0).permutation(n), np.arange(n) // 4)
    read = [batch.ngrams.columns for batch in packed.batches(DOUBLE, CPU)]
    assert sorted(torch.cat(read).tolist()) == sorted(sequences.ngrams.columns.tolist())
