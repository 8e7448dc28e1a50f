"""One step of SGD, RMSprop, Adagrad or Adam, on a whole tensor or on some of its rows.

In: parameters, their gradient, a step size. The parameters are changed in place. Knows
torch alone. The equations and constants are those of `torch.optim`, whose optimisers
work on whole tensors: here the step of an embedding costs what its touched rows cost,
and rows that a batch does not touch stay as they are.
"""

import torch


class SGD:
    """p <- p - rate * g."""

    n_states = 0

    def __call__(self, p, g, states, rate, t):
        """Take step number `t`, from 1."""
        p.sub_(g, alpha=rate)


class RMSprop:
    """v <- 0.99 v + 0.01 g^2,  p <- p - rate * g / (sqrt(v) + 1e-8)."""

    n_states = 1

    def __call__(self, p, g, states, rate, t):
        """Take step number `t`, from 1."""
        (v,) = states
        v.mul_(0.99).addcmul_(g, g, value=0.01)
        p.addcdiv_(g, v.sqrt().add_(1e-8), value=-rate)


class Adagrad:
    """v <- v + g^2,  p <- p - rate * g / (sqrt(v) + 1e-10) [1]_.

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
       learning and stochastic optimization", JMLR 12, 2011.
    """

    n_states = 1

    def __call__(self, p, g, states, rate, t):
        """Take step number `t`, from 1."""
        (v,) = states
        v.addcmul_(g, g)
        p.addcdiv_(g, v.sqrt().add_(1e-10), value=-rate)


class Adam:
    """m <- 0.9 m + 0.1 g,  v <- 0.999 v + 0.001 g^2; p moves by their ratio, unbiased [1]_.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015.
    """

    n_states = 2

    def __call__(self, p, g, states, rate, t):
        """Take step number `t`, from 1."""
        m, v = states
        m.lerp_(g, 0.1)
        v.mul_(0.999).addcmul_(g, g, value=0.001)
        root = v.sqrt().div_((1 - 0.999**t) ** 0.5).add_(1e-8)
        p.addcdiv_(m, root, value=-rate / (1 - 0.9**t))


SOLVERS = {  # for all parameters; for a table of symbols, and how much larger its steps are
    "sgd": (SGD, SGD, 1.0),
    "rmsprop": (RMSprop, RMSprop, 1.0),
    "adagrad": (Adagrad, Adagrad, 1.0),
    "adam": (Adam, Adam, 1.0),
    "adam-adagrad": (Adam, Adagrad, 8.0),
}


class Optimizer:
    """A solver, and its running means for the weights of a network."""

    def __init__(self, solver, weights, *, alpha, max_grad_norm):
        make, of_symbols, factor = SOLVERS[solver]
        if not weights.shape.symbols:
            of_symbols, factor = make, 1.0
        self.solver, self.table_solver, self.factor = make(), of_symbols(), factor
        self.weights, self.alpha, self.max_grad_norm = weights, alpha, max_grad_norm
        self.dense_states = _zeros(self.solver, weights.dense)
        self.table_states = _zeros(self.table_solver, weights.table)
        self.t = 0

    def step(self, rate):
        """Clip the gradient, shrink the weights and take a step."""
        weights = self.weights
        self.t += 1
        if self.max_grad_norm is not None:
            self._clip(weights.ddense, weights.dtable)
        shrink = 1 - rate * self.alpha
        if self.alpha:
            weights.decaying.mul_(shrink)
        self.solver(weights.dense, weights.ddense, self.dense_states, rate, self.t)

        rows = weights.touched
        tables = [weights.table, *self.table_states]
        p, *states = tables if rows is None else [table.index_select(0, rows) for table in tables]
        if self.alpha:
            p.mul_(shrink)
        self.table_solver(p, weights.dtable, states, rate * self.factor, self.t)
        if rows is not None:
            for table, part in zip(tables, [p, *states]):
                table.index_copy_(0, rows, part)

    def _clip(self, *gradients):
        squares = sum(g.view(-1).dot(g.view(-1)) for g in gradients)
        scale = (self.max_grad_norm / squares.sqrt().add_(1e-12)).clamp_(max=1)
        for g in gradients:
            g.mul_(scale)


def _zeros(solver, p):
    return [torch.zeros_like(p) for _ in range(solver.n_states)]
