"""The equation h_t = f(W h_{t-1} + z_t) over time-major batches, and its gradient.

In: z_t = U x_t + b of every step, stacked (steps, nhidden). Out: h_t in the same place.
Knows torch alone. The gradient is written by hand: one product and one in-place step of
f' for each t; the sums over all steps are left to the caller as single products.
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Batch:
    """One time-major batch; see `skrnn._sequences.Layout`."""

    values: torch.Tensor  # (steps,) columns of U, or (steps, d)
    previous: torch.Tensor  # (steps,)
    last: torch.Tensor  # (size,)
    alive: list  # sequences alive at t = 1, 2, ...
    size: int

    @property
    def nonempty(self):
        return self.alive[0] if self.alive else 0


def batches(layout, dtype, device):
    """Move a whole layout to the device at once and cut it into its batches."""
    values = torch.as_tensor(layout.values)
    values = values.to(device, dtype if values.is_floating_point() else None)
    pieces = zip(
        values.split(layout.steps),
        torch.as_tensor(layout.previous).to(device).split(layout.steps),
        torch.as_tensor(layout.last).to(device).split(layout.sizes),
        layout.alive,
        layout.sizes,
    )
    return [Batch(*piece) for piece in pieces]


ACTIVATIONS = {  # f in place, and f' from h = f(z)
    "tanh": (torch.Tensor.tanh_, lambda h: torch.addcmul(h.new_ones(()), h, h, value=-1)),
    "relu": (torch.Tensor.relu_, lambda h: (h > 0).to(h.dtype)),
}


def unroll(z, W, alive, activation, h0=None):
    """Overwrite z_t with h_t = f(W h_{t-1} + z_t); every h_0 is zero unless given.

    `h0`, of shape (size, nhidden), is in the order of the batch, longest first.
    """
    f, _ = ACTIVATIONS[activation]
    h = h0
    for z_t in z.split(alive):  # (alive[t], nhidden)
        if h is not None:
            z_t.addmm_(h[: len(z_t)], W.T)
        h = f(z_t)
    return z


def unroll_backward(dh, h, W, alive, activation):
    """Overwrite dloss/dh_t, without the part that flows back through time, with dloss/dz_t."""
    _, derivative = ACTIVATIONS[activation]
    dh_steps, slopes = dh.split(alive), derivative(h).split(alive)
    for t in reversed(range(len(alive))):
        dz = dh_steps[t].mul_(slopes[t])
        if t > 0:
            dh_steps[t - 1][: len(dz)].addmm_(dz, W)
    return dh


def last_states(z_of, W, batch, activation):
    """Give h_T of each sequence, (size, nhidden), keeping one state a sequence in memory."""
    f, _ = ACTIVATIONS[activation]
    h = W.new_zeros(batch.size, len(W))
    for t, values in enumerate(batch.values.split(batch.alive)):
        z = z_of(values)
        h[: len(z)] = f(z if t == 0 else z.addmm_(h[: len(z)], W.T))
    return h
