"""What the estimators that learn share: fit, from raw X and y to matrices.

read (drop rows of zero weight, encode, merge equal rows) -> train -> set what ends in an
underscore.
"""

import warnings
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from sklearn.base import _fit_context
from sklearn.utils import check_random_state

from skrnn import _training
from skrnn._alphabet import UNKNOWN
from skrnn._docs import FIT, documented
from skrnn._hyperparameters import Hyperparameters
from skrnn._network import Network
from skrnn._outputs import LOSS, SCORE, Scales, class_weights
from skrnn._progress import CallbackSupportMixin, Progress
from skrnn._reading import Reader, once
from skrnn._sequences import merge
from skrnn._settings import device_of, ngram_range_of, plan_of, shape_of
from skrnn._targets import Target, check_known_target, check_target, check_weight
from skrnn._values import short
from skrnn._vectors import known_of, undone_on_failure
from skrnn._weights import Matrices


class Task(NamedTuple):
    """What there is to learn: how x is read, what y is, and the examples."""

    reader: Reader
    target: Target
    train: _training.Examples
    validation: _training.Examples | None  # of the user's own


class BaseRNN(CallbackSupportMixin, Hyperparameters):
    """Base of the estimators that learn; each says by `_target_kind` what y has to be."""

    _target_kind = None  # "classification", "regression", or None: as y is

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @documented(parameters=FIT)
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None, X_val=None, y_val=None):
        """Learn W, U, V, b and c by minibatch SGD.

        Parameters
        ----------
        {parameters}
        """
        progress = Progress(self, X, y, sample_weight)
        with undone_on_failure(self):
            self._train(self._read(X, y, sample_weight, X_val, y_val), progress)
            progress.ends()
        return self

    @property
    def _warm(self):
        """Whether `fit` goes on from the last one."""
        return self.warm_start and hasattr(self, "W_")

    def _read(self, X, y, sample_weight, X_val, y_val):
        """Check all that is given, and read it: the task."""
        fitted = self.input_type_ if self._warm else None
        rows = self._check_X(X, reset=not self._warm, fitted=fitted)
        if self._warm:
            self._check_width(rows, self.U_.shape[1])
        target = check_target(self, y, len(rows.values), self._target_kind)
        weight = check_weight(self, sample_weight, len(rows.values))
        kept = np.flatnonzero(weight)  # rows of zero weight must not shape anything
        rows, target, weight = rows.take(kept), target.take(kept), weight[kept]
        self._check_target(target)

        rows, which = once(rows)
        alphabet = self._alphabet if self._warm else self._learn_alphabet(rows, which, weight)
        reader = self._reader_of(rows, alphabet)
        values, ids = np.unique(target.values, axis=0, return_inverse=True)
        which, ids, weight = merge(which, ids, weight)
        train = _training.Examples(reader.encode(rows), which, values[ids], weight)
        return Task(reader, target, train, self._read_validation(X_val, y_val, reader, target))

    def _check_target(self, target):
        """Refuse a single class, and what a warm start does not know."""
        who, classes = type(self).__name__, target.classes
        if self._target_kind == "classification" and len(classes) < 2:
            raise ValueError(
                f"{who} needs at least two classes in y, got one class: {short(classes[0])}."
            )
        old = getattr(self, "classes_", None)
        if self._warm and not np.array_equal(classes, old):
            raise ValueError(
                f"{who} with warm_start=True needs y to be {_listed(old)}, as in the last fit, "
                f"got {_listed(classes)}: set warm_start=False to start anew."
            )

    def _learn_alphabet(self, rows, which, weight):
        counts = np.bincount(which, np.ceil(np.round(weight, 9)))  # a part of a row is a row
        return self._alphabet_of(
            rows,
            counts,
            min_df=self.min_df,
            max_features=self.max_features,
            ngram_range=ngram_range_of(self, rows.kind),
        )

    def _read_validation(self, X_val, y_val, reader, target):
        """Read a validation set of the user's own."""
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            given, lacking = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ValueError(
                f"{type(self).__name__} got {given} without {lacking}: give both or neither."
            )
        rows = self._check_X(X_val, reset=False, fitted=reader.kind, name="X_val")
        self._check_width(rows, reader.width, "X_val")
        sequences, which = reader.read(rows)
        known = check_known_target(self, y_val, len(which), target)
        return _training.Examples(sequences, which, known.values, np.ones(len(which)))

    def _train(self, task, progress):
        """Train a network on the examples of a task, and take over what it has learned."""
        reader, target, train, validation = task
        who, shape = type(self).__name__, shape_of(self, reader, target)
        scales = Scales.of(shape, target.kind, train)
        train, validation = scales.into(train), validation and scales.into(validation)
        if self.class_weight is not None:
            factor = class_weights(who, self.class_weight, target, train)
            train = train._replace(weight=train.weight * factor)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        generator = torch.Generator().manual_seed(seed)
        network = self._start(task, shape, scales, generator)
        if self.early_stopping and validation is None:
            train, validation = self._hold_out(train, generator)
        plan = plan_of(self, reader.kind, len(train.rows))
        validate = None
        if validation is not None:
            validate = partial(_training.evaluate, examples=validation, score=SCORE[target.kind])
        learned = partial(self._learned, task, scales, network)
        progress.begins(plan.max_iter, learned)
        with _loss_is_finite(who):
            history = _training.fit(network, train, plan, generator, validate, progress)
        if history.interrupted:
            warnings.warn(
                f"{who}.fit was interrupted in epoch {len(history.losses) + 1}; "
                "the best epoch so far is kept.",
                stacklevel=4,  # the call of fit, behind _fit_context
            )
        self._set_fitted(learned(history))

    def _start(self, task, shape, scales, generator):
        """Make the network that training starts from."""
        network = Network(shape, loss=LOSS[task.target.kind], device=device_of(self))
        alphabet = task.reader.alphabet
        if not self._warm:
            silent = [UNKNOWN] if alphabet else []
            network.weights.initialize(self.init, generator, silent)
            return network
        old = self._fitted_shape
        same = shape._replace(bias=old.bias) == old
        if not same or (
            alphabet and alphabet.ngram_range != ngram_range_of(self, task.reader.kind)
        ):
            raise ValueError(
                f"{type(self).__name__} with warm_start=True needs nhidden, cell, activation, "
                "bidirectional, n_layers, pooling and ngram_range to stay what they were in the "
                "last fit: set warm_start=False to start anew."
            )
        network.weights.load(scales.undo(self._arrays()))
        return network

    def _hold_out(self, train, generator):
        who, n = type(self).__name__, len(train.rows)
        if n < 2:
            raise ValueError(
                f"{who} needs two different rows for early_stopping=True, got n_samples={n}."
            )
        return _training.hold_out(train, self.validation_fraction, generator)

    def _learned(self, task, scales, network, history):
        """Name everything that a fitted estimator has."""
        losses = [*(self.loss_curve_ if self._warm else []), *history.losses]
        target = task.target
        matrices = scales.apply(network.weights.arrays(history.kept))
        return {
            **known_of(task.reader),
            "target_type_": target.kind,
            **({} if target.classes is None else {"classes_": target.classes}),
            "_fitted_shape": network.shape,
            "_origin": scales.origin,
            **{f"{name}_": array for name, array in matrices._asdict().items()},
            "n_iter_": len(losses),
            "loss_curve_": losses,
            "loss_": losses[-1],
            "best_loss_": min(losses),
            "validation_scores_": history.scores or None,
            "best_validation_score_": max(history.scores, default=None),
        }

    def _arrays(self):
        return Matrices(*(getattr(self, f"{name}_") for name in Matrices._fields))

    def _device(self):
        return device_of(self)


def _listed(classes):
    return "numbers" if classes is None else f"the classes {short(classes.tolist())}"


@contextmanager
def _loss_is_finite(who):
    """Say what to do where the loss, a weight or a step has become too large."""
    try:
        yield
    except _training.Diverged as error:
        raise ValueError(
            f"{who} needs a finite loss, but {error}: lower learning_rate_init, set "
            f"max_grad_norm, or scale X."
        ) from None
