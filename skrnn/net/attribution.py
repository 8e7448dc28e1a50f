"""What each step of a sequence adds to an output: integrated gradients.

In: a `Network`, one sequence, an output. Out: a number for each step, and the output with and
without the sequence. Knows numpy and torch.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Floats, Sequences
from skrnn.net.batches import Batch
from skrnn.net.inference import AS_BATCH, NUMBERS_AT_ONCE, one_batch
from skrnn.net.network import Network
from skrnn.net.pooling import Activations
from skrnn.net.threads import threads

_POINTS, _WEIGHTS = map(torch.tensor, np.polynomial.legendre.leggauss(8))  # on (-1, 1)
MOST_PIECES = 1000
SHORTEST = 0.1  # pieces shorter than this share of the path need not agree any better


@torch.no_grad()
def contributions(
    network: Network,
    sequence: Sequences,
    output: int,
    origin: Floats | None,
    *,
    most_pieces: int = MOST_PIECES,
) -> tuple[Tensor, float, float]:
    """Share an output o_j among the steps of `Sequences` of one, by integrated gradients.

    o_j(x) - o_j(nothing) is the integral of its gradient along the straight path from nothing
    to x; each step gets the part that its own U x_t has in it. As the integral over any piece
    of the path is known, pieces are halved until the parts agree with it to 1e-5 of the scores
    (1e-4 where the gradient jumps), or there are `most_pieces` of them. Gives the (T,) parts,
    and o_j of x and of nothing.
    """
    architecture = network.architecture
    jumps = "max" in architecture.pooling or architecture.activation == "relu"
    tol = 1e-4 if jumps else 1e-5
    with threads(AS_BATCH, architecture):
        return _integrate(_Path(network, sequence, output, origin), tol, most_pieces)


def _integrate(path: "_Path", tol: float, most_pieces: int) -> tuple[Tensor, float, float]:
    """Sum the parts of all pieces, halving those that do not sum."""
    ends = torch.tensor([[0.0], [1.0]], dtype=torch.float64)  # of pieces: from, to
    scores = path.scores(ends.view(-1)).view(2, 1)
    baseline, score = scores.view(-1).tolist()
    good = tol * max(1e-9, abs(baseline), abs(score))
    total, done = path.embedded.new_zeros(len(path.embedded)), 0
    while ends.shape[1]:
        parts = path.parts(ends[0], ends[1])  # (n_pieces, T)
        done += len(parts)
        length = ends[1] - ends[0]
        error = (parts.sum(1).cpu() - (scores[1] - scores[0])).abs()
        wrong = error > good * length.clamp(min=SHORTEST)
        wrong &= done < most_pieces
        total = total + parts[~wrong.to(parts.device)].sum(0)
        ends, scores = ends[:, wrong], scores[:, wrong]
        middle = ends.mean(0)
        ends, scores = _halve(ends, middle), _halve(scores, path.scores(middle))
    return total, score, baseline


def _halve(ends: Tensor, middle: Tensor) -> Tensor:
    """Cut pieces, (2, n) from and to, in the middle: (2, 2 n)."""
    return torch.stack([torch.cat([ends[0], middle]), torch.cat([middle, ends[1]])])


class _Path:
    """The straight path from nothing, of share 0, to a sequence, of share 1.

    Nothing is U x_t = 0 for symbols, and x_t = `origin`, (n_variables,), for numbers.
    """

    def __init__(
        self, network: Network, sequence: Sequences, output: int, origin: Floats | None
    ) -> None:
        self.network, self.sequence, self.output = network, sequence, output
        values = self._batch(1).values
        self.origin: Tensor | None = None
        if not network.architecture.symbols:
            self.origin = torch.as_tensor(origin).to(values)
            values = values - self.origin
        self.embedded = network.embed(values)  # (T, directions * rows)
        self.at_once = max(1, NUMBERS_AT_ONCE // max(1, self.embedded.numel()))

    def _batch(self, n: int) -> Batch:
        return one_batch(self.network, self.sequence, np.zeros(n, dtype=np.int64))

    def _forward(self, shares: Tensor) -> Activations:
        """Read the sequence at all shares: step t of the i-th of n is at t * n + i."""
        batch = self._batch(len(shares))
        factor = shares.to(self.embedded).repeat(len(self.embedded))[:, None]
        if self.origin is None:
            return self.network.forward(batch, drop_x=factor)
        values = self.origin + (batch.values - self.origin) * factor
        return self.network.forward(replace(batch, values=values))

    def scores(self, shares: Tensor) -> Tensor:
        """Give o_j at n shares, (n,)."""
        parts = [self._scores(some) for some in shares.split(self.at_once) if len(some)]
        return torch.cat(parts or [shares])

    def _scores(self, shares: Tensor) -> Tensor:
        vector = self.network.vectors(self._forward(shares))
        return self.network.scores(vector)[:, self.output].cpu()

    def _slopes(self, shares: Tensor) -> Tensor:
        """Give what each step has in the gradient of o_j by the share, (n, T)."""
        found, (n_steps, width) = self._forward(shares), self.embedded.shape
        dvector = self.network.weights.views["V"][self.output].repeat(len(shares), 1)
        dx = self.network.input_gradient(dvector, self.network.vectors(found), found).x
        return torch.einsum("tnk,tk->nt", dx.view(n_steps, len(shares), width), self.embedded)

    def parts(self, start: Tensor, stop: Tensor) -> Tensor:
        """Integrate the slopes over pieces, (n, T), by Gauss and Legendre's rule."""
        shares = start[:, None] + (stop - start)[:, None] * (_POINTS + 1) / 2
        slopes = torch.cat([self._slopes(some) for some in shares.view(-1).split(self.at_once)])
        length = (stop - start)[:, None] * _WEIGHTS / 2
        slopes = slopes.view(*shares.shape, len(self.embedded))
        return torch.einsum("np,npt->nt", length.to(slopes), slopes)
