"""Around a network: the units of its numbers, the weights of its classes, its grades.

In: numbers, targets and weights. Out: what training needs of them. Knows numpy alone.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

LOSS = {
    "classification": "cross_entropy",
    "multilabel": "binary_cross_entropy",
    "regression": "squared_error",
}


class Units(NamedTuple):
    """The mean and the spread of numbers: (n_numbers,) each."""

    mean: Any
    spread: Any

    @classmethod
    def of(cls, values, weight=None, *, centre=True):
        """Measure numbers, (n, n_numbers); without `centre` the mean counts as zero."""
        values = np.asarray(values, dtype=np.float64)
        mean = np.average(values, axis=0, weights=weight) * centre
        spread = np.average((values - mean) ** 2, axis=0, weights=weight) ** 0.5
        if centre:  # what is left of equal numbers is the rounding of their mean
            spread = np.where(np.ptp(values, axis=0) == 0, 0.0, spread)
        return cls(mean, spread)

    @property
    def divisor(self):
        """The spread, or 1 where all numbers are the same."""
        return np.where(self.spread == 0, 1.0, self.spread)

    def into(self, values):
        """Write numbers in these units."""
        return (values - self.mean) / self.divisor


class Scales(NamedTuple):
    """A network is trained on numbers in units of their spread, and then made to know others.

    The arrays are W, U, U of the layers above, V, b and c. None stands for what is no
    number: symbols for `x`, classes for `y`.
    """

    x: Units | None
    y: Units | None

    def into(self, examples):
        """Write examples in these units."""
        if self.x is not None:
            sequences = examples.sequences
            sequences = replace(sequences, values=self.x.into(sequences.values))
            examples = examples._replace(sequences=sequences)
        if self.y is not None:
            examples = examples._replace(target=self.y.into(examples.target))
        return examples

    def apply(self, arrays):
        """Let U x + b read numbers as they are, and V h + c give them so."""
        W, U, above, V, b, c = arrays
        if self.x is not None:
            U = U / self.x.divisor
            b = np.concatenate([b[: len(U)] - U @ self.x.mean, b[len(U) :]])
        if self.y is not None:
            V, c = V * self.y.spread[:, None], c * self.y.spread + self.y.mean
        return W, U, above, V, b, c

    def undo(self, arrays):
        """Give the arrays that `apply` makes these of."""
        W, U, above, V, b, c = arrays
        if self.x is not None:
            b = np.concatenate([b[: len(U)] + U @ self.x.mean, b[len(U) :]])
            U = U * self.x.divisor
        if self.y is not None:
            V, c = V / self.y.divisor[:, None], (c - self.y.mean) / self.y.divisor
        return W, U, above, V, b, c


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
