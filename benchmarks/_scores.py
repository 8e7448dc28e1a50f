"""Figures of merit of a fitted model on test rows.

In: true and predicted y, and the probabilities of the classes if the model has them. Out:
dicts of floats. Must not import skrnn.
"""

import numpy as np
from sklearn.metrics import r2_score

from benchmarks._report import score

TITLES = {  # of the columns, in their order
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log loss",
    "brier": "Brier",
    "calibration_error": "calibration error",
    "r2": "R^2",
}
COLUMNS = {"classification": [*TITLES][:5], "regression": ["r2"]}
SMALLEST = 1e-15  # a probability of 0 would make the logarithmic loss infinite


def figures_of(model, X, y, predicted, task):
    """Compute all figures that the model has; some have no probabilities."""
    if task == "regression":
        return {"r2": float(r2_score(y, predicted))}
    accuracy, macro_f1, _ = score(y, predicted, None)
    found = {"accuracy": float(accuracy), "macro_f1": float(macro_f1)}
    if hasattr(model, "predict_proba"):
        found |= of_probabilities(model.predict_proba(X), y, model.classes_)
    return found


def of_probabilities(P, y, classes):
    """Score probabilities (n, n_classes); a class that was not trained on has probability 0.

    The Brier score is the mean over the rows of the squared distance between the
    probabilities and the true class, which is 1 for it and 0 for the others: from 0 to 2.
    """
    is_true = y[:, None] == classes  # (n, n_classes)
    unknown = ~is_true.any(axis=1)
    loss = -np.log(np.maximum((P * is_true).sum(axis=1), SMALLEST))
    distance = ((P - is_true) ** 2).sum(axis=1) + unknown
    is_right = is_true[np.arange(len(P)), P.argmax(axis=1)]
    return {
        "log_loss": float(loss.mean()),
        "brier": float(distance.mean()),
        "calibration_error": calibration_error(P.max(axis=1), is_right),
    }


def calibration_error(confidence, is_right, n_bins=15):
    """Expected calibration error of the predicted class.

    The rows are put into bins of equal width by the probability of their predicted class.
    The error of a bin is the distance between the mean of these probabilities and the share
    of right predictions; the errors are averaged, each with the number of its rows as weight.
    """
    gap = confidence - is_right
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    sums = np.bincount(bins, weights=gap, minlength=n_bins)
    return float(np.abs(sums).sum() / len(gap))
