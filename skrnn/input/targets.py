"""Validate y and sample weights in all supported forms.

In: y and weights as a user passes them. Out: `Target`, with classes as indices or with numbers; the
weights as a float64 array. Imports numpy and scikit-learn.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight

from skrnn.input.messages import describe, short_repr
from skrnn.input.peers import ALONE, Peers
from skrnn.input.sequences import Array, Floats, Indices
from skrnn.input.values import (
    as_array,
    as_numbers,
    cell_kind,
    cell_kinds,
    is_missing,
    is_number,
    is_sparse,
    plain,
    to_list,
    unwrap_scalar,
)

LARGEST_EXPONENT = 256  # of two, of weights that are used as they are
TargetKind = Literal["classification", "multilabel", "regression"]


class Target(NamedTuple):
    """The content of y."""

    kind: TargetKind
    values: Array  # (n,) int64 indices in `classes`, or (n, n_outputs) float64
    classes: Any = None  # (n_classes,) sorted labels, or the numbers of the columns

    @property
    def n_outputs(self) -> int:
        """The length of o."""
        return self.values.shape[1] if self.values.ndim == 2 else len(self.classes)

    def take(self, rows: Indices) -> "Target":
        """Return the rows with the given indices, and only their classes."""
        values = self.values[rows]
        if self.kind != "classification":
            return self._replace(values=values)
        left, values = np.unique(values, return_inverse=True)
        return self._replace(values=values, classes=self.classes[left])


def check_target(
    estimator: Any, y: Any, n_rows: int, kind: TargetKind | None = None, name: str = "y"
) -> Target:
    """Read y as classes or as numbers; without `kind`, `type_of_target` decides which.

    `name` is the name of y in messages.
    """
    who = type(estimator).__name__
    if y is None:
        raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
    y = _to_array(who, plain(y), name, kind)
    if len(y) != n_rows:
        raise ValueError(
            f"{who} needs one {name} for each row of {name.replace('y', 'X')}, "
            f"got {n_rows} rows and {len(y)} {name}."
        )
    if kind != "regression":
        if y.ndim == 2 and y.dtype.kind not in "biuf":
            raise _several_columns_error(who, y, name)
        assert_all_finite(y, input_name=name)
        with np.errstate(invalid="ignore"):  # of numbers beyond int64
            found = type_of_target(y, input_name=name)
        if found == "multilabel-indicator":
            return _read_labels(who, y, name)
        if kind is None and found.startswith("continuous"):
            kind = "regression"
    if kind == "regression":
        columns = y if y.ndim == 2 else y[:, None]
        return Target(kind, np.stack([_check_numbers(who, c, name) for c in columns.T], axis=1))
    if y.ndim == 2:
        raise _several_columns_error(who, y, name)
    _check_classes(who, y, name)
    classes, values = np.unique(y, return_inverse=True)
    return Target("classification", values, classes)


def _read_labels(who: str, y: Array, name: str) -> Target:
    """Read several columns of 0 and 1; scikit-learn accepts any two numbers."""
    if not ((y == 0) | (y == 1)).all():
        signs = y.min() == -1 and y.max() == 1
        remedy = f"write 0 for -1, with ({name} > 0)" if signs else "fit one estimator for each"
        raise ValueError(
            f"{who} needs {name} to be one column of labels, or a 0 or 1 for each of several "
            f"labels, got {short_repr(np.unique(y).tolist())} in {y.shape[1]} columns: {remedy}."
        )
    return Target("multilabel", y.astype(np.float64), np.arange(y.shape[1]))


def _several_columns_error(who: str, y: Array, name: str) -> ValueError:
    return ValueError(
        f"{who} needs {name} to be one column of labels, or a 0 or 1 for each of several labels, "
        f"got {describe(y)}: fit one estimator for each column."
    )


def _check_classes(who: str, y: Array, name: str) -> None:
    """Raise an error for continuous numbers, in the words that scikit-learn's checks expect."""
    try:
        with np.errstate(invalid="ignore"):
            check_classification_targets(y)
    except ValueError as error:
        reason = str(error).split(".")[0]
        some = y[np.argmax((y != np.floor(y)) | (np.abs(y) >= 2**63))]
        raise ValueError(
            f"{who} needs {name} to be classes, got numbers such as {short_repr(some)} ({reason}): "
            "use RNNRegressor, or make classes of them."
        ) from None


def _to_array(who: str, y: Any, name: str, kind: TargetKind | None) -> Array:
    """Convert y to an array, with two dimensions only if it has several columns."""
    listed = hasattr(y, "__array__") or (hasattr(y, "__len__") and hasattr(y, "__getitem__"))
    one = isinstance(y, (str, bytes, bytearray, memoryview, Mapping)) or is_sparse(y)
    array = as_array(y) if listed and not one else None
    if array is None or array.ndim not in (1, 2) or array.shape[1:] == (0,):
        raise ValueError(
            f"{who} needs {name} to be a list, array or column with a string or a number for each "
            f"row, got {describe(y)}."
        )
    if array.ndim == 2 and array.shape[1] != 1:
        for column in array.T:
            _check_cells(who, _cells_of(column), name, kind)
        return _simplified(who, array, name, kind)
    mixed = array.ndim == 1 and array.dtype.kind in "OSU"  # or only the array from numpy
    cells = _cells_of(to_list(y) if mixed else array)
    _check_cells(who, cells, name, kind)
    if any(isinstance(cell, str) and cell.endswith("\0") for cell in cells):
        array = np.array(cells, dtype=object)  # because numpy's strings lose trailing NULs
    return np.asarray(column_or_1d(_simplified(who, array, name, kind), warn=True))


def _cells_of(y: Any) -> list[Any]:
    """Return the cells of y to check; none if its dtype guarantees that all are valid."""
    if not hasattr(y, "__array__"):
        return list(y)
    array = np.asarray(y).ravel()
    known = array.dtype.kind in "biuU" or (array.dtype.kind == "f" and not np.isnan(array).any())
    return [] if known else list(array)


def _simplified(who: str, array: Array, name: str, kind: TargetKind | None) -> Array:
    """Convert an object array to a numeric array, if it contains only numbers."""
    if array.dtype.kind == "T":
        return np.array(array.tolist())
    if array.dtype.kind != "O" or not all(map(is_number, array.flat)):
        return array
    large = [v for v in array.flat if isinstance(v, int) and abs(v) >= 2**63]
    if large and kind != "regression":
        raise ValueError(
            f"{who} needs {name} to be classes, strings or numbers of 64 bits, "
            f"got {describe(large[0])}: make strings of them, with str()."
        )
    simple = np.array(array.tolist())
    return np.asarray(as_numbers(array)) if simple.dtype.kind == "O" else simple


def check_validation_target(estimator: Any, y: Any, n_rows: int, fitted_target: Target) -> Target:
    """Read y_val, which must have the form and the classes of y."""
    who = type(estimator).__name__
    kind: TargetKind | None = None if fitted_target.kind == "multilabel" else fitted_target.kind
    target = check_target(estimator, y, n_rows, kind, "y_val")
    if (
        target.kind != fitted_target.kind
        or target.values.shape[1:] != fitted_target.values.shape[1:]
    ):
        raise ValueError(
            f"{who} needs y_val in the form of y, {describe_target(fitted_target)}, "
            f"got {describe_target(target)}."
        )
    if fitted_target.kind != "classification":
        return target
    unknown = np.setdiff1d(target.classes, fitted_target.classes)
    if len(unknown):
        raise ValueError(
            f"{who} needs the classes of y_val to be among those of y, "
            f"got unknown classes {short_repr(unknown.tolist())}."
        )
    place = np.searchsorted(fitted_target.classes, target.classes)
    return fitted_target._replace(values=place[target.values])


def describe_target(target: Target) -> str:
    """Describe the kind and the number of columns of a target."""
    names = {"classification": "classes", "multilabel": "labels", "regression": "numbers"}
    if target.values.ndim == 1:
        return names[target.kind]
    n = target.values.shape[1]
    return f"{names[target.kind]} in {n} column{'s' * (n > 1)}"


def check_weight(
    estimator: Any, sample_weight: Any, n_rows: int, name: str = "sample_weight"
) -> Floats:
    """Return n_rows weights as float64, which must be non-negative and not all zero."""
    who = type(estimator).__name__
    given = unwrap_scalar(plain(sample_weight))
    if given is not None:
        given = _check_weights(who, given, n_rows, name)
    weight: Floats = _check_sample_weight(
        given, np.empty((n_rows, 1)), dtype=np.float64, ensure_non_negative=True
    )
    if not weight.any():  # scikit-learn raises this error itself from 1.9 on
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def _check_weights(who: str, given: Any, n_rows: int, name: str) -> Array | float:
    """Read weights as finite numbers, one for each row or one for all."""
    cells = to_list(given)
    numbers = as_numbers(cells)
    if numbers is None or numbers.dtype.kind == "c" or numbers.ndim > 1:
        one_by_one = numbers is None and isinstance(cells, (list, tuple, np.ndarray))
        wrong = [(i, v) for i, v in enumerate(cells if one_by_one else []) if not is_number(v)]
        what = f"{describe(wrong[0][1])} in row {wrong[0][0]}" if wrong else describe(given)
        raise ValueError(f"{who} needs {name} to be a number for each row, got {what}.")
    if numbers.ndim and len(numbers) != n_rows:
        raise ValueError(
            f"{who} needs one {name} for each row of {name.replace('sample_weight', 'X')}, "
            f"got {n_rows} rows and {len(numbers)} weights."
        )
    with np.errstate(over="ignore"):  # of a long double: infinity is refused
        numbers = numbers.astype(np.float64)
    assert_all_finite(numbers, input_name=name)
    return numbers if numbers.ndim else float(numbers)


def _check_cells(who: str, cells: list[Any], name: str, kind: TargetKind | None) -> None:
    """Raise an error for missing values, other types, and mixed numbers and strings."""
    if set(map(type, cells)) in ({int}, {str}):
        return
    row = next((i for i, v in enumerate(cells) if isinstance(v, (bytes, bytearray))), None)
    if row is not None:
        raise TypeError(
            f"{who} needs {name} to be strings or numbers, "
            f"got {describe(cells[row])} in row {row}: decode it."
        )
    gap = next((i for i, v in enumerate(cells) if is_missing(v)), None)
    if gap is not None:
        raise ValueError(
            f"{who} needs a {name} for every row, but Input {name} contains NaN or None in row "
            f"{gap}: drop the rows without one."
        )
    kinds = cell_kinds(cells)
    if {"text", "number"} <= kinds:
        other = next(v for v in cells if cell_kind(v) != cell_kind(cells[0]))
        raise TypeError(
            f"{who} needs {name} of one type, got {short_repr(cells[0])} and {short_repr(other)}: "
            "convert it to strings, or to numbers."
        )
    if kind != "regression" and kinds & {"nested", "other"}:
        row = next(i for i, v in enumerate(cells) if cell_kind(v) in ("nested", "other"))
        raise TypeError(
            f"{who} needs {name} to be strings or numbers, "
            f"got {describe(cells[row])} in row {row}: convert it with str()."
        )


def _check_numbers(who: str, y: Array, name: str) -> Floats:
    """Return y as finite float64 numbers, whose variance must be finite."""
    numbers = as_numbers(y)
    if numbers is None or numbers.dtype.kind == "c":
        row = next(i for i, v in enumerate(y) if not is_number(v))
        instead = ", or use RNNClassifier for labels" if name == "y" else ""
        raise ValueError(
            f"{who} needs {name} to be numbers, got {describe(y[row])} in row {row}: "
            f"convert it to a number{instead}."
        )
    with np.errstate(over="ignore"):  # of a long double: infinity is refused
        numbers = numbers.astype(np.float64)
    assert_all_finite(numbers, input_name=name)
    with np.errstate(all="ignore"):
        variance = numbers.var()
    if not np.isfinite(variance):
        largest = np.abs(numbers).max()
        raise ValueError(
            f"{who} needs {name} with a finite variance, got numbers up to {largest:g}: "
            f"scale {name}."
        )
    return numbers


def class_weights(
    who: str,
    class_weight: Any,
    target: Target,
    values: Array,
    weight: Floats,
    peers: Peers = ALONE,
) -> Floats:
    """Return the factor of each example's weight for its class, one of `values`.

    "balanced" gives each class the same total weight.
    """
    if target.kind == "multilabel":
        raise ValueError(f"{who} has class_weight for one label a row, got several columns of y.")
    if target.kind == "regression":
        raise ValueError(
            f"{who} needs class_weight=None where y is numbers, got {short_repr(class_weight)}."
        )
    if isinstance(class_weight, dict):
        factors = _factors_of_classes(who, class_weight, target.classes.tolist())
    else:
        n = len(target.classes)
        totals = sum(peers.gather(np.bincount(values, weight, n)))
        factors = compute_class_weight(
            class_weight, classes=target.classes, y=target.classes, sample_weight=totals
        )
    return np.asarray(factors[values])


def _factors_of_classes(who: str, class_weight: dict[Any, Any], classes: list[Any]) -> Floats:
    """Return the factor of each class; it is 1 for classes that are not in the dict."""
    known = set(classes)
    unknown = [label for label in class_weight if label not in known]
    if unknown:
        raise ValueError(
            f"{who} needs the keys of class_weight to be classes of y, "
            f"got the unknown key {short_repr(unknown[0])}."
        )
    factors = [class_weight.get(label, 1) for label in classes]
    if not all(map(_is_weight, factors)) or not any(factors):
        raise ValueError(
            f"{who} needs class_weight to be finite, not negative and not all zero, "
            f"got {short_repr(class_weight)}."
        )
    return np.array(factors, dtype=np.float64)


def _is_weight(value: Any) -> bool:
    try:
        return is_number(value) and 0 <= float(value) < math.inf
    except OverflowError:  # an int that is too large for float
        return False


def in_range(weight: Floats, largest: float | None = None) -> Floats:
    """Scale weights whose sums or products might be infinite or zero.

    As they are multiplied by a power of two, their ratios stay the same to the last bit.
    `largest` is the largest of all weights, if there are others.
    """
    exponent = np.frexp(weight.max() if largest is None else largest)[1]
    return weight if abs(exponent) < LARGEST_EXPONENT else np.ldexp(weight, -exponent)
