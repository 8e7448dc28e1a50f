"""The equation, slowly: one sequence, one step at a time, with torch's autograd.

h_0 = 0,  h_t = cell(W h_{t-1}, U x_t + b),  g = scale * sum of columns of G,
o = V [pooled(h); g] + c, and the losses of o. Of windows of numbers it is U P x_t, where P, the
whitening, multiplies the steps of each variable.
"""

from typing import Any, NamedTuple

import torch
from torch import sigmoid, tanh

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


class Sample(NamedTuple):
    """One sequence."""

    values: Any  # (T,) columns of U, or the (T, d) numbers of a series, not cut into windows
    columns: tuple[int, ...] = ()  # of G
    scale: float = 1.0


def windows(series, width, stride):
    """Give the windows of one series, (width, d) each."""
    n, found, begin = len(series), [], 0
    while n and not (found and begin + width - stride >= n):  # until one has reached the end
        first = max(min(begin, n - width), 0)
        found.append(torch.stack([series[min(t, n - 1)] for t in range(first, first + width)]))
        begin += stride
    return found


def vectors(values, architecture, P=None):
    """Give x_t as vectors: 1 at the place of the symbol, or the numbers of a window, whitened."""
    if not values.is_floating_point():
        return list(torch.nn.functional.one_hot(values.long(), architecture.n_inputs).double())
    found = windows(values, *architecture.window)
    return [(x if P is None else P @ x).reshape(-1) for x in found]


def step(cell, activation, W, h, s, z):
    """Give h_t and the cell state."""
    a = W @ h
    if cell == "rnn":
        return {"tanh": tanh, "relu": torch.relu}[activation](a + z), s
    if cell == "gru":
        (ar, au, an), (zr, zu, zn) = a.chunk(3), z.chunk(3)
        r, u = sigmoid(ar + zr), sigmoid(au + zu)
        return (1 - u) * tanh(zn + r * an) + u * h, s
    i, f, g, o = (a + z).chunk(4)
    s = sigmoid(f) * s + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(s), s


def read(cell, activation, W, b, inputs, *, h0=None, backward=False):
    """Give every h_t of one sequence in the order of the sequence."""
    h = W.new_zeros(W.shape[1]) if h0 is None else h0
    s, states = torch.zeros_like(h), []
    for z in reversed(inputs) if backward else inputs:
        h, s = step(cell, activation, W, h, s, z + b)
        states.append(h)
    return states[::-1] if backward else states


def unroll(architecture, p, values, x_factor=None):
    """Give the states of the top layer, one list a direction, and U x_t of the first."""
    d, rows = architecture.directions, GATES[architecture.cell] * architecture.nhidden
    W, b = p["W"].split(rows), p["b"].split(rows)
    above = p["U_above"].split(d * rows) if len(p["U_above"]) else []
    inputs = [p["U"] @ x for x in vectors(values, architecture, p.get("P"))]
    if x_factor is not None:
        inputs = [x * factor for x, factor in zip(inputs, x_factor)]
    embedded, states = inputs, []
    for layer in range(architecture.n_layers):
        if layer:
            below = [torch.cat(hs) for hs in zip(*states)]
            inputs = [above[layer - 1] @ h for h in below]
        states = [
            read(architecture.cell, architecture.activation, W[layer * d + i], b[layer * d + i],
                 [x.split(rows)[i] for x in inputs], backward=i == 1)
            for i in range(d)
        ]  # fmt: skip
    return states, embedded


def pooled(architecture, p, values):
    """Give what is pooled of the states of one sequence; zero if it is empty."""
    if not architecture.n_layers:
        return p["V"].new_zeros(0)
    states, _ = unroll(architecture, p, values)
    if not len(values):
        width = len(architecture.pooling) * architecture.directions * architecture.nhidden
        return p["V"].new_zeros(width)
    h = torch.stack([torch.cat(hs) for hs in zip(*states)])
    ends = [s[-1] if i == 0 else s[0] for i, s in enumerate(states)]
    parts = {"last": torch.cat(ends), "mean": h.mean(0), "max": h.amax(0)}
    return torch.cat([parts[name] for name in architecture.pooling])


def sum_ngrams(p, columns, scale):
    """Give g: the sum of the columns of G, each as often as it occurs, times the scale."""
    g = p["G"].new_zeros(p["G"].shape[0])
    for column in columns:
        g = g + p["G"][:, column]
    return g * scale


def vector(architecture, p, sample):
    """Give the vector of one sequence, which V reads."""
    g = sum_ngrams(p, sample.columns, sample.scale)
    return torch.cat([pooled(architecture, p, sample.values), g])


def loss_of(kind, o, y):
    """Give the loss of one sequence."""
    if kind == "cross_entropy":
        return torch.logsumexp(o, 0) - o[y]
    if kind == "binary_cross_entropy":
        return -(y * sigmoid(o).log() + (1 - y) * (1 - sigmoid(o)).log()).sum()
    return ((o - y) ** 2).sum() / 2


def total_loss(architecture, p, samples, target, weight, kind, factor=None):
    """Give the weighted sum of the losses of some sequences; `factor` is that of their vectors."""
    total = 0.0
    for i, sample in enumerate(samples):
        h = vector(architecture, p, sample)
        h = h if factor is None else h * factor[i]
        total = total + weight[i] * loss_of(kind, p["V"] @ h + p["c"], target[i])
    return total
