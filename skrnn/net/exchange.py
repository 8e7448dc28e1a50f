"""The gradient of a batch that several processes share.

In: the gradients of the processes. Out: their sum, the same on all of them. Of the tables U and G
only the rows that some process reads are sent. Imports torch, and numpy for these rows.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Indices
from skrnn.net.batches import Readers
from skrnn.net.group import Group
from skrnn.net.network import LabelledBatch
from skrnn.net.weights import Gradient, TableGradient, Weights

BATCHES_AT_ONCE = 64  # whose rows are sent to the other processes in one message


class Touched(NamedTuple):
    """The rows of U and of G that some process reads in a batch, sorted; None means all."""

    U: Tensor | None = None
    G: Tensor | None = None


class SharedBatch(NamedTuple):
    """The part of a batch that this process has, if any, and what the batch reads as a whole."""

    own: LabelledBatch | None
    touched: Touched = Touched()  # not looked up for a single process


def share(
    batches: Iterable[LabelledBatch | None], weights: Weights, group: Group
) -> Iterator[SharedBatch]:
    """Find what each batch reads as a whole."""
    if group.size == 1:
        yield from map(SharedBatch, batches)
        return
    batches = iter(batches)
    while some := list(islice(batches, BATCHES_AT_ONCE)):
        of_ranks = group.gather([_rows_of(batch) for batch in some])
        for batch, rows in zip(some, zip(*of_ranks)):
            U, G = (_union(parts, weights.dense.device) for parts in zip(*rows))
            yield SharedBatch(batch, Touched(U if weights.architecture.symbols else None, G))


def _rows_of(given: LabelledBatch | None) -> tuple[Indices, Indices]:
    """Return the rows of U and of G that a batch reads; none of U for numbers."""
    if given is None:
        return _columns(None), _columns(None)
    batch, ngrams = given.batch, given.batch.ngrams
    return _columns(batch.readers), _columns(None if ngrams is None else ngrams.readers)


def _columns(readers: Readers | None) -> Indices:
    return np.zeros(0, np.int64) if readers is None else readers.columns.cpu().numpy()


def _union(parts: Iterable[Indices], device: torch.device) -> Tensor:
    return torch.from_numpy(np.unique(np.concatenate(list(parts)))).to(device)


def add_up(own: Gradient | None, touched: Touched, weights: Weights, group: Group) -> Gradient:
    """Add up the gradients of all processes; None is that of a process without a part."""
    if own is not None and group.size == 1:
        return own
    dense = torch.zeros_like(weights.dense) if own is None else own.dense
    parts = (
        dense,
        _laid_out(own and own.U, touched.U, weights.U),
        _laid_out(own and own.G, touched.G, weights.G),
    )
    flat = torch.cat([part.view(-1) for part in parts])  # one message
    group.add(flat)
    sums = flat.split([part.numel() for part in parts])
    dense, U, G = (total.view_as(part) for total, part in zip(sums, parts))
    of_ngrams = TableGradient(G, touched.G) if len(weights.G) else None
    return Gradient(dense, TableGradient(U, touched.U), of_ngrams)


def _laid_out(own: TableGradient | None, rows: Tensor | None, table: Tensor) -> Tensor:
    """Give the gradient of some rows of a table the rows that all processes have."""
    n = len(table) if rows is None else len(rows)
    out = table.new_zeros(n, table.shape[1])
    if own is None:
        return out
    if own.rows is None or rows is None:
        return out.copy_(own.values)
    return out.index_copy_(0, torch.searchsorted(rows, own.rows), own.values)
