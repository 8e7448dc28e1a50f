"""Poolings: from the states of all steps to one vector per sequence, and the gradient.

In: `Activations`, everything that a pooling may use. Out: (size, width) vectors. Imports only
torch.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from skrnn.net.batches import Batch
from skrnn.net.cells import Trace


class Activations(NamedTuple):
    """Everything computed from a batch; h has both directions side by side."""

    h: Tensor  # (steps, directions * nhidden) states of the top layer
    batch: Batch
    nhidden: int
    traces: list[list[Trace]]  # by layer and direction
    layer_inputs: list[Tensor]  # of each layer but the first: the states of the layer below


class Pooling(ABC):
    """Computes a vector from the states of each sequence."""

    accumulates: ClassVar[bool] = True  # whether `update` needs the result of the previous steps

    @abstractmethod
    def vector(self, activations: Activations) -> Tensor:
        """Return the vectors, (size, directions * nhidden); zero for an empty sequence."""

    @abstractmethod
    def gradient(self, dvector: Tensor, vector: Tensor, activations: Activations) -> Tensor:
        """Compute the gradient of all h_t from that of the vectors."""

    @abstractmethod
    def update(self, running: Tensor | None, h: Tensor) -> Tensor:
        """Include one more step; `running` is the result of the previous steps, if any."""

    def finalize(self, running: Tensor, lengths: Tensor) -> Tensor:
        """Return the vectors after the last steps; `lengths` has shape (n, 1)."""
        return running


class Last(Pooling):
    """The last state: h_T, or h_1 of a backward recurrence."""

    accumulates = False

    def vector(self, activations: Activations) -> Tensor:
        """Return h_T; zero for an empty sequence."""
        h, batch, nhidden = activations.h, activations.batch, activations.nhidden
        k = batch.nonempty
        if not k:
            return h.new_zeros(batch.size, h.shape[1])
        out = h.index_select(0, batch.last)
        if h.shape[1] > nhidden:
            out[:k, nhidden:] = h[:k, nhidden:]
        out[k:] = 0
        return out

    def gradient(self, dvector: Tensor, vector: Tensor, activations: Activations) -> Tensor:
        """Assign the gradient to h_T."""
        batch, nhidden = activations.batch, activations.nhidden
        k = batch.nonempty
        dh = torch.zeros_like(activations.h)
        dh[:, :nhidden].index_copy_(0, batch.last[:k], dvector[:k, :nhidden])
        if dh.shape[1] > nhidden:
            dh[:k, nhidden:] = dvector[:k, nhidden:]
        return dh

    def update(self, running: Tensor | None, h: Tensor) -> Tensor:
        """Return the new state."""
        return h


class Mean(Pooling):
    """The mean of h_t over the steps."""

    def vector(self, activations: Activations) -> Tensor:
        """Return the mean of h_t."""
        return activations.batch.steps_of_sequence.sum(activations.h).div_(_lengths(activations))

    def gradient(self, dvector: Tensor, vector: Tensor, activations: Activations) -> Tensor:
        """Distribute the gradient equally over the steps."""
        return (dvector / _lengths(activations)).index_select(0, activations.batch.sequence_index)

    def update(self, running: Tensor | None, h: Tensor) -> Tensor:
        """Add h_t."""
        return h if running is None else running + h

    def finalize(self, running: Tensor, lengths: Tensor) -> Tensor:
        """Divide by the number of steps."""
        return running / lengths


class Max(Pooling):
    """The elementwise maximum of h_t over the steps."""

    def vector(self, activations: Activations) -> Tensor:
        """Return the maximum of h_t; zero for an empty sequence."""
        h, batch = activations.h, activations.batch
        out = h.new_full((batch.size, h.shape[1]), -torch.inf)
        sequence_index = batch.sequence_index[:, None].expand_as(h)
        out.scatter_reduce_(0, sequence_index, h, "amax")
        out[batch.nonempty :] = 0
        return out

    def gradient(self, dvector: Tensor, vector: Tensor, activations: Activations) -> Tensor:
        """Distribute the gradient over the steps that have the maximum."""
        sequence_index = activations.batch.sequence_index
        hit = (activations.h == vector[sequence_index]).to(dvector.dtype)
        shares = activations.batch.steps_of_sequence.sum(hit).clamp_(min=1)
        return hit.mul_((dvector / shares)[sequence_index])

    def update(self, running: Tensor | None, h: Tensor) -> Tensor:
        """Return the larger elements."""
        return h if running is None else torch.maximum(running, h)


def _lengths(activations: Activations) -> Tensor:
    return activations.batch.lengths.clamp(min=1).to(activations.h.dtype)[:, None]


POOLINGS: dict[str, Pooling] = {"last": Last(), "mean": Mean(), "max": Max()}
