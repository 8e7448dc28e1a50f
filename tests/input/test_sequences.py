"""Ragged arrays and examples."""

import numpy as np

from skrnn.input.sequences import Examples, Sequences, from_arrays


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
