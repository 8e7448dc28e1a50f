"""Validate X for an estimator.

In: X as a user passes it. Out: valid `Samples`. First X is read, without changing the estimator.
Then its kind is compared with that of X in fit. Then the number and names of the features are set
or compared, and numbers are checked. Imports numpy and scikit-learn.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skrnn.input.forms import read_samples
from skrnn.input.messages import clip, describe, printable, short_repr
from skrnn.input.samples import FittedForm, Samples
from skrnn.input.sequences import Array, Floats, Indices
from skrnn.input.values import as_numbers, ndim

_LARGEST = np.finfo(np.float32).max  # largest value in single precision


def check_samples(
    estimator: Any, X: Any, *, reset: bool, fitted: FittedForm | None = None, name: str = "X"
) -> Samples:
    """Read X, and set or compare the number and names of its features.

    X must have the form `fitted`, if given. `name` is the name of X in messages.
    """
    who = type(estimator).__name__
    samples = read_samples(X, who, name, fitted and fitted.kind)
    if fitted is not None and fitted.kind != samples.kind:
        raise _other_form_error(who, name, fitted.kind, samples.kind)
    columns = {"numbers": samples.values, "series": None}.get(samples.kind, X)
    _note_features(estimator, columns if ndim(columns) == 2 else None, reset)
    if samples.kind == "numbers":
        if fitted is None and ndim(samples.values) == 1:
            raise _column_of_numbers_error(who, name, samples.values)
        return _check_table(estimator, samples.values, name)
    if samples.kind == "series":
        return _check_series(estimator, samples.values, name, fitted)
    return samples


def _other_form_error(who: str, name: str, old: str, new: str, hint: str = "") -> ValueError:
    """Return the error for an X whose form differs from that in fit."""
    if name == "X":
        form = f"give X the form it had in fit{hint}"
        return ValueError(f"{who} was fitted on {old}, got {new}: {form}.")
    return ValueError(f"{who} needs {name} in the form of X, {old}, got {new}.")


def _column_of_numbers_error(who: str, name: str, values: Array) -> ValueError:
    some = ", ".join(map(short_repr, values[:3].tolist()))
    return ValueError(
        f"{who} needs the rows of {name} to be strings or sequences, got a column of numbers "
        f"({some} ...): make strings of codes, with astype(str), or a row of each series."
    )


def _note_features(estimator: Any, columns: Any, reset: bool) -> None:
    """Set or compare the number and names of columns; None if X has none."""
    if columns is not None and (reset or hasattr(estimator, "n_features_in_")):
        try:
            validate_data(estimator, columns, reset=reset, skip_check_array=True)
        except ValueError as error:  # its message lists column names
            lines = (clip(printable(line), 200) for line in str(error).split("\n"))
            raise ValueError("\n".join(lines)) from None
    elif reset:
        vars(estimator).pop("n_features_in_", None)
        vars(estimator).pop("feature_names_in_", None)


def _check_table(estimator: Any, table: Any, name: str) -> Samples:
    """Check an array or a frame of shape (n, T)."""
    numbers = as_numbers(table)
    if numbers is None:  # whole numbers of 128 bits
        raise TypeError(
            f"{type(estimator).__name__} needs {name} to be numbers that numpy has a type for, "
            f"got {describe(table)}: convert it to float64."
        )
    options = {"estimator": estimator, "input_name": name, "order": "C"}
    with np.errstate(over="ignore"):  # of a long double: infinity is refused
        table = check_array(numbers, dtype=[np.float64, np.float32], **options)
    return Samples("numbers", _in_range(table, name), table.dtype)


def _check_series(
    estimator: Any, arrays: Sequence[Array], name: str, fitted: FittedForm | None
) -> Samples:
    """Check arrays of shape (T_i, d), or (T_i,) where d is 1."""
    who = type(estimator).__name__
    arrays = [a[:, None] if a.ndim == 1 else a for a in arrays]
    nonempty = [a for a in arrays if len(a)]
    if not nonempty:  # an empty list has no d
        empty = np.empty((0, fitted.n_variables if fitted else 1))
        samples = Samples("series", [empty] * len(arrays), np.dtype(np.float64))
        return samples if fitted else check_some_steps(who, samples, name)
    widths = sorted({a.shape[1] for a in nonempty})
    if len(widths) > 1:
        raise ValueError(
            f"{who} needs the series of {name} to have the same number d of variables, "
            f"got d in {widths}."
        )
    if fitted is not None and widths != [fitted.n_variables]:
        raise _other_variables_error(who, name, fitted.n_variables, arrays)
    dtype = np.dtype(np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64)
    options = {"estimator": estimator, "input_name": name, "ensure_all_finite": False}
    with np.errstate(over="ignore"):
        flat = check_array(np.concatenate(nonempty), dtype=dtype, **options)
    ends = np.cumsum([len(a) for a in arrays])
    _check_finite(who, name, flat, ends)
    return Samples("series", np.split(_in_range(flat, name), ends[:-1]), dtype)


def _check_finite(who: str, name: str, flat: Floats, ends: Indices) -> None:
    """Raise an error for missing values in series, with the position of the first one."""
    bad = ~np.isfinite(flat).all(axis=1)
    if bad.any():
        place = int(bad.argmax())
        i = int(np.searchsorted(ends, place, side="right"))
        step = place - int(ends[i - 1] if i else 0)
        found = "NaN" if np.isnan(flat[place]).any() else "infinity"
        raise ValueError(
            f"{who} needs the series of {name} without NaN and infinity, "
            f"got {found} in step {step} of series {i}: leave the step out, interpolate, or fill "
            "it and add a variable that says where."
        )


def _in_range(table: Array, name: str) -> Array:
    """Raise an error for numbers that are too large for single precision."""
    if max(table.max(), -table.min()) > _LARGEST:
        raise ValueError(
            f"Input {name} contains infinity or a value too large for dtype('float32')."
        )
    return table


def check_some_steps(who: str, samples: Samples, name: str = "X") -> Samples:
    """Raise an error if all series are empty."""
    if samples.kind == "series" and not any(map(len, samples.values)):
        raise ValueError(
            f"{who} needs {name} to have a series that is not empty, "
            f"got {len(samples.values)} of length 0."
        )
    return samples


def _other_variables_error(
    who: str, name: str, n_variables: int, arrays: Sequence[Array]
) -> ValueError:
    """Return the error for series whose number of variables differs from that in fit."""
    old, new = f"series of {n_variables} variables", f"{max(a.shape[1] for a in arrays)}"
    may_be_one = {len(a) for a in arrays} == {n_variables}  # X may be a single series
    return _other_form_error(who, name, old, new, "; one series as [x]" * may_be_one)
