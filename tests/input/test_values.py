"""What one value, one cell or one column is."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from scipy.sparse import coo_array, csr_matrix

from skrnn.input.values import (
    as_array,
    as_numbers,
    cell_kind,
    cell_kinds,
    dtype_name,
    first_leaf,
    frame_columns,
    has_numeric_dtype,
    is_frame,
    is_missing,
    is_nested,
    is_number,
    is_sparse,
    ndim,
    plain,
    to_list,
    unwrap_scalar,
)

MISSING = [
    None, pd.NA, pd.NaT, np.ma.masked, float("nan"), np.float16("nan"), np.float32("nan"),
    np.float64("nan"), np.longdouble("nan"), complex("nan"), np.complex64("nan"), Decimal("nan"),
    Decimal("sNaN"), np.datetime64("NaT"), np.timedelta64("NaT"),
]  # fmt: skip
NUMBERS = [0, 1.5, True, np.int8(3), np.float32(2), np.bool_(False), Decimal("1.5"), Fraction(1, 2)]
TEXTS = ["", "a", b"a", bytearray(b"a"), np.str_("a")]
NESTED = [[], ["a"], (), np.zeros(2), np.zeros((2, 2)), pd.Series([1]), torch.zeros(2)]
OTHERS = [
    {}, {1}, object(), dt.date(2020, 1, 1), np.timedelta64(1, "D"), np.datetime64("NaT"), 1j,
    np.array(1), csr_matrix(np.eye(2)), torch.eye(2).to_sparse(), memoryview(b"ab"),
]  # fmt: skip


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize(
    "value", [0, "", "nan", [], np.nan * np.ones(1), 1.5, 1j, Decimal(1), np.int8(0)], ids=repr
)
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


def test_values_of_one_type_have_one_kind():
    """One cell of each type is looked at, so that the kind must not depend on the value."""
    for first, second in (
        (np.datetime64("NaT"), np.datetime64("2020")),
        (np.timedelta64("NaT"), np.timedelta64(1)),
        (complex("nan"), 1j),
        (Decimal("nan"), Decimal(1)),
        (np.float32("nan"), np.float32(1)),
    ):
        assert cell_kind(first) == cell_kind(second)


@pytest.mark.parametrize(
    "value", [csr_matrix(np.eye(2)), coo_array(np.ones(2)), torch.eye(2).to_sparse()]
)
def test_sparse(value):
    assert is_sparse(value)


@pytest.mark.parametrize("value", [np.eye(2), torch.eye(2), [0], None, pd.Series([1])])
def test_not_sparse(value):
    assert not is_sparse(value)


def test_frames():
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        assert is_frame(make({"a": [1]}))
    for other in (pd.Series([1]), np.eye(2), {"a": [1]}, pl.LazyFrame({"a": [1]})):
        assert not is_frame(other)


def test_masked_values_are_missing():
    table = np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    np.testing.assert_array_equal(plain(table), [[1, np.nan], [3, 4]])
    assert table.data[0, 1] == 2
    assert plain(np.ma.array(["a", "b"], mask=[0, 1])).tolist() == ["a", None]
    assert plain(np.ma.array([1, 2], mask=False)).dtype.kind == "i"
    assert plain(np.ma.array(["a", "b"], mask=False)).dtype.kind == "U"
    assert not isinstance(plain(np.ma.zeros(2, [("a", int)])), np.ma.MaskedArray)


def test_tensors_become_arrays():
    tensor = torch.ones(2, 3, requires_grad=True)
    for given in (tensor, tensor.bfloat16(), tensor.double(), (tensor * 1j).conj().imag):
        assert isinstance(plain(given), np.ndarray)
        np.testing.assert_array_equal(abs(plain(given)), np.ones((2, 3)))
    assert tensor.requires_grad
    for given in (tensor.to_sparse(), torch.ones(2, device="meta"), [tensor], "a", None):
        assert plain(given) is given


def nested(depth, leaf):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def test_not_all_things_become_arrays():
    both = []
    both += [both, both]  # numpy would take for ever
    for given in (both, nested(3000, 1), [[1], [1, 2]], torch.ones(2, device="meta")):
        assert as_array(given) is None and as_numbers(given) is None
    assert as_array(nested(8, 1)).shape == (1,) * 8 and as_array(nested(9, 1)) is None


def test_the_leaf_of_a_deep_list_is_a_list():
    assert first_leaf(nested(7, "a")) == "a"
    assert isinstance(first_leaf(nested(3000, "a")), list)


@pytest.mark.parametrize(
    "number, expected",
    [
        (10**400, np.inf),
        (-(10**400), -np.inf),
        (Fraction(10**400), np.inf),
        (Decimal("1e400"), np.inf),
        (Decimal("sNaN"), np.nan),
        (2**70, 2.0**70),
    ],
)
def test_numbers_that_no_float_holds(number, expected):
    np.testing.assert_array_equal(as_numbers(np.array([number, 1], dtype=object)), [expected, 1])
