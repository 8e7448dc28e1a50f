"""Minibatch SGD: epoch and fit, when to stop, and which epoch was the best.

In: a `Network`, `Examples` and a `TrainingPlan`. Out: the trained network and its `History`.
Imports torch, and numpy for the order of the rows; no strings, no scikit-learn.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Examples, Floats
from skrnn.net.batches import move, pack
from skrnn.net.dropout import dropout_mask, hide_symbols
from skrnn.net.inference import vectors
from skrnn.net.network import LabelledBatch, Network
from skrnn.net.optimizer import Optimizer
from skrnn.net.threads import limit_threads
from skrnn.net.weights import Weights

LARGEST_STEP = torch.finfo(torch.float32).max / 10  # Adam's first step is ten times as large


def _onecycle(done: float) -> float:
    """Rise linearly to 1 in the first quarter, then fall to 0 along a cosine."""
    if done < 0.25:
        return done / 0.25
    return (1 + math.cos(math.pi * (done - 0.25) / 0.75)) / 2


SCHEDULES: dict[str, Callable[[float], float]] = {
    # share of learning_rate_init, by the share of the training that is done
    "constant": lambda done: 1.0,
    "onecycle": _onecycle,
}


@dataclass(frozen=True)
class TrainingPlan:
    """How to train; the names are those of the estimators' parameters."""

    solver: str
    learning_rate: str
    learning_rate_init: float
    batch_size: int
    max_iter: int
    alpha: float
    dropout: float
    symbol_dropout: float
    max_grad_norm: float | None
    tol: float
    n_iter_no_change: int
    early_stopping: bool

    def step_size(self, done: float) -> float:
        """Return the step size, where `done` is the share of the training that is done."""
        return self.learning_rate_init * SCHEDULES[self.learning_rate](done)

    @property
    def may_stop(self) -> bool:
        """Whether a loss that stays the same means anything before the schedule ends."""
        return self.early_stopping or self.learning_rate == "constant"


@dataclass
class History:
    """Losses and scores of all epochs, and the weights after the best one."""

    select_by_score: bool  # whether the best epoch is that of the best score, and the one to keep
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)  # of the validation set, if there is one
    best: float = -math.inf  # score, or minus the loss
    best_weights: tuple[Tensor, Tensor] | None = None
    n_no_change: int = 0  # epochs without an improvement by more than tol
    interrupted: bool = False

    @property
    def kept(self) -> tuple[Tensor, Tensor] | None:
        """The weights of the best epoch, if a fit that ends now is to keep these."""
        return self.best_weights if self.select_by_score or self.interrupted else None

    def add(self, loss: float, score: float | None, weights: Weights, tol: float) -> None:
        """Record an epoch; keep its weights if it is the best."""
        self.losses.append(loss)
        if score is not None:
            self.scores.append(score)
        value = score if self.select_by_score and score is not None else -loss
        self.n_no_change = 0 if value > self.best + tol else self.n_no_change + 1
        if value > self.best:
            self.best, self.best_weights = value, weights.snapshot()


class DivergenceError(ArithmeticError):
    """Raised when the loss, a weight or the step size is no longer finite."""


class EpochListener(Protocol):
    """Receives an event before and after each epoch."""

    def epoch_begins(self) -> None:
        """Called before each epoch."""

    def epoch_ends(self, history: History) -> bool:
        """Called after each epoch; return whether training should end."""


def fit(
    network: Network,
    train: Examples,
    plan: TrainingPlan,
    generator: torch.Generator,
    score_validation: Callable[[Network], float] | None = None,
    listener: EpochListener | None = None,
) -> History:
    """Train for `max_iter` epochs or until nothing improves; Ctrl-C ends it early.

    `history.kept` is the weights of the best epoch, where these are to be kept.
    `score_validation(network)` gives the score of an epoch.
    """
    history, weights = History(plan.early_stopping), network.weights
    optimizer = Optimizer(plan.solver, weights, alpha=plan.alpha, max_grad_norm=plan.max_grad_norm)
    try:
        for i in range(plan.max_iter):
            if listener:
                listener.epoch_begins()
            with limit_threads(plan.batch_size, network.architecture):
                loss = epoch(network, optimizer, train, plan, generator, i)
            history.add(
                loss, score_validation(network) if score_validation else None, weights, plan.tol
            )
            unwanted = listener.epoch_ends(history) if listener else False
            if unwanted or (history.n_no_change >= plan.n_iter_no_change and plan.may_stop):
                break
    except KeyboardInterrupt:
        if not history.losses:
            raise
        history.interrupted = True
    return history


@torch.no_grad()
def epoch(
    network: Network,
    optimizer: Optimizer,
    examples: Examples,
    plan: TrainingPlan,
    generator: torch.Generator,
    i: int,
) -> float:
    """Visit every example once, in batches; return the weighted mean of their losses."""
    n, weights = len(examples.rows), network.weights
    n_batches = -(-n // plan.batch_size)
    total = torch.zeros((), dtype=torch.float64, device=weights.dense.device)
    for j, given in enumerate(_random_batches(network, examples, plan, generator)):
        loss, gradient = network.backpropagate(given)
        total += loss * given.batch.size
        rate = plan.step_size((i + j / n_batches) / plan.max_iter)
        if rate > LARGEST_STEP:
            raise DivergenceError(f"the step size {rate:.3g} is beyond single precision")
        optimizer.step(gradient, rate)
    mean = total.item() / n
    if not math.isfinite(mean):
        raise DivergenceError(f"the loss of epoch {i + 1} is {mean}")
    if not math.isfinite(weights.dense.sum().item() + weights.table.sum().item()):
        raise DivergenceError(f"the weights after epoch {i + 1} are not finite")
    return mean


def _random_batches(
    network: Network, examples: Examples, plan: TrainingPlan, generator: torch.Generator
) -> Iterator[LabelledBatch]:
    """Yield the batches of an epoch, in random order, with the factors of their dropout."""
    n, architecture, like = len(examples.rows), network.architecture, network.weights.dense
    order = torch.randperm(n, generator=generator).numpy()
    packed = pack(examples.sequences, examples.rows[order], np.arange(n) // plan.batch_size)
    order = order[packed.order]

    def cut(array: Array, sizes: list[int]) -> tuple[Tensor, ...]:
        return torch.split(move(array, like.dtype, like.device), sizes)

    x_factor: tuple[Tensor | None, ...] = (None,) * len(packed.sizes)
    if plan.symbol_dropout and architecture.symbols:
        rate, none = plan.symbol_dropout, architecture.n_inputs
        x_factor = cut(hide_symbols(packed.values, rate, none, generator), packed.steps)
    targets = cut(examples.target[order], packed.sizes)
    weights = cut(examples.weight[order] / examples.weight.mean(), packed.sizes)
    n_columns = architecture.n_inputs if architecture.symbols else None
    batches = packed.batches(like.dtype, like.device, n_columns)
    for batch, target, weight, factor in zip(batches, targets, weights, x_factor):
        h_factor = dropout_mask(
            (batch.size, architecture.vector_size), plan.dropout, generator, like
        )
        yield LabelledBatch(batch, target, weight / batch.size, h_factor, factor)


@torch.no_grad()
def evaluate(
    network: Network, examples: Examples, metric: Callable[[Array, Array, Floats], float]
) -> float:
    """Score the scores of examples: `metric` takes targets, scores and weights."""
    scores = network.scores(vectors(network, examples.sequences)).cpu().numpy()
    return metric(examples.target, scores[examples.rows], examples.weight)
