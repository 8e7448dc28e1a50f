"""What a network makes of sequences, where nothing is to be learned.

In: a `Network` and `Sequences`. Out: (n, width) vectors; of one sequence its states, or what
each step adds to an output. h_t of a forward reader depends on the first t symbols alone, so
each prefix that sequences have in common is computed once. Knows numpy and torch.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from skrnn._layout import pack
from skrnn._pooling import RUNNING
from skrnn._prefixes import levels
from skrnn._recurrence import batches, move, threads

NUMBERS_AT_ONCE = 1 << 23  # of the embeddings that are in memory
_GAUSS = np.polynomial.legendre.leggauss(8)  # points and weights on (-1, 1)
STEPS_AT_ONCE = 1 << 15  # of the sequences that are read together, of which there are
FEWEST_AT_ONCE = 256  # or more
AS_BATCH = 32  # threads share what is applied where they would share batches of this size


@torch.no_grad()
def vectors(network, sequences):
    """Give the vectors of all sequences, (n, width), in the order they came in."""
    out = network.weights.dense.new_zeros(len(sequences), network.shape.width)
    apart = network.shape.n_layers == 1 or network.shape.directions == 1
    part = _by_prefixes if apart else _by_batches
    chunk = np.minimum(
        np.cumsum(sequences.lengths) // STEPS_AT_ONCE, np.arange(len(sequences)) // FEWEST_AT_ONCE
    )
    cuts = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(sequences)]
    with threads(AS_BATCH, network.shape):
        for start, stop in pairwise(cuts):
            part(network, sequences.take(np.arange(start, stop)), out[start:stop])
    return out


@torch.no_grad()
def states(network, sequence):
    """Give every h_t of the top layer, of `Sequences` of one: (T, directions * nhidden)."""
    batch = _batches(network, sequence, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    return network.forward(next(batch)[1])[0].h


@torch.no_grad()
def contributions(network, sequence, output, origin, *, most=1000):
    """Share an output o_j among the steps of `Sequences` of one, by integrated gradients.

    o_j(x) - o_j(nothing) is the integral of its gradient along the straight way from nothing
    to x; each step gets the part that its own U x_t has in it. As the integral over any piece
    of the way is known, pieces are halved until the parts agree with it to 1e-5 of the scores
    (1e-4 where the gradient jumps), or there are `most` of them. Gives the (T,) parts, and o_j
    of x and of nothing.
    """
    jumps = "max" in network.shape.pooling or network.shape.activation == "relu"
    tol = 1e-4 if jumps else 1e-5
    with threads(AS_BATCH, network.shape):
        return _integrate(_Way(network, sequence, output, origin), tol, most)


def _integrate(way, tol, most):
    """Sum the parts of all pieces, halving those that do not sum."""
    ends = torch.tensor([[0.0], [1.0]], dtype=torch.float64)  # of pieces: from, to
    at = way.scores(ends.view(-1)).view(2, 1)
    baseline, score = at.view(-1).tolist()
    good = tol * max(1e-9, abs(baseline), abs(score))
    total, done = 0.0, 0
    while ends.shape[1]:
        found = way.parts(*ends)  # (n_pieces, T)
        done += len(found)
        length = ends[1] - ends[0]
        wrong = (found.sum(1).cpu() - (at[1] - at[0])).abs() > good * length.clamp(min=0.1)
        wrong &= done < most
        total = total + found[~wrong.to(found.device)].sum(0)
        ends, at = ends[:, wrong], at[:, wrong]
        middle = ends.mean(0)
        ends, at = _halved(ends, middle), _halved(at, way.scores(middle))
    return total, score, baseline


def _halved(ends, middle):
    """Cut pieces, (2, n) from and to, in the middle: (2, 2 n)."""
    return torch.stack([torch.cat([ends[0], middle]), torch.cat([middle, ends[1]])])


class _Way:
    """The straight way from nothing, of share 0, to a sequence, of share 1.

    Nothing is U x_t = 0 for symbols, and x_t = `origin`, (n_variables,), for numbers.
    """

    def __init__(self, network, sequence, output, origin):
        self.network, self.sequence, self.output = network, sequence, output
        _, batch = self._batch(1)
        if not network.shape.symbols:
            self.origin = torch.as_tensor(origin).to(batch.values)
            batch = replace(batch, values=batch.values - self.origin)
        self.x = network.embed(batch.values)  # (T, directions * rows)
        self.at_once = max(1, NUMBERS_AT_ONCE // max(1, self.x.numel()))

    def _batch(self, n):
        return next(_batches(self.network, self.sequence, *np.zeros((2, n), dtype=np.int64)))

    def _forward(self, shares):
        """Go through the sequence at all shares: step t of the i-th of n is at t * n + i."""
        _, batch = self._batch(len(shares))
        factor = shares.to(self.x).repeat(len(self.x))[:, None]
        if self.network.shape.symbols:
            return batch, *self.network.forward(batch, drop_x=factor)
        values = self.origin + (batch.values - self.origin) * factor
        batch = replace(batch, values=values)
        return batch, *self.network.forward(batch)

    def scores(self, shares):
        """Give o_j at n shares, (n,)."""
        parts = [self._forward(some)[1] for some in shares.split(self.at_once) if len(some)]
        found = [self.network.scores(self.network.vectors(states)) for states in parts]
        return torch.cat([scores[:, self.output].cpu() for scores in found] or [shares])

    def _slopes(self, shares):
        """Give what each step has in the gradient of o_j by the share, (n, T)."""
        batch, states, saved = self._forward(shares)
        dout = self.network.weights.views["V"][self.output].repeat(len(shares), 1)
        out = self.network.vectors(states)
        dz = self.network.input_gradient(dout, out, states, saved, batch)
        return torch.einsum(
            "tnk,tk->nt", dz.view(len(self.x), len(shares), self.x.shape[1]), self.x
        )

    def parts(self, start, stop):
        """Integrate the slopes over pieces, (n, T), by Gauss and Legendre's rule."""
        points, weights = (torch.tensor(values) for values in _GAUSS)
        shares = start[:, None] + (stop - start)[:, None] * (points + 1) / 2
        slopes = torch.cat([self._slopes(some) for some in shares.view(-1).split(self.at_once)])
        length = (stop - start)[:, None] * weights / 2
        return torch.einsum(
            "np,npt->nt", length.to(slopes), slopes.view(*shares.shape, len(self.x))
        )


def _by_prefixes(network, sequences, out):
    """Fill in `out`, one direction after the other; their blocks alternate in a vector."""
    shape, n = network.shape, len(network.shape.pooling)
    blocks = out.view(len(out), n, shape.directions, shape.nhidden)
    lengths = move(sequences.lengths, None, out.device).clamp(min=1).to(out.dtype)[:, None]
    factors = [network.bag_gain if name == "bag" else 1 for name in shape.pooling]
    candidate = network.cell.candidate * shape.nhidden
    for direction in range(shape.directions):
        layers = [layer[direction] for layer in network.layers]
        states, found = [None] * len(layers), (None,) * n
        tree = levels(sequences, backward=direction == 1)
        for level, x in _embedded(network, sequences, tree, direction):
            states = [_carry_on(level, state, out.device) for state in states]
            found = _carry_on(level, found, out.device)
            h, bag = _step(network, layers, states, x), x[:, candidate : candidate + shape.nhidden]
            found = tuple(RUNNING[name].add(f, h, bag) for name, f in zip(shape.pooling, found))
            ended, at = (_place(where, out.device) for where in (level.ended, level.at))
            for i, name in enumerate(shape.pooling if len(level.ended) else ()):
                done = RUNNING[name].end(found[i][at], lengths[ended])
                blocks[ended, i, direction] = done * factors[i]


def _step(network, layers, states, x):
    """Take a step in all layers; change `states`, and give h of the top one."""
    h = None
    for i, (layer, (above, _)) in enumerate(zip(layers, network.above)):
        z = torch.add(layer.b, x, alpha=1 / network.weights.scale) if above is None else h @ above.T
        z = z if above is None else z.add_(layer.b)
        states[i], _ = layer.cell.unroll(z, layer.W, [len(x)], states[i])
        h = states[i][0]
    return h


def _carry_on(level, tensors, device):
    """Give of every node what its parent has, if that has anything."""
    if tensors is None or tensors[0] is None:
        return tensors
    if level.parent is None:
        return tuple(x[: len(level.steps)] for x in tensors)
    parent = move(level.parent, None, device)
    return tuple(x.index_select(0, parent) for x in tensors)


def _place(where, device):
    return where if isinstance(where, slice) else move(where, None, device)


def _embedded(network, sequences, tree, direction):
    """Yield each level with its U x_t, of several levels computed at once."""
    waiting, size = [], 0
    at_once = NUMBERS_AT_ONCE // max(1, network.weights.table.shape[1])
    for level in tree:
        if size + len(level.steps) > at_once and waiting:
            yield from _embed(network, sequences, waiting, direction)
            waiting, size = [], 0
        waiting.append(level)
        size += len(level.steps)
    if waiting:
        yield from _embed(network, sequences, waiting, direction)


def _embed(network, sequences, some, direction):
    values = sequences.values[np.concatenate([level.steps for level in some])]
    x = network.embed(move(values, network.weights.dense.dtype, network.weights.dense.device))
    x = x[:, direction * network.shape.rows : (direction + 1) * network.shape.rows]
    return zip(some, x.split_with_sizes([len(level.steps) for level in some]))


def _by_batches(network, sequences, out):
    """Fill in `out` where a state depends on what comes before it and after it."""
    longest_first = np.argsort(-sequences.lengths, kind="stable")
    at_once = max(1, NUMBERS_AT_ONCE // max(1, network.weights.table.shape[1]))
    batch = np.cumsum(sequences.lengths[longest_first]) // at_once
    batch = np.cumsum(np.diff(batch, prepend=batch[:1]) > 0)
    for rows, cut in _batches(network, sequences, longest_first, batch):
        out[rows] = network.vectors(network.forward(cut)[0])


def _batches(network, sequences, rows, batch):
    """Yield batches of the given rows, and which rows they hold."""
    layout, device = pack(sequences, rows, batch), network.weights.dense.device
    order = move(rows[layout.order], None, device).split(layout.sizes)
    return zip(order, batches(layout, network.weights.dense.dtype, device))
