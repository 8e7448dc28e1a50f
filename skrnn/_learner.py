"""What the estimators that learn share: fit, from raw X and y to matrices.

read (drop rows of zero weight, encode, merge equal rows) -> train -> set what ends in an
underscore.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from sklearn.base import _fit_context
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_random_state

from skrnn._base import BaseRecurrent, fitted_input, undone_on_failure
from skrnn._configuration import architecture_of, device_of, ngram_range_of, training_plan_of
from skrnn._docs import FIT, documented
from skrnn._parameters import RNNParameters
from skrnn._progress import CallbackSupportMixin, Progress
from skrnn.input.encoding import encode
from skrnn.input.messages import short_repr
from skrnn.input.samples import Samples
from skrnn.input.sequences import UNKNOWN, Array, Floats, Indices, merge_equal
from skrnn.input.targets import (
    Target,
    check_target,
    check_validation_target,
    check_weight,
    class_weights,
)
from skrnn.input.validation import check_n_variables
from skrnn.input.vocabulary import Vocabulary
from skrnn.net import training
from skrnn.net.examples import Examples, hold_out
from skrnn.net.network import Network
from skrnn.net.scaling import Scaling
from skrnn.net.weights import Matrices

if TYPE_CHECKING:
    from typing_extensions import Self

LOSS = {
    "classification": "cross_entropy",
    "multilabel": "binary_cross_entropy",
    "regression": "squared_error",
}


def _accuracy(target: Array, scores: Floats, weight: Floats) -> float:
    return float(accuracy_score(target, scores.argmax(axis=1), sample_weight=weight))


def _subset_accuracy(target: Array, scores: Floats, weight: Floats) -> float:
    return float(accuracy_score(target, (scores > 0).astype(float), sample_weight=weight))


def _r2(target: Array, scores: Floats, weight: Floats) -> float:
    if len(target) < 2:  # where R^2 is not defined
        return 0.0
    return float(r2_score(target, scores, sample_weight=weight))


METRIC: dict[str, Callable[[Array, Floats, Floats], float]] = {
    "classification": _accuracy,
    "multilabel": _subset_accuracy,
    "regression": _r2,
}


class Task(NamedTuple):
    """What there is to learn: how x is read, what y is, and the examples."""

    kind: str  # of the samples
    vocabulary: Vocabulary | None
    n_inputs: int
    target: Target
    train: Examples
    validation: Examples | None  # of the user's own


class BaseLearner(CallbackSupportMixin, RNNParameters, BaseRecurrent):
    """Base of the estimators that learn; each says by `_target_kind` what y has to be."""

    _target_kind: str | None = None  # "classification", "regression", or None: as y is

    U_above_: Array
    V_: Array
    b_: Array
    c_: Array
    classes_: Array
    target_type_: str
    n_iter_: int
    loss_: float
    best_loss_: float
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    _origin: Floats | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @documented(parameters=FIT)
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Learn W, U, V, b and c by minibatch SGD.

        Parameters
        ----------
        {parameters}
        """
        progress = Progress(self, X, y, sample_weight)
        with undone_on_failure(self):
            task = self._read(X, y, sample_weight)
            validation = self._read_validation(X_val, y_val, sample_weight_val, task)
            self._train(task._replace(validation=validation), progress)
            progress.ends()
        return self

    @property
    def _warm(self) -> bool:
        """Whether `fit` goes on from the last one."""
        return self.warm_start and hasattr(self, "W_")

    def _read(self, X: Any, y: Any, sample_weight: Any) -> Task:
        """Check all that is to be learned, and read it."""
        samples = self._check_X(
            X, reset=not self._warm, fitted=self.input_type_ if self._warm else None
        )
        if self._warm:
            check_n_variables(type(self).__name__, samples, self.U_.shape[1])
        target = check_target(self, y, len(samples.values), self._target_kind)
        weight = check_weight(self, sample_weight, len(samples.values))
        kept = np.flatnonzero(weight)  # rows of zero weight must not shape anything
        samples, target, weight = samples.take(kept), target.take(kept), weight[kept]
        self._check_target(target)
        return self._encode(samples, target, weight)

    def _encode(self, samples: Samples, target: Target, weight: Floats) -> Task:
        """Write each distinct row once as a sequence, and merge equal examples."""
        index, inverse = samples.unique(sort=True)
        documents = self._documents(samples.take(index))
        vocabulary = self._vocabulary if self._warm else None
        if not self._warm:
            vocabulary = self._learn_vocabulary(documents, inverse, weight)
        values, ids = np.unique(target.values, axis=0, return_inverse=True)
        rows, ids, weight = merge_equal(inverse, ids.reshape(-1), weight)
        train = Examples(encode(documents, vocabulary), rows, values[ids], weight)
        n_inputs = documents.n_variables if vocabulary is None else len(vocabulary)
        return Task(documents.kind, vocabulary, n_inputs, target, train, None)

    def _check_target(self, target: Target) -> None:
        """Refuse a single class, and what a warm start does not know."""
        who, classes = type(self).__name__, target.classes
        if self._target_kind == "classification" and len(classes) < 2:
            raise ValueError(
                f"{who} needs at least two classes in y, got one class: {short_repr(classes[0])}."
            )
        old: Any = getattr(self, "classes_", None)
        if self._warm and not np.array_equal(classes, old):
            raise ValueError(
                f"{who} with warm_start=True needs y to be {_listed(old)}, as in the last fit, "
                f"got {_listed(classes)}: set warm_start=False to start anew."
            )

    def _learn_vocabulary(
        self, documents: Samples, inverse: Indices, weight: Floats
    ) -> Vocabulary | None:
        counts = np.bincount(inverse, np.ceil(np.round(weight, 9)))  # a part of a row is a row
        return self._find_vocabulary(
            documents,
            counts,
            min_df=self.min_df,
            max_features=self.max_features,
            ngram_range=ngram_range_of(self, documents.kind),
        )

    def _read_validation(
        self, X_val: Any, y_val: Any, sample_weight_val: Any, task: Task
    ) -> Examples | None:
        """Read a validation set of the user's own."""
        given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        names = [name for name, value in given.items() if value is not None]
        if not names:
            return None
        if X_val is None or y_val is None:
            lacking = " and ".join(name for name in ("X_val", "y_val") if name not in names)
            raise ValueError(
                f"{type(self).__name__} got {' and '.join(names)} without {lacking}: "
                "give X_val and y_val, or neither."
            )
        samples = self._check_X(X_val, reset=False, fitted=task.kind, name="X_val")
        check_n_variables(type(self).__name__, samples, task.n_inputs, "X_val")
        target = check_validation_target(self, y_val, len(samples.values), task.target)
        weight = check_weight(self, sample_weight_val, len(samples.values), "sample_weight_val")
        index, inverse = samples.unique()
        sequences = encode(self._documents(samples.take(index)), task.vocabulary)
        return Examples(sequences, inverse, target.values, weight)

    def _train(self, task: Task, progress: Progress) -> None:
        """Train a network on the examples of a task, and take over what it has learned."""
        who, target, train = type(self).__name__, task.target, task.train
        architecture = architecture_of(self, task.kind, task.n_inputs, target.n_outputs)
        scaling = Scaling.of(architecture, train, regression=target.kind == "regression")
        validation = task.validation and scaling.transform(task.validation)
        train = self._weigh_classes(target, scaling.transform(train))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        generator = torch.Generator().manual_seed(seed)
        network = Network(architecture, loss=LOSS[target.kind], device=device_of(self))
        self._start(network, task, scaling, generator)
        if self.early_stopping and validation is None:
            train, validation = self._hold_out(train, generator)
        plan = training_plan_of(self, task.kind, len(train.rows))
        validate = None
        if validation is not None:
            metric = METRIC[target.kind]
            validate = partial(training.evaluate, examples=validation, metric=metric)
        learned = partial(self._learned, task, scaling, network)
        progress.begins(plan.max_iter, learned)
        with _loss_is_finite(who):
            history = training.fit(network, train, plan, generator, validate, progress)
        if history.interrupted:
            warnings.warn(
                f"{who}.fit was interrupted in epoch {len(history.losses) + 1}; "
                "the best epoch so far is kept.",
                stacklevel=4,  # the call of fit, behind _fit_context
            )
        self._set_fitted(learned(history))

    def _weigh_classes(self, target: Target, train: Examples) -> Examples:
        """Multiply the weights of examples by those of their classes."""
        if self.class_weight is None:
            return train
        who, given = type(self).__name__, self.class_weight
        factor = class_weights(who, given, target, train.target, train.weight)
        return train._replace(weight=train.weight * factor)

    def _start(
        self, network: Network, task: Task, scaling: Scaling, generator: torch.Generator
    ) -> None:
        """Set the weights that training starts from."""
        if not self._warm:
            zero_columns = [UNKNOWN] if task.vocabulary else []
            network.weights.initialize(self.init, generator, zero_columns)
            return
        same = network.architecture._replace(bias=self._architecture.bias) == self._architecture
        if task.vocabulary is not None:
            same &= task.vocabulary.ngram_range == ngram_range_of(self, task.kind)
        if not same:
            raise ValueError(
                f"{type(self).__name__} with warm_start=True needs nhidden, cell, activation, "
                "bidirectional, n_layers, pooling and ngram_range to stay what they were in the "
                "last fit: set warm_start=False to start anew."
            )
        network.weights.load(scaling.take_out(self._matrices()))

    def _hold_out(self, train: Examples, generator: torch.Generator) -> tuple[Examples, Examples]:
        who, n = type(self).__name__, len(train.rows)
        if n < 2:
            raise ValueError(
                f"{who} needs two different rows for early_stopping=True, got n_samples={n}."
            )
        return hold_out(train, self.validation_fraction, generator)

    def _learned(
        self, task: Task, scaling: Scaling, network: Network, history: training.History
    ) -> dict[str, Any]:
        """Name everything that a fitted estimator has."""
        losses = [*(self.loss_curve_ if self._warm else []), *history.losses]
        target = task.target
        matrices = scaling.fold_in(network.weights.arrays(history.kept))
        return {
            **fitted_input(task.kind, task.vocabulary),
            "target_type_": target.kind,
            **({} if target.classes is None else {"classes_": target.classes}),
            "_architecture": network.architecture,
            "_origin": scaling.origin,
            **{f"{name}_": array for name, array in matrices._asdict().items()},
            "n_iter_": len(losses),
            "loss_curve_": losses,
            "loss_": losses[-1],
            "best_loss_": min(losses),
            "validation_scores_": history.scores or None,
            "best_validation_score_": max(history.scores, default=None),
        }

    def _matrices(self) -> Matrices:
        return Matrices(*(getattr(self, f"{name}_") for name in Matrices._fields))

    def _device(self) -> torch.device:
        return device_of(self)


def _listed(classes: Array | None) -> str:
    return "numbers" if classes is None else f"the classes {short_repr(classes.tolist())}"


@contextmanager
def _loss_is_finite(who: str) -> Iterator[None]:
    """Say what to do where the loss, a weight or a step has become too large."""
    try:
        yield
    except training.Diverged as error:
        raise ValueError(
            f"{who} needs a finite loss, but {error}: lower learning_rate_init, set "
            f"max_grad_norm, or scale X."
        ) from None
