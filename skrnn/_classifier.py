"""`RNNClassifier`: sequences in, classes out."""

import numpy as np
from scipy.special import log_expit, log_softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skrnn._docs import ATTRIBUTES, documented
from skrnn._hyperparameters import PARAMETERS, REFERENCES
from skrnn._predictor import BasePredictor
from skrnn._sequences import spread
from skrnn._values import short


@documented(parameters=PARAMETERS, attributes=ATTRIBUTES, references=REFERENCES)
class RNNClassifier(ClassifierMixin, BasePredictor):
    """Classify strings and other sequences with a recurrent net.

    The scores of the classes are o = V h + c, where h is the vector of the sequence that
    `RNNEncoder` describes; all matrices are learned together, by minibatch SGD on the
    cross entropy of softmax(o) [1]_.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}
    classes_ : ndarray of shape (n_classes,)
        Sorted labels; the numbers of the columns, if y had several.

    See Also
    --------
    RNNEncoder : Gives the vectors h themselves.
    RNNRegressor : Predicts numbers.

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

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def predict(self, X):
        """Predict the likeliest class of every row.

        Parameters
        ----------
        X : array-like
            Sequences in the form that `fit` had.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels; or 0 or 1 for each of several labels.
        """
        scores, which = self._scores(X)
        if self.target_type_ == "multilabel":
            return spread((scores > 0).astype(np.int64), which)
        return spread(self.classes_[scores.argmax(axis=1)], which)

    def decision_function(self, X):
        """Give the scores o = V h + c of every row.

        Parameters
        ----------
        X : array-like
            Sequences in the form that `fit` had.

        Returns
        -------
        o : ndarray of shape (n_samples, n_classes), (n_samples, n_labels) or (n_samples,)
            Scores in the order of `classes_`; of two classes, how much larger that of the
            second is.
        """
        scores = spread(*self._scores(X))
        two = self.target_type_ == "classification" and scores.shape[1] == 2
        return scores[:, 1] - scores[:, 0] if two else scores

    def predict_proba(self, X):
        """Predict the probabilities of the classes of every row.

        Parameters
        ----------
        X : array-like
            Sequences in the form that `fit` had.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Softmax of V h + c, in the order of `classes_`; of several labels, the
            probability of each by itself.
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X):
        """Predict the logarithms of the probabilities of the classes of every row.

        Parameters
        ----------
        X : array-like
            Sequences in the form that `fit` had.

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Logarithms of the probabilities that `predict_proba` gives.
        """
        scores = spread(*self._scores(X))
        return (
            log_expit(scores) if self.target_type_ == "multilabel" else log_softmax(scores, axis=1)
        )

    def explain(self, x, label=None):
        """Share the score of a class among the symbols of one sequence.

        The method is integrated gradients [1]_ over the embeddings: from U x_t = 0 at every
        step, where nothing is read, to the U x_t that there are. What the steps get sums to
        the difference of the scores o = V h + c between the two, to about five digits; four
        with the largest h_t in the vector, or relu. Series of numbers start not from zero but
        from the mean of each variable in the training rows.

        Parameters
        ----------
        x : str, list of str, ndarray of shape (n_steps,) or (n_steps, n_variables), or None
            One sequence of the form that `fit` had in its rows.
        label : object, default=None
            The class, one of `classes_`, or the number of the column of several labels. None
            is the predicted class, of several labels that of the largest score.

        Returns
        -------
        explanation : Explanation
            A named tuple of `contributions`, (n_steps,), of the `symbols` that were read at
            each step (with n-grams, the longest of them ends there), of the `label`, its
            `score`, and its `baseline`, the score where nothing is read.

        Raises
        ------
        ValueError
            If there is no such label.

        References
        ----------
        .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks",
           ICML 2017.
        """
        check_is_fitted(self)
        sequence, classes = self._read_one(x), self.classes_.tolist()
        if label is None:
            label = self.classes_[self._scores([x])[0][0].argmax()]
        if not any(np.array_equal(label, known) for known in classes):
            raise ValueError(
                f"{type(self).__name__}.explain needs label to be one of {short(classes, 300)}, "
                f"got {label!r}."
            )
        return self._explain(*sequence, classes.index(label), label)
