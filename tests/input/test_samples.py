"""Samples of each kind: taking some, and finding equal ones."""

import numpy as np
import pytest

from skrnn.input.samples import Samples

TABLE = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
SAMPLES = {
    "strings": Samples("strings", ["b", None, "b"]),
    "tokens": Samples("tokens", [["b"], None, ["b"]]),
    "numbers": Samples("numbers", TABLE),
    "series": Samples("series", [np.ones((2, 3)), np.zeros((0, 3)), np.ones((2, 3))]),
}


@pytest.mark.parametrize("kind", list(SAMPLES))
def test_the_first_of_equal_rows_is_found(kind):
    samples = SAMPLES[kind]
    index, inverse = samples.unique()
    assert index.tolist() == [0, 1] and inverse.tolist() == [0, 1, 0]
    taken = samples.take(index)
    assert len(taken.values) == 2 and taken.kind == kind
    np.testing.assert_array_equal(taken.values[0], samples.values[0])


def test_sorted_rows_do_not_depend_on_the_order_of_the_rows():
    index, inverse = SAMPLES["strings"].unique(sort=True)
    assert index.tolist() == [0, 1] and inverse.tolist() == [0, 1, 0]  # None last
    index, inverse = Samples("strings", [None, "b", "a"]).unique(sort=True)
    assert index.tolist() == [2, 1, 0] and inverse.tolist() == [2, 1, 0]


def test_tokens_and_their_joined_string_are_different_rows():
    index, _ = Samples("tokens", [["a", "b"], ["ab"], []]).unique()
    assert len(index) == 3


def test_the_number_of_variables():
    assert SAMPLES["series"].n_variables == 3
    assert Samples("series", [np.ones((2, 3))]).n_variables == 3
    assert SAMPLES["numbers"].n_variables == SAMPLES["strings"].n_variables == 1
