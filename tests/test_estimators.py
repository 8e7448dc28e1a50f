"""What users of the estimators rely on, beyond scikit-learn's own checks."""

import pickle
import pickletools

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from sklearn.base import clone
from sklearn.datasets import make_classification

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.datasets import load_names
from skrnn.net import trainer

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
PLAIN = {"cell": "rnn", "ngram_range": None}
SURE = {"dropout": 0, "ngram_dropout": 0, "random_state": 0}


@pytest.fixture(scope="module")
def fitted(words):
    return RNNClassifier(16, max_iter=20, **SURE, **PLAIN).fit(*words)


def test_it_learns_the_order_of_letters(fitted):
    assert fitted.predict(["abz", "baz", "abxyxy", "bayxyx"]).tolist() == ["one", "two"] * 2


def test_shuffled_labels_kill_the_accuracy(words):
    X, y = words
    rng = np.random.default_rng(0)
    train, test = slice(0, 80), slice(80, 120)
    model = RNNClassifier(16, max_iter=20, **SURE, **PLAIN)
    honest = model.fit(X[train], y[train]).score(X[test], y[test])
    shuffled = model.fit(X[train], rng.permutation(y[train])).score(X[test], y[test])
    assert honest > 0.95
    assert shuffled < 0.75


def test_probabilities_are_the_softmax_of_the_equation(fitted):
    h = np.zeros(16)
    for symbol in "abzz":
        h = np.tanh(fitted.W_ @ h + fitted.U_[:, fitted.vocabulary_[symbol]] + fitted.b_)
    o = np.exp(fitted.V_ @ h + fitted.c_)
    np.testing.assert_allclose(fitted.encoder_.transform(["abzz"])[0], h, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(fitted.predict_proba(["abzz"])[0], o / o.sum(), rtol=1e-4)
    np.testing.assert_allclose(
        fitted.predict_log_proba(["abzz"]), np.log(fitted.predict_proba(["abzz"]))
    )


def test_encoder_is_a_fitted_encoder_that_shares_the_arrays(fitted, words):
    encoder = fitted.encoder_
    assert isinstance(encoder, RNNEncoder)
    assert encoder.W_ is fitted.W_
    assert encoder.get_params() == {**fitted.get_params(), "target_type": "classification"}
    own = RNNEncoder(16, max_iter=20, **SURE, **PLAIN).fit(*words)
    np.testing.assert_array_equal(own.transform(words[0]), encoder.transform(words[0]))
    assert encoder.classes_.tolist() == ["one", "two"]


@pytest.mark.parametrize("kind", [RNNClassifier, RNNRegressor])
def test_encoder_needs_a_fit(kind):
    with pytest.raises(sklearn.exceptions.NotFittedError):
        _ = kind().encoder_


@pytest.mark.parametrize("y", [[True, False], ["b", "a"], [3, -1], [1.0, 2.0], [0, 1, 2]])
def test_labels_of_any_type(y):
    X = ["ab", "ba", "c"][: len(y)] * 20
    model = RNNClassifier(8, max_iter=100, **SURE).fit(X, y * 20)
    assert model.classes_.tolist() == sorted(set(y))
    assert model.predict(X[: len(y)]).tolist() == y
    assert model.predict(X).dtype == np.asarray(y).dtype
    assert model.predict_proba(X).shape == (len(X), len(y))


def test_labels_as_a_category_column():
    y = pd.Series(["u", "v"] * 10, dtype="category")
    assert RNNClassifier(**SMALL).fit(["ab", "ba"] * 10, y).classes_.tolist() == ["u", "v"]


def test_the_encoder_is_told_what_y_is(words):
    X, numbers = words[0], [len(word) for word in words[0]]
    told = RNNEncoder(8, max_iter=2, random_state=0, target_type="regression").fit(X, numbers)
    regressor = RNNRegressor(8, max_iter=2, random_state=0).fit(X, numbers)
    np.testing.assert_array_equal(told.transform(X), regressor.encoder_.transform(X))
    assert regressor.encoder_.target_type == told.target_type_ == "regression"
    auto = RNNEncoder(8, max_iter=2, random_state=0).fit(X, numbers)
    assert auto.classes_.tolist() == sorted(set(numbers)) and not hasattr(told, "classes_")
    with pytest.raises(ValueError, match=r"^RNNEncoder needs y to be classes, got numbers such as"):
        RNNEncoder(8, target_type="classification").fit(X, np.array(numbers) / 2.5)


def test_numbers_that_may_be_quantities_are_said_to_be_taken_for_classes():
    X = [f"{i:04}" for i in range(1200)]
    y = np.arange(1200) % 150
    encoder = RNNEncoder(4, max_iter=1, ngram_range=None, random_state=0)
    with pytest.warns(UserWarning, match="^RNNEncoder treats the 150") as caught:
        encoder.fit(X, y)
    assert [str(warning.message) for warning in caught] == [
        "RNNEncoder treats the 150 different whole numbers of y as classes: set "
        "target_type='regression' if they are quantities, or 'classification' if not."
    ]
    assert caught[0].filename == __file__
    encoder.set_params(target_type="classification").fit(X, y)
    encoder.set_params(target_type="auto").fit(X, y.astype(str))
    encoder.fit(X, y % 100)


def test_the_encoder_tells_classes_from_numbers(words):
    X = words[0]
    numbers = [len(x) / 7 for x in X]
    assert not hasattr(RNNEncoder(**SMALL).fit(X, numbers), "classes_")
    assert RNNEncoder(**SMALL).fit(X, numbers).V_.shape == (1, 8 + 128)
    assert RNNEncoder(**SMALL).fit(X, [len(x) for x in X]).classes_.tolist() == [3, 4, 5, 6]
    encoder = RNNEncoder(**SMALL).fit(X, words[1])
    assert not hasattr(encoder.fit(X, numbers), "classes_")  # nothing stale after a refit


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_a_regression_does_not_depend_on_the_units_of_y(words, scale):
    X = words[0]
    y = np.array([float(len(x)) for x in X])
    model = RNNRegressor(16, max_iter=60, **SURE).fit(X, y * scale + 3 * scale)
    assert model.score(X, y * scale + 3 * scale) > 0.9
    base = RNNRegressor(16, max_iter=60, **SURE).fit(X, y)
    np.testing.assert_allclose(model.predict(X) / scale - 3, base.predict(X), atol=0.05)


@pytest.mark.parametrize("params", [{}, {"bias": False}, {"pooling": ("mean", "last")}])
@pytest.mark.parametrize("shift", [0.0, 1e4])
def test_a_fit_of_series_does_not_depend_on_their_units(params, shift):
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in rng.integers(2, 9, size=40)]
    y = np.array([x[-1, 0] > x[0, 0] for x in X])
    units = np.array([1e-3, 1e6])
    if params:  # b cannot take the shift up
        shift = 0.0
    others = [(x + shift) * units for x in X]
    settings = {"nhidden": 8, "max_iter": 5, "random_state": 0, **params}
    settings |= {"batch_size": 40, "dropout": 0}  # the order of the rows is that of their bytes
    one, other = RNNClassifier(**settings).fit(X, y), RNNClassifier(**settings).fit(others, y)
    np.testing.assert_allclose(one.decision_function(X), other.decision_function(others), atol=1e-4)
    settings |= {"warm_start": True, "learning_rate_init": 1e-12}
    on = RNNClassifier(**settings).fit(others, y).set_params(max_iter=1)
    before = on.decision_function(others)
    np.testing.assert_allclose(on.fit(others, y).decision_function(others), before, atol=1e-4)


def test_a_variable_that_never_changes_does_no_harm():
    X = np.random.default_rng(0).normal(size=(20, 5, 2))
    X[:, :, 1] = 7
    y = X[:, -1, 0] > 0
    assert RNNClassifier(8, random_state=0).fit(X, y).score(X, y) == 1


def test_auto_is_one_thing_for_symbols_and_another_for_series(words):
    params = {"cell": "gru", "bidirectional": False, "pooling": "last"}
    model = RNNClassifier(**SMALL).fit(*words)
    np.testing.assert_array_equal(model.W_, RNNClassifier(**SMALL, **params).fit(*words).W_)
    series = np.random.default_rng(0).normal(size=(12, 4, 1)), [0, 1] * 6
    params = {"cell": "gru", "bidirectional": True, "pooling": ("last", "max"), "dropout": 0.2}
    model = RNNClassifier(**SMALL).fit(*series)
    np.testing.assert_array_equal(model.W_, RNNClassifier(**SMALL, **params).fit(*series).W_)


def test_a_constant_number_is_predicted():
    model = RNNRegressor(**SMALL).fit(["a", "b", "c"], [5.0, 5.0, 5.0])
    np.testing.assert_allclose(model.predict(["a", "zz"]), 5.0, rtol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_bias(words, bias):
    model = RNNClassifier(**SMALL, bias=bias).fit(*words)
    assert bool(model.b_.any() and model.c_.any()) is bias


# --- weights -------------------------------------------------------------------------


@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"batch_size": 4}])
def test_weights_are_repeats(words, params):
    X, y = words
    weight = np.random.default_rng(0).integers(0, 4, len(X))
    weighted = RNNClassifier(**SMALL, **params).fit(X, y, sample_weight=weight)
    repeated = RNNClassifier(**SMALL, **params).fit(np.repeat(X, weight), np.repeat(y, weight))
    np.testing.assert_array_equal(weighted.W_, repeated.W_)
    np.testing.assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))
    assert weighted.loss_curve_ == repeated.loss_curve_


@pytest.mark.parametrize("kind", [RNNEncoder, RNNClassifier, RNNRegressor])
@pytest.mark.parametrize("weight", [1, 0.25])
def test_equal_weights_change_not_a_bit(words, kind, weight):
    X, y = words[0], np.arange(120) % 2
    plain = kind(**SMALL).fit(X, y)
    weighted = kind(**SMALL).fit(X, y, sample_weight=np.full(len(X), weight))
    np.testing.assert_array_equal(plain.W_, weighted.W_)


@pytest.mark.parametrize("unit", [2.0**-1000, 1e-12, 7.0, 1e300])
@pytest.mark.parametrize("kind", [RNNClassifier, RNNRegressor])
def test_the_unit_of_weights_changes_nothing(words, kind, unit):
    X, y = words[0], np.arange(120) % 3
    weight, params = np.random.default_rng(0).integers(1, 9, 120), {**SMALL, "early_stopping": True}
    if kind is RNNClassifier:
        params["class_weight"] = {0: 3 * unit, 1: unit, 2: unit}
    one = kind(**params).fit(X, y, weight)
    params["class_weight"] = {0: 3} if kind is RNNClassifier else None
    other = kind(**params).fit(X, y, weight * unit)
    np.testing.assert_allclose(other.loss_curve_, one.loss_curve_, rtol=1e-5)
    np.testing.assert_allclose(other.predict(X), one.predict(X), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("unit", [2.0**-1000, 1e-200, 1e-30, 1e60, 1e140])
def test_the_unit_of_y_changes_nothing(words, unit):
    X, y = words[0], np.random.default_rng(0).normal(size=(120, 2))
    one, other = (RNNRegressor(**SMALL).fit(X, numbers) for numbers in (y, y * unit))
    assert one.predict(X).std() > 0.1
    np.testing.assert_allclose(other.predict(X) / unit, one.predict(X), rtol=1e-4, atol=1e-5)
    score = other.explain(X[0], output=1).score
    assert score / unit == pytest.approx(one.explain(X[0], output=1).score, abs=1e-5)


def test_weights_are_repeats_where_training_lasts_as_long_as_it_pays():
    rng = np.random.default_rng(0)
    X = ["".join(rng.choice(list("abcdefgh"), 4)) for _ in range(700)]
    y = ["a" in x for x in X]
    weight = rng.integers(1, 5, len(X))
    params = {"nhidden": 4, "ngram_size": 4, "batch_size": 100, "random_state": 0}
    weighted = RNNClassifier(**params).fit(X, y, sample_weight=weight)
    repeated = RNNClassifier(**params).fit(np.repeat(X, weight), np.repeat(y, weight))
    assert weighted.loss_curve_ == repeated.loss_curve_
    np.testing.assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))


@pytest.mark.parametrize("max_iter", [10, "auto"])
@pytest.mark.parametrize("seed", range(4))
def test_a_string_that_is_repeated_gets_the_shares_of_its_classes(seed, max_iter):
    names, countries = map(np.array, load_names(return_X_y=True))
    found, counts = np.unique(countries, return_counts=True)
    labels = found[np.argsort(-counts)[:3]]
    rows = np.flatnonzero(np.isin(countries, labels))
    rows = np.random.default_rng(seed).choice(rows, 1600, replace=False)
    X, y = [*names[rows], *["london"] * 400], [*countries[rows], *np.repeat(labels, [260, 100, 40])]
    model = RNNClassifier(max_iter=max_iter, random_state=seed).fit(X, y)
    p = model.predict_proba(["london"])[0, np.searchsorted(model.classes_, labels)]
    np.testing.assert_allclose(p, [0.65, 0.25, 0.1], atol=0.05)


@pytest.mark.parametrize("times", [1, 50, 1000])
def test_repeats_cost_little(words, times, monkeypatch):
    """No matter how often rows are repeated, an epoch visits at most three times as many."""
    X, y = words
    pairs = set(zip(X, y.tolist()))
    seen, honest = [], trainer.epoch

    def epoch(network, optimizer, examples, *rest):
        seen.append(len(examples.rows))
        return honest(network, optimizer, examples, *rest)

    monkeypatch.setattr(trainer, "epoch", epoch)
    weight = np.where(np.arange(120) % 9 == 0, times, 1)
    RNNClassifier(**SMALL).fit(np.repeat(X, weight), np.repeat(y, weight))
    assert len(pairs) <= min(seen) and max(seen) <= 3 * len(pairs)


def test_a_row_of_zero_weight_shapes_nothing():
    X, y = ["ab", "ba", "ab?", "b"], ["u", "v", "w", "v"]
    model = RNNClassifier(**SMALL, **PLAIN).fit(X, y, sample_weight=[1, 1, 0, 1])
    assert list(model.vocabulary_) == ["a", "b"]
    assert model.classes_.tolist() == ["u", "v"]
    np.testing.assert_array_equal(
        model.W_, RNNClassifier(**SMALL, **PLAIN).fit(X[:2] + X[3:], y[:2] + y[3:]).W_
    )


def test_the_order_of_rows_changes_nothing(words):
    X, y = words
    order = np.random.default_rng(1).permutation(len(X))
    a = RNNClassifier(**SMALL).fit(X, y)
    b = RNNClassifier(**SMALL).fit([X[i] for i in order], y[order])
    np.testing.assert_array_equal(a.W_, b.W_)


def test_weights_flip_the_answer():
    X, y = ["a", "a"], ["u", "v"]
    for weight, answer in (([9, 1], "u"), ([1, 9], "v")):
        model = RNNClassifier(8, max_iter=300, **SURE)
        model.fit(X, y, sample_weight=weight)
        assert model.predict(["a"]).item() == answer
        np.testing.assert_allclose(model.predict_proba(["a"]).max(), 0.9, atol=0.05)


def test_balanced_classes_weigh_the_same():
    X, y = ["a"] * 9 + ["a"], ["u"] * 9 + ["v"]
    plain = RNNClassifier(8, max_iter=300, **SURE).fit(X, y)
    balanced = RNNClassifier(8, max_iter=300, class_weight="balanced", **SURE).fit(X, y)
    given = RNNClassifier(8, max_iter=300, class_weight={"v": 9}, **SURE).fit(X, y)
    np.testing.assert_allclose(plain.predict_proba(["a"]), [[0.9, 0.1]], atol=0.03)
    np.testing.assert_allclose(balanced.predict_proba(["a"]), [[0.5, 0.5]], atol=0.03)
    np.testing.assert_allclose(given.predict_proba(["a"]), [[0.5, 0.5]], atol=0.03)


# --- several outputs -----------------------------------------------------------------


def test_multilabel():
    X = ["", "a", "b", "ab"] * 10
    y = np.array([[int("a" in x), int("b" in x)] for x in X])
    model = RNNClassifier(16, max_iter=100, **SURE, **PLAIN).fit(X, y, X_val=X, y_val=y)
    assert model.classes_.tolist() == [0, 1] and model.target_type_ == "multilabel"
    np.testing.assert_array_equal(model.predict(X), y)
    p = model.predict_proba(X)
    assert p.shape == (40, 2) and ((p > 0.5) == y).all()
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p)
    assert model.score(X, y) == model.validation_scores_[-1] == 1
    assert RNNEncoder(**SMALL).fit(X, y).target_type_ == "multilabel"


@pytest.mark.parametrize("kind", [RNNRegressor, RNNEncoder])
def test_several_numbers(words, kind):
    X = words[0]
    y = np.array([[len(x) / 7, 1000.0 * x.count("z")] for x in X])
    model = kind(16, max_iter=100, **SURE).fit(X, y)
    assert model.V_.shape == (2, 16 + 128) and model.target_type_ == "regression"
    if kind is RNNRegressor:
        assert model.predict(X).shape == (120, 2)
        assert model.score(X, y) > 0.9


# --- cells and poolings --------------------------------------------------------------

EVERYTHING = ("last", "mean", "max")


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("shape", [(False, 1), (True, 1), (False, 2), (True, 2)])
def test_every_shape_learns_and_has_the_matrices_it_says(words, cell, shape):
    bidirectional, n_layers = shape
    gates, d = {"rnn": 1, "gru": 3, "lstm": 4}[cell], 1 + bidirectional
    model = RNNClassifier(
        8, cell=cell, bidirectional=bidirectional, n_layers=n_layers, pooling=EVERYTHING,
        max_iter=60, learning_rate_init=0.01, ngram_size=6, **SURE,
    ).fit(*words)  # fmt: skip
    assert model.score(*words) > 0.95
    assert model.W_.shape == (n_layers * d * gates * 8, 8)
    assert model.U_.shape == (d * gates * 8, 3 + len(model.vocabulary_))
    assert model.U_above_.shape == ((n_layers - 1) * d * gates * 8, d * 8)
    assert model.G_.shape == (6, 3 + len(model.ngrams_))
    assert model.V_.shape == (2, 3 * d * 8 + 6)
    assert model.b_.shape == (n_layers * d * gates * 8,) and model.c_.shape == (2,)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(words[0]), model.predict_proba(words[0]))


def test_order_is_known_to_h_and_not_to_single_letters_in_g():
    encoder = RNNEncoder(8, ngram_range=(1, 1), random_state=0)
    vectors = encoder.fit(["ab", "ba"] * 5, [0, 1] * 5).transform(["ab", "ba"])
    np.testing.assert_allclose(vectors[0, 8:], vectors[1, 8:], rtol=1e-5)
    assert np.abs(vectors[0, :8] - vectors[1, :8]).max() > 1e-4


def test_the_defaults_learn_which_of_two_letters_comes_first():
    """The letters are as far apart as chance has it, so that n-grams say little of it."""
    rng = np.random.default_rng(0)
    X, y = [], []
    for _ in range(2000):
        letters, (i, j) = rng.choice(list("cdefgh"), 12), rng.choice(12, 2, replace=False)
        letters[[i, j]] = "a", "b"
        X.append("".join(letters))
        y.append(i < j)

    def accuracy(**parameters):
        model = RNNClassifier(**parameters, random_state=0).fit(X[:1500], y[:1500])
        return model.score(X[1500:], y[1500:])

    assert accuracy() > 0.93 > 0.9 > accuracy(cell=None)
    assert accuracy(ngram_range=(1, 1), cell=None) < 0.6


# --- n-grams -------------------------------------------------------------------------


def test_the_columns_of_g_have_names():
    def names(X, **parameters):
        model = RNNEncoder(4, max_iter=1, ngram_size=5, **parameters).fit(X, [0, 1])
        n = len(model.ngrams_)
        assert list(model.ngrams_.values()) == list(range(3, 3 + n))
        assert model.G_.shape == (5, 3 + n) and model.G_.dtype == np.float32
        assert all(isinstance(symbol, str) for symbol in model.vocabulary_)
        return set(model.ngrams_)

    assert names(["ab a", "a"], ngram_range=(1, 1)) == {"a", "b", " ", "\x03"}
    assert names(["ab", "a"], ngram_range=(2, 2)) == {
        "\x02a", "ab", "b\x03", "a\x03",
    }  # fmt: skip
    assert names([["in"], ["in", "to"]], ngram_range=(1, 2)) == {
        "in", "to", "\x03", ("\x02", "in"), ("in", "to"), ("in", "\x03"), ("to", "\x03"),
    }  # fmt: skip
    assert names(["to be", "be"], analyzer="word", ngram_range=(1, 1)) == {"to", "be", "\x03"}


def test_ngram_range_auto_reads_five_letters_and_three_words():
    def longest(X, **parameters):
        model = RNNEncoder(4, max_iter=1, **parameters).fit(X, [0, 1])
        return max(map(len, model.ngrams_))

    assert longest(["abcdefgh", "hgfedcba"]) == 5
    assert longest([list("abcdefgh"), list("hgfedcba")]) == 3
    assert longest(["a b c d e f g h", "h g f e d c b a"], analyzer="word") == 3


def columns_in(x, known):
    """List the columns of the n-grams of up to two characters of x."""
    marked = f"\x02{x}\x03"
    ngrams = [marked[i - n : i] for i in range(2, len(marked) + 1) for n in (1, 2)]
    return [known[ngram] for ngram in ngrams if ngram in known]


def test_scores_are_those_of_the_whole_equation():
    X, y = ["to be", "be to", "or not", "not or"] * 5, [0, 1, 2, 1] * 5
    model = RNNClassifier(
        8, cell="rnn", ngram_range=(1, 2), ngram_size=6, max_iter=20, random_state=0
    ).fit(X, y)
    for x in ("to be", "not to", "bored ?"):
        h = np.zeros(8)
        for symbol in x:
            h = np.tanh(model.W_ @ h + model.U_[:, model.vocabulary_.get(symbol, 2)] + model.b_)
        g = model.G_[:, columns_in(x, model.ngrams_)].sum(axis=1) / len(x) ** 0.5
        vector = np.concatenate([h, g])
        np.testing.assert_allclose(model.encoder_.transform([x])[0], vector, rtol=1e-4, atol=1e-6)
        o = model.V_ @ vector + model.c_
        np.testing.assert_allclose(model.decision_function([x])[0], o, rtol=1e-4, atol=1e-5)


def test_missing_and_empty_have_columns_of_their_own():
    model = RNNEncoder(4, ngram_size=5, max_iter=2, random_state=0)
    g = model.fit([None, "", "ab", "b"] * 3, [0, 1, 0, 1] * 3).transform([None, "", "?"])[:, 4:]
    np.testing.assert_allclose(g[:2], model.G_[:, :2].T, rtol=1e-6)
    assert np.abs(g[0] - g[1]).max() > 1e-3


def test_a_recurrence_alone(words):
    model = RNNClassifier(8, ngram_range=None, bidirectional=True, max_iter=60, **SURE).fit(*words)
    assert model.score(*words) > 0.95
    assert model.G_.shape == (0, 0) and not hasattr(model, "ngrams_")
    assert model.V_.shape == (2, 16) and model.encoder_.transform(["ab"]).shape == (1, 16)
    others = {"ngram_size": 3, "ngram_dropout": 0.5}  # of no use then
    again = RNNClassifier(8, ngram_range=None, bidirectional=True, max_iter=60, **SURE | others)
    np.testing.assert_array_equal(again.fit(*words).V_, model.V_)


def test_ngrams_alone(words):
    model = RNNClassifier(cell=None, ngram_size=6, max_iter=60, **SURE).fit(*words)
    assert model.score(*words) > 0.95
    assert model.W_.size == model.U_.size == model.b_.size == model.U_above_.size == 0
    assert model.V_.shape == (2, 6) and model.encoder_.transform(["ab"]).shape == (1, 6)
    with pytest.raises(ValueError) as error:
        model.unroll("ab")
    assert str(error.value) == (
        "RNNClassifier.unroll needs a recurrence, got an estimator fitted with "
        'cell=None: fit it with another cell, such as "auto".'
    )
    assert model.set_params(cell="gru").score(*words) > 0.95  # until the next fit
    others = {"nhidden": 3, "n_layers": 2, "bidirectional": True, "activation": "relu"}
    again = RNNClassifier(cell=None, ngram_size=6, max_iter=60, **SURE, **others).fit(*words)
    np.testing.assert_array_equal(again.V_, model.V_)


def test_dropout_auto_hides_less_of_h_than_of_g(words):
    for part, rate in (({"ngram_range": None}, 0.2), ({"cell": None}, 0.6)):
        auto, given = (RNNClassifier(**SMALL, **part, dropout=p) for p in ("auto", rate))
        np.testing.assert_array_equal(auto.fit(*words).V_, given.fit(*words).V_)
        other = RNNClassifier(**SMALL, **part, dropout=0).fit(*words)
        assert np.abs(auto.V_ - other.V_).max() > 1e-4


def test_rare_ngrams_have_no_column_but_every_symbol_has():
    X, y = ["abab", "abz"] * 2 + ["q"], [0, 1] * 2 + [1]
    model = RNNEncoder(4, ngram_range=(1, 2), min_df=3, max_iter=1, random_state=0).fit(X, y)
    assert set(model.vocabulary_) == {"a", "b", "z", "q"}
    assert {"q", "ab"} <= set(model.ngrams_) and "bz" not in model.ngrams_
    few = RNNEncoder(4, max_features=2, max_iter=1, random_state=0).fit(X, y)
    assert len(few.ngrams_) == 2


def test_a_rare_symbol_is_unknown_only_where_there_are_no_ngrams():
    X, y = ["ab", "ba", "abz"] * 10 + ["q"], [0, 1, 0] * 10 + [1]
    alone = RNNEncoder(4, ngram_range=None, min_df=2, max_iter=2, random_state=0).fit(X, y)
    beside = RNNEncoder(4, min_df=2, max_iter=2, random_state=0).fit(X, y)
    assert "q" not in alone.vocabulary_ and alone.U_[:, 2].any()
    assert "q" in beside.vocabulary_ and not beside.U_[:, 2].any()


def test_the_articles_net_is_one_line(words):
    model = RNNClassifier(
        20, cell="rnn", init="article", ngram_range=None, bias=False, dropout=0, solver="adam",
        learning_rate="constant", learning_rate_init=0.003, batch_size=32, max_iter=60,
        random_state=0,
    ).fit(*words)  # fmt: skip
    assert model.W_.shape == (20, 20) and model.V_.shape == (2, 20)
    assert not model.b_.any() and not model.c_.any()
    assert model.score(*words) > 0.9


def test_a_warm_start_keeps_the_ngrams(words):
    X, y = words
    model = RNNClassifier(**SMALL, warm_start=True).fit(X, y)
    ngrams, G = dict(model.ngrams_), model.G_.copy()
    model.fit([*X, "unseen"], [*y, "one"])
    assert model.ngrams_ == ngrams and model.G_.shape == G.shape
    assert np.abs(model.G_ - G).max() > 1e-4
    model.set_params(learning_rate_init=1e-12, max_iter=1, learning_rate="constant")
    before = model.predict_proba(X)
    np.testing.assert_allclose(model.fit(X, y).predict_proba(X), before, atol=1e-5)


# --- state ---------------------------------------------------------------------------


def test_a_pickle_holds_arrays_and_no_more_after_a_prediction(words):
    model = RNNClassifier(**SMALL).fit(*words)
    before = pickle.dumps(model)
    model.predict(words[0])
    assert len(pickle.dumps(model)) == len(before)
    again = pickle.loads(before)
    np.testing.assert_array_equal(again.predict_proba(words[0]), model.predict_proba(words[0]))
    arrays = (model.U_, model.G_, model.W_, model.V_)
    assert len(before) < 1.5 * sum(array.nbytes for array in arrays) + 8000


def test_same_seed_same_model_and_global_seeds_untouched(words):
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    settings = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    a = RNNClassifier(**SMALL).fit(*words)
    a.predict(words[0])
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])
    assert settings == (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled())
    torch.manual_seed(2)
    np.random.seed(2)
    b = RNNClassifier(**SMALL).fit(*words)
    np.testing.assert_array_equal(a.W_, b.W_)
    other = RNNClassifier(**{**SMALL, "random_state": 1}).fit(*words)
    assert np.abs(a.W_ - other.W_).max() > 1e-3


def test_a_random_state_instance_moves_on(words):
    random = np.random.RandomState(0)
    model = RNNClassifier(8, max_iter=1, random_state=random)
    first = model.fit(*words).U_
    assert np.abs(first - model.fit(*words).U_).max() > 1e-3


def test_a_pickle_holds_arrays_and_no_torch(fitted, words):
    data = pickle.dumps(fitted)
    modules = {arg for op, arg, _ in pickletools.genops(data) if op.name == "SHORT_BINUNICODE"}
    assert not any(str(name).startswith("torch") for name in modules)
    again = pickle.loads(data)
    np.testing.assert_array_equal(again.predict_proba(words[0]), fitted.predict_proba(words[0]))
    for value in (fitted.W_, fitted.U_, fitted.G_, fitted.V_, fitted.b_, fitted.c_):
        assert type(value) is np.ndarray


def test_clone_and_repr(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params() and not hasattr(copy, "W_")
    assert repr(RNNEncoder(32, activation="relu")) == "RNNEncoder(activation='relu', nhidden=32)"
    assert "RNNClassifier" in fitted._repr_html_()


def test_names_of_features_and_set_output(words):
    encoder = RNNEncoder(2, ngram_size=1, max_iter=1).set_output(transform="pandas").fit(*words)
    assert encoder.get_feature_names_out().tolist() == ["rnnencoder0", "rnnencoder1", "rnnencoder2"]
    series = pd.Series(words[0], index=range(5, 125))
    frame = encoder.transform(series)
    assert list(frame.columns) == ["rnnencoder0", "rnnencoder1", "rnnencoder2"]
    assert frame.index.equals(series.index)
    assert encoder.set_output(transform="polars").transform(series).shape == (120, 3)


def test_predictions_do_not_depend_on_batch_mates(fitted, words):
    long = "ab" * 500
    together = fitted.encoder_.transform([*words[0], long])
    alone = np.vstack([fitted.encoder_.transform([x]) for x in [*words[0], long]])
    np.testing.assert_allclose(together, alone, rtol=1e-6, atol=1e-7)


def test_nothing_given_is_changed():
    X, y = make_classification(20, random_state=0)
    weight = np.arange(20.0)
    copies = X.copy(), y.copy(), weight.copy()
    RNNClassifier(**SMALL).fit(X, y, sample_weight=weight).predict(X)
    for given, copy in zip((X, y, weight), copies):
        np.testing.assert_array_equal(given, copy)


def test_a_variable_of_equal_numbers_that_round_is_one_that_never_changes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 6, 2))
    X[:, :, 1] = 0.1
    y = X[:, :, 0].sum(1) > 0
    model = RNNClassifier(8, max_iter=3, random_state=0).fit(X, y)
    assert np.abs(model.U_).max() < 100 and np.abs(model.b_).max() < 100


def test_a_series_of_length_zero_alone_is_what_it_is_among_others():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (3, 0, 4, 2)]
    model = RNNClassifier(4, max_iter=2, random_state=0).fit(X, [0, 1, 0, 1])
    among = model.predict_proba(X)[1]
    np.testing.assert_allclose(model.predict_proba([np.zeros((0, 2))])[0], among)
    assert model.unroll(X[1])[0].shape == (0, 8)


CHANGES = [
    {"ngram_range": None},
    {"ngram_range": (1, 4)},
    {"ngram_size": 5},
    {"activation": "relu"},
    {"pooling": "mean"},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_warm_start_refuses_another_net(words, change):
    model = RNNClassifier(**SMALL, warm_start=True).fit(*words)
    with pytest.raises(ValueError, match="set warm_start=False to start anew"):
        model.set_params(**change).fit(*words)


@pytest.mark.parametrize(
    "change", [*CHANGES, {"cell": None}, {"cell": "lstm"}, {"n_layers": 2}], ids=str
)
def test_parameters_that_are_set_after_fit_wait_for_the_next(words, change):
    model = RNNClassifier(**SMALL).fit(*words)
    before = model.predict_proba(words[0])
    np.testing.assert_array_equal(model.set_params(**change).predict_proba(words[0]), before)
    assert model.encoder_.transform(words[0]).shape == (len(words[0]), 8 + 128)
