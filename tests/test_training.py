"""Solvers, schedules, stopping, warm starts, interrupts and what is recorded of them."""

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor, _applying, _training
from skrnn._optimizer import Optimizer
from skrnn._sequences import from_arrays
from skrnn._weights import Shape, Weights

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
SURE = {"dropout": 0, "symbol_dropout": 0, "random_state": 0}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adagrad", "adam", "adam-adagrad"])
@pytest.mark.parametrize("batch_size", [1, 32])
def test_every_solver_learns(words, solver, batch_size, activation):
    rate = {"sgd": 0.1, "rmsprop": 0.003, "adagrad": 0.1}.get(solver, 0.01)
    model = RNNClassifier(
        16, solver=solver, batch_size=batch_size, activation=activation,
        learning_rate_init=rate, max_iter=40, **SURE,
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


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adagrad", "adam"])
def test_solvers_are_those_of_torch(solver):
    torch_solver = {"sgd": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adam": "Adam"}[
        solver
    ]
    net = Weights(Shape(5, 4, 2, symbols=True), dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    net.dense.normal_(generator=generator)
    net.table.normal_(generator=generator)
    theirs = [torch.nn.Parameter(p.clone()) for p in (net.dense, net.table)]
    reference = getattr(torch.optim, torch_solver)(theirs, lr=0.1)
    ours = Optimizer(solver, net, alpha=0.0, max_grad_norm=None)
    for _ in range(5):
        net.ddense.normal_(generator=generator)
        net.touched, net.dtable = torch.arange(6), torch.randn(6, 4, generator=generator).double()
        for p, g in zip(theirs, (net.ddense, net.dtable)):
            p.grad = g.clone()
        reference.step()
        ours.step(0.1)
    torch.testing.assert_close(net.dense, theirs[0].detach(), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(net.table, theirs[1].detach(), rtol=1e-10, atol=1e-12)


def test_adam_adagrad_is_adam_but_for_the_columns_of_symbols():
    def step(solver, rate):
        net = network_with_gradient()
        Optimizer(solver, net, alpha=0.0, max_grad_norm=None).step(rate)
        return net

    mixed = step("adam-adagrad", 0.01)
    assert torch.equal(mixed.dense, step("adam", 0.01).dense)
    assert torch.equal(mixed.table, step("adagrad", 0.08).table)


def network_with_gradient():
    """A little network in the state that a step starts from; rows 1 and 3 were touched."""
    net = Weights(Shape(5, 4, 2, symbols=True))
    for i, part in enumerate((net.dense, net.table, net.ddense)):
        part.normal_(generator=torch.Generator().manual_seed(i))
    net.touched, net.dtable = torch.tensor([1, 3]), torch.ones(2, 4)
    return net


def test_a_step_of_sgd_clips_and_decays():
    def after(**options):
        net = network_with_gradient()
        Optimizer("sgd", net, **{"alpha": 0.0, "max_grad_norm": None, **options}).step(0.1)
        return net

    base = network_with_gradient()
    dense, table, gradient = base.dense, base.table, network_with_gradient().ddense
    plain = after()
    torch.testing.assert_close(plain.dense, dense - 0.1 * gradient)
    torch.testing.assert_close(plain.table[[1, 3]], table[[1, 3]] - 0.1)
    assert torch.equal(plain.table[[0, 2, 4, 5]], table[[0, 2, 4, 5]])

    norm = (gradient.square().sum() + 8).sqrt()
    clipped = after(max_grad_norm=0.5)
    torch.testing.assert_close(clipped.dense, dense - 0.1 * gradient * 0.5 / norm)
    torch.testing.assert_close(clipped.table[[1, 3]], table[[1, 3]] - 0.1 * 0.5 / norm)

    decayed = after(max_grad_norm=1e9, alpha=0.5)
    shrink = torch.where(torch.arange(len(dense)) < len(base.decaying), 0.95, 1.0)
    torch.testing.assert_close(decayed.dense, dense * shrink - 0.1 * gradient)
    torch.testing.assert_close(decayed.table[[1, 3]], table[[1, 3]] * 0.95 - 0.1)


def test_hidden_symbols_are_made_up_for():
    """What is left is as large, on the whole, as what is there when nothing is hidden."""
    values = np.arange(3, 40_003).reshape(-1, 2)
    values[:2, 0], values[:2, 1] = (0, 1), 40_003  # a missing and an empty sequence
    hidden = values.copy()
    factor = _training.hide(hidden, 0.3, 40_003, torch.Generator().manual_seed(0))
    assert factor[:2].tolist() == [[1], [1]] and hidden[:2].tolist() == values[:2].tolist()
    np.testing.assert_allclose(factor[2:], 1 / 0.7)
    for column, instead in ((0, 2), (1, 40_003)):
        left = hidden[2:, column] == values[2:, column]
        assert (hidden[2:, column][~left] == instead).all()
        assert (left * factor[2:, 0]).mean() == pytest.approx(1, abs=0.02)


def test_schedules():
    cycle = _training.SCHEDULES["onecycle"]
    assert cycle(0) == 0 and cycle(0.25) == 1 and cycle(1) == pytest.approx(0)
    assert cycle(0.125) == 0.5 and cycle(0.625) == pytest.approx(0.5)
    assert {_training.SCHEDULES["constant"](d) for d in (0, 0.5, 1)} == {1.0}
    assert [_training.SCHEDULES["linear"](d) for d in (0, 0.25, 1)] == [1, 0.75, 0]


def test_onecycle_ends_where_it_stands(words, monkeypatch):
    """With a step size that falls to zero the last epoch moves less than the middle one."""
    honest = _training.epoch

    def moves(schedule):
        found = []

        def epoch(network, *rest):
            before = network.weights.dense.clone()
            loss = honest(network, *rest)
            found.append((network.weights.dense - before).norm().item())
            return loss

        monkeypatch.setattr(_training, "epoch", epoch)
        RNNClassifier(8, max_iter=8, learning_rate=schedule, random_state=0).fit(*words)
        return found

    cycle, constant = moves("onecycle"), moves("constant")
    assert cycle[-1] < cycle[4] / 4
    assert constant[-1] > constant[4] / 4


def test_tol_and_n_iter_no_change_stop_training(words):
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
    seen, applied, honest, part = [], [], _training.epoch, _applying._by_prefixes

    def apply(*given):
        applied.append(torch.get_num_threads())
        return part(*given)

    def epoch(*given):
        seen.append(torch.get_num_threads())
        if len(seen) == 2:
            raise KeyboardInterrupt
        return honest(*given)

    monkeypatch.setattr(_training, "epoch", epoch)
    monkeypatch.setattr(_applying, "_by_prefixes", apply)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.warns(UserWarning, match="was interrupted in epoch 2"):
            model = RNNClassifier(nhidden, max_iter=3, batch_size=64).fit(*words)
        model.predict(words[0])
        assert seen == [n_threads] * 2 and applied == [n_threads]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_early_stopping_sets_rows_aside(words, monkeypatch):
    parts, honest = [], _training.hold_out
    monkeypatch.setattr(
        _training, "hold_out", lambda *given: parts.append(honest(*given)) or parts[-1]
    )
    model = RNNEncoder(**SMALL, early_stopping=True, validation_fraction=0.25).fit(*words)
    assert len(model.validation_scores_) == 3
    ((train, aside),) = parts
    pairs = set(zip(words[0], words[1].tolist()))
    counts = [sum(y == label for _, y in pairs) for label in ("one", "two")]
    assert len(aside.rows) == sum(n // 4 for n in counts)
    assert len(train.rows) + len(aside.rows) == len(pairs)


def examples(classes):
    n = len(classes)
    sequences = from_arrays([np.full((2, 1), float(i)) for i in range(n)])
    return _training.Examples(sequences, np.arange(n), np.asarray(classes), np.ones(n))


def test_hold_out_is_stratified_and_keeps_every_class():
    classes = np.array([0] * 50 + [1] * 30 + [2] * 19 + [3])
    train, aside = _training.hold_out(examples(classes), 0.2, torch.Generator().manual_seed(0))
    assert np.bincount(aside.target, minlength=4).tolist() == [10, 6, 3, 0]
    assert np.bincount(train.target).tolist() == [40, 24, 16, 1]
    values = np.concatenate([train.sequences.values, aside.sequences.values])
    assert sorted(values[::2, 0]) == list(range(100))


def test_hold_out_of_few_rows_and_of_numbers():
    generator = torch.Generator().manual_seed(0)
    train, aside = _training.hold_out(examples([0, 1, 2]), 0.1, generator)
    assert (len(train.rows), len(aside.rows)) == (2, 1)
    train, aside = _training.hold_out(examples([[0.1], [1.2], [2.3], [3.4]]), 0.5, generator)
    assert (len(train.rows), len(aside.rows)) == (2, 2)


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
    honest, said = _training.epoch, iter(losses)

    def epoch(*args):
        loss = next(said, None)
        if loss is None:
            raise KeyboardInterrupt
        honest(*args)
        return loss

    monkeypatch.setattr(_training, "epoch", epoch)


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
    monkeypatch.setattr(_training, "evaluate", lambda *_, **__: next(scores))
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
    rows = len(set(words[0]))
    assert RNNClassifier(4).fit(*words).n_iter_ == -(-500 // -(-rows // 8))
    many = [f"{i:05}" for i in range(8000)]
    assert RNNClassifier(1, ngram_range=(1, 1)).fit(many, np.arange(8000) % 2).n_iter_ == 6


def test_init():
    def start(init, **params):
        params |= {"learning_rate_init": 1e-12, "learning_rate": "constant", "max_iter": 1}
        params |= {"symbol_dropout": 0, "min_df": 1}
        return RNNClassifier(40, init=init, random_state=0, **params).fit(["ab", "ba"], [0, 1])

    np.testing.assert_allclose(start("identity").W_, np.eye(40), atol=1e-6)
    np.testing.assert_allclose(start("article").W_, np.eye(40), atol=1e-6)
    Q = start("orthogonal").W_
    np.testing.assert_allclose(Q @ Q.T, np.eye(40), atol=1e-5)
    assert np.abs(Q - np.eye(40)).max() > 0.1
    assert start("article").V_.std() == pytest.approx(1, abs=0.2)
    assert start("identity").V_.std() == pytest.approx(80**-0.5, abs=0.04)
    assert start("identity").U_[:, [0, 1, 3, 4]].std() == pytest.approx(0.01 / 32, abs=1e-4)
    assert start("identity", pooling="last").U_[:, 3:].std() == pytest.approx(0.01, abs=0.002)
    assert start("article", pooling="last").U_[:, 3:].std() == pytest.approx(1, abs=0.2)
    assert not start("identity").U_[:, 2].any()
