"""Every form of X: find out what it holds, by its content.

In: what users hold. Out: `Rows`: strings, token lists, a table of numbers or a list of
series, or a message that says what came instead. Strings and tokens are checked; numbers
are only known to be numbers. Knows numpy and scipy; data frames of any library are met by
what they can do, so that none is imported.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from skrnn._values import (
    as_numbers,
    columns_of,
    dtype_of,
    first_leaf,
    is_missing,
    is_nested,
    listed,
    ndim,
    of_numbers,
    plain,
    short,
    sort_of,
    sorts_of,
    what,
)

SYMBOLIC = ("strings", "tokens")


class Rows(NamedTuple):
    """What X holds: `kind` is "strings", "tokens", "numbers" or "series"."""

    kind: str
    values: Any  # list of str | None; of lists of str | None; (n, T) array; list of (T_i, d)
    dtype: Any = np.dtype(np.float32)  # of what is computed from it

    def take(self, where):
        """Keep the rows at the given places."""
        if self.kind == "numbers":
            return self._replace(values=self.values[where])
        return self._replace(values=[self.values[i] for i in where])


@dataclass(frozen=True)
class Form:
    """How X is to be read; `who` and `name` are what messages call the estimator and X.

    `fitted` is the kind of X in fit. It decides what the forms that mean two things are
    (a column of missing values, series that happen to be equally long).
    """

    who: str
    name: str = "X"
    fitted: str | None = None

    def read(self, X):
        """Read X, a table of numbers as series if fit had those."""
        rows = self._any(plain(X))
        unclear = rows.kind == "numbers" and self.fitted == "series"
        if unclear and not issparse(rows.values) and ndim(rows.values) == 2:
            return Rows("series", list(as_numbers(rows.values)[:, :, None]))
        return rows

    def _any(self, X):
        if isinstance(X, (str, bytes)):
            remedy = "decode it and put" if isinstance(X, bytes) else "put"
            raise TypeError(
                f"{self.who} needs {self.name} to hold many sequences, "
                f"got {what(X)}: {remedy} it in a list."
            )
        if issparse(X):
            return Rows("numbers", X)  # refused by validate_data
        if ndim(X) == 2 and hasattr(X, "columns"):
            return self._frame(X)
        if isinstance(X, (dict, set, frozenset, type)):
            raise TypeError(self._unknown(what(X)))
        cells = listed(X)
        if cells is X and hasattr(X, "__array__"):
            return self._array(np.asarray(X))
        if not hasattr(cells, "__iter__"):
            raise TypeError(self._unknown(what(X)))
        return self._cells(list(cells), X)

    def _array(self, X):
        """Read an array: strings of shape (n,) or (n, 1), numbers of shape (n, T) or (n, T, d)."""
        objects = X.dtype.kind in "OUT"
        if X.dtype.kind == "S":
            raise TypeError(
                f"{self.who} needs {self.name} to be strings, got {what(X)}: decode it."
            )
        if not X.ndim or not (objects or X.dtype.kind in "biufc"):
            raise TypeError(self._unknown(what(X)))
        if X.ndim > 3:
            raise ValueError(self._unknown(what(X)))
        if X.ndim != 2 and not len(X):
            raise self._empty(X)
        column = X.ndim == 1 or (X.ndim == 2 and X.shape[1] == 1)
        if column and (objects or self.fitted in SYMBOLIC):
            return self._cells(X.ravel().tolist(), X)
        if X.ndim == 3:
            return self._nested(list(X))
        return self._table(X) if objects else Rows("numbers", X)

    def _table(self, X):
        """Read an array of objects and several columns, which have to be numbers."""
        if not X.size:
            raise self._empty(X)
        cells = X.ravel().tolist()
        if "text" in sorts_of(cells):
            raise self._columns(X, "strings", "strings")
        table = as_numbers(X)
        if table is None:
            raise TypeError(self._unknown(f"cells such as {what(_stranger(cells))}"))
        return Rows("numbers", table)

    def _frame(self, X):
        """Read a data frame: one column of strings or token lists, or numbers alone."""
        if 0 in X.shape:
            raise self._empty(X)
        columns = columns_of(X)
        others = [(k, c) for k, c in columns if not of_numbers(c)]
        if len(columns) == 1 and (others or self.fitted in SYMBOLIC):
            return self._cells(listed(columns[0][1]), X)
        sorts = [(short(key), column, sorts_of(listed(column))) for key, column in others]
        for sort, of in (("text", "strings"), ("nested", "lists")):
            which = ", ".join(key for key, _, found in sorts if sort in found)
            if which:
                raise self._columns(X, of, f"{of} in {which}")
        for key, column, found in sorts:
            if "other" in found:
                raise TypeError(
                    f"{self.who} needs columns of numbers in {self.name}, "
                    f"got {dtype_of(column)} in {key}: convert it to numbers."
                )
        return Rows("numbers", X)

    def _cells(self, cells, X):
        """Read one column by what its cells are.

        `X` is the container, which is what numbers have to be validated with.
        """
        if not cells:
            raise self._empty(X)
        sorts, symbolic = sorts_of(cells), self.fitted in SYMBOLIC
        if (symbolic or "missing" in sorts) and all(map(is_missing, cells)):
            return Rows(self.fitted if symbolic else "strings", [None] * len(cells))
        if "text" in sorts:
            return Rows("strings", self._strings(cells))
        if "nested" in sorts:
            return self._nested(cells)
        if "other" in sorts:
            raise TypeError(self._unknown(f"rows such as {what(_stranger(cells))}"))
        return Rows("numbers", X if ndim(X) == 2 else as_numbers(cells))

    def _strings(self, cells):
        """Check that every cell is a string or missing, and write missing as None."""
        if set(map(type, cells)) <= {str, type(None)}:
            return cells
        for i, value in enumerate(cells):
            if not isinstance(value, str) and not is_missing(value):
                raise TypeError(
                    f"{self.who} needs every row of {self.name} to be a string or missing "
                    f"(None, NaN, pd.NA), got {what(value)} in row {i}: "
                    f"{_remedy(value, 'give all rows the same form')}."
                )
        return [str(v) if isinstance(v, str) else None for v in cells]

    def _nested(self, cells):
        """Read lists or arrays: of tokens, if the first thing in them is text, or of numbers."""
        if self._are_tokens(cells):
            return Rows("tokens", [self._tokens(i, row) for i, row in enumerate(cells)])
        arrays = [self._series(i, row) for i, row in enumerate(cells)]
        if arrays[0].ndim == 1 and len({a.shape for a in arrays}) == 1:
            return Rows("numbers", np.array(arrays))
        return Rows("series", arrays)

    def _are_tokens(self, cells):
        leaf = first_leaf(cells)
        if leaf is not None:
            return isinstance(leaf, (str, bytes))
        if self.fitted is not None:
            return self.fitted in SYMBOLIC
        return not any(of_numbers(row) for row in cells)

    def _tokens(self, i, row):
        """Check that a row is a list of strings or missing, and write missing as None."""
        if is_missing(row):
            return None
        if not is_nested(row):
            raise TypeError(
                f"{self.who} needs every row of {self.name} to be a list of tokens or missing, "
                f"got {what(row)} in row {i}."
            )
        wrong = [token for token in row if not isinstance(token, str)]
        if wrong:
            raise TypeError(
                f"{self.who} needs every token of {self.name} to be a string, "
                f"got {what(wrong[0])} in row {i}: {_remedy(wrong[0], 'flatten the row')}."
            )
        return [str(token) for token in row]

    def _series(self, i, row):
        """Check that a row is an array of numbers of shape (T_i, d) or (T_i,)."""
        try:
            array = as_numbers(row)
        except ValueError:  # not rectangular
            array = None
        if array is None or array.ndim not in (1, 2) or array.dtype.kind == "c":
            raise ValueError(
                f"{self.who} needs every series of {self.name} to be an array of numbers "
                f"of shape (T_i, d), got {what(row)} in row {i}."
            )
        return array

    def _unknown(self, came):
        return (
            f"{self.who} needs {self.name} to be a list, array or column of strings, "
            "a list of token lists, a 2-D array of numbers or a list of (T_i, d) arrays, "
            f"got {came}."
        )

    def _empty(self, X):
        return ValueError(
            f"{self.who} needs at least one sequence in {self.name}, "
            f"got an empty {type(X).__name__}."
        )

    def _columns(self, X, of, which):
        return ValueError(
            f"{self.who} reads one column of {of}, got {X.shape[1]} columns, among them {which}: "
            "give each column its own encoder with sklearn.compose.ColumnTransformer."
        )


def _remedy(value, nested):
    """Say how a value becomes a string."""
    if isinstance(value, bytes):
        return "decode it"
    if is_missing(value):
        return "leave it out"
    return nested if is_nested(value) else "convert it with str()"


def _stranger(cells):
    return next(v for v in cells if sort_of(v) in ("nested", "other"))
