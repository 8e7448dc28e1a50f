"""Find equal rows, merge them, and copy results to all of them.

In: keys of rows; sequences, targets and weights of examples. Out: indices of rows; how often to
visit an example. Imports only numpy.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from skrnn.input.peers import ALONE, Peers
from skrnn.input.sequences import Array, Floats, Indices


def unique_keys(keys: Sequence[Hashable], *, sort: bool = False) -> tuple[Indices, Indices]:
    """Return the first row of each key, (m,), and which of these each row equals, (n,).

    They are the index and the inverse of `np.unique`, but in order of appearance. With `sort`, they
    are sorted (None last), so that the order does not depend on that of the rows.
    """
    if not sort and len(set(keys)) == len(keys):
        return np.arange(len(keys)), np.arange(len(keys))
    place: defaultdict[Any, int] = defaultdict()
    place.default_factory = place.__len__  # a new key gets the next number
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
    """Return the values of all rows, given those of the distinct rows of `unique_keys`."""
    return values if len(values) == len(inverse) else values[inverse]  # all distinct, in order


def merge_equal(
    sequence: Indices, target: Indices, weight: Floats
) -> tuple[Indices, Indices, Floats]:
    """Merge rows with equal sequence and target, and add their weights.

    A weight of two is then equivalent to two copies of a row, and the order of the rows does not
    matter. Return three arrays, sorted by sequence, then target.
    """
    order = np.lexsort((target, sequence))
    sequence, target, weight = sequence[order], target[order], weight[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sequence[1:] != sequence[:-1]) | (target[1:] != target[:-1])
    return sequence[new], target[new], np.add.reduceat(weight, np.flatnonzero(new))


def visits(weight: Floats, peers: Peers = ALONE) -> Indices:
    """Return how often to visit each example: once, or more often if its weight is large.

    No visit weighs much more than half of the mean weight. There are at most three visits per
    example on average.
    """
    smallest, totals, counts = zip(
        *peers.gather((weight.min(initial=np.inf), weight.sum(), len(weight)))
    )
    unit = max(min(smallest), sum(totals) / sum(counts) / 2)
    return np.asarray(np.maximum(1, np.ceil(np.round(weight / unit, 9))), dtype=np.int64)
