"""How a message shows a value."""

import numpy as np
import pandas as pd
import pytest

from skrnn.input.messages import describe, short_repr


@pytest.mark.parametrize(
    "value, shown",
    [
        ("a", "'a'"),
        (np.float64(0.5), "0.5"),
        (np.datetime64("2020-01-01"), "2020-01-01"),
        ("a\n  b", r"'a\n b'"),
        (np.zeros((2, 2)), "array([[0., 0.], [0., 0.]])"),
        ("x" * 38, f"'{'x' * 38}'"),
        ("x" * 39, f"'{'x' * 36}..."),
    ],
)
def test_short_repr(value, shown):
    assert short_repr(value) == shown
    assert len(shown) <= 40


def test_the_limit_can_be_set():
    assert short_repr("abcdef", 6) == "'ab..." and short_repr("abcd", 6) == "'abcd'"


@pytest.mark.parametrize(
    "value, shown",
    [
        (None, "None"),
        (b"ab", "bytes b'ab'"),
        (7, "an int 7"),
        (np.int64(7), "an int 7"),
        ("a", "a str 'a'"),
        ([1], "a list [1]"),
        (np.zeros((3, 2)), "an array of shape (3, 2) and dtype float64"),
        (pd.Series([1.5], dtype="float32"), "a Series of shape (1,) and dtype float32"),
        (np.array(3), "an int 3"),
    ],
)
def test_describe(value, shown):
    assert describe(value) == shown
