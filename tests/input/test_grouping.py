"""Equal rows, found and merged."""

import numpy as np

from skrnn.input.grouping import merge_equal, take_inverse, unique_keys


def test_distinct_finds_first_rows_and_places():
    keys = ["b", None, "a", "b", "a", ""]
    first, which = unique_keys(keys)
    assert first.tolist() == [0, 1, 2, 5]
    assert which.tolist() == [0, 1, 2, 0, 2, 3]
    first, which = unique_keys(keys, sort=True)
    assert [keys[i] for i in first] == ["", "a", "b", None]
    assert [keys[first[i]] for i in which] == keys


def test_merge_adds_weights_and_forgets_the_order():
    sequence, target = np.array([1, 0, 1, 1, 0]), np.array([0, 2, 0, 1, 2])
    weight = np.array([1.0, 2.0, 3.0, 4.0, 0.5])
    merged = [part.tolist() for part in merge_equal(sequence, target, weight)]
    assert merged == [[0, 1, 1], [2, 0, 1], [2.5, 4.0, 4.0]]
    shuffled = [3, 1, 4, 0, 2]
    again = merge_equal(sequence[shuffled], target[shuffled], weight[shuffled])
    assert [part.tolist() for part in again] == merged


def test_results_are_spread_over_equal_rows():
    values = np.array([[1], [2]])
    assert take_inverse(values, np.array([1, 0, 1])).tolist() == [[2], [1], [2]]
    assert take_inverse(values, np.array([0, 1])) is values  # all distinct, in order
