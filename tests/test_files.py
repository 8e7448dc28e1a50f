"""Saved estimators: what is loaded is what was saved, and what is no such file is refused."""

import copy
import errno
import io
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from forging import assemble, forge, parts
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import skrnn
from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor, _base, _files, _state
from skrnn.input.messages import describe

C, R, E, F = RNNClassifier, RNNRegressor, RNNEncoder, FixedEncoder
QUICK = {"max_iter": 2, "random_state": 0, "ngram_size": 4}
RNG = np.random.default_rng(0)
STRINGS = ["ab", "ba", "Cab", None, "abc", "", "ca", "bb", "a b", "b-a"] * 2
TOKENS = [["GET", "/"], ["POST"], None, [], ["GET", "x", "y"]] * 4
TABLE = RNG.normal(3, 2, size=(20, 14))
SERIES = [RNG.normal(size=(3 + i, 2)) for i in range(20)]
HALVES = np.arange(20) % 2
NUMBERS = np.linspace(-3, 50, 20)
LABELS = np.array([["no", "yes"][i] for i in HALVES])
SETTINGS = {
    "defaults": (C(8), STRINGS, LABELS),
    "rnn": (C(5, cell="rnn"), STRINGS, LABELS),
    "relu": (C(5, cell="rnn", activation="relu", pooling="max"), STRINGS, LABELS),
    "gru, both ways, two layers": (
        C(5, bidirectional=True, n_layers=2, pooling=("last", "mean", "max")), STRINGS, LABELS,
    ),
    "lstm, two layers": (C(5, cell="lstm", n_layers=2, bias=False), STRINGS, LABELS),
    "n-grams alone": (C(cell=None), STRINGS, LABELS),
    "recurrence alone": (C(5, ngram_range=None, min_df=2), STRINGS, LABELS),
    "words": (C(5, analyzer="word", lowercase=False, max_length=2), STRINGS, LABELS),
    "tokens": (C(5), TOKENS, LABELS),
    "vocabulary": (C(5, vocabulary=np.array(list("abc"))), STRINGS, LABELS),
    "whole numbers": (C(5), STRINGS, HALVES * 3 - 1),
    "floats": (C(5), STRINGS, HALVES.astype(np.float32)),
    "booleans": (C(5), STRINGS, HALVES == 1),
    "objects": (C(5), STRINGS, LABELS.astype(object)),
    "labels": (C(5), STRINGS, np.c_[HALVES, 1 - HALVES, HALVES]),
    "class weights": (C(5, class_weight={"no": 2, "yes": np.float32(0.5)}), STRINGS, LABELS),
    "early stopping": (C(5, early_stopping=True, validation_fraction=0.3), STRINGS, LABELS),
    "numbers": (R(5), STRINGS, NUMBERS),
    "several numbers": (R(5), STRINGS, np.c_[NUMBERS, NUMBERS**2]),
    "a table": (R(5, cell="lstm"), TABLE, NUMBERS),
    "a table in single precision": (E(5), TABLE.astype(np.float32), LABELS),
    "ragged series": (C(5, window=(3, 1)), SERIES, LABELS),
    "series": (R(5, cell="rnn"), np.array([x[:3] for x in SERIES]), NUMBERS),
    "a frame": (E(5), pd.DataFrame({"nämé": STRINGS}), LABELS),
    "encoder": (E(5), STRINGS, LABELS),
    "encoder of numbers": (E(5, target_type="regression"), STRINGS, np.arange(20)),
    "encoder of labels": (E(5), STRINGS, np.c_[HALVES, 1 - HALVES]),
    "fixed": (F(W=0.5, U="random", nhidden=5, random_state=0), STRINGS, None),
    "fixed matrices": (
        F(W=np.eye(2) / 2, U=np.arange(6.0).reshape(2, 3), vocabulary={"a": 2, "b": 0, "c": 1}),
        STRINGS, None,
    ),
    "fixed tokens": (F(U="ordinal", activation="tanh"), TOKENS, None),
    "fixed series": (F(W=2, max_length=4), SERIES, None),
    "fixed table": (F(), TABLE, None),
}  # fmt: skip


def fitted(name):
    estimator, X, y = SETTINGS[name]
    estimator = clone(estimator)
    if not isinstance(estimator, F):
        estimator.set_params(**QUICK)
    return estimator.fit(X, y), X


def round_trip(estimator, folder, **options):
    path = folder / f"model{len(os.listdir(folder))}.skrnn"  # not one that is in use
    skrnn.save(estimator, path, **options)
    return skrnn.load(path)


def assert_equal(a, b, what=""):
    """Compare values, types and dtypes."""
    assert type(a) is type(b), what
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, what
        np.testing.assert_array_equal(a, b, what)
    elif isinstance(a, dict):
        assert list(a) == list(b), what
        for key in a:
            assert_equal(a[key], b[key], f"{what} {key}")
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), what
        for one, other in zip(a, b):
            assert_equal(one, other, what)
    elif isinstance(a, set):
        assert a == b, what
    else:
        assert repr(a) == repr(b), what


def public(estimator):
    return {name: v for name, v in sorted(vars(estimator).items()) if name.endswith("_")}


def results(estimator, X):
    """Give all that an estimator can say of X."""
    names = ("predict", "predict_proba", "decision_function", "transform")
    found = [getattr(estimator, name)(X) for name in names if hasattr(estimator, name)]
    one = X.iloc[0, 0] if isinstance(X, pd.DataFrame) else X[4]
    if estimator._architecture.n_layers:
        found.append(list(estimator.unroll(one)))
    if hasattr(estimator, "explain"):
        found.append(list(estimator.explain(one)))
        found.append(estimator.encoder_.transform(X))
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_the_loaded_estimator_equals_the_saved_one(name, tmp_path):
    estimator, X = fitted(name)
    loaded = round_trip(estimator, tmp_path)
    assert type(loaded) is type(estimator)
    assert_equal(loaded.get_params(), estimator.get_params(), "parameters")
    assert_equal(public(loaded), public(estimator), "attributes")
    assert set(vars(loaded)) == set(vars(estimator))
    assert loaded._architecture == estimator._architecture
    assert_equal(results(loaded, X), results(estimator, X), "results")
    again = round_trip(loaded, tmp_path)  # what was loaded can be saved
    assert_equal(public(again), public(estimator), "attributes")
    assert_equal(results(again, X), results(estimator, X), "results")


@pytest.mark.parametrize("name", [name for name in SETTINGS if not name.startswith("fixed")])
def test_a_warm_start_goes_on_as_without_a_file(name, tmp_path):
    estimator, X = fitted(name)
    y = SETTINGS[name][2]
    loaded = round_trip(estimator.set_params(warm_start=True), tmp_path)
    assert_equal(public(loaded.fit(X, y)), public(estimator.fit(X, y)), "attributes")
    assert loaded.n_iter_ == 4
    assert_equal(results(loaded, X), results(estimator, X), "results")


def test_a_loaded_estimator_is_fitted_anew(tmp_path):
    estimator, X = fitted("defaults")
    loaded = round_trip(estimator, tmp_path)
    loaded.predict(X)
    assert_equal(public(loaded.fit(X, LABELS)), public(estimator), "attributes")
    assert_equal(public(clone(loaded).fit(X, LABELS)), public(estimator), "attributes")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, "pickle", "joblib"])
def test_a_loaded_estimator_is_copied_as_any_other(copied, tmp_path):
    estimator, X = fitted("defaults")
    loaded = round_trip(estimator, tmp_path)
    if copied == "pickle":
        again = pickle.loads(pickle.dumps(loaded))
    elif copied == "joblib":
        joblib.dump(loaded, tmp_path / "model.joblib")
        again = joblib.load(tmp_path / "model.joblib")
    else:
        again = copied(loaded)
    assert_equal(public(again), public(estimator), "attributes")
    assert_equal(results(again, X), results(estimator, X), "results")


def test_what_set_output_has_set_is_kept(tmp_path):
    estimator, X = fitted("encoder")
    assert isinstance(round_trip(estimator, tmp_path).transform(X), np.ndarray)
    loaded = round_trip(estimator.set_output(transform="pandas"), tmp_path)
    pd.testing.assert_frame_equal(loaded.transform(X), estimator.transform(X))


def test_requests_of_metadata_are_kept(tmp_path):
    estimator, _ = fitted("defaults")
    with config_context(enable_metadata_routing=True):
        estimator.set_fit_request(sample_weight=True, X_val="other").set_score_request(
            sample_weight=False
        )
    loaded = round_trip(estimator, tmp_path)
    assert repr(loaded.get_metadata_routing()) == repr(estimator.get_metadata_routing())
    assert "'X_val': 'other'" in repr(loaded.get_metadata_routing())


@pytest.mark.parametrize(
    "params",
    [
        {"random_state": np.random.RandomState(7)},
        {"device": torch.device("cpu")},
        {"max_iter": np.int64(2), "lowercase": np.bool_(True), "dropout": np.float32(0.1)},
        {"pooling": ["last", "max"], "ngram_range": [1, 2]},
        {"vocabulary": {"b", "a", "c"}},
        {"vocabulary": {"b": 0, "a": 5, "c": 3}},
        {"alpha": 1, "min_df": 0.1},
        {"nhidden": 6},
    ],
    ids=str,
)
def test_parameters_of_all_kinds_are_kept(params, tmp_path):
    estimator = C(5, **QUICK).set_params(**params)
    estimator.fit(STRINGS, LABELS)
    loaded = round_trip(estimator, tmp_path)
    assert list(loaded.get_params()) == list(estimator.get_params())
    for name, value in estimator.get_params().items():
        if name == "random_state" and name in params:
            assert loaded.random_state.randint(2**31) == value.randint(2**31)
        else:
            assert_equal(loaded.get_params()[name], value, name)
    assert_equal(loaded.predict_proba(STRINGS), estimator.predict_proba(STRINGS))


OTHER = {  # than the defaults
    "nhidden": 9, "cell": "lstm", "activation": "relu", "bidirectional": True, "n_layers": 2,
    "window": (4, 2), "pooling": ("last", "mean"), "init": "article", "bias": False,
    "dropout": 0.1, "ngram_dropout": 0.2, "analyzer": "word", "lowercase": False,
    "ngram_range": (1, 2), "ngram_size": 7, "min_df": 2, "max_features": None,
    "vocabulary": ("a", "b"), "max_length": 8, "class_weight": {"no": 2.5}, "solver": "sgd",
    "learning_rate": "constant", "learning_rate_init": 0.1, "batch_size": 3, "max_iter": 4,
    "alpha": 0.5, "max_grad_norm": 2.0, "tol": 0.01, "n_iter_no_change": 3,
    "early_stopping": True, "validation_fraction": 0.25, "warm_start": True, "device": "meta",
    "random_state": 3, "verbose": 1, "target_type": "regression", "W": 0.5, "U": "random",
}  # fmt: skip


@pytest.mark.parametrize("name", ["defaults", "encoder", "numbers", "fixed"])
def test_every_parameter_is_kept(name, tmp_path):
    estimator, _ = fitted(name)
    params = {key: OTHER[key] for key in estimator.get_params()}
    if name == "numbers":
        params["class_weight"] = None
    if name == "fixed":
        params["W"] = 0.25
        params["activation"] = "tanh"
    defaults = type(estimator)().get_params()
    assert sum(params[key] == defaults[key] for key in params) == (name == "numbers")
    loaded = round_trip(estimator.set_params(**params), tmp_path)
    assert_equal(loaded.get_params(), params, "parameters")


ODD = ["\ud800", "\0", "\U0001f600", "\ud83d", "\ude00", "ש", "\x02", "\x1b", "İ", "\u202e"]


def test_any_string_comes_back(tmp_path):
    X = [a + b for a in ODD for b in ["", "a", *ODD]]
    y = np.array([ODD[i % len(ODD)] for i in range(len(X))], dtype=object)
    name = pd.Index([ODD[0] + "ש\0"], dtype=object)  # a str column of pandas has no surrogates
    frame = pd.DataFrame(np.array(X, dtype=object)[:, None], columns=name, dtype=object)
    for given in (X, [list(x) for x in X], frame):
        estimator = C(5, **QUICK).fit(given, y)
        loaded = round_trip(estimator, tmp_path)
        assert_equal(public(loaded), public(estimator), "attributes")
        assert_equal(loaded.predict_proba(given), estimator.predict_proba(given))
        assert loaded.predict(given).tolist() == estimator.predict(given).tolist()


def test_arrays_that_were_assigned_are_kept(tmp_path):
    estimator, X = fitted("defaults")
    estimator.V_ = np.asfortranarray(estimator.V_ * 2, dtype=np.float64)
    estimator.U_, estimator.G_ = np.ascontiguousarray(estimator.U_), estimator.G_.astype(float)
    loaded = round_trip(estimator, tmp_path)
    assert_equal(public(loaded), public(estimator))
    assert_equal(results(loaded, X), results(estimator, X))


def test_the_encoder_of_a_predictor_is_saved(tmp_path):
    for name in ("defaults", "ragged series", "numbers"):
        estimator, X = fitted(name)
        loaded = round_trip(estimator.encoder_, tmp_path)
        assert_equal(loaded.transform(X), estimator.encoder_.transform(X))


# Precision


@pytest.mark.parametrize("dtype, digits", [("float32", 1e-6), ("float16", 1e-3)])
def test_tables_are_kept_in_the_precision_that_is_asked_for(dtype, digits, tmp_path):
    estimator, X = fitted("defaults")
    estimator.G_ = estimator.G_.astype(np.float64)
    loaded = round_trip(estimator, tmp_path, dtype=dtype)
    for name in ("U_", "G_"):
        array = getattr(loaded, name)
        assert array.dtype == np.float32
        stored = getattr(estimator, name).astype(dtype).astype(np.float32)
        np.testing.assert_array_equal(array, stored)
    for name in ("W_", "V_", "b_", "c_"):
        assert_equal(getattr(loaded, name), getattr(estimator, name))
    p = estimator.predict_proba(X)
    np.testing.assert_allclose(loaded.predict_proba(X), p, rtol=digits, atol=digits)


def test_half_precision_halves_the_tables(tmp_path):
    estimator, _ = fitted("defaults")
    sizes = []
    for dtype in (None, "float16"):
        skrnn.save(estimator, tmp_path / "model", dtype=dtype)
        sizes.append((tmp_path / "model").stat().st_size)
    saved = estimator.U_.nbytes / 2 + estimator.G_.nbytes / 2
    assert sizes[0] - sizes[1] == pytest.approx(saved, abs=128)  # the header is filled up


@pytest.mark.parametrize("name", ["a table", "ragged series", "fixed series"])
def test_what_reads_numbers_keeps_its_precision(name, tmp_path):
    estimator, X = fitted(name)
    loaded = round_trip(estimator, tmp_path, dtype="float16")
    assert_equal(public(loaded), public(estimator))
    assert_equal(results(loaded, X), results(estimator, X))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_fixed_encoder_is_applied_with_smaller_tables(dtype, tmp_path):
    estimator, X = fitted("fixed")
    h = round_trip(estimator, tmp_path, dtype=dtype).transform(X)
    np.testing.assert_allclose(h, estimator.transform(X), rtol=1e-2, atol=1e-2)
    assert h.dtype == np.float64 and not np.array_equal(h, estimator.transform(X))


def test_numbers_that_are_too_large_are_refused(tmp_path):
    estimator = F(U=[[1e5, 1.0, 2.0]], vocabulary=list("abc")).fit(["abc"])
    with pytest.raises(ValueError) as caught:
        skrnn.save(estimator, tmp_path / "model", dtype="float16")
    assert str(caught.value) == (
        'skrnn.save needs numbers up to 65504 in U_ for dtype="float16", got 100000: '
        "leave dtype=None."
    )
    assert os.listdir(tmp_path) == []


# Memory


def network_of(estimator):
    return _base._FROZEN[estimator][2].network.weights


def test_matrices_are_read_only_views_of_the_file(tmp_path):
    estimator, X = fitted("defaults")
    loaded = round_trip(estimator, tmp_path)
    loaded.predict(X)
    for name in ("W_", "U_", "G_", "U_above_", "V_", "b_", "c_"):
        array = getattr(loaded, name)
        assert not array.flags.writeable and not array.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert np.shares_memory(network_of(loaded).G.numpy(), loaded.G_)  # and no copy is applied


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_processes_share_the_table(tmp_path):
    """The pages of G are those of the file, and not the process's own, after a prediction."""
    estimator, X = fitted("defaults")
    n = 1 << 13
    ngrams = [*estimator._codebook.ngrams.ngrams, *(f"\x01{i}" for i in range(n))]
    estimator._codebook = _base.Codebook.of(
        estimator._codebook.vocabulary.symbols, ngrams, estimator._codebook.ngram_range
    )
    estimator.G_ = np.zeros((256, len(ngrams) + 3), dtype=np.float32)
    estimator.V_ = np.ones((2, 8 + 256), dtype=np.float32)
    estimator._architecture = estimator._architecture._replace(
        n_ngrams=len(ngrams) + 3, ngram_size=256
    )
    loaded = round_trip(estimator, tmp_path)
    loaded.predict(X)
    mapped, private = 0, 0
    text = Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")
    for block in text.split("VmFlags"):
        if "model0.skrnn" in block:
            lines = dict(line.split(":")[:2] for line in block.splitlines() if ": " in line)
            mapped += int(lines["Rss"].split()[0])
            private += int(lines["Private_Dirty"].split()[0])
    assert mapped > estimator.G_.nbytes // 1024 // 2
    assert private == 0


def predictions(path):
    return skrnn.load(path).predict_proba(STRINGS).tobytes()


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="tests with spawn take seconds"
)
def test_several_processes_load_one_file(tmp_path):
    estimator, _ = fitted("defaults")
    skrnn.save(estimator, tmp_path / "model")
    with joblib.parallel_config("threading", n_jobs=4):
        found = joblib.Parallel()(joblib.delayed(predictions)(tmp_path / "model") for _ in range(8))
    assert set(found) == {estimator.predict_proba(STRINGS).tobytes()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files that are in use")
def test_a_model_that_is_in_use_is_replaced(tmp_path):
    first, X = fitted("defaults")
    skrnn.save(first, tmp_path / "model")
    loaded = skrnn.load(tmp_path / "model")
    expected = first.predict_proba(X)
    second = clone(first).set_params(random_state=1).fit(X, LABELS)
    skrnn.save(second, tmp_path / "model")
    newer = skrnn.load(tmp_path / "model")
    assert_equal(loaded.predict_proba(X), expected)
    assert_equal(newer.predict_proba(X), second.predict_proba(X))
    skrnn.save(newer, tmp_path / "model")  # onto the file that it is a view of
    assert_equal(skrnn.load(tmp_path / "model").predict_proba(X), second.predict_proba(X))


# What cannot be saved


def sentence_of(call, *args, **options):
    with pytest.raises((TypeError, ValueError, OSError, NotFittedError)) as caught:
        call(*args, **options)
    return str(caught.value)


class MyClassifier(RNNClassifier):
    """A subclass, whose code is in no file."""


ONLY = (
    "skrnn.save needs a fitted RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder, got {}: "
    "save pipelines, subclasses and other estimators with skops.io.dump or joblib.dump."
)


@pytest.mark.parametrize(
    "given, got",
    [
        (make_pipeline(RNNEncoder(), LogisticRegression()), "an instance of Pipeline"),
        (LogisticRegression(), "an instance of LogisticRegression"),
        (MyClassifier(), "an instance of MyClassifier"),
        (RNNClassifier, "the class RNNClassifier"),
        (int, "the class int"),
        (None, "an instance of NoneType"),
        ("model.skrnn", "an instance of str"),
    ],
    ids=str,
)
def test_other_things_are_not_saved(given, got, tmp_path):
    assert sentence_of(skrnn.save, given, tmp_path / "model") == ONLY.format(got)
    assert os.listdir(tmp_path) == []


def test_a_subclass_of_the_same_name_is_not_saved(tmp_path):
    other = type("RNNClassifier", (RNNClassifier,), {})(5, **QUICK).fit(STRINGS, LABELS)
    got = "an instance of RNNClassifier"
    assert sentence_of(skrnn.save, other, tmp_path / "model") == ONLY.format(got)


@pytest.mark.parametrize("cls", [C, R, E, F])
def test_what_is_not_fitted_is_not_saved(cls, tmp_path):
    with pytest.raises(NotFittedError) as caught:
        skrnn.save(cls(), tmp_path / "model")
    assert str(caught.value) == (
        f"skrnn.save needs a fitted estimator, and this {cls.__name__} is not: call its fit first."
    )


def split(text):
    return list(text)


def changed(name="defaults", **attributes):
    """Give a fitted estimator of which something was changed."""
    estimator, _ = fitted(name)
    for attribute, value in attributes.items():
        setattr(estimator, attribute, value)
    return estimator


MADE_OF = "made of None, numbers, strings, lists, tuples, sets, dicts and arrays of these"


@pytest.mark.parametrize(
    "make, sentence",
    [
        (
            lambda: C(5, analyzer=split, **QUICK).fit(STRINGS, LABELS),
            f"skrnn.save needs analyzer to be no function, as a file holds no code, got "
            f"{describe(split)}: give fit lists of tokens, or save with joblib.",
        ),
        (
            lambda: changed(vocabulary=pd.Series(["a"], name="x")),
            f"skrnn.save needs vocabulary to be {MADE_OF}, got a Series of shape (1,) and dtype "
            f"{pd.Series(['a']).dtype}: convert it, or save with joblib.",
        ),
        (
            lambda: changed(classes_=np.array([Decimal(1), Decimal(2)])),
            f"skrnn.save needs classes_ to be {MADE_OF}, got a Decimal Decimal('1'): convert it, "
            "or save with joblib.",
        ),
        (
            lambda: changed(W_=[[1.0]]),
            "skrnn.save needs W_ to be an array of numbers, got a list [[1.0]].",
        ),
        (
            lambda: changed(V_=np.zeros((1, 2))),
            "skrnn.save needs an estimator that can be loaded again, got one whose content is no "
            "fitted estimator (ValueError: V_ of shape (1, 2)): save the model again",
        ),
        (
            lambda: changed(nhidden=0),
            "The 'nhidden' parameter of RNNClassifier must be an int in the range [1, 2**63). "
            "Got 0 instead.",
        ),
    ],
)
def test_what_no_file_can_hold(make, sentence, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"older")
    assert sentence_of(skrnn.save, make(), path) == sentence
    assert path.read_bytes() == b"older" and os.listdir(tmp_path) == ["model"]


def test_parameters_that_take_too_much_leave_the_older_file(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"older")
    said = sentence_of(skrnn.save, changed(vocabulary=["x" * (1 << 24)]), path)
    assert said.startswith("skrnn.save needs parameters and attributes that take at most 16,777,")
    assert path.read_bytes() == b"older" and os.listdir(tmp_path) == ["model"]


@pytest.mark.skipif(not hasattr(C, "_init_callback_context"), reason="scikit-learn 1.9 has these")
def test_callbacks_are_not_saved(tmp_path):
    from sklearn.callback import ProgressBar

    estimator, X = fitted("defaults")
    estimator.set_callbacks(ProgressBar())
    assert sentence_of(skrnn.save, estimator, tmp_path / "model") == (
        "skrnn.save needs an estimator without callbacks, as a file holds no code, and this "
        "RNNClassifier has some: call its set_callbacks() first, which removes them."
    )
    assert_equal(round_trip(estimator.set_callbacks(), tmp_path).predict(X), estimator.predict(X))


@pytest.mark.parametrize("dtype", ["float64", "half", np.float16, 16], ids=str)
def test_other_precisions(dtype, tmp_path):
    estimator, _ = fitted("defaults")
    assert sentence_of(skrnn.save, estimator, tmp_path / "model", dtype=dtype) == (
        f'skrnn.save needs dtype to be None, "float32" or "float16", got {dtype!r}.'
    )


@pytest.mark.parametrize("who", ["save", "load"])
def test_paths(who, tmp_path, monkeypatch):
    estimator, _ = fitted("defaults")
    call = (lambda path: skrnn.save(estimator, path)) if who == "save" else skrnn.load
    assert sentence_of(call, "") == f"skrnn.{who} needs path to name a file, got ''."
    needs = f"skrnn.{who} needs path to be a str or a PathLike, got "
    assert sentence_of(call, b"model") == f"{needs}b'model'."
    assert sentence_of(call, io.BytesIO()).startswith(f"{needs}<_io.BytesIO object at ")
    monkeypatch.chdir(tmp_path)
    assert os.listdir(tmp_path) == []
    skrnn.save(estimator, "model")
    assert_equal(skrnn.load(Path("model")).W_, estimator.W_)


def test_where_nothing_can_be_written(tmp_path):
    estimator, _ = fitted("defaults")
    with pytest.raises(FileNotFoundError) as caught:
        skrnn.save(estimator, tmp_path / "no" / "model")
    path = str(tmp_path / "no" / "model")
    assert str(caught.value) == (
        f"skrnn.save could not write {path!r} and left what was there unchanged: "
        "No such file or directory."
    )
    assert caught.value.errno == errno.ENOENT
    with pytest.raises(FileNotFoundError):
        skrnn.load(tmp_path / "no")
    with pytest.raises(PermissionError, match=r"it is no regular file\.$"):
        skrnn.save(estimator, tmp_path)


def test_a_full_disk_leaves_the_older_model(tmp_path, monkeypatch):
    estimator, X = fitted("defaults")
    path = tmp_path / "model"
    skrnn.save(estimator, path)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError) as caught:
        skrnn.save(fitted("rnn")[0], path)
    assert caught.value.errno == errno.ENOSPC
    assert str(caught.value) == (
        f"skrnn.save could not write {str(path)!r} and left what was there unchanged: "
        "No space left on device."
    )
    assert os.listdir(tmp_path) == ["model"]
    assert_equal(skrnn.load(path).predict(X), estimator.predict(X))


# What cannot be loaded


def problem(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        skrnn.load(path)
    start = f"skrnn.load needs a file that skrnn.save wrote, got {str(path)!r}, "
    text = str(caught.value)
    assert text.startswith(start) and text.endswith(".") and "\n" not in text
    return text.removeprefix(start)[:-1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model"
    skrnn.save(fitted("defaults")[0], path)
    return path.read_bytes()


def test_1000_changed_bits_are_found(saved, tmp_path, tried):
    size = 8 + int.from_bytes(saved[:8], "little")
    rng = np.random.default_rng(0)
    places = [*rng.integers(0, size, 500), *rng.integers(size, len(saved), 500)]
    for place, bit in zip(places, rng.integers(0, 8, 1000)):
        damaged = bytearray(saved)
        damaged[place] ^= 1 << bit
        assert problem(tmp_path / "model", damaged)
    tried("files with a changed bit refused", len(places))


def test_what_is_cut_off_is_refused(saved, tmp_path):
    size = 8 + int.from_bytes(saved[:8], "little")
    _, entries, _ = parts(saved)
    ends = sorted(size + entry["data_offsets"][1] for entry in entries.values())
    assert ends[-1] == len(saved)
    for end in [0, 1, 7, 8, 9, 64, size - 1, size, *ends[:-1], len(saved) - 1]:
        said = problem(tmp_path / "model", saved[:end])
        assert "cut off" in said


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_not_run(protocol, tmp_path):
    content = pickle.dumps(Bomb(str(tmp_path / "run")), protocol)
    assert "load a pickle, joblib or skops file with that library" in problem(
        tmp_path / "model", content
    )
    assert os.listdir(tmp_path) == ["model"]


def forged(saved, **changes):
    """Change texts of a file; those of parameters and attributes by their names."""
    metadata, entries, data = parts(saved)
    for name, value in changes.items():
        if name in metadata:
            metadata[name] = value
            continue
        text = "fitted" if name in json.loads(metadata["fitted"]) else "parameters"
        text = text if name in json.loads(metadata[text]) else "fitted"
        content = json.loads(metadata[text])
        if value is DROPPED:
            del content[name]
        else:
            content[name] = value
        metadata[text] = json.dumps(content)
    return assemble(metadata, entries, data)


DROPPED = object()
NO_ESTIMATOR = "whose content is no fitted estimator ("
AGAIN = "): save the model again"


def test_a_file_that_is_put_together_again_is_loaded(saved, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(forged(saved, nhidden=9))
    assert skrnn.load(path).nhidden == 9


@pytest.mark.parametrize("name", ["Pipeline", "BaseLearner", "os.system", "", "RNNClassifier "])
def test_a_class_that_is_none_of_ours(name, saved, tmp_path):
    assert problem(tmp_path / "model", forged(saved, **{"class": name})) == (
        f"which is one of the class {name!r}, and this skrnn has RNNEncoder, RNNClassifier, "
        "RNNRegressor, FixedEncoder: install the skrnn that saved it"
    )


def architecture(**changes):
    fields = {**fitted("defaults")[0]._architecture.to_dict(), **changes}
    fields = {k: {"tuple": list(v)} if isinstance(v, tuple) else v for k, v in fields.items()}
    return {"architecture": {"dict": [[k, v] for k, v in fields.items()]}}


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"class": "RNNRegressor"}, "ValueError: target_type_ 'classification'"),
        ({"class": "FixedEncoder"}, "TypeError: "),
        ({"nhidden": "many"}, "InvalidParameterError: The 'nhidden' parameter of RNNClassifier"),
        ({"nhidden": None}, "InvalidParameterError: The 'nhidden' parameter"),
        ({"lowercase": 3}, "InvalidParameterError: The 'lowercase' parameter"),
        ({"analyzer": {"eval": "os.system"}}, "ValueError: a value of an unknown type 'eval'"),
        ({"analyzer": [1]}, "InvalidParameterError: The 'analyzer' parameter"),
        ({"max_length": {"float": "nan"}}, "InvalidParameterError: The 'max_length' parameter"),
        ({"parameters": '{"unknown": 1}'}, "TypeError: "),
        ({"parameters": "[]"}, "AttributeError: "),
        ({"fitted": "{}"}, "KeyError: "),
        ({"input_type_": "series"}, "ValueError: input_type_ 'series' of other steps"),
        ({"input_type_": "images"}, "ValueError: input_type_ 'images'"),
        ({"target_type_": "regression"}, "ValueError: target_type_ 'regression'"),
        ({"target_type_": DROPPED}, "KeyError: "),
        ({"classes_": DROPPED}, "AttributeError: "),
        ({"classes_": {"objects": [[3], ["a", "b", "c"]]}}, "ValueError: classes_ of other"),
        ({"classes_": ["no", "yes"]}, "AttributeError: "),
        ({"loss_curve_": []}, ""),
        ({"loss_curve_": ["a"]}, "ValueError: losses or scores that are none"),
        ({"validation_scores_": ["a"]}, "ValueError: losses or scores that are none"),
        ({"n_features_in_": 0}, "ValueError: n_features_in_ 0"),
        ({"n_features_in_": "1"}, "ValueError: n_features_in_ '1'"),
        ({"feature_names_in_": {"objects": [[1], [5]]}}, "ValueError: feature_names_in_"),
        ({"_origin": {"objects": [[1], [5]]}}, "ValueError: an origin of other variables"),
        ({"ngram_range": None}, "ValueError: n-grams without a range"),
        ({"ngram_range": {"tuple": [0, 5]}}, "ValueError: ngram_range (0, 5)"),
        ({"ngram_range": {"tuple": ["a", "b"]}}, "ValueError: ngram_range ('a', 'b')"),
        ({"output": {"dict": [["transform", "eval"]]}}, "ValueError: set_output"),
        ({"output": {"dict": [["fit", "pandas"]]}}, "ValueError: set_output"),
        ({"requests": {"dict": [["__init__", {"dict": []}]]}}, "ValueError: a request of '__init"),
        ({"requests": {"dict": [["fit", {"dict": [["no", True]]}]]}}, "TypeError: "),
        ({"more": 1}, "ValueError: 'more' of nothing"),
        (architecture(nhidden=2**40), "ValueError: W_ of shape (24, 8)"),
        (architecture(nhidden=-8), "ValueError: a size -8"),
        (architecture(nhidden=8.0), "ValueError: a size 8.0"),
        (architecture(n_layers=True), "ValueError: a size True"),
        (architecture(symbols=1), "ValueError: a flag 1"),
        (architecture(symbols=False), "ValueError: n-grams of series"),
        (architecture(cell="eval"), "ValueError: a cell 'eval'"),
        (architecture(activation="eval"), "ValueError: an activation 'eval'"),
        (architecture(pooling=("eval",)), "ValueError: a pooling ('eval',)"),
        (architecture(pooling=()), "ValueError: a pooling ()"),
        (architecture(pooling="last"), "ValueError: a pooling 'last'"),
        (architecture(window=(1, 2)), "ValueError: a window Window(width=1, stride=2)"),
        (architecture(window=(0, 0)), "ValueError: a window Window(width=0, stride=0)"),
        (architecture(n_inputs=4), "ValueError: "),
        (architecture(n_ngrams=4), "ValueError: "),
        (architecture(n_outputs=0), "ValueError: "),
        (architecture(ngram_size=0), "ValueError: n-grams without a size"),
        (architecture(more=0), "TypeError: "),
        ({"architecture": 3}, "TypeError: "),
    ],
    ids=str,
)
def test_contents_that_are_no_estimator(changes, reason, saved, tmp_path):
    said = problem(tmp_path / "model", forged(saved, **changes))
    assert said.startswith(NO_ESTIMATOR + reason) and said.endswith(AGAIN)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("NaN", "whose fitted is no JSON (NaN is no number of JSON): save the model again"),
        ('{"a":1,"a":2}', "whose fitted is no JSON (a name is there twice): save the model again"),
        ("[" * 10**5 + "]" * 10**5, "whose fitted is nested too deeply: save the model again"),
        ("{", "whose fitted is no JSON (Expecting"),
    ],
    ids=["NaN", "twice", "deep", "cut off"],
)
def test_texts_that_are_no_json(text, sentence, saved, tmp_path):
    assert problem(tmp_path / "model", forged(saved, fitted=text)).startswith(sentence)


def test_a_value_that_is_nested_too_deeply(saved, tmp_path):
    deep = json.loads("[" * 900 + "]" * 900)
    said = problem(tmp_path / "model", forged(saved, vocabulary=deep))
    assert said.startswith(NO_ESTIMATOR) or "nested too deeply" in said


@pytest.mark.parametrize("name", ["G_.T", "../../model", "W_"])
def test_arrays_that_are_not_those_of_the_estimator(name, saved, tmp_path):
    metadata, entries, data = parts(saved)
    entries = dict(entries)
    if name in entries:
        entries[name + "x"] = entries.pop(name)
        reason = f"KeyError: {name!r}"
    else:
        size = len(data)
        entries[name] = {"dtype": "U8", "shape": [3], "data_offsets": [size, size + 3]}
        data, reason = data + b"abc", f"ValueError: an array {name!r} of nothing"
    said = problem(tmp_path / "model", assemble(metadata, entries, data))
    assert said == NO_ESTIMATOR + reason + AGAIN


@pytest.mark.parametrize("name", ["W_", "U_.T", "G_.T", "V_", "b_", "c_"])
def test_matrices_of_whole_numbers_are_refused(name, saved, tmp_path):
    metadata, entries, data = parts(saved)
    entries = {**entries, name: {**entries[name], "dtype": "I32"}}
    said = problem(tmp_path / "model", assemble(metadata, entries, data))
    assert said.startswith(f"{NO_ESTIMATOR}ValueError: {name.removesuffix('.T')} of shape ")


def test_a_newer_version(saved, tmp_path):
    newer = saved.replace(b'"version":"1"', b'"version":"9"')
    assert problem(tmp_path / "model", newer) == (
        "which has version 9 of the format, and this skrnn knows 1: install a newer skrnn"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a process's memory")
def test_little_memory_is_taken_for_a_file_that_claims_much(saved, tmp_path):
    """All in a process that can have 300 MB more than it has after the imports."""
    claims = [
        forge("}" + "," + '"W_":{"dtype":"F64","shape":[33554432,4096],"data_offsets":[0,2]}}'),
        (2**62).to_bytes(8, "little") + saved[8:],
        forge('},"a":' + "[" * 10**6),
        forged(saved, **architecture(nhidden=2**50, n_layers=2**50)),
        forged(saved, **architecture(n_ngrams=2**50)),
        forged(saved, classes_={"objects": [[2**40], ["a"]]}),
        forged(saved, vocabulary={"scalar": ["<U2000000000", "a"]}),
    ]
    names = []
    for i, content in enumerate(claims):
        names.append(str(tmp_path / f"model{i}"))
        Path(names[-1]).write_bytes(content)
    good = tmp_path / "good"
    good.write_bytes(saved)
    code = f"""if True:
        import resource, skrnn
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000,) * 2)
        for name in {names!r}:
            try:
                skrnn.load(name)
            except ValueError:
                print("refused")
        print(type(skrnn.load({str(good)!r})).__name__)"""
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("the memory that a process has is read from /proc")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout.split() == ["refused"] * len(names) + ["RNNClassifier"]


# Other ways


SKOPS = {C: "skrnn._classifier.RNNClassifier", R: "skrnn._regressor.RNNRegressor",
         E: "skrnn._encoder.RNNEncoder", F: "skrnn._fixed.FixedEncoder"}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_skops_has_to_trust_our_class_alone(name):
    io = pytest.importorskip("skops.io")
    estimator, X = fitted(name)
    data = io.dumps(estimator)
    trusted = io.get_untrusted_types(data=data)
    assert trusted == [SKOPS[type(estimator)]]
    loaded = io.loads(data, trusted=trusted)
    assert_equal(loaded.get_params(), estimator.get_params())
    assert_equal(public(loaded), public(estimator))
    assert_equal(results(loaded, X), results(estimator, X))


def test_the_tables_of_classes_are_those_of_the_package():
    classes = {name for name in skrnn.__all__ if name[0].isupper()}
    assert set(_state.CLASSES) == classes - {"BatchFunction"}
    assert all(_state.CLASSES[name] is getattr(skrnn, name) for name in _state.CLASSES)
    assert skrnn.save is _files.save and skrnn.load is _files.load
