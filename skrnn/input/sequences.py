"""Ragged sequences and labelled examples: the result of reading, and the input of the net.

In: arrays of unequal length. Out: `Sequences`, the x_t of all sequences end
to end; `Examples`. Imports only numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Indices = NDArray[np.int64]  # places of rows
Floats = NDArray[np.float64]

MISSING, EMPTY, UNKNOWN = range(3)  # the first columns of U; the n-grams follow
N_SPECIAL = 3


@dataclass(frozen=True)
class Sequences:
    """Ragged sequences: `values` end to end, `lengths` says where each one stops."""

    values: Array  # (N, k) int32 columns of U, or (N, d) float vectors x_t
    lengths: Indices  # (n,) zero allowed

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Indices:
        """Where each sequence begins, (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: Indices) -> "Sequences":
        """Keep the sequences at the given places."""
        lengths = self.lengths[rows]
        shift = self.starts[rows] - (np.cumsum(lengths) - lengths)
        return Sequences(self.values[np.arange(lengths.sum()) + np.repeat(shift, lengths)], lengths)


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


def from_arrays(arrays: Sequence[Array]) -> Sequences:
    """Join arrays of shape (T_i, d) into `Sequences`."""
    lengths = np.fromiter((len(a) for a in arrays), np.int64, len(arrays))
    return Sequences(np.concatenate(arrays), lengths)
