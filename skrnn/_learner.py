"""The base of the estimators that learn: `fit`, from raw X and y to matrices.

read -> configure -> learn -> set what ends in an underscore.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skrnn._base import BaseRecurrent, fit_or_restore, fitted_input
from skrnn._configuration import (
    Previous,
    check_combinations,
    configure,
    device_of,
    ngram_range_of,
)
from skrnn._docs import FIT, documented
from skrnn._parameters import RNNParameters, with_python_values
from skrnn._progress import CallbackSupportMixin, Progress
from skrnn.input.analyzer import Analyzer
from skrnn.input.encoding import CodebookRule
from skrnn.input.grouping import visits
from skrnn.input.holdout import hold_out
from skrnn.input.messages import short_repr
from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.samples import FittedForm, Kind
from skrnn.input.sequences import Array, Floats
from skrnn.input.targets import (
    Target,
    TargetKind,
    check_target,
    check_validation_target,
    check_weight,
    class_weights,
    in_range,
)
from skrnn.input.task import Task, read_task, read_validation
from skrnn.input.validation import check_some_steps
from skrnn.input.vocabulary import VocabularyRule
from skrnn.net.learning import Learned, learn
from skrnn.net.training import DivergenceError, History
from skrnn.net.weights import Matrices

if TYPE_CHECKING:
    from typing_extensions import Self


class BaseLearner(CallbackSupportMixin, RNNParameters, BaseRecurrent):
    """Base of the estimators that learn; each says by `_target_kind` what y has to be."""

    _target_kind: TargetKind | None = None  # "classification", "regression", or None: as y is

    G_: Array
    U_above_: Array
    V_: Array
    b_: Array
    c_: Array
    classes_: Array
    target_type_: TargetKind
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
        """Learn W, U, G, V, b and c by minibatch SGD.

        Parameters
        ----------
        {parameters}
        """
        progress, validation = Progress(self), (X_val, y_val, sample_weight_val)
        fit_or_restore(self, partial(self._fit, progress, X, y, sample_weight, validation))
        return self

    def _fit(
        self, progress: Progress, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, ...]
    ) -> None:
        params = with_python_values(self)
        analyzer = params._make_analyzer()
        task = self._read(params, analyzer, X, y, sample_weight)
        task = self._read_validation(task, analyzer, *validation)
        random = check_random_state(params.random_state)
        seed = int(random.randint(2**31 - 1))
        if params.early_stopping and task.validation is None:
            task = hold_out(type(self).__name__, task, params.validation_fraction, random)
        task = task._replace(train=task.train.repeat(visits(task.train.weight)))
        setup = configure(params, task, self._previous(), seed)
        attributes = partial(self._attributes, task, analyzer)
        progress.set_fit_data(X, y, sample_weight, attributes)
        with _explained_failure(type(self).__name__):
            learned = learn(task.train, task.validation, setup, progress)
        self._warn_of(learned.history)
        self._set_fitted(attributes(learned))
        progress.fit_ends()

    def _validate_params(self) -> None:
        super()._validate_params()
        check_combinations(self)

    @property
    def _warm(self) -> bool:
        """Whether `fit` continues from the previous one."""
        return self.warm_start and hasattr(self, "W_")

    def _previous(self) -> Previous | None:
        if not self._warm:
            return None
        return Previous(self._architecture, self._matrices(), self._analyzer)

    def _read(
        self, params: RNNParameters, analyzer: Analyzer, X: Any, y: Any, sample_weight: Any
    ) -> Task:
        """Check X, y and the weights, and build the task."""
        fitted = self._fitted_form() if self._warm else None
        samples = self._check_X(X, reset=not self._warm, fitted=fitted)
        check_some_steps(type(self).__name__, samples)
        target = check_target(self, y, len(samples.values), self._target_kind)
        weight = check_weight(self, sample_weight, len(samples.values))
        kept = np.flatnonzero(weight)  # rows of zero weight must not shape anything
        samples, target, weight = samples.take(kept), target.take(kept), weight[kept]
        self._check_target(target)
        known = self._codebook if self._warm else None
        rule = _codebook_rule(params, samples.kind)
        task = read_task(samples, target, weight, analyzer, rule, known)
        return self._weigh_classes(task, params.class_weight)

    def _check_target(self, target: Target) -> None:
        """Refuse a single class, and for a warm start another y than that of the last fit."""
        who, classes = type(self).__name__, target.classes
        if self._target_kind == "classification" and len(classes) < 2:
            raise ValueError(
                f"{who} needs at least two classes in y, got one class: {short_repr(classes[0])}."
            )
        if not self._warm:
            return
        old: Any = getattr(self, "classes_", None)
        same = target.kind == self.target_type_ and target.n_outputs == len(self.V_)
        if same and np.array_equal(classes, old):
            return
        old_form = _describe_y(self.target_type_, old, len(self.V_))
        new_form = _describe_y(target.kind, classes, target.n_outputs)
        raise ValueError(
            f"{who} with warm_start=True needs y to be {old_form}, as in the last fit, "
            f"got {new_form}: set warm_start=False to start anew."
        )

    def _weigh_classes(self, task: Task, class_weight: Any) -> Task:
        """Multiply the weights of examples by those of their classes."""
        if class_weight is None:
            return task
        who, train = type(self).__name__, task.train
        factor = class_weights(who, class_weight, task.target, train.target, train.weight)
        weight = in_range(train.weight * in_range(factor))
        return task._replace(train=train._replace(weight=weight))

    def _read_validation(
        self, task: Task, analyzer: Analyzer, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> Task:
        """Read the validation set, if one was passed."""
        given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        names = [name for name, value in given.items() if value is not None]
        if not names:
            return task
        if X_val is None or y_val is None:
            lacking = " and ".join(name for name in ("X_val", "y_val") if name not in names)
            raise ValueError(
                f"{type(self).__name__} got {' and '.join(names)} without {lacking}: "
                "give X_val and y_val, or neither."
            )
        form = FittedForm(task.kind, task.n_inputs)
        samples = self._check_X(X_val, reset=False, fitted=form, name="X_val")
        target = check_validation_target(self, y_val, len(samples.values), task.target)
        weight = check_weight(self, sample_weight_val, len(samples.values), "sample_weight_val")
        return read_validation(samples, target, weight, analyzer, task)

    def _warn_of(self, history: History) -> None:
        """Warn of an interrupt, and of a net that is worse than none."""
        who, the_call = type(self).__name__, 6  # of fit, behind _fit_context and fit_or_restore
        if history.interrupted:
            warnings.warn(
                f"{who}.fit was interrupted in epoch {len(history.losses) + 1}; "
                "the best epoch so far is kept.",
                stacklevel=the_call,
            )
        if history.diverged:
            warnings.warn(
                f"{who} did not converge: its loss is {history.kept_loss:.3g}, and that of a net "
                f"whose scores are all zero is {history.untrained:.3g}. Lower learning_rate_init, "
                "dropout or max_grad_norm.",
                ConvergenceWarning,
                stacklevel=the_call,
            )

    def _attributes(self, task: Task, analyzer: Analyzer, learned: Learned) -> dict[str, Any]:
        """Return all attributes of a fitted estimator."""
        history, classes = learned.history, task.target.classes
        losses = [*(self.loss_curve_ if self._warm else []), *history.losses]
        return {
            **fitted_input(task.kind, task.codebook, analyzer),
            "target_type_": task.target.kind,
            **({} if classes is None else {"classes_": classes}),
            "_architecture": learned.architecture,
            "_origin": learned.origin,
            **{f"{name}_": array for name, array in learned.matrices._asdict().items()},
            **history_attributes(losses, history.scores),
        }

    def _matrices(self) -> Matrices:
        return Matrices(*(getattr(self, f"{name}_") for name in Matrices._fields))

    def _device(self) -> torch.device:
        return device_of(self)


def _codebook_rule(params: RNNParameters, kind: Kind) -> CodebookRule:
    ngrams = NgramRule(ngram_range_of(params, kind), params.min_df, params.max_features)
    symbols = VocabularyRule(
        who=type(params).__name__,
        vocabulary=params.vocabulary,
        analyzer=params.analyzer,
        min_df=params.min_df if ngrams.ngram_range is None else 1,
        max_features=params.max_features,
    )
    return CodebookRule(symbols, ngrams)


def history_attributes(losses: list[float], scores: list[float]) -> dict[str, Any]:
    """Return the fitted attributes that follow from the losses and the scores of all epochs."""
    return {
        "n_iter_": len(losses),
        "loss_curve_": losses,
        "loss_": losses[-1],
        "best_loss_": min(losses),
        "validation_scores_": scores or None,
        "best_validation_score_": max(scores, default=None),
    }


def _describe_y(kind: str, classes: Array | None, n_outputs: int) -> str:
    if classes is None:
        return "numbers" if n_outputs == 1 else f"numbers in {n_outputs} columns"
    return f"the {'labels' if kind == 'multilabel' else 'classes'} {short_repr(classes.tolist())}"


@contextmanager
def _explained_failure(who: str) -> Iterator[None]:
    """Turn a divergence, or a lack of memory, into an error that says what to do."""
    try:
        yield
    except DivergenceError as error:
        raise ValueError(
            f"{who} needs a finite loss, but {error}: lower learning_rate_init, set "
            'max_grad_norm or activation="tanh", or scale X.'
        ) from None
    except (MemoryError, RuntimeError) as error:
        of_torch = isinstance(error, torch.OutOfMemoryError) or "t allocate memory" in str(error)
        if not of_torch and not isinstance(error, MemoryError):
            raise
        raise MemoryError(
            f"{who} needs more memory than there is: lower nhidden, n_layers, ngram_size, "
            "max_features, max_length or batch_size."
        ) from error
