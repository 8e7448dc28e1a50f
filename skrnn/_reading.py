"""From rows to sequences: strings are taken apart, symbols become columns of U.

In: `Rows`, and how to read them. Out: `Sequences`, each distinct row once, and which of
them each row is. Knows numpy alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skrnn._alphabet import Alphabet
from skrnn._rows import SYMBOLIC
from skrnn._sequences import Sequences, distinct, from_arrays

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Reader:
    """How rows of one kind become sequences; the fields are the estimators' parameters."""

    kind: str
    analyzer: Any
    lowercase: bool
    max_length: int | None
    alphabet: Alphabet | None = None  # of strings and tokens
    width: int | None = None  # number of columns of U

    def read(self, rows):
        """Encode each distinct row once; return the sequences and which one each row is."""
        first, which = distinct(_keys(rows))
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

    def _analyze(self, text):
        if callable(self.analyzer):
            return _checked_tokens(self.analyzer, text)
        text = text.lower() if self.lowercase else text
        return _WORD.findall(text) if self.analyzer == "word" else text


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
    """Read the parameter `vocabulary`."""
    if isinstance(vocabulary, str):
        raise ValueError(
            f"{who} needs vocabulary to list symbols, got one string {vocabulary!r}: "
            "use list() to make each of its characters a symbol."
        )
    if isinstance(vocabulary, Mapping):
        vocabulary = sorted(vocabulary, key=vocabulary.get)
    symbols = sorted(vocabulary) if isinstance(vocabulary, (set, frozenset)) else list(vocabulary)
    for symbol in symbols:
        if not isinstance(symbol, str) or (analyzer == "char" and len(symbol) != 1):
            needed = (
                "single characters, as analyzer='char' is," if analyzer == "char" else "strings"
            )
            raise ValueError(
                f"{who} needs the symbols of vocabulary to be {needed} got {symbol!r}."
            )
    if len(set(symbols)) < len(symbols):
        twice = next(s for s in symbols if symbols.count(s) > 1)
        raise ValueError(f"{who} needs each symbol of vocabulary once, got {twice!r} twice.")
    return Alphabet(symbols, ngram_range)


def learned_alphabet(who, documents, counts, min_df, max_features, ngram_range):
    """Collect the symbols of the training rows, of which some must be frequent enough."""
    alphabet = Alphabet.learn(
        documents, counts, min_df=min_df, max_features=max_features, ngram_range=ngram_range
    )
    if not alphabet.grams and any(documents) and min_df != 2:
        raise ValueError(
            f"{who} found no symbol in enough rows for min_df={min_df!r}: lower min_df."
        )
    return alphabet


def _checked_tokens(analyzer, text):
    tokens = analyzer(text)
    tokens = list(tokens) if hasattr(tokens, "__iter__") else tokens
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise TypeError(f"analyzer needs to return a list of strings, got {tokens!r} for {text!r}.")
    return tokens
