"""From the states of all steps to the vector of each sequence, and the gradient of it.

In: `Activations`, everything a pooling may look at. Out: (size, width) vectors. Knows torch
alone.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from skrnn.net.batches import Batch
from skrnn.net.cells import Trace


class Activations(NamedTuple):
    """What was computed of a batch; both directions stand side by side in h and x."""

    h: Tensor  # (steps, directions * nhidden) states of the top layer
    x: Tensor | None  # (steps, directions * nhidden) bag_scale * U x_t of the candidate, for a bag
    batch: Batch
    nhidden: int
    traces: list[list[Trace]]  # of each layer, of each direction
    below: list[Tensor]  # what each layer but the first has read: the states of the one below


class Pooling(ABC):
    """A vector of the states, or of the embeddings, of all steps of each sequence."""

    of_embeddings: ClassVar[bool] = False  # whether it looks at U x_t and not at h_t

    @abstractmethod
    def vector(self, found: Activations) -> Tensor:
        """Give the vectors, (size, directions * nhidden); zero for an empty sequence."""

    @abstractmethod
    def gradient(self, dvector: Tensor, vector: Tensor, found: Activations) -> Tensor:
        """Go from the gradient of the vectors to that of h_t or U x_t of every step."""

    @abstractmethod
    def add(self, total: Tensor | None, h: Tensor, x: Tensor) -> Tensor:
        """Read a step: give what there is now, where `total` is what there was before it."""

    def end(self, total: Tensor, lengths: Tensor) -> Tensor:
        """Give the vectors after the last steps; `lengths` are (n, 1)."""
        return total


class Last(Pooling):
    """The state h_T, and of a backward reader h_1: what each has read last."""

    def vector(self, found: Activations) -> Tensor:
        """Give h_T; zero for an empty sequence."""
        h, batch, nhidden = found.h, found.batch, found.nhidden
        k = batch.nonempty
        if not k:
            return h.new_zeros(batch.size, h.shape[1])
        out = h.index_select(0, batch.last)
        if h.shape[1] > nhidden:
            out[:k, nhidden:] = h[:k, nhidden:]
        out[k:] = 0
        return out

    def gradient(self, dvector: Tensor, vector: Tensor, found: Activations) -> Tensor:
        """Put the gradient where h_T stands."""
        batch, nhidden = found.batch, found.nhidden
        k = batch.nonempty
        dh = torch.zeros_like(found.h)
        dh[:, :nhidden].index_copy_(0, batch.last[:k], dvector[:k, :nhidden])
        if dh.shape[1] > nhidden:
            dh[:k, nhidden:] = dvector[:k, nhidden:]
        return dh

    def add(self, total: Tensor | None, h: Tensor, x: Tensor) -> Tensor:
        """Keep the newest state."""
        return h


class Mean(Pooling):
    """The mean of h_t over the steps."""

    def vector(self, found: Activations) -> Tensor:
        """Give the mean of h_t."""
        return found.batch.steps_of_sequence.sum(found.h).div_(_lengths(found))

    def gradient(self, dvector: Tensor, vector: Tensor, found: Activations) -> Tensor:
        """Share the gradient equally among the steps."""
        return (dvector / _lengths(found)).index_select(0, found.batch.owner)

    def add(self, total: Tensor | None, h: Tensor, x: Tensor) -> Tensor:
        """Add h_t up."""
        return h if total is None else total + h

    def end(self, total: Tensor, lengths: Tensor) -> Tensor:
        """Divide by the number of steps."""
        return total / lengths


class Max(Pooling):
    """The largest of h_t over the steps, element by element."""

    def vector(self, found: Activations) -> Tensor:
        """Give the largest of h_t; zero for an empty sequence."""
        h, batch = found.h, found.batch
        out = h.new_full((batch.size, h.shape[1]), -torch.inf)
        owner = batch.owner[:, None].expand_as(h)
        out.scatter_reduce_(0, owner, h, "amax")
        out[batch.nonempty :] = 0
        return out

    def gradient(self, dvector: Tensor, vector: Tensor, found: Activations) -> Tensor:
        """Share the gradient among the steps that have the largest value."""
        owner = found.batch.owner
        hit = (found.h == vector[owner]).to(dvector.dtype)
        shares = found.batch.steps_of_sequence.sum(hit).clamp_(min=1)
        return hit.mul_((dvector / shares)[owner])

    def add(self, total: Tensor | None, h: Tensor, x: Tensor) -> Tensor:
        """Keep the larger elements."""
        return h if total is None else torch.maximum(total, h)


class Bag(Pooling):
    """The sum of the embeddings U x_t, divided by sqrt(T): a bag of symbols, in no order."""

    of_embeddings = True

    def vector(self, found: Activations) -> Tensor:
        """Give the sum of U x_t, divided by sqrt(T)."""
        assert found.x is not None  # a network with a bag in its poolings keeps U x_t
        return found.batch.steps_of_sequence.sum(found.x).div_(_lengths(found).sqrt())

    def gradient(self, dvector: Tensor, vector: Tensor, found: Activations) -> Tensor:
        """Give every step the same."""
        return (dvector / _lengths(found).sqrt()).index_select(0, found.batch.owner)

    def add(self, total: Tensor | None, h: Tensor, x: Tensor) -> Tensor:
        """Add U x_t up."""
        return x if total is None else total + x

    def end(self, total: Tensor, lengths: Tensor) -> Tensor:
        """Divide by the root of the number of steps."""
        return total / lengths.sqrt()


def _lengths(found: Activations) -> Tensor:
    return found.batch.lengths.clamp(min=1).to(found.h.dtype)[:, None]


POOLINGS: dict[str, Pooling] = {"last": Last(), "mean": Mean(), "max": Max(), "bag": Bag()}
