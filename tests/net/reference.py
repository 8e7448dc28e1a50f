"""The equation, slowly: one sequence, one step at a time, with torch's autograd.

h_0 = 0,  h_t = cell(W h_{t-1}, U x_t + b),  o = V pooled(h) + c, and the losses of o.
"""

import torch
from torch import sigmoid, tanh

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
CANDIDATE = {"rnn": 0, "gru": 2, "lstm": 2}


def vectors(values, n_inputs):
    """Give x_t as vectors: k-hot for symbols, the numbers themselves for series."""
    if values.is_floating_point():
        return list(values)
    hot = torch.nn.functional.one_hot(values.long(), n_inputs + 1)  # (T, k, n_inputs + 1)
    return list(hot.sum(1)[:, :n_inputs].double())  # the last is for no symbol


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
    inputs = [p["U"] @ x for x in vectors(values, architecture.n_inputs)]
    if x_factor is not None:
        inputs = [x * mask for x, mask in zip(inputs, x_factor)]
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


def pooled(architecture, p, values, x_factor=None):
    """Give the vector of one sequence."""
    states, embedded = unroll(architecture, p, values, x_factor)
    zero = p["W"].new_zeros(architecture.directions * architecture.nhidden)
    rows, at = (
        GATES[architecture.cell] * architecture.nhidden,
        CANDIDATE[architecture.cell] * architecture.nhidden,
    )
    h = torch.stack([torch.cat(hs) for hs in zip(*states)]) if embedded else None
    ends = [s[-1] if i == 0 else s[0] for i, s in enumerate(states)] if embedded else []
    parts = {
        "last": lambda: torch.cat(ends),
        "mean": lambda: h.mean(0),
        "max": lambda: h.amax(0),
        "bag": lambda: (
            torch.cat(
                [block[at : at + architecture.nhidden] for block in sum(embedded).split(rows)]
            )
            * (32 if architecture.symbols else 1)
            / len(values) ** 0.5
        ),
    }
    return torch.cat([parts[name]() if embedded else zero for name in architecture.pooling])


def loss_of(kind, o, y):
    """Give the loss of one sequence."""
    if kind == "cross_entropy":
        return torch.logsumexp(o, 0) - o[y]
    if kind == "binary_cross_entropy":
        return -(y * sigmoid(o).log() + (1 - y) * (1 - sigmoid(o)).log()).sum()
    return ((o - y) ** 2).sum() / 2


def total_loss(architecture, p, sequences, target, weight, kind, h_factor=None, x_factor=None):
    """Give the weighted sum of the losses of some sequences."""
    total = 0.0
    for i, values in enumerate(sequences):
        h = pooled(architecture, p, values, None if x_factor is None else x_factor[i])
        h = h if h_factor is None else h * h_factor[i]
        total = total + weight[i] * loss_of(kind, p["V"] @ h + p["c"], target[i])
    return total
