"""Loss functions of scores, and their gradients.

In: scores o = V [h ; g] + c of a batch, (size, n_outputs), targets and weights (size,). Out: the
weighted sum of the losses, and its gradient by o. Imports only torch.
"""

import torch
from torch import Tensor

LossAndGradient = tuple[Tensor, Tensor]


def cross_entropy(scores: Tensor, target: Tensor, weight: Tensor) -> LossAndGradient:
    """Return sum_i w_i (logsumexp(o_i) - o_i[y_i]) and its gradient by o."""
    log_p = scores.log_softmax(1)  # (size, n_classes)
    hit = target[:, None]
    loss = -(log_p.gather(1, hit)[:, 0] @ weight)
    gradient = log_p.exp_().mul_(weight[:, None])
    return loss, gradient.scatter_add_(1, hit, -weight[:, None])


def binary_cross_entropy(scores: Tensor, target: Tensor, weight: Tensor) -> LossAndGradient:
    """Return sum_i w_i sum_k (log(1 + exp(o_ik)) - y_ik o_ik), for 0 or 1 in (size, n_labels)."""
    loss = (torch.nn.functional.softplus(scores) - target * scores).sum(1) @ weight
    return loss, (scores.sigmoid() - target).mul_(weight[:, None])


def squared_error(scores: Tensor, target: Tensor, weight: Tensor) -> LossAndGradient:
    """Return sum_i w_i |o_i - y_i|^2 / 2 and its gradient by o; `target` is (size, n_outputs)."""
    error = scores - target
    gradient = error * weight[:, None]
    return (error * gradient).sum() / 2, gradient


LOSSES = {
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "squared_error": squared_error,
}
