"""Training over all epochs: their number, the learning rates, and the weights that are kept.

In: a `Network`, `Examples` and a `TrainingPlan`. Out: the trained network and its `History`.
Imports torch.
"""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch

from skrnn.input.sequences import Examples
from skrnn.net.group import ALONE, Group
from skrnn.net.network import Network
from skrnn.net.optimizer import Optimizer
from skrnn.net.schedules import SCHEDULES, Schedule, fall, rise
from skrnn.net.threads import limit_threads, threads_for, unlimited
from skrnn.net.training import (
    DivergenceError,
    History,
    TrainingPlan,
    epoch,
    loss_of_zeros,
    mean_losses,
)

SET_ASIDE = 10  # one in this many examples is set aside
RISING = 2  # epochs until the learning rate reaches its maximum
FALLING = 0.5  # epochs of decay per epoch before
LEAST_GAIN = 0.01  # share by which the loss must fall for training to continue
BARELY = 0.9  # share of the loss of equal scores; above it training continues
PLATEAU = 25  # but only before this epoch
TEMPERATURES: list[float] = np.geomspace(1, 3, 31).tolist()
PRIOR = 100  # weight of the prior for temperature 1, in examples


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
    group: Group = ALONE,
) -> History:
    """Train for `max_iter` epochs, or until there is no improvement; Ctrl-C ends it early.

    `history.kept` contains the weights of the best epoch if these are to be kept.
    `score_validation(network)` returns the validation score of an epoch. The processes of a group
    begin and end with the same weights; in a group, Ctrl-C is an error.
    """
    trainer = _Trainer(network, plan, generator, score_validation, listener, group)
    trainer.history.untrained = loss_of_zeros(network, train, group)
    try:
        if plan.adaptive:
            trainer.run_while_it_pays(train)
        else:
            rate = SCHEDULES[plan.learning_rate]
            trainer.run(train, plan.max_iter, lambda epochs: rate(epochs / plan.max_iter))
    except KeyboardInterrupt:
        if not trainer.history.losses or group.size > 1:
            raise
        trainer.history.interrupted = True
    return trainer.history


class _Trainer:
    """Runs epochs, and records their history."""

    def __init__(
        self,
        network: Network,
        plan: TrainingPlan,
        generator: torch.Generator,
        score_validation: Callable[[Network], float] | None,
        listener: EpochListener | None,
        group: Group,
    ) -> None:
        self.network, self.plan, self.generator, self.group = network, plan, generator, group
        self.score_validation, self.listener = score_validation, listener
        self.history = History(plan.early_stopping)
        self.optimizer = Optimizer(
            plan.solver, network.weights, alpha=plan.alpha, max_grad_norm=plan.max_grad_norm
        )

    def run(self, examples: Examples, n_epochs: int, rate: Schedule, start: int = 0) -> bool:
        """Train for some epochs, from epoch `start` on; return whether to continue.

        `rate` maps the number of completed epochs to a share of the learning rate.
        """
        plan, history = self.plan, self.history
        for i in range(start, start + n_epochs):
            self._run_epoch(examples, lambda share, i=i: rate(i + share))  # type: ignore[misc]
            if self._is_unwanted() or (
                history.n_no_change >= plan.n_iter_no_change and plan.may_stop
            ):
                return False
        return True

    def _run_epoch(self, examples: Examples, rate: Schedule) -> None:
        network, plan = self.network, self.plan
        if self.listener:
            with unlimited():
                self.listener.epoch_begins()
        with limit_threads(threads_for(plan.batch_size, network.architecture)):
            loss = epoch(network, self.optimizer, examples, plan, self.generator, rate, self.group)
        weights = network.weights
        for tensor in (weights.dense, weights.U, weights.G):
            self.group.copy_first(tensor)  # as processors of another kind round in another way
        if not math.isfinite(loss):
            raise DivergenceError(f"the loss of epoch {len(self.history.losses) + 1} is {loss}")
        score = self.score_validation(network) if self.score_validation else None
        self.history.add(loss, score, weights, plan.tol)

    def _is_unwanted(self) -> bool:
        """Report an epoch to the listener; return whether any process requests to stop."""
        ends = False
        if self.listener is not None:
            with unlimited():
                ends = self.listener.epoch_ends(self.history)
        return any(self.group.gather(ends))

    def run_while_it_pays(self, examples: Examples) -> None:
        """Train with the full learning rate while the loss on examples set aside falls.

        Then return to the best epoch, and train on all examples while the learning rate falls to
        zero. The scores are divided by the temperature that minimized the loss on the examples
        set aside.
        """
        train, aside = set_aside(examples, self.generator)
        n_epochs = self._run_while_loss_falls(train, aside)
        if not n_epochs:
            return
        n_falling = max(RISING, round(n_epochs * FALLING))
        if self.run(examples, n_falling, lambda epochs: fall(epochs / n_falling)):
            self.network.divide_scores(self.temperature)

    def _run_while_loss_falls(self, train: Examples, aside: Examples) -> int:
        """Return the number of epochs that helped; the weights are those after the last of them.

        Tasks that depend on order alone are learned late. Training therefore does not stop while
        the loss is close to that of equal scores. Return zero if training is to end immediately.
        """
        nothing = loss_of_zeros(self.network, aside, self.group)
        smallest, best, n_best = math.inf, self.optimizer.snapshot(), 0
        for i in range(round(self.plan.max_iter / (1 + FALLING))):
            if not self.run(train, 1, lambda epochs: rise(epochs / RISING), start=i):
                return 0
            (loss,) = mean_losses(self.network, aside, group=self.group)
            if loss < smallest * (1 - LEAST_GAIN):
                smallest, best, n_best = loss, self.optimizer.snapshot(), i + 1
            elif i >= RISING and (smallest < BARELY * nothing or i >= PLATEAU):
                break
        self.temperature = best_temperature(self.network, aside, self.group)
        self.optimizer.restore(best)
        return n_best


def set_aside(examples: Examples, generator: torch.Generator) -> tuple[Examples, Examples]:
    """Set a random tenth of the examples aside."""
    order = torch.randperm(len(examples.rows), generator=generator).numpy()
    n = len(order) // SET_ASIDE
    return examples.take(np.sort(order[n:])), examples.take(np.sort(order[:n]))


def best_temperature(network: Network, examples: Examples, group: Group = ALONE) -> float:
    """Return the number, at least 1, by which to divide the scores to minimize the loss [1]_.

    With few examples it is closer to 1. In regression, scores are standardized numbers, so they
    are shrunk towards the mean.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
       networks", ICML 2017.
    """
    losses = mean_losses(network, examples, TEMPERATURES, group)
    n, best = sum(group.gather(len(examples.rows))), TEMPERATURES[int(np.argmin(losses))]
    return float(best ** (n / (n + PRIOR)))
