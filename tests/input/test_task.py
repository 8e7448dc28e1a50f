"""From samples, a target and weights to examples."""

import numpy as np
import pytest

from skrnn.input.analyzer import Analyzer
from skrnn.input.encoding import Codebook, CodebookRule
from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.ngrams import START
from skrnn.input.parts import Part, unite
from skrnn.input.samples import Samples
from skrnn.input.targets import Target
from skrnn.input.task import read_task, read_validation
from skrnn.input.vocabulary import Vocabulary, VocabularyRule

ANALYZER = Analyzer("Who", "char", True, None)
STRINGS = Samples("strings", ["b", "a", "b", None, "b"])
CLASSES = Target("classification", np.array([1, 0, 1, 0, 0]), np.array(["u", "v"]))
WEIGHT = np.array([1.0, 2, 3, 4, 5])
RULE = CodebookRule(VocabularyRule("Who"), NgramRule((1, 2)))
PART = Part(STRINGS, CLASSES, WEIGHT)


def test_equal_rows_are_read_once_and_merged():
    task = read_task(PART, ANALYZER, RULE)
    assert task.kind == "strings" and task.n_inputs == 5 and task.n_ngrams == 10
    assert task.codebook.vocabulary.symbols == ["a", "b"]
    assert len(task.codebook.ngrams.columns) == 7  # 3 of one symbol, and 4 of two
    assert task.train.sequences.values.tolist() == [3, 4, 0]
    assert task.train.sequences.ngrams.counts.tolist() == [4, 4, 1]
    assert task.train.rows.tolist() == [0, 1, 1, 2]
    assert task.train.target.tolist() == [0, 0, 1, 0]
    assert task.train.weight.tolist() == [2, 5, 4, 4]
    assert task.target is CLASSES and task.validation is None


def test_the_order_of_the_rows_changes_nothing():
    order = np.array([3, 1, 4, 0, 2])
    tasks = [
        read_task(part, ANALYZER, RULE)
        for part in (PART, Part(STRINGS.take(order), CLASSES.take(order), WEIGHT[order]))
    ]
    for one, other in zip(tasks[0].train[1:], tasks[1].train[1:]):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "weight, min_df, kept",
    [
        ([1, 1, 1, 1, 1], 2, ["b"]),
        ([1, 1.5, 1, 1, 1], 2, ["a", "b"]),  # a part of a row counts as a row
        ([1, 1 + 1e-10, 1, 1, 1], 2, ["b"]),  # which rounding is not
        ([1, 1, 0.2, 1, 0.2], 3, ["b"]),
    ],
)
def test_a_document_counts_as_its_weight_rounded_up(weight, min_df, kept):
    rule = CodebookRule(VocabularyRule("Who", min_df=min_df), NgramRule((2, 2), min_df=min_df))
    task = read_task(PART._replace(weight=np.array(weight, float)), ANALYZER, rule)
    assert task.codebook.vocabulary.symbols == kept
    starts = [ngram[1] for ngram in task.codebook.ngrams.columns if ngram[0] == START]
    assert starts == kept


def test_several_numbers_are_merged_by_all_of_them():
    values = np.array([[1.0, 2], [1, 2], [1, 2], [1, 2], [1, 3]])
    target = Target("regression", values)
    task = read_task(PART._replace(target=target), ANALYZER, RULE)
    assert task.train.rows.tolist() == [0, 1, 1, 2]
    assert task.train.target.tolist() == [[1, 2], [1, 2], [1, 3], [1, 2]]
    assert task.train.weight.tolist() == [2, 4, 5, 4]


def test_a_known_codebook_is_kept():
    known = Codebook(Vocabulary(["b", "z"]))
    task = read_task(PART, ANALYZER, RULE, known)
    assert task.codebook is known and task.n_inputs == 5 and task.n_ngrams == 0
    assert task.train.sequences.values.tolist() == [2, 3, 0]
    assert task.train.sequences.ngrams is None


def test_numbers_have_an_input_for_each_variable():
    series = Samples("series", [np.ones((2, 3)), np.zeros((1, 3))])
    target = CLASSES.take(np.array([0, 1]))
    task = read_task(Part(series, target, np.ones(2)), ANALYZER, RULE)
    assert task.codebook.vocabulary is None and task.codebook.ngrams is None
    assert task.n_inputs == 3 and task.n_ngrams == 0
    assert sorted(task.train.sequences.lengths.tolist()) == [1, 2]


def test_a_validation_set_is_read_with_the_codebook_of_training():
    task = read_task(PART, ANALYZER, RULE)
    samples = Samples("strings", ["z", "a", "z"])
    target = CLASSES.take(np.array([0, 1, 2]))
    found = read_validation(Part(samples, target, np.array([1.0, 2, 3])), ANALYZER, task)
    assert found.validation.sequences.values.tolist() == [2, 3]
    assert found.validation.sequences.ngrams.counts.tolist() == [1, 4]  # END of the unknown one
    assert found.validation.rows.tolist() == [0, 1, 0]
    assert found.validation.target.tolist() == [1, 0, 1]
    assert found.validation.weight.tolist() == [1, 2, 3]
    assert found._replace(validation=None) == task


def test_a_row_that_is_borrowed_is_read_and_dropped():
    task, borrowed = read_task(PART, ANALYZER, RULE), PART._replace(weight=np.zeros(5))
    found = read_task(borrowed, ANALYZER, RULE, task.codebook)
    assert found.kind == "strings" and found.n_ngrams == task.n_ngrams
    assert len(found.train.rows) == 0 == len(found.train.sequences)
    assert len(read_validation(borrowed, ANALYZER, task).validation.rows) == 0


@pytest.mark.parametrize("unit", [1e-300, 1e-12, 1e308])
def test_the_unit_of_weights_loses_no_symbol(unit):
    weight = np.array([0.3, 1, 0.5, 1, 0.5])
    parts = (unite("Who", PART._replace(weight=w)) for w in (weight, weight * unit))
    task, other = (read_task(part, ANALYZER, RULE) for part in parts)
    assert other.codebook.vocabulary.symbols == task.codebook.vocabulary.symbols
    assert other.codebook.ngrams.ngrams == task.codebook.ngrams.ngrams
    shares = [t.train.weight / t.train.weight.sum() for t in (task, other)]
    np.testing.assert_allclose(shares[1], shares[0], rtol=1e-14)
