"""The fast recurrence and its gradient against the slow loop of `reference`."""

import numpy as np
import pytest
import reference
import torch

from skrnn import _applying
from skrnn._alphabet import Alphabet
from skrnn._applying import vectors
from skrnn._layout import pack
from skrnn._network import Network
from skrnn._recurrence import batches
from skrnn._sequences import Sequences, from_arrays
from skrnn._weights import Shape, Weights

DOUBLE = torch.float64
WORDS = ["katze", "cat", "", "act", "a", None, "cat", "hat", "katzekatze"]
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
EVERYTHING = ("last", "mean", "max", "bag")


def symbols():
    alphabet = Alphabet("acehktz")
    return alphabet.encode(WORDS), {"n_inputs": len(alphabet), "symbols": True}


def ngrams():
    alphabet = Alphabet.learn(WORDS[:4], np.ones(4), ngram_range=(1, 3))
    return alphabet.encode(WORDS), {"n_inputs": len(alphabet), "symbols": True}


def series():
    rng = np.random.default_rng(0)
    lengths = [5, 3, 0, 3, 1, 7, 2, 0, 3]
    arrays = [rng.normal(size=(n, 2)) for n in lengths]
    return from_arrays(arrays), {"n_inputs": 2, "symbols": False}


def pieces(sequences):
    """Cut `Sequences` into one tensor a sequence."""
    return torch.as_tensor(sequences.values).split(sequences.lengths.tolist())


def network(kind="cross_entropy", **shape):
    n_outputs = 2 if kind == "squared_error" else 3
    net = Network(Shape(nhidden=4, n_outputs=n_outputs, **shape), loss=kind, dtype=DOUBLE)
    generator = torch.Generator().manual_seed(0)
    for part in (net.weights.dense, net.weights.table[: net.shape.n_inputs]):
        part.copy_(torch.randn(part.shape, generator=generator, dtype=DOUBLE) / 2)
    return net


def parameters(net):
    """Give copies of all parameters that autograd follows, by their names."""
    copies = {name: view.clone().requires_grad_() for name, view in net.weights.views.items()}
    U = net.weights.table[: net.shape.n_inputs].T / net.shape.gain
    copies["U"] = U.clone().requires_grad_()
    return copies


def gradients(net):
    U = torch.zeros_like(net.weights.table)
    U[slice(None) if net.weights.touched is None else net.weights.touched] = net.weights.dtable
    return {**net.weights.gradients, "U": U[: net.shape.n_inputs].T * net.shape.gain}


def single_batch(net, sequences):
    n, n_columns = len(sequences), net.shape.n_inputs if net.shape.symbols else None
    layout = pack(sequences, np.arange(n), np.zeros(n, dtype=int))
    (batch,) = batches(layout, DOUBLE, "cpu", n_columns)
    return batch, layout.order


VARIANTS = [
    {},
    {"pooling": ("mean", "bag")},
    {"pooling": ("max",)},
    {"pooling": EVERYTHING},
    {"bidirectional": True, "pooling": EVERYTHING},
    {"n_layers": 3},
    {"n_layers": 2, "bidirectional": True, "pooling": EVERYTHING},
]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_vectors_are_those_of_the_reference(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    p = parameters(net)
    expected = torch.stack([reference.pooled(net.shape, p, x) for x in pieces(sequences)])
    torch.testing.assert_close(vectors(net, sequences), expected.detach(), rtol=1e-12, atol=1e-12)


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
        target = (torch.rand(n, net.shape.n_outputs, generator=rng) > 0.5).to(DOUBLE)
    weight = torch.rand(n, generator=rng, dtype=DOUBLE)
    batch, order = single_batch(net, sequences)
    drop_h = drop_x = one_by_one = None
    if dropout:
        drop_h = 2.0 * (torch.rand(n, net.shape.width, generator=rng) > 0.5).to(DOUBLE)
        shape = len(batch.owner), net.weights.table.shape[1]
        drop_x = 2.0 * (torch.rand(shape, generator=rng) > 0.5).to(DOUBLE)
        place = {int(row): rank for rank, row in enumerate(order)}
        one_by_one = [drop_x[batch.owner == place[i]] for i in range(n)]

    fast = net.backpropagate(
        batch, target[order], weight[order], drop_h[order] if dropout else None, drop_x
    )
    p = parameters(net)
    slow = reference.total_loss(
        net.shape, p, pieces(sequences), target, weight, kind, drop_h, one_by_one
    )
    slow.backward()
    torch.testing.assert_close(fast, slow.detach(), rtol=1e-12, atol=1e-12)
    for name, own in gradients(net).items():
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
    net.backpropagate(batch, target, weight)
    gradient, eps = net.weights.ddense.clone(), 1e-6
    for i in range(0, len(gradient), 7):
        net.weights.dense[i] += eps
        up = net.backpropagate(batch, target, weight).item()
        net.weights.dense[i] -= 2 * eps
        down = net.backpropagate(batch, target, weight).item()
        net.weights.dense[i] += eps
        assert (up - down) / (2 * eps) == pytest.approx(gradient[i].item(), abs=1e-6)


def test_without_bias_only_the_matrices_have_a_gradient():
    sequences, inputs = symbols()
    net = network(**inputs, bias=False)
    batch, _ = single_batch(net, sequences)
    net.backpropagate(batch, torch.zeros(9, dtype=torch.int64), torch.ones(9, dtype=DOUBLE))
    known = {name: bool(g.count_nonzero()) for name, g in net.weights.gradients.items() if len(g)}
    assert known == {"W": True, "V": True, "b": False, "c": False}


def states_of(net, values, state=None):
    """Unroll one sequence with the fast code: every h_t."""
    values = np.array(values)[:, None]
    batch, _ = single_batch(net, Sequences(values, np.array([len(values)])))
    return net.forward(batch, state)[0].h


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_unroll_is_that_of_the_reference_at_every_step(cell, activation):
    net = network(n_inputs=10, symbols=True, cell=cell, activation=activation)
    states, _ = reference.unroll(net.shape, parameters(net), torch.tensor([[3], [5], [9], [3]]))
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


def test_order_matters_but_in_a_bag():
    for pooling, differs in (("last", True), ("mean", True), ("max", True), ("bag", False)):
        net = network(n_inputs=10, symbols=True, pooling=(pooling,))
        values = np.array([4, 3, 8, 3, 4, 8])[:, None]  # cat and act
        h = vectors(net, Sequences(values, np.array([3, 3])))
        assert bool((h[0] - h[1]).abs().max() > 1e-3) is differs, pooling


@pytest.mark.parametrize("variant", [{}, VARIANTS[-1]], ids=str)
def test_batch_mates_batch_size_and_row_order_change_nothing(variant):
    sequences, inputs = ngrams()
    net = network(**inputs, **variant)
    h = vectors(net, sequences)
    order = np.random.default_rng(0).permutation(len(sequences))
    shuffled = vectors(net, sequences.take(order))
    torch.testing.assert_close(shuffled, h[order], rtol=1e-12, atol=1e-13)
    for i in range(len(sequences)):
        alone = vectors(net, sequences.take([i]))
        torch.testing.assert_close(alone[0], h[i], rtol=1e-12, atol=1e-13)


def test_gradient_of_two_batches_is_the_sum_over_single_sequences():
    sequences, inputs = symbols()
    n = len(sequences)
    net = network(**inputs)
    target, weight = torch.arange(n) % 3, torch.ones(n, dtype=DOUBLE)
    total = {}
    for size in (1, 4, n):
        layout = pack(sequences, np.arange(n), np.arange(n) // size)
        summed, at = {}, 0
        for batch in batches(layout, DOUBLE, "cpu", net.shape.n_inputs):
            rows = layout.order[at : at + batch.size]
            net.backpropagate(batch, target[rows], weight[rows])
            for name, own in gradients(net).items():
                summed[name] = summed.get(name, 0) + own.clone()
            at += batch.size
        total[size] = summed
    for name in total[n]:
        torch.testing.assert_close(total[1][name], total[n][name], rtol=1e-11, atol=1e-12)
        torch.testing.assert_close(total[4][name], total[n][name], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_a_network_around_fitted_arrays_gives_the_same_vectors(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    around = Weights.around(net.shape, net.weights.arrays(), dtype=DOUBLE, device="cpu")
    again = Network(net.shape, weights=around)
    torch.testing.assert_close(
        vectors(again, sequences), vectors(net, sequences), rtol=1e-12, atol=1e-12
    )


def test_u_is_not_copied_to_be_applied():
    net = network(n_inputs=10, symbols=True)
    matrices = net.weights.arrays()
    again = Weights.around(net.shape, matrices, dtype=DOUBLE, device="cpu")
    assert np.shares_memory(again.table.numpy(), matrices.U)
    U = np.ascontiguousarray(matrices.U)
    U.flags.writeable = False
    matrices = matrices._replace(U=U)
    again = Weights.around(net.shape, matrices, dtype=DOUBLE, device="cpu")
    np.testing.assert_array_equal(again.table.numpy().T, U)


@pytest.mark.parametrize("variant", [VARIANTS[4], VARIANTS[5]], ids=str)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_vectors_do_not_depend_on_how_much_is_computed_at_once(data, variant, monkeypatch):
    sequences, inputs = data()
    net = network(**inputs, **variant)
    whole = vectors(net, sequences)
    monkeypatch.setattr(_applying, "STEPS_AT_ONCE", 5)
    monkeypatch.setattr(_applying, "FEWEST_AT_ONCE", 2)
    monkeypatch.setattr(_applying, "NUMBERS_AT_ONCE", 12)
    torch.testing.assert_close(vectors(net, sequences), whole, rtol=1e-12, atol=1e-13)


def test_only_empty_series_give_h0():
    net = network(n_inputs=2, symbols=False, pooling=EVERYTHING)
    empty = Sequences(np.empty((0, 2)), np.zeros(3, dtype=np.int64))
    assert torch.equal(vectors(net, empty), torch.zeros(3, 16, dtype=DOUBLE))
