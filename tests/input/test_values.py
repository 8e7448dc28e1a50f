"""What one value, one cell or one column is."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skrnn.input.values import (
    as_numbers,
    cell_kind,
    cell_kinds,
    dtype_name,
    first_leaf,
    frame_columns,
    has_numeric_dtype,
    is_missing,
    is_nested,
    is_number,
    ndim,
    to_list,
    unwrap_scalar,
)

MISSING = [None, float("nan"), np.nan, np.float64("nan"), pd.NA, pd.NaT]
NUMBERS = [0, 1.5, True, np.int8(3), np.float32(2), np.bool_(False), Decimal("1.5"), Fraction(1, 2)]
TEXTS = ["", "a", b"a", np.str_("a")]
NESTED = [[], ["a"], (), np.zeros(2), np.zeros((2, 2)), pd.Series([1])]
OTHERS = [{}, {1}, object(), dt.date(2020, 1, 1), np.timedelta64(1, "D"), np.array(1)]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, "", "nan", [], np.nan * np.ones(1), 1.5], ids=repr)
def test_not_missing(value):
    assert not is_missing(value)


@pytest.mark.parametrize(
    "kind, values",
    [("number", NUMBERS), ("text", TEXTS), ("nested", NESTED), ("other", OTHERS)],
)
def test_kind_of_a_cell(kind, values):
    assert [cell_kind(value) for value in values] == [kind] * len(values)
    assert [is_number(value) for value in values] == [kind == "number"] * len(values)
    assert [is_nested(value) for value in values] == [kind == "nested"] * len(values)


def test_kinds_of_cells():
    assert cell_kind(None) == cell_kind(pd.NA) == "missing"
    assert cell_kind(float("nan")) == "number"
    assert cell_kinds(["a", None, 3, [1], {}, "b"]) == {
        "text", "missing", "number", "nested", "other",
    }  # fmt: skip
    assert cell_kinds([]) == set()


def test_dimensions():
    assert [ndim(x) for x in (np.array(1), np.zeros(3), pd.DataFrame({"a": [1]}))] == [0, 1, 2]
    assert ndim([1]) is None and ndim("a") is None


@pytest.mark.parametrize(
    "column", [pd.Series(["a", "b"]), pl.Series(["a", "b"]), pa.array(["a", "b"])]
)
def test_columns_become_lists(column):
    assert to_list(column) == ["a", "b"]


def test_other_things_are_no_columns():
    given = np.array(["a"])
    assert to_list(given) is given


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames_of_all_libraries_have_columns(frame):
    columns = frame_columns(frame({"x": [1, 2], "y": ["a", "b"]}))
    assert [name for name, _ in columns] == ["x", "y"]
    assert [list(to_list(column)) for _, column in columns] == [[1, 2], ["a", "b"]]
    assert [has_numeric_dtype(column) for _, column in columns] == [True, False]


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "bool", "complex128", "U3", "O"])
def test_numeric_dtypes(dtype):
    assert has_numeric_dtype(np.zeros(2, dtype)) is (dtype[0] in "iufb")


def test_a_list_has_no_dtype():
    assert dtype_name([1]) == "" and dtype_name(pa.array([1])) == "int64"
    assert not has_numeric_dtype([1])


def test_the_first_leaf_is_not_missing_if_it_can_be():
    assert first_leaf([[], [None, "a"], ["b"]]) == "a"
    assert first_leaf([[[]], [[3.0]]]) == 3
    assert first_leaf([[], []]) is None
    assert np.isnan(first_leaf([[np.nan, None]]))


def test_numbers_with_gaps_become_an_array():
    np.testing.assert_array_equal(as_numbers([1, None, Decimal("2.5")]), [1, np.nan, 2.5])
    table = as_numbers(np.array([[1, pd.NA], [True, 2.0]], dtype=object))
    np.testing.assert_array_equal(table, [[1, np.nan], [1, 2]])
    given = np.array([1, 2])
    assert as_numbers(given) is given
    for wrong in (["a"], [1, "2"], [object()], [dt.date(2020, 1, 1)]):
        assert as_numbers(wrong) is None


def test_scalars_leave_numpy():
    assert type(unwrap_scalar(np.float64(2))) is float
    assert unwrap_scalar(np.array("a")) == "a" and unwrap_scalar(3) == 3
    date = np.datetime64("2020-01-01")
    assert unwrap_scalar(date) is date
    array = np.zeros(1)
    assert unwrap_scalar(array) is array


def test_a_column_of_intervals_is_not_one_of_numbers():
    intervals = pd.Series(pd.interval_range(0, 2))
    assert dtype_name(intervals).startswith("interval[int64")
    assert not has_numeric_dtype(intervals)
