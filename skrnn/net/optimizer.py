"""One step of SGD, RMSprop, Adagrad or Adam, on a whole tensor or on some of its rows.

In: parameters, their gradient, a learning rate. The parameters are changed in place. The equations
and constants are those of `torch.optim`, whose optimizers work on whole tensors. Here a step of an
embedding processes only the rows that a batch reads; the other rows stay unchanged. Imports only
torch.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from skrnn.net.weights import Gradient, TableGradient, Weights


class Solver(ABC):
    """One step of a method, and its number of states per parameter."""

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
    constants: ClassVar[dict[str, Any]] = dict(
        beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False
    )

    def step(self, p: Tensor, g: Tensor, states: list[Tensor], rate: float, t: int) -> None:
        """Take step number `t`, from 1, in one pass, as torch.optim does with `fused`."""
        m, v = states
        step = torch.full((), float(t), device=p.device)  # copying waits for the device
        torch._fused_adam_([p], [g], [m], [v], [], [step], lr=rate, **self.constants)


class Steps(NamedTuple):
    """The solvers of G and of the other weights, and the factors of their learning rates."""

    solver: type[Solver]
    of_ngrams: type[Solver]
    recurrent_factor: float = 1.0  # of W, U and b
    ngram_factor: float = 1.0


SOLVERS: dict[str, Steps] = {
    "sgd": Steps(SGD, SGD),
    "rmsprop": Steps(RMSprop, RMSprop),
    "adam": Steps(Adam, Adam),
    "adam-adagrad": Steps(Adam, Adagrad, recurrent_factor=2.0, ngram_factor=8.0),
}


class _Part:
    """One tensor of the weights, with its solver and the solver's states."""

    def __init__(self, parameters: Tensor, solver: Solver, factor: float = 1.0) -> None:
        self.parameters, self.solver, self.factor = parameters, solver, factor
        self.states = solver.start(parameters)

    def step(self, g: Tensor, rate: float, t: int) -> None:
        """Update the whole tensor."""
        self.solver.step(self.parameters, g, self.states, rate * self.factor, t)

    def step_rows(self, gradient: TableGradient, rate: float, shrink: float, t: int) -> None:
        """Update only the rows of the gradient."""
        rows, tables = gradient.rows, [self.parameters, *self.states]
        p, *states = tables if rows is None else [table.index_select(0, rows) for table in tables]
        if shrink != 1:
            p.mul_(shrink)
        self.solver.step(p, gradient.values, states, rate * self.factor, t)
        if rows is not None:
            for table, part in zip(tables, [p, *states]):
                table.index_copy_(0, rows, part)


class Optimizer:
    """The solvers of the dense weights and of the tables U and G, with their states."""

    def __init__(
        self, solver: str, weights: Weights, *, alpha: float, max_grad_norm: float | None
    ) -> None:
        steps = SOLVERS[solver]
        self.recurrent = _Part(weights.recurrent, steps.solver(), steps.recurrent_factor)
        self.U = _Part(weights.U, steps.solver(), steps.recurrent_factor)
        self.head = _Part(weights.head, steps.solver())
        self.G = _Part(weights.G, steps.of_ngrams(), steps.ngram_factor)
        self.weights, self.alpha, self.max_grad_norm = weights, alpha, max_grad_norm
        self.t = 0

    def snapshot(self) -> tuple[list[Tensor], int]:
        """Return a copy of the weights and the states."""
        return [tensor.clone() for tensor in self._tensors()], self.t

    def restore(self, snapshot: tuple[list[Tensor], int]) -> None:
        """Restore a snapshot."""
        tensors, self.t = snapshot
        for tensor, copy in zip(self._tensors(), tensors):
            tensor.copy_(copy)

    def _tensors(self) -> Iterator[Tensor]:
        for part in (self.recurrent, self.U, self.head, self.G):
            yield from (part.parameters, *part.states)

    def step(self, gradient: Gradient, rate: float) -> None:
        """Clip the gradient, apply weight decay and take a step."""
        self.t += 1
        if self.max_grad_norm is not None:
            tables = [part.values for part in (gradient.U, gradient.G) if part is not None]
            _clip(self.max_grad_norm, gradient.dense, *tables)
        shrink = 1 - rate * self.alpha
        if self.alpha:
            for name in ("W", "U_above", "V"):
                self.weights.views[name].mul_(shrink)
        n = len(self.weights.recurrent)
        self.recurrent.step(gradient.dense[:n], rate, self.t)
        self.head.step(gradient.dense[n:], rate, self.t)
        self.U.step_rows(gradient.U, rate, shrink, self.t)
        if gradient.G is not None:
            self.G.step_rows(gradient.G, rate, shrink, self.t)


def _clip(max_norm: float, *gradients: Tensor) -> None:
    """Scale gradients down, in place, to a maximum norm over all of them."""
    squares = sum((g.view(-1).dot(g.view(-1)) for g in gradients), gradients[0].new_zeros(()))
    scale = (max_norm / squares.sqrt().add_(1e-12)).clamp_(max=1)
    for g in gradients:
        g.mul_(scale)
