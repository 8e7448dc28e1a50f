"""Series that are read by windows, as users of the estimators see it."""

import pickle

import numpy as np
import pytest

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor, _learner
from skrnn.input.windows import Window

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
STILL = {"learning_rate_init": 1e-12, "max_iter": 1, "learning_rate": "constant"}


def ragged(lengths, d=2, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, d)) for n in lengths]


X = ragged([20, 31, 24, 5, 0, 24, 40, 18] * 4)
Y = np.arange(32) % 2
NUMBERS = np.array([x.sum() for x in X])
KINDS = [(RNNClassifier, Y), (RNNEncoder, Y), (RNNRegressor, NUMBERS), (RNNEncoder, NUMBERS)]


def of(model):
    """Give the windows of a fitted estimator."""
    return model._architecture.window


def output(model, X):
    if isinstance(model, RNNClassifier):
        return model.decision_function(X)
    return model.predict(X) if isinstance(model, RNNRegressor) else model.transform(X)


# --- which windows -------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, window",
    [
        (1, (1, 1)),
        (2, (2, 1)),
        (3, (3, 1)),
        (9, (9, 3)),
        (11, (11, 3)),
        ((5, 5), (5, 5)),
        ([4, 1], (4, 1)),
        (np.int64(6), (6, 2)),
        ((np.int32(6), np.int64(4)), (6, 4)),
        ("auto", (9, 3)),
    ],
)
def test_a_width_or_a_width_and_a_stride_may_be_given(given, window):
    model = RNNClassifier(**SMALL, window=given).fit(X, Y)
    assert of(model) == window
    assert model.U_.shape == (2 * 3 * 8, window[0] * 2)
    assert all(type(n) is int for n in of(model))


def test_auto_goes_by_the_median_of_distinct_rows():
    """A long row that is given often counts as one row; and with a weight, too."""
    rows = ragged([11, 11, 100, 150, 427])
    assert of(RNNEncoder(**SMALL).fit(rows, [0, 1, 0, 1, 0])) == Window.of_length(100)
    rows = rows[:3] + rows[4:] * 5
    assert of(RNNEncoder(**SMALL).fit(rows, [0, 1, 0, 1, 1, 1, 1, 1])) == Window.of_length(55.5)
    weighted = RNNEncoder(**SMALL).fit(rows[:4], [0, 1, 0, 1], sample_weight=[1, 1, 1, 5])
    assert of(weighted) == Window.of_length(55.5)
    weighted = RNNEncoder(**SMALL).fit(rows[:4], [0, 1, 0, 1], sample_weight=[1, 1, 1, 0])
    assert of(weighted) == (1, 1)  # of rows of zero weight there are none


@pytest.mark.parametrize("n_steps, window", [(11, (1, 1)), (12, (6, 2)), (48, (12, 4))])
def test_columns_of_a_table_are_steps(n_steps, window):
    table = np.random.default_rng(0).normal(size=(20, n_steps))
    model = RNNClassifier(**SMALL).fit(table, Y[:20])
    assert of(model) == window and model.n_features_in_ == n_steps
    array = RNNClassifier(**SMALL).fit(table[:, :, None], Y[:20])
    listed = RNNClassifier(**SMALL).fit(list(table[:, :, None]), Y[:20])
    for other in (array, listed):
        np.testing.assert_array_equal(model.U_, other.U_)
        np.testing.assert_array_equal(model.W_, other.W_)


def test_strings_and_tokens_have_no_windows():
    for rows in (["abcabcabcabcabc", "cba" * 9] * 4, [list("abcabcabcabcabc"), ["b"] * 20] * 4):
        plain, given = (
            RNNClassifier(**SMALL, **params).fit(rows, [0, 1] * 4) for params in ({}, {"window": 9})
        )
        assert of(given) == (1, 1)
        np.testing.assert_array_equal(plain.U_, given.U_)
        np.testing.assert_array_equal(plain.W_, given.W_)


def test_window_1_reads_step_by_step():
    """The equation of each step, written out; short series are read so without being told."""
    rows = ragged([3, 5, 8, 11, 4] * 4)
    auto, given = (
        RNNClassifier(**SMALL, cell="rnn", pooling="last", bidirectional=False, window=window)
        for window in ("auto", 1)
    )
    auto.fit(rows, Y[:20])
    given.fit(rows, Y[:20])
    np.testing.assert_array_equal(auto.U_, given.U_)
    for series in (*rows[:3], X[0]):
        h = np.zeros(8)
        for x in series:
            h = np.tanh(given.W_ @ h + given.U_ @ x + given.b_)
        found = given.decision_function([series])
        expected = given.V_ @ h + given.c_
        np.testing.assert_allclose(found[0], expected[1] - expected[0], rtol=1e-4, atol=1e-5)


def test_scores_are_those_of_the_equation_on_windows():
    model = RNNRegressor(
        **SMALL, cell="rnn", pooling=("last", "max"), bidirectional=False, window=(5, 2)
    ).fit(X, NUMBERS)
    series = X[0]
    assert len(series) == 20
    states, h = [], np.zeros(8)
    for begin in [*range(0, 15, 2), 15]:
        window = series[begin : begin + 5]
        h = np.tanh(model.W_ @ h + model.U_ @ window.ravel() + model.b_)
        states.append(h)
    vector = np.concatenate([h, np.max(states, axis=0)])
    np.testing.assert_allclose(model.predict([series]), model.V_ @ vector + model.c_, rtol=1e-4)
    np.testing.assert_allclose(model.unroll(series)[0], states, rtol=1e-6)


# --- what holds of every estimator ---------------------------------------------------


@pytest.mark.parametrize("kind, y", KINDS)
def test_series_of_any_length_have_an_output_that_does_not_depend_on_others(kind, y):
    model = kind(**SMALL).fit(X, y)
    assert of(model) == (9, 3)
    new = ragged([0, 1, 2, 8, 9, 10, 12, 200], seed=1)
    together = output(model, new)
    assert len(together) == 8 and np.isfinite(together).all()
    for i, series in enumerate(new):
        np.testing.assert_array_equal(output(model, [series])[0], together[i])
    np.testing.assert_array_equal(output(model, new[:1] * 3), together[[0, 0, 0]])


@pytest.mark.parametrize("kind, y", KINDS)
@pytest.mark.parametrize("params", [{"n_layers": 2}, {"cell": "lstm", "bias": False}], ids=str)
def test_other_nets_read_windows_and_a_pickle_keeps_them(kind, y, params):
    model = kind(**SMALL, **params).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert of(again) == (9, 3)
    for rows in (X, [X[4]]):
        np.testing.assert_array_equal(output(model, rows), output(again, rows))


@pytest.mark.parametrize("params", [{}, {"window": (6, 1)}, {"early_stopping": True}], ids=str)
@pytest.mark.parametrize("kind, y", KINDS[1:3])
def test_weights_are_repeats(kind, y, params):
    weight = np.random.default_rng(0).integers(0, 4, len(X))
    repeated = np.repeat(np.arange(len(X)), weight)
    one = kind(**SMALL, **params).fit(X, y, sample_weight=weight)
    other = kind(**SMALL, **params).fit([X[i] for i in repeated], y[repeated])
    assert one.loss_curve_ == other.loss_curve_ and of(one) == of(other) != (1, 1)
    for name in ("W_", "U_", "b_", "V_", "c_"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_the_seed_decides_where_windows_begin():
    first, again, other = (
        RNNClassifier(8, max_iter=3, random_state=i).fit(X, Y) for i in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.U_, again.U_)
    assert first.loss_curve_ == again.loss_curve_ != other.loss_curve_


@pytest.mark.parametrize("scale, shift", [(1e-3, 0.0), (1e6, 0.0), (1.0, 1e3)])
def test_a_fit_does_not_depend_on_the_units_of_series(scale, shift):
    given = {**SMALL, "batch_size": 32, "dropout": 0, "window": (9, 1)}  # nothing is drawn
    units = scale * np.array([1.0, 10.0])
    others = [(x + shift) * units for x in X]
    one, other = RNNClassifier(**given).fit(X, Y), RNNClassifier(**given).fit(others, Y)
    np.testing.assert_allclose(one.decision_function(X), other.decision_function(others), atol=1e-3)


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e6 / 7])
def test_series_of_one_number_do_no_harm(number):
    rows = [np.full((n, 1), number) for n in range(20, 50)]
    model = RNNClassifier(**SMALL).fit(rows, Y[:30])
    assert np.abs(model.U_).max() < 10 and np.abs(model.b_).max() < 10 * max(1, number)


def test_only_the_first_steps_are_read_and_counted():
    short = [x[:15] for x in X]
    cut, given = (RNNClassifier(**SMALL, max_length=n) for n in (15, None))
    cut.fit(X, Y)
    given.fit(short, Y)
    assert of(cut) == of(given) == Window.of_length(15)
    np.testing.assert_array_equal(cut.U_, given.U_)
    np.testing.assert_array_equal(cut.decision_function(X), given.decision_function(short))
    assert len(cut.explain(X[0]).contributions) == 15


def test_a_validation_set_of_other_lengths_is_scored():
    others, y = ragged([50, 2, 0, 13, 9], seed=1), [0, 1, 1, 0, 1]
    model = RNNClassifier(**SMALL, early_stopping=True).fit(X, Y, X_val=others, y_val=y)
    assert of(model) == (9, 3) and len(model.validation_scores_) == 3
    plain = RNNClassifier(**SMALL).fit(X, Y, X_val=others, y_val=y)
    assert plain.validation_scores_[-1] == pytest.approx(plain.score(others, y))


def test_windows_go_by_the_rows_that_are_not_held_out(monkeypatch):
    tasks, honest = [], _learner.hold_out
    monkeypatch.setattr(
        _learner, "hold_out", lambda *given: tasks.append(honest(*given)) or tasks[-1]
    )
    rows = ragged(np.random.default_rng(0).integers(5, 300, 40))
    model = RNNClassifier(**SMALL, early_stopping=True, validation_fraction=0.5)
    model.fit(rows, np.arange(40) % 2)
    assert of(model) == Window.of_length(np.median(tasks[0].train.sequences.lengths))


# --- warm starts ---------------------------------------------------------------------


@pytest.mark.parametrize("kind, y", KINDS)
def test_a_warm_start_keeps_the_windows_though_lengths_change(kind, y):
    model = kind(**SMALL, warm_start=True).fit(X, y)
    longer = [np.tile(x, (6, 1)) for x in X]
    before = output(model, longer)
    model.set_params(**STILL).fit(longer, y)
    assert of(model) == (9, 3) != Window.of_length(144)
    np.testing.assert_allclose(output(model, longer), before, atol=1e-4)
    assert of(kind(**SMALL).fit(longer, y)) == Window.of_length(144)


def test_a_warm_start_may_be_told_the_windows_that_it_has():
    model = RNNClassifier(**SMALL, warm_start=True).fit(X, Y)
    assert of(model.set_params(window=(9, 3)).fit(X, Y)) == (9, 3)
    assert model.n_iter_ == 6
    with pytest.raises(ValueError, match="ngram_size and window to stay what they were"):
        model.set_params(window=(9, 2)).fit(X, Y)
    assert of(model.set_params(warm_start=False).fit(X, Y)) == (9, 2)


def test_windows_that_are_set_after_fit_wait_for_the_next():
    model = RNNClassifier(**SMALL).fit(X, Y)
    before = model.decision_function(X)
    np.testing.assert_array_equal(model.set_params(window=1).decision_function(X), before)


# --- states and explanations ---------------------------------------------------------


def test_unroll_gives_the_windows_of_a_list_of_series():
    model = RNNClassifier(**SMALL).fit(X, Y)
    h, symbols = model.unroll(X[0])
    begins = [0, 3, 6, 9, 11]
    assert h.shape == (len(begins), 2 * 8)
    for begin, window in zip(begins, symbols, strict=True):
        np.testing.assert_array_equal(window, X[0][begin : begin + 9])
    h, (window,) = model.unroll(X[0][:2])
    assert h.shape == (1, 16)
    np.testing.assert_array_equal(window, X[0][[0] + [1] * 8])
    h, symbols = model.unroll(X[4])
    assert h.shape == (0, 16) and symbols == []


def test_unroll_gives_the_windows_of_a_row_of_a_table():
    table = np.random.default_rng(0).normal(size=(20, 12))
    _, symbols = RNNClassifier(**SMALL).fit(table, Y[:20]).unroll(table[3])
    for begin, window in zip([0, 2, 4, 6], symbols, strict=True):
        np.testing.assert_array_equal(window, table[3, begin : begin + 6])


@pytest.mark.parametrize("kind, y", [KINDS[0], KINDS[2]])
@pytest.mark.parametrize("row", [0, 3, 4])
def test_an_explanation_has_a_number_for_each_step(kind, y, row):
    model = kind(**SMALL).fit(X, y)
    found = model.explain(X[row])
    assert found.contributions.shape == (len(X[row]),)
    np.testing.assert_array_equal(np.array(found.symbols).reshape(-1, 2), X[row])
    total = found.contributions.sum()
    assert total == pytest.approx(found.score - found.baseline, rel=1e-3, abs=1e-3)


def test_a_step_that_is_as_the_mean_of_all_gets_nothing():
    model = RNNClassifier(**SMALL).fit(X, Y)
    series = X[0].copy()
    series[10] = np.concatenate(X).mean(axis=0)
    parts = model.explain(series).contributions
    assert abs(parts[10]) < 1e-9 < np.abs(np.delete(parts, 10)).min()


# --- what windows are for ------------------------------------------------------------


def bumps(n, seed):
    """Series of 400 steps: of a narrow bump and a wide one, 300 steps apart, one comes first."""
    rng = np.random.default_rng(seed)
    first, y, t = rng.integers(10, 90, n)[:, None], rng.permutation(n) % 2, np.arange(400)
    narrow, wide = (first + 300 * (y == which)[:, None] for which in (0, 1))
    rows = 2 * np.exp(-(((t - narrow) / 3) ** 2)) + 2 * np.exp(-(((t - wide) / 9) ** 2))
    return rows + rng.normal(scale=0.3, size=rows.shape), y


def test_the_defaults_learn_the_order_of_what_lies_hundreds_of_steps_apart():
    model = RNNClassifier(random_state=0).fit(*bumps(200, seed=0))
    assert model.score(*bumps(200, seed=1)) > 0.9
