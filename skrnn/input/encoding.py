"""Encode documents as sequences: symbols become columns of U, n-grams columns of G.

In: documents, as `Samples`, and the `Codebook` of their symbols. Out: `Sequences`. Imports only
numpy.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skrnn.input.ngram_vocabulary import NgramRule, NgramVocabulary
from skrnn.input.ngrams import Ngram
from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import Samples
from skrnn.input.sequences import Array, Indices, Sequences, from_arrays
from skrnn.input.vocabulary import Vocabulary, VocabularyRule


class Codebook(NamedTuple):
    """The columns of symbols and of n-grams; None if there are none."""

    vocabulary: Vocabulary | None = None  # of strings and tokens
    ngrams: NgramVocabulary | None = None
    ngram_range: tuple[int, int] | None = None  # that the n-grams were found with

    @classmethod
    def of(
        cls,
        symbols: Iterable[str] | None,
        ngrams: Iterable[Ngram] | None,
        ngram_range: tuple[int, int] | None,
    ) -> "Codebook":
        """Return the codebook of symbols and n-grams, each in the order of their columns."""
        vocabulary = None if symbols is None else Vocabulary(symbols)
        return cls(vocabulary, None if ngrams is None else NgramVocabulary(ngrams), ngram_range)

    def encode(self, documents: Samples) -> Sequences:
        """Encode each document as a sequence."""
        if self.vocabulary is not None:
            sequences = self.vocabulary.encode(documents.values)
            if self.ngrams is None:
                return sequences
            return replace(sequences, ngrams=self.ngrams.encode(documents.values))
        if documents.kind == "series":
            return from_arrays(documents.values)
        table = documents.values  # (n, T)
        return Sequences(table.reshape(-1, 1), np.full(len(table), table.shape[1]))

    def n_inputs(self, documents: Samples) -> int:
        """Return the number of columns of U."""
        return documents.n_variables if self.vocabulary is None else len(self.vocabulary)

    def step_labels(self, documents: Samples) -> list[Any]:
        """Return the symbols, or the numbers, at each step of a single document."""
        (document,) = documents.values
        return list(document) if self.vocabulary is None else self.vocabulary.steps(document)

    def ngram_steps(self, documents: Samples) -> Indices:
        """Return the step at which each n-gram of a single document ends."""
        (document,) = documents.values
        return np.zeros(0, dtype=np.int64) if self.ngrams is None else self.ngrams.steps(document)


class CodebookRule(NamedTuple):
    """Selects the symbols and the n-grams."""

    symbols: VocabularyRule
    ngrams: NgramRule

    def find(self, documents: Samples, counts: Array, peers: Peers = ALONE) -> Codebook:
        """Return the codebook of documents; document i occurs `counts[i]` times."""
        found = self.ngrams.find(documents, counts, peers)
        ngram_range = None if found is None else self.ngrams.ngram_range
        return Codebook(self.symbols.find(documents, counts, peers), found, ngram_range)
