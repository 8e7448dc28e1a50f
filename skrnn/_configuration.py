"""Convert the parameters of an estimator to the settings of training.

In: an estimator, and its `Task`. Out: `Setup`, the range of n-grams, the device. Every "auto" is
resolved here, and invalid combinations raise errors.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.metrics import accuracy_score, r2_score

from skrnn._parameters import POSITIVE, RNNParameters
from skrnn.input.analyzer import Analyzer
from skrnn.input.messages import short_repr
from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import SYMBOLIC, Kind
from skrnn.input.sequences import UNKNOWN, Array, Floats
from skrnn.input.targets import TargetKind
from skrnn.input.task import Task
from skrnn.input.windows import WIDTH, Window
from skrnn.net.architecture import Architecture
from skrnn.net.learning import Setup
from skrnn.net.pooling import POOLINGS
from skrnn.net.training import TrainingPlan
from skrnn.net.weights import Matrices, n_weights

MIN_ADAPTIVE = 500  # examples; a tenth of fewer is too small to choose the number of epochs
MAX_EPOCHS = 60
MAX_WIDTH = 10_000  # of a window; the covariance of its steps is inverted
MAX_WEIGHTS = 1 << 32  # 16 GiB, and four times that in training

AUTO: dict[str, tuple[Any, Any]] = {  # for strings and tokens, and for series of numbers
    "cell": ("gru", "gru"),
    "bidirectional": (False, True),
    "pooling": ("last", ("last", "max")),
    "dropout": ((0.2, 0.6), (0.2, 0.6)),
}
MIN_STEPS, SMALLEST_BATCH = (500, 200), (8, 16)  # for few rows


LOSS: dict[TargetKind, str] = {
    "classification": "cross_entropy",
    "multilabel": "binary_cross_entropy",
    "regression": "squared_error",
}


def _accuracy(target: Array, scores: Floats, weight: Floats) -> float:
    return float(accuracy_score(target, scores.argmax(axis=1), sample_weight=weight))


def _subset_accuracy(target: Array, scores: Floats, weight: Floats) -> float:
    return float(accuracy_score(target, (scores > 0).astype(float), sample_weight=weight))


def _r2(target: Array, scores: Floats, weight: Floats) -> float:
    if len(target) < 2:  # R^2 is not defined
        return 0.0
    return float(r2_score(target, scores, sample_weight=weight))


METRIC: dict[TargetKind, Callable[[Array, Floats, Floats], float]] = {
    "classification": _accuracy,
    "multilabel": _subset_accuracy,
    "regression": _r2,
}


def _resolve(params: RNNParameters, name: str, kind: Kind) -> Any:
    """Return a parameter, or the value of "auto" for samples of this kind."""
    value = getattr(params, name)
    if isinstance(value, str) and value == "auto":
        return AUTO[name][kind not in SYMBOLIC]
    return value


class Previous(NamedTuple):
    """The fitted state that a warm start continues from."""

    architecture: Architecture
    matrices: Matrices
    analyzer: Analyzer


def check_combinations(params: RNNParameters) -> None:
    """Raise an error for invalid combinations of parameters that do not depend on X and y."""
    _window_or_none(params)
    _poolings(params, "strings")
    _ngram_range_or_none(params)
    decay = params.alpha * params.learning_rate_init
    if decay >= 1:
        raise ValueError(
            f"{type(params).__name__} needs alpha * learning_rate_init to be less than 1, as each "
            f"step shrinks the weights by it, got {params.alpha!r} * {params.learning_rate_init!r}:"
            " lower alpha."
        )


def configure(
    params: RNNParameters,
    task: Task,
    previous: Previous | None,
    seed: int,
    peers: Peers = ALONE,
) -> Setup:
    """Return the settings for a task."""
    n_examples = sum(peers.gather(len(task.train.rows)))
    return Setup(
        architecture=_architecture_of(params, task, previous, peers),
        plan=_training_plan_of(params, task.kind, n_examples),
        loss=LOSS[task.target.kind],
        metric=METRIC[task.target.kind],
        init=params.init,
        zero_columns=[] if task.codebook.vocabulary is None else [UNKNOWN],
        seed=seed,
        device=device_of(params),
        initial_matrices=previous and previous.matrices,
    )


def _architecture_of(
    params: RNNParameters, task: Task, previous: Previous | None, peers: Peers
) -> Architecture:
    """Return the architecture; raise an error if a warm start would change it."""
    cell, n_ngrams = _resolve(params, "cell", task.kind), task.n_ngrams
    window = _window_of(params, task, previous, peers)
    if cell is None and not n_ngrams:
        raise ValueError(
            f"{type(params).__name__} needs cell or ngram_range, got cell=None without n-grams: "
            "there is nothing to read with."
        )
    found = Architecture(
        task.n_inputs * window.width,
        params.nhidden,
        task.target.n_outputs,
        symbols=task.kind in SYMBOLIC,
        cell=cell or "rnn",
        activation=params.activation,
        bidirectional=_resolve(params, "bidirectional", task.kind),
        n_layers=params.n_layers if cell else 0,
        pooling=_poolings(params, task.kind) if cell else (),
        bias=params.bias,
        n_ngrams=n_ngrams,
        ngram_size=params.ngram_size if n_ngrams else 0,
        window=window,
    )
    if previous is None:
        return _check_size(type(params).__name__, found)
    same = found._replace(bias=previous.architecture.bias) == previous.architecture
    if task.kind in SYMBOLIC:
        same &= task.codebook.ngram_range == ngram_range_of(params, task.kind)
    if task.kind == "strings":
        old = previous.analyzer.analyzer, previous.analyzer.lowercase
        same &= old == (params.analyzer, params.lowercase)
    if not same:
        raise ValueError(
            f"{type(params).__name__} with warm_start=True needs nhidden, cell, activation, "
            "bidirectional, n_layers, pooling, analyzer, lowercase, ngram_range, ngram_size and "
            "window to stay what they were in the last fit: set warm_start=False to start anew."
        )
    return found


def _check_size(who: str, architecture: Architecture) -> Architecture:
    """Raise an error if a network has too many weights for any usual machine."""
    n = n_weights(architecture)
    if n > MAX_WEIGHTS:
        raise ValueError(
            f"{who} needs a network of at most {MAX_WEIGHTS:,} weights, got {n:.2e}: lower "
            "nhidden, n_layers, window, ngram_size or max_features."
        )
    return architecture


def _window_of(
    params: RNNParameters, task: Task, previous: Previous | None, peers: Peers
) -> Window:
    """Return the windows of series; with "auto", a warm start keeps those of the previous fit."""
    if task.kind in SYMBOLIC:
        return Window()
    given = _window_or_none(params)
    if given is not None:
        return given
    if previous is not None:
        return previous.architecture.window
    lengths = np.concatenate(peers.gather(task.train.sequences.lengths))
    return Window.of_length(float(np.median(lengths)))


def _window_or_none(params: RNNParameters) -> Window | None:
    """Return the windows that the parameter sets; None for "auto"."""
    given: Any = params.window
    if isinstance(given, str):  # "auto"
        return None
    pair = given if isinstance(given, (tuple, list)) else (given, max(1, int(given) // WIDTH))
    if not _are_two_positive(pair) or not pair[1] <= pair[0] <= MAX_WIDTH:
        raise ValueError(
            f"{type(params).__name__} needs window to be a width of at most {MAX_WIDTH:,} steps, "
            f"or (width, stride) with a stride from 1 to the width, got {short_repr(given)}."
        )
    return Window(*map(int, pair))


def _are_two_positive(given: Any) -> bool:
    return len(given) == 2 and all(map(POSITIVE.is_satisfied_by, given))


def _poolings(params: RNNParameters, kind: Kind) -> tuple[str, ...]:
    given = _resolve(params, "pooling", kind)
    pooling = [given] if isinstance(given, str) else list(given)
    known = all(isinstance(name, str) and name in POOLINGS for name in pooling)
    if not pooling or not known or len(set(pooling)) < len(pooling):
        raise ValueError(
            f"{type(params).__name__} needs pooling to be one of {sorted(POOLINGS)}, or a tuple of "
            f"different ones, got {short_repr(given)}."
        )
    return tuple(map(str, pooling))


def ngram_range_of(params: RNNParameters, kind: Kind) -> tuple[int, int] | None:
    """Return the smallest and the largest n, or None without n-grams."""
    if isinstance(params.ngram_range, str):  # "auto"
        return (1, 5) if kind == "strings" and params.analyzer == "char" else (1, 3)
    return _ngram_range_or_none(params)


def _ngram_range_or_none(params: RNNParameters) -> tuple[int, int] | None:
    """Return the range that the parameter sets; None for None and "auto"."""
    given: Any = params.ngram_range
    if given is None or isinstance(given, str):
        return None
    if not _are_two_positive(given) or given[0] > given[1]:
        raise ValueError(
            f"{type(params).__name__} needs ngram_range to be (smallest n, largest n), "
            f"from 1 up, got {short_repr(given)}."
        )
    return int(given[0]), int(given[1])


def _training_plan_of(params: RNNParameters, kind: Kind, n: int) -> TrainingPlan:
    """Return the training plan for n examples."""
    of_numbers = kind not in SYMBOLIC
    given, auto = params.batch_size, min(64, max(SMALLEST_BATCH[of_numbers], n // 100))
    batch_size = auto if isinstance(given, str) else min(given, n)
    may_stop = params.early_stopping or params.learning_rate != "onecycle"
    given, auto = params.max_iter, max(6, -(-MIN_STEPS[of_numbers] // -(-n // batch_size)))
    adaptive = isinstance(given, str) and n >= MIN_ADAPTIVE and not may_stop
    max_iter = (MAX_EPOCHS if adaptive else auto) if isinstance(given, str) else given
    dropout = _resolve(params, "dropout", kind)
    return TrainingPlan(
        solver=params.solver,
        learning_rate=params.learning_rate,
        learning_rate_init=params.learning_rate_init,
        batch_size=batch_size,
        max_iter=max_iter,
        adaptive=adaptive,
        alpha=params.alpha,
        dropout=dropout if isinstance(dropout, tuple) else (dropout, dropout),
        ngram_dropout=params.ngram_dropout,
        max_grad_norm=None if params.max_grad_norm is None else float(params.max_grad_norm),
        tol=params.tol,
        n_iter_no_change=params.n_iter_no_change,
        early_stopping=params.early_stopping,
    )


def device_of(params: RNNParameters) -> torch.device:
    """Return the device; raise an error if it is not available."""
    try:
        torch.ones(1, device=params.device).add_(1).item()  # "meta" does not compute
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0].split(". ")[0].rstrip(".")
        raise ValueError(
            f"{type(params).__name__} cannot compute on device={str(params.device)!r} ({reason}): "
            'set device="cpu", or another that torch can use here.'
        ) from None
    return torch.device(params.device)
