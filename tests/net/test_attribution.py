"""Integrated gradients, against sums that are known."""

import numpy as np
import pytest
import torch
from small import CELLS, EVERYTHING, network, ngrams, series, symbols

from skrnn.net import attribution
from skrnn.net.attribution import contributions
from skrnn.net.inference import vectors

ORIGIN = np.array([0.3, -0.2])


def score_of(net, sequence, output):
    return net.scores(vectors(net, sequence))[0, output].item()


@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
@pytest.mark.parametrize("pooling", [("mean", "bag"), EVERYTHING])
def test_what_the_steps_get_sums_to_the_difference(data, cell, activation, pooling):
    sequences, inputs = data()
    net = network(**inputs, cell=cell, activation=activation, pooling=pooling, bidirectional=True)
    sequence = sequences.take([0])
    parts, score, baseline = contributions(net, sequence, 1, ORIGIN)
    assert parts.shape == (sequence.lengths[0],)
    assert score == pytest.approx(score_of(net, sequence, 1), rel=1e-10)
    rtol = 1e-3 if activation == "relu" or "max" in pooling else 1e-4
    assert parts.sum().item() == pytest.approx(score - baseline, abs=rtol * max(1, abs(score)))


def test_the_baseline_of_series_is_their_origin():
    sequences, inputs = series()
    net, sequence = network(**inputs), sequences.take([0])
    _, _, baseline = contributions(net, sequence, 0, ORIGIN)
    still = sequence.__class__(np.tile(ORIGIN, (5, 1)), np.array([5]))
    assert baseline == pytest.approx(score_of(net, still, 0), rel=1e-10)
    parts, score, baseline = contributions(net, still, 0, ORIGIN)
    assert parts.abs().max() == 0 and score == pytest.approx(baseline)


def test_in_a_linear_net_each_step_gets_its_own_term():
    """o = V sum U x_t / sqrt(T) + c: step t adds V U x_t / sqrt(T)."""
    sequences, inputs = symbols()
    net, sequence = network(**inputs, pooling=("bag",)), sequences.take([0])
    parts, _, baseline = contributions(net, sequence, 2, None)
    U = net.weights.table[sequence.values[:, 0]]
    torch.testing.assert_close(parts, U @ net.weights.views["V"][2] / len(U) ** 0.5)
    assert baseline == pytest.approx(net.weights.views["c"][2].item())


def test_pieces_that_do_not_sum_are_halved_until_there_are_too_many(monkeypatch):
    sequences, inputs = symbols()
    net, sequence = network(**inputs), sequences.take([0])
    net.weights.table.mul_(20)  # steep
    asked, honest = [], attribution._Path.parts

    def parts(path, start, stop):
        asked.append(len(start))
        assert (stop > start).all() and start.min() >= 0 and stop.max() <= 1
        return honest(path, start, stop)

    monkeypatch.setattr(attribution._Path, "parts", parts)
    one, score, baseline = contributions(net, sequence, 0, None)
    assert one.sum().item() == pytest.approx(score - baseline, abs=1e-4 * abs(score))
    assert asked[:3] == [1, 2, 2]
    asked.clear()
    contributions(net, sequence, 0, None, max_pieces=3)
    assert asked == [1, 2]


@pytest.mark.parametrize("data", [symbols, series])
def test_parts_do_not_depend_on_how_much_is_computed_at_once(data, monkeypatch):
    sequences, inputs = data()
    net, sequence = network(**inputs), sequences.take([0])
    whole, _, _ = contributions(net, sequence, 0, ORIGIN)
    monkeypatch.setattr(attribution, "NUMBERS_AT_ONCE", 40)
    torch.testing.assert_close(contributions(net, sequence, 0, ORIGIN)[0], whole)


@pytest.mark.parametrize(
    ("options", "tol"),
    [
        ({}, 1e-5),
        ({"activation": "relu"}, 1e-4),
        ({"pooling": ("last", "max")}, 1e-4),
        ({"cell": "gru", "pooling": ("mean", "bag")}, 1e-5),
    ],
)
def test_the_tolerance_is_larger_where_the_gradient_jumps(options, tol, monkeypatch):
    asked, honest = [], attribution._integrate
    monkeypatch.setattr(
        attribution,
        "_integrate",
        lambda path, tol, n: asked.append((tol, n)) or honest(path, tol, n),
    )
    sequences, inputs = symbols()
    contributions(network(**inputs, **options), sequences.take([0]), 0, None)
    assert asked == [(tol, 1000)]


def test_an_empty_series_has_no_contributions():
    sequences, inputs = series()
    parts, score, baseline = contributions(network(**inputs), sequences.take([2]), 0, ORIGIN)
    assert parts.shape == (0,) and score == baseline
