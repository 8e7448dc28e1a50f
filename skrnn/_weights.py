"""The weights of a network and their gradient: where they are, how they start, what is saved.

In: a `Shape`; matrices of a fitted estimator. Out: `Weights`, tensors to train or to apply;
`Matrices`, arrays to keep. Knows torch, and numpy for the arrays.
"""

from typing import Any, NamedTuple

import numpy as np
import torch

from skrnn._cells import make_cell

BAG_GAIN = 32.0  # how much larger a bag of symbols is than what the recurrence reads of them


class Shape(NamedTuple):
    """What a network is made of; the names are those of the estimators' parameters."""

    n_inputs: int  # columns of U
    nhidden: int
    n_outputs: int
    symbols: bool  # x_t is the numbers of k columns of U, n_inputs for none (else d numbers)
    cell: str = "rnn"
    activation: str = "tanh"
    bidirectional: bool = False
    n_layers: int = 1
    pooling: tuple = ("last",)
    bias: bool = True

    @property
    def directions(self):
        """One, or two if it is bidirectional."""
        return 1 + self.bidirectional

    @property
    def rows(self):
        """The rows of W of one recurrence: its gates, one below the other."""
        return make_cell(self.cell, self.activation).gates * self.nhidden

    @property
    def width(self):
        """The length of the vector of a sequence."""
        return len(self.pooling) * self.directions * self.nhidden

    @property
    def gain(self):
        """The factor of U x_t in a bag of symbols; 1 if there is none."""
        return BAG_GAIN if self.symbols and "bag" in self.pooling else 1.0


class Matrices(NamedTuple):
    """What a fitted estimator has, with an underscore at the end of each name."""

    W: Any
    U: Any
    U_above: Any
    V: Any
    b: Any
    c: Any


class Weights:
    """W, U_above, V, b and c as views of one flat vector, and U as a table.

    The flat vector is `dense` and its gradient `ddense`, with `views` and `gradients` by name.
    The `table` is U transposed, a row for each symbol; its gradient is `dtable`, for the rows
    `touched` alone (None means all).

    To be trained, the table is `scale` = gain times as large as U. A given table is read as it
    is, and is not to be trained.
    """

    def __init__(self, shape, *, dtype=torch.float32, device="cpu", table=None):
        self.shape = shape
        self.scale = shape.gain if table is None else 1.0
        n, d = shape.n_layers * shape.directions, shape.directions
        sizes = {
            "W": (n * shape.rows, shape.nhidden),
            "U_above": ((n - d) * shape.rows, d * shape.nhidden),
            "V": (shape.n_outputs, shape.width),
            "b": (n * shape.rows,),
            "c": (shape.n_outputs,),
        }
        self.sizes = sizes
        total = sum(map(np.prod, sizes.values()))
        self.dense = torch.zeros(int(total), dtype=dtype, device=device)
        self.ddense = torch.zeros_like(self.dense)
        self.views, self.gradients = _views(self.dense, sizes), _views(self.ddense, sizes)
        self.decaying = self.dense[: len(self.dense) - n * shape.rows - shape.n_outputs]  # not b, c
        if table is None:  # with a row of zeros for no symbol
            size = shape.n_inputs + shape.symbols, d * shape.rows
            table = torch.zeros(size, dtype=dtype, device=device)
        self.table = table
        self.touched, self.dtable = None, None

    @classmethod
    def around(cls, shape, matrices, *, dtype, device):
        """Put weights around the arrays of a fitted estimator.

        The table keeps the precision of U, and its memory if possible.
        """
        weights = cls(shape, dtype=dtype, device=device, table=_tensor(matrices.U.T).to(device))
        weights._copy_views(matrices)
        return weights

    def load(self, matrices):
        """Take given matrices, to go on training."""
        self.table[: self.shape.n_inputs] = torch.tensor(matrices.U.T) * self.scale
        self._copy_views(matrices)

    def _copy_views(self, matrices):
        for name, view in self.views.items():
            view.copy_(torch.tensor(getattr(matrices, name)))

    def arrays(self, copied=None):
        """Give copies of all matrices as numpy arrays, or of those that `copy` gave."""
        dense, table = copied or (self.dense, self.table)
        U = (table[: self.shape.n_inputs] / self.scale).cpu().numpy().T
        views = _views(dense, self.sizes).items()
        return Matrices(U=U, **{name: view.cpu().numpy().copy() for name, view in views})

    def copy(self):
        """Give a copy of all weights."""
        return self.dense.clone(), self.table.clone()

    def initialize(self, init, generator, silent=()):
        """Draw the start: U, V and the layers above at random, W as `init` says, b and c zero.

        The columns of U in `silent` start at zero: they add nothing to h until learned.
        """
        shape, views = self.shape, self.views
        for W in views["W"].split(shape.nhidden):
            n = shape.nhidden
            W.copy_(_orthogonal(n, generator) if init == "orthogonal" else torch.eye(n))
        article = init == "article"
        std = 1.0 if article else 0.01 if shape.symbols else shape.n_inputs**-0.5
        U = self.table[: shape.n_inputs]
        U.copy_(_normal(U.shape, generator) * std)
        self.table[list(silent)] = 0
        for name in ("U_above", "V"):
            std = 1.0 if article else views[name].shape[1] ** -0.5
            views[name].copy_(_normal(views[name].shape, generator) * std)
        if shape.cell == "lstm" and shape.bias:  # remember at first: b of the gate f is 1
            views["b"].view(-1, 4, shape.nhidden)[:, 1] = 1


def _views(flat, sizes):
    numels = [torch.Size(size).numel() for size in sizes.values()]
    return {name: p.view(size) for p, (name, size) in zip(flat.split(numels), sizes.items())}


def _tensor(array):
    """Make a tensor, around the array itself where its memory allows."""
    ready = array.flags.c_contiguous and array.flags.writeable
    return torch.from_numpy(array) if ready else torch.tensor(np.ascontiguousarray(array))


def _normal(shape, generator):
    return torch.empty(shape).normal_(generator=generator)


def _orthogonal(n, generator):
    Q, R = torch.linalg.qr(_normal((n, n), generator))
    return Q * R.diagonal().sign()
