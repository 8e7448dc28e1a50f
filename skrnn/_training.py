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
from skrnn._recurrence import batches, move
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

    @property
    def may_stop(self):
        """Whether a loss that stays the same means anything before the schedule ends."""
        return self.early_stopping or self.learning_rate == "constant"


@dataclass
class History:
    """What each epoch gave, and the parameters after the best one."""

    losses: list = field(default_factory=list)
    scores: list = field(default_factory=list)  # of the validation set, if there is one
    best: float = -math.inf  # score, or minus the loss
    best_parameters: Any = None
    waited: int = 0  # epochs without an improvement by more than tol
    interrupted: bool = False

    def add(self, loss, score, network, plan):
        """Note an epoch; keep its parameters if it is the best."""
        self.losses.append(loss)
        if score is not None:
            self.scores.append(score)
        value = score if plan.early_stopping else -loss
        self.waited = 0 if value > self.best + plan.tol else self.waited + 1
        if value > self.best:
            self.best, self.best_parameters = value, network.copy()


@torch.no_grad()
def fit(network, train, plan, generator, *, validation=None, score=None, begins=None, ends=None):
    """Train for `max_iter` epochs or until nothing improves; Ctrl-C ends it early.

    After early stopping or Ctrl-C the network has the parameters of its best epoch.
    `score` grades the scores of the validation examples. `begins()` is called before each
    epoch, and `ends(history)` after it; if that gives something true, training ends.
    """
    history = History()
    optimizer = Optimizer(plan.solver, network, alpha=plan.alpha, max_grad_norm=plan.max_grad_norm)
    try:
        for i in range(plan.max_iter):
            if begins:
                begins()
            loss = epoch(network, optimizer, train, plan, generator, i)
            grade = None if validation is None else evaluate(network, validation, score)
            history.add(loss, grade, network, plan)
            unwanted = ends(history) if ends else False
            if unwanted or (history.waited >= plan.n_iter_no_change and plan.may_stop):
                break
    except KeyboardInterrupt:
        if not history.losses:
            raise
        history.interrupted = True
    if history.best_parameters is not None and (plan.early_stopping or history.interrupted):
        network.restore(history.best_parameters)
    return history


def epoch(network, optimizer, examples, plan, generator, i):
    """Visit every example once, in batches; return the weighted mean of their losses."""
    n, device, dtype = len(examples.rows), network.dense.device, network.dense.dtype
    order = torch.randperm(n, generator=generator).numpy() if plan.shuffle else np.arange(n)
    layout = pack(examples.sequences, examples.rows[order], np.arange(n) // plan.batch_size)
    order = order[layout.order]
    factors = [None] * len(layout.sizes)  # of each U x_t
    if plan.symbol_dropout and network.shape.symbols:
        made_up = hide(layout.values, plan.symbol_dropout, network.shape.n_inputs, generator)
        factors = move(made_up, dtype, device).split(layout.steps)
    target = move(examples.target[order], dtype, device).split(layout.sizes)
    weight = move(examples.weight[order] / examples.weight.mean(), dtype, device)

    total = torch.zeros((), dtype=torch.float64, device=device)
    n_columns = network.shape.n_inputs if network.shape.symbols else None
    cut = batches(layout, dtype, device, n_columns)
    parts = zip(cut, target, weight.split(layout.sizes), factors)
    for j, (batch, y, w, drop_x) in enumerate(parts):
        drop_h = _mask((batch.size, network.shape.width), plan.dropout, generator, network)
        if plan.embedding_dropout:
            shape = len(batch.owner), network.table.shape[1]
            mask = _mask(shape, plan.embedding_dropout, generator, network)
            drop_x = mask if drop_x is None else drop_x * mask
        total += network.backpropagate(batch, y, w / batch.size, drop_h, drop_x) * batch.size
        done = (i + j / len(layout.sizes)) / plan.max_iter
        optimizer.step(plan.learning_rate_init * SCHEDULES[plan.learning_rate](done))
    loss = total.item() / n
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss of epoch {i + 1} is {loss}")
    if not math.isfinite(network.dense.sum().item() + network.table.sum().item()):
        raise FloatingPointError(f"the weights after epoch {i + 1} are not finite")
    return loss


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


def evaluate(network, examples, score):
    """Grade the scores of examples."""
    scores = network.scores(vectors(network, examples.sequences)).cpu().numpy()
    return score(examples.target, scores[examples.rows], examples.weight)


def _mask(shape, rate, generator, network):
    """Draw factors 0 or 1 / (1 - rate); none without dropout."""
    if not rate:
        return None
    keep = torch.rand(shape, generator=generator) >= rate
    return keep.to(network.dense) / (1 - rate)
