"""Equal rows, found and merged."""

import numpy as np
import pytest

from skrnn.input.grouping import merge_equal, take_inverse, unique_keys, visits


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


@pytest.mark.parametrize("weight", [0.1, 1.0, 3.0, 1e6])
def test_equal_weights_are_visited_once(weight):
    assert visits(np.full(7, weight)).tolist() == [1] * 7
    assert visits(np.array([weight])).tolist() == [1]


def test_a_heavy_example_is_visited_in_proportion():
    assert visits(np.array([1.0, 1, 1, 1, 3])).tolist() == [1, 1, 1, 1, 3]
    heavy = visits(np.array([1.0] * 100 + [50.0]))
    assert heavy.tolist() == [1] * 100 + [50] and heavy.dtype == np.int64
    light = visits(np.array([1.0] * 9 + [0.001]))  # half of the mean is the unit
    assert light.tolist() == [3] * 9 + [1]


@pytest.mark.parametrize("seed", range(20))
def test_visits_are_few_and_weigh_little(seed):
    weight = np.random.default_rng(seed).pareto(0.7, 50) + 0.01
    counts = visits(weight)
    assert counts.min() == 1 and counts.mean() <= 3
    unit = max(weight.min(), weight.mean() / 2)
    assert (weight / counts).max() <= unit * (1 + 1e-8)
    again = (counts - 1) * unit < weight * (1 + 1e-8)  # and no more than needed
    assert again.all()


@pytest.mark.parametrize("scale", [1e-6, 1 / 3, 0.1, 7, 1e9])
def test_the_scale_of_the_weights_does_not_matter(scale):
    weight = np.array([1.0, 2, 3, 4, 10, 1, 1, 6])
    assert visits(weight * scale).tolist() == visits(weight).tolist()
    whole = np.array([1.0, 1, 1, 1, 1, 1, 1, 1, 3])  # whose multiples are rounded
    assert visits(whole * scale).tolist() == [1] * 8 + [3]
