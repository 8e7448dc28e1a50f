"""Batches without padding: time-major, the longest sequence first.

In: `Sequences` and which of them make up each batch. Out: `Packed`, numpy arrays for all batches
at once, and from these one `Batch` after another, on the device. Imports numpy and torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Indices, Sequences


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
class Batch:
    """One batch, in the order in which a recurrence reads it.

    The longest sequence comes first, and all x_1 come before all x_2: at step t the sequences
    that have not ended are the first `batch_sizes[t]`, so that nothing is padded.
    """

    values: Tensor  # (steps, k) columns of U, or (steps, d)
    sequence_index: Tensor  # (steps,) the sequence of each step, by its place in the batch
    previous: Tensor  # (steps,) where h_{t-1} of each step stands; 0 for t = 1
    reverse_index: Tensor  # (steps,) the step that a reversed recurrence reads at this place
    last: Tensor  # (size,) where h_T of each sequence stands; 0 if it is empty
    lengths: Tensor  # (size,)
    steps_of_sequence: Segments
    batch_sizes: list[int]  # the number of sequences with a step t = 1, 2, ...
    size: int  # the number of sequences
    columns: Tensor | None = None  # those of U that the batch reads, in order
    steps_of_column: Segments | None = None  # the steps that read each of them

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
    values: Array  # (N, k) or (N, d)
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
        self, dtype: torch.dtype, device: torch.device, n_columns: int | None = None
    ) -> Iterator[Batch]:
        """Move everything to the device at once, and cut it into its batches.

        With `n_columns`, batches of symbols know which columns of U they read; a number from
        there on stands for none.
        """

        def cut(array: Array, sizes: list[int]) -> tuple[Tensor, ...]:
            return torch.split(move(array, dtype, device), sizes)

        steps, sizes = self.steps, self.sizes
        by_step = ("values", "sequence_index", "previous", "reverse_index", "places")
        by_sequence = ("last", "lengths", "starts")
        parts = {name: cut(getattr(self, name), steps) for name in by_step}
        parts |= {name: cut(getattr(self, name), sizes) for name in by_sequence}
        readers = _column_segments(move(self.values, None, device), steps, n_columns)
        for i, (columns, steps_of_column) in enumerate(readers):
            yield Batch(
                values=parts["values"][i],
                sequence_index=parts["sequence_index"][i],
                previous=parts["previous"][i],
                reverse_index=parts["reverse_index"][i],
                last=parts["last"][i],
                lengths=parts["lengths"][i],
                steps_of_sequence=Segments(parts["places"][i], parts["starts"][i]),
                batch_sizes=self.batch_sizes[i],
                size=sizes[i],
                columns=columns,
                steps_of_column=steps_of_column,
            )


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


def _column_segments(
    values: Tensor, steps: list[int], n_columns: int | None
) -> Iterator[tuple[Tensor | None, Segments | None]]:
    """Yield of each batch the columns that it reads, and the steps that read each of them."""
    if n_columns is None:
        yield from ((None, None) for _ in steps)
        return
    n_batches, k = len(steps), values.shape[1]
    counts = torch.tensor(steps, device=values.device)
    batch = torch.arange(n_batches, device=values.device).repeat_interleave(counts)
    place = torch.arange(len(values), device=values.device) - (counts.cumsum(0) - counts)[batch]
    keys, order = torch.sort((values + (batch * (n_columns + 1))[:, None]).view(-1))
    read = keys % (n_columns + 1) < n_columns
    keys, readers = keys[read], place[order[read] // k]
    columns, n_readers = torch.unique_consecutive(keys, return_counts=True)
    batch = columns // (n_columns + 1)
    per_batch = torch.bincount(batch, n_readers, n_batches).long()
    starts = n_readers.cumsum(0) - n_readers - (per_batch.cumsum(0) - per_batch)[batch]
    sizes = torch.bincount(batch, minlength=n_batches).tolist()
    columns = (columns % (n_columns + 1)).split(sizes)
    yield from zip(columns, map(Segments, readers.split(per_batch.tolist()), starts.split(sizes)))
