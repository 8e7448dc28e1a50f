"""Read X in all supported forms, by its content.

In: X as a user passes it. Out: `Samples`: strings, token lists, a table of numbers or a list of
series; or an error with a message. Strings and tokens are fully checked. For numbers, only the type
is checked here. Imports only numpy; data frames of other libraries are recognized by their methods,
so that no other library is imported.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrnn.input.messages import clip, describe, short_dtype, short_repr
from skrnn.input.samples import SYMBOLIC, Kind, Samples
from skrnn.input.values import (
    as_array,
    as_numbers,
    cell_kind,
    cell_kinds,
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


def read_samples(X: Any, who: str, name: str = "X", fitted_kind: Kind | None = None) -> Samples:
    """Read X into samples; `who` and `name` are the names of the estimator and of X in messages.

    `fitted_kind` is the kind of X in fit. It decides how ambiguous forms are read (a column of
    missing values, or series that happen to have equal lengths).
    """
    return _FormReader(who, name, fitted_kind).read(X)


@dataclass(frozen=True)
class _FormReader:
    """Reads X; the fields are what was fitted, and the names in messages."""

    who: str
    name: str
    fitted_kind: Kind | None

    def read(self, X: Any) -> Samples:
        """Read X; a table of numbers is read as series if X was series in fit."""
        samples = self._read_any(unwrap_scalar(plain(X)))
        unclear = samples.kind == "numbers" and self.fitted_kind == "series"
        table = None
        if unclear and ndim(samples.values) == 2:
            table = as_numbers(samples.values)
        return samples if table is None else Samples("series", list(table[:, :, None]))

    def _read_any(self, X: Any) -> Samples:
        if isinstance(X, (str, bytes, bytearray)):
            remedy = "put" if isinstance(X, str) else "decode it and put"
            raise TypeError(
                f"{self.who} needs {self.name} to hold many sequences, "
                f"got {describe(X)}: {remedy} it in a list."
            )
        if is_sparse(X):
            raise TypeError(
                f"{self.who} needs {self.name} to be dense and not sparse, got {describe(X)}: "
                "make an array of it, with its method toarray() or to_dense()."
            )
        if is_frame(X):
            return self._read_frame(X)
        cells = to_list(X)
        if cells is X and hasattr(X, "__array__"):
            return self._read_array(X)
        one = isinstance(X, (Mapping, AbstractSet, memoryview, type))
        if one or not hasattr(cells, "__iter__"):
            raise TypeError(self._accepted_forms(describe(X)))
        return self._read_column(list(cells), X)

    def _read_array(self, given: Any) -> Samples:
        """Read an array: strings of shape (n,) or (n, 1), numbers of shape (n, T) or (n, T, d)."""
        X = as_array(given)
        if X is None:
            raise TypeError(self._accepted_forms(describe(given)))
        objects = X.dtype.kind in "OUT"
        if X.dtype.kind == "S":
            raise TypeError(
                f"{self.who} needs {self.name} to be strings, got {describe(X)}: decode it."
            )
        if not X.ndim or not (objects or X.dtype.kind in "biufc"):
            raise TypeError(self._accepted_forms(describe(X)))
        if X.ndim > 3:
            raise ValueError(self._accepted_forms(describe(X)))
        if (X.ndim != 2 or self.fitted_kind == "series") and not len(X):
            raise self._empty_error(X)
        column = X.ndim == 1 or (X.ndim == 2 and X.shape[1] == 1)
        if column and (objects or self.fitted_kind in SYMBOLIC):
            return self._read_column(X.ravel().tolist(), X)
        if X.ndim == 3:
            return self._read_nested(list(X))
        return self._read_table(X) if objects else Samples("numbers", X)

    def _read_table(self, X: NDArray[Any]) -> Samples:
        """Read an object array of several columns, which must contain numbers."""
        if not X.size:
            raise self._empty_error(X)
        cells = X.ravel().tolist()
        if "text" in cell_kinds(cells):
            raise self._several_columns_error(X, "strings", "strings")
        table = as_numbers(X)
        if table is None:
            wrong = next(v for v in cells if not (is_number(v) or is_missing(v)))
            raise TypeError(self._accepted_forms(f"cells such as {describe(wrong)}"))
        return Samples("numbers", table)

    def _read_frame(self, X: Any) -> Samples:
        """Read a data frame: one column of strings or token lists, or only numbers."""
        if 0 in X.shape:
            raise self._empty_error(X)
        columns = frame_columns(X)
        others = [(k, c) for k, c in columns if not has_numeric_dtype(c)]
        if len(columns) == 1 and (others or self.fitted_kind in SYMBOLIC):
            return self._read_column(to_list(columns[0][1]), X)
        kinds = [(short_repr(key), column, cell_kinds(to_list(column))) for key, column in others]
        for kind, of in (("text", "strings"), ("nested", "lists")):
            which = ", ".join(key for key, _, found in kinds if kind in found)
            if which:
                raise self._several_columns_error(X, of, f"{of} in {clip(which, 100)}")
        for key, column, found in kinds:
            if "other" in found:
                raise TypeError(
                    f"{self.who} needs columns of numbers in {self.name}, "
                    f"got {short_dtype(column)} in {key}: convert it to numbers."
                )
        names = [key for key, _ in columns]
        twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
        if twice is not None:
            raise ValueError(
                f"{self.who} needs the columns of {self.name} to have different names, "
                f"got {short_repr(twice)} twice: rename one of them."
            )
        return Samples("numbers", X)

    def _read_column(self, cells: list[Any], X: Any) -> Samples:
        """Read one column by the types of its cells.

        `X` is the container, with which numbers have to be validated.
        """
        if not cells:
            raise self._empty_error(X)
        kinds, symbolic = cell_kinds(cells), self.fitted_kind in SYMBOLIC
        if (symbolic or kinds != {"number"}) and all(map(is_missing, cells)):
            return self._read_missing(cells)
        if "text" in kinds:
            return Samples("strings", self._check_strings(cells))
        if "other" in kinds and (other := _first_other(cells)) is not None:
            raise TypeError(self._accepted_forms(f"rows such as {describe(other)}"))
        if "nested" in kinds:
            return self._read_nested(cells)
        return Samples("numbers", X if ndim(X) == 2 else as_numbers(cells))

    def _read_missing(self, cells: list[Any]) -> Samples:
        """Read a column of missing values: as the kind of X in fit, or as strings."""
        if self.fitted_kind == "series":
            return self._read_nested(cells)
        if self.fitted_kind == "numbers":
            return Samples("numbers", as_numbers(cells))
        return Samples(self.fitted_kind or "strings", [None] * len(cells))

    def _check_strings(self, cells: list[Any]) -> list[str | None]:
        """Check that each cell is a string or missing, and replace missing values by None."""
        if set(map(type, cells)) <= {str, type(None)}:
            return cells
        for i, value in enumerate(cells):
            if not isinstance(value, str) and not is_missing(value):
                raise TypeError(
                    f"{self.who} needs every row of {self.name} to be a string or missing "
                    f"(None, NaN, pd.NA), got {describe(value)} in row {i}: "
                    f"{_remedy(value, 'give all rows the same form')}."
                )
        return [str(v) if isinstance(v, str) else None for v in cells]

    def _read_nested(self, cells: Sequence[Any]) -> Samples:
        """Read lists or arrays of tokens, if the first value in them is text, or of numbers."""
        cells = [row if isinstance(row, (list, tuple)) else _plain_row(row) for row in cells]
        if self._are_tokens(cells):
            return Samples("tokens", [self._check_tokens(i, row) for i, row in enumerate(cells)])
        arrays = [self._check_series(i, row) for i, row in enumerate(cells)]
        if arrays[0].ndim == 1 and len({a.shape for a in arrays}) == 1:
            return Samples("numbers", np.array(arrays))
        return Samples("series", arrays)

    def _are_tokens(self, cells: Sequence[Any]) -> bool:
        leaf = first_leaf(cells)
        if leaf is not None:
            return isinstance(leaf, (str, bytes, bytearray))
        if self.fitted_kind is not None:
            return self.fitted_kind in SYMBOLIC
        return not any(has_numeric_dtype(row) for row in cells)

    def _check_tokens(self, i: int, row: Any) -> list[str] | None:
        """Check that a row is a list of strings or missing, and replace missing values by None."""
        if is_missing(row):
            return None
        if not is_nested(row):
            raise TypeError(
                f"{self.who} needs every row of {self.name} to be a list of tokens or missing, "
                f"got {describe(row)} in row {i}."
            )
        wrong = [token for token in row if not isinstance(token, str)]
        if wrong:
            raise TypeError(
                f"{self.who} needs every token of {self.name} to be a string, "
                f"got {describe(wrong[0])} in row {i}: {_remedy(wrong[0], 'flatten the row')}."
            )
        return [str(token) for token in row]

    def _check_series(self, i: int, row: Any) -> NDArray[Any]:
        """Check that a row is an array of numbers of shape (T_i, d) or (T_i,)."""
        array = as_numbers(row)
        if array is None or array.ndim not in (1, 2) or array.dtype.kind == "c":
            raise ValueError(
                f"{self.who} needs every series of {self.name} to be an array of numbers "
                f"of shape (T_i, d), got {describe(row)} in row {i}."
            )
        return array

    def _accepted_forms(self, came: str) -> str:
        return (
            f"{self.who} needs {self.name} to be a list, array or column of strings, "
            "a list of token lists, a 2-D array of numbers or a list of (T_i, d) arrays, "
            f"got {came}."
        )

    def _empty_error(self, X: Any) -> ValueError:
        return ValueError(
            f"{self.who} needs at least one sequence in {self.name}, "
            f"got an empty {type(X).__name__}."
        )

    def _several_columns_error(self, X: Any, of: str, which: str) -> ValueError:
        return ValueError(
            f"{self.who} reads one column of {of}, got {X.shape[1]} columns, among them {which}: "
            "give each column its own encoder with sklearn.compose.ColumnTransformer."
        )


def _plain_row(row: Any) -> Any:
    """Convert a data frame, a tensor or a masked array to an array."""
    return as_array(row) if is_frame(row) else plain(row)


def _remedy(value: Any, nested: str) -> str:
    """Return the advice on how to convert a value to a string."""
    if isinstance(value, (bytes, bytearray)):
        return "decode it"
    if is_missing(value):
        return "leave it out"
    return nested if is_nested(value) else "convert it with str()"


def _first_other(cells: Iterable[Any]) -> Any:
    """Return the first cell that is neither missing, text, a number nor nested, or None."""
    return next((v for v in cells if cell_kind(v) == "other" and not is_missing(v)), None)
