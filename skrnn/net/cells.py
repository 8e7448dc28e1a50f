"""The cells h_t = cell(h_{t-1}, z_t) over time-major batches, and their gradients.

In: z_t = U x_t + b of all steps, stacked (steps, gates * nhidden). Out: all h_t,
(steps, nhidden). Imports only torch. Gradients are written by hand. The loop over t takes one
product and a few in-place operations per step. Everything that does not depend on another step is
computed for all steps at once, before or after the loop.

tanh(a) is computed as 2 sigmoid(2a) - 1, because torch's sigmoid takes a fifth of the time of its
tanh.

A fitted network is applied step by step, without a gradient, by `step`. Its arguments are both
parts of the sum, with the rows of the candidate in W, U and b doubled for this tanh.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from skrnn.net.batches import Batch

State = tuple[Tensor, ...]  # for all steps, h first

MINUS_ONE = torch.tensor(-1.0)


class Trace(NamedTuple):
    """What the gradient of a cell needs from the forward pass."""

    h: Tensor  # (steps, nhidden) in the order of reading
    z: Tensor  # (steps, gates * nhidden) as `unroll` leaves it
    saved: Any


class Cell(ABC):
    """The equation of one step for a batch, and its gradient."""

    gates: ClassVar[int]  # number of blocks of nhidden rows in W, U and b
    candidate: ClassVar[int]  # index of the gate that computes the new content
    n_carried: ClassVar[int]  # tensors from the previous step that a step needs, besides W h_{t-1}

    @abstractmethod
    def unroll(
        self, z: Tensor, W: Tensor, batch_sizes: list[int], state: State | None = None
    ) -> tuple[State, Any]:
        """Return the states of all steps, and what else the gradient needs.

        `state` is the initial state, zero by default. z is overwritten with what the gradient
        needs.
        """

    @abstractmethod
    def backward(self, dh: Tensor, trace: Trace, W: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return dloss/dz_t and dloss/da_t, where a_t = W h_{t-1}.

        dh is dloss/dh_t without the part that flows back through time. It is overwritten.
        """

    @abstractmethod
    def step(self, z: Tensor, a: Tensor, carried: State) -> tuple[Tensor, State]:
        """Return h_t and the tensors for the next step, without a gradient.

        z is U x_t + b, which is overwritten, and a is W h_{t-1}, with U, b and W from `for_steps`.
        """

    def for_steps(self, weights: Tensor) -> Tensor:
        """Return W, U or b with the rows of the candidate doubled, as `step` needs it."""
        return _doubled(weights, self.candidate, len(weights) // self.gates)


class Elman(Cell):
    """h_t = f(W h_{t-1} + z_t), with f = tanh, relu or the identity."""

    gates = 1
    candidate = 0
    n_carried = 0

    def __init__(self, activation: str) -> None:
        self.activation = activation

    def unroll(
        self, z: Tensor, W: Tensor, batch_sizes: list[int], state: State | None = None
    ) -> tuple[State, Any]:
        """Overwrite z_t with h_t; the state is h."""
        h0 = None if state is None else state[0]
        unroll = self._tanh if self.activation == "tanh" else self._plain
        return (unroll(z, W.T, batch_sizes, h0),), None

    def _plain(self, z: Tensor, WT: Tensor, batch_sizes: list[int], h: Tensor | None) -> Tensor:
        for z_t, k in zip(z.split_with_sizes(batch_sizes), batch_sizes):  # (k, nhidden)
            if h is not None:
                z_t.addmm_(h[:k], WT)
            h = z_t.relu_() if self.activation == "relu" else z_t
        return z

    def _tanh(self, z: Tensor, WT: Tensor, batch_sizes: list[int], h0: Tensor | None) -> Tensor:
        """With s = (h + 1) / 2: s_t = sigmoid(4 W s_{t-1} + 2 z_t - 2 W 1)."""
        first = batch_sizes[0] if batch_sizes and h0 is None else 0  # first steps
        W1 = WT.sum(0)
        z[:first].add_(W1)
        s = torch.add(-2 * W1, z, alpha=2, out=z)
        WT = 4 * WT
        before = None if h0 is None else (h0 + 1) / 2
        for s_t, k in zip(s.split_with_sizes(batch_sizes), batch_sizes):
            if before is not None:
                s_t.addmm_(before[:k], WT)
            before = s_t.sigmoid_()
        return _twice_less_one(s)

    def backward(self, dh: Tensor, trace: Trace, W: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Overwrite dh_t with dz_t, which equals da_t."""
        slope, batch_sizes = self._slope(trace.h), batch.batch_sizes
        steps, slopes = dh.split_with_sizes(batch_sizes), slope.split_with_sizes(batch_sizes)
        for t in range(len(batch_sizes) - 1, 0, -1):
            steps[t - 1][: batch_sizes[t]].addmm_(steps[t].mul_(slopes[t]), W)
        if batch_sizes:
            steps[0].mul_(slopes[0])
        return dh, dh

    def step(self, z: Tensor, a: Tensor, carried: State) -> tuple[Tensor, State]:
        """Return h_t."""
        if self.activation == "tanh":
            return _tanh_of_half(z.add_(a)), ()
        h = z.add_(a)
        return (h.relu_() if self.activation == "relu" else h), ()

    def for_steps(self, weights: Tensor) -> Tensor:
        """Double all rows, for tanh."""
        return super().for_steps(weights) if self.activation == "tanh" else weights

    def _slope(self, h: Tensor) -> Tensor:
        if self.activation == "tanh":
            return _slope_of_tanh(h)
        return (h > 0).to(h.dtype) if self.activation == "relu" else torch.ones_like(h)


class GRU(Cell):
    """Gates r and u, candidate n; a_t = W h_{t-1} ::

    r, u = sigmoid(z_r + a_r), sigmoid(z_u + a_u)
    n = tanh(z_n + r * a_n),    h_t = (1 - u) * n + u * h_{t-1}
    """

    gates = 3
    candidate = 2
    n_carried = 1

    def unroll(
        self, z: Tensor, W: Tensor, batch_sizes: list[int], state: State | None = None
    ) -> tuple[State, Any]:
        """Overwrite z_t with r, u and n; the state is h, and a_n is saved."""
        nhidden = z.shape[1] // 3
        H, A = z.new_empty(2, len(z), nhidden)
        h = None if state is None else state[0]
        ru, n = z.split_with_sizes((2 * nhidden, nhidden), 1)
        n.mul_(2)
        W_ru, W_n = _doubled(W, 2, nhidden).T.split_with_sizes((2 * nhidden, nhidden), 1)
        parts = [x.split_with_sizes(batch_sizes) for x in (ru, n, *ru.chunk(2, 1), H, A)]
        for ru_t, n_t, r, u, h_t, a, k in zip(*parts, batch_sizes):
            if h is None:
                h, a = h_t.zero_(), a.zero_()
            else:
                ru_t.addmm_(h[:k], W_ru)
                torch.mm(h[:k], W_n, out=a)
            ru_t.sigmoid_()
            _twice_less_one(n_t.addcmul_(r, a).sigmoid_())
            h = torch.lerp(n_t, h[:k], u, out=h_t)
        return (H,), A.div_(2)

    def backward(self, dh: Tensor, trace: Trace, W: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return dz_t and da_t, which differ only in the candidate."""
        (h, z, a_n), batch_sizes = trace, batch.batch_sizes
        n_steps, nhidden = h.shape
        r, u, n = z.chunk(3, 1)
        by_n = _slope_of_tanh(n)
        by_n.addcmul_(by_n, u, value=-1)  # multiplied by dh_t, the gradient of n's argument
        factors = z.new_empty(n_steps, 3, nhidden)
        torch.mul(by_n * a_n, _slope_of_sigmoid(r), out=factors[:, 0])
        torch.mul(batch.shift(h).sub_(n), _slope_of_sigmoid(u), out=factors[:, 1])
        torch.mul(by_n, r, out=factors[:, 2])
        da = factors.view_as(z)  # the loop multiplies these factors by dh_t in place
        parts = (dh, dh[:, None], u, factors, da)
        steps = list(zip(*(x.split_with_sizes(batch_sizes) for x in parts)))
        for t in range(len(batch_sizes) - 1, -1, -1):
            dh_t, for_each_gate, u_t, factor, da_t = steps[t]
            factor.mul_(for_each_gate)
            if t > 0:
                steps[t - 1][0][: batch_sizes[t]].addcmul_(dh_t, u_t).addmm_(da_t, W)
        dz = da.clone()
        torch.mul(dh, by_n, out=dz[:, 2 * nhidden :])
        return dz, da

    def step(self, z: Tensor, a: Tensor, carried: State) -> tuple[Tensor, State]:
        """Return h_t, which the next step needs too."""
        (h,), nhidden = carried, z.shape[1] // 3
        ru, n = z.split_with_sizes((2 * nhidden, nhidden), 1)
        a_ru, a_n = a.split_with_sizes((2 * nhidden, nhidden), 1)
        r, u = ru.add_(a_ru).sigmoid_().chunk(2, 1)
        h = torch.lerp(_tanh_of_half(n.addcmul_(r, a_n)), h, u)
        return h, (h,)


class LSTM(Cell):
    """Gates i, f and o, candidate g, cell state s ::

    i, f, g, o = sigmoid(.), sigmoid(.), tanh(.), sigmoid(.)   of z_t + W h_{t-1}
    s_t = f * s_{t-1} + i * g,    h_t = o * tanh(s_t)
    """

    gates = 4
    candidate = 2
    n_carried = 1

    def unroll(
        self, z: Tensor, W: Tensor, batch_sizes: list[int], state: State | None = None
    ) -> tuple[State, Any]:
        """Overwrite z_t with i, f, g and o; the states are h and s, and s and tanh(s) are saved."""
        nhidden = z.shape[1] // 4
        H, S, T = z.new_empty(3, len(z), nhidden)
        h, s = (None, None) if state is None else (state[0], 2 * state[1])
        z[:, 2 * nhidden : 3 * nhidden].mul_(2)
        WT = _doubled(W, 2, nhidden).T
        parts = [x.split_with_sizes(batch_sizes) for x in (z, *z.chunk(4, 1), H, S, T)]
        for z_t, i, f, g, o, h_t, s_t, tanh_s, k in zip(*parts, batch_sizes):
            if h is not None:
                z_t.addmm_(h[:k], WT)
            z_t.sigmoid_()
            s_t = s_t.zero_() if s is None else torch.mul(f, s[:k], out=s_t)
            s = s_t.addcmul_(i, _twice_less_one(g), value=2)
            _twice_less_one(torch.sigmoid(s, out=tanh_s))
            h = torch.mul(o, tanh_s, out=h_t)
        S.div_(2)
        return (H, S), (S, T)

    def backward(self, dh: Tensor, trace: Trace, W: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return dz_t, which equals da_t."""
        (h, z, (s, tanh_s)), batch_sizes = trace, batch.batch_sizes
        n_steps, nhidden = h.shape
        i, f, g, o = z.chunk(4, 1)
        by_s = _slope_of_tanh(tanh_s).mul_(o)
        factors = z.new_empty(n_steps, 4, nhidden)  # of ds, and for o of dh
        torch.mul(_slope_of_sigmoid(i), g, out=factors[:, 0])
        torch.mul(_slope_of_sigmoid(f), batch.shift(s), out=factors[:, 1])
        torch.mul(_slope_of_tanh(g), i, out=factors[:, 2])
        torch.mul(_slope_of_sigmoid(o), tanh_s, out=factors[:, 3])
        dz, ds = factors.view_as(z), torch.zeros_like(h)  # multiplied in place
        parts = (dh, ds, ds[:, None], by_s, f, dz, factors[:, :3], factors[:, 3])
        steps = list(zip(*(x.split_with_sizes(batch_sizes) for x in parts)))
        for t in range(len(batch_sizes) - 1, -1, -1):
            dh_t, ds_t, for_each_gate, by, f_t, dz_t, of_s, of_o = steps[t]
            ds_t.addcmul_(dh_t, by)
            of_s.mul_(for_each_gate)
            of_o.mul_(dh_t)
            if t > 0:
                k = batch_sizes[t]
                steps[t - 1][0][:k].addmm_(dz_t, W)
                steps[t - 1][1][:k].addcmul_(ds_t, f_t)
        return dz, dz

    def step(self, z: Tensor, a: Tensor, carried: State) -> tuple[Tensor, State]:
        """Return h_t, and s_t for the next step."""
        (s,) = carried
        i, f, g, o = z.add_(a).sigmoid_().chunk(4, 1)
        s = (i * g.mul_(2).sub_(1)).addcmul_(f, s)
        return _tanh_of_half(s * 2).mul_(o), (s,)


CELLS: dict[str, Callable[[str], Cell]] = {
    "rnn": Elman,
    "gru": lambda activation: GRU(),
    "lstm": lambda activation: LSTM(),
}


def make_cell(cell: str, activation: str) -> Cell:
    """Return the cell with this name; `activation` applies only to "rnn"."""
    return CELLS[cell](activation)


def _tanh_of_half(a: Tensor) -> Tensor:
    """Overwrite a with tanh(a / 2)."""
    return _twice_less_one(a.sigmoid_())


def _twice_less_one(a: Tensor) -> Tensor:
    """Overwrite a with 2 a - 1, in one pass."""
    return torch.add(MINUS_ONE, a, alpha=2, out=a)


def _slope_of_tanh(y: Tensor) -> Tensor:
    """Return the derivative of tanh where its value is y: 1 - y^2."""
    return torch.addcmul(y.new_ones(()), y, y, value=-1)


def _slope_of_sigmoid(y: Tensor) -> Tensor:
    """Return the derivative of the sigmoid where its value is y: y - y^2."""
    return torch.addcmul(y, y, y, value=-1)


def _doubled(weights: Tensor, gate: int, nhidden: int) -> Tensor:
    """Double the rows of one gate."""
    weights = weights.clone()
    weights[gate * nhidden : (gate + 1) * nhidden].mul_(2)
    return weights
