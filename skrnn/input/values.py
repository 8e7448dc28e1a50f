"""Recognise single values, cells, and columns of tables.

In: any value, or a column of values of any library. Out: its kind. Imports only numpy; columns
and data frames of other libraries are recognised by their methods.
"""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMERIC_DTYPE = re.compile(
    r"(torch\.)?(u?int(?!erval)|b?float|half|double|bool|decimal)", re.IGNORECASE
)


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, pd.NA or pd.NaT."""
    if value is None or (isinstance(value, float) and value != value):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def is_number(value: Any) -> bool:
    """Return whether a value is a number; for numpy a timedelta64 is one, here it is not."""
    return isinstance(value, (Real, Decimal, np.bool_)) and not isinstance(value, np.timedelta64)


def is_nested(value: Any) -> bool:
    """Return whether a value is a list, a tuple, or an array with a dimension."""
    return isinstance(value, (list, tuple)) or bool(ndim(value))


def ndim(value: Any) -> int | None:
    """Count the dimensions of an array or a frame; give None for other things."""
    shape = getattr(value, "shape", None)
    return len(shape) if isinstance(shape, tuple) else None


def to_list(column: Any) -> Any:
    """Make a list of a column of any library; other things stay as they are."""
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
    if isinstance(value, (str, bytes)):
        return "text"
    if is_number(value):
        return "number"
    if is_nested(value):
        return "nested"
    return "missing" if is_missing(value) else "other"


def first_leaf(rows: Any) -> Any:
    """Find the first thing in nested rows that is not missing; NaN or None if all are."""
    return next((v for v in _leaves(rows) if not is_missing(v)), next(_leaves(rows), None))


def _leaves(value: Any) -> Iterator[Any]:
    if is_nested(value):
        yield from chain.from_iterable(map(_leaves, value))
    else:
        yield value


def as_numbers(values: Any) -> NDArray[Any] | None:
    """Make an array of numbers, NaN where one is missing; None if there are other values."""
    array = np.asarray(values)
    if array.dtype.kind in "biufc":
        return array
    if array.dtype.kind != "O" or not all(is_number(v) or is_missing(v) for v in array.flat):
        return None
    flat = [np.nan if is_missing(v) else float(v) for v in array.flat]
    return np.array(flat).reshape(array.shape)


def unwrap_scalar(value: Any) -> Any:
    """Turn a numpy scalar into a Python value; dates stay, as they could become ints."""
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        return value if value.dtype.kind in "mM" else value.item()
    return value
