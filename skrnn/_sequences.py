"""Ragged arrays, distinct rows and merged rows.

In: arrays of unequal length, keys of rows. Out: `Sequences`, the x_t of all sequences end
to end. Knows numpy alone: neither torch nor scikit-learn.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sequences:
    """Ragged sequences: `values` end to end, `lengths` says where each one stops."""

    values: np.ndarray  # (N, k) int32 columns of U, or (N, d) float vectors x_t
    lengths: np.ndarray  # (n,) int64, zero allowed

    def __len__(self):
        return len(self.lengths)

    @property
    def starts(self):
        return np.cumsum(self.lengths) - self.lengths  # (n,)

    def take(self, rows):
        """Keep the sequences at the given places."""
        lengths = self.lengths[rows]
        shift = self.starts[rows] - (np.cumsum(lengths) - lengths)
        return Sequences(self.values[np.arange(lengths.sum()) + np.repeat(shift, lengths)], lengths)


def from_arrays(arrays):
    """Join arrays of shape (T_i, d) into `Sequences`."""
    lengths = np.fromiter((len(a) for a in arrays), np.int64, len(arrays))
    return Sequences(np.concatenate(arrays), lengths)


def distinct(keys, *, sort=False):
    """Find the first row of each key, (m,), and which of these each row is, (n,).

    In order of appearance, or sorted (None last) where the order must not depend on
    the order of the rows.
    """
    place = defaultdict()
    place.default_factory = place.__len__  # a key that is new gets the next number
    which = np.fromiter(map(place.__getitem__, keys), np.int64, len(keys))
    first = np.empty(len(place), dtype=np.int64)
    first[which[::-1]] = np.arange(len(keys))[::-1]
    if sort:
        once = [(key is None, () if key is None else key) for key in place]
        order = np.array(sorted(range(len(once)), key=once.__getitem__), dtype=np.int64)
        rank = np.empty_like(first)
        rank[order] = np.arange(len(once))
        first, which = first[order], rank[which]
    return first, which


def spread(values, which):
    """Give each row what belongs to its distinct one, as `distinct` found them."""
    return values if len(values) == len(which) else values[which]  # all distinct, in order


def merge(sequence, target, weight):
    """Merge rows that agree in sequence and target, adding their weights.

    A weight of two is then the same thing as a row given twice, and the order of the
    rows is forgotten: three arrays come back, sorted by sequence, then target.
    """
    order = np.lexsort((target, sequence))
    sequence, target, weight = sequence[order], target[order], weight[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sequence[1:] != sequence[:-1]) | (target[1:] != target[:-1])
    return sequence[new], target[new], np.add.reduceat(weight, np.flatnonzero(new))
