"""Ragged arrays and examples."""

import numpy as np
import pytest

from skrnn.input.sequences import Examples, Ngrams, Sequences, from_arrays, places_of


def ragged(lengths):
    return from_arrays(
        [np.full((n, 1), 10.0 * i) + np.arange(n)[:, None] for i, n in enumerate(lengths)]
    )


def test_take_is_the_same_as_taking_rows():
    sequences = ragged([2, 0, 4, 1])
    taken = sequences.take(np.array([3, 1, 2]))
    assert taken.lengths.tolist() == [1, 0, 4]
    assert taken.values[:, 0].tolist() == [30.0, 20.0, 21.0, 22.0, 23.0]


def test_sequences_start_where_the_others_end():
    assert Sequences(np.arange(5), np.array([2, 0, 3])).starts.tolist() == [0, 2, 2]


def test_taking_examples_keeps_the_sequences_that_they_use():
    sequences = from_arrays([np.full((n, 1), float(n)) for n in (1, 2, 3)])
    four = Examples(sequences, np.array([2, 0, 2, 1]), np.array([5, 6, 7, 8]), np.arange(4.0))
    taken = four.take(np.array([0, 2, 1]))
    assert taken.sequences.lengths.tolist() == [1, 3]
    assert taken.rows.tolist() == [1, 1, 0]
    assert taken.target.tolist() == [5, 7, 6] and taken.weight.tolist() == [0, 2, 1]


def with_ngrams():
    """Three sequences of 2, 1 and 3 steps, with 3, 0 and 2 n-grams."""
    columns, counts = np.array([7, 8, 7, 5, 9], dtype=np.int32), np.array([3, 0, 2])
    ngrams = Ngrams(columns, counts, np.array([0.5, 1.0, 0.25]))
    return Sequences(np.arange(6, dtype=np.int32), np.array([2, 1, 3]), ngrams)


@pytest.mark.parametrize("rows", [[2, 0], [1], [0, 0, 1, 2], [1, 1], []])
def test_taking_sequences_takes_their_ngrams(rows):
    sequences = with_ngrams()
    ngrams = sequences.ngrams
    own = np.split(ngrams.columns, np.cumsum(ngrams.counts)[:-1])
    taken = sequences.take(np.array(rows, dtype=int)).ngrams
    assert taken.columns.tolist() == [c for i in rows for c in own[i].tolist()]
    assert taken.counts.tolist() == [len(own[i]) for i in rows]
    assert taken.scale.tolist() == [[0.5, 1.0, 0.25][i] for i in rows]
    assert taken.columns.dtype == np.int32


def test_places_of_rows_of_unequal_length():
    places = places_of(np.array([2, 0, 3]), np.array([2, 1, 0, 2]))
    assert places.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert places_of(np.array([2, 0]), np.array([1])).tolist() == []


def test_repeated_examples_share_their_weight():
    target, weight = np.array([[5.0, 1], [6, 1], [7, 1]]), np.array([3.0, 2.0, 9.0])
    examples = Examples(with_ngrams(), np.array([2, 0, 1]), target, weight)
    more = examples.repeat(np.array([1, 2, 3]))
    assert more.rows.tolist() == [2, 0, 0, 1, 1, 1] and more.sequences is examples.sequences
    assert more.target[:, 0].tolist() == [5, 6, 6, 7, 7, 7] and more.target.shape == (6, 2)
    assert more.weight.tolist() == [3, 1, 1, 3, 3, 3]
    classes = examples._replace(target=np.array([0, 1, 2])).repeat(np.array([2, 1, 1]))
    assert classes.target.tolist() == [0, 0, 1, 2] and classes.weight.sum() == weight.sum()
