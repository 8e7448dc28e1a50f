"""The weights of a network, their initialization, and their gradient.

In: an `Architecture`; the matrices of a fitted estimator. Out: `Weights`, the tensors for training
and prediction; `Matrices`, the fitted arrays. Imports torch, and numpy for the arrays.
"""

from collections.abc import Sequence
from contextlib import suppress
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array
from skrnn.net.architecture import Architecture

SYMBOL_STD, NGRAM_STD = 0.4, 0.01  # initial standard deviations of U and G


class Matrices(NamedTuple):
    """The matrices of a fitted estimator; their names there end with an underscore."""

    W: Array
    U: Array
    G: Array
    U_above: Array
    V: Array
    b: Array
    c: Array


class TableGradient(NamedTuple):
    """The gradient of some rows of a table; for the other rows it is zero."""

    values: Tensor
    rows: Tensor | None  # None means all


class Gradient(NamedTuple):
    """The gradient of `Weights`, in the same form."""

    dense: Tensor
    U: TableGradient
    G: TableGradient | None


class Weights:
    """W, U_above, V, b and c as views of one flat vector, and U and G as tables.

    The flat vector is `dense`, with `views` by name. The tables are U and G transposed: one row per
    symbol or variable, and one row per n-gram.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        tables: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        self.architecture, self.sizes = architecture, _sizes(architecture)
        total = sum(prod(size) for size in self.sizes.values())
        self.dense = torch.zeros(total, dtype=dtype, device=device)
        self.views = self.views_of(self.dense)
        n_head = self.views["V"].numel() + len(self.views["c"])
        self.recurrent, self.head = self.dense.split((total - n_head, n_head))
        if tables is None:
            U = torch.zeros(architecture.n_inputs, architecture.input_rows, dtype=dtype)
            G = torch.zeros(architecture.n_ngrams, architecture.ngram_size, dtype=dtype)
            tables = U.to(device), G.to(device)
        self.U, self.G = tables

    @classmethod
    def from_matrices(
        cls,
        architecture: Architecture,
        matrices: Matrices,
        *,
        dtype: torch.dtype,
        device: torch.device | str,
    ) -> "Weights":
        """Return the weights with the arrays of a fitted estimator.

        The tables keep the precision of U and G, and share their memory if possible. They must not
        be trained.
        """
        tables = _tensor(matrices.U.T).to(device), _tensor(matrices.G.T).to(device)
        weights = cls(architecture, dtype=dtype, device=device, tables=tables)
        weights._copy_views(matrices)
        return weights

    def load_matrices(self, matrices: Matrices) -> None:
        """Copy given matrices, for further training."""
        self.U.copy_(torch.tensor(matrices.U.T))
        self.G.copy_(torch.tensor(matrices.G.T))
        self._copy_views(matrices)

    def _copy_views(self, matrices: Matrices) -> None:
        for name, view in self.views.items():
            view.copy_(torch.tensor(getattr(matrices, name)))

    def matrices(self, copied: tuple[Tensor, Tensor, Tensor] | None = None) -> Matrices:
        """Return copies of all matrices, or of those of a `snapshot`, as numpy arrays."""
        dense, *tables = copied or (self.dense, self.U, self.G)
        U, G = (table.cpu().numpy().copy().T for table in tables)
        views = self.views_of(dense).items()
        return Matrices(U=U, G=G, **{name: view.cpu().numpy().copy() for name, view in views})

    def views_of(self, flat: Tensor) -> dict[str, Tensor]:
        """Return views of the matrices in a flat vector, by name."""
        parts = flat.split([prod(size) for size in self.sizes.values()])
        return {name: part.view(size) for part, (name, size) in zip(parts, self.sizes.items())}

    def snapshot(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return a copy of all weights."""
        return self.dense.clone(), self.U.clone(), self.G.clone()

    def initialize(
        self, init: str, generator: torch.Generator, zero_columns: Sequence[int] = ()
    ) -> None:
        """Initialize W as `init` says, b and c with zeros, and the other matrices at random.

        The columns of U in `zero_columns` are set to zero. They add nothing to h until trained.
        """
        architecture, views, article = self.architecture, self.views, init == "article"
        for W in views["W"].split(architecture.nhidden) if architecture.n_layers else ():
            n = architecture.nhidden
            W.copy_(_orthogonal(n, generator) if init == "orthogonal" else torch.eye(n))
        std = (
            1.0 if article else SYMBOL_STD if architecture.symbols else architecture.n_inputs**-0.5
        )
        self.U.copy_(_normal(self.U.shape, generator) * std)
        self.U[list(zero_columns)] = 0
        self.G.copy_(_normal(self.G.shape, generator) * NGRAM_STD)
        for name in ("U_above", "V"):
            std = 1.0 if article else max(1, views[name].shape[1]) ** -0.5
            views[name].copy_(_normal(views[name].shape, generator) * std)
        if architecture.cell == "lstm" and architecture.bias:  # b of the forget gate is 1
            views["b"].view(-1, 4, architecture.nhidden)[:, 1] = 1


def n_weights(architecture: Architecture) -> int:
    """Return the number of weights of a network."""
    return sum(map(prod, shapes(architecture).values()))


def shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the matrices of a fitted estimator, by their names in `Matrices`."""
    U = architecture.input_rows, architecture.n_inputs
    G = architecture.ngram_size, architecture.n_ngrams
    return {"U": U, "G": G, **_sizes(architecture)}


def _sizes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the matrices in the flat vector, in order."""
    rows, d = architecture.gate_rows, architecture.directions
    n, n_above = architecture.n_layers * d, max(0, architecture.n_layers - 1) * d
    return {
        "W": (n * rows, architecture.nhidden),
        "U_above": (n_above * rows, d * architecture.nhidden),
        "b": (n * rows,),
        "V": (architecture.n_outputs, architecture.vector_size),
        "c": (architecture.n_outputs,),
    }


def _tensor(array: Array) -> Tensor:
    """Return a tensor, which shares the memory of the array if possible.

    torch has no read-only tensors. A read-only array has to be copied, unless it is in a private
    memory mapping of a file, which is writeable memory.
    """
    view = array.view()
    with suppress(ValueError):
        view.flags.writeable = True
    ready = view.flags.c_contiguous and view.flags.writeable
    return torch.from_numpy(view) if ready else torch.tensor(np.ascontiguousarray(array))


def _normal(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    return torch.empty(tuple(shape)).normal_(generator=generator)


def _orthogonal(n: int, generator: torch.Generator) -> Tensor:
    Q, R = torch.linalg.qr(_normal((n, n), generator))
    signs: Tensor = torch.diagonal(R).sign()
    return torch.mul(Q, signs)
