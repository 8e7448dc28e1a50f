"""The fast recurrence and its gradient against the slow loop of `reference`."""

import numpy as np
import pytest
import torch
from reference import last, loss, unroll

from skrnn._network import Network
from skrnn._recurrence import ACTIVATIONS, batches
from skrnn._recurrence import unroll as fast_unroll
from skrnn._sequences import Alphabet, Sequences, from_arrays, pack
from skrnn._training import hidden

DOUBLE = torch.float64
WORDS = ["katze", "cat", "", "act", "a", None, "cat", "hat", "katzekatze"]


def symbols():
    return Alphabet("acehktz").encode(WORDS), 10


def series():
    rng = np.random.default_rng(0)
    lengths = [5, 3, 0, 3, 1, 7, 2, 0, 3]
    return from_arrays([rng.normal(size=(n, 2)) for n in lengths]), 2


def pieces(sequences):
    """Cut `Sequences` into one tensor a sequence."""
    return torch.as_tensor(sequences.values).split(sequences.lengths.tolist())


def network(n_inputs, *, symbolic, activation="tanh", kind="cross_entropy", nhidden=6):
    n_outputs = 3 if kind == "cross_entropy" else 1
    net = Network(
        n_inputs,
        nhidden,
        n_outputs,
        symbols=symbolic,
        activation=activation,
        loss=kind,
        dtype=DOUBLE,
    )
    generator = torch.Generator().manual_seed(0)
    net.parameters.copy_(torch.randn(net.parameters.shape, generator=generator, dtype=DOUBLE) / 2)
    return net


def equation(net):
    """Give copies of W, U, V, b, c that autograd follows."""
    tensors = (net.W, net.UT.T, net.V, net.b, net.c)
    return [tensor.clone().requires_grad_() for tensor in tensors]


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("data", [symbols, series])
def test_hidden_is_that_of_the_reference(data, activation):
    sequences, n_inputs = data()
    net = network(n_inputs, symbolic=data is symbols, activation=activation)
    h = hidden(net, sequences)
    W, U, _, b, _ = (net.W, net.UT.T, net.V, net.b, net.c)
    expected = torch.stack([last(W, U, b, x, activation) for x in pieces(sequences)])
    torch.testing.assert_close(h, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("data", [symbols, series])
@pytest.mark.parametrize("dropout", [False, True])
def test_loss_and_gradient_are_those_of_the_reference(data, activation, kind, dropout):
    sequences, n_inputs = data()
    n = len(sequences)
    net = network(n_inputs, symbolic=data is symbols, activation=activation, kind=kind)
    rng = torch.Generator().manual_seed(1)
    target = torch.arange(n) % 3
    target = target if kind == "cross_entropy" else target.to(DOUBLE)
    weight = torch.rand(n, generator=rng, dtype=DOUBLE)
    masks = 2.0 * (torch.rand(n, 6, generator=rng) > 0.5).to(DOUBLE) if dropout else None

    layout = pack(sequences, np.arange(n), np.zeros(n, dtype=int))
    (batch,) = batches(layout, DOUBLE, "cpu")
    order = layout.order
    fast = net.backpropagate(batch, target[order], weight[order], masks[order] if dropout else None)

    parameters = equation(net)
    slow = loss(parameters, pieces(sequences), target, weight, activation, kind, masks)
    slow.backward()
    torch.testing.assert_close(fast, slow.detach(), rtol=1e-12, atol=1e-12)
    for own, parameter in zip((net.dW, net.dUT.T, net.dV, net.db, net.dc), parameters):
        torch.testing.assert_close(own, parameter.grad, rtol=1e-10, atol=1e-12)


def test_without_bias_only_the_matrices_have_a_gradient():
    sequences, n_inputs = symbols()
    n = len(sequences)
    net = network(n_inputs, symbolic=True)
    net.bias = False
    layout = pack(sequences, np.arange(n), np.zeros(n, dtype=int))
    (batch,) = batches(layout, DOUBLE, "cpu")
    net.backpropagate(batch, torch.zeros(n, dtype=torch.int64), torch.ones(n, dtype=DOUBLE))
    assert net.db.count_nonzero() == net.dc.count_nonzero() == 0
    assert net.dW.count_nonzero() > 0


def states_of(net, values, h0=None):
    """Unroll one sequence with the fast code: every h_t."""
    z = net.input(torch.as_tensor(values))
    return fast_unroll(z, net.W, [1] * len(z), net.activation, h0)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_unroll_is_that_of_the_reference_at_every_step(activation):
    net = network(10, symbolic=True, activation=activation)
    values = torch.tensor([3, 5, 9, 3, 4])
    expected = unroll(net.W, net.UT.T, net.b, values, activation)
    torch.testing.assert_close(states_of(net, values), expected, rtol=1e-12, atol=1e-12)


def test_unrolling_ab_is_unrolling_b_from_where_a_ended():
    net = network(10, symbolic=True)
    a, b = torch.tensor([3, 5, 9]), torch.tensor([4, 4, 7, 3])
    whole = states_of(net, torch.cat([a, b]))
    first = states_of(net, a)
    torch.testing.assert_close(whole[:3], first, rtol=0, atol=1e-15)
    torch.testing.assert_close(whole[3:], states_of(net, b, first[-1:]), rtol=1e-13, atol=1e-13)


def test_the_first_symbol_changes_the_last_state_and_a_later_one_no_earlier_state():
    net = network(10, symbolic=True)
    base = states_of(net, [3, 4, 5, 6, 7])
    other_first = states_of(net, [9, 4, 5, 6, 7])
    other_later = states_of(net, [3, 4, 5, 9, 9])
    assert (base[-1] - other_first[-1]).abs().max() > 1e-3
    assert torch.equal(base[:3], other_later[:3])
    assert (base[3] - other_later[3]).abs().max() > 1e-3


def test_order_matters():
    net = network(10, symbolic=True)
    cat, act = states_of(net, [4, 3, 8]), states_of(net, [3, 4, 8])
    assert (cat[-1] - act[-1]).abs().max() > 1e-3


def test_batch_mates_batch_size_and_row_order_change_nothing():
    sequences, n_inputs = symbols()
    net = network(n_inputs, symbolic=True)
    h = hidden(net, sequences)
    order = np.random.default_rng(0).permutation(len(sequences))
    torch.testing.assert_close(hidden(net, sequences.take(order)), h[order], rtol=1e-13, atol=1e-14)
    for i in range(len(sequences)):
        alone = hidden(net, sequences.take([i]))
        torch.testing.assert_close(alone[0], h[i], rtol=1e-13, atol=1e-14)


def test_gradient_of_two_batches_is_the_sum_over_single_sequences():
    sequences, n_inputs = symbols()
    n = len(sequences)
    net = network(n_inputs, symbolic=True)
    target, weight = torch.arange(n) % 3, torch.ones(n, dtype=DOUBLE)
    total = {}
    for size in (1, 4, n):
        layout = pack(sequences, np.arange(n), np.arange(n) // size)
        gradients, at = 0, 0
        for batch in batches(layout, DOUBLE, "cpu"):
            rows = layout.order[at : at + batch.size]
            net.backpropagate(batch, target[rows], weight[rows])
            gradients, at = gradients + net.gradient.clone(), at + batch.size
        total[size] = gradients
    torch.testing.assert_close(total[1], total[n], rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(total[4], total[n], rtol=1e-11, atol=1e-12)


def test_only_empty_series_give_h0():
    net = network(2, symbolic=False)
    empty = Sequences(np.empty((0, 2)), np.zeros(3, dtype=np.int64))
    assert torch.equal(hidden(net, empty), torch.zeros(3, 6, dtype=DOUBLE))
