"""Ragged sequences, and examples of them: what the wing that reads hands to the net.

In: arrays of unequal length, keys of rows. Out: `Sequences`, the x_t of all sequences end
to end; `Examples`; equal rows found, and merged. Knows numpy alone.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
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


def unique_keys(keys: Sequence[Hashable], *, sort: bool = False) -> tuple[Indices, Indices]:
    """Find the first row of each key, (m,), and which of these each row is, (n,).

    As the index and the inverse of `np.unique`, but in order of appearance; or sorted (None
    last) where the order must not depend on that of the rows.
    """
    place: defaultdict[Any, int] = defaultdict()
    place.default_factory = place.__len__  # a key that is new gets the next number
    inverse = np.fromiter(map(place.__getitem__, keys), np.int64, len(keys))
    index = np.empty(len(place), dtype=np.int64)
    index[inverse[::-1]] = np.arange(len(keys))[::-1]
    if sort:
        sortable = [(key is None, () if key is None else key) for key in place]
        order = np.array(sorted(range(len(place)), key=sortable.__getitem__), dtype=np.int64)
        rank = np.empty_like(index)
        rank[order] = np.arange(len(place))
        index, inverse = index[order], rank[inverse]
    return index, inverse


def take_inverse(values: Array, inverse: Indices) -> Array:
    """Give each row what belongs to its distinct one, as `unique_keys` found them."""
    return values if len(values) == len(inverse) else values[inverse]  # all distinct, in order


def merge_equal(
    sequence: Indices, target: Indices, weight: Floats
) -> tuple[Indices, Indices, Floats]:
    """Merge rows that agree in sequence and target, adding their weights.

    A weight of two is then the same thing as a row given twice, and the order of the
    rows is forgotten: three arrays come back, sorted by sequence, then target.
    """
    order = np.lexsort((target, sequence))
    sequence, target, weight = sequence[order], target[order], weight[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sequence[1:] != sequence[:-1]) | (target[1:] != target[:-1])
    return sequence[new], target[new], np.add.reduceat(weight, np.flatnonzero(new))
