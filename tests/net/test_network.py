"""The fast recurrence and its gradient against the slow loop of `reference`."""

import numpy as np
import pytest
import reference
import torch
from small import (
    CELLS,
    DOUBLE,
    VARIANTS,
    by_name,
    network,
    ngrams,
    parameters,
    pieces,
    series,
    single_batch,
    states_of,
    symbols,
)

from skrnn.net.batches import pack
from skrnn.net.network import LabelledBatch


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
@pytest.mark.parametrize("dropout", [False, True])
def test_loss_and_gradient_are_those_of_the_reference(data, cell, activation, variant, dropout):
    check_gradient(data, "cross_entropy", dropout, cell=cell, activation=activation, **variant)


@pytest.mark.parametrize("kind", ["binary_cross_entropy", "squared_error"])
@pytest.mark.parametrize("data", [symbols, series])
def test_gradients_of_the_other_losses_are_those_of_the_reference(data, kind):
    check_gradient(data, kind, False)


def check_gradient(data, kind, dropout, **variant):
    sequences, inputs = data()
    n = len(sequences)
    net = network(kind, **inputs, **variant)
    rng = torch.Generator().manual_seed(1)
    target = torch.arange(n) % 3
    if kind != "cross_entropy":
        target = (torch.rand(n, net.architecture.n_outputs, generator=rng) > 0.5).to(DOUBLE)
    weight = torch.rand(n, generator=rng, dtype=DOUBLE)
    batch, order = single_batch(net, sequences)
    h_factor = x_factor = one_by_one = None
    if dropout:
        h_factor = 2.0 * (torch.rand(n, net.architecture.vector_size, generator=rng) > 0.5).to(
            DOUBLE
        )
        shape = len(batch.sequence_index), net.weights.table.shape[1]
        x_factor = 2.0 * (torch.rand(shape, generator=rng) > 0.5).to(DOUBLE)
        place = {int(row): rank for rank, row in enumerate(order)}
        one_by_one = [x_factor[batch.sequence_index == place[i]] for i in range(n)]

    drop_h_in_order = h_factor[order] if dropout else None
    fast, gradient = net.backpropagate(
        LabelledBatch(batch, target[order], weight[order], drop_h_in_order, x_factor)
    )
    p = parameters(net)
    slow = reference.total_loss(
        net.architecture, p, pieces(sequences), target, weight, kind, h_factor, one_by_one
    )
    slow.backward()
    torch.testing.assert_close(fast, slow.detach(), rtol=1e-12, atol=1e-12)
    for name, own in by_name(net, gradient).items():
        expected = torch.zeros_like(own) if p[name].grad is None else p[name].grad
        torch.testing.assert_close(
            own, expected, rtol=1e-10, atol=1e-12, msg=lambda m, n=name: f"{n}: {m}"
        )


def test_gradient_of_the_loss_by_finite_differences():
    """The reference itself, and the fast gradient, against the loss alone."""
    sequences, inputs = symbols()
    net = network(**inputs)
    batch, order = single_batch(net, sequences)
    target, weight = torch.arange(9)[order] % 3, torch.ones(9, dtype=DOUBLE)
    given = LabelledBatch(batch, target, weight)
    gradient, eps = net.backpropagate(given)[1].dense, 1e-6
    for i in range(0, len(gradient), 7):
        net.weights.dense[i] += eps
        up = net.backpropagate(given)[0].item()
        net.weights.dense[i] -= 2 * eps
        down = net.backpropagate(given)[0].item()
        net.weights.dense[i] += eps
        assert (up - down) / (2 * eps) == pytest.approx(gradient[i].item(), abs=1e-6)


def test_without_bias_only_the_matrices_have_a_gradient():
    sequences, inputs = symbols()
    net = network(**inputs, bias=False)
    batch, _ = single_batch(net, sequences)
    given = LabelledBatch(batch, torch.zeros(9, dtype=torch.int64), torch.ones(9, dtype=DOUBLE))
    parts = net.weights.views_of(net.backpropagate(given)[1].dense)
    known = {name: bool(part.count_nonzero()) for name, part in parts.items() if len(part)}
    assert known == {"W": True, "V": True, "b": False, "c": False}


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_unroll_is_that_of_the_reference_at_every_step(cell, activation):
    net = network(n_inputs=10, symbols=True, cell=cell, activation=activation)
    states, _ = reference.unroll(
        net.architecture, parameters(net), torch.tensor([[3], [5], [9], [3]])
    )
    expected = torch.stack(states[0]).detach()
    torch.testing.assert_close(states_of(net, [3, 5, 9, 3]), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_unrolling_ab_is_unrolling_b_from_where_a_ended(cell):
    net = network(n_inputs=10, symbols=True, cell=cell)
    a, b = [3, 5, 9], [4, 4, 7, 3]
    whole, first = states_of(net, a + b), states_of(net, a)
    torch.testing.assert_close(whole[:3], first, rtol=0, atol=1e-15)
    torch.testing.assert_close(whole[3:], states_of(net, b, (first[-1:],)), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_first_symbol_changes_the_last_state_and_a_later_one_no_earlier_state(cell):
    net = network(n_inputs=10, symbols=True, cell=cell)
    base = states_of(net, [3, 4, 5, 6, 7])
    other_first = states_of(net, [9, 4, 5, 6, 7])
    other_later = states_of(net, [3, 4, 5, 9, 9])
    assert (base[-1] - other_first[-1]).abs().max() > 1e-4
    assert torch.equal(base[:3], other_later[:3])
    assert (base[3] - other_later[3]).abs().max() > 1e-3


def test_gradient_of_two_batches_is_the_sum_over_single_sequences():
    sequences, inputs = symbols()
    n = len(sequences)
    net = network(**inputs)
    target, weight = torch.arange(n) % 3, torch.ones(n, dtype=DOUBLE)
    total = {}
    for size in (1, 4, n):
        packed = pack(sequences, np.arange(n), np.arange(n) // size)
        summed, at = {}, 0
        for batch in packed.batches(DOUBLE, "cpu", net.architecture.n_inputs):
            rows = packed.order[at : at + batch.size]
            _, gradient = net.backpropagate(LabelledBatch(batch, target[rows], weight[rows]))
            for name, own in by_name(net, gradient).items():
                summed[name] = summed.get(name, 0) + own.clone()
            at += batch.size
        total[size] = summed
    for name in total[n]:
        torch.testing.assert_close(total[1][name], total[n][name], rtol=1e-11, atol=1e-12)
        torch.testing.assert_close(total[4][name], total[n][name], rtol=1e-11, atol=1e-12)
