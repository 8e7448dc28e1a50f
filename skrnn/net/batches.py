"""Batches without padding: time-major, the longest sequence first.

In: `Sequences` and which of them make up each batch. Out: `Packed`, numpy arrays for all batches
at once, and from these one `Batch` after another, on the device. Imports numpy and torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Indices, Ngrams, Sequences


@dataclass(frozen=True)
class Segments:
    """Which rows of one array add up to each row of another.

    Row i is the sum of those that `rows` lists from `starts[i]` to before `starts[i + 1]`.
    """

    rows: Tensor
    starts: Tensor

    def sum(self, x: Tensor) -> Tensor:
        """Add up rows of x, (n_rows, width): (len(starts), width)."""
        return torch.nn.functional.embedding_bag(self.rows, x.contiguous(), self.starts, mode="sum")


@dataclass(frozen=True)
class Readers:
    """The columns of a matrix that a batch reads, and what reads each of them."""

    columns: Tensor
    of_column: Segments


@dataclass(frozen=True)
class NgramBatch:
    """The n-grams of the sequences of a batch, in the order of the sequences."""

    columns: Tensor  # (m,) of G
    starts: Tensor  # (size,) where those of each sequence begin
    scale: Tensor  # (size, 1)
    readers: Readers | None = None  # sequences


@dataclass(frozen=True)
class Batch:
    """One batch, in the order in which a recurrence reads it.

    The longest sequence comes first, and all x_1 come before all x_2: at step t the sequences
    that have not ended are the first `batch_sizes[t]`, so that nothing is padded.
    """

    values: Tensor  # (steps,) columns of U, or (steps, d)
    sequence_index: Tensor  # (steps,) the sequence of each step, by its place in the batch
    previous: Tensor  # (steps,) where h_{t-1} of each step stands; 0 for t = 1
    reverse_index: Tensor  # (steps,) the step that a reversed recurrence reads at this place
    last: Tensor  # (size,) where h_T of each sequence stands; 0 if it is empty
    lengths: Tensor  # (size,)
    steps_of_sequence: Segments
    batch_sizes: list[int]  # the number of sequences with a step t = 1, 2, ...
    size: int  # the number of sequences
    readers: Readers | None = None  # steps that read columns of U; None for numbers
    ngrams: NgramBatch | None = None

    @property
    def nonempty(self) -> int:
        """The number of sequences that are not empty; they come first."""
        return self.batch_sizes[0] if self.batch_sizes else 0

    def shift(self, x: Tensor) -> Tensor:
        """Return for every step the row of x of the step before, and zero for t = 1."""
        before = x.index_select(0, self.previous)
        before[: self.nonempty] = 0
        return before


@dataclass(frozen=True)
class Packed:
    """The steps of batches, one batch after another; places are counted within each batch.

    The fields are those of `Batch`, for all batches.
    """

    order: Indices  # (n,) which of the given rows comes where
    values: Array  # (N,) or (N, d)
    ngrams: Ngrams | None
    sequence_index: Indices  # (N,)
    previous: Indices  # (N,)
    reverse_index: Indices  # (N,)
    places: Indices  # (N,) where the steps of each sequence stand, one after another
    starts: Indices  # (n,) where the steps of each sequence begin in that list
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
        """Move everything to the device at once, and cut it into its batches.

        With `readers`, batches know which columns of U and G they read.
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
        """Cut the n-grams into those of each batch."""
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
    """Lay out `rows` of `sequences` in batches; `batch` numbers them, ascending from 0."""
    lengths = sequences.lengths[rows]
    order = np.lexsort((-lengths, batch))
    lengths = lengths[order]
    size = np.bincount(batch)  # (batches,)
    first = np.cumsum(size) - size
    longest = lengths[first]
    step0 = np.cumsum(longest) - longest  # which of all (batch, t) is each batch's first
    rank = np.arange(len(rows)) - first[batch]

    sequence = np.repeat(np.arange(len(rows)), lengths)  # (N,) sequence by sequence
    n_steps = len(sequence)
    start = np.cumsum(lengths) - lengths
    t = np.arange(n_steps) - start[sequence]
    step = step0[batch[sequence]] + t
    batch_sizes = np.bincount(step, minlength=longest.sum())
    offset = np.cumsum(batch_sizes) - batch_sizes
    place = offset[step] + rank[sequence]  # after all earlier steps, by rank
    base = np.append(offset, n_steps)[step0]  # where each batch begins
    inside = place - base[batch[sequence]]

    def placed(values: Array) -> Array:
        out = np.empty_like(values)
        out[place] = values
        return out

    source = sequences.starts[rows[order]][sequence] + t
    last = np.zeros_like(lengths)
    last[sequence] = inside  # the last step of each sequence is written last
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
    """Make a tensor of an array; `dtype` is only for floating point numbers."""
    tensor = torch.as_tensor(array)
    return tensor.to(device, dtype if tensor.is_floating_point() else None)


def ngram_batch(ngrams: Ngrams, dtype: torch.dtype, device: torch.device) -> NgramBatch:
    """Move the n-grams of sequences to the device, as one batch."""
    starts = move(np.cumsum(ngrams.counts) - ngrams.counts, None, device)
    scale = move(ngrams.scale[:, None], dtype, device)
    return NgramBatch(move(ngrams.columns, None, device), starts, scale)


def _count_up(sizes: list[int]) -> Indices:
    """Count from 0 in each of some blocks."""
    counts = np.array(sizes, dtype=np.int64)
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _find_readers(
    columns: Array, reader: Indices, sizes: list[int], device: torch.device
) -> Iterator[Readers]:
    """Yield for each batch the columns that it reads; `reader` says what reads each one.

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
