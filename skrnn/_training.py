"""Minibatch SGD: step, epoch, fit; when to stop, and the best state on the way.

In: a `Network`, `Examples` and a `Plan`. Out: the trained network and its `History`.
Knows torch, and numpy for the order of the rows; no strings, no scikit-learn.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from skrnn._recurrence import batches
from skrnn._sequences import Sequences, pack

SOLVERS = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
SCHEDULES = {  # share of learning_rate_init, by the share of the training that is done
    "constant": lambda done: 1.0,
    "onecycle": lambda done: (
        done / 0.25 if done < 0.25 else (1 + math.cos(math.pi * (done - 0.25) / 0.75)) / 2
    ),
}
STEPS_AT_ONCE = 1 << 16  # what is computed at a time outside training, in steps


class Examples(NamedTuple):
    """Sequences with their targets: example i is sequence `rows[i]`."""

    sequences: Sequences
    rows: np.ndarray  # (n,) int64
    target: np.ndarray  # (n,) int64 classes or float numbers
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
    max_grad_norm: float | None
    shuffle: bool
    tol: float
    n_iter_no_change: int
    early_stopping: bool


@dataclass
class History:
    """What each epoch gave, and the parameters after the best one."""

    losses: list = field(default_factory=list)
    scores: list = field(default_factory=list)  # of the validation set, if there is one
    best: float = -math.inf  # score, or minus the loss
    best_parameters: Any = None
    waited: int = 0  # epochs without an improvement by more than tol
    interrupted: bool = False

    def add(self, loss, score, parameters, plan):
        """Note an epoch; keep its parameters if it is the best."""
        self.losses.append(loss)
        if score is not None:
            self.scores.append(score)
        value = score if plan.early_stopping else -loss
        self.waited = 0 if value > self.best + plan.tol else self.waited + 1
        if value > self.best:
            self.best, self.best_parameters = value, parameters.clone()


@torch.no_grad()
def fit(network, train, plan, generator, *, validation=None, report=None):
    """Train for `max_iter` epochs or until nothing improves; Ctrl-C ends it early.

    After early stopping or Ctrl-C the network has the parameters of its best epoch.
    `report`, if given, is called with the epoch, its loss and its score.
    """
    history = History()
    parameter = torch.nn.Parameter(network.parameters, requires_grad=True)
    parameter.grad = network.gradient
    optimizer = SOLVERS[plan.solver]([parameter], lr=plan.learning_rate_init)
    try:
        for i in range(plan.max_iter):
            loss = epoch(network, optimizer, train, plan, generator, i)
            score = None if validation is None else evaluate(network, validation)
            history.add(loss, score, network.parameters, plan)
            if report:
                report(i + 1, loss, score)
            if history.waited >= plan.n_iter_no_change:
                break
    except KeyboardInterrupt:
        if not history.losses:
            raise
        history.interrupted = True
    if history.best_parameters is not None and (plan.early_stopping or history.interrupted):
        network.parameters.copy_(history.best_parameters)
    return history


def epoch(network, optimizer, examples, plan, generator, i):
    """Visit every example once, in batches; return the weighted mean of their losses."""
    n, device, dtype = len(examples.rows), network.parameters.device, network.parameters.dtype
    order = torch.randperm(n, generator=generator).numpy() if plan.shuffle else np.arange(n)
    layout = pack(examples.sequences, examples.rows[order], np.arange(n) // plan.batch_size)
    order = order[layout.order]
    target = _on(examples.target[order], dtype, device).split(layout.sizes)
    weight = _on(examples.weight[order] / examples.weight.mean(), dtype, device).split(layout.sizes)

    total = torch.zeros((), dtype=torch.float64, device=device)
    for j, batch in enumerate(batches(layout, dtype, device)):
        done = (i + j / len(layout.sizes)) / plan.max_iter
        rate = plan.learning_rate_init * SCHEDULES[plan.learning_rate](done)
        mask = _dropout_mask(batch.size, len(network.W), plan.dropout, generator, network.W)
        loss = network.backpropagate(batch, target[j], weight[j] / batch.size, mask)
        step(network, optimizer, rate, plan)
        total += loss * batch.size
    loss = total.item() / n
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss of epoch {i + 1} is {loss}")
    if not network.parameters.isfinite().all():
        raise FloatingPointError(f"the weights after epoch {i + 1} are not finite")
    return loss


def step(network, optimizer, rate, plan):
    """Clip the gradient, shrink the weights and let the optimiser take one step."""
    if plan.max_grad_norm is not None:
        norm = network.gradient.norm()
        network.gradient.mul_((plan.max_grad_norm / (norm + 1e-12)).clamp_(max=1))
    if plan.alpha:
        network.decaying.mul_(1 - rate * plan.alpha)
    optimizer.param_groups[0]["lr"] = rate
    optimizer.step()


def hold_out(examples, fraction, generator):
    """Set a share of the examples aside, the same share of each class; return both parts.

    A class keeps at least one example in the first part. Numbers count as one class.
    """
    n, classes = len(examples.rows), examples.target
    order = torch.randperm(n, generator=generator).numpy()
    if classes.dtype.kind != "i":
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


def hidden(network, sequences):
    """Give the vectors of all sequences, (n, nhidden), in the order they came in."""
    h = network.W.new_zeros(len(sequences), len(network.W))
    longest_first = np.argsort(-sequences.lengths, kind="stable")
    steps = np.cumsum(sequences.lengths[longest_first])
    layout = pack(sequences, longest_first, _ranks(steps // STEPS_AT_ONCE))
    order = _on(longest_first[layout.order], None, h.device).split(layout.sizes)
    for rows, batch in zip(order, batches(layout, h.dtype, h.device)):
        h[rows] = network.hidden(batch)
    return h


def evaluate(network, examples):
    """Score the network: weighted accuracy for classes, R^2 for numbers."""
    scores = network.scores(hidden(network, examples.sequences))[examples.rows]
    weight = torch.as_tensor(examples.weight)
    if examples.target.dtype.kind == "i":
        hit = scores.argmax(1).cpu() == torch.as_tensor(examples.target)
        return float((hit * weight).sum() / weight.sum())
    target, prediction = torch.as_tensor(examples.target), scores[:, 0].cpu().double()
    mean = (weight * target).sum() / weight.sum()
    residual, spread = (
        (weight * (target - prediction) ** 2).sum(),
        (weight * (target - mean) ** 2).sum(),
    )
    return float(1 - residual / spread) if spread else float(residual == 0)


def _dropout_mask(size, nhidden, rate, generator, like):
    """Draw factors 0 or 1 / (1 - rate); none without dropout."""
    if not rate:
        return None
    keep = torch.rand(size, nhidden, generator=generator) >= rate
    return keep.to(like) / (1 - rate)


def _ranks(values):
    """Number the distinct values of an ascending array from zero."""
    return np.cumsum(np.diff(values, prepend=values[:1]) > 0)


def _on(array, dtype, device):
    tensor = torch.as_tensor(array)
    return tensor.to(device, dtype if tensor.is_floating_point() else None)
