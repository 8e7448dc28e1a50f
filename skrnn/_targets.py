"""Every form of y and sample_weight, and every message about them.

In: what users hold. Out: `Target`, the classes as numbers or the numbers in units of
their spread, and weights as a float64 array. Knows numpy and scikit-learn.
"""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, _check_y

from skrnn._rows import is_missing


class Target(NamedTuple):
    """What y holds: `kind` is "classification", "multilabel" or "regression"."""

    kind: str
    values: np.ndarray  # (n,) int64 places in `classes`, or (n, n_outputs) float64
    classes: Any = None  # (n_classes,) sorted labels, or the numbers of the labels

    def take(self, where):
        """Keep the rows at the given places, and only the classes that are left."""
        values = self.values[where]
        if self.kind != "classification":
            return self._replace(values=values)
        left, values = np.unique(values, return_inverse=True)
        return self._replace(values=values, classes=self.classes[left])


def check_target(estimator, y, n_rows, kind=None):
    """Read y as classes or as numbers; without `kind`, `type_of_target` says which."""
    who = type(estimator).__name__
    if y is None:
        raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
    y = _without_gaps(who, y)
    y = _check_y(y, multi_output=_n_columns(y) > 1, estimator=estimator)
    if len(y) != n_rows:
        raise ValueError(f"{who} needs one y for each row of X, got {n_rows} rows and {len(y)} y.")
    if kind != "regression":
        found = type_of_target(y, input_name="y", raise_unknown=True)
        if found == "multilabel-indicator":
            return Target("multilabel", np.asarray(y, dtype=np.float64), np.arange(y.shape[1]))
        if kind is None and found.startswith("continuous"):
            kind = "regression"
    if kind == "regression":
        return Target(kind, _as_numbers(who, y).reshape(len(y), -1))
    check_classification_targets(y)
    classes, values = np.unique(column_or_1d(y), return_inverse=True)
    return Target("classification", values, classes)


def check_known_target(estimator, y, n_rows, fitted):
    """Read a further y, of a validation set, in the classes or units of a fitted one."""
    target = check_target(estimator, y, n_rows, fitted.kind)
    if fitted.kind != "classification":
        return target
    unknown = np.setdiff1d(target.classes, fitted.classes)
    if len(unknown):
        raise ValueError(
            f"{type(estimator).__name__} needs the classes of y_val to be among those of y, "
            f"got {unknown.tolist()} besides."
        )
    place = np.searchsorted(fitted.classes, target.classes)
    return fitted._replace(values=place[target.values])


def check_weight(estimator, sample_weight, n_rows):
    """Read sample_weight as n_rows float64 numbers, not negative and not all zero."""
    weight = _check_sample_weight(
        sample_weight, np.empty((n_rows, 1)), dtype=np.float64, ensure_non_negative=True
    )
    if not weight.any():
        raise ValueError(
            f"{type(estimator).__name__}: Sample weights must contain at least one non-zero number."
        )
    return weight


def _without_gaps(who, y):
    """Refuse a missing label, which numpy would compare or print as a label of its own."""
    cells = y.to_list() if hasattr(y, "to_list") else y
    if isinstance(cells, (list, tuple)) or getattr(cells, "dtype", None) == np.dtype(object):
        row = next((i for i, v in enumerate(cells) if is_missing(v)), None)
        if row is not None:
            raise ValueError(
                f"{who} needs a y for every row, but Input y contains NaN or None in row {row}: "
                "drop the rows without one."
            )
    return y


def _n_columns(y):
    shape = np.asarray(y).shape
    return shape[1] if len(shape) == 2 else 1


def _as_numbers(who, y):
    try:
        return y.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{who} needs y to be numbers, got {y.dtype} such as {y[0]!r}: "
            "for labels use RNNClassifier."
        ) from error
