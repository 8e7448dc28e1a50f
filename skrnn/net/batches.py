"""Batches without padding: time-major, the longest sequence first.

In: `Sequences`, and the assignment of rows to batches. Out: `Packed`, numpy arrays for all batches
together; from these one `Batch` after another, on the device. Imports numpy and torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Indices, Ngrams, Sequences


@dataclass(frozen=True)
class Segments:
    """Assigns rows of one array to the rows of another, for sums.

    Row i is the sum of the rows `rows[starts[i] : starts[i + 1]]`.
    """

    rows: Tensor
    starts: Tensor

    def sum(self, x: Tensor) -> Tensor:
        """Add up rows of x, (n_rows, width): (len(starts), width)."""
        return torch.nn.functional.embedding_bag(self.rows, x.contiguous(), self.starts, mode="sum")


@dataclass(frozen=True)
class Readers:
    """The columns of a matrix that a batch reads, and the readers of each of them."""

    columns: Tensor
    of_column: Segments


@dataclass(frozen=True)
class NgramBatch:
    """The n-grams of the sequences of a batch, in the order of the sequences."""

    columns: Tensor  # (m,) of G
    starts: Tensor  # (size,) the first n-gram of each sequence
    scale: Tensor  # (size, 1)
    readers: Readers | None = None  # sequences


@dataclass(frozen=True)
class Batch:
    """One batch, in the order in which a recurrence reads it.

    The longest sequence comes first, and all x_1 come before all x_2. At step t the sequences that
    have not ended are therefore the first `batch_sizes[t]`, and no padding is needed.
    """

    values: Tensor  # (steps,) columns of U, or (steps, d)
    sequence_index: Tensor  # (steps,) the sequence of each step, by its index in the batch
    previous: Tensor  # (steps,) index of h_{t-1} of each step; 0 for t = 1
    reverse_index: Tensor  # (steps,) the step that a backward recurrence reads here
    last: Tensor  # (size,) index of h_T of each sequence; 0 if it is empty
    lengths: Tensor  # (size,)
    steps_of_sequence: Segments
    batch_sizes: list[int]  # number of sequences with a step t = 1, 2, ...
    size: int  # number of sequences
    readers: Readers | None = None  # the steps that read each column of U; None for numbers
    ngrams: NgramBatch | None = None

    @property
    def nonempty(self) -> int:
        """The number of sequences that are not empty, which come first."""
        return self.batch_sizes[0] if self.batch_sizes else 0

    def shift(self, x: Tensor) -> Tensor:
        """Return for each step the row of x of the previous step, and zero for t = 1."""
        before = x.index_select(0, self.previous)
        before[: self.nonempty] = 0
        return before


@dataclass(frozen=True)
class Packed:
    """The concatenated steps of batches; indices are relative to each batch.

    The fields are those of `Batch`, for all batches.
    """

    order: Indices  # (n,) the order of the given rows
    values: Array  # (N,) or (N, d)
    ngrams: Ngrams | None
    sequence_index: Indices  # (N,)
    previous: Indices  # (N,)
    reverse_index: Indices  # (N,)
    places: Indices  # (N,) the indices of the steps, sequence by sequence
    starts: Indices  # (n,) the start of each sequence in that list
    last: Indices  # (n,)
    lengths: Indices  # (n,)
    batch_sizes: list[list[int]]  # for each batch
    sizes: list[int]  # for each batch

    @property
    def steps(self) -> list[int]:
        """The number of steps of each batch."""
        return [sum(batch_sizes) for batch_sizes in self.batch_sizes]

    def batches(
        self, dtype: torch.dtype, device: torch.device, *, readers: bool = False
    ) -> Iterator[Batch]:
        """Move all arrays to the device together, and divide them into batches.

        With `readers`, batches contain the columns of U and G that they read.
        """

        def cut(array: Array, sizes: list[int]) -> tuple[Tensor, ...]:
            return torch.split(move(array, dtype, device), sizes)

        steps, sizes = self.steps, self.sizes
        by_step = ("values", "sequence_index", "previous", "reverse_index", "places")
        by_sequence = ("last", "lengths", "starts")
        parts = {name: cut(getattr(self, name), steps) for name in by_step}
        parts |= {name: cut(getattr(self, name), sizes) for name in by_sequence}
        of_U: list[Readers | None] = [None] * len(sizes)
        if readers and self.values.ndim == 1:
            of_U = list(_find_readers(self.values, _count_up(steps), steps, device))
        ngrams = list(self._ngram_batches(dtype, device, readers=readers))
        for i, size in enumerate(sizes):
            yield Batch(
                values=parts["values"][i],
                sequence_index=parts["sequence_index"][i],
                previous=parts["previous"][i],
                reverse_index=parts["reverse_index"][i],
                last=parts["last"][i],
                lengths=parts["lengths"][i],
                steps_of_sequence=Segments(parts["places"][i], parts["starts"][i]),
                batch_sizes=self.batch_sizes[i],
                size=size,
                readers=of_U[i],
                ngrams=ngrams[i],
            )

    def _ngram_batches(
        self, dtype: torch.dtype, device: torch.device, *, readers: bool
    ) -> Iterator[NgramBatch | None]:
        """Divide the n-grams into those of each batch."""
        if self.ngrams is None:
            yield from (None for _ in self.sizes)
            return
        columns, counts = self.ngrams.columns, self.ngrams.counts
        first = np.cumsum(np.array(self.sizes, dtype=np.int64)) - self.sizes
        totals = np.add.reduceat(counts, first.astype(np.int64))
        starts = np.cumsum(counts) - counts
        starts -= np.repeat(np.cumsum(totals) - totals, self.sizes)
        sizes = totals.tolist()
        found: list[Readers | None] = [None] * len(sizes)
        if readers:
            sequence = np.repeat(_count_up(self.sizes), counts)
            found = list(_find_readers(columns, sequence, sizes, device))
        scale = move(self.ngrams.scale[:, None], dtype, device)
        of_batch = move(columns, None, device).split(sizes)
        by_sequence = (move(starts, None, device).split(self.sizes), scale.split(self.sizes))
        yield from map(NgramBatch, of_batch, *by_sequence, found)


def pack(sequences: Sequences, rows: Indices, batch: Indices) -> Packed:
    """Arrange `rows` of `sequences` in batches; `batch` is the batch of each, ascending from 0."""
    lengths = sequences.lengths[rows]
    order = np.lexsort((-lengths, batch))
    lengths = lengths[order]
    size = np.bincount(batch)  # (batches,)
    first = np.cumsum(size) - size
    longest = lengths[first]
    step0 = np.cumsum(longest) - longest  # the first of all (batch, t) in each batch
    rank = np.arange(len(rows)) - first[batch]

    sequence = np.repeat(np.arange(len(rows)), lengths)  # (N,) sequence by sequence
    n_steps = len(sequence)
    start = np.cumsum(lengths) - lengths
    t = np.arange(n_steps) - start[sequence]
    step = step0[batch[sequence]] + t
    batch_sizes = np.bincount(step, minlength=longest.sum())
    offset = np.cumsum(batch_sizes) - batch_sizes
    place = offset[step] + rank[sequence]  # after all earlier steps, by rank
    base = np.append(offset, n_steps)[step0]  # start of each batch
    inside = place - base[batch[sequence]]

    def placed(values: Array) -> Array:
        out = np.empty_like(values)
        out[place] = values
        return out

    source = sequences.starts[rows[order]][sequence] + t
    last = np.zeros_like(lengths)
    last[sequence] = inside  # the last step of each sequence is written last, so it stays
    return Packed(
        order=order,
        values=placed(sequences.values[source]),
        ngrams=sequences.ngrams and sequences.ngrams.take(rows[order]),
        sequence_index=placed(rank[sequence]),
        previous=placed(np.where(t > 0, np.roll(inside, 1), 0)),
        reverse_index=placed(inside[(2 * start + lengths - 1)[sequence] - np.arange(n_steps)]),
        places=inside,
        starts=start - base[batch],
        last=last,
        lengths=lengths,
        batch_sizes=[counts.tolist() for counts in np.split(batch_sizes, step0[1:])],
        sizes=size.tolist(),
    )


def move(array: Array, dtype: torch.dtype | None, device: torch.device) -> Tensor:
    """Convert an array to a tensor; `dtype` applies only to floating point numbers."""
    tensor = torch.as_tensor(array)
    return tensor.to(device, dtype if tensor.is_floating_point() else None)


def ngram_batch(ngrams: Ngrams, dtype: torch.dtype, device: torch.device) -> NgramBatch:
    """Move the n-grams of sequences to the device, as one batch."""
    starts = move(np.cumsum(ngrams.counts) - ngrams.counts, None, device)
    scale = move(ngrams.scale[:, None], dtype, device)
    return NgramBatch(move(ngrams.columns, None, device), starts, scale)


def _count_up(sizes: list[int]) -> Indices:
    """Return 0, 1, ... within each block."""
    counts = np.array(sizes, dtype=np.int64)
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _find_readers(
    columns: Array, reader: Indices, sizes: list[int], device: torch.device
) -> Iterator[Readers]:
    """Yield the columns that each batch reads; `reader` contains the reader of each column.

    The first batch has the first `sizes[0]` columns, and so on.
    """
    n_columns, n_batches = int(columns.max(initial=0)) + 1, len(sizes)
    batch = np.repeat(np.arange(n_batches) * n_columns, sizes)
    keys, order = torch.sort(move(columns + batch, None, device))
    readers = move(reader, None, device)[order]
    keys, n_readers = torch.unique_consecutive(keys, return_counts=True)
    batches = keys // n_columns
    per_batch = torch.bincount(batches, minlength=n_batches)
    of_batch = torch.tensor(sizes, device=device)
    starts = n_readers.cumsum(0) - n_readers - (of_batch.cumsum(0) - of_batch)[batches]
    found = per_batch.tolist()
    parts = (keys % n_columns).split(found), readers.split(sizes), starts.split(found)
    for some, by, first in zip(*parts):
        yield Readers(some, Segments(by, first))
