"""Minibatch SGD: epoch and fit; when to stop, and the best state on the way.

In: a `Network`, `Examples` and a `Plan`. Out: the trained network and its `History`.
Knows torch, and numpy for the order of the rows; no strings, no scikit-learn.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from skrnn._alphabet import N_SPECIAL, UNKNOWN
from skrnn._applying import vectors
from skrnn._layout import pack
from skrnn._optimizer import Optimizer
from skrnn._recurrence import batches, move, threads
from skrnn._sequences import Sequences


def _onecycle(done):
    """Rise linearly to 1 in the first quarter, then fall to 0 along a cosine."""
    if done < 0.25:
        return done / 0.25
    return (1 + math.cos(math.pi * (done - 0.25) / 0.75)) / 2


SCHEDULES = {  # share of learning_rate_init, by the share of the training that is done
    "constant": lambda done: 1.0,
    "onecycle": _onecycle,
    "linear": lambda done: 1.0 - done,
}


class Examples(NamedTuple):
    """Sequences with their targets: example i is sequence `rows[i]`."""

    sequences: Sequences
    rows: np.ndarray  # (n,) int64
    target: np.ndarray  # (n,) int64 classes, or (n, n_outputs) float numbers or labels
    weight: np.ndarray  # (n,) float64


@dataclass(frozen=True)
class Plan:
    """How to train; the names are those of the estimators' parameters."""

    solver: str
    learning_rate: str
    learning_rate_init: float
    batch_size: int
    max_iter: int
    alpha: float
    dropout: float
    embedding_dropout: float
    symbol_dropout: float
    max_grad_norm: float | None
    shuffle: bool
    tol: float
    n_iter_no_change: int
    early_stopping: bool

    def step_size(self, done):
        """Give the step size, where `done` is the share of the training that is done."""
        return self.learning_rate_init * SCHEDULES[self.learning_rate](done)

    @property
    def may_stop(self):
        """Whether a loss that stays the same means anything before the schedule ends."""
        return self.early_stopping or self.learning_rate == "constant"


@dataclass
class History:
    """What each epoch gave, and the weights after the best one."""

    by_score: bool  # whether the best epoch is that of the best score, and the one to keep
    losses: list = field(default_factory=list)
    scores: list = field(default_factory=list)  # of the validation set, if there is one
    best: float = -math.inf  # score, or minus the loss
    best_weights: Any = None
    waited: int = 0  # epochs without an improvement by more than tol
    interrupted: bool = False

    @property
    def kept(self):
        """The weights of the best epoch, if a fit that ends now is to keep these."""
        return self.best_weights if self.by_score or self.interrupted else None

    def add(self, loss, score, weights, tol):
        """Note an epoch; keep its weights if it is the best."""
        self.losses.append(loss)
        if score is not None:
            self.scores.append(score)
        value = score if self.by_score else -loss
        self.waited = 0 if value > self.best + tol else self.waited + 1
        if value > self.best:
            self.best, self.best_weights = value, weights.copy()


class Diverged(ArithmeticError):
    """What is learned has become infinite or no number."""


def fit(network, train, plan, generator, validate=None, progress=None):
    """Train for `max_iter` epochs or until nothing improves; Ctrl-C ends it early.

    `history.kept` is the weights of the best epoch, where these are to be kept.
    `validate(network)` gives the score of an epoch. `progress.epoch_begins()` is called
    before each epoch, and `progress.epoch_ends(history)` after it; if that gives something
    true, training ends.
    """
    history, weights = History(plan.early_stopping), network.weights
    optimizer = Optimizer(plan.solver, weights, alpha=plan.alpha, max_grad_norm=plan.max_grad_norm)
    try:
        for i in range(plan.max_iter):
            if progress:
                progress.epoch_begins()
            with threads(plan.batch_size, network.shape):
                loss = epoch(network, optimizer, train, plan, generator, i)
            history.add(loss, validate and validate(network), weights, plan.tol)
            unwanted = progress.epoch_ends(history) if progress else False
            if unwanted or (history.waited >= plan.n_iter_no_change and plan.may_stop):
                break
    except KeyboardInterrupt:
        if not history.losses:
            raise
        history.interrupted = True
    return history


@torch.no_grad()
def epoch(network, optimizer, examples, plan, generator, i):
    """Visit every example once, in batches; return the weighted mean of their losses."""
    n = len(examples.rows)
    n_batches = -(-n // plan.batch_size)
    total = torch.zeros((), dtype=torch.float64, device=network.weights.dense.device)
    for j, (batch, *given) in enumerate(_masked_batches(network, examples, plan, generator)):
        total += network.backpropagate(batch, *given) * batch.size
        _step(optimizer, plan.step_size((i + j / n_batches) / plan.max_iter))
    loss = total.item() / n
    if not math.isfinite(loss):
        raise Diverged(f"the loss of epoch {i + 1} is {loss}")
    weights = network.weights
    if not math.isfinite(weights.dense.sum().item() + weights.table.sum().item()):
        raise Diverged(f"the weights after epoch {i + 1} are not finite")
    return loss


def _step(optimizer, size):
    try:
        optimizer.step(size)
    except RuntimeError as error:
        if "without overflow" not in str(error):
            raise
        raise Diverged(f"the step size {size:.3g} is beyond single precision") from None


def _masked_batches(network, examples, plan, generator):
    """Yield of each batch of an epoch what `backpropagate` takes, its masks drawn at random."""
    n, shape, like = len(examples.rows), network.shape, network.weights.dense
    order = torch.randperm(n, generator=generator).numpy() if plan.shuffle else np.arange(n)
    layout = pack(examples.sequences, examples.rows[order], np.arange(n) // plan.batch_size)
    order = order[layout.order]
    factors = [None] * len(layout.sizes)  # of each U x_t
    if plan.symbol_dropout and shape.symbols:
        made_up = hide(layout.values, plan.symbol_dropout, shape.n_inputs, generator)
        factors = move(made_up, like.dtype, like.device).split(layout.steps)
    target = move(examples.target[order], like.dtype, like.device).split(layout.sizes)
    weight = move(examples.weight[order] / examples.weight.mean(), like.dtype, like.device)
    cut = batches(layout, like.dtype, like.device, shape.n_inputs if shape.symbols else None)
    for batch, y, w, drop_x in zip(cut, target, weight.split(layout.sizes), factors):
        drop_h = _mask((batch.size, shape.width), plan.dropout, generator, like)
        if plan.embedding_dropout:
            size = len(batch.owner), network.weights.table.shape[1]
            mask = _mask(size, plan.embedding_dropout, generator, like)
            drop_x = mask if drop_x is None else drop_x * mask
        yield batch, y, w / batch.size, drop_h, drop_x


def hide(values, share, none, generator):
    """Hide symbols in place: of each step the first becomes unknown, the others nothing.

    Give the factor of each U x_t, (steps, 1), that makes up for what is hidden. Sequences
    of one special symbol, missing or empty, stay as they are.
    """
    hidden = torch.rand(values.shape, generator=generator).numpy() < share
    hidden &= values >= N_SPECIAL
    values[hidden] = none
    first = values[:, 0]
    first[hidden[:, 0]] = UNKNOWN
    return np.where(first < UNKNOWN, 1.0, 1 / (1 - share))[:, None]


def hold_out(examples, fraction, generator):
    """Set a share of the examples aside, the same share of each class; return both parts.

    A class keeps at least one example in the first part. Numbers count as one class.
    """
    n, classes = len(examples.rows), examples.target
    order = torch.randperm(n, generator=generator).numpy()
    if classes.ndim > 1:
        classes = np.zeros(n, dtype=np.int64)
    order = order[np.argsort(classes[order], kind="stable")]
    sizes = np.bincount(classes)
    rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    aside = np.floor((rank + 1) * fraction) > np.floor(rank * fraction)
    if not aside.any() or aside.all():
        aside = np.arange(n) < min(max(1, round(n * fraction)), n - 1)
        order = torch.randperm(n, generator=generator).numpy()
    return _part(examples, np.sort(order[~aside])), _part(examples, np.sort(order[aside]))


def _part(examples, where):
    """Keep some examples, and only the sequences that they use."""
    rows, target, weight = examples.rows[where], examples.target[where], examples.weight[where]
    used, rows = np.unique(rows, return_inverse=True)
    return Examples(examples.sequences.take(used), rows, target, weight)


@torch.no_grad()
def evaluate(network, examples, score):
    """Score the scores of examples."""
    scores = network.scores(vectors(network, examples.sequences)).cpu().numpy()
    return score(examples.target, scores[examples.rows], examples.weight)


def _mask(shape, rate, generator, like):
    """Draw factors 0 or 1 / (1 - rate); none without dropout."""
    if not rate:
        return None
    keep = torch.rand(shape, generator=generator) >= rate
    return keep.to(like) / (1 - rate)
