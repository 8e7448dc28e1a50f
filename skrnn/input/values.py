"""Recognise single values, cells, and columns of tables.

In: any value, or a column of values of any library. Out: its kind, or a numpy array of it.
Imports numpy and scipy; columns, data frames and tensors of other libraries are recognised by
their methods.
"""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

_MAX_DEPTH = 8  # of lists in lists; numpy can take for ever to find the shape of deeper ones
_NUMERIC_DTYPE = re.compile(
    r"(torch\.)?(u?int(?!erval)|b?float|half|double|bool|decimal)", re.IGNORECASE
)


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN or NaT of any type, pd.NA or masked."""
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, (float, complex, np.number, np.datetime64)):
        return bool(value != value)
    if isinstance(value, Decimal):
        return value.is_nan()
    return type(value).__name__ in ("NAType", "NaTType")


def is_number(value: Any) -> bool:
    """Return whether a value is a number; for numpy a timedelta64 is one, here it is not."""
    return isinstance(value, (Real, Decimal, np.bool_)) and not isinstance(value, np.timedelta64)


def is_nested(value: Any) -> bool:
    """Return whether a value is a list, a tuple, or a dense array with a dimension."""
    if isinstance(value, (list, tuple)):
        return True
    if not ndim(value) or not hasattr(value, "__iter__"):
        return False
    return not (isinstance(value, memoryview) or is_sparse(value))


def is_sparse(value: Any) -> bool:
    """Return whether a value is a sparse matrix, array or tensor."""
    return issparse(value) or str(getattr(value, "layout", "")).startswith("torch.sparse")


def is_frame(value: Any) -> bool:
    """Return whether a value is a data frame of pandas, pyarrow or polars."""
    known = any(hasattr(value, name) for name in ("items", "itercolumns", "iter_columns"))
    return known and ndim(value) == 2 and hasattr(value, "columns")


def ndim(value: Any) -> int | None:
    """Count the dimensions of an array or a frame; give None for other things."""
    shape = getattr(value, "shape", None)
    return len(shape) if isinstance(shape, tuple) else None


def to_list(column: Any) -> Any:
    """Make a list of a column of any library; other things stay as they are."""
    if type(column).__name__ == "Categorical":  # of pandas, which before 3.0 warns of its to_list
        return list(column)
    for method in ("to_list", "to_pylist"):
        if hasattr(column, method):
            return getattr(column, method)()
    return column


def frame_columns(frame: Any) -> list[tuple[Any, Any]]:
    """List the names and columns of a frame, in the way of pandas, pyarrow or polars."""
    if hasattr(frame, "items"):
        return list(frame.items())
    if hasattr(frame, "itercolumns"):
        return list(zip(frame.column_names, frame.itercolumns()))
    return list(zip(frame.columns, frame.iter_columns()))


def dtype_name(column: Any) -> str:
    """Name the dtype of a column of any library; "" is none."""
    return str(getattr(column, "dtype", getattr(column, "type", "")))


def has_numeric_dtype(column: Any) -> bool:
    """Return whether the dtype of a column or an array is numeric."""
    return bool(_NUMERIC_DTYPE.match(dtype_name(column)))


def cell_kinds(cells: Collection[Any]) -> set[str]:
    """Return the kinds of the cells: "missing", "text", "number", "nested", "other".

    One value of each type is looked at, so that this takes no time: NaN counts as a number.
    """
    return {cell_kind(value) for value in dict(zip(map(type, cells), cells)).values()}


def cell_kind(value: Any) -> str:
    """Return the kind of one cell."""
    if isinstance(value, (str, bytes, bytearray)):
        return "text"
    if is_number(value):
        return "number"
    if is_nested(value):
        return "nested"
    of_a_type = not isinstance(value, (complex, np.generic))  # some of which are not missing
    return "missing" if of_a_type and is_missing(value) else "other"


def first_leaf(rows: Any) -> Any:
    """Find the first thing in nested rows that is not missing; NaN or None if all are."""
    return next((v for v in _leaves(rows) if not is_missing(v)), next(_leaves(rows), None))


def _leaves(value: Any, depth: int = 0) -> Iterator[Any]:
    if is_nested(value) and depth <= _MAX_DEPTH:
        yield from chain.from_iterable(_leaves(part, depth + 1) for part in value)
    else:
        yield value


def plain(values: Any) -> Any:
    """Make an array of a masked array or a tensor; other things stay as they are.

    What is masked becomes NaN among numbers, and None among other things.
    """
    if isinstance(values, np.ma.MaskedArray):
        return _unmask(values)
    if not hasattr(values, "requires_grad"):
        return values
    try:
        known = values.float() if dtype_name(values) == "torch.bfloat16" else values
        return known.numpy(force=True)
    except (TypeError, RuntimeError):  # a tensor that numpy has no array for
        return values


def _unmask(values: Any) -> Any:
    if values.dtype.names or not np.any(values.mask):
        return values.data
    numeric = values.dtype.kind in "biuf"
    array = values.data.astype(np.float64 if numeric else object)
    array[values.mask] = np.nan if numeric else None
    return array


def as_array(values: Any) -> NDArray[Any] | None:
    """Make an array of anything; None if there is none."""
    values, first, depth = plain(values), values, 0
    while isinstance(first, (list, tuple)) and first:
        first, depth = first[0], depth + 1
        if depth > _MAX_DEPTH:
            return None
    try:
        return np.asarray(values)
    except Exception:  # whatever another library raises
        return None


def as_numbers(values: Any) -> NDArray[Any] | None:
    """Make an array of numbers, NaN where one is missing; None if there are other values."""
    array = as_array(values)
    if array is None or array.dtype.kind in "biufc":
        return array
    if array.dtype.kind != "O" or not all(is_number(v) or is_missing(v) for v in array.flat):
        return None
    return np.array([_as_float(v) for v in array.flat]).reshape(array.shape)


def _as_float(number: Any) -> float:
    """Return NaN for a missing number, and infinity for one that is too large."""
    if is_missing(number):
        return np.nan
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def unwrap_scalar(value: Any) -> Any:
    """Turn a numpy scalar into a Python value; dates stay, as they could become ints."""
    if value is np.ma.masked:
        return None
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        return value if value.dtype.kind in "mM" else value.item()
    return value
