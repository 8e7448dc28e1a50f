"""Base class of the estimators that learn: `fit`, from raw X and y to matrices.

The stages of `fit` are: read, configure, learn, set the fitted attributes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

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
from skrnn.input.parts import Part, check_same, in_common_range, unite
from skrnn.input.samples import FittedForm, Kind
from skrnn.input.sequences import Array, Floats
from skrnn.input.targets import (
    Target,
    TargetKind,
    check_target,
    check_validation_target,
    check_weight,
    class_weights,
)
from skrnn.input.task import Task, read_task, read_validation
from skrnn.input.validation import check_some_steps
from skrnn.input.vocabulary import VocabularyRule
from skrnn.net.group import Group, joined
from skrnn.net.learning import Learned, Setup, learn
from skrnn.net.training import DivergenceError, History
from skrnn.net.weights import Matrices

MANY_CLASSES, MANY_OF_ROWS = 100, 0.05  # whole numbers, from which on they may be quantities

if TYPE_CHECKING:
    from typing_extensions import Self


class Given(NamedTuple):
    """What `fit` was called with, for training or for validation."""

    X: Any
    y: Any
    weight: Any
    suffix: str = ""  # of the names

    @property
    def n_passed(self) -> int:
        """How many of the arguments were passed."""
        return sum(value is not None for value in self[:3])

    @property
    def is_empty(self) -> bool:
        """Whether X was not passed, or has no rows."""
        try:
            return self.X is None or len(self.X) == 0
        except TypeError:  # what is no X
            return False

    def check_whole(self, who: str) -> None:
        """Refuse an X without y, and the other way round."""
        names = [f"X{self.suffix}", f"y{self.suffix}", f"sample_weight{self.suffix}"]
        lacking = [name for name, value in zip(names[:2], self) if value is None]
        passed = [name for name, value in zip(names, self) if value is not None]
        if lacking:
            raise ValueError(
                f"{who} got {' and '.join(passed)} without {' and '.join(lacking)}: "
                f"give {names[0]} and {names[1]}, or neither."
            )


class BaseLearner(CallbackSupportMixin, RNNParameters, BaseRecurrent):
    """Base class of the estimators that learn; `_target_kind` is the required type of y."""

    _target_kind: TargetKind | None = None  # "classification", "regression", or None if y decides

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

        In a process group of `torch.distributed`, each process calls `fit` with its own part of
        the rows, and all get the same model.

        Parameters
        ----------
        {parameters}
        """
        progress, given = Progress(self), Given(X, y, sample_weight)
        validation = Given(X_val, y_val, sample_weight_val, "_val")
        fit_or_restore(self, partial(self._fit, progress, given, validation))
        return self

    def _fit(self, progress: Progress, given: Given, validation: Given) -> None:
        params = with_python_values(self)
        analyzer = params._make_analyzer()
        with joined(type(self).__name__) as group:
            task, setup = self._prepare(params, analyzer, given, validation, group)
            attributes = partial(self._attributes, task, analyzer)
            progress.set_fit_data(given.X, given.y, given.weight, attributes)
            progress.silent = group.rank > 0
            with _explained_failure(type(self).__name__):
                learned = learn(task.train, task.validation, setup, progress, group)
        self._warn_of(learned.history)
        self._set_fitted(attributes(learned))
        progress.fit_ends()

    def _prepare(
        self,
        params: RNNParameters,
        analyzer: Analyzer,
        given: Given,
        validation: Given,
        group: Group,
    ) -> tuple[Task, Setup]:
        """Read everything: return the task, and how to learn it."""
        who = type(self).__name__
        check_same(who, group.gather(self._settings(params)))
        task = self._read(params, analyzer, given, group)
        task = self._read_validation(task, analyzer, validation, group)
        random = check_random_state(params.random_state)
        seed = group.gather(int(random.randint(2**31 - 1)))[0]
        if params.early_stopping and task.validation is None:
            task = hold_out(who, task, params.validation_fraction, random, group)
        task = task._replace(train=task.train.repeat(visits(task.train.weight, group)))
        return task, configure(params, task, self._previous(), seed, group)

    def _settings(self, params: RNNParameters) -> dict[str, str]:
        """Return what has to be the same in all processes that share a fit, as texts."""
        names = self.get_params(deep=False).keys() - {"random_state", "device", "verbose"}
        values = {name: getattr(params, name) for name in sorted(names)}
        settings = {**values, "the use of a previous fit": self._warm}
        return {name: short_repr(v) for name, v in settings.items() if not callable(v)}

    def _validate_params(self) -> None:
        super()._validate_params()
        check_combinations(self)

    @property
    def _warm(self) -> bool:
        """Whether `fit` continues from the previous fit."""
        return self.warm_start and hasattr(self, "W_")

    def _previous(self) -> Previous | None:
        if not self._warm:
            return None
        return Previous(self._architecture, self._matrices(), self._analyzer)

    def _read(self, params: RNNParameters, analyzer: Analyzer, given: Given, group: Group) -> Task:
        """Check X, y and the weights, and build the task."""
        own = None if group.size > 1 and given.is_empty else self._read_part(given)
        part = unite(type(self).__name__, own, group)
        self._unite_features(own is None, group)
        self._check_target(part.target)
        self._warn_of_numbers(part.target, sum(group.gather(len(part.weight))))
        known = self._codebook if self._warm else None
        rule = _codebook_rule(params, part.samples.kind)
        task = read_task(part, analyzer, rule, known, group)
        return self._weigh_classes(task, params.class_weight, group)

    def _read_part(self, given: Given) -> Part:
        """Check X, y and the weights of this process."""
        fitted = self._fitted_form() if self._warm else None
        samples = self._check_X(given.X, reset=not self._warm, fitted=fitted)
        check_some_steps(type(self).__name__, samples)
        target = check_target(self, given.y, len(samples.values), self._target_kind)
        weight = check_weight(self, given.weight, len(samples.values))
        kept = np.flatnonzero(weight)  # rows with zero weight must not affect anything
        return Part(samples.take(kept), target.take(kept), weight[kept])

    def _unite_features(self, empty: bool, group: Group) -> None:
        """Take what scikit-learn knows of columns from a process that has rows."""
        names = ("n_features_in_", "feature_names_in_")
        known = {name: getattr(self, name) for name in names if hasattr(self, name)}
        some = [
            features for features in group.gather(None if empty else known) if features is not None
        ]
        self.__dict__.update(some[0])

    def _check_target(self, target: Target) -> None:
        """Raise an error for a single class, or for a warm start with a different kind of y."""
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

    def _warn_of_numbers(self, target: Target, n: int) -> None:
        """Warn if so many whole numbers are taken for classes that they may be a quantity."""
        who, n_classes = type(self).__name__, target.n_outputs
        is_chosen = self._target_kind is not None or target.kind != "classification"
        if is_chosen or n_classes <= MANY_CLASSES or n_classes <= n * MANY_OF_ROWS:
            return
        if target.classes.dtype.kind in "iuf":
            warnings.warn(
                f"{who} treats the {n_classes:,} different whole numbers of y as classes: set "
                "target_type='regression' if they are quantities, or 'classification' if not.",
                stacklevel=8,  # of fit, behind _fit_context
            )

    def _weigh_classes(self, task: Task, class_weight: Any, group: Group) -> Task:
        """Multiply the weights of examples by those of their classes."""
        if class_weight is None:
            return task
        who, train = type(self).__name__, task.train
        factor = class_weights(who, class_weight, task.target, train.target, train.weight, group)
        weight = in_common_range(train.weight * in_common_range(factor, group), group)
        return task._replace(train=train._replace(weight=weight))

    def _read_validation(self, task: Task, analyzer: Analyzer, given: Given, group: Group) -> Task:
        """Read the validation set, if there is one."""
        if not any(group.gather(given.n_passed)):
            return task
        empty = group.size > 1 and given.is_empty
        own = None if empty else self._read_validation_part(task, given)
        return read_validation(unite(type(self).__name__, own, group), analyzer, task)

    def _read_validation_part(self, task: Task, given: Given) -> Part:
        """Check what this process has of the validation set."""
        given.check_whole(type(self).__name__)
        form = FittedForm(task.kind, task.n_inputs)
        samples = self._check_X(given.X, reset=False, fitted=form, name="X_val")
        target = check_validation_target(self, given.y, len(samples.values), task.target)
        weight = check_weight(self, given.weight, len(samples.values), "sample_weight_val")
        return Part(samples, target, weight)

    def _warn_of(self, history: History) -> None:
        """Warn if training was interrupted or diverged."""
        who, the_call = type(self).__name__, 6  # outside of _fit_context and fit_or_restore
        if history.interrupted:
            warnings.warn(
                f"{who}.fit was interrupted in epoch {len(history.losses) + 1}; "
                "the best epoch so far is kept.",
                stacklevel=the_call,
            )
        if history.diverged:
            warnings.warn(
                f"{who} did not converge: its loss is {history.kept_loss:.3g}, and that of a "
                f"network whose scores are all zero is {history.untrained:.3g}. "
                "Lower learning_rate_init, dropout or max_grad_norm.",
                ConvergenceWarning,
                stacklevel=the_call,
            )

    def _attributes(self, task: Task, analyzer: Analyzer, learned: Learned) -> dict[str, Any]:
        """Return all fitted attributes."""
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
    """Return the fitted attributes that are derived from the losses and scores of all epochs."""
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
    """Convert divergence and lack of memory to errors that say what to do."""
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
