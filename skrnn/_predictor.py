"""What the estimators that predict share: the scores o = V h + c, and where they come from."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skrnn._applying import contributions
from skrnn._base import BaseRNN
from skrnn._encoder import encoder_of


class Explanation(NamedTuple):
    """What each step of a sequence adds to an output, the score of a class or a number."""

    contributions: np.ndarray  # (n_steps,)
    symbols: list
    label: Any
    score: float
    baseline: float


class BasePredictor(BaseRNN):
    """Base of `RNNClassifier` and `RNNRegressor`."""

    @property
    def encoder_(self):
        """A fitted `RNNEncoder` with the same matrices; it gives h for the same X."""
        check_is_fitted(self)
        return encoder_of(self)

    def _scores(self, X):
        """Give o = V h + c of each distinct row, (n, n_outputs), and which of these each is."""
        scores, which, _ = self._apply(X, lambda h: h @ self.V_.T.astype(h.dtype) + self.c_)
        return scores, which

    def _explain(self, sequence, symbols, output, label):
        """Share an output among the symbols of one sequence."""
        parts, score, baseline = contributions(self._network(), sequence, output, self._origin)
        return Explanation(parts.cpu().numpy(), symbols, label, score, baseline)
