"""An epoch, its step sizes, and when training stops."""

import math

import numpy as np
import pytest
import torch
from small import network, ngrams, plan, run_epoch, series, symbols, task, windows

from skrnn.input.sequences import EMPTY, Examples, Sequences
from skrnn.input.windows import Window
from skrnn.net import training
from skrnn.net.optimizer import Optimizer
from skrnn.net.training import DivergenceError, History


def test_the_step_size_follows_the_share_of_the_epoch(monkeypatch):
    rates = []
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: rates.append(rate))
    net, examples = task()
    run_epoch(net, examples, plan(learning_rate_init=0.5), rate=lambda done: 1 + done)
    np.testing.assert_allclose(rates, 0.5 * (1 + np.arange(3) / 3))  # ten, four at once


def test_the_loss_of_an_epoch_is_the_weighted_mean(monkeypatch):
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    net, examples = task()
    loss = run_epoch(net, examples, plan())
    scores = training.scores_of(net, examples.sequences)
    target = torch.from_numpy(examples.target)
    each = torch.nn.functional.cross_entropy(scores, target, reduction="none").numpy()
    assert loss == pytest.approx(np.average(each, weights=examples.weight))


@pytest.mark.parametrize(
    "data, differs", [(ngrams, True), (symbols, False), (series, False), (windows, False)]
)
def test_ngrams_are_left_out_and_nothing_else(data, differs, seen):
    net, examples = task(data)
    plain, hidden = (run_epoch(net, examples, plan(ngram_dropout=p)) for p in (0.0, 0.5))
    assert (plain != hidden) is differs
    half = len(seen) // 2
    for one, other in zip(seen[:half], seen[half:]):
        assert torch.equal(one.weight, other.weight)
        assert torch.equal(one.batch.values, other.batch.values)
        assert (one.batch.ngrams is None) is (data is not ngrams)
    if differs:
        n, left = (sum(len(g.batch.ngrams.columns) for g in s) for s in (seen[:half], seen[half:]))
        assert 0.2 * n < left < 0.8 * n
        scales = [torch.cat([g.batch.ngrams.scale for g in s]) for s in (seen[:half], seen[half:])]
        assert scales[1].sum().item() == pytest.approx(2 * scales[0].sum().item())


def test_dropout_hides_parts_of_the_vector_and_makes_up_for_them(seen):
    net, examples = task()
    run_epoch(net, examples, plan(dropout=(0.75, 0.5)))
    factor = torch.cat([given.factor for given in seen])
    assert factor.shape == (10, 7)  # of h and of g
    assert factor[:, :4].unique().tolist() == [0, 4] and factor[:, 4:].unique().tolist() == [0, 2]
    run_epoch(net, examples, plan())
    assert seen[-1].factor is None


def test_each_epoch_visits_all_examples_in_an_order_of_its_own(seen):
    net, examples = task()
    run_epoch(net, examples, plan())
    run_epoch(net, examples, plan(), seed=1)
    weights = [given.weight * given.batch.size * examples.weight.mean() for given in seen]
    rounded = [w.round().tolist() for w in weights]
    assert [len(w) for w in rounded] == [4, 4, 2] * 2
    for epoch in (rounded[:3], rounded[3:]):
        assert sorted(w for batch in epoch for w in batch) == examples.weight.tolist()
    assert list(map(set, rounded[:3])) != list(map(set, rounded[3:]))
    for given, mine in zip(seen, rounded):  # whose sequences and targets are those of the weights
        at = np.array(mine, dtype=int) - 1
        assert given.target.tolist() == examples.target[at].tolist()
        assert given.batch.lengths.tolist() == examples.sequences.lengths[at].tolist()
        assert (
            given.batch.ngrams.columns.tolist()
            == examples.sequences.take(at).ngrams.columns.tolist()
        )


@pytest.mark.parametrize("where", ["U", "G"])
def test_a_weight_that_is_not_finite_is_refused_even_if_no_example_reads_it(where):
    net, examples = task()
    examples = examples.take(np.array([0, 1, 3, 4]))  # none is empty
    getattr(net.weights, where)[EMPTY] = math.nan
    with pytest.raises(DivergenceError, match=r"^a weight is not finite$"):
        run_epoch(net, examples, plan())


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


# --- windows -------------------------------------------------------------------------


def numbered(n=30, n_steps=20):
    """Series whose step t is 1000 i + t."""
    values = 1000.0 * np.arange(n)[:, None] + np.arange(n_steps)
    sequences = Sequences(values.reshape(-1, 1), np.full(n, n_steps))
    return Examples(sequences, np.arange(n), np.arange(n) % 3, np.ones(n))


def reader(window):
    return network(n_inputs=window.width, symbols=False, window=window)


def first_steps(seen):
    """Give of each example, in the order of the epoch, which series it is and where it begins."""
    found = []
    for given in seen:
        of_sequence, values = given.batch.sequence_index, given.batch.values
        for i in range(given.batch.size):
            mine = values[of_sequence == i]
            series, step = divmod(int(mine[0, 0]), 1000)
            assert (mine[:, 1:] - mine[:, :1] == torch.arange(1, mine.shape[1])).all()
            assert int(mine[-1, -1]) % 1000 == 19  # the last window ends with the series
            assert (given.batch.lengths[i] == len(mine)).item()
            found.append((series, step))
    seen.clear()
    return found


def test_windows_begin_at_another_step_in_each_epoch_and_each_series(seen):
    net, examples = reader(Window(9, 5)), numbered()
    generator, epochs = torch.Generator().manual_seed(0), []
    optimizer = Optimizer("sgd", net.weights, alpha=0.0, max_grad_norm=None)
    for _ in range(3):
        training.epoch(net, optimizer, examples, plan(), generator, lambda done: 1.0)
        epochs.append(first_steps(seen))
    for epoch in epochs:
        assert sorted(series for series, _ in epoch) == list(range(30))
        assert {step for _, step in epoch} == set(range(5))  # all within a stride
    assert len({tuple(sorted(epoch)) for epoch in epochs}) == 3


def test_the_steps_at_which_windows_begin_depend_on_the_seed(seen):
    net, examples = reader(Window(9, 5)), numbered()
    found = []
    for seed in (0, 0, 1):
        run_epoch(net, examples, plan(), seed=seed)
        found.append(first_steps(seen))
    assert found[0] == found[1] != found[2]


def test_an_example_that_is_repeated_begins_at_steps_of_its_own(seen):
    """One of weight 12 is visited twelve times in an epoch."""
    net, examples = reader(Window(9, 5)), numbered(3)
    run_epoch(net, examples.repeat(np.array([1, 40, 1])), plan())
    found = first_steps(seen)
    assert len(found) == 42 and {step for i, step in found if i == 1} == set(range(5))


def test_windows_keep_their_targets_and_weights(seen):
    net, examples = reader(Window(9, 5)), numbered()
    examples = examples._replace(weight=np.arange(1.0, 31))
    run_epoch(net, examples, plan())
    target = torch.cat([given.target for given in seen])
    weight = torch.cat([given.weight * given.batch.size for given in seen]) * 15.5
    series = np.array([i for i, _ in first_steps(seen)])
    assert target.tolist() == (series % 3).tolist()
    np.testing.assert_allclose(weight, series + 1.0)


def state_after(examples, window):
    """Give the windows of an epoch, and what its random numbers go on from."""
    generator = torch.Generator().manual_seed(0)
    order = np.arange(len(examples.rows))[::-1]
    read = training._read_anew(examples, order, window, generator)
    return *read, generator.get_state()


@pytest.mark.parametrize("window", [Window(), Window(4, 1)])
def test_nothing_is_drawn_where_windows_begin_at_every_step(window):
    examples = numbered(5)
    sequences, rows, state = state_after(examples, window)
    assert torch.equal(state, torch.Generator().manual_seed(0).get_state())
    assert rows.tolist() == [4, 3, 2, 1, 0]
    np.testing.assert_array_equal(sequences.values, window.cut(examples.sequences).values)
    assert (sequences is examples.sequences) == (window == (1, 1))


def test_one_number_is_drawn_for_each_example():
    examples = numbered(5)
    _, rows, state = state_after(examples, Window(4, 3))
    expected = torch.Generator().manual_seed(0)
    torch.randint(3, (5,), generator=expected)
    assert torch.equal(state, expected.get_state()) and rows.tolist() == list(range(5))


def test_scores_are_those_of_windows_that_begin_with_the_series():
    net, examples = reader(Window(9, 5)), numbered()
    scores = training.scores_of(net, examples.sequences)
    batches = Window(9, 5).cut(examples.sequences)
    plain = network(n_inputs=9, symbols=False)
    torch.testing.assert_close(scores, training.scores_of(plain, batches))


def test_a_net_much_worse_than_scores_of_zero_has_diverged():
    net, examples = task()
    nothing = training.loss_of_zeros(net, examples)
    assert nothing == pytest.approx(training.mean_losses(net, examples, [math.inf])[0])
    for losses, diverged in [([11.1], True), ([9.9], False), ([99, 1], False), ([1, 99], True)]:
        epochs = [(loss, None) for loss in losses]
        assert History(False, epochs=epochs, untrained=1.0).diverged is diverged
        assert not History(False, epochs=epochs, untrained=0.0).diverged


@pytest.mark.parametrize("scores, kept", [([1, 2, 0], 99), ([2, 1, 0], 3), (None, 1)])
def test_what_is_kept_decides_whether_training_has_diverged(scores, kept):
    net, _ = task()
    history = History(scores is not None, untrained=1.0)
    for loss, score in zip([3, 99, 1], scores or [None] * 3):
        history.add(loss, score, net.weights, tol=0)
    history.interrupted = True
    assert history.kept_loss == kept and history.diverged is (kept == 99)


def test_scores_that_are_not_finite_are_a_divergence():
    net, examples = task()
    net.weights.views["V"].fill_(torch.inf)
    for call in (training.mean_losses, training.evaluate):
        with pytest.raises(DivergenceError, match=r"^a score of a validation set is not finite$"):
            call(net, examples, [1.0])
