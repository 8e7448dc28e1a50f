"""Minibatch SGD: one epoch, and the history of past epochs.

In: a `Network`, `Examples` and a `TrainingPlan`. Out: the network, trained for an epoch; `History`.
Imports torch, and numpy for the order of the rows.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Examples, Floats, Indices, Sequences
from skrnn.input.windows import Window
from skrnn.net.batches import move, pack
from skrnn.net.dropout import dropout_mask, hide_ngrams
from skrnn.net.exchange import add_up, share
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.group import ALONE, Group
from skrnn.net.network import LabelledBatch, Network
from skrnn.net.optimizer import Optimizer
from skrnn.net.schedules import Schedule
from skrnn.net.weights import Weights

MUCH_WORSE = 10  # factor on the loss of scores that are all zero
LARGEST_STEP = torch.finfo(torch.float32).max / 10  # Adam's first step is ten times as large


@dataclass(frozen=True)
class TrainingPlan:
    """The settings of training; the names are those of the estimators' parameters."""

    solver: str
    learning_rate: str  # a key of SCHEDULES
    learning_rate_init: float
    batch_size: int
    max_iter: int  # maximum number of epochs
    adaptive: bool  # whether to choose the number of epochs
    alpha: float
    dropout: tuple[float, float]  # rates for h and for g
    ngram_dropout: float
    max_grad_norm: float | None
    tol: float
    n_iter_no_change: int
    early_stopping: bool

    @property
    def may_stop(self) -> bool:
        """Whether training may stop early when the loss stops improving."""
        return self.early_stopping or self.learning_rate == "constant"


@dataclass
class History:
    """Losses and scores of all epochs, and the weights after the best one."""

    select_by_score: bool  # whether to keep the epoch with the best validation score
    epochs: list[tuple[float, float | None]] = field(default_factory=list)  # losses and scores
    best: float = -math.inf  # best score, or minus the smallest loss
    best_loss: float = math.inf  # loss of the best epoch
    best_weights: tuple[Tensor, Tensor, Tensor] | None = None
    n_no_change: int = 0  # epochs without an improvement by more than tol
    untrained: float = math.inf  # loss of scores that are all zero
    interrupted: bool = False

    @property
    def losses(self) -> list[float]:
        """The loss of each epoch."""
        return [loss for loss, _ in self.epochs]

    @property
    def scores(self) -> list[float]:
        """The validation score after each epoch, if there is a validation set."""
        return [score for _, score in self.epochs if score is not None]

    @property
    def kept(self) -> tuple[Tensor, Tensor, Tensor] | None:
        """The weights of the best epoch, if they are to be kept when training ends now."""
        return self.best_weights if self.select_by_score or self.interrupted else None

    @property
    def kept_loss(self) -> float:
        """The loss of the epoch whose weights are kept if training ends now."""
        return self.losses[-1] if self.kept is None else self.best_loss

    @property
    def diverged(self) -> bool:
        """Whether the kept loss is much worse than that of scores that are all zero."""
        if self.untrained == 0:  # all numbers are equal
            return False
        return self.kept_loss > MUCH_WORSE * self.untrained

    def add(self, loss: float, score: float | None, weights: Weights, tol: float) -> None:
        """Record an epoch; keep its weights if it is the best."""
        value = score if self.select_by_score and score is not None else -loss
        found: dict[str, object] = {"epochs": [*self.epochs, (loss, score)]}
        found["n_no_change"] = 0 if value > self.best + tol else self.n_no_change + 1
        if value > self.best:
            found |= {"best": value, "best_loss": loss, "best_weights": weights.snapshot()}
        vars(self).update(found)  # in one step, because Ctrl-C can interrupt at any time


class DivergenceError(ArithmeticError):
    """Raised when the loss, a weight or the learning rate is no longer finite."""


def epoch(
    network: Network,
    optimizer: Optimizer,
    examples: Examples,
    plan: TrainingPlan,
    generator: torch.Generator,
    rate: Schedule,
    group: Group = ALONE,
) -> float:
    """Visit every example once, in batches; return the weighted mean of their losses.

    `rate` maps the completed share of the epoch to a share of the learning rate.
    """
    weights, layout = network.weights, _Layout.of(examples, plan.batch_size, group)
    total = torch.zeros((), dtype=torch.float64, device=weights.dense.device)
    batches = _random_batches(network, examples, plan, generator, layout)
    for j, (own, touched) in enumerate(share(batches, weights, group)):
        loss, gradient = (0.0, None) if own is None else network.backpropagate(own)
        total += loss * layout.sizes[j]
        step = plan.learning_rate_init * rate(j / len(layout.sizes))
        if step > LARGEST_STEP:
            raise DivergenceError(f"the step size {step:.3g} is beyond single precision")
        optimizer.step(add_up(gradient, touched, weights, group), step)
    if not math.isfinite(sum(w.sum().item() for w in (weights.dense, weights.U, weights.G))):
        raise DivergenceError("a weight is not finite")
    group.add(total)
    return total.item() / sum(layout.sizes)


class _Layout(NamedTuple):
    """How the examples of an epoch are divided into batches; each process has a part of each."""

    batch: Indices  # (n,) the number of the batch of the first, second, ... example of this process
    sizes: list[int]  # (n_batches,) of whole batches
    mean_weight: float  # of all examples

    @classmethod
    def of(cls, examples: Examples, batch_size: int, group: Group) -> "_Layout":
        """Give every batch the same share of the examples of each process."""
        n = len(examples.rows)
        sizes, weights = zip(*group.gather((n, examples.weight.sum())))
        n_batches = -(-sum(sizes) // batch_size)
        batch = (2 * np.arange(n) + 1) * sum(sizes) // (2 * max(n, 1) * batch_size)
        counts = torch.from_numpy(np.bincount(batch, minlength=n_batches))
        group.add(counts)
        return cls(batch, counts.tolist(), sum(weights) / sum(sizes))

    @property
    def own(self) -> Array:
        """Whether this process has a part of each batch, (n_batches,)."""
        return np.bincount(self.batch, minlength=len(self.sizes)) > 0


def _random_batches(
    network: Network,
    examples: Examples,
    plan: TrainingPlan,
    generator: torch.Generator,
    layout: _Layout,
) -> Iterator[LabelledBatch | None]:
    """Yield this process's parts of the batches of an epoch; None where it has none."""
    parts = _own_parts(network, examples, plan, generator, layout)
    for has_part in layout.own.tolist():
        yield next(parts) if has_part else None


def _own_parts(
    network: Network,
    examples: Examples,
    plan: TrainingPlan,
    generator: torch.Generator,
    layout: _Layout,
) -> Iterator[LabelledBatch]:
    """Yield the examples in batches, in random order, with the factors of their dropout."""
    n, architecture, like = len(examples.rows), network.architecture, network.weights.dense
    order = torch.randperm(n, generator=generator).numpy()
    sequences, rows = _read_anew(examples, order, architecture.window, generator)
    packed = pack(sequences, rows, (np.cumsum(layout.own) - 1)[layout.batch])
    if packed.ngrams is not None and plan.ngram_dropout:
        hidden = hide_ngrams(packed.ngrams, plan.ngram_dropout, generator)
        packed = replace(packed, ngrams=hidden)
    order = order[packed.order]

    def cut(array: Array, sizes: list[int]) -> tuple[Tensor, ...]:
        return torch.split(move(array, like.dtype, like.device), sizes)

    targets = cut(examples.target[order], packed.sizes)
    weights = cut(examples.weight[order] / layout.mean_weight, packed.sizes)
    batches = packed.batches(like.dtype, like.device, readers=True)
    of_all = np.array(layout.sizes)[layout.own].tolist()
    for batch, target, weight, size in zip(batches, targets, weights, of_all):
        widths = architecture.hidden_size, architecture.ngram_size
        factor = dropout_mask(batch.size, widths, plan.dropout, generator, like)
        yield LabelledBatch(batch, target, weight / size, factor)


def _read_anew(
    examples: Examples, order: Indices, window: Window, generator: torch.Generator
) -> tuple[Sequences, Indices]:
    """Return the sequences of an epoch, and the sequence of each example, in the given order.

    The first window of each series begins at one of its first `stride` steps, drawn at random.
    """
    rows = examples.rows[order]
    if window.stride == 1:
        return window.cut(examples.sequences), rows
    offsets = torch.randint(window.stride, (len(rows),), generator=generator).numpy()
    return window.cut(examples.sequences.take(rows), offsets), np.arange(len(rows))


def scores_of(network: Network, sequences: Sequences) -> Tensor:
    """Return the scores of all sequences, (n, n_outputs)."""
    if not len(sequences):  # of a process without a part
        return network.weights.dense.new_zeros(0, network.architecture.n_outputs)
    frozen = FrozenNetwork(network)
    scores = frozen.scores(frozen.vectors(sequences))
    if not scores.isfinite().all():
        raise DivergenceError("a score of a validation set is not finite")
    return scores


def evaluate(
    network: Network,
    examples: Examples,
    metric: Callable[[Array, Array, Floats], float],
    group: Group = ALONE,
) -> float:
    """Return the `metric` of examples, a function of targets, scores and weights."""
    scores = scores_of(network, examples.sequences).cpu().numpy()[examples.rows]
    parts = group.gather((examples.target, scores, examples.weight))
    return metric(*map(np.concatenate, zip(*parts)))


def loss_of_zeros(network: Network, examples: Examples, group: Group = ALONE) -> float:
    """Return the weighted mean loss of examples if all scores are zero."""
    n = len(examples.rows), network.architecture.n_outputs
    (loss,) = _losses(network, examples, network.weights.dense.new_zeros(n), [1.0], group)
    return loss


def mean_losses(
    network: Network,
    examples: Examples,
    temperatures: Sequence[float] = (1.0,),
    group: Group = ALONE,
) -> list[float]:
    """Return the weighted mean loss of examples for each temperature."""
    scores = scores_of(network, examples.sequences)[examples.rows]
    return _losses(network, examples, scores, temperatures, group)


def _losses(
    network: Network,
    examples: Examples,
    scores: Tensor,
    temperatures: Sequence[float],
    group: Group,
) -> list[float]:
    """Return the weighted mean of the losses of scores, divided by each temperature."""
    like = network.weights.dense
    total = sum(group.gather(examples.weight.sum()))
    given = examples.target, examples.weight / total
    target, weight = (move(array, like.dtype, like.device) for array in given)
    losses = [float(network.loss(scores / t, target, weight)[0]) for t in temperatures]
    return [sum(of_ranks) for of_ranks in zip(*group.gather(losses))]
