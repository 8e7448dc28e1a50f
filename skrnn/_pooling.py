"""From the states of all steps to the vector of each sequence, and the gradient of it.

In: `States`, everything a pooling may look at. Out: (size, width) vectors. Knows torch
alone. Each pooling is a pair: the vector, and what a gradient of the vector says of the
states and of the embeddings: dh, dx or both, with None for zero. `RUNNING` has the same
vectors for sequences that are read step by step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch


class States(NamedTuple):
    """What was computed of a batch; both directions stand side by side in h and x."""

    h: torch.Tensor  # (steps, directions * nhidden) states of the top layer
    x: torch.Tensor | None  # (steps, directions * nhidden) gain * U x_t of the candidate, for a bag
    batch: Any
    nhidden: int


def last(states):
    """Give h_T, and of a backward reader h_1: what each has read last; zero if nothing."""
    h, batch, nhidden = states.h, states.batch, states.nhidden
    k = batch.nonempty
    if not k:
        return h.new_zeros(batch.size, h.shape[1])
    out = h.index_select(0, batch.last)
    if h.shape[1] > nhidden:
        out[:k, nhidden:] = h[:k, nhidden:]
    out[k:] = 0
    return out


def last_gradient(dout, out, states):
    batch, nhidden = states.batch, states.nhidden
    k = batch.nonempty
    dh = torch.zeros_like(states.h)
    dh[:, :nhidden].index_copy_(0, batch.last[:k], dout[:k, :nhidden])
    if dh.shape[1] > nhidden:
        dh[:k, nhidden:] = dout[:k, nhidden:]
    return dh, None


def mean(states):
    """Give the mean of h_t over the steps; zero for an empty sequence."""
    return states.batch.of_sequence.of(states.h).div_(_lengths(states))


def mean_gradient(dout, out, states):
    return (dout / _lengths(states)).index_select(0, states.batch.owner), None


def maximum(states):
    """Give the largest of h_t over the steps, element by element; zero for an empty one."""
    h, batch = states.h, states.batch
    out = h.new_full((batch.size, h.shape[1]), -torch.inf)
    owner = batch.owner[:, None].expand_as(h)
    out.scatter_reduce_(0, owner, h, "amax")
    out[batch.nonempty :] = 0
    return out


def maximum_gradient(dout, out, states):
    """Share the gradient among the steps that have the largest value."""
    owner = states.batch.owner
    hit = (states.h == out[owner]).to(dout.dtype)
    shares = states.batch.of_sequence.of(hit).clamp_(min=1)
    return hit.mul_((dout / shares)[owner]), None


def bag(states):
    """Give the sum of the embeddings, divided by sqrt(T): a bag of symbols, in no order."""
    return states.batch.of_sequence.of(states.x).div_(_lengths(states).sqrt())


def bag_gradient(dout, out, states):
    return None, (dout / _lengths(states).sqrt()).index_select(0, states.batch.owner)


def _lengths(states):
    return states.batch.lengths.clamp(min=1).to(states.h.dtype)[:, None]


POOLINGS = {
    "last": (last, last_gradient),
    "mean": (mean, mean_gradient),
    "max": (maximum, maximum_gradient),
    "bag": (bag, bag_gradient),
}


class Running(NamedTuple):
    """A pooling step by step: what it has so far, and what becomes of that after T steps."""

    add: Callable  # (None or what it has, h_t, x_t) -> what it has now
    end: Callable = lambda found, T: found


def _sum(total, part):
    return part if total is None else total + part


RUNNING = {
    "last": Running(lambda found, h, x: h),
    "mean": Running(lambda found, h, x: _sum(found, h), lambda found, T: found / T),
    "max": Running(lambda found, h, x: h if found is None else torch.maximum(found, h)),
    "bag": Running(lambda found, h, x: _sum(found, x), lambda found, T: found / T.sqrt()),
}
