"""From rows of symbols or numbers to ragged arrays, and from those to time-major batches.

In: documents (strings, lists of tokens or None) or arrays of numbers. Out: `Sequences`,
the x_t of all sequences end to end, and `Layout`, the same x_t in the order in which a
recurrence reads them. Knows numpy alone: neither torch nor scikit-learn.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np

MISSING, EMPTY, UNKNOWN = range(3)  # the first columns of U; the symbols follow
N_SPECIAL = 3


@dataclass(frozen=True)
class Sequences:
    """Ragged sequences: `values` end to end, `lengths` says where each one stops."""

    values: np.ndarray  # (N,) int64 columns of U, or (N, d) float vectors x_t
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
    once = list(dict.fromkeys(keys))
    if sort:
        once.sort(key=lambda key: (key is None, () if key is None else key))
    place = {key: i for i, key in enumerate(once)}
    which = np.fromiter(map(place.__getitem__, keys), np.int64, len(keys))
    first = np.empty(len(once), dtype=np.int64)
    first[which[::-1]] = np.arange(len(keys))[::-1]
    return first, which


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


class Alphabet:
    """Symbols and their columns of U, after those of missing, empty and unknown."""

    def __init__(self, symbols):
        self.symbols = list(symbols)

    def __len__(self):
        return N_SPECIAL + len(self.symbols)

    @classmethod
    def learn(cls, documents, weight, *, min_df=1, max_features=None):
        """Collect the symbols of `documents`, sorted; `weight` counts each document."""
        ids, symbols = _index(documents)
        owner = np.repeat(np.arange(len(documents)), _lengths(documents))
        keep = np.ones(len(symbols), dtype=bool)
        if min_df != 1:
            pairs = np.unique(owner * len(symbols) + ids)
            df = np.bincount(pairs % len(symbols), weight[pairs // len(symbols)], len(symbols))
            keep = df >= (min_df if min_df > 1 else min_df * weight.sum())
        if max_features is not None:
            tf = np.where(keep, np.bincount(ids, weight[owner], len(symbols)), -1)
            keep &= np.isin(np.arange(len(symbols)), np.argsort(-tf, kind="stable")[:max_features])
        return cls([symbol for symbol, kept in zip(symbols, keep) if kept])

    def encode(self, documents):
        """Write `documents` as columns of U; a missing or empty one is one symbol long."""
        lengths = _lengths(documents)
        bare = np.flatnonzero(lengths == 0)
        codes = [MISSING if documents[i] is None else EMPTY for i in bare]
        starts = (np.cumsum(lengths) - lengths)[bare]
        values = np.insert(self._columns(documents), starts, codes)
        return Sequences(values, np.maximum(lengths, 1))

    def _columns(self, documents):
        if not _is_text(documents):
            column = {s: i for i, s in enumerate(self.symbols, N_SPECIAL)}
            tokens = chain.from_iterable(d for d in documents if d)
            return np.array([column.get(s, UNKNOWN) for s in tokens], dtype=np.int64)
        points = _code_points("".join(d for d in documents if d))
        known = _code_points("".join(self.symbols))
        order = np.argsort(known)
        known = np.append(known[order], np.uint32(0xFFFFFFFF))  # no code point: ends the search
        place = np.searchsorted(known, points)
        columns = np.append(order + N_SPECIAL, UNKNOWN)
        return np.where(known[place] == points, columns[place], UNKNOWN)


def _is_text(documents):
    """Tell strings, read by code point, from lists of tokens."""
    return any(isinstance(d, str) for d in documents)


def _lengths(documents):
    return np.fromiter((len(d) if d else 0 for d in documents), np.int64, len(documents))


def _code_points(text):
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _index(documents):
    """Number the symbols of all documents end to end: (N,) ids, and the sorted symbols."""
    if _is_text(documents):
        points, ids = np.unique(
            _code_points("".join(d for d in documents if d)), return_inverse=True
        )
        return ids, [chr(p) for p in points]
    tokens = [s for d in documents if d for s in d]
    symbols = sorted(set(tokens))
    place = {s: i for i, s in enumerate(symbols)}
    return np.array([place[s] for s in tokens], dtype=np.int64), symbols


@dataclass(frozen=True)
class Layout:
    """Batches in the order in which a recurrence reads them, one batch after another.

    Within a batch the longest sequence comes first, and all x_1 come before all x_2:
    at step t the sequences still alive are the first `alive[t]`, so that nothing is
    padded. Positions are counted from the start of the batch.
    """

    order: np.ndarray  # (n,) which of the given rows comes where in its batch
    values: np.ndarray  # (N,) or (N, d)
    previous: np.ndarray  # (N,) where h_{t-1} of each step stands; unused for t = 1
    last: np.ndarray  # (n,) where h_T of each sequence stands; -1 if it is empty
    alive: list  # for each batch, the number of sequences alive at each step
    sizes: list  # for each batch, the number of its sequences

    @property
    def steps(self):
        return [sum(alive) for alive in self.alive]


def pack(sequences, rows, batch):
    """Lay out `rows` of `sequences` in time-major batches; `batch` numbers them, ascending."""
    lengths = sequences.lengths[rows]
    order = np.lexsort((-lengths, batch))
    rows, lengths = rows[order], lengths[order]
    size = np.bincount(batch)  # (batches,)
    first = np.cumsum(size) - size
    longest = lengths[first]
    step0 = np.cumsum(longest) - longest  # number of each batch's first (batch, t)
    rank = np.arange(len(rows)) - first[batch]

    owner = np.repeat(np.arange(len(rows)), lengths)  # (N,) sequence by sequence
    t = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    step = step0[batch[owner]] + t
    alive = np.bincount(step, minlength=longest.sum())
    offset = np.cumsum(alive) - alive
    place = offset[step] + rank[owner]  # time-major: after all earlier steps, by rank

    base = np.append(offset, len(owner))[step0]  # where each batch begins
    values = np.empty_like(sequences.values, shape=(len(owner), *sequences.values.shape[1:]))
    values[place] = sequences.values[sequences.starts[rows][owner] + t]
    inside = place - base[batch[owner]]
    previous = np.empty(len(owner), dtype=np.int64)
    previous[place] = np.roll(inside, 1)
    last = np.full(len(rows), -1)
    last[owner] = inside  # the last step of each sequence is written last
    counts = [c.tolist() for c in np.split(alive, step0[1:])]
    return Layout(order, values, previous, last, counts, size.tolist())
