"""`RNNClassifier`: predicts classes from sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skrnn._docs import ATTRIBUTES, EXPLANATION, EXPLANATION_REFERENCES, NOTES, documented
from skrnn._parameters import PARAMETERS, REFERENCES
from skrnn._predictor import BasePredictor, Explanation
from skrnn.input.messages import short_repr
from skrnn.input.sequences import Array, Floats
from skrnn.input.values import unwrap_scalar


@documented(parameters=PARAMETERS, attributes=ATTRIBUTES, notes=NOTES, references=REFERENCES)
class RNNClassifier(ClassifierMixin, BasePredictor):
    """Classify strings and other sequences with a recurrent network.

    The scores of the classes are o = V [h ; g] + c. h comes from a recurrence that reads the
    sequence symbol by symbol, and g is a sum over its n-grams, as described in `RNNEncoder`. All
    matrices are learned together, by minibatch SGD on the cross entropy of softmax(o) [1]_.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels. If y had several columns, their numbers.

    See Also
    --------
    RNNEncoder : Returns the vectors [h ; g].
    RNNRegressor : Predicts numbers.

    Notes
    -----
    {notes}

    References
    ----------
    {references}

    Examples
    --------
    >>> from skrnn import RNNClassifier
    >>> names = ["tanaka", "suzuki", "sato", "smith", "jones", "brown"] * 5
    >>> country = ["jp", "jp", "jp", "uk", "uk", "uk"] * 5
    >>> model = RNNClassifier(nhidden=16, random_state=0).fit(names, country)
    >>> model.predict(["tanaka", "jones"]).tolist()
    ['jp', 'uk']
    >>> model.predict_proba(["tanaka"]).shape
    (1, 2)
    """

    _target_kind = "classification"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def predict(self, X: Any) -> Array:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Classes, or 0 or 1 for each of several labels.
        """
        check_is_fitted(self)
        if self.target_type_ == "multilabel":
            return self._from_scores(X, lambda o: (o > 0).astype(np.int64))
        return self._from_scores(X, lambda o: self.classes_[o.argmax(axis=1)])

    def decision_function(self, X: Any) -> Floats:
        """Return the scores o = V [h ; g] + c of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        o : ndarray of shape (n_samples, n_classes), (n_samples, n_labels) or (n_samples,)
            Scores in the order of `classes_`. With two classes, the score of the second minus that
            of the first. The scores are float64, computed from vectors in single precision.
        """
        check_is_fitted(self)
        if self.target_type_ == "classification" and len(self.classes_) == 2:
            return self._from_scores(X, lambda o: o[:, 1] - o[:, 0])
        return self._from_scores(X, lambda o: o)

    def predict_proba(self, X: Any) -> Floats:
        """Predict the class probabilities of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Softmax of V [h ; g] + c, in the order of `classes_`. With several labels, the
            probability of each label on its own.
        """
        p = self.predict_log_proba(X)
        return np.exp(p, out=p)

    def predict_log_proba(self, X: Any) -> Floats:
        """Predict the logarithms of the class probabilities of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Logarithms of the probabilities that `predict_proba` returns.
        """
        check_is_fitted(self)
        if self.target_type_ == "multilabel":
            return self._from_scores(X, log_expit)
        return self._from_scores(X, lambda o: np.asarray(log_softmax(o, axis=1)))

    @documented(explanation=EXPLANATION, references=EXPLANATION_REFERENCES)
    def explain(self, x: Any, label: Any = None) -> Explanation:
        """Return the contribution of each symbol of one sequence to the score of a class.

        {explanation}

        Parameters
        ----------
        x : str, list of str, ndarray of shape (n_steps,) or (n_steps, n_variables), or None
            One sequence, in the same form as a row of X in `fit`.
        label : object, default=None
            One of `classes_`. With several labels, the number of the column. None is the predicted
            class; with several labels, the label with the largest score.

        Returns
        -------
        explanation : Explanation
            A named tuple of `contributions`, of shape (n_steps,), the `symbols` at each step (for
            a series, the numbers), the `label`, its `score`, and its `baseline`, the score of
            the baseline.

        Raises
        ------
        ValueError
            If `label` is not one of the classes.

        References
        ----------
        {references}
        """
        check_is_fitted(self)
        document, classes = self._read_one(x), list(self.classes_)
        if label is None:
            return self._explain(document, None, classes)
        place = _place_of(label, classes)
        if place is None:
            known = short_repr(self.classes_.tolist(), 300)
            raise ValueError(
                f"{type(self).__name__}.explain needs label to be one of {known}, "
                f"got {short_repr(label)}."
            )
        return self._explain(document, place, classes)._replace(label=label)


def _place_of(label: Any, classes: list[Any]) -> int | None:
    """Return the index of a label in the classes, or None."""
    try:
        return {known: i for i, known in enumerate(classes)}.get(unwrap_scalar(label))
    except (TypeError, ValueError):  # not hashable, such as a list
        return None
