"""From the states of all steps to the vector of each sequence, and the gradient of it.

In: `States`, everything a pooling may look at. Out: (size, width) vectors. Knows torch
alone. Each pooling is a pair: the vector, and what a gradient of the vector says of the
states (dh) and of the embeddings (dx), into which it is added.
"""

from typing import Any, NamedTuple

import torch


class States(NamedTuple):
    """What was computed of a batch; both directions stand side by side in h and x."""

    h: torch.Tensor  # (steps, directions * nhidden) states of the top layer
    x: torch.Tensor  # (steps, directions * nhidden) embeddings: gain * U x_t of the candidate
    batch: Any
    nhidden: int


def last(states):
    """Give h_T, and of a backward reader h_1: what each has read last."""
    h, batch = states.h, states.batch
    out = h.new_zeros(batch.size, h.shape[1])
    k, nhidden = batch.nonempty, states.nhidden
    out[:k, :nhidden] = h[batch.last[:k], :nhidden]
    out[:k, nhidden:] = h[:k, nhidden:]
    return out


def last_gradient(dout, out, states, dh, dx):
    batch, nhidden = states.batch, states.nhidden
    k = batch.nonempty
    dh[batch.last[:k], :nhidden] += dout[:k, :nhidden]
    dh[:k, nhidden:] += dout[:k, nhidden:]


def mean(states):
    """Give the mean of h_t over the steps; zero for an empty sequence."""
    total = states.h.new_zeros(states.batch.size, states.h.shape[1])
    return total.index_add_(0, states.batch.owner, states.h) / _lengths(states)


def mean_gradient(dout, out, states, dh, dx):
    dh += (dout / _lengths(states))[states.batch.owner]


def maximum(states):
    """Give the largest of h_t over the steps, element by element; zero for an empty one."""
    h, batch = states.h, states.batch
    out = h.new_full((batch.size, h.shape[1]), -torch.inf)
    owner = batch.owner[:, None].expand_as(h)
    out.scatter_reduce_(0, owner, h, "amax")
    out[batch.nonempty :] = 0
    return out


def maximum_gradient(dout, out, states, dh, dx):
    """Share the gradient among the steps that have the largest value."""
    owner = states.batch.owner
    hit = (states.h == out[owner]).to(dout.dtype)
    shares = torch.zeros_like(out).index_add_(0, owner, hit).clamp_(min=1)
    dh.addcmul_(hit, (dout / shares)[owner])


def bag(states):
    """Give the sum of the embeddings, divided by sqrt(T): a bag of symbols, in no order."""
    total = states.x.new_zeros(states.batch.size, states.x.shape[1])
    return total.index_add_(0, states.batch.owner, states.x) / _lengths(states).sqrt()


def bag_gradient(dout, out, states, dh, dx):
    dx += (dout / _lengths(states).sqrt())[states.batch.owner]


def _lengths(states):
    return states.batch.lengths.clamp(min=1).to(states.h.dtype)[:, None]


POOLINGS = {
    "last": (last, last_gradient),
    "mean": (mean, mean_gradient),
    "max": (maximum, maximum_gradient),
    "bag": (bag, bag_gradient),
}
