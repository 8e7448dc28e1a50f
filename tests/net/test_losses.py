"""Losses, against torch's, with their gradients."""

import pytest
import torch

from skrnn.net.losses import LOSSES

GENERATOR = torch.Generator().manual_seed(0)
SCORES = torch.randn(6, 3, generator=GENERATOR).double() * 5
WEIGHT = torch.rand(6, generator=GENERATOR).double()
CLASSES = torch.tensor([0, 1, 2, 2, 1, 0])
LABELS = (torch.rand(6, 3, generator=GENERATOR) > 0.5).double()
NUMBERS = torch.randn(6, 3, generator=GENERATOR).double()
THEIRS = {
    "cross_entropy": (
        CLASSES,
        lambda o: torch.nn.functional.cross_entropy(o, CLASSES, reduction="none"),
    ),
    "binary_cross_entropy": (
        LABELS,
        lambda o: torch.nn.functional.binary_cross_entropy_with_logits(
            o, LABELS, reduction="none"
        ).sum(1),
    ),
    "squared_error": (NUMBERS, lambda o: (o - NUMBERS).square().sum(1) / 2),
}


@pytest.mark.parametrize("name", list(LOSSES))
def test_losses_are_those_of_torch(name):
    target, theirs = THEIRS[name]
    scores = SCORES.clone().requires_grad_()
    expected = theirs(scores) @ WEIGHT
    expected.backward()
    loss, gradient = LOSSES[name](SCORES.clone(), target, WEIGHT)
    torch.testing.assert_close(loss, expected.detach(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradient, scores.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_large_scores_give_finite_losses(name):
    target, _ = THEIRS[name]
    loss, gradient = LOSSES[name](SCORES * 1e6, target, WEIGHT)
    assert loss.isfinite() and gradient.isfinite().all()
