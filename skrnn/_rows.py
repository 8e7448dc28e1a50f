"""Every form of X and every message about it.

In: what users hold. Out: `Rows`: strings, token lists, a table of numbers or a list of
series. Knows numpy and scikit-learn; data frames and columns of any library are met by
what they can do, so that none is imported.
"""

import re
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

SYMBOLIC = ("strings", "tokens")
_NUMERIC_DTYPE = re.compile(r"(u?int|float|double|bool|decimal)", re.IGNORECASE)
_ACCEPTED = (
    "a list, array or column of strings, a list of token lists, a 2-D array of numbers "
    "or a list of (T_i, d) arrays"
)


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


def check_rows(estimator, X, *, reset, fitted=None):
    """Read X, and set or compare the number and names of its features.

    `fitted` is the kind of X in fit. It decides what the forms that mean two things are
    (a column of missing values, series that happen to be equally long), and any other
    kind is then refused.
    """
    rows = read_rows(estimator, X, reset=reset, fitted=fitted)
    who = type(estimator).__name__
    if fitted is not None and rows.kind != fitted:
        raise ValueError(
            f"{who} was fitted on {fitted}, got {rows.kind}: give X the form it had in fit."
        )
    if rows.kind == "numbers":
        return rows  # validate_data has done the rest
    columns = rows.kind in SYMBOLIC and _ndim(X) == 2
    if reset and not columns:
        vars(estimator).pop("n_features_in_", None)
        vars(estimator).pop("feature_names_in_", None)
    elif columns and (reset or hasattr(estimator, "n_features_in_")):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    return rows


def read_rows(estimator, X, *, reset, fitted):
    """Read X in any accepted form; 2-D numbers go through scikit-learn's `validate_data`."""
    who = type(estimator).__name__
    if isinstance(X, (str, bytes)):
        raise TypeError(
            f"{who} needs many sequences, got one {_kind(X)} {_short(X)}: put it in a list."
        )
    if issparse(X):
        return _numbers(estimator, X, reset)  # refused there
    if hasattr(X, "columns") and _ndim(X) == 2:
        return _read_frame(estimator, X, reset, fitted)
    if hasattr(X, "__array__") and not hasattr(X, "to_list"):
        return _read_array(estimator, np.asarray(X), reset, fitted)
    cells = _listed(who, X)
    return _read_cells(estimator, cells, cells, reset, fitted)


def _read_frame(estimator, X, reset, fitted):
    """Read a data frame: one column of strings or token lists, or numbers alone."""
    texts = [name for name in X.columns if not _NUMERIC_DTYPE.match(str(X[name].dtype))]
    if X.shape[1] == 1 and (texts or fitted in SYMBOLIC):
        return _read_cells(estimator, X[X.columns[0]].to_list(), X, reset, fitted)
    texts = [name for name in texts if _any_text(X[name].to_list())]
    if texts:
        which = ", ".join(map(repr, texts))
        _refuse_columns(estimator, X.shape[1], f"with strings in {which}")
    return _numbers(estimator, X, reset)


def _read_array(estimator, X, reset, fitted):
    """Read an array: strings of shape (n,) or (n, 1), numbers of shape (n, T) or (n, T, d)."""
    if X.dtype.kind == "S":
        raise TypeError(
            f"{type(estimator).__name__} needs strings, got bytes ({X.dtype}): decode them."
        )
    symbolic = X.dtype.kind in "OUT" or fitted in SYMBOLIC
    if symbolic and (X.ndim == 1 or (X.ndim == 2 and X.shape[1] == 1)):
        return _read_cells(estimator, X.reshape(-1).tolist(), X, reset, fitted)
    if X.dtype.kind in "OUT" and X.ndim == 2 and _any_text(X.ravel().tolist()):
        _refuse_columns(estimator, X.shape[1], "with strings")
    if X.ndim == 3 or (X.ndim == 2 and fitted == "series"):
        return _series(estimator, X)
    return _numbers(estimator, X, reset)


def _read_cells(estimator, cells, X, reset, fitted):
    """Read a column by what its cells are: strings, lists of tokens, lists of numbers, numbers.

    `X` is the container, which is what numbers have to be validated with.
    """
    who = type(estimator).__name__
    if not cells and fitted in (None, *SYMBOLIC):
        raise ValueError(f"{who} needs at least one sequence, got an empty {type(X).__name__}.")
    present = [v for v in cells if not is_missing(v)]
    if not present and (fitted in SYMBOLIC or not all(isinstance(v, float) for v in cells)):
        return Rows(fitted if fitted in SYMBOLIC else "strings", [None] * len(cells))
    if _any_text(present):
        return Rows("strings", _strings(who, cells))
    if not any(map(_is_nested, present)):
        if all(map(_is_number, present)):
            if fitted in SYMBOLIC:
                return Rows("numbers", cells)  # refused by check_rows
            return _numbers(estimator, np.asarray(X), reset)
        wrong = next(v for v in present if not _is_number(v))
        raise TypeError(
            f"{who} needs {_ACCEPTED}, got rows such as {_kind(wrong)}: {_short(wrong)}."
        )
    inner = next((item for v in present if _is_nested(v) for item in v), None)
    if isinstance(inner, (str, bytes)) or (inner is None and fitted in (None, "tokens")):
        return Rows("tokens", _tokens(who, cells))
    equal = len({len(v) if _is_nested(v) else None for v in cells}) == 1
    if equal and fitted != "series" and not _is_nested(inner):
        return _numbers(estimator, np.asarray(cells), reset)
    return _series(estimator, cells)


def _strings(who, cells):
    """Check that every cell is a string or missing, and write missing as None."""
    if set(map(type, cells)) == {str}:
        return cells
    for i, v in enumerate(cells):
        if not isinstance(v, str) and not is_missing(v):
            remedy = "decode it" if isinstance(v, bytes) else "convert it with str()"
            raise TypeError(
                f"{who} needs every row of X to be a string or missing (None, NaN, pd.NA), "
                f"got {_kind(v)} {_short(v)} in row {i}: {remedy}."
            )
    return [str(v) if isinstance(v, str) else None for v in cells]


def _tokens(who, cells):
    """Check that every cell is a list of strings or missing, and write missing as None."""
    for i, row in enumerate(cells):
        if is_missing(row):
            continue
        if not _is_nested(row):
            raise TypeError(
                f"{who} needs every row of X to be a list of tokens or missing, "
                f"got {_kind(row)} {_short(row)} in row {i}."
            )
        for token in row:
            if not isinstance(token, str):
                raise TypeError(
                    f"{who} needs every token to be a string, got {_kind(token)} {_short(token)} "
                    f"in row {i}: convert it with str()."
                )
    return [None if is_missing(row) else [str(token) for token in row] for row in cells]


def _numbers(estimator, X, reset):
    X = validate_data(estimator, X, reset=reset, dtype=[np.float64, np.float32], order="C")
    return Rows("numbers", X, X.dtype)


def _series(estimator, rows):
    """Check a 3-D array or a list of arrays of shape (T_i, d), or (T_i,) where d is 1."""
    who = type(estimator).__name__
    arrays = [_one_series(who, i, row) for i, row in enumerate(rows)]
    steps = sum(map(len, arrays))
    if not steps:
        raise ValueError(f"{who} needs a series that is not empty, got {len(arrays)} of length 0.")
    widths = sorted({a.shape[1] for a in arrays if len(a)})
    if len(widths) > 1:
        raise ValueError(
            f"{who} needs series with the same number d of variables, got d in {widths}."
        )
    single = all(getattr(row, "dtype", None) == np.float32 for row in rows)
    flat = np.concatenate([a for a in arrays if len(a)])
    dtype = np.dtype(np.float32 if single else np.float64)
    flat = check_array(flat, dtype=dtype, estimator=estimator, input_name="X")
    return Rows("series", np.split(flat, np.cumsum([len(a) for a in arrays])[:-1]), dtype)


def _one_series(who, i, row):
    try:
        array = np.asarray(row)
        array = array[:, None] if array.ndim == 1 else array
        if array.ndim == 2 and array.dtype.kind in "biuf":
            return array
    except ValueError:  # not rectangular
        pass
    raise ValueError(
        f"{who} needs every series to be an array of numbers of shape (T_i, d), "
        f"got {_kind(row)} {_short(row)} in row {i}."
    )


def _refuse_columns(estimator, n, which):
    raise ValueError(
        f"{type(estimator).__name__} reads one column of strings, got {n} columns {which}: "
        "give each column its own encoder with sklearn.compose.ColumnTransformer."
    )


def _listed(who, X):
    if isinstance(X, (dict, set, frozenset)) or not hasattr(X, "__iter__"):
        raise TypeError(f"{who} needs {_ACCEPTED}, got {_kind(X)}: {_short(X)}.")
    for method in ("to_list", "to_pylist"):
        if hasattr(X, method):
            return getattr(X, method)()
    return list(X)


def is_missing(value):
    """Tell None, NaN, pd.NA and pd.NaT from a value."""
    if value is None or (isinstance(value, float) and value != value):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def _any_text(values):
    return any(isinstance(v, (str, bytes)) for v in values)


def _is_number(value):
    return isinstance(value, (int, float, complex, np.number, np.bool_))


def _is_nested(value):
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _ndim(X):
    return len(X.shape) if hasattr(X, "shape") else None


def _kind(value):
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _short(value, limit=40):
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
