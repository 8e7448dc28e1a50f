"""Ragged sequences and labelled examples: the result of reading, and the input of the net.

In: arrays of unequal length. Out: `Sequences`, the x_t of all sequences end to end, with the
`Ngrams` of each; `Examples`. Imports only numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Indices = NDArray[np.int64]  # places of rows
Floats = NDArray[np.float64]

MISSING, EMPTY, UNKNOWN = range(3)  # the first columns of U; the symbols follow
N_SPECIAL = 3


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of sequences, end to end, as columns of G."""

    columns: Array  # (M,) int32
    counts: Indices  # (n,) how many each sequence has
    scale: Floats  # (n,) by which the sum of its columns is multiplied

    def take(self, rows: Indices) -> "Ngrams":
        """Keep those of the sequences at the given places."""
        columns = self.columns[places_of(self.counts, rows)]
        return Ngrams(columns, self.counts[rows], self.scale[rows])


@dataclass(frozen=True)
class Sequences:
    """Ragged sequences: `values` end to end, `lengths` says where each one stops."""

    values: Array  # (N,) int32 columns of U, or (N, d) float vectors x_t
    lengths: Indices  # (n,) zero allowed
    ngrams: Ngrams | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Indices:
        """Where each sequence begins, (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: Indices) -> "Sequences":
        """Keep the sequences at the given places."""
        ngrams = self.ngrams and self.ngrams.take(rows)
        values = self.values[places_of(self.lengths, rows)]
        return Sequences(values, self.lengths[rows], ngrams)


class Examples(NamedTuple):
    """Sequences with their targets: example i is sequence `rows[i]`."""

    sequences: Sequences
    rows: Indices  # (n,)
    target: Array  # (n,) int64 classes, or (n, n_outputs) float numbers or labels
    weight: Floats  # (n,)

    def take(self, places: Indices) -> "Examples":
        """Keep some examples, and only the sequences that they use."""
        used, rows = np.unique(self.rows[places], return_inverse=True)
        sequences = self.sequences.take(used)
        return Examples(sequences, rows, self.target[places], self.weight[places])

    def repeat(self, counts: Indices) -> "Examples":
        """Repeat each example, and share its weight among its repeats."""
        rows, target = np.repeat(self.rows, counts), np.repeat(self.target, counts, axis=0)
        return Examples(self.sequences, rows, target, np.repeat(self.weight / counts, counts))


def places_of(lengths: Indices, rows: Indices) -> Indices:
    """List the places of the items of some rows, where runs of `lengths` stand end to end."""
    starts, wanted = np.cumsum(lengths) - lengths, lengths[rows]
    shift = starts[rows] - (np.cumsum(wanted) - wanted)
    return np.asarray(np.arange(wanted.sum()) + np.repeat(shift, wanted))


def from_arrays(arrays: Sequence[Array]) -> Sequences:
    """Join arrays of shape (T_i, d) into `Sequences`."""
    lengths = np.fromiter((len(a) for a in arrays), np.int64, len(arrays))
    return Sequences(np.concatenate(arrays), lengths)
