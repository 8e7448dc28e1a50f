"""The tree of the prefixes that sequences share.

In: `Sequences`. Out: one `Level` after another, with one node per distinct prefix, so that the
state after each prefix is computed only once. Imports only numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from skrnn.input.sequences import Indices, Sequences

MAX_TABLE_SIZE = 1 << 22  # range of keys; larger ones are sorted
WORTHWHILE = 0.75  # nodes per sequence; above this, the search for shared prefixes stops


@dataclass(frozen=True)
class Level:
    """The distinct prefixes of t steps.

    Nodes with children come first.
    """

    steps: Indices  # (n_nodes,) the x_t that the node reads, as a row of the values
    parent: Indices | None  # (n_nodes,) node of the previous level; None: its first n_nodes
    ended: Indices  # (k,) the sequences with t steps
    at: Indices | slice  # (k,) their nodes


def levels(sequences: Sequences, *, reverse: bool = False) -> Iterator[Level]:
    """Yield the levels of the tree, t = 1, 2, ...; read from the end if `reverse`.

    Each sequence that is not empty ends at one level. Series of numbers share no prefixes. For
    symbols, the search for shared prefixes stops where almost all are distinct.
    """
    lengths = sequences.lengths
    order = np.argsort(-lengths, kind="stable")
    first = sequences.starts[order]
    if reverse:
        first = first + lengths[order] - 1
    shared = sequences.values.dtype.kind == "i"
    codes = sequences.values
    n_codes = int(codes.max(initial=-1)) + 1 if shared else 0
    ends = np.cumsum(np.bincount(lengths, minlength=1)[::-1])[::-1]  # with t steps or more
    node: Indices | None = np.zeros(len(lengths), dtype=np.int64)  # None: the position in the order
    for t in range(len(ends) - 1):
        alive, longer = ends[t + 1], ends[t + 2] if t + 2 < len(ends) else 0
        steps = first[:alive] - t if reverse else first[:alive] + t
        parent = node if node is None else node[:alive]
        node = None
        if shared and parent is not None:
            keys = parent * n_codes + codes[steps]
            one, node = _distinct(keys, (int(parent.max()) + 1) * n_codes)
            steps, parent = steps[one], parent[one]
            shared = len(one) < WORTHWHILE * alive
        at = slice(longer, alive) if node is None else node[longer:]
        yield Level(steps, parent, order[longer:alive], at)


def by_beginning(sequences: Sequences, *, reverse: bool = False) -> Indices:
    """Sort sequences of symbols, so that those with a common beginning are next to each other.

    They are sorted by as many symbols as fit into 63 bits.
    """
    codes, lengths = sequences.values, sequences.lengths
    if codes.dtype.kind != "i" or len(lengths) < 2:
        return np.arange(len(lengths))
    n_bits = max(1, int(codes.max(initial=0) + 1).bit_length())
    keys = np.zeros(len(lengths), dtype=np.int64)
    first, step = (sequences.starts + lengths - 1, -1) if reverse else (sequences.starts, 1)
    for t in range(min(63 // n_bits, lengths.max(initial=0))):
        longer = lengths > t
        code = codes[np.where(longer, first + t * step, 0)] + 1
        keys = (keys << n_bits) | np.where(longer, code, 0)
    return np.argsort(keys)


def _distinct(keys: Indices, size: int) -> tuple[Indices, Indices]:
    """Return the first index of each distinct key, in order of appearance, and the inverse.

    Keys are smaller than `size`.
    """
    if size > MAX_TABLE_SIZE:
        keys = np.unique(keys, return_inverse=True)[1]
        size = len(keys)
    place = np.empty(size, dtype=np.int64)
    place[keys[::-1]] = np.arange(len(keys))[::-1]  # of equal keys the first is kept
    first = place[keys]
    new = first == np.arange(len(keys))
    return np.flatnonzero(new), (np.cumsum(new) - 1)[first]
