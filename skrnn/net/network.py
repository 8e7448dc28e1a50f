"""The network: layers of recurrences, vectors, the head, and the gradients.

In: a `Batch`, targets and weights. Out: vectors of sequences, scores, a loss and its gradient.
Imports only torch; `skrnn.net.weights` holds the parameters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from skrnn.net.architecture import Architecture
from skrnn.net.batches import Batch
from skrnn.net.cells import Trace, make_cell
from skrnn.net.losses import LOSSES
from skrnn.net.pooling import POOLINGS, Activations
from skrnn.net.recurrence import Recurrence, RecurrenceGradient
from skrnn.net.weights import Gradient, Weights


class LabelledBatch(NamedTuple):
    """A batch with targets, weights, and the factors of dropout."""

    batch: Batch
    target: Tensor  # (size,) or (size, n_outputs)
    weight: Tensor  # (size,)
    h_factor: Tensor | None = None  # (size, width) factors of the vectors that V reads
    x_factor: Tensor | None = None  # (steps, 1) factor of each U x_t


class InputGradient(NamedTuple):
    """The gradients of the inputs of all layers, and of their weights."""

    x: Tensor  # (steps, directions * rows) of table_scale * U x_t
    layers: list[list[RecurrenceGradient]]  # of each layer, of each direction
    U_above: list[Tensor]  # of each layer but the first


class Network:
    """Layers of recurrences and a linear head, with the labelled weights or new ones."""

    def __init__(
        self,
        architecture: Architecture,
        *,
        loss: str = "cross_entropy",
        weights: Weights | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.architecture, self.loss = architecture, LOSSES[loss]
        self.weights = weights or Weights(architecture, dtype=dtype, device=device)
        self.cell = make_cell(architecture.cell, architecture.activation)
        self.layers = self._layers()
        views, d = self.weights.views, architecture.directions
        size = d * architecture.gate_rows  # of the input weights of a layer above the first
        self.U_above = list(views["U_above"].split(size)) if len(views["U_above"]) else []

    @property
    def bag_factor(self) -> float:
        """The factor that makes a bag of what is in the table: 1 while it is trained."""
        return self.architecture.bag_scale / self.weights.table_scale

    def _layers(self) -> list[list[Recurrence]]:
        views, rows, d = (
            self.weights.views,
            self.architecture.gate_rows,
            self.architecture.directions,
        )
        recurrences = [
            Recurrence(self.cell, W, b, reverse=i % d == 1)
            for i, (W, b) in enumerate(zip(views["W"].split(rows), views["b"].split(rows)))
        ]
        return [recurrences[i : i + d] for i in range(0, len(recurrences), d)]

    def forward(self, batch: Batch, x_factor: Tensor | None = None) -> Activations:
        """Read a batch: give the states of the top layer, and what the gradient needs."""
        x = self.embed(batch.values)
        if x_factor is not None:
            x = x * x_factor
        h, traces = self._run(0, x, batch)
        activations = Activations(
            h, self._bag_input(x), batch, self.architecture.nhidden, [traces], []
        )
        for i in range(1, len(self.layers)):
            activations.layer_inputs.append(h)
            h, traces = self._run(i, h @ self.U_above[i - 1].T, batch)
            activations.traces.append(traces)
        return activations._replace(h=h)

    def _run(self, i: int, x: Tensor, batch: Batch) -> tuple[Tensor, list[Trace]]:
        """Run one layer over its inputs x, (steps, directions * rows)."""
        scale = 1.0 if i else 1 / self.weights.table_scale
        layer, parts = self.layers[i], _cut(x, self.architecture.gate_rows)
        traces = [r.run(part, batch, scale) for r, part in zip(layer, parts)]
        states = [r.states(trace, batch) for r, trace in zip(layer, traces)]
        return _side_by_side(states), traces

    def _bag_input(self, x: Tensor) -> Tensor | None:
        """Return what a bag sums up; None where no pooling is one."""
        if "bag" not in self.architecture.pooling:
            return None
        return _side_by_side(self._candidates(x)) * self.bag_factor

    def _candidates(self, x: Tensor) -> list[Tensor]:
        """View the block of the candidate of each direction: (steps, nhidden)."""
        nhidden = self.architecture.nhidden
        at = self.cell.candidate * nhidden
        return [part[:, at : at + nhidden] for part in _cut(x, self.architecture.gate_rows)]

    def embed(self, values: Tensor) -> Tensor:
        """Return table_scale * U x_t of every step, without b: (steps, directions * rows)."""
        return self._sum_columns(values).to(self.weights.dense.dtype)

    def _sum_columns(self, values: Tensor) -> Tensor:
        table, none = self.weights.table, self.architecture.n_inputs
        if not self.architecture.symbols:
            return values @ table.to(values.dtype)
        if values.shape[1] == 1:
            return table.index_select(0, values[:, 0])
        sum_rows = torch.nn.functional.embedding_bag
        if none < len(table):
            return sum_rows(values, table, mode="sum", padding_idx=none)
        known = values != none
        counts = known.sum(1)
        return sum_rows(values[known].long(), table, counts.cumsum(0) - counts, mode="sum")

    def vectors(self, activations: Activations) -> Tensor:
        """Return the vector of every sequence: one pooling beside the other."""
        return _side_by_side([POOLINGS[p].vector(activations) for p in self.architecture.pooling])

    def scores(self, h: Tensor) -> Tensor:
        """Return V h + c: (size, n_outputs)."""
        return torch.addmm(self.weights.views["c"], h, self.weights.views["V"].T)

    def backpropagate(self, labelled: LabelledBatch) -> tuple[Tensor, Gradient]:
        """Return the weighted sum of the losses of a batch, and its gradient."""
        batch = labelled.batch
        activations = self.forward(batch, x_factor=labelled.x_factor)
        vector = self.vectors(activations)
        h = vector if labelled.h_factor is None else vector * labelled.h_factor
        loss, dscores = self.loss(self.scores(h), labelled.target, labelled.weight)
        dV, dc = dscores.T @ h, dscores.sum(0)
        dvector = dscores @ self.weights.views["V"]  # (size, width)
        if labelled.h_factor is not None:
            dvector *= labelled.h_factor
        inputs = self.input_gradient(dvector, vector, activations, of_weights=True)
        dx = inputs.x if labelled.x_factor is None else inputs.x * labelled.x_factor
        dense = self._dense_gradient(inputs, dV, dc)
        return loss, Gradient(
            dense, self._table_gradient(labelled.batch, dx), labelled.batch.columns
        )

    def _dense_gradient(self, inputs: InputGradient, dV: Tensor, dc: Tensor) -> Tensor:
        """Put the gradients of W, U_above, V, b and c in the order of the flat vector."""
        recurrences = [gradient for layer in inputs.layers for gradient in layer]
        biases = [*(gradient.b for gradient in recurrences), dc]
        if not self.architecture.bias:
            biases = [torch.zeros_like(db) for db in biases]
        matrices = [*(gradient.W for gradient in recurrences), *inputs.U_above, dV]
        return torch.cat([part.reshape(-1) for part in (*matrices, *biases)])

    def _table_gradient(self, batch: Batch, dx: Tensor) -> Tensor:
        """Sum the gradients of the steps of each symbol that the batch reads."""
        if batch.steps_of_column is not None:
            return batch.steps_of_column.sum(dx)
        return batch.values.T @ dx

    def input_gradient(
        self, dvector: Tensor, vector: Tensor, activations: Activations, *, of_weights: bool
    ) -> InputGradient:
        """Go from the gradient of the vectors to that of every table_scale * U x_t.

        With `of_weights` those of W, b and U_above are computed on the way.
        """
        dh, dbag = self._pooling_gradient(dvector, vector, activations)
        dh = torch.zeros_like(activations.h) if dh is None else dh
        inputs = self._backward(dh, activations, of_weights)
        if self.weights.table_scale != 1:
            inputs.x.div_(self.weights.table_scale)
        if dbag is not None:
            for dx, part in zip(self._candidates(inputs.x), _cut(dbag, self.architecture.nhidden)):
                dx.add_(part, alpha=self.bag_factor)
        return inputs

    def _pooling_gradient(
        self, dvector: Tensor, vector: Tensor, activations: Activations
    ) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients of h_t and of the bag's U x_t, of every step; None for zero."""
        width = self.architecture.directions * self.architecture.nhidden
        of_h: list[Tensor] = []
        of_x: list[Tensor] = []
        parts = zip(self.architecture.pooling, _cut(dvector, width), _cut(vector, width))
        for name, dpart, part in parts:
            pooling = POOLINGS[name]
            gradients = of_x if pooling.of_embeddings else of_h
            gradients.append(pooling.gradient(dpart, part, activations))
        return _total(of_h), _total(of_x)

    def _backward(self, dh: Tensor, activations: Activations, of_weights: bool) -> InputGradient:
        """Go down through the layers, from the gradient of the top states."""
        batch, layers, dU_above = activations.batch, [], []
        for i in range(len(self.layers) - 1, -1, -1):
            parts = zip(self.layers[i], _cut(dh, self.architecture.nhidden), activations.traces[i])
            layer = [r.gradient(d, t, batch, of_weights=of_weights) for r, d, t in parts]
            dx = _side_by_side([gradient.x for gradient in layer])
            layers.append(layer)
            if i:
                if of_weights:
                    dU_above.append(dx.T @ activations.layer_inputs[i - 1])
                dh = dx @ self.U_above[i - 1]
        return InputGradient(dx, layers[::-1], dU_above[::-1])


def _side_by_side(blocks: Sequence[Tensor]) -> Tensor:
    return blocks[0] if len(blocks) == 1 else torch.cat(list(blocks), 1)


def _cut(x: Tensor, width: int) -> tuple[Tensor, ...]:
    """Cut into blocks of columns; a single one is x itself."""
    return (x,) if x.shape[1] == width else torch.split(x, width, 1)


def _total(parts: list[Tensor]) -> Tensor | None:
    return sum(parts[1:], parts[0]) if parts else None
