"""From examples to matrices: the whole training.

In: `Examples`, and a `Setup`. Out: `Learned`. Numbers are standardized for training, but the
resulting matrices read and return them in their original units. Imports torch.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import torch

from skrnn.input.sequences import Array, Examples, Floats
from skrnn.net.architecture import Architecture
from skrnn.net.group import ALONE, Group
from skrnn.net.network import Network
from skrnn.net.scaling import Scaling
from skrnn.net.threads import limit_threads, unlimited
from skrnn.net.trainer import EpochListener, fit
from skrnn.net.training import History, TrainingPlan, evaluate
from skrnn.net.weights import Matrices


class Setup(NamedTuple):
    """All settings of a fit; most names are those of the estimators' parameters."""

    architecture: Architecture
    plan: TrainingPlan
    loss: str
    metric: Callable[[Array, Floats, Floats], float]  # of targets, scores and weights
    init: str
    zero_columns: Sequence[int]  # of U, initially zero
    seed: int
    device: torch.device
    initial_matrices: Matrices | None = None  # for a warm start


class Learned(NamedTuple):
    """The result of training, or its state after an epoch."""

    architecture: Architecture
    matrices: Matrices
    origin: Floats | None  # mean of each variable of series
    history: History


class Listener(EpochListener, Protocol):
    """Receives events during training."""

    def training_begins(self, n_epochs: int, learned: Callable[[History], Learned]) -> None:
        """Called before the first epoch; `learned` returns the current state of training."""


@limit_threads(1)
def learn(
    train: Examples,
    validation: Examples | None,
    setup: Setup,
    listener: Listener,
    group: Group = ALONE,
) -> Learned:
    """Train a network, and score it on the validation set, if given, after each epoch.

    Each process of a group has a part of both sets, and gets the same network.
    """
    regression = setup.loss == "squared_error"
    scaling = Scaling.fit(setup.architecture, train, regression=regression, peers=group)
    train, validation = scaling.transform(train), validation and scaling.transform(validation)
    generator = torch.Generator().manual_seed(setup.seed)
    network = Network(
        setup.architecture, loss=setup.loss, whitening=scaling.whitening, device=setup.device
    )
    if setup.initial_matrices is None:
        network.weights.initialize(setup.init, generator, setup.zero_columns)
    else:
        network.weights.load_matrices(scaling.to_scaled_units(setup.initial_matrices))
    _draw_differently(generator, group)
    score_validation = None
    if validation is not None:
        score_validation = partial(evaluate, examples=validation, metric=setup.metric, group=group)
    learned = partial(_learned, network, scaling)
    with unlimited():
        listener.training_begins(setup.plan.max_iter, learned)
    return learned(fit(network, train, setup.plan, generator, score_validation, listener, group))


def _draw_differently(generator: torch.Generator, group: Group) -> None:
    """Give each process of a group random numbers of its own."""
    if group.size > 1:
        seeds = torch.randint(2**31 - 1, (group.size,), generator=generator)
        generator.manual_seed(int(seeds[group.rank]))


def _learned(network: Network, scaling: Scaling, history: History) -> Learned:
    matrices = scaling.to_original_units(network.weights.matrices(history.kept))
    return Learned(network.architecture, matrices, scaling.origin, history)
