"""The net: layers of recurrences, the vector of a sequence, the head, and the gradient of all.

In: batches of `skrnn._recurrence`, targets and weights. Out: vectors of sequences, scores,
a loss and its gradient. Knows torch alone; `skrnn._weights` holds what is learned.
"""

import torch

from skrnn._cells import make_cell
from skrnn._losses import LOSSES
from skrnn._pooling import POOLINGS, States
from skrnn._recurrence import Recurrence
from skrnn._weights import Weights


class Network:
    """Layers of recurrences and a linear head, with the given weights or new ones."""

    def __init__(self, shape, *, loss="cross_entropy", weights=None, **where):
        self.shape, self.loss = shape, LOSSES[loss]
        self.weights = Weights(shape, **where) if weights is None else weights
        self.cell = make_cell(shape.cell, shape.activation)
        self.layers = self._layers()
        views, gradients = self.weights.views, self.weights.gradients
        self.above = [(None, None), *zip(self._above(views), self._above(gradients))]

    @property
    def bag_gain(self):
        """The factor that makes a bag of what is in the table: 1 while it is trained."""
        return self.shape.gain / self.weights.scale

    def _layers(self):
        views, gradients, rows = self.weights.views, self.weights.gradients, self.shape.rows
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
            scale = 1 / self.weights.scale if above is None else 1.0
            parts = zip(layer, _cut(x, self.shape.rows))
            results = [r.run(z, batch, scale, state) for r, z in parts]
            below, h = h, _side_by_side([h for h, _ in results])
            saved.append((below, [memory for _, memory in results]))
        bag = None
        if "bag" in self.shape.pooling:
            bag = _side_by_side(self._candidates(embedded)) * self.bag_gain
        return States(h, bag, batch, self.shape.nhidden), saved

    def _above(self, views):
        """Cut the input weights of the layers above the first."""
        size = self.shape.rows * self.shape.directions
        return views["U_above"].split(size) if len(views["U_above"]) else ()

    def _candidates(self, x):
        """View the block of the candidate of each direction: (steps, nhidden)."""
        nhidden, at = self.shape.nhidden, self.cell.candidate * self.shape.nhidden
        return [z[:, at : at + nhidden] for z in _cut(x, self.shape.rows)]

    def embed(self, values):
        """Give scale * U x_t of every step, without b: (steps, directions * rows)."""
        return self._sums_of_columns(values).to(self.weights.dense.dtype)

    def _sums_of_columns(self, values):
        none, bag = self.shape.n_inputs, torch.nn.functional.embedding_bag
        if not self.shape.symbols:
            return values @ self.weights.table.to(values.dtype)
        if values.shape[1] == 1:
            return self.weights.table.index_select(0, values[:, 0])
        if none < len(self.weights.table):
            return bag(values, self.weights.table, mode="sum", padding_idx=none)
        known = values != none
        counts = known.sum(1)
        return bag(values[known].long(), self.weights.table, counts.cumsum(0) - counts, mode="sum")

    def vectors(self, states):
        """Give the vector of every sequence: one pooling beside the other."""
        return _side_by_side([POOLINGS[name][0](states) for name in self.shape.pooling])

    def scores(self, h):
        """Give V h + c: (size, n_outputs)."""
        return torch.addmm(self.weights.views["c"], h, self.weights.views["V"].T)

    def backpropagate(self, batch, target, weight, drop_h=None, drop_x=None):
        """Set the gradients, and return the weighted sum of the losses of the batch.

        `drop_h` multiplies the vectors before V sees them, `drop_x` the embeddings.
        """
        states, saved = self.forward(batch, drop_x=drop_x)
        clean = self.vectors(states)
        h = clean if drop_h is None else clean * drop_h
        loss, dscores = self.loss(self.scores(h), target, weight)
        torch.mm(dscores.T, h, out=self.weights.gradients["V"])
        if self.shape.bias:
            torch.sum(dscores, 0, out=self.weights.gradients["c"])
        dout = dscores @ self.weights.views["V"]  # (size, width)
        if drop_h is not None:
            dout *= drop_h
        dz = self.input_gradient(dout, clean, states, saved, batch)
        self._embedding_gradient(batch, dz if drop_x is None else dz * drop_x)
        return loss

    def input_gradient(self, dout, out, states, saved, batch):
        """Go from the gradient of the vectors to that of every scale * U x_t; set those of W, b."""
        dz, dx = self._pooling_gradient(dout, out, states)
        dz = self._backward(dz, saved, batch)
        if self.weights.scale != 1:
            dz /= self.weights.scale
        if dx is not None:
            for z, x in zip(self._candidates(dz), _cut(dx, self.shape.nhidden)):
                z.add_(x, alpha=self.bag_gain)
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
            self.weights.touched = batch.touched
            self.weights.dtable = batch.of_column.of(dz)
        else:
            self.weights.dtable = batch.values.T @ dz


def _side_by_side(blocks):
    return blocks[0] if len(blocks) == 1 else torch.cat(blocks, 1)


def _cut(x, width):
    """Cut into blocks of columns; a single one is x itself."""
    return (x,) if x.shape[1] == width else torch.split(x, width, 1)


def _total(parts):
    return sum(parts[1:], parts[0]) if parts else None
