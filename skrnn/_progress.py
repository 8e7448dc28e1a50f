"""Who is told of a fit while it goes on: stderr, and the callbacks of scikit-learn 1.9.

In: that an epoch begins, and what it gave. Out: lines, calls of hooks, and whether to stop.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from skrnn.net.learning import Learned
from skrnn.net.training import History

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupportMixin
except ImportError:  # scikit-learn 1.6 to 1.8

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stand for scikit-learn's mixin where there is none; there is no `set_callbacks`."""


class Progress:
    """Tell of one fit; made at its beginning, before anything can fail."""

    def __init__(self, estimator: Any) -> None:
        self.told: dict[str, Any] = {"estimator": estimator}
        self.who, self.verbose = type(estimator).__name__, int(estimator.verbose)
        supported = hasattr(estimator, "_init_callback_context")
        self.fit = estimator._init_callback_context(max_subtasks=None) if supported else None
        self.epoch: Any = None
        self.n_epochs = 0

    def will_tell(
        self, X: Any, y: Any, sample_weight: Any, attributes: Callable[[Learned], dict[str, Any]]
    ) -> None:
        """Take note of what callbacks are to be told.

        `attributes` makes those of the estimator from what was learned.
        """
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.told |= {"X": X, "y": y, "metadata": metadata}
        self.attributes = attributes

    def training_begins(self, n_epochs: int, learned: Callable[[History], Learned]) -> None:
        """Tell that training begins, of so many epochs at most."""
        self.n_epochs, self.learned = n_epochs, learned
        if self.fit:
            self.fit.max_subtasks = n_epochs
            self.fit.call_on_fit_task_begin(**self.told)

    def epoch_begins(self) -> None:
        """Tell that an epoch begins."""
        if self.fit:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.told)

    def epoch_ends(self, history: History) -> bool:
        """Tell what an epoch gave; say whether a callback wants training to end."""
        if self.verbose and len(history.losses) % self.verbose == 0:
            print(self._line(history), file=sys.stderr, flush=True)
        if self.fit is None:
            return False
        return bool(
            self.epoch.call_on_fit_task_end(
                **self.told,
                reconstruction_attributes=lambda: self.attributes(self.learned(history)),
            )
        )

    def ends(self) -> None:
        """Tell that the estimator is fitted."""
        if self.fit:
            self.fit.call_on_fit_task_end(**self.told, reconstruction_attributes={})

    def _line(self, history: History) -> str:
        score = f", validation score {history.scores[-1]:.4f}" if history.scores else ""
        done, loss = len(history.losses), history.losses[-1]
        return f"{self.who} epoch {done}/{self.n_epochs}: loss {loss:.4f}{score}"
