"""Find the known n-grams that end at each symbol of documents.

In: n-grams, and documents, each a string (of characters) or a list of tokens. Out: a column
number for each position and each n. Imports only numpy.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from skrnn.input.ngrams import END, START, Ngram, code_points
from skrnn.input.sequences import Array, Indices
from skrnn.input.trie import Trie


class Lookup:
    """The tree of known n-grams, and the numbers of their symbols.

    Parameters
    ----------
    ngrams : iterable of (str or tuple of str)
        Strings of characters, or a token or a tuple of tokens.
    columns : ndarray of shape (n_ngrams,)
        Number of each n-gram.
    text : bool
        Whether documents are strings.
    none : int
        Number for positions without a known n-gram.
    """

    def __init__(self, ngrams: Iterable[Ngram], columns: Indices, *, text: bool, none: int) -> None:
        self.text, self.none = text, none
        parts: list[Any] = [g if text or isinstance(g, tuple) else (g,) for g in ngrams]
        symbols = "".join(parts) if text else list(chain.from_iterable(parts))
        lengths = np.fromiter(map(len, parts), np.int64, len(parts))
        self.symbol_ids: Any
        if isinstance(symbols, str):
            names: Any = np.unique(code_points(symbols))
            self.symbol_ids = np.zeros(int(names.max(initial=0)) + 2, dtype=np.int32)
            self.symbol_ids[names] = np.arange(1, len(names) + 1)
        else:
            names = dict.fromkeys(symbols)
            self.symbol_ids = {name: i for i, name in enumerate(names, 1)}
        self.depth = int(lengths.max(initial=0))
        self.trie = Trie(self._numbers(symbols), lengths, columns, none, len(names))

    def find(self, documents: Sequence[Any], *, marks: bool) -> tuple[Array, Indices]:
        """Find the n-grams of documents that are not empty.

        With `marks`, documents are enclosed in START and END, and END is a position too. Return the
        numbers of the n-grams that end at each position, (N, largest n), the shortest first, and
        the number of positions of each document.
        """
        lengths = np.fromiter(map(len, documents), np.int64, len(documents)) + 2 * marks
        ids = self._ids(documents, marks)
        starts = np.cumsum(lengths) - lengths
        found = np.full((len(ids), self.depth), self.none, dtype=np.int32)
        for depth, columns in enumerate(self.trie.lookup(ids, starts)):
            found[:, depth] = columns
        if marks:  # START is not a position
            found, lengths = np.delete(found, starts, axis=0), lengths - 1
        return found, lengths

    def _ids(self, documents: Sequence[Any], marks: bool) -> Array:
        """Return the numbers of the symbols, enclosed in marks if requested."""
        if self.text:
            joined = (END + START if marks else "").join(documents)
            return self._numbers(START + joined + END if marks and documents else joined)
        start, end = ([START], [END]) if marks else ([], [])
        return self._numbers([token for d in documents for token in chain(start, d, end)])

    def _numbers(self, symbols: str | list[str]) -> Array:
        if isinstance(symbols, str):
            points = code_points(symbols)
            return self.symbol_ids[np.minimum(points, len(self.symbol_ids) - 1)]  # type: ignore[no-any-return]
        return np.fromiter(map(self.symbol_ids.get, symbols, repeat(0)), np.int64, len(symbols))
