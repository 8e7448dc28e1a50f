"""Poolings of a whole batch and step by step, and their gradients by autograd."""

import pytest
import torch
from small import DOUBLE, series, single_batch

from skrnn.net.pooling import POOLINGS, Activations

GENERATOR = torch.Generator().manual_seed(0)


def random_activations(directions):
    """Random states of nine sequences, two of them empty; some are the same."""
    sequences, _ = series()
    batch, _ = single_batch(sequences)
    h = torch.randn(len(batch.sequence_index), 3 * directions, generator=GENERATOR).double()
    h[5] = h[4]
    return Activations(h, batch, 3, [], [])


def by_definition(name, activations):
    """Give the vector of each sequence, one after another."""
    rows = []
    for i, n in enumerate(activations.batch.lengths.tolist()):
        mine = activations.batch.sequence_index == i
        h, k = activations.h[mine], activations.nhidden
        if not n:
            rows.append(torch.zeros(activations.h.shape[1], dtype=DOUBLE))
        elif name == "last":
            rows.append(torch.cat([h[-1, :k], h[0, k:]]))
        else:
            rows.append({"mean": h.mean(0), "max": h.amax(0)}[name])
    return torch.stack(rows)


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("name", list(POOLINGS))
def test_vectors_and_gradients_are_those_of_the_definition(name, directions):
    activations, pooling = random_activations(directions), POOLINGS[name]
    h = activations.h.clone().requires_grad_()
    expected = by_definition(name, activations._replace(h=h))
    vector = pooling.vector(activations)
    torch.testing.assert_close(vector, expected.detach())
    dvector = torch.randn(vector.shape, generator=GENERATOR).double()
    expected.backward(dvector)
    torch.testing.assert_close(pooling.gradient(dvector, vector, activations), h.grad)


@pytest.mark.parametrize("name", list(POOLINGS))
def test_a_pooling_step_by_step_ends_with_the_same_vector(name):
    activations, pooling = random_activations(1), POOLINGS[name]
    vector = pooling.vector(activations)
    for i, n in enumerate(activations.batch.lengths.tolist()):
        mine, total = activations.batch.sequence_index == i, None
        for h in activations.h[mine]:
            total = pooling.update(total, h[None])
        if n:
            end = pooling.finalize(total, torch.tensor([[n]], dtype=DOUBLE))
            torch.testing.assert_close(end[0], vector[i])


def test_the_gradient_of_max_is_shared_by_equal_states():
    sequences, _ = series()
    batch, _ = single_batch(sequences.take([0]))
    h = torch.tensor([[1.0], [3], [3], [2], [3]], dtype=DOUBLE)
    activations, pooling = Activations(h, batch, 1, [], []), POOLINGS["max"]
    gradient = pooling.gradient(
        torch.ones(1, 1, dtype=DOUBLE), pooling.vector(activations), activations
    )
    torch.testing.assert_close(gradient[:, 0], torch.tensor([0, 1, 1, 0, 1], dtype=DOUBLE) / 3)
