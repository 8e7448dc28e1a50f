"""The cells h_t = cell(h_{t-1}, z_t) over time-major batches, and their gradients.

In: z_t = U x_t + b of every step, stacked (steps, gates * nhidden). Out: every h_t,
(steps, nhidden). Knows torch alone. Gradients are written by hand: a product and a few
in-place operations for each t; sums over all steps are left to the caller.

A cell has `gates`, the number of blocks of nhidden rows in W, U and b; `unroll`, which
overwrites z with what its gradient needs and returns h and a memory; and `backward`,
which turns dloss/dh_t without what flows back through time into dloss/dz_t and
dloss/da_t, where a_t = W h_{t-1}.
"""

import torch


class Elman:
    """h_t = f(W h_{t-1} + z_t), with f = tanh or relu."""

    gates = 1
    candidate = 0  # the gate whose input is the new content

    def __init__(self, activation):
        self.f = {"tanh": torch.Tensor.tanh_, "relu": torch.Tensor.relu_}[activation]
        self.tanh = activation == "tanh"

    def unroll(self, z, W, alive, h0=None):
        """Overwrite z_t with h_t; h_0 is zero unless given, (size, nhidden)."""
        h = h0
        for z_t in z.split(alive):  # (alive[t], nhidden)
            if h is not None:
                z_t.addmm_(h[: len(z_t)], W.T)
            h = self.f(z_t)
        return z, None

    def backward(self, dh, h, z, memory, W, alive):
        """Overwrite dh_t with dz_t, which is da_t as well."""
        slope = torch.addcmul(h.new_ones(()), h, h, value=-1) if self.tanh else (h > 0).to(h.dtype)
        steps, slopes = dh.split(alive), slope.split(alive)
        for t in reversed(range(len(alive))):
            dz = steps[t].mul_(slopes[t])
            if t > 0:
                steps[t - 1][: len(dz)].addmm_(dz, W)
        return dh, dh


class GRU:
    """Gates r and u, candidate n; a_t = W h_{t-1} ::

    r, u = sigmoid(z_r + a_r), sigmoid(z_u + a_u)
    n = tanh(z_n + r * a_n),    h_t = (1 - u) * n + u * h_{t-1}
    """

    gates = 3
    candidate = 2

    def unroll(self, z, W, alive, h0=None):
        """Overwrite z_t with r, u and n; the memory is a_n."""
        nhidden = z.shape[1] // 3
        H, A = z.new_empty(len(z), nhidden), z.new_zeros(len(z), nhidden)
        h = z.new_zeros(alive[0] if alive else 0, nhidden) if h0 is None else h0
        for z_t, h_t, a_t in zip(z.split(alive), H.split(alive), A.split(alive)):
            h, gates, n = h[: len(z_t)], z_t[:, : 2 * nhidden], z_t[:, 2 * nhidden :]
            a = h @ W.T  # (alive[t], 3 * nhidden)
            gates.add_(a[:, : 2 * nhidden]).sigmoid_()
            a_t.copy_(a[:, 2 * nhidden :])
            n.addcmul_(gates[:, :nhidden], a_t).tanh_()
            h = torch.lerp(n, h, gates[:, nhidden:], out=h_t)
        return H, A

    def backward(self, dh, h, z, memory, W, alive):
        """Give dz_t and da_t, which differ in the candidate alone."""
        nhidden = h.shape[1]
        dz, da = torch.empty_like(z), torch.empty_like(z)
        steps = [x.split(alive) for x in (dh, h, z, memory, dz, da)]
        for t in reversed(range(len(alive))):
            dh_t, _, z_t, a_n, dz_t, da_t = (x[t] for x in steps)
            k = len(dh_t)
            r, u, n = z_t.split(nhidden, 1)
            before = steps[1][t - 1][:k] if t > 0 else torch.zeros_like(dh_t)
            dn = dh_t * (1 - u) * (1 - n * n)
            dz_t[:, :nhidden] = dn * a_n * r * (1 - r)
            dz_t[:, nhidden : 2 * nhidden] = dh_t * (before - n) * u * (1 - u)
            dz_t[:, 2 * nhidden :] = dn
            da_t.copy_(dz_t)
            da_t[:, 2 * nhidden :].mul_(r)
            if t > 0:
                steps[0][t - 1][:k].addcmul_(dh_t, u).addmm_(da_t, W)
        return dz, da


class LSTM:
    """Gates i, f and o, candidate g, cell state s ::

    i, f, g, o = sigmoid(.), sigmoid(.), tanh(.), sigmoid(.)   of z_t + W h_{t-1}
    s_t = f * s_{t-1} + i * g,    h_t = o * tanh(s_t)
    """

    gates = 4
    candidate = 2

    def unroll(self, z, W, alive, h0=None):
        """Overwrite z_t with i, f, g and o; the memory is s."""
        nhidden = z.shape[1] // 4
        H, S = z.new_empty(len(z), nhidden), z.new_empty(len(z), nhidden)
        h = z.new_zeros(alive[0] if alive else 0, nhidden) if h0 is None else h0
        s = torch.zeros_like(h)
        for z_t, h_t, s_t in zip(z.split(alive), H.split(alive), S.split(alive)):
            k = len(z_t)
            z_t.addmm_(h[:k], W.T)
            z_t[:, : 2 * nhidden].sigmoid_()
            z_t[:, 2 * nhidden : 3 * nhidden].tanh_()
            z_t[:, 3 * nhidden :].sigmoid_()
            i, f, g, o = z_t.split(nhidden, 1)
            s = torch.mul(i, g, out=s_t).addcmul_(f, s[:k])
            h = torch.tanh(s, out=h_t).mul_(o)
        return H, S

    def backward(self, dh, h, z, memory, W, alive):
        """Give dz_t, which is da_t as well."""
        nhidden = h.shape[1]
        dz, ds = torch.empty_like(z), torch.zeros_like(h)
        steps = [x.split(alive) for x in (dh, z, memory, dz, ds)]
        for t in reversed(range(len(alive))):
            dh_t, z_t, s, dz_t, ds_t = (x[t] for x in steps)
            k = len(dh_t)
            i, f, g, o = z_t.split(nhidden, 1)
            tanh_s = s.tanh()
            before = steps[2][t - 1][:k] if t > 0 else torch.zeros_like(s)
            ds_t.addcmul_(dh_t * o, 1 - tanh_s * tanh_s)
            dz_t[:, :nhidden] = ds_t * g * i * (1 - i)
            dz_t[:, nhidden : 2 * nhidden] = ds_t * before * f * (1 - f)
            dz_t[:, 2 * nhidden : 3 * nhidden] = ds_t * i * (1 - g * g)
            dz_t[:, 3 * nhidden :] = dh_t * tanh_s * o * (1 - o)
            if t > 0:
                steps[0][t - 1][:k].addmm_(dz_t, W)
                steps[4][t - 1][:k].addcmul_(ds_t, f)
        return dz, dz


def make_cell(cell, activation):
    """Find a cell by its names."""
    return Elman(activation) if cell == "rnn" else {"gru": GRU, "lstm": LSTM}[cell]()
