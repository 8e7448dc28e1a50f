"""Find the known n-grams that end at each position of a sequence of symbols.

In: n-grams and sequences, as the numbers of their symbols from 1 up (0 for an unknown symbol).
Out: the value of each n-gram. Imports only numpy: the tree of n-grams is searched for all positions
together, one symbol at a time.
"""

from collections.abc import Callable, Iterator

import numpy as np

from skrnn.input.sequences import Array, Indices

Find = Callable[[Array], Array]  # keys to positions, counted from 1; 0 if missing

MAX_TABLE_SIZE = 1 << 22  # range of keys; larger ones are searched by bisection


class Trie:
    """The tree of n-grams: one node per prefix, numbered level by level.

    Parameters
    ----------
    ids : ndarray of shape (lengths.sum(),)
        Symbols of all n-grams, concatenated.
    lengths : ndarray of shape (n_grams,)
        Length of each n-gram.
    values : ndarray of shape (n_grams,)
        Value of each n-gram.
    none : int
        Value for positions without a known n-gram.
    n_symbols : int
        Largest number of a symbol.
    """

    def __init__(
        self, ids: Indices, lengths: Indices, values: Array, none: int, n_symbols: int
    ) -> None:
        starts = np.cumsum(lengths) - lengths
        node = np.zeros(len(lengths), dtype=np.int64)  # of each n-gram, at the current depth
        self.base, n_nodes = n_symbols + 1, 0
        self.levels: list[tuple[Find, Array]] = []
        for depth in range(lengths.max(initial=0)):
            deep = np.flatnonzero(lengths > depth)
            keys, place = np.unique(
                node[deep] * self.base + ids[starts[deep] + depth], return_inverse=True
            )
            node[deep] = place + 1
            value = np.full(len(keys) + 1, none, dtype=np.int32)
            ends = deep[lengths[deep] == depth + 1]
            value[node[ends]] = values[ends]
            self.levels.append((_finder(keys, (n_nodes + 1) * self.base), value))
            n_nodes = len(keys)

    def lookup(self, ids: Array, barriers: Indices) -> Iterator[Array]:
        """Yield for n = 1, 2, ... the values of the n-grams that end at each position.

        An n-gram can begin at a barrier, but cannot extend across one.
        """
        node = np.zeros(len(ids), dtype=np.int64)
        for depth, (find, value) in enumerate(self.levels):
            if depth == 0:
                node = find(ids)
            else:
                keys = node.astype(np.int64) * self.base
                keys[1:] = keys[:-1] + ids[1:]
                keys[:1] = 0
                node = find(keys)
                node[barriers] = 0
            yield value[node]


def _finder(keys: Array, size: int) -> Find:
    """Return a function that maps a key to its position, counted from 1, or to 0 if missing."""
    if size <= MAX_TABLE_SIZE:
        table = np.zeros(size, dtype=np.int32)
        table[keys] = np.arange(1, len(keys) + 1)
        return lambda wanted: table[wanted]

    def find(wanted: Array) -> Array:
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, place + 1, 0)

    return find
