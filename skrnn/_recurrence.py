"""A batch on its device, and the layers of recurrences over it.

In: a `Layout`, and the embeddings of all steps. Out: the states of the top layer, and
gradients. Knows torch alone; `skrnn._cells` has the equations.
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Batch:
    """One time-major batch; see `skrnn._layout.Layout`."""

    values: torch.Tensor  # (steps, k) columns of U, or (steps, d)
    owner: torch.Tensor  # (steps,)
    previous: torch.Tensor  # (steps,)
    mirror: torch.Tensor  # (steps,)
    last: torch.Tensor  # (size,)
    lengths: torch.Tensor  # (size,)
    alive: list  # sequences alive at t = 1, 2, ...
    size: int

    @property
    def nonempty(self):
        """The number of sequences that are not empty; they come first."""
        return self.alive[0] if self.alive else 0


def batches(layout, dtype, device):
    """Move a whole layout to the device at once and cut it into its batches."""
    tensors = [
        move(array, dtype, device).split(cuts)
        for array, cuts in (
            (layout.values, layout.steps),
            (layout.owner, layout.steps),
            (layout.previous, layout.steps),
            (layout.mirror, layout.steps),
            (layout.last, layout.sizes),
            (layout.lengths, layout.sizes),
        )
    ]
    return [Batch(*pieces) for pieces in zip(*tensors, layout.alive, layout.sizes)]


def move(array, dtype, device):
    """Make a tensor of an array; `dtype` is for floating point numbers alone."""
    tensor = torch.as_tensor(array)
    return tensor.to(device, dtype if tensor.is_floating_point() else None)


class Recurrence:
    """One cell reading in one direction, with views of its W, b and their gradients."""

    def __init__(self, cell, W, b, dW, db, *, backward):
        self.cell, self.W, self.b, self.dW, self.db = cell, W, b, dW, db
        self.reversed = backward

    def run(self, x, batch, h0=None):
        """Give h_t of every step, (steps, nhidden), and what the gradient needs; x is kept."""
        z = x + self.b
        z = z[batch.mirror] if self.reversed else z
        h, memory = self.cell.unroll(z, self.W, batch.alive, h0)
        return (h[batch.mirror] if self.reversed else h), (h, z, memory)

    def gradient(self, dh, saved, batch, bias):
        """Set the gradients of W and b; give that of x, (steps, gates * nhidden)."""
        h, z, memory = saved
        dh = dh[batch.mirror] if self.reversed else dh.contiguous()
        dz, da = self.cell.backward(dh, h, z, memory, self.W, batch.alive)
        k = batch.nonempty
        torch.mm(da[k:].T, h.index_select(0, batch.previous[k:]), out=self.dW)
        if bias:
            torch.sum(dz, 0, out=self.db)
        return dz[batch.mirror] if self.reversed else dz
