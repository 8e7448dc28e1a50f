"""The equation, slowly: one sequence, one step at a time, with torch's autograd.

h_0 = 0,  h_t = f(W h_{t-1} + U x_t + b),  o = V h_T + c, and the losses of o.
"""

import torch

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


def columns(U, values):
    """Give x_t as vectors: one-hot for symbols, the numbers themselves for series."""
    if values.dtype == torch.int64:
        return torch.nn.functional.one_hot(values, U.shape[1]).to(U.dtype)
    return values.to(U.dtype)


def unroll(W, U, b, values, activation="tanh", h0=None):
    """Give every h_t of one sequence, (T, nhidden)."""
    h = torch.zeros(len(W), dtype=W.dtype) if h0 is None else h0
    states = []
    for x in columns(U, values):
        h = ACTIVATIONS[activation](W @ h + U @ x + b)
        states.append(h)
    return torch.stack(states) if states else W.new_zeros(0, len(W))


def last(W, U, b, values, activation="tanh"):
    """Give h_T of one sequence; h_0 if it is empty."""
    states = unroll(W, U, b, values, activation)
    return states[-1] if len(states) else torch.zeros(len(W), dtype=W.dtype)


def loss(parameters, sequences, target, weight, activation, kind, masks=None):
    """Give the weighted sum of the losses of some sequences."""
    W, U, V, b, c = parameters
    total = 0.0
    for i, values in enumerate(sequences):
        h = last(W, U, b, values, activation)
        o = V @ (h if masks is None else h * masks[i]) + c
        if kind == "cross_entropy":
            total = total + weight[i] * (torch.logsumexp(o, 0) - o[target[i]])
        else:
            total = total + weight[i] * (o[0] - target[i]) ** 2 / 2
    return total
