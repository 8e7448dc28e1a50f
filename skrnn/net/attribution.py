"""Integrated gradients: the contribution of each step of a sequence to an output.

In: a `Network`, one sequence, an output. Out: a number for each step, and the output for the
sequence and for the baseline. Imports numpy and torch.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Floats, Indices, Ngrams, Sequences
from skrnn.input.windows import Window
from skrnn.net.batches import Batch
from skrnn.net.inference import NUMBERS_AT_ONCE, REFERENCE_BATCH_SIZE, one_batch
from skrnn.net.network import Network
from skrnn.net.pooling import Activations
from skrnn.net.threads import limit_threads, threads_for

_POINTS, _WEIGHTS = map(torch.tensor, np.polynomial.legendre.leggauss(8))  # on (-1, 1)
MAX_PIECES = 1000
MIN_LENGTH = 0.1  # the tolerance of shorter pieces is not reduced further


@limit_threads(1)
def contributions(
    network: Network,
    sequence: Sequences,
    output: int,
    origin: Floats | None,
    ngram_steps: Indices,
    *,
    max_pieces: int = MAX_PIECES,
) -> tuple[Tensor, float, float]:
    """Return the contributions of the steps of a sequence to an output o_j.

    o_j(x) - o_j(baseline) is the integral of the gradient of o_j along the straight path from the
    baseline to x. The contribution of a step is the part of this integral that belongs to its U
    x_t. If a series is read in windows, a step has its own columns of U in each window that
    contains it, and these parts are summed. The integral over any piece of the path is known from
    the scores at its ends. Pieces are halved until the parts agree with it to 1e-5 of the scores
    (1e-4 if the gradient is discontinuous), or until there are `max_pieces`. The part of an n-gram
    in V g is added to the step at which it ends, from `ngram_steps`. Return the contributions,
    (T,), and o_j of x and of the baseline.
    """
    architecture = network.architecture
    jumps = "max" in architecture.pooling or architecture.activation == "relu"
    tol = 1e-4 if jumps else 1e-5
    with limit_threads(threads_for(REFERENCE_BATCH_SIZE, architecture)):
        path = _Path(network, replace(sequence, ngrams=None), output, origin)
        total, score, baseline = _integrate(path, tol, max_pieces)
    if architecture.window.width > 1:
        total = _of_steps(total, architecture.window, len(sequence.values))
    if sequence.ngrams is not None:
        added = _of_ngrams(network, sequence.ngrams, output)
        total = total.index_add(0, torch.as_tensor(ngram_steps).to(added.device), added)
        score += added.sum().item()
    return total, score, baseline


def _of_ngrams(network: Network, ngrams: Ngrams, output: int) -> Tensor:
    """Return the contribution of each n-gram of a sequence to an output, (n_ngrams,)."""
    weights = network.weights
    V = weights.views["V"][output, network.architecture.hidden_size :]
    columns = torch.as_tensor(ngrams.columns).to(V.device)
    return weights.G.index_select(0, columns).to(V.dtype) @ V * float(ngrams.scale[0])


def _of_steps(parts: Tensor, window: Window, n_steps: int) -> Tensor:
    """Sum the parts of each step over all windows: (n_windows * width,) to (n_steps,)."""
    series = Sequences(np.arange(n_steps)[:, None], np.array([n_steps]))
    steps = torch.as_tensor(window.cut(series).values.reshape(-1)).to(parts.device)
    return parts.new_zeros(n_steps).index_add(0, steps, parts)


def _integrate(path: "_Path", tol: float, max_pieces: int) -> tuple[Tensor, float, float]:
    """Sum the parts of all pieces; halve the pieces that do not agree with the scores."""
    ends = torch.tensor([[0.0], [1.0]], dtype=torch.float64)  # start and end of each piece
    scores = path.scores(ends.view(-1)).view(2, 1)
    baseline, score = scores.view(-1).tolist()
    threshold = tol * max(1e-9, abs(baseline), abs(score))
    total, n_pieces = path.embedded.new_zeros(path.n_parts), 0
    while ends.shape[1]:
        parts = path.parts(ends[0], ends[1])  # (n_pieces, n_parts)
        n_pieces += len(parts)
        length = ends[1] - ends[0]
        error = (parts.sum(1).cpu() - (scores[1] - scores[0])).abs()
        wrong = error > threshold * length.clamp(min=MIN_LENGTH)
        wrong &= n_pieces < max_pieces
        total = total + parts[~wrong.to(parts.device)].sum(0)
        ends, scores = ends[:, wrong], scores[:, wrong]
        middle = ends.mean(0)
        ends, scores = _halve(ends, middle), _halve(scores, path.scores(middle))
    return total, score, baseline


def _halve(ends: Tensor, middle: Tensor) -> Tensor:
    """Halve pieces: from starts and ends, (2, n), to (2, 2 n)."""
    return torch.stack([torch.cat([ends[0], middle]), torch.cat([middle, ends[1]])])


class _Path:
    """The straight path from the baseline, at share 0, to a sequence, at share 1.

    The baseline is U x_t = 0 for symbols, and x_t = `origin`, (n_variables,), for numbers.
    """

    def __init__(
        self, network: Network, sequence: Sequences, output: int, origin: Floats | None
    ) -> None:
        self.network, self.sequence, self.output = network, sequence, output
        self.V = network.weights.views["V"][output, : network.architecture.hidden_size]
        values = self._batch(1).values
        self.origin: Tensor | None = None
        if not network.architecture.symbols:
            width = network.architecture.window.width
            self.origin = torch.as_tensor(np.tile(np.asarray(origin), width)).to(values)
            self.embedded = self._embed_numbers(values - self.origin, width)
        else:
            self.embedded = network.embed(values)[:, None]
        self.n_parts = len(self.embedded) * self.embedded.shape[1]
        self.chunk_size = max(1, NUMBERS_AT_ONCE // max(1, self.embedded.numel()))

    def _embed_numbers(self, values: Tensor, width: int) -> Tensor:
        """Return the part of each step of a window in U x_t: (T, width, directions * rows)."""
        U = self.network.input_weights().to(values)
        U = U.view(width, len(U) // width, -1)
        return torch.einsum("twd,wdk->twk", values.view(len(values), *U.shape[:2]), U)

    def _batch(self, n: int) -> Batch:
        return one_batch(self.network, self.sequence, np.zeros(n, dtype=np.int64))

    def _forward(self, shares: Tensor) -> Activations:
        """Run the network at n shares; step t of the i-th share is at t * n + i."""
        batch = self._batch(len(shares))
        factor = shares.to(self.embedded).repeat(len(self.embedded))[:, None]
        if self.origin is None:
            return self.network.forward(batch, x_factor=factor)
        values = self.origin + (batch.values - self.origin) * factor
        return self.network.forward(replace(batch, values=values))

    def scores(self, shares: Tensor) -> Tensor:
        """Return o_j at n shares of the path, (n,)."""
        parts = [self._scores(some) for some in shares.split(self.chunk_size) if len(some)]
        return torch.cat(parts or [shares])

    def _scores(self, shares: Tensor) -> Tensor:
        h, views = self.network.hidden_vectors(self._forward(shares)), self.network.weights.views
        return (h @ self.V + views["c"][self.output]).cpu()

    def _gradients(self, shares: Tensor) -> Tensor:
        """Return the derivative of o_j by the share, divided into parts, (n, n_parts)."""
        activations, (n_steps, _, width) = self._forward(shares), self.embedded.shape
        dvector, vector = self.V.repeat(len(shares), 1), self.network.hidden_vectors(activations)
        found = self.network.input_gradient(dvector, vector, activations, of_weights=False)
        dx = found.x.view(n_steps, len(shares), width)
        return torch.einsum("tnk,twk->ntw", dx, self.embedded).flatten(1)

    def parts(self, start: Tensor, stop: Tensor) -> Tensor:
        """Integrate the gradients over n pieces, (n, n_parts), by Gauss-Legendre quadrature."""
        shares = start[:, None] + (stop - start)[:, None] * (_POINTS + 1) / 2
        gradients = torch.cat(
            [self._gradients(some) for some in shares.view(-1).split(self.chunk_size)]
        )
        length = (stop - start)[:, None] * _WEIGHTS / 2
        gradients = gradients.view(*shares.shape, self.n_parts)
        return torch.einsum("np,npt->nt", length.to(gradients), gradients)
