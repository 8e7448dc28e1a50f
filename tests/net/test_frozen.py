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
    skip_unless_rows_are_independent,
    symbols,
    whitened,
    windows,
)

from skrnn.input.sequences import Ngrams, Sequences
from skrnn.net import frozen, inference
from skrnn.net.architecture import Architecture
from skrnn.net.cells import GRU
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.network import Network
from skrnn.net.products import SMALLEST
from skrnn.net.weights import Weights

SINGLE = torch.float32
EPS = torch.finfo(SINGLE).eps
SHARING = [v for v in VARIANTS if not (v.get("bidirectional") and v.get("n_layers", 1) > 1)]


def vectors(network, sequences):
    return FrozenNetwork(network).vectors(sequences)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series, windows, whitened])
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


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [windows, whitened])
def test_vectors_of_windows_are_those_of_a_batch_in_training(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    batch, order = single_batch(sequences, net.architecture.window)
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


@pytest.mark.parametrize(
    "data, variant",
    [
        (ngrams, {}),
        (ngrams, VARIANTS[-1]),
        (ngrams, NONE),
        (whitened, VARIANTS[4]),
        (whitened, VARIANTS[-1]),
    ],
)
def test_batch_mates_batch_size_and_row_order_change_nothing(data, variant):
    sequences, inputs = data()
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
@pytest.mark.parametrize("data", [symbols, ngrams, series, windows])
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
@pytest.mark.parametrize("data", [symbols, ngrams, series, whitened])
def test_vectors_do_not_depend_on_how_much_is_computed_at_once(data, variant, numbers, monkeypatch):
    sequences, inputs = data()
    net = network(**inputs, **variant)
    whole = vectors(net, sequences)
    monkeypatch.setattr(frozen, "STEPS_AT_ONCE", 5)
    monkeypatch.setattr(frozen, "MIN_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", numbers)
    torch.testing.assert_close(vectors(net, sequences), whole, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("data", [series, windows, whitened])
@pytest.mark.parametrize("variant", [{}, {"n_layers": 2, "bidirectional": True}], ids=str)
def test_only_empty_series_give_h0(data, variant):
    net = network(**data()[1], **variant, pooling=EVERYTHING)
    empty = Sequences(np.empty((0, 2)), np.zeros(3, dtype=np.int64))
    width = net.architecture.vector_size
    assert torch.equal(vectors(net, empty), torch.zeros(3, width, dtype=DOUBLE))


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


# --- single precision ----------------------------------------------------------------


def assert_single(found, expected):
    """Compare what was computed in single precision with the same in double precision.

    A step rounds each number a few times, and an error is passed on to the next: ten steps of
    the nets here make up to 7 eps of the largest number, and twice as much is allowed.
    """
    limit = 16 * EPS * expected.abs().max().item()
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=limit)


@pytest.mark.parametrize("variant", SHARING, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_single_precision_loses_a_few_eps(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    p, single = parameters(net), FrozenNetwork(net, SINGLE)
    expected = torch.stack([reference.vector(net.architecture, p, x) for x in pieces(sequences)])
    found = single.vectors(sequences)
    assert found.dtype == SINGLE
    assert_single(found, expected.detach())
    assert_single(single.scores(found), (expected @ p["V"].T + p["c"]).detach())


def test_single_precision_without_a_recurrence_loses_a_few_eps():
    sequences, inputs = ngrams()
    net = network(**inputs, **NONE)
    p, single = parameters(net), FrozenNetwork(net, SINGLE)
    expected = torch.stack([reference.vector(net.architecture, p, x) for x in pieces(sequences)])
    assert_single(single.vectors(sequences), expected.detach())
    scores = single.scores(single.vectors(sequences))
    assert_single(scores, (expected @ p["V"].T + p["c"]).detach())


def many(data, n=200):
    """Random sequences of up to five steps, of which many begin alike, and the net's inputs."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(6, size=n)
    if data is series:
        values = rng.normal(size=(lengths.sum(), 2))
        return Sequences(values, lengths), {"n_inputs": 2, "symbols": False}
    values = rng.choice(10, lengths.sum(), p=np.r_[0.3, 0.2, 0.1, [0.4 / 7] * 7]).astype(np.int32)
    inputs = {"n_inputs": 10, "symbols": True}
    if data is symbols:
        return Sequences(values, lengths), inputs
    counts = rng.integers(30, size=n)
    columns = rng.integers(50, size=counts.sum()).astype(np.int32)
    bags = Ngrams(columns, counts, rng.uniform(0.2, 1, size=n))
    return Sequences(values, lengths, bags), {**inputs, "n_ngrams": 50, "ngram_size": 3}


def random_rows(n, times, seed=0):
    """Draw some of n rows in any order, small numbers of them as often as large ones."""
    rng = np.random.default_rng(seed)
    for size in np.exp(rng.uniform(0, np.log(n + 1), size=times)).astype(int):
        yield rng.choice(n, size, replace=False)


def assert_equal_bits(single, sequences, times=200):
    whole = single.vectors(sequences)
    scores = single.scores(whole)
    for rows in random_rows(len(sequences), times):
        some = single.vectors(sequences.take(rows))
        assert torch.equal(some, whole[rows]), rows
        assert torch.equal(single.scores(some), scores[rows]), rows


@pytest.mark.parametrize("variant", [*SHARING, NONE], ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_a_row_has_the_same_bits_whatever_is_beside_it(data, cell, activation, variant):
    sequences, inputs = many(data)
    net = network(cell=cell, activation=activation, **inputs, **variant)
    skip_unless_rows_are_independent(net.architecture)
    assert_equal_bits(FrozenNetwork(net, SINGLE), sequences)


def wider_network(nhidden, **shape):
    """Random weights; the states of a row no longer fit into a few vectors of the processor."""
    architecture = Architecture(nhidden=nhidden, n_outputs=11, **shape)
    weights, generator = Weights(architecture, dtype=DOUBLE), torch.Generator().manual_seed(0)
    for part in (weights.dense, weights.U, weights.G):
        part.copy_(torch.randn(part.shape, generator=generator, dtype=DOUBLE) / nhidden**0.5)
    return Network(architecture, weights=weights)


@pytest.mark.parametrize("nhidden", [13, 100])
@pytest.mark.parametrize("variant", [{"n_layers": 2}, SHARING[4]], ids=str)
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("data", [ngrams, series])
def test_a_row_of_a_wider_net_has_the_same_bits(data, cell, variant, nhidden):
    sequences, inputs = many(data)
    net = wider_network(nhidden, cell=cell, **inputs, **variant)
    skip_unless_rows_are_independent(net.architecture)
    assert_equal_bits(FrozenNetwork(net, SINGLE), sequences, times=20)


@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_a_row_has_the_same_bits_however_much_is_computed_at_once(data, monkeypatch):
    """Here some 40 steps are read together, of a few sequences."""
    sequences, inputs = many(data)
    net = network(cell="gru", bidirectional=True, pooling=EVERYTHING, **inputs)
    skip_unless_rows_are_independent(net.architecture)
    whole = FrozenNetwork(net, SINGLE).vectors(sequences)
    monkeypatch.setattr(frozen, "STEPS_AT_ONCE", 40)
    monkeypatch.setattr(frozen, "MIN_ROWS_AT_ONCE", 5)
    for enough in (1, 64, 1 << 10):
        monkeypatch.setattr(frozen, "ENOUGH_AT_ONCE", enough)
        assert torch.equal(FrozenNetwork(net, SINGLE).vectors(sequences), whole)


@pytest.mark.parametrize("data", [symbols, series])
def test_steps_are_filled_up_to_whole_blocks(data, monkeypatch):
    """The rest of a tensor that is not a whole block would be computed in another way."""
    sequences, inputs = many(data, n=70)
    net, sizes, honest = network(cell="gru", **inputs), [], GRU.step

    def step(cell, z, a, carried):
        sizes.append([len(part) for part in (z, a, *carried)])
        return honest(cell, z, a, carried)

    monkeypatch.setattr(GRU, "step", step)
    vectors(net, sequences)
    assert len(sizes) == 5
    assert all(len(set(of)) == 1 and of[0] % SMALLEST == 0 and of[0] for of in sizes)


def test_numbers_far_from_zero_lose_nothing():
    """1e6 apart from zero, x in single precision would be wrong by 0.03, and U x + b by more."""
    sequences, inputs = series()
    net, far = network(cell="gru", pooling=EVERYTHING, **inputs), 1e6
    expected = FrozenNetwork(net).vectors(sequences)
    moved = Sequences(sequences.values + far, sequences.lengths)
    views = net.weights.views
    views["b"] -= net.weights.U.sum(0) * far
    assert_single(FrozenNetwork(net, SINGLE).vectors(moved), expected)


def test_numbers_in_other_units_lose_nothing():
    sequences, inputs = series()
    net, units = network(cell="lstm", bidirectional=True, **inputs), np.array([1e-9, 1e12])
    expected = FrozenNetwork(net).vectors(sequences)
    scaled = Sequences((sequences.values + 7) * units, sequences.lengths)
    views, U = net.weights.views, net.weights.U
    views["b"] -= 7 * U.sum(0)
    U /= torch.from_numpy(units)[:, None]
    assert_single(FrozenNetwork(net, SINGLE).vectors(scaled), expected)


def test_scores_around_a_huge_number_keep_their_digits():
    """Around 1e9 single precision has steps of 64, and double precision of 1.2e-7."""
    sequences, inputs = ngrams()
    net = network("squared_error", **inputs)
    single = FrozenNetwork(net, SINGLE)
    h = single.vectors(sequences)
    expected = FrozenNetwork(net).scores(FrozenNetwork(net).vectors(sequences))
    net.weights.views["c"] += 1e9
    scores = single.scores(h)
    assert scores.dtype == DOUBLE
    limit = 16 * EPS * expected.abs().max().item()
    torch.testing.assert_close(scores - 1e9, expected, rtol=0, atol=limit)


def test_weights_and_sequences_are_kept():
    for data in (ngrams, series):
        sequences, inputs = many(data, n=40)
        net = network(cell="rnn", activation="relu", bidirectional=True, **inputs)
        before, values = net.weights.snapshot(), sequences.values.copy()
        single = FrozenNetwork(net, SINGLE)
        first = single.vectors(sequences)
        assert torch.equal(single.vectors(sequences), first)
        assert all(map(torch.equal, before, net.weights.snapshot()))
        np.testing.assert_array_equal(sequences.values, values)


@pytest.mark.parametrize("variant", [{}, VARIANTS[-1]], ids=str)
def test_the_number_of_threads_is_put_back_after_an_error(variant, monkeypatch):
    sequences, inputs = symbols()
    single, before = FrozenNetwork(network(**inputs, **variant)), torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        monkeypatch.setattr(frozen, "levels", None)
        monkeypatch.setattr(frozen, "read_by_batches", None)
        with pytest.raises(TypeError, match="not callable"):
            single.vectors(sequences)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_outputs_have_any_unit():
    net = network(**symbols()[1])
    frozen, V, c = FrozenNetwork(net, SINGLE), net.weights.views["V"], net.weights.views["c"]
    h = torch.randn(40, frozen.V.shape[0], dtype=SINGLE)
    before = frozen.scores(h) - c
    units = torch.tensor([2.0**-900, 2.0**800, 0.0], dtype=DOUBLE)
    V.mul_(units[:, None])
    c.zero_()
    after = FrozenNetwork(net, SINGLE).scores(h)
    torch.testing.assert_close(
        after / units.clamp(min=2.0**-900), before * (units > 0), rtol=1e-6, atol=1e-9
    )
