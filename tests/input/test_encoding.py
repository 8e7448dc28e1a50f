"""Documents of each kind as sequences, and what is read at each step."""

import numpy as np
import pytest

from skrnn.input.encoding import Codebook, CodebookRule
from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.ngrams import END
from skrnn.input.samples import Samples
from skrnn.input.vocabulary import Vocabulary, VocabularyRule

STRINGS = Samples("strings", ["ab", None])
TOKENS = Samples("tokens", [["a", "x"]])
SERIES = Samples("series", [np.arange(4.0).reshape(2, 2), np.zeros((0, 2))])
TABLE = Samples("numbers", np.arange(6.0).reshape(2, 3))


def find(samples, ngram_range=(1, 1), **options):
    rule = CodebookRule(VocabularyRule("Who", **options), NgramRule(ngram_range))
    return rule.find(samples, np.ones(len(samples.values)))


def test_symbols_become_columns():
    sequences = Codebook(Vocabulary("ab")).encode(STRINGS)
    assert sequences.values.tolist() == [3, 4, 0] and sequences.lengths.tolist() == [2, 1]
    assert sequences.ngrams is None


def test_symbols_and_ngrams_have_columns_of_their_own():
    codebook = find(STRINGS)
    assert list(codebook.ngrams.columns) == [END, "a", "b"]
    sequences = codebook.encode(Samples("strings", [None, "bxa", ""]))
    assert sequences.values.tolist() == [0, 4, 2, 3, 1] and sequences.lengths.tolist() == [1, 3, 1]
    assert sequences.ngrams.columns.tolist() == [0, 5, 4, 3, 1]
    assert sequences.ngrams.counts.tolist() == [1, 3, 1]


def test_series_and_tables_stay_numbers():
    codebook = find(SERIES)
    assert codebook.vocabulary is None and codebook.ngrams is None
    sequences = codebook.encode(SERIES)
    assert sequences.values.tolist() == [[0, 1], [2, 3]] and sequences.lengths.tolist() == [2, 0]
    sequences = codebook.encode(TABLE)
    assert sequences.values.tolist() == [[0], [1], [2], [3], [4], [5]]
    assert sequences.lengths.tolist() == [3, 3] and sequences.ngrams is None


def test_the_number_of_columns_of_u():
    assert find(STRINGS, (1, 3)).n_inputs(STRINGS) == 5
    assert find(SERIES).n_inputs(SERIES) == 2 and find(TABLE).n_inputs(TABLE) == 1


@pytest.mark.parametrize("ngram_range", [None, (1, 1), (2, 3)])
def test_what_is_read_at_each_step_are_symbols_whatever_the_ngrams(ngram_range):
    codebook = find(STRINGS, ngram_range)
    assert codebook.step_labels(Samples("strings", ["ax"])) == ["a", "x"]
    assert codebook.step_labels(TOKENS) == ["a", "x"]
    assert codebook.step_labels(Samples("strings", [""])) == [""]
    assert codebook.step_labels(Samples("tokens", [None])) == [None]


def test_the_steps_of_numbers_are_the_numbers():
    assert find(TABLE).step_labels(Samples("numbers", np.array([[1.0, 2.0]]))) == [1, 2]
    (first, second) = find(SERIES).step_labels(Samples("series", SERIES.values[:1]))
    assert first.tolist() == [0, 1] and second.tolist() == [2, 3]


@pytest.mark.parametrize("text", ["ab", "ba", "xb", "x", "", None])
def test_each_ngram_has_a_step(text):
    codebook, document = find(STRINGS, (1, 2)), Samples("strings", [text])
    steps, sequences = codebook.ngram_steps(document), codebook.encode(document)
    assert len(steps) == sequences.ngrams.counts[0]
    assert all(0 <= step < sequences.lengths[0] for step in steps)


def test_without_ngrams_there_are_no_steps_of_them():
    for codebook, samples in ((find(STRINGS, None), STRINGS), (find(SERIES), SERIES)):
        one = samples._replace(values=samples.values[:1])
        steps = codebook.ngram_steps(one)
        assert steps.tolist() == [] and steps.dtype == np.int64


def test_limits_hold_for_symbols_and_ngrams_each_by_their_rule():
    rule = CodebookRule(VocabularyRule("Who", min_df=2), NgramRule((1, 2), min_df=1))
    codebook = rule.find(Samples("strings", ["ab", "a"]), np.ones(2))
    assert codebook.vocabulary.symbols == ["a"]
    assert {"b", "ab"} <= set(codebook.ngrams.columns)
    given = find(STRINGS, (1, 1), vocabulary=["z"])
    assert given.vocabulary.symbols == ["z"] and list(given.ngrams.columns) == [END, "a", "b"]
