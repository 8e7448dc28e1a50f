"""`RNNRegressor`: predicts numbers from sequences."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skrnn._docs import ATTRIBUTES, EXPLANATION, EXPLANATION_REFERENCES, NOTES, documented
from skrnn._parameters import PARAMETERS, REFERENCES
from skrnn._predictor import BasePredictor, Explanation
from skrnn.input.messages import short_repr
from skrnn.input.sequences import Floats


@documented(parameters=PARAMETERS, attributes=ATTRIBUTES, notes=NOTES, references=REFERENCES)
class RNNRegressor(RegressorMixin, BasePredictor):
    """Predict numbers from strings and other sequences with a recurrent network.

    The prediction is V [h ; g] + c. h comes from a recurrence that reads the sequence symbol by
    symbol, and g is a sum over its n-grams, as described in `RNNEncoder`. All matrices are learned
    together, by minibatch SGD on the squared error [1]_. y is standardized for training. `V_`,
    `c_` and the predictions are in the units of y. `loss_curve_` is half the squared error in
    units of the variance of y.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    RNNEncoder : Returns the vectors [h ; g].
    RNNClassifier : Predicts classes.

    Notes
    -----
    {notes}

    References
    ----------
    {references}

    Examples
    --------
    >>> from skrnn import RNNRegressor
    >>> words = ["a", "aa", "aaa", "aaaa", "aaaaa"] * 5
    >>> grams = [1.0, 2.0, 3.0, 4.0, 5.0] * 5
    >>> model = RNNRegressor(nhidden=16, random_state=0).fit(words, grams)
    >>> model.predict(["aaaa"]).round().tolist()
    [4.0]
    """

    _target_kind = "regression"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BasePredictor._parameter_constraints,
        "class_weight": [None],
    }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def predict(self, X: Any) -> Floats:
        """Predict the number of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions, in the units of y in `fit`.
        """
        check_is_fitted(self)
        numbers = self._from_scores(X, lambda o: o)
        return numbers[:, 0] if numbers.shape[1] == 1 else numbers

    @documented(explanation=EXPLANATION, references=EXPLANATION_REFERENCES)
    def explain(self, x: Any, output: int = 0) -> Explanation:
        """Return the contribution of each symbol of one sequence to a predicted number.

        {explanation}

        Parameters
        ----------
        x : str, list of str, ndarray of shape (n_steps,) or (n_steps, n_variables), or None
            One sequence, in the same form as a row of X in `fit`.
        output : int, default=0
            Number of the output, if there are several.

        Returns
        -------
        explanation : Explanation
            A named tuple of `contributions`, of shape (n_steps,), the `symbols` at each step (for
            a series, the numbers), the output as `label` (None if there is only one), the
            prediction as `score`, and its `baseline`, the prediction for the baseline.

        Raises
        ------
        ValueError
            If `output` is not a valid number of an output.

        References
        ----------
        {references}
        """
        check_is_fitted(self)
        document, n = self._read_one(x), len(self.V_)
        given: Any = output
        whole = isinstance(given, Integral) and not isinstance(given, bool)
        if not whole or not 0 <= given < n:
            needed = "0, as y had one column" if n == 1 else f"a whole number from 0 to {n - 1}"
            raise ValueError(
                f"{type(self).__name__}.explain needs output to be {needed}, "
                f"got {short_repr(output)}."
            )
        return self._explain(document, int(output), [None] if n == 1 else list(range(n)))
