"""Recognize single values, cells and columns of tables.

In: any value, or a column of values from any library. Out: its kind, or a numpy array. Imports
numpy and scipy; columns, data frames and tensors of other libraries are recognized by their
methods.
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

_MAX_DEPTH = 8  # of nested lists; numpy can take extremely long to find the shape of deeper ones
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
    """Return whether a value is a number; a timedelta64 is not, unlike in numpy."""
    return isinstance(value, (Real, Decimal, np.bool_)) and not isinstance(value, np.timedelta64)


def is_nested(value: Any) -> bool:
    """Return whether a value is a list, a tuple, or a dense array with at least one dimension."""
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
    """Return the number of dimensions of an array or a frame; None for other values."""
    shape = getattr(value, "shape", None)
    return len(shape) if isinstance(shape, tuple) else None


def to_list(column: Any) -> Any:
    """Convert a column of any library to a list; return other values unchanged."""
    if type(column).__name__ == "Categorical":  # in pandas before 3.0 its to_list warns
        return list(column)
    for method in ("to_list", "to_pylist"):
        if hasattr(column, method):
            return getattr(column, method)()
    return column


def frame_columns(frame: Any) -> list[tuple[Any, Any]]:
    """Return the names and columns of a pandas, pyarrow or polars frame."""
    if hasattr(frame, "items"):
        return list(frame.items())
    if hasattr(frame, "itercolumns"):
        return list(zip(frame.column_names, frame.itercolumns()))
    return list(zip(frame.columns, frame.iter_columns()))


def dtype_name(column: Any) -> str:
    """Return the name of the dtype of a column of any library; "" if there is none."""
    return str(getattr(column, "dtype", getattr(column, "type", "")))


def has_numeric_dtype(column: Any) -> bool:
    """Return whether the dtype of a column or an array is numeric."""
    return bool(_NUMERIC_DTYPE.match(dtype_name(column)))


def cell_kinds(cells: Collection[Any]) -> set[str]:
    """Return the kinds of the cells: "missing", "text", "number", "nested", "other".

    Only one value of each type is examined, to save time. NaN counts as a number.
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
    of_a_type = not isinstance(value, (complex, np.generic))  # of a type, some may be missing
    return "missing" if of_a_type and is_missing(value) else "other"


def first_leaf(rows: Any) -> Any:
    """Return the first value in nested rows that is not missing; NaN or None if all are missing."""
    return next((v for v in _leaves(rows) if not is_missing(v)), next(_leaves(rows), None))


def _leaves(value: Any, depth: int = 0) -> Iterator[Any]:
    if is_nested(value) and depth <= _MAX_DEPTH:
        yield from chain.from_iterable(_leaves(part, depth + 1) for part in value)
    else:
        yield value


def plain(values: Any) -> Any:
    """Convert a masked array or a tensor to an array; return other values unchanged.

    Masked numbers become NaN, and other masked values None.
    """
    if isinstance(values, np.ma.MaskedArray):
        return _unmask(values)
    if not hasattr(values, "requires_grad"):
        return values
    try:
        known = values.float() if dtype_name(values) == "torch.bfloat16" else values
        return known.numpy(force=True)
    except (TypeError, RuntimeError):  # a tensor that cannot be converted to numpy
        return values


def _unmask(values: Any) -> Any:
    if values.dtype.names or not np.any(values.mask):
        return values.data
    numeric = values.dtype.kind in "biuf"
    array = values.data.astype(np.float64 if numeric else object)
    array[values.mask] = np.nan if numeric else None
    return array


def as_array(values: Any) -> NDArray[Any] | None:
    """Convert a value to an array; return None if that fails."""
    values, first, depth = plain(values), values, 0
    while isinstance(first, (list, tuple)) and first:
        first, depth = first[0], depth + 1
        if depth > _MAX_DEPTH:
            return None
    try:
        return np.asarray(values)
    except Exception:  # other libraries may raise any error
        return None


def as_numbers(values: Any) -> NDArray[Any] | None:
    """Convert a value to an array of numbers, NaN if missing; None if it has other values."""
    array = as_array(values)
    if array is None or array.dtype.kind in "biufc":
        return array
    if array.dtype.kind != "O" or not all(is_number(v) or is_missing(v) for v in array.flat):
        return None
    return np.array([_as_float(v) for v in array.flat]).reshape(array.shape)


def _as_float(number: Any) -> float:
    """Convert a number to float: NaN if it is missing, infinity if it is too large."""
    if is_missing(number):
        return np.nan
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def unwrap_scalar(value: Any) -> Any:
    """Convert a numpy scalar to a Python value, except dates, which could become ints."""
    if value is np.ma.masked:
        return None
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        return value if value.dtype.kind in "mM" else value.item()
    return value
