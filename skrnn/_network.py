"""W, U, V, b and c together: the parameters, the two losses and their gradient.

In: batches of `skrnn._recurrence`, targets and weights. Out: hidden vectors, scores, a
loss, and its gradient in `Network.gradient`. Knows torch alone.
"""

import torch

from skrnn._recurrence import last_states, unroll, unroll_backward


class Network:
    """The recurrence and its linear head, all parameters in one flat vector.

    Parameters
    ----------
    n_inputs, nhidden, n_outputs : int
        Columns of U, length of h, rows of V.
    symbols : bool
        Whether x_t is the number of a column of U (else a vector of numbers).
    activation, loss : str
        f, and "cross_entropy" or "squared_error".
    bias : bool
        Whether b and c are learned; they stay zero otherwise.

    Attributes
    ----------
    W : (nhidden, nhidden);  UT : (n_inputs, nhidden);  V : (n_outputs, nhidden)
    b : (nhidden,);  c : (n_outputs,)
        Views of `parameters`; `dW`, `dUT`, ... are the same views of `gradient`.
    decaying
        View of the part of `parameters` that weight decay shrinks: all but b and c.
    """

    def __init__(
        self,
        n_inputs,
        nhidden,
        n_outputs,
        *,
        symbols,
        activation="tanh",
        bias=True,
        loss="cross_entropy",
        dtype=torch.float32,
        device="cpu",
    ):
        self.symbols, self.activation, self.bias = symbols, activation, bias
        self.loss = LOSSES[loss]
        shapes = [
            (nhidden, nhidden),
            (n_inputs, nhidden),
            (n_outputs, nhidden),
            (nhidden,),
            (n_outputs,),
        ]
        sizes = [torch.Size(shape).numel() for shape in shapes]
        self.parameters = torch.zeros(sum(sizes), dtype=dtype, device=device)
        self.gradient = torch.zeros_like(self.parameters)
        self.W, self.UT, self.V, self.b, self.c = _views(self.parameters, sizes, shapes)
        self.dW, self.dUT, self.dV, self.db, self.dc = _views(self.gradient, sizes, shapes)
        self.decaying = self.parameters[: sum(sizes[:3])]

    def load(self, W, U, V, b, c):
        """Take given matrices, of the shapes of the equation."""
        for own, given in zip((self.W, self.UT.T, self.V, self.b, self.c), (W, U, V, b, c)):
            own.copy_(torch.tensor(given))
        return self

    def arrays(self):
        """Give copies of W, U, V, b, c as numpy arrays, of the shapes of the equation."""
        views = (self.W, self.UT.T, self.V, self.b, self.c)
        return [view.cpu().numpy().copy(order="C") for view in views]

    def initialize(self, init, generator, silent=()):
        """Draw the start: U standard normal, W and V as `init` says, b and c zero.

        The columns of U in `silent` start at zero: they add nothing to h until learned.
        """
        nhidden = len(self.W)
        eye = torch.eye(nhidden)
        self.W.copy_(_orthogonal(nhidden, generator) if init == "orthogonal" else eye)
        scale = 1 if self.symbols else len(self.UT) ** -0.5
        self.UT.copy_(_normal(self.UT.shape, generator) * scale)
        self.UT[list(silent)] = 0
        scale = 1 if init == "article" else nhidden**-0.5
        self.V.copy_(_normal(self.V.shape, generator) * scale)

    def input(self, values):
        """Give U x_t + b for every step: (steps, nhidden)."""
        z = self.UT.index_select(0, values) if self.symbols else values @ self.UT
        return z.add_(self.b)

    def hidden(self, batch):
        """Give the vector of every sequence of a batch: (size, nhidden)."""
        return last_states(self.input, self.W, batch, self.activation)

    def scores(self, h):
        """Give V h + c: (size, n_outputs)."""
        return torch.addmm(self.c, h, self.V.T)

    def backpropagate(self, batch, target, weight, mask=None):
        """Set `gradient`, and return the weighted sum of the losses of the batch.

        `mask`, of shape (size, nhidden), multiplies h before V sees it (dropout).
        """
        k = batch.nonempty
        H = unroll(self.input(batch.values), self.W, batch.alive, self.activation)
        h = H.new_zeros(batch.size, len(self.W))
        h[:k] = H.index_select(0, batch.last[:k])
        if mask is not None:
            h *= mask
        loss, dscores = self.loss(self.scores(h), target, weight)

        torch.mm(dscores.T, h, out=self.dV)
        dh = dscores @ self.V  # (size, nhidden)
        if mask is not None:
            dh *= mask
        dz = torch.zeros_like(H)  # (steps, nhidden)
        dz[batch.last[:k]] = dh[:k]
        unroll_backward(dz, H, self.W, batch.alive, self.activation)
        torch.mm(dz[k:].T, H.index_select(0, batch.previous[k:]), out=self.dW)
        if self.symbols:
            self.dUT.zero_().index_add_(0, batch.values, dz)
        else:
            torch.mm(batch.values.T, dz, out=self.dUT)
        if self.bias:
            torch.sum(dz, 0, out=self.db)
            torch.sum(dscores, 0, out=self.dc)
        return loss


def cross_entropy(scores, target, weight):
    """Give sum_i w_i (logsumexp(o_i) - o_i[y_i]) and its gradient by o."""
    log_p = scores.log_softmax(1)  # (size, n_classes)
    hit = target[:, None]
    loss = -(log_p.gather(1, hit)[:, 0] @ weight)
    gradient = log_p.exp_().mul_(weight[:, None])
    return loss, gradient.scatter_add_(1, hit, -weight[:, None])


def squared_error(scores, target, weight):
    """Give sum_i w_i (o_i - y_i)^2 / 2 and its gradient by o; `target` is (size,)."""
    error = scores - target[:, None]  # (size, 1)
    gradient = error * weight[:, None]
    return (error * gradient).sum() / 2, gradient


LOSSES = {"cross_entropy": cross_entropy, "squared_error": squared_error}


def _views(flat, sizes, shapes):
    return [piece.view(shape) for piece, shape in zip(flat.split(sizes), shapes)]


def _normal(shape, generator):
    return torch.empty(shape).normal_(generator=generator)


def _orthogonal(n, generator):
    Q, R = torch.linalg.qr(_normal((n, n), generator))
    return Q * R.diagonal().sign()
