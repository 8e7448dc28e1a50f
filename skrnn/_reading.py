"""From rows to sequences: strings are taken apart, symbols become columns of U.

In: `Rows`, and how to read them. Out: `Sequences`, each distinct row once, and which of
them each row is. Knows numpy alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skrnn._alphabet import END, Alphabet
from skrnn._forms import SYMBOLIC
from skrnn._sequences import Sequences, distinct, from_arrays
from skrnn._values import short, what

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Reader:
    """How rows of one kind become sequences; most fields are the estimators' parameters."""

    who: str
    kind: str
    analyzer: Any
    lowercase: bool
    max_length: int | None
    alphabet: Alphabet | None = None  # of strings and tokens
    width: int | None = None  # number of columns of U

    def read(self, rows):
        """Encode each distinct row once; return the sequences and which one each row is."""
        first, which = distinct_rows(rows)
        return self.encode(rows.take(first)), which

    def encode(self, rows):
        """Write every row as a sequence."""
        if rows.kind in SYMBOLIC:
            return self.alphabet.encode(self.documents(rows))
        if rows.kind == "series":
            return from_arrays([series[: self.max_length] for series in rows.values])
        table = rows.values[:, : self.max_length]  # (n, T)
        lengths = np.full(len(table), table.shape[1])
        return Sequences(table.reshape(-1, 1), lengths)

    def documents(self, rows):
        """Give the symbols of each row, as a string or a list of tokens, None if missing."""
        documents = rows.values
        if rows.kind == "strings":
            documents = [None if text is None else self._analyze(text) for text in documents]
        if self.max_length is None:
            return documents
        return [d and d[: self.max_length] for d in documents]

    def symbols(self, rows):
        """List what is read at each step of the one row that there is."""
        if rows.kind not in SYMBOLIC:
            return list(rows.values[0][: self.max_length])
        (document,) = self.documents(rows)
        if not document:
            return [None if document is None else ""]
        return [*document, *([END] if self.alphabet.ngram_range[1] > 1 else [])]

    def _analyze(self, text):
        if callable(self.analyzer):
            return self._call_analyzer(text)
        text = text.lower() if self.lowercase else text
        return _WORD.findall(text) if self.analyzer == "word" else text

    def _call_analyzer(self, text):
        tokens = self.analyzer(text)
        tokens = list(tokens) if hasattr(tokens, "__iter__") else tokens
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TypeError(
                f"{self.who} needs analyzer to return a list of strings, "
                f"got {short(tokens)} for {short(text)}."
            )
        return tokens


def distinct_rows(rows):
    """Find the first row of each kind, (m,), and which of these each row is, (n,)."""
    return distinct(_keys(rows))


def once(rows):
    """Keep each distinct row once, in an order that does not depend on that of the rows."""
    first, which = distinct(_keys(rows), sort=True)
    return rows.take(first), which


def _keys(rows):
    """Give what makes two rows equal."""
    if rows.kind == "strings":
        return rows.values
    if rows.kind == "tokens":
        return [None if row is None else tuple(row) for row in rows.values]
    return [series.tobytes() for series in rows.values]


def given_alphabet(who, vocabulary, analyzer, ngram_range):
    """Read the parameter `vocabulary`; `analyzer` is None where rows are lists of tokens."""
    if isinstance(vocabulary, (str, bytes, Iterator)):  # an iterator would be used up
        raise ValueError(
            f"{who} needs vocabulary to be a list, set, dict or array of symbols, "
            f"got {what(vocabulary)}: make a list of its symbols."
        )
    symbols = list(vocabulary)
    if not symbols:
        raise ValueError(f"{who} needs vocabulary to list at least one symbol, got {vocabulary!r}.")
    _check_symbols(who, symbols, analyzer, ngram_range)
    if isinstance(vocabulary, Mapping):
        symbols.sort(key=vocabulary.get)
    if isinstance(vocabulary, (set, frozenset)):
        symbols.sort()
    return Alphabet([s if isinstance(s, tuple) else str(s) for s in symbols], ngram_range)


def _check_symbols(who, symbols, analyzer, ngram_range):
    """Refuse what is no n-gram, and what is there twice."""
    low, high = ngram_range
    needed = "strings"
    if analyzer == "char":
        needed = "single characters, as analyzer='char' is"
    if high > 1:
        needed = f"n-grams of {low} to {high} {'characters' if analyzer == 'char' else 'tokens'}"
    for symbol in symbols:
        parts = [symbol] if isinstance(symbol, str) and analyzer != "char" else symbol
        wrong = isinstance(symbol, tuple) and (analyzer == "char" or len(symbol) == 1)
        wrong |= not isinstance(symbol, (str, tuple)) or not low <= len(parts) <= high
        if wrong or not all(isinstance(part, str) for part in parts):
            raise ValueError(
                f"{who} needs the symbols of vocabulary to be {needed}, got {short(symbol)}."
            )
    if len(set(symbols)) < len(symbols):
        twice = next(s for s in symbols if symbols.count(s) > 1)
        raise ValueError(f"{who} needs each symbol of vocabulary once, got {short(twice)} twice.")


def learned_alphabet(who, documents, counts, *, min_df=1, **limits):
    """Collect the symbols of the training rows, of which some must be frequent enough."""
    alphabet = Alphabet.learn(documents, counts, min_df=min_df, **limits)
    if not alphabet.grams and any(documents):
        raise ValueError(
            f"{who} found no symbol in enough rows for min_df={min_df!r}: lower min_df."
        )
    return alphabet
