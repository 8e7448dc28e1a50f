"""The base of the estimators that predict: the scores o = V [h ; g] + c, and their explanations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skrnn._encoder import RNNEncoder, encoder_of
from skrnn._learner import BaseLearner
from skrnn.input.grouping import take_inverse
from skrnn.input.samples import Samples
from skrnn.input.sequences import Array, Floats
from skrnn.net.attribution import contributions
from skrnn.net.frozen import FrozenNetwork


class Explanation(NamedTuple):
    """What each step of a sequence adds to an output, the score of a class or a number."""

    contributions: Floats  # (n_steps,)
    symbols: list[Any]
    label: Any
    score: float
    baseline: float


class BasePredictor(BaseLearner):
    """Base of `RNNClassifier` and `RNNRegressor`."""

    @property
    def encoder_(self) -> RNNEncoder:
        """A fitted `RNNEncoder` with the same matrices; it gives [h ; g] for the same X."""
        check_is_fitted(self)
        return encoder_of(self)

    def _from_scores(self, X: Any, finish: Callable[[Floats], Array]) -> Array:
        """Return for every row what `finish` makes of o = V [h ; g] + c, (some rows, n_outputs)."""
        found, _, inverse, _ = self._apply(X, FrozenNetwork.scores, finish, len(self.V_))
        return take_inverse(found, inverse)

    def _explain(self, document: Samples, output: int | None, labels: list[Any]) -> Explanation:
        """Share an output, or that of the largest score, among the symbols of one sequence."""
        frozen, codebook = self._frozen(), self._codebook
        sequence = codebook.encode(document)
        if output is None:
            scores = frozen.scores(frozen.vectors(sequence)).cpu().numpy()
            self._check_finite(scores)
            output = int(scores.argmax())
        steps, symbols = self._codebook.ngram_steps(document), self._codebook.step_labels(document)
        parts, score, baseline = contributions(
            frozen.network, sequence, output, self._origin, steps
        )
        self._check_finite(np.array([*parts.tolist(), score, baseline]))
        return Explanation(parts.cpu().numpy(), symbols, labels[output], score, baseline)
