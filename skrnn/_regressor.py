"""`RNNRegressor`: sequences in, numbers out."""

from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skrnn._base import BaseRNN
from skrnn._docs import ATTRIBUTES, PARAMETERS, documented
from skrnn._encoder import encoder_of
from skrnn._sequences import spread


@documented(parameters=PARAMETERS, attributes=ATTRIBUTES)
class RNNRegressor(RegressorMixin, BaseRNN):
    """Predict numbers from strings and other sequences with a recurrent net.

    The prediction is V h + c, where h is the vector of the sequence that `RNNEncoder`
    describes; all matrices are learned together, by minibatch SGD on the squared
    error [1]_. Training is in units of the standard deviation of y; `V_`, `c_` and the
    predictions are in the units of y, `loss_curve_` is half the squared error in units of
    its variance.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    RNNEncoder : Gives the vectors h themselves.
    RNNClassifier : Predicts classes.

    References
    ----------
    .. [1] Terence Parr, "An RNN built with matrices and trained with SGD",
       https://explained.ai/rnn/

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
    _parameter_constraints = {**BaseRNN._parameter_constraints, "class_weight": [None]}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @property
    def encoder_(self):
        """A fitted `RNNEncoder` with the same matrices; it gives h for the same X."""
        check_is_fitted(self)
        return encoder_of(self)

    def predict(self, X):
        """Predict the number of every row.

        Parameters
        ----------
        X : array-like
            Sequences in the form that `fit` had.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Numbers in the units of the y of `fit`.
        """
        numbers = spread(*self._scores(X))
        return numbers[:, 0] if numbers.shape[1] == 1 else numbers
