"""The symbols and n-grams that have columns of U, and documents written in these columns.

In: documents, each a string (of characters), a list of tokens, or None. Out: `Vocabulary`,
and `Sequences` of columns. Imports only numpy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np

from skrnn.input.messages import describe, short_repr
from skrnn.input.ngrams import (
    END,
    START,
    Document,
    Ngram,
    code_points,
    frequent_ngrams,
    is_text,
)
from skrnn.input.samples import SYMBOLIC, Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL, UNKNOWN, Array, Indices, Sequences
from skrnn.input.trie import Trie


class Vocabulary:
    """N-grams and their columns of U, after those of missing, empty and unknown.

    Parameters
    ----------
    ngrams : iterable of (str or tuple of str)
        Of characters: strings. Of tokens: a token, or a tuple of several.
    ngram_range : (int, int)
        Smallest and largest n. If the largest is above 1, every sequence stands between
        the marks START and END, and END is a step of its own.
    """

    def __init__(self, ngrams: Iterable[Ngram], ngram_range: tuple[int, int] = (1, 1)) -> None:
        self.ngrams, self.ngram_range = list(ngrams), ngram_range
        self._lookups: dict[bool, _Lookup] = {}  # made when they are first needed

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_lookups": {}}

    def __len__(self) -> int:
        """Count the columns of U."""
        return N_SPECIAL + len(self.ngrams)

    @property
    def columns(self) -> dict[Ngram, int]:
        """The column of each n-gram."""
        return {ngram: column for column, ngram in enumerate(self.ngrams, N_SPECIAL)}

    def encode(self, documents: Sequence[Document]) -> Sequences:
        """Write `documents` as columns of U: values of (steps, largest n - smallest n + 1).

        Row t holds the columns of the known n-grams that end there, the shortest first.
        Where one is not known, len(self) stands for no column; where none is, the first
        is that of the unknown. A missing or empty document is one step long.
        """
        low, high = self.ngram_range
        text, marks = is_text(documents), 2 * (high > 1)
        if text not in self._lookups:
            self._lookups[text] = _Lookup(self.ngrams, text, len(self))
        lookup = self._lookups[text]
        lengths = np.fromiter((len(d) + marks if d else 0 for d in documents), np.int64)
        ids = lookup.ids([d for d in documents if d], bool(marks))
        starts = (np.cumsum(lengths) - lengths)[lengths > 0] if marks else lengths[:0]
        columns = np.full((len(ids), high - low + 1), len(self), dtype=np.int32)
        for n, found in enumerate(lookup.trie.lookup(ids, starts), 1):
            if n >= low:
                columns[:, n - low] = found
        if marks:  # START is not a step
            columns, lengths = np.delete(columns, starts, axis=0), np.maximum(lengths - 1, 0)
        none_known = np.flatnonzero(columns[:, 0] == len(self))
        columns[none_known[(columns[none_known] == len(self)).all(axis=1)], 0] = UNKNOWN
        return _with_special(documents, columns, lengths, len(self))

    def steps(self, document: Document) -> list[str | None]:
        """List what is read at each step of a document."""
        if not document:
            return [None if document is None else ""]
        return [*document, *([END] if self.ngram_range[1] > 1 else [])]


class _Lookup:
    """The n-grams of a vocabulary as a tree, and the numbers of their symbols."""

    def __init__(self, ngrams: Sequence[Ngram], text: bool, none: int) -> None:
        self.text = text
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
        values = np.arange(N_SPECIAL, N_SPECIAL + len(ngrams))
        self.trie = Trie(self._numbers(symbols), lengths, values, none, len(names))

    def ids(self, documents: Sequence[Any], marks: bool) -> Array:
        """Number the symbols of documents that are not empty, with marks around each if asked."""
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


def _with_special(
    documents: Sequence[Document], columns: Array, lengths: Indices, none: int
) -> Sequences:
    """Insert the single step of each missing or empty document."""
    empty = np.flatnonzero(lengths == 0)
    if not len(empty):
        return Sequences(columns, lengths)
    steps = np.full((len(empty), columns.shape[1]), none)
    steps[:, 0] = [MISSING if documents[i] is None else EMPTY for i in empty]
    starts = (np.cumsum(lengths) - lengths)[empty]
    return Sequences(np.insert(columns, starts, steps, axis=0), np.maximum(lengths, 1))


@dataclass(frozen=True)
class VocabularyRule:
    """How symbols are found; but for `who` the fields are the estimators' parameters."""

    who: str
    vocabulary: Any = None
    analyzer: Any = "char"
    ngram_range: tuple[int, int] = (1, 1)
    min_df: int | float = 1
    max_features: int | None = None

    def find(self, documents: Samples, counts: Array) -> Vocabulary | None:
        """Decide which symbols have columns of U; none for numbers.

        Document i occurs `counts[i]` times.
        """
        if documents.kind not in SYMBOLIC:
            return None
        if self.vocabulary is not None:
            analyzer = self.analyzer if documents.kind == "strings" else None
            return check_vocabulary(self.who, self.vocabulary, analyzer, self.ngram_range)
        return self._learn(documents.values, counts)

    def _learn(self, documents: Sequence[Document], counts: Array) -> Vocabulary:
        """Collect the n-grams of the training rows, of which some must be frequent enough."""
        ngrams = frequent_ngrams(
            documents,
            counts,
            min_df=self.min_df,
            max_features=self.max_features,
            ngram_range=self.ngram_range,
        )
        if not ngrams and any(documents):
            raise ValueError(
                f"{self.who} found no symbol in enough rows for min_df={self.min_df!r}: "
                "lower min_df."
            )
        return Vocabulary(ngrams, self.ngram_range)


def check_vocabulary(
    who: str, vocabulary: Any, analyzer: Any, ngram_range: tuple[int, int]
) -> Vocabulary:
    """Read the parameter `vocabulary`; `analyzer` is None where rows are lists of tokens."""
    if isinstance(vocabulary, (str, bytes, Iterator)):  # an iterator would be used up
        raise ValueError(
            f"{who} needs vocabulary to be a list, set, dict or array of symbols, "
            f"got {describe(vocabulary)}: make a list of its symbols."
        )
    symbols = list(vocabulary)
    if not symbols:
        raise ValueError(f"{who} needs vocabulary to list at least one symbol, got {vocabulary!r}.")
    _check_symbols(who, symbols, analyzer, ngram_range)
    if isinstance(vocabulary, Mapping):
        _sort_by_values(who, symbols, vocabulary)
    if isinstance(vocabulary, (set, frozenset)):
        symbols.sort(key=lambda symbol: (symbol,) if isinstance(symbol, str) else symbol)
    return Vocabulary([s if isinstance(s, tuple) else str(s) for s in symbols], ngram_range)


def _sort_by_values(who: str, symbols: list[Any], vocabulary: Mapping[Any, Any]) -> None:
    """Put the symbols of a mapping in the order of its values."""
    try:
        symbols.sort(key=vocabulary.__getitem__)
    except TypeError:
        raise TypeError(
            f"{who} needs the values of vocabulary to be numbers, which give the order of its "
            f"symbols, got {short_repr(list(vocabulary.values()))}."
        ) from None


def _check_symbols(
    who: str, symbols: list[Any], analyzer: Any, ngram_range: tuple[int, int]
) -> None:
    """Refuse invalid and duplicate n-grams."""
    low, high = ngram_range
    needed = "strings"
    if analyzer == "char":
        needed = "single characters with analyzer='char'"
    if high > 1:
        needed = f"n-grams of {low} to {high} {'characters' if analyzer == 'char' else 'tokens'}"
    for symbol in symbols:
        parts = [symbol] if isinstance(symbol, str) and analyzer != "char" else symbol
        wrong = isinstance(symbol, tuple) and (analyzer == "char" or len(symbol) == 1)
        wrong |= not isinstance(symbol, (str, tuple)) or not low <= len(parts) <= high
        if wrong or not all(isinstance(part, str) for part in parts):
            raise ValueError(
                f"{who} needs the symbols of vocabulary to be {needed}, got {short_repr(symbol)}."
            )
    if len(set(symbols)) < len(symbols):
        twice = next(s for s in symbols if symbols.count(s) > 1)
        raise ValueError(
            f"{who} needs each symbol of vocabulary once, got {short_repr(twice)} twice."
        )
