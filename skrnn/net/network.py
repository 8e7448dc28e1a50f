"""The network: layers of recurrences, vectors, the output layer, and the gradients.

In: a `Batch`, targets and weights. Out: vectors of sequences, scores, a loss and its gradient.
The weights are in `skrnn.net.weights`. Imports only torch.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from skrnn.input.sequences import Floats
from skrnn.net.architecture import Architecture
from skrnn.net.batches import Batch, NgramBatch, Segments
from skrnn.net.cells import Trace, make_cell
from skrnn.net.losses import LOSSES
from skrnn.net.pooling import POOLINGS, Activations
from skrnn.net.recurrence import Recurrence, RecurrenceGradient
from skrnn.net.weights import Gradient, TableGradient, Weights


class LabelledBatch(NamedTuple):
    """A batch with targets, weights and dropout factors."""

    batch: Batch
    target: Tensor  # (size,) or (size, n_outputs)
    weight: Tensor  # (size,)
    factor: Tensor | None = None  # (size, width) dropout factors of the vectors


class InputGradient(NamedTuple):
    """The gradients of the inputs of all layers, and of their weights."""

    x: Tensor  # (steps, directions * rows) of U x_t
    layers: list[list[RecurrenceGradient]]  # by layer and direction
    U_above: list[Tensor]  # of each layer but the first


class Network:
    """Layers of recurrences and a linear output layer, with given or new weights."""

    def __init__(
        self,
        architecture: Architecture,
        *,
        loss: str = "cross_entropy",
        weights: Weights | None = None,
        whitening: Floats | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.architecture, self.loss = architecture, LOSSES[loss]
        self.weights = weights or Weights(architecture, dtype=dtype, device=device)
        self.whitening: Tensor | None = None  # (width, width), symmetric, of the steps of a window
        if whitening is not None:
            self.whitening = torch.tensor(whitening).to(self.weights.U)
        self.cell = make_cell(architecture.cell, architecture.activation)
        self.layers = self._layers()
        views, d = self.weights.views, architecture.directions
        size = d * architecture.gate_rows  # of the input weights of a layer above the first
        self.U_above = list(views["U_above"].split(size)) if len(views["U_above"]) else []

    def _layers(self) -> list[list[Recurrence]]:
        architecture, views = self.architecture, self.weights.views
        if not architecture.n_layers:
            return []
        rows, d = architecture.gate_rows, architecture.directions
        recurrences = [
            Recurrence(self.cell, W, b, reverse=i % d == 1)
            for i, (W, b) in enumerate(zip(views["W"].split(rows), views["b"].split(rows)))
        ]
        return [recurrences[i : i + d] for i in range(0, len(recurrences), d)]

    def forward(self, batch: Batch, x_factor: Tensor | None = None) -> Activations:
        """Compute the states of a batch, and what the gradient needs.

        `x_factor`, (steps, 1), multiplies each U x_t.
        """
        x = self.embed(batch.values)
        if x_factor is not None:
            x = x * x_factor
        traces: list[list[Trace]] = []
        layer_inputs: list[Tensor] = []
        h = x
        for i, layer in enumerate(self.layers):
            if i:
                layer_inputs.append(h)
                x = h @ self.U_above[i - 1].T
            parts = _cut(x, self.architecture.gate_rows)
            traces.append([r.run(part, batch) for r, part in zip(layer, parts)])
            h = _side_by_side([r.states(trace, batch) for r, trace in zip(layer, traces[-1])])
        return Activations(h, batch, self.architecture.nhidden, traces, layer_inputs)

    def embed(self, values: Tensor) -> Tensor:
        """Return U x_t of all steps, without b: (steps, directions * rows)."""
        U, dense = self.input_weights(), self.weights.dense
        x = U.index_select(0, values) if self.architecture.symbols else values @ U.to(values.dtype)
        return x.to(dense.dtype)

    def input_weights(self) -> Tensor:
        """Return U for the original x_t, transposed: (n_inputs, directions * rows)."""
        return self._whiten(self.weights.U)

    def _whiten(self, U: Tensor) -> Tensor:
        """Apply the whitening to the rows of U, or of its gradient, of the steps of a window."""
        P = self.whitening
        return U if P is None else (P @ U.view(len(P), -1)).view_as(U)

    def vectors(self, activations: Activations) -> Tensor:
        """Return the vector [h ; g] of each sequence."""
        hidden, ngrams = self.hidden_vectors(activations), activations.batch.ngrams
        return hidden if ngrams is None else _side_by_side([hidden, self.sum_ngrams(ngrams)])

    def hidden_vectors(self, activations: Activations) -> Tensor:
        """Return h of each sequence: its poolings, concatenated."""
        parts = [POOLINGS[p].vector(activations) for p in self.architecture.pooling]
        return _side_by_side(parts or [activations.h.new_zeros(activations.batch.size, 0)])

    def sum_ngrams(self, ngrams: NgramBatch) -> Tensor:
        """Return g of each sequence: (size, ngram_size)."""
        sums = Segments(ngrams.columns, ngrams.starts).sum(self.weights.G)
        return sums.to(ngrams.scale.dtype).mul_(ngrams.scale)

    def scores(self, h: Tensor) -> Tensor:
        """Return V [h ; g] + c: (size, n_outputs)."""
        return torch.addmm(self.weights.views["c"], h, self.weights.views["V"].T)

    def divide_scores(self, temperature: float) -> None:
        """Divide V and c by a temperature."""
        self.weights.head.div_(temperature)

    def backpropagate(self, labelled: LabelledBatch) -> tuple[Tensor, Gradient]:
        """Return the weighted sum of the losses of a batch, and its gradient."""
        batch = labelled.batch
        activations = self.forward(batch)
        vector = self.vectors(activations)
        h = vector if labelled.factor is None else vector * labelled.factor
        loss, dscores = self.loss(self.scores(h), labelled.target, labelled.weight)
        dV, dc = dscores.T @ h, dscores.sum(0)
        dvector = dscores @ self.weights.views["V"]  # (size, width)
        if labelled.factor is not None:
            dvector *= labelled.factor
        inputs = self.input_gradient(dvector, vector, activations, of_weights=True)
        dense = self._dense_gradient(inputs, dV, dc)
        dg = dvector[:, self.architecture.hidden_size :]
        return loss, Gradient(dense, self._U_gradient(batch, inputs.x), _G_gradient(batch, dg))

    def _dense_gradient(self, inputs: InputGradient, dV: Tensor, dc: Tensor) -> Tensor:
        """Concatenate the gradients of W, U_above, b, V and c in the order of the flat vector."""
        recurrences = [gradient for layer in inputs.layers for gradient in layer]
        db = [gradient.b for gradient in recurrences]
        if not self.architecture.bias:
            db, dc = [torch.zeros_like(part) for part in db], torch.zeros_like(dc)
        matrices = [*(gradient.W for gradient in recurrences), *inputs.U_above]
        return torch.cat([part.reshape(-1) for part in (*matrices, *db, dV, dc)])

    def _U_gradient(self, batch: Batch, dx: Tensor) -> TableGradient:
        """Sum the gradients of the steps of each symbol that the batch reads."""
        readers = batch.readers
        if readers is not None:
            return TableGradient(readers.of_column.sum(dx), readers.columns)
        return TableGradient(self._whiten(batch.values.T @ dx), None)

    def input_gradient(
        self, dvector: Tensor, vector: Tensor, activations: Activations, *, of_weights: bool
    ) -> InputGradient:
        """Compute the gradient of all U x_t from that of the vectors.

        With `of_weights`, the gradients of W, b and U_above are computed too.
        """
        if not self.layers:
            return InputGradient(activations.h, [], [])
        width = self.architecture.directions * self.architecture.nhidden
        names = self.architecture.pooling
        parts = zip(names, dvector.split(width, 1), vector.split(width, 1))
        gradients = [POOLINGS[p].gradient(dpart, part, activations) for p, dpart, part in parts]
        return self._backward(sum(gradients[1:], gradients[0]), activations, of_weights)

    def _backward(self, dh: Tensor, activations: Activations, of_weights: bool) -> InputGradient:
        """Backpropagate through the layers, from the gradient of the top states."""
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
    """Divide x into blocks of columns; a single block is x itself."""
    return (x,) if x.shape[1] == width else x.split_with_sizes([width] * (x.shape[1] // width), 1)


def _G_gradient(batch: Batch, dg: Tensor) -> TableGradient | None:
    """Sum the gradients of the sequences of each n-gram that the batch reads."""
    if batch.ngrams is None or batch.ngrams.readers is None:
        return None
    readers = batch.ngrams.readers
    return TableGradient(readers.of_column.sum(dg * batch.ngrams.scale), readers.columns)
