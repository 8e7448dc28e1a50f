"""Around a network: the units of its numbers, the weights of its classes, its scores.

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
    """The mean and the standard deviation of numbers: (n_numbers,) each."""

    mean: Any
    std: Any

    @classmethod
    def of(cls, values, weight=None, *, centre=True):
        """Measure numbers, (n, n_numbers); without `centre` the mean counts as zero."""
        values = np.asarray(values, dtype=np.float64)
        mean = np.average(values, axis=0, weights=weight) * centre
        std = np.average((values - mean) ** 2, axis=0, weights=weight) ** 0.5
        if centre:  # what is left of equal numbers is the rounding of their mean
            std = np.where(np.ptp(values, axis=0) == 0, 0.0, std)
        return cls(mean, std)

    @property
    def divisor(self):
        """The standard deviation, or 1 where all numbers are the same."""
        return np.where(self.std == 0, 1.0, self.std)

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

    @classmethod
    def of(cls, shape, kind, examples):
        """Measure the numbers among x and y; a bag of x does not know b, hence no mean of x."""
        x = y = None
        if not shape.symbols:
            centre = shape.bias and "bag" not in shape.pooling
            x = Units.of(examples.sequences.values, centre=centre)
        if kind == "regression":
            y = Units.of(examples.target, examples.weight)
        return cls(x, y)

    @property
    def origin(self):
        """The numbers x that are zero in these units."""
        return None if self.x is None else self.x.mean

    def into(self, examples):
        """Write examples in these units."""
        if self.x is not None:
            sequences = examples.sequences
            sequences = replace(sequences, values=self.x.into(sequences.values))
            examples = examples._replace(sequences=sequences)
        if self.y is not None:
            examples = examples._replace(target=self.y.into(examples.target))
        return examples

    def apply(self, matrices):
        """Let U x + b read numbers as they are, and V h + c give them so."""
        if self.x is not None:
            U = matrices.U / self.x.divisor
            matrices = self._shifted(matrices._replace(U=U), -(U @ self.x.mean))
        if self.y is not None:
            V, c = matrices.V * self.y.std[:, None], matrices.c * self.y.std + self.y.mean
            matrices = matrices._replace(V=V, c=c)
        return matrices

    def undo(self, matrices):
        """Give the matrices that `apply` makes these of."""
        if self.x is not None:
            matrices = self._shifted(matrices, matrices.U @ self.x.mean)
            matrices = matrices._replace(U=matrices.U * self.x.divisor)
        if self.y is not None:
            V, c = matrices.V / self.y.divisor[:, None], (matrices.c - self.y.mean) / self.y.divisor
            matrices = matrices._replace(V=V, c=c)
        return matrices

    def _shifted(self, matrices, shift):
        """Add to b of the first layer."""
        b = matrices.b.astype(np.result_type(matrices.b, shift))
        b[: len(shift)] += shift
        return matrices._replace(b=b)


def class_weights(who, class_weight, target, examples):
    """Give the weight of each example for its class; "balanced" gives each class the same sum."""
    if target.kind == "multilabel":
        raise ValueError(f"{who} has class_weight for one label a row, got several columns of y.")
    if target.kind == "regression":
        raise ValueError(f"{who} needs class_weight=None where y is numbers, got {class_weight!r}.")
    classes, values = target.classes.tolist(), examples.target
    if class_weight == "balanced":
        sums = np.bincount(values, examples.weight)
        return (sums.sum() / (len(classes) * sums))[values]
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise ValueError(
            f"{who} needs the keys of class_weight to be classes of y, got {unknown[0]!r} besides."
        )
    return np.array([class_weight.get(label, 1.0) for label in classes])[values]


def accuracy(target, scores, weight):
    """Score scores of classes, (n, n_classes): the share of hits."""
    return float(np.average(scores.argmax(axis=1) == target, weights=weight))


def subset_accuracy(target, scores, weight):
    """Score scores of labels, (n, n_labels): the share of rows with all labels right."""
    return float(np.average(((scores > 0) == target).all(axis=1), weights=weight))


def r2(target, scores, weight):
    """Score predicted numbers, (n, n_outputs): the mean of R^2 over the outputs."""
    mean = np.average(target, axis=0, weights=weight)
    residual, spread = weight @ (target - scores) ** 2, weight @ (target - mean) ** 2
    known = spread > 0
    return float(np.mean(1 - residual[known] / spread[known])) if known.any() else 0.0


SCORE = {"classification": accuracy, "multilabel": subset_accuracy, "regression": r2}
