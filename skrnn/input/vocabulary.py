"""The symbols that have columns of U, and documents as sequences of these columns.

In: documents, each a string (of characters), a list of tokens, or None. Out: `Vocabulary`,
and `Sequences` of columns. Imports only numpy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skrnn.input.lookup import Lookup
from skrnn.input.messages import describe, short_repr
from skrnn.input.ngrams import Document, frequent_ngrams, is_text
from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import SYMBOLIC, Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL, UNKNOWN, Sequences


class Vocabulary:
    """Symbols and their columns of U, which follow those of missing, empty and unknown.

    Parameters
    ----------
    symbols : iterable of str
        Characters or tokens.
    """

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = list(symbols)
        self._lookups: dict[bool, Lookup] = {}  # created on first use

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_lookups": {}}

    def __len__(self) -> int:
        """Return the number of columns of U."""
        return N_SPECIAL + len(self.symbols)

    @property
    def columns(self) -> dict[str, int]:
        """The column of each symbol."""
        return {symbol: column for column, symbol in enumerate(self.symbols, N_SPECIAL)}

    def encode(self, documents: Sequence[Document]) -> Sequences:
        """Return each document as columns of U; a missing or empty one has a single step."""
        text = is_text(documents)
        if text not in self._lookups:
            columns = np.arange(N_SPECIAL, len(self))
            self._lookups[text] = Lookup(self.symbols, columns, text=text, none=UNKNOWN)
        found, counts = self._lookups[text].find([d for d in documents if d], marks=False)
        values = found[:, 0] if found.shape[1] else np.full(len(found), UNKNOWN, dtype=np.int32)
        empty = np.array([not d for d in documents], dtype=bool)
        lengths, special = np.zeros(len(documents), dtype=np.int64), np.flatnonzero(empty)
        lengths[~empty] = counts
        codes = [MISSING if documents[i] is None else EMPTY for i in special]
        starts = (np.cumsum(lengths) - lengths)[special]
        return Sequences(np.insert(values, starts, codes), np.maximum(lengths, 1))

    def steps(self, document: Document) -> list[str | None]:
        """Return the symbol at each step of a document."""
        return list(document) if document else [None if document is None else ""]


@dataclass(frozen=True)
class VocabularyRule:
    """Selects symbols; all fields but `who` are parameters of the estimators."""

    who: str
    vocabulary: Any = None
    analyzer: Any = "char"
    min_df: int | float = 1
    max_features: int | None = None

    def find(self, documents: Samples, counts: Any, peers: Peers = ALONE) -> Vocabulary | None:
        """Select the symbols that have columns of U; none for numbers.

        Document i occurs `counts[i]` times.
        """
        if documents.kind not in SYMBOLIC:
            return None
        if self.vocabulary is not None:
            analyzer = self.analyzer if documents.kind == "strings" else None
            return check_vocabulary(self.who, self.vocabulary, analyzer)
        symbols = frequent_ngrams(
            documents.values,
            counts,
            min_df=self.min_df,
            max_features=self.max_features,
            marks=False,
            peers=peers,
        )
        if not symbols and any(documents.values):
            raise ValueError(
                f"{self.who} found no symbol in enough rows for min_df={self.min_df!r}: "
                "lower min_df."
            )
        return Vocabulary(symbols)  # type: ignore[arg-type]  # n-grams of one are strings


def check_vocabulary(who: str, vocabulary: Any, analyzer: Any) -> Vocabulary:
    """Check the parameter `vocabulary`; `analyzer` is None for token lists."""
    whole = not isinstance(vocabulary, (str, bytes, Iterator))  # listing would consume an iterator
    try:
        symbols = list(vocabulary) if whole else None
    except TypeError:  # a zero-dimensional array
        symbols = None
    if symbols is None:
        raise ValueError(
            f"{who} needs vocabulary to be a list, set, dict or array of symbols, "
            f"got {describe(vocabulary)}: make a list of its symbols."
        )
    if not symbols:
        raise ValueError(f"{who} needs vocabulary to list at least one symbol, got {vocabulary!r}.")
    _check_symbols(who, symbols, analyzer)
    if isinstance(vocabulary, Mapping):
        _sort_by_values(who, symbols, vocabulary)
    if isinstance(vocabulary, (set, frozenset)):
        symbols.sort()
    return Vocabulary(map(str, symbols))


def _sort_by_values(who: str, symbols: list[Any], vocabulary: Mapping[Any, Any]) -> None:
    """Return the symbols of a mapping, sorted by its values."""
    try:
        symbols.sort(key=vocabulary.__getitem__)
    except TypeError:
        raise TypeError(
            f"{who} needs the values of vocabulary to be numbers, which give the order of its "
            f"symbols, got {short_repr(list(vocabulary.values()))}."
        ) from None


def _check_symbols(who: str, symbols: list[Any], analyzer: Any) -> None:
    """Raise an error for invalid or duplicate symbols."""
    needed = "single characters with analyzer='char'" if analyzer == "char" else "strings"
    for symbol in symbols:
        if not isinstance(symbol, str) or (analyzer == "char" and len(symbol) != 1):
            raise ValueError(
                f"{who} needs the symbols of vocabulary to be {needed}, got {short_repr(symbol)}."
            )
    if len(set(symbols)) < len(symbols):
        twice = next(s for s in symbols if symbols.count(s) > 1)
        raise ValueError(
            f"{who} needs each symbol of vocabulary once, got {short_repr(twice)} twice."
        )
