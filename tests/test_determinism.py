"""The same seed gives the same bits: in one process and in others, whatever their settings."""

import hashlib
import json
import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor

MATRICES = ("W_", "U_", "G_", "U_above_", "V_", "b_", "c_")
LETTERS = set("abcdefghij") - {"j"}  # a set has another order in each process


def strings(n, seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcdefghijk"), rng.integers(12))) for _ in range(n)]


def settings():
    """Give estimators, X and y by name: one of each path through the code."""
    X = strings(150)
    y = np.array(["one", "two", "three"])[np.arange(150) % 3]
    labels = (np.arange(300).reshape(150, 2) % 5 > 1).astype(int)
    rng = np.random.default_rng(0)
    series = [rng.normal(size=(n, 2)).cumsum(0) for n in np.arange(150) % 30 + 1]
    small = {"nhidden": 8, "max_iter": 2, "random_state": 0}
    both = {**small, "bidirectional": True, "n_layers": 2}
    return {
        "vocabulary": (RNNClassifier(**small, vocabulary=LETTERS), X, y),
        "tokens": (RNNClassifier(**small, cell="lstm", min_df=2), [list(x) or None for x in X], y),
        "words": (RNNEncoder(**both, analyzer="word", pooling=("mean", "max")), X, y),
        "series": (RNNRegressor(**small), series, np.arange(150.0)),
        "labels": (RNNClassifier(**small, early_stopping=True), X, labels),
        "weights": (RNNClassifier(**small, class_weight={"two": 3.0}), X, y),
        "as long as it pays": (
            RNNClassifier(cell=None, random_state=0), strings(600), np.arange(600) % 2,
        ),
        "fixed": (FixedEncoder(U="random", activation="tanh", nhidden=9, random_state=0), X, None),
    }  # fmt: skip


def digest(estimator, X, y):
    """Fit, and hash what was learned and what is predicted."""
    model = clone(estimator).fit(X, y)
    arrays = [getattr(model, name) for name in MATRICES if hasattr(model, name)]
    arrays.append(model.encoder_.transform(X) if hasattr(model, "encoder_") else model.transform(X))
    arrays += [model.predict_proba(X)] if hasattr(model, "predict_proba") else []
    if model._architecture.n_layers:
        arrays.append(model.unroll(X[3])[0])
    if hasattr(model, "explain"):
        arrays.append(np.array([*model.explain(X[3]).contributions, *model.loss_curve_]))
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    return hashlib.sha256(data).hexdigest()[:16]


def digests(n_threads=1):
    """Hash all settings, as computed by so many threads of torch."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        return {name: digest(*setting) for name, setting in settings().items()}
    finally:
        torch.set_num_threads(before)


@cache
def expected():
    return digests()


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_again_and_with_other_numbers_of_threads(n_threads):
    assert digests(n_threads) == expected()


def test_the_seed_is_used():
    """Each of those that draw at random gives something else with another seed."""
    others = {
        name: digest(clone(estimator).set_params(random_state=1), X, y)
        for name, (estimator, X, y) in settings().items()
    }
    assert all(others[name] != found for name, found in expected().items())


@pytest.mark.parametrize("n_threads, hash_seed", [("1", "1"), ("2", "2")])
def test_another_process(n_threads, hash_seed):
    code = f"import json, test_determinism as t; print(json.dumps(t.digests({n_threads})))"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONHASHSEED": hash_seed,
        "OMP_NUM_THREADS": n_threads,
    }
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert json.loads(run.stdout) == expected()


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers(backend):
    """All are fitted at the same time, two by two."""
    jobs = [delayed(digest)(*setting) for setting in settings().values()]
    found = Parallel(n_jobs=2, backend=backend)(jobs)
    assert dict(zip(expected(), found)) == expected()


def test_a_search_finds_the_same_with_one_job_and_with_two():
    X, y = strings(120), np.arange(120) % 2
    model = RNNClassifier(max_iter=2, random_state=0)
    one, two = (
        GridSearchCV(model, {"nhidden": [4, 8]}, cv=2, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2)
    )
    for key in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(one.cv_results_[key], two.cv_results_[key])
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def test_a_large_net_is_the_same_with_the_same_number_of_threads():
    """Several threads share its products: with another number the last bits may be others."""
    model = RNNClassifier(256, cell="rnn", batch_size=64, max_iter=1, random_state=0)
    X, y = strings(120), np.arange(120) % 2
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert digest(model, X, y) == digest(model, X, y)
    finally:
        torch.set_num_threads(before)
