"""Report the progress of a fit to stderr and to scikit-learn's callbacks (1.9).

In: training events. Out: lines, calls of hooks, and whether to stop.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import signature
from typing import Any

from skrnn.net.learning import Learned
from skrnn.net.training import History

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupportMixin
except ImportError:  # scikit-learn 1.7 and 1.8

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Replaces scikit-learn's mixin in older versions, which have no `set_callbacks`."""


def changed_parameters(estimator: Any) -> str:
    """Write the parameters that differ from their defaults, without the seed: "nhidden=8"."""
    defaults = signature(type(estimator)).parameters
    given = estimator.get_params(deep=False)
    changed = [k for k in given if repr(given[k]) != repr(defaults[k].default)]
    return ", ".join(f"{k}={given[k]!r}" for k in changed if k != "random_state")


class Progress:
    """Reports one fit; created at its beginning, before anything can fail."""

    def __init__(self, estimator: Any) -> None:
        self.callback_kwargs: dict[str, Any] = {"estimator": estimator}
        self.who, self.verbose = type(estimator).__name__, int(estimator.verbose)
        supported = hasattr(estimator, "_init_callback_context")
        self.fit_context = (
            estimator._init_callback_context(max_subtasks=None) if supported else None
        )
        if self.fit_context and self.fit_context.parent:  # one of several fits, as of a search
            self.fit_context.task_name = f"fit({changed_parameters(estimator)})"
        self.epoch_context: Any = None
        self.n_epochs = 0
        self.silent = False  # whether another process prints

    def set_fit_data(
        self, X: Any, y: Any, sample_weight: Any, attributes: Callable[[Learned], dict[str, Any]]
    ) -> None:
        """Set the arguments of the callbacks.

        `attributes` returns the attributes of the estimator for the learned state.
        """
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.callback_kwargs |= {"X": X, "y": y, "metadata": metadata}
        self.attributes = attributes

    def training_begins(self, n_epochs: int, learned: Callable[[History], Learned]) -> None:
        """Report that training begins, with the maximum number of epochs."""
        self.n_epochs, self.learned = n_epochs, learned
        if self.fit_context:
            self.fit_context.max_subtasks = n_epochs
            self.fit_context.call_on_fit_task_begin(**self.callback_kwargs)

    def epoch_begins(self) -> None:
        """Report that an epoch begins."""
        if self.fit_context:
            self.epoch_context = self.fit_context.subcontext(task_name="epoch")
            self.epoch_context.call_on_fit_task_begin(**self.callback_kwargs)

    def epoch_ends(self, history: History) -> bool:
        """Report the results of an epoch; return whether a callback requests to stop."""
        if self.verbose and not self.silent and len(history.losses) % self.verbose == 0:
            print(self._line(history), file=sys.stderr, flush=True)
        if self.fit_context is None:
            return False
        return bool(
            self.epoch_context.call_on_fit_task_end(
                **self.callback_kwargs,
                reconstruction_attributes=lambda: self.attributes(self.learned(history)),
            )
        )

    def fit_ends(self) -> None:
        """Report that the estimator is fitted."""
        if self.fit_context:
            self.fit_context.call_on_fit_task_end(
                **self.callback_kwargs, reconstruction_attributes={}
            )

    def _line(self, history: History) -> str:
        score = f", validation score {history.scores[-1]:.4f}" if history.scores else ""
        done, loss = len(history.losses), history.losses[-1]
        return f"{self.who} epoch {done}/{self.n_epochs}: loss {loss:.4f}{score}"
