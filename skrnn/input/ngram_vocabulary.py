"""The n-grams that have columns of G, and documents as lists of these columns.

In: documents, each a string (of characters), a list of tokens, or None. Out: `NgramVocabulary`,
and `Ngrams` of columns. Imports only numpy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skrnn.input.lookup import Lookup
from skrnn.input.ngrams import Document, Ngram, frequent_ngrams, is_text
from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import SYMBOLIC, Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL, Array, Indices, Ngrams


class NgramVocabulary:
    """N-grams and their columns of G, which follow those of missing and empty.

    Parameters
    ----------
    ngrams : iterable of (str or tuple of str)
        Strings of characters, or a token or a tuple of tokens. START and END mark the start and
        the end of a document.
    """

    def __init__(self, ngrams: Iterable[Ngram]) -> None:
        self.ngrams = list(ngrams)
        self._lookups: dict[bool, Lookup] = {}  # created on first use

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_lookups": {}}

    def __len__(self) -> int:
        """Return the number of columns of G."""
        return N_SPECIAL + len(self.ngrams)

    @property
    def columns(self) -> dict[Ngram, int]:
        """The column of each n-gram."""
        return {ngram: column for column, ngram in enumerate(self.ngrams, N_SPECIAL)}

    def encode(self, documents: Sequence[Document]) -> Ngrams:
        """Return the columns of all occurrences of known n-grams in each document.

        A missing or empty document has a single column for this case.
        """
        found, places = self._find(documents)
        known = found < len(self)
        empty = np.array([not d for d in documents], dtype=bool)
        special = np.flatnonzero(empty)
        codes = [MISSING if documents[i] is None else EMPTY for i in special]
        counts = np.zeros(len(documents), dtype=np.int64)
        owner = np.repeat(np.flatnonzero(~empty), places)
        counts += np.bincount(owner, known.sum(axis=1), len(documents)).astype(np.int64)
        columns = np.insert(found[known], (np.cumsum(counts) - counts)[special], codes)
        lengths = np.fromiter((len(d) if d else 1 for d in documents), np.int64, len(documents))
        return Ngrams(columns.astype(np.int32), counts + empty, 1 / np.sqrt(lengths))

    def steps(self, document: Document) -> Indices:
        """Return the step at which each n-gram of a document ends, in the order of `encode`.

        N-grams that end with END end at the last symbol.
        """
        if not document:
            return np.zeros(1, dtype=np.int64)
        found, _ = self._find([document])
        steps = np.minimum(np.arange(len(found)), len(document) - 1)
        return np.repeat(steps, (found < len(self)).sum(axis=1))

    def _find(self, documents: Sequence[Document]) -> tuple[Array, Indices]:
        """Return the columns of the n-grams that end at each position; len(self) for none."""
        text = is_text(documents)
        if text not in self._lookups:
            columns = np.arange(N_SPECIAL, len(self))
            self._lookups[text] = Lookup(self.ngrams, columns, text=text, none=len(self))
        return self._lookups[text].find([d for d in documents if d], marks=True)


@dataclass(frozen=True)
class NgramRule:
    """Selects n-grams; the fields are parameters of the estimators."""

    ngram_range: tuple[int, int] | None = (1, 1)
    min_df: int | float = 1
    max_features: int | None = None

    def find(
        self, documents: Samples, counts: Array, peers: Peers = ALONE
    ) -> NgramVocabulary | None:
        """Select the n-grams that have columns of G; none for numbers, or without a range.

        Document i occurs `counts[i]` times.
        """
        if documents.kind not in SYMBOLIC or self.ngram_range is None:
            return None
        ngrams = frequent_ngrams(
            documents.values,
            counts,
            min_df=self.min_df,
            max_features=self.max_features,
            ngram_range=self.ngram_range,
            peers=peers,
        )
        return NgramVocabulary(ngrams)
