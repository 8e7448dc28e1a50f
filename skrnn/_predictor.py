"""Base class of the predictors: the scores o = V [h ; g] + c, and their explanations."""

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
    """The contribution of each step of a sequence to an output: a class score or a number."""

    contributions: Floats  # (n_steps,)
    symbols: list[Any]
    label: Any
    score: float
    baseline: float


class BasePredictor(BaseLearner):
    """Base class of `RNNClassifier` and `RNNRegressor`."""

    @property
    def encoder_(self) -> RNNEncoder:
        """A fitted `RNNEncoder` with the same matrices, which returns [h ; g]."""
        check_is_fitted(self)
        return encoder_of(self)

    def _from_scores(self, X: Any, finish: Callable[[Floats], Array]) -> Array:
        """Apply `finish` to o = V [h ; g] + c, (some rows, n_outputs), for all rows."""
        found, _, inverse, _ = self._apply(X, FrozenNetwork.scores, finish, len(self.V_))
        return take_inverse(found, inverse)

    def _explain(self, document: Samples, output: int | None, labels: list[Any]) -> Explanation:
        """Explain an output, or the one with the largest score, by the symbols of a sequence."""
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
