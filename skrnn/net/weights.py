"""The weights of a network, their initialisation, and their gradient.

In: an `Architecture`; matrices of a fitted estimator. Out: `Weights`, tensors to train or to
apply; `Matrices`, arrays to keep. Imports torch, and numpy for the arrays.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Array
from skrnn.net.architecture import Architecture


class Matrices(NamedTuple):
    """The matrices of a fitted estimator, without the underscore that ends their names there."""

    W: Array
    U: Array
    U_above: Array
    V: Array
    b: Array
    c: Array


class Gradient(NamedTuple):
    """The gradient of `Weights`, of the same form."""

    dense: Tensor
    table: Tensor
    rows: Tensor | None  # those of the table that the gradient is of; None means all


class Weights:
    """W, U_above, V, b and c as views of one flat vector, and U as a table.

    The flat vector is `dense`, with `views` by name. The `table` is U transposed, a row for each
    symbol.

    To be trained, the table is `table_scale` = bag_scale times as large as U. A given table is
    read as it is, and is not to be trained.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        table: Tensor | None = None,
    ) -> None:
        self.architecture, self.sizes = architecture, _sizes(architecture)
        self.table_scale = architecture.bag_scale if table is None else 1.0
        total = sum(prod(size) for size in self.sizes.values())
        self.dense = torch.zeros(total, dtype=dtype, device=device)
        self.views = self.views_of(self.dense)
        n_biases = len(self.views["b"]) + len(self.views["c"])
        self.decayed = self.dense[: total - n_biases]  # not b, c, which come last
        if table is None:  # with a row of zeros for no symbol
            size = architecture.n_inputs + architecture.symbols
            width = architecture.directions * architecture.gate_rows
            table = torch.zeros(size, width, dtype=dtype, device=device)
        self.table = table

    @classmethod
    def from_matrices(
        cls,
        architecture: Architecture,
        matrices: Matrices,
        *,
        dtype: torch.dtype,
        device: torch.device | str,
    ) -> "Weights":
        """Make weights of the arrays of a fitted estimator.

        The table keeps the precision of U, and its saved if possible.
        """
        table = _tensor(matrices.U.T).to(device)
        weights = cls(architecture, dtype=dtype, device=device, table=table)
        weights._copy_views(matrices)
        return weights

    def load_matrices(self, matrices: Matrices) -> None:
        """Copy given matrices, to train them further."""
        U = torch.tensor(matrices.U.T)
        self.table[: self.architecture.n_inputs] = U * self.table_scale
        self._copy_views(matrices)

    def _copy_views(self, matrices: Matrices) -> None:
        for name, view in self.views.items():
            view.copy_(torch.tensor(getattr(matrices, name)))

    def matrices(self, copied: tuple[Tensor, Tensor] | None = None) -> Matrices:
        """Return copies of all matrices as numpy arrays, or of those that `copy` gave."""
        dense, table = copied or (self.dense, self.table)
        U = (table[: self.architecture.n_inputs] / self.table_scale).cpu().numpy().T
        views = self.views_of(dense).items()
        return Matrices(U=U, **{name: view.cpu().numpy().copy() for name, view in views})

    def views_of(self, flat: Tensor) -> dict[str, Tensor]:
        """View the matrices in a flat vector, by their names."""
        parts = flat.split([prod(size) for size in self.sizes.values()])
        return {name: part.view(size) for part, (name, size) in zip(parts, self.sizes.items())}

    def snapshot(self) -> tuple[Tensor, Tensor]:
        """Return a copy of all weights."""
        return self.dense.clone(), self.table.clone()

    def initialize(
        self, init: str, generator: torch.Generator, zero_columns: Sequence[int] = ()
    ) -> None:
        """Draw the start: U, V and the layers above at random, W as `init` says, b and c zero.

        The columns of U in `zero_columns` start at zero: they add nothing to h until learned.
        """
        architecture, views, article = self.architecture, self.views, init == "article"
        for W in views["W"].split(architecture.nhidden):
            n = architecture.nhidden
            W.copy_(_orthogonal(n, generator) if init == "orthogonal" else torch.eye(n))
        std = 1.0 if article else 0.01 if architecture.symbols else architecture.n_inputs**-0.5
        U = self.table[: architecture.n_inputs]
        U.copy_(_normal(U.shape, generator) * std)
        self.table[list(zero_columns)] = 0
        for name in ("U_above", "V"):
            std = 1.0 if article else views[name].shape[1] ** -0.5
            views[name].copy_(_normal(views[name].shape, generator) * std)
        if architecture.cell == "lstm" and architecture.bias:  # remember at first: b of f is 1
            views["b"].view(-1, 4, architecture.nhidden)[:, 1] = 1


def _sizes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the matrices in the flat vector, in their order."""
    rows, d = architecture.gate_rows, architecture.directions
    n = architecture.n_layers * d
    return {
        "W": (n * rows, architecture.nhidden),
        "U_above": ((n - d) * rows, d * architecture.nhidden),
        "V": (architecture.n_outputs, architecture.vector_size),
        "b": (n * rows,),
        "c": (architecture.n_outputs,),
    }


def _tensor(array: Array) -> Tensor:
    """Make a tensor, around the array itself where its layout allows."""
    ready = array.flags.c_contiguous and array.flags.writeable
    return torch.from_numpy(array) if ready else torch.tensor(np.ascontiguousarray(array))


def _normal(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    return torch.empty(tuple(shape)).normal_(generator=generator)


def _orthogonal(n: int, generator: torch.Generator) -> Tensor:
    Q, R = torch.linalg.qr(_normal((n, n), generator))
    signs: Tensor = torch.diagonal(R).sign()
    return torch.mul(Q, signs)
