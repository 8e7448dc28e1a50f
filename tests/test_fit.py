"""How the estimators learn: schedules, stopping, warm starts, interrupts, what is recorded."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss, r2_score

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor, _configuration, _learner
from skrnn.net import learning, trainer
from skrnn.net.cells import GRU

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
SURE = {"dropout": 0, "ngram_dropout": 0, "random_state": 0}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adam", "adam-adagrad"])
@pytest.mark.parametrize("batch_size", [1, 32])
@pytest.mark.parametrize("ngram_range", [(1, 2), None])
def test_every_solver_learns(words, solver, batch_size, activation, ngram_range):
    rate = {"sgd": 0.1, "rmsprop": 0.003}.get(solver, 0.01)
    model = RNNClassifier(
        16, cell="rnn", ngram_range=ngram_range, solver=solver, batch_size=batch_size,
        activation=activation, learning_rate_init=rate, max_iter=40, **SURE,
    )  # fmt: skip
    assert model.fit(*words).score(*words) > 0.95
    assert model.loss_curve_[-1] < model.loss_curve_[0] / 2


@pytest.mark.parametrize("batch_size", [7, 120])
def test_the_loss_is_the_mean_over_rows_even_if_the_last_batch_is_short(words, batch_size):
    X, y = words
    y = np.where(np.arange(120) % 7 == 0, "one", y)
    model = RNNClassifier(
        8, max_iter=1, batch_size=batch_size, learning_rate_init=1e-12, learning_rate="constant",
        **SURE,
    ).fit(X, y)  # fmt: skip
    assert model.loss_ == pytest.approx(log_loss(y, model.predict_proba(X)), rel=1e-5)


def test_onecycle_ends_where_it_stands(words, monkeypatch):
    """With a step size that falls to zero the last epoch moves less than the middle one."""
    honest = trainer.epoch

    def moves(schedule):
        found = []

        def epoch(network, *rest):
            before = network.weights.dense.clone()
            loss = honest(network, *rest)
            found.append((network.weights.dense - before).norm().item())
            return loss

        monkeypatch.setattr(trainer, "epoch", epoch)
        RNNClassifier(8, max_iter=8, learning_rate=schedule, random_state=0).fit(*words)
        return found

    cycle, constant = moves("onecycle"), moves("constant")
    assert cycle[-1] < cycle[4] / 4
    assert constant[-1] > constant[4] / 4


def test_tol_and_n_iter_no_change_stoptraining(words):
    stopping = {"tol": 1e9, "n_iter_no_change": 4, "random_state": 0}
    stopped = RNNClassifier(8, max_iter=50, learning_rate="constant", **stopping).fit(*words)
    assert stopped.n_iter_ == len(stopped.loss_curve_) == 5
    never = RNNClassifier(8, max_iter=12, **stopping).fit(*words)
    assert never.n_iter_ == 12  # a schedule is finished
    assert never.loss_ == never.loss_curve_[-1] and never.best_loss_ == min(never.loss_curve_)


def test_early_stopping_restores_the_best_state(words):
    X, y = words
    model = RNNClassifier(
        16, max_iter=30, early_stopping=True, n_iter_no_change=4, learning_rate="constant",
        learning_rate_init=0.05, random_state=0,
    ).fit(X[:80], y[:80], X_val=X[80:], y_val=y[80:])  # fmt: skip
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.score(X[80:], y[80:]) == pytest.approx(model.best_validation_score_)
    assert len(model.validation_scores_) == model.n_iter_ < 30


def test_a_validation_set_alone_is_recorded_and_decides_nothing(words):
    X, y = words
    plain = RNNClassifier(**SMALL).fit(X[:80], y[:80])
    watched = RNNClassifier(**SMALL).fit(X[:80], y[:80], X_val=X[80:], y_val=y[80:])
    np.testing.assert_array_equal(plain.W_, watched.W_)
    assert plain.validation_scores_ is None and plain.best_validation_score_ is None
    assert watched.validation_scores_[-1] == pytest.approx(watched.score(X[80:], y[80:]))


def test_validation_scores_of_a_regression_are_r2(words):
    X = words[0]
    y = np.array([len(x) for x in X]) * 100.0
    model = RNNRegressor(8, max_iter=4, random_state=0).fit(X, y, X_val=X, y_val=y)
    assert model.validation_scores_[-1] == pytest.approx(model.score(X, y), abs=1e-5)


@pytest.mark.parametrize("nhidden, n_threads", [(8, 1), (400, 2)])
def test_small_products_are_not_shared_by_threads(nhidden, n_threads, words, monkeypatch):
    seen, applied, other, honest, mm = [], set(), set(), trainer.epoch, torch.mm
    step = GRU.step

    def multiply(*given, **options):
        applied.add(torch.get_num_threads())
        return mm(*given, **options)

    def other_step(*given):
        other.add(torch.get_num_threads())
        return step(*given)

    def epoch(*given):
        seen.append(torch.get_num_threads())
        if len(seen) == 2:
            raise KeyboardInterrupt
        return honest(*given)

    monkeypatch.setattr(trainer, "epoch", epoch)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.warns(UserWarning, match="was interrupted in epoch 2"):
            model = RNNClassifier(nhidden, max_iter=3, batch_size=64, ngram_range=None).fit(*words)
        monkeypatch.setattr(torch, "mm", multiply)
        monkeypatch.setattr(GRU, "step", other_step)
        model.predict(words[0])
        assert seen == [n_threads] * 2
        assert applied == {n_threads, 1} and other == {1}  # V h is small, functions are not shared
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_early_stopping_sets_rows_aside(words, monkeypatch):
    tasks, honest = [], _learner.hold_out
    monkeypatch.setattr(
        _learner, "hold_out", lambda *given: tasks.append(honest(*given)) or tasks[-1]
    )
    model = RNNEncoder(**SMALL, early_stopping=True, validation_fraction=0.25).fit(*words)
    assert len(model.validation_scores_) == 3
    (task,) = tasks
    pairs = set(zip(words[0], words[1].tolist()))
    counts = [sum(y == label for _, y in pairs) for label in ("one", "two")]
    assert len(task.validation.rows) == sum(n // 4 for n in counts)
    assert len(task.train.rows) + len(task.validation.rows) == len(pairs)


def test_warm_start_goes_on(words):
    X, y = words
    model = RNNClassifier(**SMALL, warm_start=True, learning_rate="constant").fit(X, y)
    first, curve = model.W_.copy(), list(model.loss_curve_)
    model.fit([*X, "unseen"], [*y, "one"])
    assert model.n_iter_ == 6 and model.loss_curve_[:3] == curve
    assert "u" not in model.vocabulary_
    assert model.loss_curve_[3] < curve[0]
    assert np.abs(model.W_ - first).max() > 1e-5
    cold = RNNClassifier(**SMALL, learning_rate="constant").fit(X, y)
    assert cold.fit(X, y).n_iter_ == 3


def test_warm_start_of_a_regression_keeps_its_units(words):
    X = words[0]
    y = np.array([len(x) for x in X]) * 1000.0
    model = RNNRegressor(16, max_iter=60, warm_start=True, **SURE).fit(X, y)
    model.set_params(learning_rate_init=1e-9, max_iter=1).fit(X, y)
    assert model.score(X, y) > 0.9


def interrupt_after(monkeypatch, losses):
    """Say that epochs had these losses, and press Ctrl-C in the next one."""
    honest, said = trainer.epoch, iter(losses)

    def epoch(*args):
        loss = next(said, None)
        if loss is None:
            raise KeyboardInterrupt
        honest(*args)
        return loss

    monkeypatch.setattr(trainer, "epoch", epoch)


def test_ctrl_c_keeps_the_best_state(words, monkeypatch):
    expected = RNNClassifier(8, max_iter=2, learning_rate="constant", random_state=0).fit(*words)
    interrupt_after(monkeypatch, [3.0, 1.0, 2.0])
    model = RNNClassifier(8, max_iter=50, learning_rate="constant", random_state=0)
    with pytest.warns(
        UserWarning, match=r"^RNNClassifier.fit was interrupted in epoch 4; the best"
    ):
        model.fit(*words)
    assert model.n_iter_ == 3 and model.loss_curve_ == [3.0, 1.0, 2.0]
    np.testing.assert_array_equal(model.W_, expected.W_)
    np.testing.assert_array_equal(model.U_, expected.U_)


def test_early_stopping_keeps_the_epoch_of_the_best_score(words, monkeypatch):
    X, y = words
    params = {"nhidden": 8, "learning_rate": "constant", "random_state": 0}
    expected = RNNClassifier(**params, max_iter=2).fit(X, y)
    scores = iter([0.1, 0.9, 0.5, 0.8])
    monkeypatch.setattr(learning, "evaluate", lambda *_, **__: next(scores))
    model = RNNClassifier(**params, max_iter=4, early_stopping=True)
    model.fit(X, y, X_val=X, y_val=y)
    assert model.validation_scores_ == [0.1, 0.9, 0.5, 0.8]
    np.testing.assert_array_equal(model.W_, expected.W_)
    np.testing.assert_array_equal(model.U_, expected.U_)


def test_ctrl_c_before_the_first_epoch_ends_is_not_swallowed(words, monkeypatch):
    interrupt_after(monkeypatch, [])
    with pytest.raises(KeyboardInterrupt):
        RNNClassifier(**SMALL).fit(*words)


def test_verbose_writes_a_line_an_epoch(words, capsys):
    X, y = words
    RNNClassifier(**SMALL, verbose=1).fit(X, y, X_val=X, y_val=y)
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 3
    assert err.startswith("RNNClassifier epoch 1/3: loss 0.")
    assert ", validation score " in err
    RNNClassifier(**SMALL, verbose=2).fit(X, y)
    assert len(capsys.readouterr().err.splitlines()) == 1
    RNNClassifier(**SMALL).fit(X, y)
    assert capsys.readouterr().err == ""


def test_batch_size_and_max_iter_auto(words):
    auto = RNNClassifier(**SMALL).fit(*words)
    eight = RNNClassifier(**SMALL, batch_size=8).fit(*words)
    np.testing.assert_array_equal(auto.W_, eight.W_)
    some = [f"{i:05}" for i in range(100)]
    assert RNNClassifier(4).fit(some, np.arange(100) % 2).n_iter_ == -(-500 // -(-100 // 8))
    many = [f"{i:05}" for i in range(8000)]
    params = {"ngram_range": None, "early_stopping": True, "validation_fraction": 0.01}
    assert RNNClassifier(1, **params).fit(many, np.arange(8000) % 2).n_iter_ == 6


def test_max_iter_auto_lasts_as_long_as_it_pays():
    """What is learned at once ends soon; what is chance is given up after 26 epochs, and 2 more."""
    rng = np.random.default_rng(0)
    X = ["".join(rng.choice(list("abcdefgh"), 8)) for _ in range(1000)]
    easy, even = (
        [f(x) for x in X] for f in (lambda x: "ab" in x or "cd" in x, lambda x: x[0] < "e")
    )
    model = RNNClassifier(random_state=0)
    assert model.fit(X, easy).n_iter_ == len(model.loss_curve_) < 20
    assert model.score(X, easy) > 0.95
    assert 28 <= model.fit(X, rng.permutation(even)).n_iter_ < 60
    assert model.set_params(max_iter=2).fit(X, easy).n_iter_ == 2


def test_init():
    def start(init, **params):
        params |= {"learning_rate_init": 1e-12, "learning_rate": "constant", "max_iter": 1}
        params = {"cell": "rnn", "ngram_dropout": 0} | params
        return RNNClassifier(40, init=init, random_state=0, **params).fit(["ab", "ba"], [0, 1])

    np.testing.assert_allclose(start("identity").W_, np.eye(40), atol=1e-6)
    np.testing.assert_allclose(start("article").W_, np.eye(40), atol=1e-6)
    Q = start("orthogonal").W_
    np.testing.assert_allclose(Q @ Q.T, np.eye(40), atol=1e-5)
    assert np.abs(Q - np.eye(40)).max() > 0.1
    for gate in np.split(start("orthogonal", cell="gru").W_, 3):
        np.testing.assert_allclose(gate @ gate.T, np.eye(40), atol=1e-5)
    assert start("article").V_.std() == pytest.approx(1, abs=0.2)
    assert start("identity").V_.std() == pytest.approx(168**-0.5, abs=0.01)
    assert start("identity", ngram_range=None).V_.std() == pytest.approx(40**-0.5, abs=0.04)
    for init, std in (("identity", 0.4), ("orthogonal", 0.4), ("article", 1)):
        assert start(init).U_[:, [0, 1, 3, 4]].std() == pytest.approx(std, rel=0.2)
        assert start(init).G_.std() == pytest.approx(0.01, rel=0.1)
        assert not start(init).U_[:, 2].any()


def test_the_best_loss_is_the_smallest_and_need_not_be_the_last(words, monkeypatch):
    honest, said = trainer.epoch, iter([3.0, 1.0, 2.0])
    monkeypatch.setattr(trainer, "epoch", lambda *given: honest(*given) and next(said))
    model = RNNClassifier(**SMALL).fit(*words)
    assert (model.best_loss_, model.loss_, model.loss_curve_) == (1, 2, [3, 1, 2])


def test_a_changed_bias_is_no_other_net_for_a_warm_start(words):
    model = RNNClassifier(**SMALL, warm_start=True).fit(*words)
    before = model.b_.copy()
    model.set_params(bias=False).fit(*words)
    assert model.n_iter_ == 6
    np.testing.assert_array_equal(model.b_, before)  # it was not learned any further


def test_what_concerns_ngrams_is_ignored_for_series():
    X = np.random.default_rng(0).normal(size=(20, 5, 2))
    y = X[:, -1, 0] > 0
    given = {"ngram_dropout": 0.7, "ngram_size": 3, "ngram_range": (1, 2), "min_df": 9}
    a, b = (RNNClassifier(**SMALL, **params).fit(X, y) for params in ({}, given))
    assert a.G_.shape == (0, 0) and not hasattr(a, "ngrams_")
    np.testing.assert_array_equal(a.W_, b.W_)


def test_fractional_weights_count_rows_of_a_symbol_up_to_rounding():
    X, weight = ["ab", "b"], [0.5, 2 + 1e-10]
    for min_df, kept in ((2, ["b"]), (3, ["b"]), (1, ["a", "b"])):
        model = RNNEncoder(4, max_iter=1, ngram_range=None, min_df=min_df)
        assert list(model.fit(X, [0, 1], sample_weight=weight).vocabulary_) == kept
        model = RNNEncoder(4, max_iter=1, ngram_range=(1, 1), min_df=min_df)
        assert list(model.fit(X, [0, 1], sample_weight=weight).ngrams_) == ["\x03", *kept]
    with pytest.raises(ValueError, match="found no symbol in enough rows for min_df=4"):
        RNNEncoder(4, max_iter=1, ngram_range=None, min_df=4).fit(X, [0, 1], sample_weight=weight)


VAL_WEIGHT = np.arange(40) % 5.0


def test_the_score_of_a_validation_set_is_weighted(words):
    X, y = words[0], np.where(np.arange(120) % 3, words[1], "one")
    given = {"X_val": X[80:], "y_val": y[80:], "sample_weight_val": VAL_WEIGHT}
    model = RNNClassifier(8, max_iter=2, random_state=0).fit(X[:80], y[:80], **given)
    predicted = model.predict(X[80:])
    weighted = accuracy_score(y[80:], predicted, sample_weight=VAL_WEIGHT)
    assert model.validation_scores_[-1] == pytest.approx(weighted)
    assert accuracy_score(y[80:], predicted) != pytest.approx(weighted, abs=1e-3)


def test_the_r2_of_a_validation_set_is_weighted(words):
    X = words[0]
    y = np.array([[float(len(x)), x.count("z")] for x in X])
    given = {"X_val": X[80:], "y_val": y[80:], "sample_weight_val": VAL_WEIGHT}
    model = RNNRegressor(8, max_iter=3, random_state=0).fit(X[:80], y[:80], **given)
    weighted = r2_score(y[80:], model.predict(X[80:]), sample_weight=VAL_WEIGHT)
    assert model.validation_scores_[-1] == pytest.approx(weighted, abs=1e-5)
    assert r2_score(y[80:], model.predict(X[80:])) != pytest.approx(weighted, abs=1e-3)


def test_the_score_of_several_labels_is_weighted(words):
    X = words[0]
    y = np.array([[int("x" in x), int("z" in x)] for x in X])
    given = {"X_val": X[80:], "y_val": y[80:], "sample_weight_val": VAL_WEIGHT}
    model = RNNClassifier(8, max_iter=2, random_state=0).fit(X[:80], y[:80], **given)
    weighted = accuracy_score(y[80:], model.predict(X[80:]), sample_weight=VAL_WEIGHT)
    assert model.validation_scores_[-1] == pytest.approx(weighted)
    assert accuracy_score(y[80:], model.predict(X[80:])) != pytest.approx(weighted, abs=1e-3)


def test_rows_that_are_held_out_keep_their_weights(words, monkeypatch):
    X, y = words
    seen = []
    monkeypatch.setitem(
        _configuration.METRIC, "classification", lambda *given: seen.append(given) or 0.5
    )
    model = RNNClassifier(**SMALL, early_stopping=True, validation_fraction=0.3)
    model.fit(X, y, sample_weight=1.0 + np.arange(120))
    target, scores, weight = seen[0]
    assert len(target) == len(scores) == len(weight) and len(set(weight)) > 5


def test_a_single_number_in_the_validation_set_has_a_score(words):
    X, y = words[0][:2], [1.0, 2.0]
    model = RNNRegressor(4, max_iter=2, early_stopping=True, random_state=0).fit(X, y)
    assert model.validation_scores_ == [0, 0]


def test_a_validation_set_with_fewer_classes_is_scored_by_its_own(words):
    X, y = ["a", "b", "c"] * 20, ["u", "v", "w"] * 20
    model = RNNClassifier(8, max_iter=60, **SURE).fit(X, y, X_val=["c", "b"], y_val=["w", "v"])
    assert model.score(["c", "b"], ["w", "v"]) == model.validation_scores_[-1] == 1


def test_a_string_is_analysed_once_in_fit_and_once_in_explain(words):
    calls = []
    model = RNNClassifier(**SMALL, analyzer=lambda text: calls.append(text) or list(text))
    model.fit(*words)
    assert sorted(calls) == sorted(set(words[0]))
    calls.clear()
    model.explain("abz")
    assert calls == ["abz"]
    calls.clear()
    model.predict(["abz", "ba", "abz"])
    assert calls == ["abz", "ba"]


def test_max_length_cuts_ragged_series():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (3, 5, 2, 7) * 5]
    y = [0, 1, 0, 1] * 5
    model = RNNClassifier(**SMALL, max_length=2).fit(X, y)
    short = [x[:2] for x in X]
    np.testing.assert_array_equal(model.decision_function(X), model.decision_function(short))
    np.testing.assert_array_equal(RNNClassifier(**SMALL).fit(short, y).W_, model.W_)


def test_single_precision_is_kept():
    tags = RNNEncoder().__sklearn_tags__()
    assert tags.transformer_tags.preserves_dtype == ["float64", "float32"]
    assert tags.target_tags.required


def test_a_warm_start_refuses_labels_after_classes():
    model = RNNEncoder(4, max_iter=1, warm_start=True, random_state=0).fit(
        ["a", "b"] * 4, [0, 1] * 4
    )
    sentence = (
        r"^RNNEncoder with warm_start=True needs y to be the classes \[0, 1\], as in the last "
    )
    with pytest.raises(
        ValueError, match=sentence + r"fit, got the labels \[0, 1\]: set warm_start"
    ):
        model.fit(["a", "b"] * 4, [[0, 1], [1, 0]] * 4)


def test_a_warm_start_refuses_series_that_are_all_empty():
    X = [np.ones((2, 3)), np.zeros((1, 3))]
    model = RNNEncoder(4, max_iter=1, warm_start=True, random_state=0).fit(X, [0, 1])
    sentence = "^RNNEncoder needs X to have a series that is not empty, got 2 of length 0"
    with pytest.raises(ValueError, match=sentence):
        model.fit([np.zeros((0, 3))] * 2, [0, 1])
