"""Fitted estimators that are applied: equal bits for equal rows, and one net for many calls."""

import copy
import gc
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sklearn.base import clone

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor, _base
from skrnn.net import inference
from skrnn.net.frozen import FrozenNetwork

SMALL = {"nhidden": 8, "max_iter": 2, "random_state": 0}
COPIED = ["W_", "U_", "U_above_", "V_", "b_", "c_"]


def random_strings(n=240):
    rng = np.random.default_rng(1)
    return ["".join(rng.choice(list("abcdefg"), rng.integers(9))) for _ in range(n)]


def strings():
    """Six classes: their scores fill no whole register."""
    X = [*random_strings(), None, None]
    return RNNClassifier(**SMALL).fit(X, np.arange(len(X)) % 6), X


def tokens():
    X = [list(x) for x in random_strings()]
    return RNNClassifier(**SMALL, cell="lstm", bidirectional=True).fit(X, np.arange(240) % 2), X


def series():
    rng = np.random.default_rng(0)
    X = [rng.normal(100, 3, (n, 2)) for n in rng.integers(9, size=240)]
    return RNNClassifier(**SMALL, n_layers=1).fit(X, np.arange(240) % 3), X


def several_labels():
    X = random_strings()
    y = np.array([["a" in x, "b" in x, "c" in x] for x in X]).astype(int)
    return RNNClassifier(**SMALL, cell="rnn", activation="relu").fit(X, y), X


def regression():
    X = random_strings()
    y = [len(x) + 1e6 for x in X]
    return RNNRegressor(**SMALL, cell="rnn", n_layers=2, pooling=("mean", "max")).fit(X, y), X


def ngrams_alone():
    X = random_strings()
    return RNNRegressor(cell=None, max_iter=2, random_state=0).fit(X, [len(x) for x in X]), X


KINDS = [strings, tokens, series, several_labels, regression, ngrams_alone]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def applied(request):
    return request.param()


@pytest.fixture(scope="module")
def words_alone():
    """A model and strings that no test changes."""
    return strings()


@pytest.fixture
def model(words_alone):
    """A model of its own: a copy, of which no network has been made."""
    return copy.deepcopy(words_alone[0])


@pytest.fixture
def made(monkeypatch):
    """List the networks that are made."""
    networks, honest = [], FrozenNetwork.__init__

    def init(self, *given):
        networks.append(self)
        honest(self, *given)

    monkeypatch.setattr(FrozenNetwork, "__init__", init)
    return networks


def outputs(model, X):
    """Give what a model says of rows, by the names of its methods."""
    names = ("decision_function", "predict_proba", "predict_log_proba", "predict")
    methods = [getattr(model, name) for name in names if hasattr(model, name)]
    return [model.encoder_.transform(X), *(method(X) for method in methods)]


# --- equal bits ----------------------------------------------------------------------


def test_a_row_has_the_same_bits_whatever_is_beside_it(applied):
    model, X = applied
    if model._precision() != torch.float32:
        pytest.skip("equal bits are promised where the trial of single precision passes")
    whole, rng = outputs(model, X), np.random.default_rng(0)
    for size in (1, 1, 2, 5, 31, 32, 33, 64, 100, 200, len(X)):
        rows = rng.choice(len(X), size, replace=False)
        for some, all_rows in zip(outputs(model, [X[i] for i in rows]), whole):
            np.testing.assert_array_equal(some, all_rows[rows])


def test_a_row_has_the_same_bits_in_parts_of_x(applied, monkeypatch):
    """Rows are read in parts where there are many of them."""
    model, X = applied
    if model._precision() != torch.float32:
        pytest.skip("equal bits are promised where the trial of single precision passes")
    whole = outputs(model, X)
    monkeypatch.setattr(_base, "ROWS_AT_ONCE", 50)
    for part, all_rows in zip(outputs(model, X), whole):
        np.testing.assert_array_equal(part, all_rows)


def test_no_more_scores_than_allowed_are_in_memory(applied, monkeypatch):
    """Where there are thousands of classes, the scores of all rows would not fit."""
    model, X = applied
    if model._precision() != torch.float32:
        pytest.skip("equal bits are promised where the trial of single precision passes")
    whole, sizes, honest = outputs(model, X), [], FrozenNetwork.scores
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", 120)
    monkeypatch.setattr(
        FrozenNetwork, "scores", lambda self, v: sizes.append(len(v)) or honest(self, v)
    )
    for part, all_rows in zip(outputs(model, X), whole):
        np.testing.assert_array_equal(part, all_rows)
    assert len(sizes) > 1 and max(sizes) == 120 // len(model.V_)


def test_vectors_are_those_of_double_precision(applied, monkeypatch):
    """A processor on which single precision depends on what is beside a row gets these."""
    model, X = applied
    single = outputs(model, X)[0]
    monkeypatch.setattr(_base, "precision", lambda architecture, device: torch.float64)
    double = outputs(copy.deepcopy(model), X)[0]
    limit = 16 * np.finfo(np.float32).eps * np.abs(double).max()
    np.testing.assert_allclose(single, double, rtol=0, atol=limit)


def test_predictions_of_a_regression_keep_the_digits_of_y():
    """Around 1e9 single precision has steps of 64."""
    X = random_strings()
    y = np.array([float(len(x)) for x in X])
    near = RNNRegressor(**SMALL).fit(X, y)
    far = copy.deepcopy(near)
    far.c_ = near.c_ + 1e9
    np.testing.assert_allclose(far.predict(X) - 1e9, near.predict(X), rtol=0, atol=1e-6)


def test_two_threads_get_the_same_bits(applied):
    model, X = applied
    expected, before = outputs(model, X), torch.get_num_threads()
    model = copy.deepcopy(model)  # both may make the network
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda i: outputs(model, X), range(8)):
            for one, other in zip(found, expected):
                np.testing.assert_array_equal(one, other)
    assert torch.get_num_threads() == before


# --- the network is made once --------------------------------------------------------


def test_the_network_is_made_once(model, words_alone, made):
    X = words_alone[1]
    for _ in range(2):
        model.predict(X)
        model.decision_function(X[:5])
        model.unroll(X[0])
        model.explain(X[0])
    assert len(made) == 1
    encoder = model.encoder_
    for _ in range(2):
        encoder.transform(X)
    assert len(made) == 2


def test_the_network_of_given_matrices_is_made_once(made):
    encoder = FixedEncoder(W=2).fit(["ab"])
    for _ in range(2):
        encoder.transform(["ab", "b"])
    encoder.unroll("ab")
    assert len(made) == 1
    encoder.W_ = 3 * encoder.W_
    np.testing.assert_array_equal(encoder.transform(["ab"]), [[6, 1]])
    assert len(made) == 2


def test_a_fit_makes_the_network_anew(model, words_alone):
    X = words_alone[1]
    model.predict(X)
    model.set_params(nhidden=5, random_state=1).fit(X, np.arange(len(X)) % 3)
    fresh = clone(model).fit(X, np.arange(len(X)) % 3)
    np.testing.assert_array_equal(model.decision_function(X), fresh.decision_function(X))


@pytest.mark.parametrize("name", [*COPIED[:2], "G_", *COPIED[3:]])
def test_an_array_that_is_assigned_counts(name, model, words_alone):
    X, array = words_alone[1], getattr(model, name)
    before = model.decision_function(X)
    setattr(model, name, array + 1)
    changed = model.decision_function(X)
    assert np.abs(changed - before).max() > 1e-3
    fresh = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(fresh.decision_function(X), changed)
    setattr(model, name, array)
    np.testing.assert_array_equal(model.decision_function(X), before)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", [*COPIED, "G_"])
def test_an_array_that_is_changed_counts_or_cannot_be(name, order, model, words_alone):
    """What the network has copied is read-only; it shares G with the estimator where it can."""
    X = words_alone[1]
    for one in ("U_", "G_"):
        setattr(model, one, np.array(getattr(model, one), order=order))
    array = getattr(model, name)
    before = model.decision_function(X)
    if name == "G_" and order == "F":
        array[:] += 1
        assert np.abs(model.decision_function(X) - before).max() > 1e-3
    else:
        with pytest.raises(ValueError, match="assignment destination is read-only"):
            array[:] = 0
    fresh = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(fresh.decision_function(X), model.decision_function(X))


def test_given_matrices_are_read_only_after_they_were_applied():
    encoder = FixedEncoder().fit(["ab"])
    encoder.W_[:] *= 2
    assert encoder.transform(["ab"]).tolist() == [[2, 1]]
    for array in (encoder.W_, encoder.U_):
        with pytest.raises(ValueError, match="assignment destination is read-only"):
            array[:] = 0
    encoder.U_ = encoder.U_ + 0
    encoder.U_[:, -2:] *= 3  # of another array, which was not applied yet
    assert encoder.transform(["ab"]).tolist() == [[6, 3]]


def test_matrices_that_the_user_gave_stay_writeable():
    W, U = 2 * np.eye(2), np.eye(2)
    FixedEncoder(W, U, vocabulary=["a", "b"]).fit_transform(["ab"])
    assert W.flags.writeable and U.flags.writeable


def test_a_device_that_is_set_counts(model, words_alone, made, monkeypatch):
    monkeypatch.setattr(_base, "precision", lambda architecture, device: torch.float64)
    model.predict(words_alone[1])
    model.set_params(device="cpu:1").predict(words_alone[1])  # torch knows it as another one
    assert len(made) == 2 and made[0] is not made[1]
    with pytest.raises(ValueError, match=r"^RNNClassifier cannot compute on device='nowhere'"):
        model.set_params(device="nowhere").predict(words_alone[1])


@pytest.mark.parametrize(
    "copied", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy, copy.copy]
)
def test_a_copy_makes_a_network_of_its_own(copied, model, words_alone, made):
    X = words_alone[1]
    before = model.decision_function(X)
    other = copied(model)
    assert vars(other).keys() == vars(model).keys()
    np.testing.assert_array_equal(other.decision_function(X), before)
    assert len(made) == 2 and made[0] is not made[1]
    other.V_ = 2 * other.V_
    assert np.abs(other.decision_function(X) - before).max() > 1e-3
    np.testing.assert_array_equal(model.decision_function(X), before)


def test_a_clone_has_no_network(model, words_alone):
    model.predict(words_alone[1])
    assert not hasattr(clone(model), "W_") and clone(model) not in _base._FROZEN


def test_a_pickle_is_no_larger_after_a_prediction(applied):
    model, X = applied
    fresh = copy.deepcopy(model)
    before = len(pickle.dumps(fresh))
    fresh.predict(X)
    assert len(pickle.dumps(fresh)) == before


def test_the_network_goes_with_the_estimator(words_alone):
    model = copy.deepcopy(words_alone[0])
    model.predict(words_alone[1])
    network = weakref.ref(model._frozen())
    del model
    gc.collect()
    assert network() is None


@pytest.mark.parametrize("kind", [RNNClassifier, RNNRegressor, RNNEncoder])
def test_a_warm_start_goes_on_after_a_prediction(kind):
    X = random_strings()
    y = np.arange(240) % 2
    apply = kind.transform if kind is RNNEncoder else kind.predict
    plain, looked_at = (kind(**SMALL, warm_start=True).fit(X, y) for _ in range(2))
    before = apply(looked_at, X)
    assert not looked_at.W_.flags.writeable
    plain, looked_at = (one.fit(X, y) for one in (plain, looked_at))
    assert looked_at.W_.flags.writeable and looked_at.n_iter_ == 4
    np.testing.assert_array_equal(looked_at.W_, plain.W_)
    np.testing.assert_array_equal(apply(looked_at, X), apply(plain, X))
    if kind is not RNNClassifier:
        assert np.abs(apply(looked_at, X) - before).max() > 1e-4
