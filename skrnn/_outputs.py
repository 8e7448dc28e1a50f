"""What the head is trained for: units of the numbers, weights of the classes, grades.

In: `Target`s and weights. Out: what training needs of them. Knows numpy alone.
"""

from typing import Any, NamedTuple

import numpy as np

LOSS = {
    "classification": "cross_entropy",
    "multilabel": "binary_cross_entropy",
    "regression": "squared_error",
}


class Units(NamedTuple):
    """Numbers to be predicted are trained in units of their spread; classes as they are."""

    mean: Any = 0.0  # (n_outputs,)
    spread: Any = 1.0  # (n_outputs,)

    @classmethod
    def of(cls, kind, values, weight):
        """Measure the weighted mean and standard deviation of numbers, (n, n_outputs)."""
        if kind != "regression":
            return cls()
        mean = np.average(values, axis=0, weights=weight)
        return cls(mean, np.average((values - mean) ** 2, axis=0, weights=weight) ** 0.5)

    def into(self, values):
        """Write numbers in these units."""
        return (values - self.mean) / self._divisor

    def apply(self, V, c):
        """Let the head give numbers in the units of y."""
        return V * np.reshape(self.spread, (-1, 1)), c * self.spread + self.mean

    def undo(self, V, c):
        """Give the head that `apply` makes this one of."""
        return V / np.reshape(self._divisor, (-1, 1)), (c - self.mean) / self._divisor

    @property
    def _divisor(self):
        return np.where(np.equal(self.spread, 0), 1.0, self.spread)


def class_weights(who, class_weight, classes, values, weight):
    """Give the weight of each row for its class; "balanced" gives each class the same sum."""
    if class_weight is None:
        return np.ones(len(values))
    if isinstance(class_weight, str):
        sums = np.bincount(values, weight, len(classes))
        return (sums.sum() / (len(classes) * sums))[values]
    unknown = [label for label in class_weight if label not in classes.tolist()]
    if unknown:
        raise ValueError(
            f"{who} needs the keys of class_weight to be classes of y, got {unknown[0]!r} besides."
        )
    return np.array([class_weight.get(label, 1.0) for label in classes.tolist()])[values]


def accuracy(target, scores, weight):
    """Grade scores of classes, (n, n_classes): the share of hits."""
    return float(np.average(scores.argmax(axis=1) == target, weights=weight))


def subset_accuracy(target, scores, weight):
    """Grade scores of labels, (n, n_labels): the share of rows with all labels right."""
    return float(np.average(((scores > 0) == target).all(axis=1), weights=weight))


def r2(target, scores, weight):
    """Grade predicted numbers, (n, n_outputs): the mean of R^2 over the outputs."""
    mean = np.average(target, axis=0, weights=weight)
    residual, spread = weight @ (target - scores) ** 2, weight @ (target - mean) ** 2
    known = spread > 0
    return float(np.mean(1 - residual[known] / spread[known])) if known.any() else 0.0


GRADE = {"classification": accuracy, "multilabel": subset_accuracy, "regression": r2}
