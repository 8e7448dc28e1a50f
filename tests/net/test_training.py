"""An epoch, its step sizes, and when training stops."""

import math

import numpy as np
import pytest
import torch
from small import network, ngrams, series

from skrnn.input.sequences import Examples, Sequences
from skrnn.net import training
from skrnn.net.optimizer import Optimizer
from skrnn.net.training import SCHEDULES, DivergenceError, History, TrainingPlan


def plan(**options):
    return TrainingPlan(
        **{
            "solver": "sgd",
            "learning_rate": "onecycle",
            "learning_rate_init": 1.0,
            "batch_size": 4,
            "max_iter": 2,
            "alpha": 0.0,
            "dropout": 0.0,
            "symbol_dropout": 0.0,
            "max_grad_norm": 1.0,
            "tol": 0.0,
            "n_iter_no_change": 10,
            "early_stopping": False,
            **options,
        }
    )


def task(data=ngrams, **options):
    """A net and nine examples."""
    sequences, inputs = data()
    n = len(sequences)
    weight = np.arange(1.0, n + 1)
    examples = Examples(sequences, np.arange(n), np.arange(n) % 3, weight)
    return network(**inputs, **options), examples


def run_epoch(net, examples, options, i=0, seed=0):
    """Go through an epoch; give its loss and the optimizer."""
    optimizer = Optimizer(options.solver, net.weights, alpha=0.0, max_grad_norm=None)
    generator = torch.Generator().manual_seed(seed)
    return training.epoch(net, optimizer, examples, options, generator, i), optimizer


def test_schedules():
    cycle = SCHEDULES["onecycle"]
    assert cycle(0) == 0 and cycle(0.25) == 1 and cycle(1) == pytest.approx(0)
    assert cycle(0.125) == 0.5 and cycle(0.625) == pytest.approx(0.5)
    assert {SCHEDULES["constant"](done) for done in (0, 0.5, 1)} == {1.0}


def test_the_step_size_follows_its_schedule_batch_by_batch(monkeypatch):
    rates = []
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: rates.append(rate))
    net, examples = task()
    for i in range(2):
        run_epoch(net, examples, plan(learning_rate_init=0.5), i)
    assert len(rates) == 6  # nine examples in batches of four, twice
    expected = [0.5 * SCHEDULES["onecycle"](step / 6) for step in range(6)]
    np.testing.assert_allclose(rates, expected)


def test_the_loss_of_an_epoch_is_the_weighted_mean(monkeypatch):
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    net, examples = task()
    loss, _ = run_epoch(net, examples, plan())
    scores = net.scores(training.vectors(net, examples.sequences))
    target = torch.from_numpy(examples.target)
    each = torch.nn.functional.cross_entropy(scores, target, reduction="none").numpy()
    assert loss == pytest.approx(np.average(each, weights=examples.weight))


def test_symbols_are_hidden_and_numbers_are_not(monkeypatch):
    """The numbers are as large as those of columns of U."""
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    for data, differs in ((ngrams, True), (series, False)):
        net, examples = task(data)
        if data is series:
            large = Sequences(examples.sequences.values + 50, examples.sequences.lengths)
            examples = examples._replace(sequences=large)
        plain, hidden = (run_epoch(net, examples, plan(symbol_dropout=p))[0] for p in (0, 0.5))
        assert (plain != hidden) is differs


def test_dropout_hides_parts_of_the_vector_and_makes_up_for_them(monkeypatch):
    seen, net, examples = [], *task()
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    honest = net.backpropagate
    monkeypatch.setattr(net, "backpropagate", lambda given: seen.append(given) or honest(given))
    run_epoch(net, examples, plan(dropout=0.75))
    assert torch.cat([given.h_factor for given in seen]).unique().tolist() == [0, 4]
    run_epoch(net, examples, plan())
    assert seen[-1].h_factor is None and seen[-1].x_factor is None
    run_epoch(net, examples, plan(symbol_dropout=0.5))
    assert set(seen[-1].x_factor.view(-1).tolist()) <= {1.0, 2.0}


def test_each_epoch_visits_all_examples_in_an_order_of_its_own(monkeypatch):
    seen, net, examples = [], *task()
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    honest = net.backpropagate
    monkeypatch.setattr(net, "backpropagate", lambda given: seen.append(given) or honest(given))
    run_epoch(net, examples, plan())
    weights = [given.weight * given.batch.size * examples.weight.mean() for given in seen]
    assert [len(w) for w in weights] == [4, 4, 1]
    assert sorted(torch.cat(weights).round().tolist()) == examples.weight.tolist()
    run_epoch(net, examples, plan(), seed=1)
    others = [given.weight * given.batch.size * examples.weight.mean() for given in seen[3:]]
    assert [set(w.round().tolist()) for w in weights] != [set(w.round().tolist()) for w in others]


def test_an_infinite_loss_or_weight_is_refused():
    net, examples = task()
    net.weights.views["V"].fill_(math.inf)
    with pytest.raises(DivergenceError, match=r"^the loss of epoch 3 is (nan|inf)$"):
        run_epoch(net, examples, plan(), i=2)
    net, examples = task()
    net.weights.table[-1] = math.nan  # that no example reads
    with pytest.raises(DivergenceError, match=r"^the weights after epoch 1 are not finite$"):
        run_epoch(net, examples, plan())
    net, examples = task()
    with pytest.raises(DivergenceError, match=r"^the step size 1e\+39 is beyond single precision$"):
        run_epoch(net, examples, plan(learning_rate="constant", learning_rate_init=1e39))


class Listener:
    """Note who is told what; end the training after some epochs."""

    def __init__(self, end_after=math.inf):
        self.said, self.end_after = [], end_after

    def epoch_begins(self):
        self.said.append("begins")

    def epoch_ends(self, history):
        self.said.append(len(history.losses))
        return len(history.losses) >= self.end_after


def fit(net, examples, options, **given):
    return training.fit(net, examples, options, torch.Generator().manual_seed(0), **given)


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


def test_the_best_epoch_is_that_of_the_best_score_or_of_the_smallest_loss():
    net, _ = task()
    for select_by_score, scores, losses, best in (
        (True, [0.1, 0.9, 0.9], [3.0, 2.0, 1.0], 1),
        (False, [0.1, 0.9, 0.5], [3.0, 1.0, 1.0], 1),
        (False, [None, None, None], [1.0, 2.0, 3.0], 0),
    ):
        history = History(select_by_score)
        for i, (loss, score) in enumerate(zip(losses, scores)):
            net.weights.dense.fill_(i)
            history.add(loss, score, net.weights, 0.0)
        assert history.best_weights[0].unique().tolist() == [best]
        assert history.losses == losses
        assert history.scores == [score for score in scores if score is not None]
        assert history.n_no_change == len(losses) - 1 - best
        assert (history.kept is None) is not select_by_score
        history.interrupted = True
        assert history.kept is history.best_weights


def test_an_improvement_by_less_than_tol_is_none():
    net, _ = task()
    history = History(select_by_score=False)
    for loss in (3.0, 2.9, 2.8, 2.0):
        history.add(loss, None, net.weights, 0.15)
    assert history.n_no_change == 0
    history.add(1.9, None, net.weights, 0.15)
    assert history.n_no_change == 1 and history.best == -1.9
