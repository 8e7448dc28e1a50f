"""The fast recurrence and its gradient against the slow loop of `reference`."""

import numpy as np
import pytest
import reference
import torch
from small import (
    CELLS,
    CPU,
    DOUBLE,
    EVERYTHING,
    NONE,
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
    whitened,
    windows,
)

from skrnn.input.windows import Window
from skrnn.net.architecture import Architecture
from skrnn.net.batches import pack
from skrnn.net.network import LabelledBatch, Network


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series, windows, whitened])
@pytest.mark.parametrize("dropout", [False, True])
def test_loss_and_gradient_are_those_of_the_reference(data, cell, activation, variant, dropout):
    check_gradient(data, "cross_entropy", dropout, cell=cell, activation=activation, **variant)


@pytest.mark.parametrize("data", [symbols, ngrams])
@pytest.mark.parametrize("dropout", [False, True])
def test_without_a_recurrence_only_ngrams_are_read(data, dropout):
    check_gradient(data, "cross_entropy", dropout, **NONE)


@pytest.mark.parametrize("variant", [{}, VARIANTS[-1], NONE], ids=str)
@pytest.mark.parametrize("kind", ["binary_cross_entropy", "squared_error"])
@pytest.mark.parametrize("data", [symbols, ngrams, series, whitened])
def test_gradients_of_the_other_losses_are_those_of_the_reference(data, kind, variant):
    if data not in (series, whitened) or variant is not NONE:
        check_gradient(data, kind, True, **variant)


def check_gradient(data, kind, dropout, **variant):
    sequences, inputs = data()
    n = len(sequences)
    net = network(kind, **inputs, **variant)
    rng = torch.Generator().manual_seed(1)
    target = torch.arange(n) % 3
    if kind != "cross_entropy":
        target = (torch.rand(n, net.architecture.n_outputs, generator=rng) > 0.5).to(DOUBLE)
    weight = torch.rand(n, generator=rng, dtype=DOUBLE)
    batch, order = single_batch(sequences, net.architecture.window)
    factor = None
    if dropout:
        shape = n, net.architecture.vector_size
        factor = 2.0 * (torch.rand(shape, generator=rng) > 0.5).to(DOUBLE)
    fast, gradient = net.backpropagate(
        LabelledBatch(batch, target[order], weight[order], factor[order] if dropout else None)
    )
    p = parameters(net)
    slow = reference.total_loss(
        net.architecture, p, pieces(sequences), target, weight, kind, factor
    )
    slow.backward()
    torch.testing.assert_close(fast, slow.detach(), rtol=1e-12, atol=1e-12)
    found = by_name(net, gradient)
    assert set(found) == set(p) - {"P"}  # which is not learned
    for name, own in found.items():
        expected = torch.zeros_like(own) if p[name].grad is None else p[name].grad
        torch.testing.assert_close(
            own, expected, rtol=1e-10, atol=1e-12, msg=lambda m, n=name: f"{n}: {m}"
        )


def test_tables_have_gradients_of_the_columns_that_are_read():
    sequences, inputs = ngrams()
    net, some = network(**inputs), sequences.take(np.array([1, 3, 9]))
    batch, _ = single_batch(some)
    given = LabelledBatch(batch, torch.tensor([0, 1, 2]), torch.ones(3, dtype=DOUBLE))
    _, gradient = net.backpropagate(given)
    assert gradient.U.rows.tolist() == sorted(set(some.values.tolist()))
    assert gradient.G.rows.tolist() == sorted(set(some.ngrams.columns.tolist()))
    assert gradient.U.values.shape == (len(gradient.U.rows), 4)
    assert gradient.G.values.shape == (len(gradient.G.rows), 3)


def test_without_ngrams_g_has_no_gradient_and_of_numbers_all_of_u_has_one():
    for data in (symbols, series):
        sequences, inputs = data()
        batch, _ = single_batch(sequences)
        target, weight = torch.zeros(9, dtype=torch.int64), torch.ones(9, dtype=DOUBLE)
        _, gradient = network(**inputs).backpropagate(LabelledBatch(batch, target, weight))
        assert gradient.G is None
    assert gradient.U.rows is None and gradient.U.values.shape == (2, 4)


def test_the_whitening_is_a_matrix_of_the_steps_in_front_of_u():
    """U P x_t of a window is what the net without it gives for P times the steps of x_t."""
    sequences, inputs = whitened()
    net, P = network(**inputs), inputs["whitening"]
    x = inputs["window"].cut(sequences).values
    by_hand = np.einsum("ij,njd->nid", P, x.reshape(-1, 4, 2)).reshape(-1, 8)
    torch.testing.assert_close(net.embed(torch.tensor(x)), torch.tensor(by_hand) @ net.weights.U)
    plain = network(**windows()[1])
    assert plain.input_weights() is plain.weights.U
    assert torch.equal(plain.weights.U, net.weights.U)


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_the_whitening_has_the_dtype_of_the_weights(dtype):
    architecture = Architecture(8, 4, 3, symbols=False, window=Window(4, 3))
    net = Network(architecture, whitening=np.eye(4), dtype=dtype)
    assert net.whitening.dtype == dtype and net.input_weights().dtype == dtype


@pytest.mark.parametrize("variant", [{}, {"pooling": EVERYTHING, "bidirectional": True}, NONE])
def test_the_vector_is_what_is_pooled_and_then_g(variant):
    sequences, inputs = ngrams()
    net, p = network(**inputs, **variant), None
    batch, order = single_batch(sequences)
    activations, p = net.forward(batch), parameters(net)
    samples = [pieces(sequences)[i] for i in order]
    g = torch.stack([reference.sum_ngrams(p, s.columns, s.scale) for s in samples]).detach()
    torch.testing.assert_close(net.sum_ngrams(batch.ngrams), g)
    hidden = net.hidden_vectors(activations)
    assert hidden.shape == (10, net.architecture.hidden_size)
    torch.testing.assert_close(net.vectors(activations), torch.cat([hidden, g], 1))
    assert not g[order.tolist().index(9)].any()  # of the sequence without known n-grams


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("data", [symbols, series, whitened])
def test_each_input_can_be_multiplied(data, variant):
    sequences, inputs = data()
    net = network(**inputs, **variant)
    batch, order = single_batch(sequences, net.architecture.window)
    n_steps = len(batch.sequence_index)
    factor = torch.rand(n_steps, 1, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    states, p = net.forward(batch, x_factor=factor).h, parameters(net)
    for rank, i in enumerate(order):
        mine, values = batch.sequence_index == rank, pieces(sequences)[i].values
        slow, _ = reference.unroll(net.architecture, p, values, factor[mine])
        for h, expected in zip(states[mine], zip(*slow)):
            torch.testing.assert_close(h, torch.cat(expected).detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("data", [ngrams, whitened])
def test_gradient_of_the_loss_by_finite_differences(data):
    """The reference itself, and the fast gradient, against the loss alone."""
    sequences, inputs = data()
    net, n = network(**inputs), len(sequences)
    batch, order = single_batch(sequences, net.architecture.window)
    target, weight = torch.arange(n)[order] % 3, torch.ones(n, dtype=DOUBLE)
    given, eps = LabelledBatch(batch, target, weight), 1e-6
    _, gradient = net.backpropagate(given)
    found = by_name(net, gradient)
    tables = (net.weights.U, found["U"].T), (net.weights.G, found["G"].T)
    for part, own in ((net.weights.dense, gradient.dense), *tables):
        part, own = part.view(-1), own.reshape(-1)
        for i in range(0, len(part), 7):
            part[i] += eps
            up = net.backpropagate(given)[0].item()
            part[i] -= 2 * eps
            down = net.backpropagate(given)[0].item()
            part[i] += eps
            assert (up - down) / (2 * eps) == pytest.approx(own[i].item(), abs=1e-6)


def test_without_bias_only_the_matrices_have_a_gradient():
    sequences, inputs = symbols()
    net = network(**inputs, bias=False)
    batch, _ = single_batch(sequences)
    given = LabelledBatch(batch, torch.zeros(9, dtype=torch.int64), torch.ones(9, dtype=DOUBLE))
    parts = net.weights.views_of(net.backpropagate(given)[1].dense)
    known = {name: bool(part.count_nonzero()) for name, part in parts.items() if len(part)}
    assert known == {"W": True, "V": True, "b": False, "c": False}


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_unroll_is_that_of_the_reference_at_every_step(cell, activation):
    net = network(n_inputs=10, symbols=True, cell=cell, activation=activation)
    states, _ = reference.unroll(net.architecture, parameters(net), torch.tensor([3, 5, 9, 3]))
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
    sequences, inputs = ngrams()
    n = len(sequences)
    net = network(**inputs)
    target, weight = torch.arange(n) % 3, torch.ones(n, dtype=DOUBLE)
    total = {}
    for size in (1, 4, n):
        packed = pack(sequences, np.arange(n), np.arange(n) // size)
        summed, at = {}, 0
        for batch in packed.batches(DOUBLE, CPU, readers=True):
            rows = packed.order[at : at + batch.size]
            _, gradient = net.backpropagate(LabelledBatch(batch, target[rows], weight[rows]))
            for name, own in by_name(net, gradient).items():
                summed[name] = summed.get(name, 0) + own.clone()
            at += batch.size
        total[size] = summed
    for name in total[n]:
        torch.testing.assert_close(total[1][name], total[n][name], rtol=1e-11, atol=1e-12)
        torch.testing.assert_close(total[4][name], total[n][name], rtol=1e-11, atol=1e-12)
