"""One recurrence over a batch: a cell that reads in one direction, and its gradient.

In: U x_t of all steps. Out: h_t of each step, and gradients. The equations are in
`skrnn.net.cells`. Imports only torch.
"""

from typing import NamedTuple

from torch import Tensor

from skrnn.net.batches import Batch
from skrnn.net.cells import Cell, Trace


class RecurrenceGradient(NamedTuple):
    """The gradients of the input and of the weights of one recurrence."""

    x: Tensor  # (steps, gates * nhidden)
    W: Tensor  # empty if not requested
    b: Tensor


class Recurrence(NamedTuple):
    """A cell that reads in one direction, with views of its W and b."""

    cell: Cell
    W: Tensor  # (gates * nhidden, nhidden)
    b: Tensor  # (gates * nhidden,)
    reverse: bool

    def run(self, x: Tensor, batch: Batch) -> Trace:
        """Return h_t of all steps, and what the gradient needs."""
        z = self.b + x
        z = z.index_select(0, batch.reverse_index) if self.reverse else z
        (h, *_), saved = self.cell.unroll(z, self.W, batch.batch_sizes)
        return Trace(h, z, saved)

    def states(self, trace: Trace, batch: Batch) -> Tensor:
        """Return h_t in the order of the batch, (steps, nhidden)."""
        return trace.h.index_select(0, batch.reverse_index) if self.reverse else trace.h

    def gradient(
        self, dh: Tensor, trace: Trace, batch: Batch, *, of_weights: bool = True
    ) -> RecurrenceGradient:
        """Compute the gradients of x, and if requested of W and b, from those of all h_t."""
        dh = dh.index_select(0, batch.reverse_index) if self.reverse else dh.contiguous()
        dz, da = self.cell.backward(dh, trace, self.W, batch)
        dx = dz.index_select(0, batch.reverse_index) if self.reverse else dz
        if not of_weights:
            return RecurrenceGradient(dx, dx.new_empty(0), dx.new_empty(0))
        k = batch.nonempty
        dW = da[k:].T @ trace.h.index_select(0, batch.previous[k:])
        return RecurrenceGradient(dx, dW, dz.sum(0))
