"""Count the n-grams of documents, and select the frequent ones.

In: documents, each a string (of characters), a list of tokens, or None, and how often each
occurs. Out: a sorted list of n-grams. Imports only numpy: n-grams are encoded as integers, and
counted in arrays.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from skrnn.input.peers import ALONE, Peers
from skrnn.input.sequences import Array, Floats, Indices

Document = str | list[str] | None
Ngram = str | tuple[str, ...]  # a string of characters, a token, or a tuple of tokens

START, END = "\x02", "\x03"  # marks around each sequence, for n-grams only


def frequent_ngrams(
    documents: Sequence[Document],
    counts: Array,
    *,
    min_df: int | float = 1,
    max_features: int | None = None,
    ngram_range: tuple[int, int] = (1, 1),
    marks: bool = True,
    peers: Peers = ALONE,
) -> list[Ngram]:
    """Collect the n-grams of `documents`, sorted; document i occurs `counts[i]` times.

    If several processes have documents, all of them get the same n-grams.

    With `marks`, each document that is not empty is enclosed in START and END. `min_df` does not
    apply to the shortest n-grams if there are longer ones, so rare n-grams are still represented
    by their parts.
    """
    low, high = ngram_range
    joined = _Joined(_marked(documents) if marks else documents)
    longest = max(peers.gather(int(joined.within.max(initial=0)) + 1))
    if low > longest:
        return []
    sizes = range(low, min(high, longest) + 1)
    found = [_of_owner(joined.count(n, counts, marked=marks), peers) for n in sizes]
    if high > low:
        spared = np.full_like(found[0].document_frequency, np.inf)
        found[0] = found[0]._replace(document_frequency=spared)
    least = min_df * sum(peers.gather(counts.sum())) if isinstance(min_df, float) else min_df
    found = [_merged(peers.gather(part)) for part in _frequent(found, least, max_features)]
    return list(chain(*(part.ngrams for part in _frequent(found, 0, max_features))))


class _Counts(NamedTuple):
    """The n-grams of one length n, and their counts."""

    ngrams: Sequence[Ngram]  # sorted
    document_frequency: Floats
    term_frequency: Floats

    def take(self, places: Indices) -> "_Counts":
        """Keep the n-grams at the given places."""
        ngrams = [self.ngrams[i] for i in places]
        return _Counts(ngrams, self.document_frequency[places], self.term_frequency[places])


def _of_owner(counts: _Counts, peers: Peers) -> _Counts:
    """Send the counts of each n-gram to the process that owns it; add up those that are ours.

    So no process has to hold what all have found before the rare ones are dropped.
    """
    if peers.size == 1:
        return counts
    owner = np.array([_checksum(ngram) % peers.size for ngram in counts.ngrams], dtype=np.int64)
    parts = [counts.take(np.flatnonzero(owner == i)) for i in range(peers.size)]
    return _merged(peers.exchange(parts))


def _checksum(ngram: Ngram) -> int:
    """Return a number that is the same in all processes, which `hash` is not."""
    text = ngram if isinstance(ngram, str) else "\0".join(ngram)
    return crc32(text.encode("utf-8", "surrogatepass"))


def _merged(parts: list[_Counts]) -> _Counts:
    """Add up the counts of several processes."""
    if len(parts) == 1:
        return parts[0]
    ngrams = sorted(set(chain.from_iterable(part.ngrams for part in parts)))
    place = {ngram: i for i, ngram in enumerate(ngrams)}
    where = np.fromiter((place[ngram] for part in parts for ngram in part.ngrams), dtype=np.int64)
    document, term = (
        np.bincount(where, np.concatenate(frequencies), len(ngrams))
        for frequencies in list(zip(*parts))[1:]
    )
    return _Counts(ngrams, document.astype(float), term.astype(float))


class _Joined:
    """Concatenated documents, as the numbers of their symbols in sorted order."""

    def __init__(self, documents: Sequence[Document]) -> None:
        values: list[Any] = [d for d in documents if d]
        lengths = np.fromiter((len(d) if d else 0 for d in documents), np.int64, len(documents))
        self.text = is_text(values)
        self.names: Any
        if self.text:
            points = code_points("".join(values))
            places, ids = _number(points)
            self.names = points[places]
        else:
            tokens = list(chain.from_iterable(values))
            self.names = sorted(set(tokens))
            place = {token: i for i, token in enumerate(self.names)}
            ids = np.fromiter(map(place.__getitem__, tokens), np.int64, len(tokens))
        self.ids = ids.astype(np.int64)
        self.document = np.repeat(np.arange(len(documents)), lengths)
        self.within = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)

    def count(self, n: int, counts: Array, *, marked: bool) -> _Counts:
        """Count the n-grams of length n; START alone is not an n-gram."""
        ends = np.flatnonzero(self.within >= max(n - 1, marked))
        places, which = _number(self._codes(n)[ends])
        document = self.document[ends]
        n_ngrams = max(len(places), 1)
        pairs = np.sort(document * n_ngrams + which)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        document_frequency = np.bincount(pairs % n_ngrams, counts[pairs // n_ngrams], len(places))
        term_frequency = np.bincount(which, counts[document], len(places))
        ngrams = self._spell(ends[places], n)
        return _Counts(ngrams, document_frequency.astype(float), term_frequency.astype(float))

    def _codes(self, n: int) -> Indices:
        """Return a number for the n symbols that end at each position, in their sorting order.

        They are in the same document only where `within` is at least n - 1.
        """
        base, code = max(len(self.names), 1), self.ids
        for _ in range(n - 1):
            if code.size and int(code.max()) >= 2**62 // base:  # renumber them
                code = _number(code)[1]
            code = np.concatenate([code[:1] * 0, code[:-1]]) * base + self.ids
        return code

    def _spell(self, ends: Indices, n: int) -> Sequence[Ngram]:
        """Return the n-grams that end at the given positions."""
        windows = self.ids[ends[:, None] + np.arange(1 - n, 1)]  # (windows, n)
        if self.text:
            points = self.names[windows].astype("<u4").tobytes()
            text = points.decode("utf-32-le", "surrogatepass")
            return [text[i : i + n] for i in range(0, len(text), n)]
        tokens = [tuple(self.names[i] for i in window) for window in windows.tolist()]
        return [window[0] for window in tokens] if n == 1 else tokens


def _number(codes: Array) -> tuple[Indices, Indices]:
    """Number the distinct codes in order; return a position of each, and the number of each code.

    Small codes are looked up in a table, which takes a tenth of the time of sorting.
    """
    n = int(codes.max(initial=0)) + 1
    if n > 4 * len(codes):
        return np.unique(codes, return_index=True, return_inverse=True)[1:]
    place = np.full(n, -1)
    place[codes] = np.arange(len(codes))
    found = place >= 0
    return place[found], (np.cumsum(found) - 1)[codes]


def is_text(documents: Sequence[Document]) -> bool:
    """Return whether documents are strings, which are read by code points."""
    return any(isinstance(d, str) for d in documents)


def code_points(text: str) -> Array:
    """Return the code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _marked(documents: Sequence[Document]) -> list[Document]:
    """Put START and END around each document that is not missing or empty."""
    return [
        START + d + END if isinstance(d, str) and d else [START, *d, END] if d else d
        for d in documents
    ]


def _frequent(found: list[_Counts], least: float, max_features: int | None) -> list[_Counts]:
    """Keep the n-grams in enough documents, and of these the most frequent, of all sizes."""
    document_frequency = np.concatenate([part.document_frequency for part in found])
    term_frequency = np.concatenate([part.term_frequency for part in found])
    kept = np.flatnonzero(document_frequency >= least)
    if max_features is not None:
        kept = np.sort(kept[np.argsort(-term_frequency[kept], kind="stable")[:max_features]])
    ends = np.cumsum([len(part.ngrams) for part in found])
    by_size = np.split(kept, np.searchsorted(kept, ends[:-1]))
    return [
        part.take(places - end + len(part.ngrams))
        for part, places, end in zip(found, by_size, ends)
    ]
