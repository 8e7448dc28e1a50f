"""Ragged sequences and labelled examples: the result of reading, and the input of the network.

In: arrays of unequal lengths. Out: `Sequences`, the concatenated x_t of all sequences, with the
`Ngrams` of each; `Examples`. Imports only numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Indices = NDArray[np.int64]  # indices of rows
Floats = NDArray[np.float64]

MISSING, EMPTY, UNKNOWN = range(3)  # the first columns of U; the symbols follow
N_SPECIAL = 3


@dataclass(frozen=True)
class Ngrams:
    """The concatenated n-grams of sequences, as columns of G."""

    columns: Array  # (M,) int32
    counts: Indices  # (n,) number of n-grams of each sequence
    scale: Floats  # (n,) factor of the sum of columns

    def take(self, rows: Indices) -> "Ngrams":
        """Return the n-grams of the sequences with the given indices."""
        columns = self.columns[places_of(self.counts, rows)]
        return Ngrams(columns, self.counts[rows], self.scale[rows])


@dataclass(frozen=True)
class Sequences:
    """Ragged sequences: concatenated `values`, and the `lengths` of the sequences."""

    values: Array  # (N,) int32 columns of U, or (N, d) float vectors x_t
    lengths: Indices  # (n,) may be zero
    ngrams: Ngrams | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Indices:
        """The index at which each sequence begins, (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: Indices) -> "Sequences":
        """Return the sequences with the given indices."""
        ngrams = self.ngrams and self.ngrams.take(rows)
        values = self.values[places_of(self.lengths, rows)]
        return Sequences(values, self.lengths[rows], ngrams)


class Examples(NamedTuple):
    """Sequences with targets and weights: example i is sequence `rows[i]`."""

    sequences: Sequences
    rows: Indices  # (n,)
    target: Array  # (n,) int64 classes, or (n, n_outputs) float numbers or labels
    weight: Floats  # (n,)

    def take(self, places: Indices) -> "Examples":
        """Return some examples, with only the sequences that they use."""
        used, rows = np.unique(self.rows[places], return_inverse=True)
        sequences = self.sequences.take(used)
        return Examples(sequences, rows, self.target[places], self.weight[places])

    def repeat(self, counts: Indices) -> "Examples":
        """Repeat each example, and divide its weight equally among the repeats."""
        rows, target = np.repeat(self.rows, counts), np.repeat(self.target, counts, axis=0)
        return Examples(self.sequences, rows, target, np.repeat(self.weight / counts, counts))


def places_of(lengths: Indices, rows: Indices) -> Indices:
    """Return the indices of the items of some rows, in concatenated runs of `lengths`."""
    starts, wanted = np.cumsum(lengths) - lengths, lengths[rows]
    shift = starts[rows] - (np.cumsum(wanted) - wanted)
    return np.asarray(np.arange(wanted.sum()) + np.repeat(shift, wanted))


def from_arrays(arrays: Sequence[Array]) -> Sequences:
    """Join arrays of shape (T_i, d) into `Sequences`."""
    lengths = np.fromiter((len(a) for a in arrays), np.int64, len(arrays))
    return Sequences(np.concatenate(arrays), lengths)
