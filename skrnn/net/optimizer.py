"""One step of SGD, RMSprop, Adagrad or Adam, on a whole tensor or on some of its rows.

In: parameters, their gradient, a step size. The parameters are changed in place. Knows
torch alone. The equations and constants are those of `torch.optim`, whose optimisers
work on whole tensors: here the step of an embedding costs what its touched rows cost,
and rows that a batch does not touch stay as they are.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from skrnn.net.weights import Gradient, Weights


class Solver(ABC):
    """One step of a method, and the number of states it keeps of each parameter."""

    n_states: ClassVar[int]

    @abstractmethod
    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Change parameters p and their states by the gradient g; steps are counted from 1."""

    def start(self, p: Tensor) -> list[Tensor]:
        """Return the states before the first step."""
        return [torch.zeros_like(p) for _ in range(self.n_states)]


class SGD(Solver):
    """p <- p - rate * g."""

    n_states = 0

    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Take step number `t`, from 1."""
        p.sub_(g, alpha=rate)


class RMSprop(Solver):
    """v <- 0.99 v + 0.01 g^2,  p <- p - rate * g / (sqrt(v) + 1e-8)."""

    n_states = 1

    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Take step number `t`, from 1."""
        (v,) = states
        v.mul_(0.99).addcmul_(g, g, value=0.01)
        p.addcdiv_(g, v.sqrt().add_(1e-8), value=-rate)


class Adagrad(Solver):
    """v <- v + g^2,  p <- p - rate * g / (sqrt(v) + 1e-10) [1]_.

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
       learning and stochastic optimization", JMLR 12, 2011.
    """

    n_states = 1

    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Take step number `t`, from 1."""
        (v,) = states
        v.addcmul_(g, g)
        p.addcdiv_(g, v.sqrt().add_(1e-10), value=-rate)


class Adam(Solver):
    """m <- 0.9 m + 0.1 g,  v <- 0.999 v + 0.001 g^2; p moves by their ratio, unbiased [1]_.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015.
    """

    n_states = 2

    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Take step number `t`, from 1."""
        m, v = states
        m.lerp_(g, 0.1)
        v.mul_(0.999).addcmul_(g, g, value=0.001)
        root = v.sqrt().div_((1 - 0.999**t) ** 0.5).add_(1e-8)
        p.addcdiv_(m, root, value=-rate / (1 - 0.9**t))


SOLVERS: dict[str, tuple[type[Solver], type[Solver], float]] = {
    # for all parameters; for a table of symbols, and how much larger its steps are
    "sgd": (SGD, SGD, 1.0),
    "rmsprop": (RMSprop, RMSprop, 1.0),
    "adam": (Adam, Adam, 1.0),
    "adam-adagrad": (Adam, Adagrad, 8.0),
}


class Optimizer:
    """The solvers of the dense weights and of the table, with their states."""

    def __init__(
        self, solver: str, weights: Weights, *, alpha: float, max_grad_norm: float | None
    ) -> None:
        make, of_table, factor = SOLVERS[solver]
        if not weights.architecture.symbols:
            of_table, factor = make, 1.0
        self.solver, self.table_solver, self.table_factor = make(), of_table(), factor
        self.weights, self.alpha, self.max_grad_norm = weights, alpha, max_grad_norm
        self.states = self.solver.start(weights.dense)
        self.table_states = self.table_solver.start(weights.table)
        self.t = 0

    def step(self, gradient: Gradient, rate: float) -> None:
        """Clip the gradient, shrink the weights and take a step."""
        self.t += 1
        if self.max_grad_norm is not None:
            _clip(self.max_grad_norm, gradient.dense, gradient.table)
        shrink = 1 - rate * self.alpha
        if self.alpha:
            self.weights.decayed.mul_(shrink)
        self.solver.step(self.weights.dense, gradient.dense, self.states, rate, self.t)
        self._step_table(gradient, rate * self.table_factor, shrink)

    def _step_table(self, gradient: Gradient, rate: float, shrink: float) -> None:
        """Take a step with those rows of the table that the gradient is of."""
        rows, tables = gradient.rows, [self.weights.table, *self.table_states]
        p, *states = tables if rows is None else [table.index_select(0, rows) for table in tables]
        if self.alpha:
            p.mul_(shrink)
        self.table_solver.step(p, gradient.table, states, rate, self.t)
        if rows is not None:
            for table, part in zip(tables, [p, *states]):
                table.index_copy_(0, rows, part)


def _clip(max_norm: float, *gradients: Tensor) -> None:
    """Scale gradients down, in place, to a norm over all of them."""
    squares = sum((g.view(-1).dot(g.view(-1)) for g in gradients), gradients[0].new_zeros(()))
    scale = (max_norm / squares.sqrt().add_(1e-12)).clamp_(max=1)
    for g in gradients:
        g.mul_(scale)
