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

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
PLAIN = {"pooling": "last", "ngram_range": (1, 1), "min_df": 1}
SURE = {"dropout": 0, "symbol_dropout": 0, "random_state": 0}


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


def test_the_encoder_tells_classes_from_numbers(words):
    X = words[0]
    numbers = [len(x) / 7 for x in X]
    assert not hasattr(RNNEncoder(**SMALL).fit(X, numbers), "classes_")
    assert RNNEncoder(**SMALL).fit(X, numbers).V_.shape == (1, 16)
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


@pytest.mark.parametrize("params", [{}, {"bias": False}, {"pooling": ("bag", "last")}])
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
    params = {"cell": "rnn", "bidirectional": False, "pooling": ("mean", "bag"), "dropout": 0.6}
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
    assert model.V_.shape == (2, 32) and model.target_type_ == "regression"
    if kind is RNNRegressor:
        assert model.predict(X).shape == (120, 2)
        assert model.score(X, y) > 0.9


# --- cells and poolings --------------------------------------------------------------

EVERYTHING = ("last", "mean", "max", "bag")


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("shape", [(False, 1), (True, 1), (False, 2), (True, 2)])
def test_every_shape_learns_and_has_the_matrices_it_says(words, cell, shape):
    bidirectional, n_layers = shape
    gates, d = {"rnn": 1, "gru": 3, "lstm": 4}[cell], 1 + bidirectional
    model = RNNClassifier(
        8, cell=cell, bidirectional=bidirectional, n_layers=n_layers, pooling=EVERYTHING,
        max_iter=60, learning_rate_init=0.01, **SURE,
    ).fit(*words)  # fmt: skip
    assert model.score(*words) > 0.95
    assert model.W_.shape == (n_layers * d * gates * 8, 8)
    assert model.U_.shape == (d * gates * 8, 3 + len(model.vocabulary_))
    assert model.U_above_.shape == ((n_layers - 1) * d * gates * 8, d * 8)
    assert model.V_.shape == (2, 4 * d * 8)
    assert model.b_.shape == (n_layers * d * gates * 8,) and model.c_.shape == (2,)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(words[0]), model.predict_proba(words[0]))


def test_a_bag_forgets_the_order_and_the_recurrence_does_not():
    encoder = RNNEncoder(8, pooling=("bag", "last"), ngram_range=(1, 1), min_df=1, random_state=0)
    h = encoder.fit(["ab", "ba"] * 5, [0, 1] * 5).transform(["ab", "ba"])
    np.testing.assert_allclose(h[0, :8], h[1, :8], rtol=1e-5)
    assert np.abs(h[0, 8:] - h[1, 8:]).max() > 1e-4


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

    assert accuracy() > 0.93 > 0.9 > accuracy(pooling="bag")
    assert accuracy(ngram_range=(1, 1), pooling="bag") < 0.6


def test_ngram_range_auto_reads_five_letters_and_three_words():
    def longest(X, **parameters):
        model = RNNEncoder(4, max_iter=1, **parameters).fit(X, [0, 1])
        return max(map(len, model.vocabulary_))

    assert longest(["abcdefgh", "hgfedcba"]) == 5
    assert longest([list("abcdefgh"), list("hgfedcba")]) == 3
    assert longest(["a b c d e f g h", "h g f e d c b a"], analyzer="word") == 3


def test_symbol_dropout_trains_the_unknown():
    X, y = ["ab", "ba"] * 20, [0, 1] * 20
    hidden = RNNEncoder(8, random_state=0).fit(X, y)
    seen = RNNEncoder(8, symbol_dropout=0, random_state=0).fit(X, y)
    assert hidden.U_[:, 2].any()
    assert not seen.U_[:, 2].any()


# --- state ---------------------------------------------------------------------------


def test_a_pickle_holds_arrays_and_no_more_after_a_prediction(words):
    model = RNNClassifier(**SMALL).fit(*words)
    before = pickle.dumps(model)
    model.predict(words[0])
    assert len(pickle.dumps(model)) == len(before)
    again = pickle.loads(before)
    np.testing.assert_array_equal(again.predict_proba(words[0]), model.predict_proba(words[0]))
    assert len(before) < 1.5 * (model.U_.nbytes + model.W_.nbytes + model.V_.nbytes) + 8000


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
    for value in (fitted.W_, fitted.U_, fitted.V_, fitted.b_, fitted.c_):
        assert type(value) is np.ndarray


def test_clone_and_repr(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params() and not hasattr(copy, "W_")
    assert repr(RNNEncoder(64, activation="relu")) == "RNNEncoder(activation='relu', nhidden=64)"
    assert "RNNClassifier" in fitted._repr_html_()


def test_names_of_features_and_set_output(words):
    encoder = RNNEncoder(3, max_iter=1, pooling="max").set_output(transform="pandas").fit(*words)
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


CHANGES = [{"ngram_range": (1, 2)}, {"activation": "relu"}, {"pooling": ("bag", "mean")}]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_warm_start_refuses_another_net(words, change):
    model = RNNClassifier(**SMALL, warm_start=True).fit(*words)
    with pytest.raises(ValueError, match="set warm_start=False to start anew"):
        model.set_params(**change).fit(*words)


@pytest.mark.parametrize("change", [*CHANGES, {"cell": "gru"}, {"n_layers": 2}], ids=str)
def test_parameters_that_are_set_after_fit_wait_for_the_next(words, change):
    model = RNNClassifier(**SMALL).fit(*words)
    before = model.predict_proba(words[0])
    np.testing.assert_array_equal(model.set_params(**change).predict_proba(words[0]), before)
    assert model.encoder_.transform(words[0]).shape == (len(words[0]), 16)
