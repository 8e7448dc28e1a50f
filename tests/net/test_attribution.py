"""Integrated gradients, against sums that are known."""

from dataclasses import replace

import numpy as np
import pytest
import reference
import torch
from small import (
    CELLS,
    EVERYTHING,
    NONE,
    network,
    ngrams,
    parameters,
    pieces,
    series,
    symbols,
    whitened,
    windows,
)

from skrnn.input.sequences import Sequences
from skrnn.input.windows import Window
from skrnn.net import attribution
from skrnn.net.frozen import FrozenNetwork

ORIGIN = np.array([0.3, -0.2])


def contributions(net, sequence, output, origin=None, steps=(), **options):
    return attribution.contributions(net, sequence, output, origin, np.array(steps, int), **options)


def steps_of(sequence):
    """Let the n-grams of a sequence end at any of its steps."""
    n = 0 if sequence.ngrams is None else sequence.ngrams.counts[0]
    return np.arange(n) * 7 % sequence.lengths[0]


def score_of(net, sequence, output):
    return net.scores(FrozenNetwork(net).vectors(sequence))[0, output].item()


@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, ngrams, series, windows, whitened])
@pytest.mark.parametrize("pooling", [("last", "mean"), EVERYTHING])
def test_what_the_steps_get_sums_to_the_difference(data, cell, activation, pooling):
    sequences, inputs = data()
    net = network(**inputs, cell=cell, activation=activation, pooling=pooling, bidirectional=True)
    sequence = sequences.take([0])
    parts, score, baseline = contributions(net, sequence, 1, ORIGIN, steps_of(sequence))
    assert parts.shape == (sequence.lengths[0],)
    assert score == pytest.approx(score_of(net, sequence, 1), rel=1e-10)
    rtol = 1e-3 if activation == "relu" or "max" in pooling else 1e-4
    assert parts.sum().item() == pytest.approx(score - baseline, abs=rtol * max(1, abs(score)))


@pytest.mark.parametrize("data", [series, windows, whitened])
def test_the_baseline_of_series_is_their_origin(data):
    sequences, inputs = data()
    net, sequence = network(**inputs), sequences.take([0])
    _, _, baseline = contributions(net, sequence, 0, ORIGIN)
    still = Sequences(np.tile(ORIGIN, (sequence.lengths[0], 1)), sequence.lengths)
    assert baseline == pytest.approx(score_of(net, still, 0), rel=1e-10)
    parts, score, baseline = contributions(net, still, 0, ORIGIN)
    assert parts.abs().max() == 0 and score == pytest.approx(baseline)


@pytest.mark.parametrize("row", range(10))
def test_an_ngram_adds_its_share_of_g_where_it_ends(row):
    """Beside the same sequence without n-grams; without anything o = c."""
    sequences, inputs = ngrams()
    net, sequence = network(**inputs), sequences.take([row])
    steps, (scale,) = steps_of(sequence), sequence.ngrams.scale
    parts, score, baseline = contributions(net, sequence, 2, None, steps)
    bare = network(**symbols()[1])
    for name, view in bare.weights.views.items():
        view.copy_(net.weights.views[name][:, :4] if name == "V" else net.weights.views[name])
    bare.weights.U.copy_(net.weights.U)
    expected, without, same = contributions(bare, replace(sequence, ngrams=None), 2)
    V = net.weights.views["V"][2, 4:]
    for step, column in zip(steps, sequence.ngrams.columns):
        expected[step] += scale * (net.weights.G[column] @ V)
    torch.testing.assert_close(parts, expected)
    assert baseline == pytest.approx(same) and score == pytest.approx(score_of(net, sequence, 2))
    added = scale * net.weights.G[sequence.ngrams.columns].sum(0) @ V
    assert score == pytest.approx(without + added.item())


@pytest.mark.parametrize("row", [0, 2, 5, 9])
def test_without_a_recurrence_only_ngrams_add_something(row):
    sequences, inputs = ngrams()
    net, sequence = network(**inputs, **NONE), sequences.take([row])
    parts, score, baseline = contributions(net, sequence, 1, None, steps_of(sequence))
    assert parts.shape == (sequence.lengths[0],)
    assert baseline == pytest.approx(net.weights.views["c"][1].item())
    assert score == pytest.approx(score_of(net, sequence, 1))
    assert parts.sum().item() == pytest.approx(score - baseline)


def test_in_a_linear_net_each_step_gets_its_own_term():
    """With W = 0 and the identity o = V mean(U x_t + b) + c: step t adds V U x_t / T."""
    sequences, inputs = symbols()
    net = network(**inputs, pooling=("mean",), activation="identity")
    net.weights.views["W"].zero_()
    sequence = sequences.take([0])
    parts, _, baseline = contributions(net, sequence, 2)
    V, b, c = (net.weights.views[name] for name in "Vbc")
    U = net.weights.U[sequence.values]
    torch.testing.assert_close(parts, U @ V[2] / len(U))
    assert baseline == pytest.approx((V[2] @ b + c[2]).item())


def test_pieces_that_do_not_sum_are_halved_until_there_are_too_many(monkeypatch):
    sequences, inputs = symbols()
    net, sequence = network(**inputs), sequences.take([0])
    net.weights.U.mul_(20)  # steep
    asked, honest = [], attribution._Path.parts

    def parts(path, start, stop):
        asked.append(len(start))
        assert (stop > start).all() and start.min() >= 0 and stop.max() <= 1
        return honest(path, start, stop)

    monkeypatch.setattr(attribution._Path, "parts", parts)
    one, score, baseline = contributions(net, sequence, 0)
    assert one.sum().item() == pytest.approx(score - baseline, abs=1e-4 * abs(score))
    assert asked[:3] == [1, 2, 2]
    asked.clear()
    contributions(net, sequence, 0, max_pieces=3)
    assert asked == [1, 2]


@pytest.mark.parametrize("data", [symbols, series, whitened])
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
        ({"cell": "gru", "pooling": ("mean", "last")}, 1e-5),
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
    contributions(network(**inputs, **options), sequences.take([0]), 0)
    assert asked == [(tol, 1000)]


@pytest.mark.parametrize("data", [series, windows, whitened])
def test_an_empty_series_has_no_contributions(data):
    sequences, inputs = data()
    parts, score, baseline = contributions(network(**inputs), sequences.take([2]), 0, ORIGIN)
    assert parts.shape == (0,) and score == baseline


@pytest.mark.parametrize("data", [windows, whitened])
@pytest.mark.parametrize("row", [0, 1, 3, 4, 6, 8])
def test_in_a_linear_net_each_step_gets_its_term_of_every_window(data, row):
    """o is linear in the numbers: a step gets its gradient times its distance from the origin."""
    sequences, inputs = data()
    net = network(**inputs, pooling=("mean",), activation="identity")
    net.weights.views["W"].zero_()
    sequence = sequences.take([row])
    p = {name: matrix.detach() for name, matrix in parameters(net).items()}
    x = pieces(sequence)[0].values.requires_grad_()
    found = reference.vectors(x, net.architecture, p.get("P"))
    (p["U"] @ torch.stack(found).mean(0) @ p["V"][2]).backward()
    expected = (x.grad * (x.detach() - torch.tensor(ORIGIN))).sum(1)
    parts, _, _ = contributions(net, sequence, 2, ORIGIN)
    torch.testing.assert_close(parts, expected)


def test_a_step_gets_what_it_has_in_all_windows():
    """Of five steps in windows of three, two apart, the middle one is in two; short ones go on."""
    parts = torch.arange(1.0, 7)
    assert attribution._of_steps(parts, Window(3, 2), 5).tolist() == [1, 2, 3 + 4, 5, 6]
    assert attribution._of_steps(parts, Window(3, 2), 4).tolist() == [1, 2 + 4, 3 + 5, 6]
    assert attribution._of_steps(parts[:3], Window(3, 2), 2).tolist() == [1, 2 + 3]
    assert attribution._of_steps(parts[:0], Window(3, 2), 0).tolist() == []
