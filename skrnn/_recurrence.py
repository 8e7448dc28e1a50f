"""A batch on its device, and one recurrence over it.

In: a `Layout`, and U x_t of all steps. Out: h_t of each step, and gradients. Knows torch
alone; `skrnn._cells` has the equations.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import torch

from skrnn._cells import Trace

SHARED = 1 << 22  # multiplications of a product from which on threads may share it


@contextmanager
def threads(size, shape):
    """Compute in one thread where the product of `size` states and W is too small to be shared.

    Threads wait for each other after every product, and for long if another program has
    their core.
    """
    before = torch.get_num_threads()
    small = size * shape.rows * shape.nhidden < SHARED
    try:
        torch.set_num_threads(1 if small else before)
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class Sums:
    """Which rows of one array add up to each row of another.

    Row i is the sum of those that `rows` lists from `starts[i]` to before `starts[i + 1]`.
    """

    rows: torch.Tensor
    starts: torch.Tensor

    def of(self, x):
        """Add up rows of x, (n_rows, width): (len(starts), width)."""
        return torch.nn.functional.embedding_bag(self.rows, x.contiguous(), self.starts, mode="sum")


@dataclass(frozen=True)
class Batch:
    """One time-major batch; see `skrnn._layout.Layout`."""

    values: torch.Tensor  # (steps, k) columns of U, or (steps, d)
    owner: torch.Tensor  # (steps,)
    previous: torch.Tensor  # (steps,)
    mirror: torch.Tensor  # (steps,)
    last: torch.Tensor  # (size,)
    lengths: torch.Tensor  # (size,)
    of_sequence: Sums  # the steps of each sequence
    alive: list  # sequences alive at t = 1, 2, ...
    size: int
    touched: torch.Tensor | None = None  # columns of U that the batch reads, in order
    of_column: Sums | None = None  # the steps that read each of them

    @property
    def nonempty(self):
        """The number of sequences that are not empty; they come first."""
        return self.alive[0] if self.alive else 0

    def lag(self, x):
        """Give of every step what x has of the step before, and zero for t = 1."""
        before = x.index_select(0, self.previous)
        before[: self.nonempty] = 0
        return before


def batches(layout, dtype, device, n_columns=None):
    """Move a whole layout to the device at once and cut it into its batches.

    With `n_columns`, batches of symbols know which columns of U they read; a number from
    there on stands for none.
    """
    by_step = (layout.values, layout.owner, layout.previous, layout.mirror, layout.places)
    by_sequence = (layout.last, layout.lengths, layout.starts)
    values, owner, previous, mirror, places = (
        move(array, dtype, device).split(layout.steps) for array in by_step
    )
    last, lengths, starts = (
        move(array, dtype, device).split(layout.sizes) for array in by_sequence
    )
    of_sequence = map(Sums, places, starts)
    parts = [values, owner, previous, mirror, last, lengths, of_sequence]
    parts += [layout.alive, layout.sizes]
    if n_columns is not None:
        parts += _readers(move(layout.values, None, device), layout.steps, n_columns)
    return [Batch(*pieces) for pieces in zip(*parts)]


def _readers(values, steps, n_columns):
    """Find of each batch the columns that it reads, and the steps that read them."""
    n_batches, k = len(steps), values.shape[1]
    counts = torch.tensor(steps, device=values.device)
    batch = torch.arange(n_batches, device=values.device).repeat_interleave(counts)
    place = torch.arange(len(values), device=values.device) - (counts.cumsum(0) - counts)[batch]
    keys, order = torch.sort((values + (batch * (n_columns + 1))[:, None]).view(-1))
    read = keys % (n_columns + 1) < n_columns
    keys, readers = keys[read], place[order[read] // k]
    columns, n_readers = torch.unique_consecutive(keys, return_counts=True)
    batch = columns // (n_columns + 1)
    per_batch = torch.bincount(batch, n_readers, n_batches).long()
    starts = n_readers.cumsum(0) - n_readers - (per_batch.cumsum(0) - per_batch)[batch]
    sizes = torch.bincount(batch, minlength=n_batches).tolist()
    touched = (columns % (n_columns + 1)).split(sizes)
    return touched, map(Sums, readers.split(per_batch.tolist()), starts.split(sizes))


def move(array, dtype, device):
    """Make a tensor of an array; `dtype` is for floating point numbers alone."""
    tensor = torch.as_tensor(array)
    return tensor.to(device, dtype if tensor.is_floating_point() else None)


class Recurrence:
    """One cell reading in one direction, with views of its W, b and their gradients."""

    def __init__(self, cell, W, b, dW, db, *, backward):
        self.cell, self.W, self.b, self.dW, self.db = cell, W, b, dW, db
        self.reversed = backward

    def run(self, x, batch, scale, state=None):
        """Give h_t of every step, (steps, nhidden), and what the gradient needs; x is kept."""
        z = torch.add(self.b, x, alpha=scale)
        z = z[batch.mirror] if self.reversed else z
        (h, *_), memory = self.cell.unroll(z, self.W, batch.alive, state)
        return (h[batch.mirror] if self.reversed else h), Trace(h, z, memory)

    def gradient(self, dh, trace, batch, bias):
        """Set the gradients of W and b; give that of x, (steps, gates * nhidden)."""
        dh = dh[batch.mirror] if self.reversed else dh.contiguous()
        dz, da = self.cell.backward(dh, trace, self.W, batch)
        k = batch.nonempty
        torch.mm(da[k:].T, trace.h.index_select(0, batch.previous[k:]), out=self.dW)
        if bias:
            torch.sum(dz, 0, out=self.db)
        return dz[batch.mirror] if self.reversed else dz
