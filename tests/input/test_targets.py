"""Forms of y and of weights; the messages are tested with the estimators."""

import numpy as np
import pandas as pd
import pytest

from skrnn.input.targets import (
    Target,
    check_target,
    check_validation_target,
    check_weight,
    class_weights,
    in_range,
)


class Who:
    pass


def target(y, kind=None):
    return check_target(Who(), y, len(y), kind)


@pytest.mark.parametrize(
    "y", [["b", "a", "b"], pd.Series(["b", "a", "b"]), np.array(["b", "a", "b"])]
)
def test_classes_are_sorted_and_numbered(y):
    found = target(y)
    assert found.kind == "classification" and found.n_outputs == 2
    assert found.classes.tolist() == ["a", "b"] and found.values.tolist() == [1, 0, 1]


def test_the_kind_is_that_of_the_values_or_the_one_asked_for():
    assert target([0.5, 1.5]).kind == "regression"
    assert target([1.0, 2.0]).kind == "classification"
    asked = target([1, 2], "regression")
    assert asked.kind == "regression" and asked.values.tolist() == [[1.0], [2.0]]
    assert asked.values.dtype == np.float64 and asked.n_outputs == 1 and asked.classes is None
    several = target([[0, 1], [1, 1]])
    assert several.kind == "multilabel" and several.classes.tolist() == [0, 1]
    assert several.values.dtype == np.float64 and several.n_outputs == 2
    assert target([[0.5, 1], [1, 1]]).values.shape == (2, 2)


def test_taking_rows_keeps_the_classes_that_are_left():
    taken = target(["c", "a", "b"]).take(np.array([0, 2]))
    assert taken.classes.tolist() == ["b", "c"] and taken.values.tolist() == [1, 0]
    numbers = target([0.5, 1.5, 2.5]).take(np.array([2]))
    assert numbers.values.tolist() == [[2.5]]


def test_a_validation_set_with_fewer_classes_has_their_numbers_in_training():
    fitted = target(["a", "b", "c", "d"])
    found = check_validation_target(Who(), ["d", "b", "d"], 3, fitted)
    assert found.values.tolist() == [3, 1, 3]
    assert found.classes.tolist() == ["a", "b", "c", "d"]


def test_a_validation_set_of_numbers_has_the_columns_of_training():
    fitted = target([[0.5, 1], [1, 2]])
    assert check_validation_target(Who(), [[1.0, 2.0]], 1, fitted).values.tolist() == [[1, 2]]
    with pytest.raises(
        ValueError, match=r"in the form of y, numbers in 2 columns, got numbers in 1 column\.$"
    ):
        check_validation_target(Who(), [1.0], 1, fitted)


def test_weights_are_floats_and_one_by_default():
    assert check_weight(Who(), None, 3).tolist() == [1, 1, 1]
    given = check_weight(Who(), [1, 0], 2)
    assert given.dtype == np.float64 and given.tolist() == [1, 0]
    assert check_weight(Who(), 2, 2).tolist() == [2, 2]


CLASSES = Target("classification", np.array([0, 0, 0, 1]), np.array(["u", "v"]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("balanced", [10 / 12, 10 / 8]),
        ({"u": 2, "v": 3}, [2, 3]),
        ({"v": 9}, [1, 9]),
        ({"v": 0}, [1, 0]),
        ({}, [1, 1]),
    ],
)
def test_weights_of_classes(given, expected):
    """Of a total of 10, u has 6 and v has 4; "balanced" gives each 5."""
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    found = class_weights("Who", given, CLASSES, CLASSES.values, weight)
    np.testing.assert_allclose(found, np.array(expected)[CLASSES.values])


def test_balanced_classes_have_the_same_sum_and_the_total_stays():
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    found = weight * class_weights("Who", "balanced", CLASSES, CLASSES.values, weight)
    assert found[:3].sum() == pytest.approx(found[3]) and found.sum() == pytest.approx(10)


def test_weights_that_are_too_small_or_too_large_are_scaled():
    weight = np.array([1.0, 3.0, 0.25])
    assert in_range(weight) is weight
    for exponent in (-1000, 1020):
        scaled = in_range(np.ldexp(weight, exponent))
        assert 0.5 <= scaled.max() < 1 and (scaled / scaled[0] == weight).all()
