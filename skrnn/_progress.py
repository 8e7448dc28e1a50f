"""Who is told of a fit while it goes on: stderr, and the callbacks of scikit-learn 1.9.

In: that an epoch begins, and what it gave. Out: lines, calls of hooks, and whether to stop.
"""

import sys
from functools import partial

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn 1.6 to 1.8

    class CallbackSupportMixin:
        """Stand for scikit-learn's mixin where there is none; there is no `set_callbacks`."""


class Progress:
    """Tell of one fit; to be made at its beginning, before anything can fail."""

    def __init__(self, estimator, X, y, sample_weight):
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.told = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.who, self.verbose = type(estimator).__name__, int(estimator.verbose)
        supported = hasattr(estimator, "_init_callback_context")
        self.fit = estimator._init_callback_context(max_subtasks=None) if supported else None
        self.epoch = None

    def begins(self, epochs, learned):
        """Tell that training begins, of so many epochs at most.

        `learned` makes the attributes of the estimator as they would be after a history.
        """
        self.epochs, self.learned = epochs, learned
        if self.fit:
            self.fit.max_subtasks = epochs
            self.fit.call_on_fit_task_begin(**self.told)

    def epoch_begins(self):
        """Tell that an epoch begins."""
        if self.fit:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.told)

    def epoch_ends(self, history):
        """Tell what an epoch gave; say whether a callback wants training to end."""
        if self.verbose and len(history.losses) % self.verbose == 0:
            print(self._line(history), file=sys.stderr, flush=True)
        if self.fit is None:
            return False
        return self.epoch.call_on_fit_task_end(
            **self.told, reconstruction_attributes=partial(self.learned, history)
        )

    def ends(self):
        """Tell that the estimator is fitted."""
        if self.fit:
            self.fit.call_on_fit_task_end(**self.told, reconstruction_attributes={})

    def _line(self, history):
        score = f", validation score {history.scores[-1]:.4f}" if history.scores else ""
        done, loss = len(history.losses), history.losses[-1]
        return f"{self.who} epoch {done}/{self.epochs}: loss {loss:.4f}{score}"
