"""Vectors and states of sequences, without learning.

In: a `Network` and `Sequences`. Out: (n, width) vectors; the states of one sequence. h_t of a
forward reader depends only on the first t symbols, so each prefix that sequences have in common
is computed once. Imports numpy and torch.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array, Indices, Sequences
from skrnn.net.batches import Batch, move, ngram_batch, pack
from skrnn.net.cells import State
from skrnn.net.network import Network
from skrnn.net.pooling import POOLINGS
from skrnn.net.prefixes import Level, levels
from skrnn.net.recurrence import Recurrence
from skrnn.net.threads import limit_threads

NUMBERS_AT_ONCE = 1 << 23  # embeddings of no more numbers than this are held in memory
STEPS_AT_ONCE = 1 << 15  # sequences of about so many steps are read together
MIN_ROWS_AT_ONCE = 256  # but no fewer sequences than this
REFERENCE_BATCH_SIZE = 32  # several threads are used where they would be for such a batch


@torch.no_grad()
def vectors(network: Network, sequences: Sequences) -> Tensor:
    """Return the vectors of all sequences, (n, width), in the order they came in."""
    out = network.weights.dense.new_zeros(len(sequences), network.architecture.vector_size)
    independent = network.architecture.n_layers == 1 or network.architecture.directions == 1
    compute = _by_prefixes if independent else _by_batches
    hidden = out[:, : network.architecture.hidden_size]
    chunk = np.minimum(
        np.cumsum(sequences.lengths) // STEPS_AT_ONCE, np.arange(len(sequences)) // MIN_ROWS_AT_ONCE
    )
    cuts = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(sequences)]
    with limit_threads(REFERENCE_BATCH_SIZE, network.architecture):
        for start, stop in pairwise(cuts):
            some = sequences.take(np.arange(start, stop))
            if network.layers:
                compute(network, some, hidden[start:stop])
            _fill_in_ngrams(network, some, out[start:stop])
    return out


def _fill_in_ngrams(network: Network, sequences: Sequences, out: Tensor) -> None:
    """Fill in g, the last columns of `out`."""
    if sequences.ngrams is not None:
        ngrams = ngram_batch(sequences.ngrams, out.dtype, out.device)
        out[:, network.architecture.hidden_size :] = network.sum_ngrams(ngrams)


@torch.no_grad()
def unroll(network: Network, sequence: Sequences) -> Tensor:
    """Return every h_t of the top layer, of `Sequences` of one: (T, directions * nhidden)."""
    return network.forward(one_batch(network, sequence, np.zeros(1, dtype=np.int64))).h


def one_batch(network: Network, sequences: Sequences, rows: Indices) -> Batch:
    """Make one batch of the given rows, longest first."""
    (_, batch), *_ = _batches(network, sequences, rows, np.zeros(len(rows), dtype=np.int64))
    return batch


def _by_prefixes(network: Network, sequences: Sequences, out: Tensor) -> None:
    """Fill in `out`, one direction after the other; their blocks alternate in a vector."""
    architecture, poolings = network.architecture, network.architecture.pooling
    blocks = out.unflatten(1, (len(poolings), architecture.directions, architecture.nhidden))
    lengths = move(sequences.lengths, None, out.device).clamp(min=1).to(out.dtype)[:, None]
    for direction in range(architecture.directions):
        layers = [layer[direction] for layer in network.layers]
        states: list[State | None] = [None] * len(layers)
        running: State | None = None  # of each pooling
        tree = levels(sequences, reverse=direction == 1)
        for level, x in _embedded(network, sequences, tree, direction):
            states = [_carry_on(level, state, out.device) for state in states]
            before = _carry_on(level, running, out.device) or (None,) * len(poolings)
            h = _step(network, layers, states, x)
            running = tuple(POOLINGS[p].update(b, h) for p, b in zip(poolings, before))
            if len(level.ended):
                ended, at = (_place(where, out.device) for where in (level.ended, level.at))
                for i, name in enumerate(poolings):
                    vector = POOLINGS[name].finalize(running[i][at], lengths[ended])
                    blocks[ended, i, direction] = vector


def _step(
    network: Network, layers: list[Recurrence], states: list[State | None], x: Tensor
) -> Tensor:
    """Take a step in all layers; change `states`, and return h of the top one."""
    z = layers[0].b + x
    for i, layer in enumerate(layers):
        state, _ = layer.cell.unroll(z, layer.W, [len(x)], states[i])
        states[i], h = state, state[0]
        if i + 1 < len(layers):
            z = (h @ network.U_above[i].T).add_(layers[i + 1].b)
    return h


def _carry_on(level: Level, tensors: State | None, device: torch.device) -> State | None:
    """Return for every node the tensors of its parent; None stays None."""
    if tensors is None:
        return None
    if level.parent is None:
        return tuple(x[: len(level.steps)] for x in tensors)
    parent = move(level.parent, None, device)
    return tuple(x.index_select(0, parent) for x in tensors)


def _place(where: Indices | slice, device: torch.device) -> Tensor | slice:
    return where if isinstance(where, slice) else move(where, None, device)


def _embedded(
    network: Network, sequences: Sequences, tree: Iterator[Level], direction: int
) -> Iterator[tuple[Level, Tensor]]:
    """Yield each level with its U x_t, of several levels computed at once."""
    waiting: list[Level] = []
    size, at_once = 0, _steps_at_once(network)
    for level in tree:
        if size + len(level.steps) > at_once and waiting:
            yield from _embed(network, sequences, waiting, direction)
            waiting, size = [], 0
        waiting.append(level)
        size += len(level.steps)
    if waiting:
        yield from _embed(network, sequences, waiting, direction)


def _steps_at_once(network: Network) -> int:
    return max(1, NUMBERS_AT_ONCE // max(1, network.architecture.input_rows))


def _embed(
    network: Network, sequences: Sequences, some: list[Level], direction: int
) -> Iterator[tuple[Level, Tensor]]:
    values: Array = sequences.values[np.concatenate([level.steps for level in some])]
    x = network.embed(move(values, network.weights.dense.dtype, network.weights.dense.device))
    rows = network.architecture.gate_rows
    x = x[:, direction * rows : (direction + 1) * rows]
    return zip(some, x.split_with_sizes([len(level.steps) for level in some]))


def _by_batches(network: Network, sequences: Sequences, out: Tensor) -> None:
    """Fill in `out` where a state depends on what comes before it and after it."""
    longest_first = np.argsort(-sequences.lengths, kind="stable")
    batch = np.cumsum(sequences.lengths[longest_first]) // _steps_at_once(network)
    batch = np.cumsum(np.diff(batch, prepend=batch[:1]) > 0)
    for rows, cut in _batches(network, sequences, longest_first, batch):
        out[rows] = network.hidden_vectors(network.forward(cut))


def _batches(
    network: Network, sequences: Sequences, rows: Indices, batch: Indices
) -> Iterator[tuple[Tensor, Batch]]:
    """Yield batches of the given rows, and which rows they hold."""
    packed, like = pack(sequences, rows, batch), network.weights.dense
    order = move(rows[packed.order], None, like.device).split(packed.sizes)
    return zip(order, packed.batches(like.dtype, like.device))
