"""One recurrence over a batch: a cell that reads in one direction, and its gradient.

In: U x_t of all steps. Out: h_t of each step, and gradients. Knows torch alone;
`skrnn.net.cells` has the equations.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from skrnn.net.batches import Batch
from skrnn.net.cells import Cell, Trace


class RecurrenceGradient(NamedTuple):
    """The gradients of what one recurrence reads and has."""

    x: Tensor  # (steps, gates * nhidden)
    W: Tensor
    b: Tensor


class Recurrence(NamedTuple):
    """One cell reading in one direction, with views of its W and b."""

    cell: Cell
    W: Tensor  # (gates * nhidden, nhidden)
    b: Tensor  # (gates * nhidden,)
    backward_reader: bool

    def run(
        self, x: Tensor, batch: Batch, scale: float, state: tuple[Tensor, ...] | None = None
    ) -> Trace:
        """Give h_t of every step, and what the gradient needs; x, times `scale`, is kept."""
        z = torch.add(self.b, x, alpha=scale)
        z = z[batch.mirror] if self.backward_reader else z
        (h, *_), memory = self.cell.unroll(z, self.W, batch.alive, state)
        return Trace(h, z, memory)

    def states(self, trace: Trace, batch: Batch) -> Tensor:
        """Give h_t in the order of the batch, (steps, nhidden)."""
        return trace.h[batch.mirror] if self.backward_reader else trace.h

    def gradient(self, dh: Tensor, trace: Trace, batch: Batch) -> RecurrenceGradient:
        """Go from the gradient of every h_t to those of x, W and b."""
        dh = dh[batch.mirror] if self.backward_reader else dh.contiguous()
        dz, da = self.cell.backward(dh, trace, self.W, batch)
        k = batch.nonempty
        dW = da[k:].T @ trace.h.index_select(0, batch.previous[k:])
        dx = dz[batch.mirror] if self.backward_reader else dz
        return RecurrenceGradient(dx, dW, dz.sum(0))
