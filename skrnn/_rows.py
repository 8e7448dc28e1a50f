"""X, read and checked for an estimator.

In: what users hold. Out: `Rows` that can be learned from. First X is read, which leaves the
estimator alone; then its kind is compared with that of fit; then the number and names of the
features are set or compared, and numbers checked. Knows numpy and scikit-learn.
"""

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skrnn._forms import Form, Rows
from skrnn._values import ndim, short

_LARGEST = np.finfo(np.float32).max  # of what can be trained on


def check_rows(estimator, X, *, reset, fitted=None, name="X"):
    """Read X, and set or compare the number and names of its features.

    `fitted` is the kind of X in fit: any other is then refused. `name` is what messages
    call X.
    """
    who = type(estimator).__name__
    rows = Form(who, name, fitted).read(X)
    if fitted not in (None, rows.kind):
        raise other_form(who, name, fitted, rows.kind)
    columns = {"numbers": rows.values, "series": None}.get(rows.kind, X)
    _note_features(estimator, columns if ndim(columns) == 2 else None, reset)
    if rows.kind == "numbers":
        if reset and ndim(rows.values) == 1:
            raise _column_of_numbers(who, name, rows.values)
        return _check_table(estimator, rows.values, name)
    return _check_series(estimator, rows.values, name, reset) if rows.kind == "series" else rows


def other_form(who, name, old, new, hint=""):
    """Make the error of an X that has not the form of that of fit."""
    if name == "X":
        form = f"give X the form it had in fit{hint}"
        return ValueError(f"{who} was fitted on {old}, got {new}: {form}.")
    return ValueError(f"{who} needs {name} in the form of X, {old}, got {new}.")


def _column_of_numbers(who, name, values):
    some = ", ".join(map(short, values[:3].tolist()))
    return ValueError(
        f"{who} needs the rows of {name} to be strings or sequences, got a column of numbers "
        f"({some} ...): make strings of codes, with astype(str), or a row of each series."
    )


def _note_features(estimator, columns, reset):
    """Set or compare what scikit-learn knows of columns; None if X has none."""
    if columns is not None and (reset or hasattr(estimator, "n_features_in_")):
        validate_data(estimator, columns, reset=reset, skip_check_array=True)
    elif reset:
        vars(estimator).pop("n_features_in_", None)
        vars(estimator).pop("feature_names_in_", None)


def _check_table(estimator, table, name):
    """Check an array or a frame of shape (n, T)."""
    dtypes = [np.float64, np.float32]
    table = check_array(table, dtype=dtypes, order="C", estimator=estimator, input_name=name)
    return Rows("numbers", _in_range(table, name), table.dtype)


def _check_series(estimator, arrays, name, reset):
    """Check arrays of shape (T_i, d), or (T_i,) where d is 1."""
    who = type(estimator).__name__
    arrays = [a[:, None] if a.ndim == 1 else a for a in arrays]
    full = [a for a in arrays if len(a)]
    if not full and not reset:
        none = np.empty((0, estimator.U_.shape[1]))  # an empty list has no d
        return Rows("series", [none] * len(arrays), np.dtype(np.float64))
    if not full:
        raise ValueError(
            f"{who} needs {name} to have a series that is not empty, got {len(arrays)} of length 0."
        )
    widths = sorted({a.shape[1] for a in full})
    if len(widths) > 1:
        raise ValueError(
            f"{who} needs the series of {name} to have the same number d of variables, "
            f"got d in {widths}."
        )
    dtype = np.dtype(np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64)
    options = {"estimator": estimator, "input_name": name, "ensure_all_finite": False}
    flat = check_array(np.concatenate(full), dtype=dtype, **options)
    ends = np.cumsum([len(a) for a in arrays])
    _check_finite(who, name, flat, ends)
    return Rows("series", np.split(_in_range(flat, name), ends[:-1]), dtype)


def _check_finite(who, name, flat, ends):
    """Refuse gaps in series, and say where the first one is."""
    bad = ~np.isfinite(flat).all(axis=1)
    if bad.any():
        place = int(bad.argmax())
        i = int(np.searchsorted(ends, place, side="right"))
        step = place - int(ends[i - 1] if i else 0)
        what = "NaN" if np.isnan(flat[place]).any() else "infinity"
        raise ValueError(
            f"{who} needs the series of {name} without NaN and infinity, got {what} in step {step} "
            f"of series {i}: leave the step out, interpolate, or fill it and add a variable that "
            "says where."
        )


def _in_range(table, name):
    """Refuse what single precision has no number for."""
    if max(table.max(), -table.min()) > _LARGEST:
        raise ValueError(
            f"Input {name} contains infinity or a value too large for dtype('float32')."
        )
    return table
