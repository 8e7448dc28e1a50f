"""Models of ONNX: they give what the estimators give."""

import sys
from functools import cache

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor, _onnx, onnx_inputs, to_onnx
from skrnn.net.pooling import POOLINGS

onnx = pytest.importorskip("onnx", reason="the package of an extra")
InferenceSession = pytest.importorskip("onnxruntime", reason="of the tests").InferenceSession

CELLS = ["gru", "lstm", "rnn"]
EVERYTHING = ("max", "last", "mean")
TOLERANCE = 1e-5


@cache
def data(form):
    """Give sequences of different lengths, and more for prediction, with unknown and empty ones."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 9, 60)
    if form == "series":
        X = [rng.normal(2000, 3, (n, 2)) for n in lengths]
        return X, [*X[:20], np.zeros((0, 2)), np.full((30, 2), 2000.0), X[0]]
    if form == "windows":
        X = [rng.normal(0, 1, (10 + n, 1)).cumsum(0) for n in lengths]
        return X, [*X[:20], X[0][:2], np.zeros((0, 1)), np.zeros((50, 1))]
    if form == "table":
        X = rng.normal(size=(60, 5))
        return X, X[:20] + 1
    X = ["".join(rng.choice(list("abcde"), n)) for n in lengths]
    more = [*X[:20], None, "", "xyz", "axbxa", "abcde" * 8, X[0]]
    if form == "tokens":
        X, more = ([x if x is None else list(x) for x in some] for some in (X, more))
    return X, more


def run(model, X, *names):
    session = InferenceSession(
        to_onnx(model).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert {o.name for o in session.get_outputs()} >= set(names)
    inputs = onnx_inputs(model, X)
    assert {i.name for i in session.get_inputs()} == set(inputs)
    return session.run(list(names), inputs)


def difference(found, expected):
    """Compare numbers by the largest of them, which is 1 or less for states."""
    assert found.shape == expected.shape and len(found)
    return np.abs(found - expected).max() / max(1, np.abs(expected).max())


def assert_alike(model, X, *names):
    for name, found in zip(names, run(model, X, *names)):
        assert difference(found, getattr(model, name)(X)) < TOLERANCE, name


def fitted(cls, form, y, **params):
    params = {"nhidden": 7, "ngram_size": 5, "max_iter": 3, "random_state": 0, **params}
    return cls(**params).fit(data(form)[0], y)


@pytest.mark.parametrize("form", ["strings", "tokens", "series"])
@pytest.mark.parametrize("n_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", CELLS)
def test_all_poolings_of_each_cell(cell, bidirectional, n_layers, form):
    """Larger matrices than those learned: what is wrong in a cell is seen in the vectors.

    But no larger: over 40 steps a net of several layers would then enlarge what is rounded.
    """
    shape = dict(cell=cell, bidirectional=bidirectional, n_layers=n_layers, pooling=EVERYTHING)
    model = fitted(RNNEncoder, form, np.arange(60) % 3, **shape)
    rng = np.random.default_rng(1)
    for name in ("W_", "U_above_", "b_"):
        change = rng.normal(0, 0.2, getattr(model, name).shape)
        setattr(model, name, (getattr(model, name) + change).astype(np.float32))
    assert_alike(model, data(form)[1], "transform")
    assert set(EVERYTHING) == set(POOLINGS)


@pytest.mark.parametrize("form", ["strings", "windows"])
@pytest.mark.parametrize("pooling", [*POOLINGS, ("mean", "last")])
def test_each_pooling_alone(pooling, form):
    model = fitted(RNNEncoder, form, np.arange(60) % 3, pooling=pooling)
    assert_alike(model, data(form)[1], "transform")


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_activations_of_the_plain_cell(activation):
    model = fitted(RNNEncoder, "strings", np.arange(60) % 3, cell="rnn", activation=activation)
    assert_alike(model, data("strings")[1], "transform")


@pytest.mark.parametrize("form", ["windows", "table", "series"])
@pytest.mark.parametrize(
    "settings", [{}, {"bias": False}, {"window": (4, 2)}, {"window": 1}], ids=str
)
def test_series_are_cut_into_windows_by_the_reader(settings, form):
    model = fitted(RNNEncoder, form, np.arange(60) % 3, **settings)
    assert_alike(model, data(form)[1], "transform")
    assert onnx_inputs(model, data(form)[1])["x"].shape[2] == model.U_.shape[1]


def test_numbers_far_from_zero_keep_their_digits():
    """In single precision there are eight numbers between 1e6 and 1e6 + 0.5."""
    rng = np.random.default_rng(0)
    X = rng.normal(1e6, 0.3, (60, 8))
    model = RNNRegressor(7, max_iter=3, random_state=0).fit(X, X[:, 0])
    (found,) = run(model, X, "predict")
    assert np.abs(found - model.predict(X)).max() < 1e-5


@pytest.mark.parametrize("form", ["strings", "tokens", "table"])
@pytest.mark.parametrize(
    "classes", [["b", "a"], ["x", "é\0ü", "z"], [2, 7], [3.0, 1.0], [True, False]], ids=str
)
def test_a_classifier(classes, form):
    y = np.array(classes)[np.arange(60) % len(classes)]
    model, X = fitted(RNNClassifier, form, y), data(form)[1]
    if form == "table" and isinstance(classes[0], str):
        model = fitted(RNNClassifier, form, y.astype(object))
    assert_alike(model, X, "predict_proba", "decision_function")
    (found,) = run(model, X, "predict")
    assert found.tolist() == model.predict(X).tolist()


def test_several_labels():
    y = np.c_[np.arange(60) % 2, np.arange(60) % 3 > 0, np.arange(60) % 5 > 2].astype(int)
    model, X = fitted(RNNClassifier, "strings", y), data("strings")[1]
    assert_alike(model, X, "predict_proba", "decision_function")
    np.testing.assert_array_equal(run(model, X, "predict")[0], model.predict(X))


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("form", ["strings", "tokens", "series"])
def test_a_regressor(form, n_outputs):
    y = 1e3 + np.arange(60.0 * n_outputs).reshape(60, n_outputs).squeeze()
    assert_alike(fitted(RNNRegressor, form, y), data(form)[1], "predict")


@pytest.mark.parametrize(
    "settings", [{"cell": None}, {"ngram_range": None}, {"max_length": 3}], ids=str
)
@pytest.mark.parametrize("form", ["strings", "tokens"])
def test_each_part_alone(form, settings):
    y = np.arange(60) % 3
    model = fitted(RNNClassifier, form, y, **settings)
    assert_alike(model, data(form)[1], "predict_proba")
    inputs = onnx_inputs(model, data(form)[1])
    absent = {"cell": "x", "ngram_range": "ngrams"}.get(next(iter(settings)))
    assert set(inputs) == {"x", "lengths", "ngrams"} - {absent}


def test_more_symbols_than_rows_of_u():
    X = [chr(0x4E00 + i) + chr(0x4E00 + i // 2) for i in range(60)]
    model = RNNEncoder(3, max_iter=2, random_state=0).fit(X, np.arange(60) % 3)
    assert model.U_.shape[1] > model.U_.shape[0]
    assert_alike(model, X, "transform")


@pytest.mark.parametrize("activation", ["identity", "tanh", "relu"])
@pytest.mark.parametrize("form", ["strings", "tokens", "series"])
def test_given_matrices(form, activation):
    model = FixedEncoder(0.5, "random", nhidden=5, activation=activation, random_state=0)
    assert_alike(model.fit(data(form)[0]), data(form)[1], "transform")


def test_a_single_row_and_rows_without_steps():
    for form in ("strings", "series"):
        model, X = fitted(RNNEncoder, form, np.arange(60) % 3, pooling=EVERYTHING), data(form)[1]
        for row in X:
            assert_alike(model, [row], "transform")


def test_padding_is_not_read():
    model, X = fitted(RNNClassifier, "strings", np.arange(60) % 3), data("strings")[1]
    session = InferenceSession(
        to_onnx(model).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    inputs = onnx_inputs(model, X)
    (expected,) = session.run(["predict_proba"], inputs)
    columns = np.arange(inputs["x"].shape[1])
    inputs["x"] = np.where(columns < inputs["lengths"][:, None], inputs["x"], 5)
    np.testing.assert_array_equal(session.run(["predict_proba"], inputs)[0], expected)


def test_columns_of_the_arrays_are_those_of_the_attributes():
    """This is what a program in another language has to do."""
    model = fitted(RNNClassifier, "strings", np.arange(60) % 3, ngram_range=(1, 2))
    X = ["Abba", "", None, "a?"]
    inputs = onnx_inputs(model, X)
    symbols, ngrams = model.vocabulary_, model.ngrams_
    a, b = symbols["a"], symbols["b"]
    assert inputs["x"].tolist() == [[a, b, b, a], [1, 0, 0, 0], [0, 0, 0, 0], [a, 2, 0, 0]]
    assert inputs["lengths"].tolist() == [4, 1, 1, 2]
    fill = model.G_.shape[1]
    marked = "\x02abba\x03"
    parts = [*marked[1:], *(marked[i : i + 2] for i in range(5))]
    expected = sorted(ngrams[part] for part in parts if part in ngrams)
    assert sorted(c for c in inputs["ngrams"][0] if c != fill) == expected and len(expected) > 6
    assert [sorted(set(row) - {fill}) for row in inputs["ngrams"].tolist()][1:3] == [[1], [0]]


def test_a_model_is_written_and_read(tmp_path):
    model = fitted(RNNClassifier, "strings", np.arange(60) % 3)
    onnx.save(to_onnx(model), tmp_path / "model.onnx")
    session = InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    X = data("strings")[1]
    (found,) = session.run(["predict"], onnx_inputs(model, X))
    np.testing.assert_array_equal(found, model.predict(X))


# --- what cannot be expressed --------------------------------------------------------


@pytest.mark.parametrize("function", [to_onnx, lambda model: onnx_inputs(model, ["a"])])
def test_only_estimators_of_this_library_are_written(function):
    model = make_pipeline(fitted(RNNEncoder, "strings", np.arange(60) % 3))
    with pytest.raises(
        TypeError,
        match=r"^(to_onnx|onnx_inputs) needs a fitted estimator of skrnn, got a Pipeline Pipeline"
        r"\(steps=.*: give the estimator itself, and not a pipeline or a search around it\.$",
    ):
        function(model)
    with pytest.raises(NotFittedError, match=r"^This RNNClassifier instance is not fitted yet"):
        function(RNNClassifier())


def test_classes_that_onnx_does_not_have_are_refused():
    model = fitted(RNNClassifier, "strings", np.arange(60) % 2)
    model.classes_ = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]")
    with pytest.raises(
        ValueError,
        match=r"^to_onnx needs classes that are strings, numbers or booleans, got "
        r"\[datetime\.date\(2020, 1, 1\), .*: fit with such labels\.$",
    ):
        to_onnx(model)


def test_matrices_that_do_not_fit_into_a_file_are_refused(monkeypatch):
    monkeypatch.setattr(_onnx, "MAX_BYTES", 1000)
    with pytest.raises(
        ValueError,
        match=r"^to_onnx needs matrices of less than 1,000 bytes, got [\d,]+: fit with a smaller "
        r"max_features, ngram_size or nhidden\.$",
    ):
        to_onnx(fitted(RNNClassifier, "strings", np.arange(60) % 2))


def test_without_the_package_a_sentence_says_so(monkeypatch):
    model = fitted(RNNClassifier, "strings", np.arange(60) % 2)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"^to_onnx needs the package onnx: pip install onnx\.$"):
        to_onnx(model)
    assert onnx_inputs(model, ["ab"])["lengths"].tolist() == [2]
