"""Prediction with a fitted network: vectors of sequences, and scores.

In: a `Network` and `Sequences`. Out: (n, width) vectors, (n, n_outputs) scores. h_t of a forward
recurrence depends only on the first t symbols, so each prefix that sequences share is computed only
once. Imports numpy and torch.

The result for a row is bitwise identical whatever the other rows are. Products are computed in
blocks of a few sizes. Steps are padded to whole blocks, because torch's elementwise functions
compute the last few elements of a tensor differently from the others.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Indices, Sequences
from skrnn.net.architecture import Architecture
from skrnn.net.batches import move, ngram_batch
from skrnn.net.cells import Cell
from skrnn.net.inference import NUMBERS_AT_ONCE, REFERENCE_BATCH_SIZE, read_by_batches
from skrnn.net.network import Network
from skrnn.net.pooling import POOLINGS
from skrnn.net.prefixes import Level, by_beginning, levels
from skrnn.net.products import SMALLEST, product, round_up, widen
from skrnn.net.recurrence import Recurrence
from skrnn.net.threads import limit_threads, threads_for

STEPS_AT_ONCE = 1 << 16  # steps that are processed together, about
MIN_ROWS_AT_ONCE = 256  # but at least this number of sequences
ENOUGH_AT_ONCE = 1 << 10  # steps whose U x_t are computed together


class _Layer(NamedTuple):
    """The weights of one direction of a layer, in the form that a step needs."""

    cell: Cell
    W: Tensor  # (nhidden, gates * nhidden), widened
    U: Tensor  # (n_inputs or directions * nhidden, gates * nhidden), widened; with b for symbols
    b: Tensor  # (gates * nhidden,)


class _States(NamedTuple):
    """The states of a layer after a step, for each node of the tree of prefixes."""

    h: Tensor  # (n_nodes, nhidden)
    carried: tuple[Tensor, ...]


class FrozenNetwork:
    """A network with fixed weights, prepared for prediction.

    Steps are computed in `dtype`. Operations that depend on the units of X or y, namely U x_t + b
    of numbers and the addition of c, are computed in the dtype of the network.
    """

    @limit_threads(1)
    def __init__(self, network: Network, dtype: torch.dtype | None = None) -> None:
        self.network, self.architecture = network, network.architecture
        self.dtype = dtype or network.weights.dense.dtype
        self.gate_rows = self.architecture.gate_rows
        self.n_threads = threads_for(REFERENCE_BATCH_SIZE, self.architecture)
        V = network.weights.views["V"].T
        self.unit = _power_of_two(_largest(V))  # of each output, as y may have any unit
        self.V = widen((V / self.unit).to(self.dtype))
        self.directions = [
            self._layers(direction)
            for direction in range(self.architecture.directions if network.layers else 0)
        ]

    def _layers(self, direction: int) -> list[_Layer]:
        """Return the weights of one direction of all layers."""
        rows, U = self.architecture.gate_rows, self.network.input_weights()
        first = U[:, direction * rows : (direction + 1) * rows].T
        inputs = [first, *self.network.U_above]
        return [
            self._layer(layer[direction], U, above=i > 0)
            for i, (layer, U) in enumerate(zip(self.network.layers, inputs))
        ]

    def _layer(self, recurrence: Recurrence, U: Tensor, *, above: bool) -> _Layer:
        cell, symbols = recurrence.cell, self.architecture.symbols
        given = self.network.weights.dense.dtype
        matrices = recurrence.W, U, recurrence.b[:, None]
        W, U, b = (cell.for_steps(matrix.to(given)).T for matrix in matrices)
        of_input = given if not above and not symbols else self.dtype
        table = not above and symbols
        U, b = (U + b if table else U).to(of_input), b[0].to(of_input)
        return _Layer(cell, widen(W.to(self.dtype)), U.contiguous() if table else widen(U), b)

    @limit_threads(1)
    def vectors(self, sequences: Sequences) -> Tensor:
        """Return the vectors of all sequences, (n, width), in the given order."""
        out = self.V.new_empty(len(sequences), self.architecture.vector_size)
        hidden, g = out.tensor_split((self.architecture.hidden_size,), 1)
        if not sequences.lengths.all():
            hidden[move(sequences.lengths == 0, None, out.device)] = 0
        if can_share_prefixes(self.architecture):
            for direction in range(len(self.directions)):
                self._read(sequences, direction, hidden)
        else:
            with limit_threads(self.n_threads):
                read_by_batches(self.network, sequences, hidden)
        if sequences.ngrams is not None:
            ngrams = ngram_batch(sequences.ngrams, out.dtype, out.device)
            g.copy_(self.network.sum_ngrams(ngrams))
        return out

    @limit_threads(1)
    def scores(self, vectors: Tensor) -> Tensor:
        """Return V [h ; g] + c: (n, n_outputs)."""
        c = self.network.weights.views["c"]
        return product(vectors, self.V)[:, : len(c)] * self.unit + c

    def _read(self, sequences: Sequences, direction: int, out: Tensor) -> None:
        """Write the pooled states of one direction to `out`, similar sequences together."""
        architecture = self.architecture
        blocks = out.unflatten(
            1, (len(architecture.pooling), architecture.directions, architecture.nhidden)
        )
        order = by_beginning(sequences, reverse=direction == 1)
        steps = max(1, min(STEPS_AT_ONCE, NUMBERS_AT_ONCE // max(1, architecture.input_rows)))
        chunk = np.minimum(
            np.cumsum(sequences.lengths[order]) // steps, np.arange(len(order)) // MIN_ROWS_AT_ONCE
        )
        cuts = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(order)]
        for start, stop in pairwise(cuts):
            rows = order[start:stop]
            for ended, pooled in self._walk(sequences.take(rows), direction):
                at = move(rows[ended], None, out.device)
                for i, vector in enumerate(pooled):
                    blocks[:, i, direction].index_copy_(0, at, vector)

    def _walk(self, sequences: Sequences, direction: int) -> Iterator[tuple[Indices, list[Tensor]]]:
        """Walk down the tree of prefixes; yield the sequences that end, and their pooled states."""
        layers, device = self.directions[direction], self.V.device
        sequences = self.architecture.window.cut(sequences)
        lengths = move(sequences.lengths, None, device).clamp(min=1).to(self.dtype)[:, None]
        poolings = [POOLINGS[name] for name in self.architecture.pooling]
        states = [_before(layer) for layer in layers]
        running: list[Any] = [None] * len(poolings)  # one result per pooling
        tree = levels(sequences, reverse=direction == 1)
        for level, z in self._embedded(layers[0], sequences.values, tree):
            below = Below.of(level, device)
            states = self.step(layers, z, states, below)
            h = states[-1].h
            running = [
                p.update(None if r is None or not p.accumulates else below.take(r), h)
                for p, r in zip(poolings, running)
            ]
            if len(level.ended):
                at, ended = _place(level.at, device), move(level.ended, None, device)
                yield (
                    level.ended,
                    [p.finalize(r[at], lengths[ended]) for p, r in zip(poolings, running)],
                )

    def _embedded(
        self, layer: _Layer, values: Array, tree: Iterator[Level]
    ) -> Iterator[tuple[Level, Tensor]]:
        """Yield each level with its U x_t + b, computed for several small levels together."""
        waiting: list[Level] = []
        n = 0
        for level in tree:
            waiting.append(level)
            n += len(level.steps)
            if n >= ENOUGH_AT_ONCE:
                yield from self._embed(layer, values, waiting)
                waiting, n = [], 0
        yield from self._embed(layer, values, waiting)

    def _embed(
        self, layer: _Layer, values: Array, some: list[Level]
    ) -> Iterator[tuple[Level, Tensor]]:
        steps = [_fill_up(level.steps) for level in some]
        if not steps:
            return
        x = values[np.concatenate(steps)]
        if self.architecture.symbols:
            z = layer.U.index_select(0, move(x, None, layer.U.device))
        else:
            z = self._multiply(move(x, layer.U.dtype, layer.U.device), layer.U)
            z = z.add_(layer.b).to(self.dtype)
        yield from zip(some, z.split_with_sizes([len(s) for s in steps]))

    def _multiply(self, x: Tensor, matrix: Tensor) -> Tensor:
        """Return W h or U x for each row."""
        return product(x, matrix, self.n_threads)[:, : self.gate_rows]

    def step(
        self, layers: list[_Layer], z: Tensor, states: list[_States], below: "Below"
    ) -> list[_States]:
        """Compute one step in all layers, given z = U x_t + b of the first layer."""
        found: list[_States] = []
        for layer, (h, carried) in zip(layers, states):
            if found:
                z = self._multiply(found[-1].h, layer.U).add_(layer.b)
            a = below.take(self._multiply(h[: below.n_parents], layer.W))
            found.append(_States(*layer.cell.step(z, a, tuple(below.take(c) for c in carried))))
        return found

    @limit_threads(1)
    def try_step(self, z: Tensor, h: Tensor) -> list[Tensor]:
        """Compute one step from the same states in all layers; return the new states."""
        layers, below = self.directions[0], Below(None, len(z), len(z))
        states = [_States(h, (h,) * layer.cell.n_carried) for layer in layers]
        after = self.step(layers, z, states, below)
        return [tensor for state in after for tensor in (state.h, *state.carried)]


class Below(NamedTuple):
    """The nodes of a level, padded to whole blocks, as children of the previous level."""

    parent: Tensor | None  # (n,); None: the first n nodes of the previous level
    n: int
    n_parents: int

    @classmethod
    def of(cls, level: Level, device: torch.device) -> "Below":
        if level.parent is None:
            n = round_up(len(level.steps))
            return cls(None, n, n)
        parent = move(_fill_up(level.parent), None, device)
        return cls(parent, len(parent), round_up(int(level.parent.max()) + 1))

    def take(self, x: Tensor) -> Tensor:
        """Return for each node the row of its parent."""
        return x[: self.n] if self.parent is None else x.index_select(0, self.parent)


def _largest(V: Tensor) -> Tensor:
    """Return the largest number of each column, or zero for an empty column."""
    return torch.cat([V.abs(), V.new_zeros(1, V.shape[1])]).amax(0)


def _power_of_two(x: Tensor) -> Tensor:
    """Round positive numbers down to powers of two; return 1 for zero."""
    return x.log2().floor().exp2().where(x > 0, 1.0)


def _fill_up(places: Indices) -> Indices:
    """Pad with index 0 to whole blocks."""
    n = round_up(len(places))
    if len(places) == n:
        return places
    filled = np.zeros(n, dtype=np.int64)
    filled[: len(places)] = places
    return filled


def _before(layer: _Layer) -> _States:
    """Return the initial state h_0 = 0 of a layer, at the root of the tree."""
    zero = layer.W.new_zeros(SMALLEST, len(layer.W))
    return _States(zero, (zero,) * layer.cell.n_carried)


def _place(where: Indices | slice, device: torch.device) -> Tensor | slice:
    return where if isinstance(where, slice) else move(where, None, device)


def can_share_prefixes(architecture: Architecture) -> bool:
    """Whether a state depends only on the preceding symbols."""
    return architecture.n_layers <= 1 or architecture.directions == 1
