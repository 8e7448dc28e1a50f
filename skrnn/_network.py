"""W, U, V, b and c together: the parameters, the forward pass, the losses, the gradient.

In: batches of `skrnn._recurrence`, targets and weights. Out: vectors of sequences,
scores, a loss and its gradient. Knows torch, and numpy for the arrays of a fitted one.
"""

from typing import NamedTuple

import numpy as np
import torch

from skrnn._cells import make_cell
from skrnn._pooling import POOLINGS, States
from skrnn._recurrence import Recurrence

BAG_GAIN = 32.0  # how much larger a bag of symbols is than what the recurrence reads of them


class Shape(NamedTuple):
    """What a network is made of; the names are those of the estimators' parameters."""

    n_inputs: int  # columns of U
    nhidden: int
    n_outputs: int
    symbols: bool  # x_t is the numbers of k columns of U, n_inputs for none (else d numbers)
    cell: str = "rnn"
    activation: str = "tanh"
    bidirectional: bool = False
    n_layers: int = 1
    pooling: tuple = ("last",)
    bias: bool = True

    @property
    def directions(self):
        """One, or two if it is bidirectional."""
        return 1 + self.bidirectional

    @property
    def width(self):
        """The length of the vector of a sequence."""
        return len(self.pooling) * self.directions * self.nhidden

    @property
    def gain(self):
        """The factor of U x_t in a bag of symbols; 1 if there is none."""
        return BAG_GAIN if self.symbols and "bag" in self.pooling else 1.0


class Network:
    """Layers of recurrences and a linear head.

    The embedding is kept as `table`, U transposed, a row for each symbol; all the other
    parameters are views of one flat vector, `dense`, and their gradients of `ddense`. The
    gradient of the table is `dtable`, for the rows `touched` alone (None means all).

    To be trained, the table is `scale` = gain times as large as U. A network that is made
    around a given table reads it as it is, and is not to be trained.
    """

    def __init__(
        self, shape, *, loss="cross_entropy", dtype=torch.float32, device="cpu", table=None
    ):
        self.shape, self.loss = shape, LOSSES[loss]
        self.scale = shape.gain if table is None else 1.0
        cell = make_cell(shape.cell, shape.activation)
        rows = cell.gates * shape.nhidden  # of one recurrence
        n = shape.n_layers * shape.directions
        sizes = {
            "W": (n * rows, shape.nhidden),
            "above": ((n - shape.directions) * rows, shape.directions * shape.nhidden),
            "V": (shape.n_outputs, shape.width),
            "b": (n * rows,),
            "c": (shape.n_outputs,),
        }
        total = sum(torch.Size(size).numel() for size in sizes.values())
        self.dense = torch.zeros(total, dtype=dtype, device=device)
        self.ddense = torch.zeros_like(self.dense)
        self.views, self.gradients = _views(self.dense, sizes), _views(self.ddense, sizes)
        self.decaying = self.dense[: total - n * rows - shape.n_outputs]  # all but b and c
        extra = 1 if shape.symbols else 0  # the row of no symbol, zero
        if table is None:
            size = shape.n_inputs + extra, shape.directions * rows
            table = torch.zeros(size, dtype=dtype, device=device)
        self.table = table
        self.touched, self.dtable = None, None
        self.rows, self.cell = rows, cell
        self.layers = self._layers()
        self.above = [(None, None), *zip(self._above(self.views), self._above(self.gradients))]

    @property
    def loudness(self):
        """The factor that makes a bag of what is in the table: 1 while it is trained."""
        return self.shape.gain / self.scale

    def _layers(self):
        views, gradients, rows = self.views, self.gradients, self.rows
        recurrences = [
            Recurrence(self.cell, W, b, dW, db, backward=i % self.shape.directions == 1)
            for i, (W, b, dW, db) in enumerate(
                zip(*(m.split(rows) for v in (views, gradients) for m in (v["W"], v["b"])))
            )
        ]
        d = self.shape.directions
        return [recurrences[i : i + d] for i in range(0, len(recurrences), d)]

    def forward(self, batch, state=None, drop_x=None):
        """Give `States` of a batch, and what the gradient needs of each layer."""
        x = self.embed(batch.values)
        if drop_x is not None:
            x = x * drop_x
        embedded, saved, h = x, [], None
        for layer, (above, _) in zip(self.layers, self.above):
            x = x if above is None else h @ above.T  # (steps, directions * rows)
            scale = 1 / self.scale if above is None else 1.0
            results = [r.run(z, batch, scale, state) for r, z in zip(layer, _cut(x, self.rows))]
            below, h = h, _side_by_side([h for h, _ in results])
            saved.append((below, [memory for _, memory in results]))
        bag = None
        if "bag" in self.shape.pooling:
            bag = _side_by_side(self._candidates(embedded)) * self.loudness
        return States(h, bag, batch, self.shape.nhidden), saved

    def _above(self, views):
        """Cut the input weights of the layers above the first."""
        size = self.rows * self.shape.directions
        return views["above"].split(size) if len(views["above"]) else ()

    def _candidates(self, x):
        """View the block of the candidate of each direction: (steps, nhidden)."""
        nhidden, at = self.shape.nhidden, self.cell.candidate * self.shape.nhidden
        return [z[:, at : at + nhidden] for z in _cut(x, self.rows)]

    def embed(self, values):
        """Give scale * U x_t of every step, without b: (steps, directions * rows)."""
        return self._sums_of_columns(values).to(self.dense.dtype)

    def _sums_of_columns(self, values):
        none, bag = self.shape.n_inputs, torch.nn.functional.embedding_bag
        if not self.shape.symbols:
            return values @ self.table.to(values.dtype)
        if values.shape[1] == 1:
            return self.table.index_select(0, values[:, 0])
        if none < len(self.table):
            return bag(values, self.table, mode="sum", padding_idx=none)
        known = values != none
        counts = known.sum(1)
        return bag(values[known].long(), self.table, counts.cumsum(0) - counts, mode="sum")

    def vectors(self, states):
        """Give the vector of every sequence: one pooling beside the other."""
        return _side_by_side([POOLINGS[name][0](states) for name in self.shape.pooling])

    def scores(self, h):
        """Give V h + c: (size, n_outputs)."""
        return torch.addmm(self.views["c"], h, self.views["V"].T)

    def backpropagate(self, batch, target, weight, drop_h=None, drop_x=None):
        """Set the gradients, and return the weighted sum of the losses of the batch.

        `drop_h` multiplies the vectors before V sees them, `drop_x` the embeddings.
        """
        states, saved = self.forward(batch, drop_x=drop_x)
        clean = self.vectors(states)
        h = clean if drop_h is None else clean * drop_h
        loss, dscores = self.loss(self.scores(h), target, weight)
        torch.mm(dscores.T, h, out=self.gradients["V"])
        if self.shape.bias:
            torch.sum(dscores, 0, out=self.gradients["c"])
        dout = dscores @ self.views["V"]  # (size, width)
        if drop_h is not None:
            dout *= drop_h
        dz = self.input_gradient(dout, clean, states, saved, batch)
        self._embedding_gradient(batch, dz if drop_x is None else dz * drop_x)
        return loss

    def input_gradient(self, dout, out, states, saved, batch):
        """Go from the gradient of the vectors to that of every scale * U x_t; set those of W, b."""
        dz, dx = self._pooling_gradient(dout, out, states)
        dz = self._backward(dz, saved, batch)
        if self.scale != 1:
            dz /= self.scale
        if dx is not None:
            for z, x in zip(self._candidates(dz), _cut(dx, self.shape.nhidden)):
                z.add_(x, alpha=self.loudness)
        return dz

    def _pooling_gradient(self, dout, out, states):
        """Give dloss/dh of every step, and dloss/dx if a pooling looks at x."""
        width = self.shape.directions * self.shape.nhidden
        found = [
            POOLINGS[name][1](dpart, part, states)
            for name, dpart, part in zip(self.shape.pooling, _cut(dout, width), _cut(out, width))
        ]
        dh, dx = (_total([part for part in parts if part is not None]) for parts in zip(*found))
        return torch.zeros_like(states.h) if dh is None else dh, dx

    def _backward(self, dh, saved, batch):
        """Go down through the layers: from dloss/dh to dloss/d(U x_t) of every step."""
        for layer, (above, dabove), (below, memories) in zip(
            reversed(self.layers), reversed(self.above), reversed(saved)
        ):
            dhs = _cut(dh, self.shape.nhidden)
            dz = [
                r.gradient(d, memory, batch, self.shape.bias)
                for r, d, memory in zip(layer, dhs, memories)
            ]
            dx = _side_by_side(dz)
            if above is not None:
                torch.mm(dx.T, below, out=dabove)
                dh = dx @ above
        return dx

    def _embedding_gradient(self, batch, dz):
        """Sum what each symbol's steps say, over the symbols of the batch alone."""
        if self.shape.symbols:
            self.touched, self.dtable = batch.touched, batch.of_column.of(dz)
        else:
            self.dtable = batch.values.T @ dz

    @classmethod
    def around(cls, shape, arrays, *, dtype, device):
        """Make a network of the arrays of a fitted one.

        The table keeps the precision of U, and its memory if possible.
        """
        W, U, above, V, b, c = arrays
        network = cls(shape, dtype=dtype, device=device, table=_tensor(U.T).to(device))
        for own, given in zip(network._all_but_U(), (W, above, V, b, c)):
            own.copy_(torch.tensor(given))
        return network

    def load(self, arrays):
        """Take given matrices, of the shapes of `arrays`, to go on training."""
        W, U, above, V, b, c = arrays
        self.table[: self.shape.n_inputs] = torch.tensor(U.T) * self.scale
        for own, given in zip(self._all_but_U(), (W, above, V, b, c)):
            own.copy_(torch.tensor(given))
        return self

    def arrays(self):
        """Give copies of W, U, U of the layers above, V, b, c as numpy arrays."""
        U = self.table[: self.shape.n_inputs] / self.scale
        W, above, V, b, c = (view.cpu().numpy().copy() for view in self._all_but_U())
        return W, U.cpu().numpy().T, above, V, b, c

    def _all_but_U(self):
        return [self.views[name] for name in ("W", "above", "V", "b", "c")]

    def copy(self):
        """Give a copy of all parameters, for `restore`."""
        return self.dense.clone(), self.table.clone()

    def restore(self, parameters):
        """Take parameters that `copy` gave."""
        self.dense.copy_(parameters[0])
        self.table.copy_(parameters[1])

    def initialize(self, init, generator, silent=()):
        """Draw the start: U, V and the layers above at random, W as `init` says, b and c zero.

        The columns of U in `silent` start at zero: they add nothing to h until learned.
        """
        shape, views = self.shape, self.views
        for W in views["W"].split(shape.nhidden):
            orthogonal = init == "orthogonal"
            W.copy_(_orthogonal(len(W), generator) if orthogonal else torch.eye(len(W)))
        article = init == "article"
        scale = 1.0 if article else 0.01 if shape.symbols else shape.n_inputs**-0.5
        self.table[: shape.n_inputs] = (
            _normal((shape.n_inputs, self.table.shape[1]), generator) * scale
        )
        self.table[list(silent)] = 0
        for name in ("above", "V"):
            scale = 1.0 if article else views[name].shape[1] ** -0.5
            views[name].copy_(_normal(views[name].shape, generator) * scale)
        if shape.cell == "lstm":  # remember at first
            for b in views["b"].split(self.rows):
                b[shape.nhidden : 2 * shape.nhidden] = 1.0 if shape.bias else 0.0


def cross_entropy(scores, target, weight):
    """Give sum_i w_i (logsumexp(o_i) - o_i[y_i]) and its gradient by o."""
    log_p = scores.log_softmax(1)  # (size, n_classes)
    hit = target[:, None]
    loss = -(log_p.gather(1, hit)[:, 0] @ weight)
    gradient = log_p.exp_().mul_(weight[:, None])
    return loss, gradient.scatter_add_(1, hit, -weight[:, None])


def binary_cross_entropy(scores, target, weight):
    """Give sum_i w_i sum_k (log(1 + exp(o_ik)) - y_ik o_ik), for 0 or 1 in (size, n_labels)."""
    loss = (torch.nn.functional.softplus(scores) - target * scores).sum(1) @ weight
    return loss, (scores.sigmoid() - target).mul_(weight[:, None])


def squared_error(scores, target, weight):
    """Give sum_i w_i |o_i - y_i|^2 / 2 and its gradient by o; `target` is (size, n_outputs)."""
    error = scores - target
    gradient = error * weight[:, None]
    return (error * gradient).sum() / 2, gradient


LOSSES = {
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "squared_error": squared_error,
}


def _views(flat, sizes):
    numels = [torch.Size(size).numel() for size in sizes.values()]
    return {name: p.view(size) for p, (name, size) in zip(flat.split(numels), sizes.items())}


def _tensor(array):
    """Make a tensor, around the array itself where its memory allows."""
    ready = array.flags.c_contiguous and array.flags.writeable
    return torch.from_numpy(array) if ready else torch.tensor(np.ascontiguousarray(array))


def _side_by_side(blocks):
    return blocks[0] if len(blocks) == 1 else torch.cat(blocks, 1)


def _cut(x, width):
    """Cut into blocks of columns; a single one is x itself."""
    return (x,) if x.shape[1] == width else torch.split(x, width, 1)


def _total(parts):
    return sum(parts[1:], parts[0]) if parts else None


def _normal(shape, generator):
    return torch.empty(shape).normal_(generator=generator)


def _orthogonal(n, generator):
    Q, R = torch.linalg.qr(_normal((n, n), generator))
    return Q * R.diagonal().sign()
