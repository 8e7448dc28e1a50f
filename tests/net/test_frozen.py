"""Vectors of many sequences at once, against the slow loop and against one sequence alone."""

import numpy as np
import pytest
import reference
import torch
from small import (
    CELLS,
    DOUBLE,
    EVERYTHING,
    NONE,
    VARIANTS,
    network,
    ngrams,
    parameters,
    pieces,
    series,
    single_batch,
    symbols,
)

from skrnn.input.sequences import Ngrams, Sequences
from skrnn.net import frozen, inference
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.network import Network
from skrnn.net.weights import Weights


def vectors(network, sequences):
    return FrozenNetwork(network).vectors(sequences)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_vectors_are_those_of_the_reference(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    p = parameters(net)
    expected = torch.stack([reference.vector(net.architecture, p, x) for x in pieces(sequences)])
    torch.testing.assert_close(vectors(net, sequences), expected.detach(), rtol=1e-12, atol=1e-12)


def test_without_a_recurrence_vectors_are_the_sums_of_ngrams():
    sequences, inputs = ngrams()
    net = network(**inputs, **NONE)
    p = parameters(net)
    expected = [reference.sum_ngrams(p, x.columns, x.scale) for x in pieces(sequences)]
    h = vectors(net, sequences)
    assert h.shape == (10, 3) and not h[9].any() and h[:9].any(1).all()
    torch.testing.assert_close(h, torch.stack(expected).detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("variant", [*VARIANTS, NONE], ids=str)
def test_vectors_by_prefixes_are_those_of_a_batch_in_training(variant):
    sequences, inputs = ngrams()
    net = network(**inputs, **variant)
    batch, order = single_batch(sequences)
    expected = net.vectors(net.forward(batch))
    torch.testing.assert_close(vectors(net, sequences)[order], expected, rtol=1e-12, atol=1e-13)


def test_order_matters_to_the_recurrence_and_not_to_the_sum_of_ngrams():
    values = np.array([4, 3, 8, 3, 4, 8], dtype=np.int32)  # cat and act
    letters = Ngrams(values, np.array([3, 3]), np.ones(2))
    sequences = Sequences(values, np.array([3, 3]), letters)
    for pooling in EVERYTHING:
        net = network(n_inputs=10, symbols=True, pooling=(pooling,), n_ngrams=10, ngram_size=3)
        differ = (vectors(net, sequences)[0] - vectors(net, sequences)[1]).abs()
        assert differ[:4].max() > 1e-3 and differ[4:].max() < 1e-12, pooling


@pytest.mark.parametrize("variant", [{}, VARIANTS[-1], NONE], ids=str)
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


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_a_network_around_fitted_arrays_gives_the_same_vectors(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    around = Weights.from_matrices(
        net.architecture, net.weights.matrices(), dtype=DOUBLE, device="cpu"
    )
    again = Network(net.architecture, weights=around)
    torch.testing.assert_close(
        vectors(again, sequences), vectors(net, sequences), rtol=1e-12, atol=1e-12
    )


def test_u_and_g_are_not_copied_to_be_applied():
    net = network(n_inputs=10, symbols=True, n_ngrams=7, ngram_size=3)
    matrices = net.weights.matrices()
    again = Weights.from_matrices(net.architecture, matrices, dtype=DOUBLE, device="cpu")
    assert np.shares_memory(again.U.numpy(), matrices.U)
    assert np.shares_memory(again.G.numpy(), matrices.G)
    U, G = np.ascontiguousarray(matrices.U), np.ascontiguousarray(matrices.G)
    U.flags.writeable = G.flags.writeable = False
    matrices = matrices._replace(U=U, G=G)
    again = Weights.from_matrices(net.architecture, matrices, dtype=DOUBLE, device="cpu")
    np.testing.assert_array_equal(again.U.numpy().T, U)
    np.testing.assert_array_equal(again.G.numpy().T, G)


@pytest.mark.parametrize("numbers", [1, 12])
@pytest.mark.parametrize("variant", VARIANTS[4:], ids=str)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_vectors_do_not_depend_on_how_much_is_computed_at_once(data, variant, numbers, monkeypatch):
    sequences, inputs = data()
    net = network(**inputs, **variant)
    whole = vectors(net, sequences)
    monkeypatch.setattr(frozen, "STEPS_AT_ONCE", 5)
    monkeypatch.setattr(frozen, "MIN_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", numbers)
    torch.testing.assert_close(vectors(net, sequences), whole, rtol=1e-12, atol=1e-13)


def test_only_empty_series_give_h0():
    net = network(n_inputs=2, symbols=False, pooling=EVERYTHING)
    empty = Sequences(np.empty((0, 2)), np.zeros(3, dtype=np.int64))
    assert torch.equal(vectors(net, empty), torch.zeros(3, 12, dtype=DOUBLE))


def test_no_more_numbers_than_allowed_are_read_at_once(monkeypatch):
    """Of 400 strings of four steps, with four numbers a step, 100 have 1,600 numbers."""
    rng, net = np.random.default_rng(0), network(n_inputs=10, symbols=True)
    sequences, sizes = Sequences(rng.integers(10, size=1600).astype(np.int32), np.full(400, 4)), []
    honest = Sequences.take
    monkeypatch.setattr(
        Sequences, "take", lambda all, rows: sizes.append(len(rows)) or honest(all, rows)
    )
    monkeypatch.setattr(frozen, "NUMBERS_AT_ONCE", 1600)
    monkeypatch.setattr(frozen, "MIN_ROWS_AT_ONCE", 1)
    vectors(net, sequences)
    assert sum(sizes) == 400 and max(sizes) == 100


def test_no_more_numbers_than_allowed_are_in_a_batch(monkeypatch):
    """Four steps of eight numbers each may be in memory; the longest sequences come first."""
    sequences = Sequences(np.arange(12) % 10, np.array([2, 4, 3, 3]))
    net = network(n_inputs=10, symbols=True, bidirectional=True, n_layers=2)
    lengths, honest = [], Network.forward
    monkeypatch.setattr(
        Network,
        "forward",
        lambda net, batch: lengths.append(batch.lengths.tolist()) or honest(net, batch),
    )
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", 32)
    vectors(net, sequences)
    assert lengths == [[4, 3], [3], [2]]
