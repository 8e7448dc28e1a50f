"""Training from the first epoch to the last."""

import math

import numpy as np
import pytest
import torch
from small import NONE, fit, network, ngrams, plan, series, symbols, task

from skrnn.input.sequences import Examples
from skrnn.net import trainer
from skrnn.net.optimizer import Optimizer
from skrnn.net.schedules import SCHEDULES
from skrnn.net.trainer import FALLING, RISING, best_temperature, set_aside
from skrnn.net.training import DivergenceError, mean_losses


@pytest.mark.parametrize("name", ["onecycle", "constant"])
def test_the_step_size_follows_its_schedule_batch_by_batch(name, monkeypatch):
    rates = []
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: rates.append(rate))
    fit(*task(), plan(learning_rate_init=0.5, learning_rate=name))
    expected = [0.5 * SCHEDULES[name](step / 6) for step in range(6)]  # three batches, twice
    np.testing.assert_allclose(rates, expected)


def test_what_is_left_out_differs_from_epoch_to_epoch(seen):
    net, examples = task()
    fit(net, examples, plan(ngram_dropout=0.5))
    first, second = (
        sorted(torch.cat([g.batch.ngrams.columns for g in s]).tolist())
        for s in (seen[:3], seen[3:])
    )
    assert first != second


@pytest.mark.parametrize(
    "data, variant", [(ngrams, {}), (ngrams, NONE), (symbols, {}), (series, {})]
)
def test_training_lowers_the_loss(data, variant):
    net, examples = task(data, **variant)
    history = fit(net, examples, plan(max_iter=60, solver="adam", learning_rate_init=0.03))
    assert len(history.losses) == 60 and np.isfinite(history.losses).all()
    assert history.losses[-1] < history.losses[0] / 3


def many(n=40):
    """A net of symbols, and more examples than sequences."""
    sequences, inputs = symbols()
    rows = np.arange(n) % 9
    return network(**inputs), Examples(sequences, rows, rows % 3, np.arange(1.0, n + 1))


def weights_of(some):
    """List the weights of what the net was given, relative to their mean."""
    return torch.cat([given.weight * given.batch.size for given in some]).tolist()


def set_losses(monkeypatch, of_equal_scores, losses):
    """Say what the loss of those set aside is after each epoch."""
    left = [*losses]

    def mean_losses(network, examples, temperatures=(1.0,), group=None):
        return [left.pop(0) if len(temperatures) == 1 else t for t in temperatures]

    monkeypatch.setattr(trainer, "mean_losses", mean_losses)
    monkeypatch.setattr(trainer, "loss_of_zeros", lambda *given: of_equal_scores)


@pytest.mark.parametrize("losses, n_paying", [([5, 4, 3, 3], 3), ([5, 4, 4.5], 2), ([5, 6, 6], 1)])
def test_training_goes_back_to_the_last_epoch_that_paid(losses, n_paying, seen, monkeypatch):
    """Those set aside are learned from only afterwards, while the step size falls."""
    set_losses(monkeypatch, 9, losses)
    restored, kept = [], object()
    monkeypatch.setattr(Optimizer, "snapshot", lambda self: kept)
    monkeypatch.setattr(Optimizer, "restore", lambda self, snapshot: restored.append(snapshot))
    net, examples = many()
    history = fit(net, examples, plan(max_iter=60, adaptive=True))
    n_falling = max(RISING, round(n_paying * FALLING))
    assert len(history.losses) == len(losses) + n_falling and restored == [kept]
    n_batches = 9  # of 36 examples, four at once
    first, rest = seen[: n_batches * len(losses)], seen[n_batches * len(losses) :]
    assert len(weights_of(first)) == 36 * len(losses)
    assert len(weights_of(rest)) == 40 * n_falling
    last = np.array(weights_of(seen[-10:])) * examples.weight.mean()
    assert sorted(last.round().tolist()) == examples.weight.tolist()


def test_the_step_size_rises_stays_and_falls(monkeypatch):
    rates = []
    set_losses(monkeypatch, 9, [5, 4, 3, 2, 2])
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: rates.append(rate))
    fit(*many(), plan(max_iter=60, adaptive=True, learning_rate_init=0.5))
    rising, staying, falling = np.arange(18) / 36, np.full(27, 0.5), 0.5 * (1 - np.arange(20) / 20)
    np.testing.assert_allclose(rates, [*rising, *staying, *falling])


def test_a_loss_that_barely_falls_ends_nothing_before_its_time(monkeypatch):
    """What is learned late is learned: here in the sixth epoch."""
    set_losses(monkeypatch, 9, [9, 9.5, 9.6, 9.5, 9.7, 6, 6.5])
    assert len(fit(*many(), plan(max_iter=60, adaptive=True)).losses) == 7 + 3
    set_losses(monkeypatch, 9, [9] * 60)
    n_held = trainer.PLATEAU + 1
    assert len(fit(*many(), plan(max_iter=60, adaptive=True)).losses) == n_held + RISING


def test_scores_that_are_equal_have_the_loss_of_no_knowledge():
    net, examples = many()
    assert mean_losses(net, examples, [math.inf]) == [pytest.approx(math.log(3))]


def test_training_as_long_as_it_pays_is_bounded(monkeypatch):
    losses = iter(range(10_000, 0, -100))
    monkeypatch.setattr(trainer, "mean_losses", lambda *given, group: [next(losses)])
    monkeypatch.setattr(trainer, "best_temperature", lambda *given: 1.0)
    history = fit(*many(), plan(max_iter=30, adaptive=True))
    assert len(history.losses) == 30


def test_a_listener_ends_training_before_the_step_size_falls():
    listener = Listener(end_after=1)
    history = fit(*many(), plan(max_iter=30, adaptive=True), listener=listener)
    assert len(history.losses) == 1


def test_one_of_ten_examples_is_set_aside():
    _, examples = many(43)
    train, aside = set_aside(examples, torch.Generator().manual_seed(0))
    assert len(train.rows) == 39 and len(aside.rows) == 4
    assert sorted([*train.weight, *aside.weight]) == examples.weight.tolist()
    other, _ = set_aside(examples, torch.Generator().manual_seed(1))
    assert other.weight.tolist() != train.weight.tolist()


def test_the_scores_are_divided_by_the_temperature_that_suits_those_set_aside(monkeypatch):
    net, examples = many()
    examples = examples._replace(target=np.arange(40) % 5 % 3)  # that of a sequence varies
    fit(net, examples, plan(max_iter=20, solver="adam", learning_rate_init=0.03))
    net.divide_scores(0.4)  # too sure of itself now
    monkeypatch.setattr(trainer, "PRIOR", 0)
    best = best_temperature(net, examples)
    assert 1.5 < best < 2.9
    below, here, above = mean_losses(net, examples, [best / 1.2, best, best * 1.2])
    assert here < below and here < above
    monkeypatch.setattr(trainer, "PRIOR", 40)  # as many as there are
    assert best_temperature(net, examples) == pytest.approx(best**0.5)
    net.divide_scores(10)
    assert best_temperature(net, examples) == 1  # never made surer
    V, c = net.weights.views["V"], net.weights.views["c"]
    monkeypatch.setattr(trainer, "best_temperature", lambda *given: 2.0)
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    before = V.clone(), c.clone()
    fit(net, examples, plan(max_iter=9, adaptive=True))
    assert torch.equal(V, before[0] / 2) and torch.equal(c, before[1] / 2)


def test_numbers_are_drawn_to_their_mean(monkeypatch):
    sequences, inputs = symbols()
    monkeypatch.setattr(trainer, "PRIOR", 0)
    net, n = network("squared_error", **inputs), len(sequences)
    examples = Examples(sequences, np.arange(n), np.zeros((n, 2)), np.ones(n))
    assert best_temperature(net, examples) == trainer.TEMPERATURES[-1]


def test_an_infinite_loss_or_step_size_is_refused(monkeypatch):
    monkeypatch.setattr(trainer, "epoch", lambda *given, losses=[1.0, math.inf]: losses.pop(0))
    with pytest.raises(DivergenceError, match=r"^the loss of epoch 2 is inf$"):
        fit(*task(), plan())
    monkeypatch.undo()
    net, examples = task()
    net.weights.views["c"].fill_(math.nan)
    with pytest.raises(DivergenceError, match=r"^a weight is not finite$"):
        fit(net, examples, plan())
    with pytest.raises(DivergenceError, match=r"^the step size 1e\+39 is beyond single precision$"):
        fit(*task(), plan(learning_rate="constant", learning_rate_init=1e39))


class Listener:
    """Note who is told what; end the training after some epochs."""

    def __init__(self, end_after=math.inf):
        self.said, self.end_after = [], end_after

    def epoch_begins(self):
        self.said.append("begins")

    def epoch_ends(self, history):
        self.said.append(len(history.losses))
        return len(history.losses) >= self.end_after


def test_a_listener_is_told_of_each_epoch_and_can_end_the_training():
    listener = Listener()
    fit(*task(), plan(max_iter=3), listener=listener)
    assert listener.said == ["begins", 1, "begins", 2, "begins", 3]
    history = fit(*task(), plan(max_iter=9), listener=Listener(end_after=2))
    assert len(history.losses) == 2


@pytest.mark.parametrize(
    "options, n", [({"learning_rate": "constant"}, 4), ({"early_stopping": True}, 4), ({}, 7)]
)
def test_training_stops_if_nothing_improves_and_no_schedule_is_to_be_finished(options, n):
    options = plan(max_iter=7, tol=1e9, n_iter_no_change=3, **options)
    history = fit(*task(), options, score_validation=lambda net: 0.5)
    assert len(history.losses) == len(history.scores) == n
