"""Estimators in company: forked processes, several threads, killed workers, Ctrl-C."""

import contextlib
import copy
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier

import numpy as np
import pytest
import torch
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn import get_config
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import skrnn
from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor

SMALL = {"nhidden": 8, "max_iter": 2, "random_state": 0}
N_THREADS = 8
N_MOMENTS = 100


def random_strings(n, seed=1):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcdefg"), rng.integers(12))) for _ in range(n)]


X = random_strings(300)
Y = np.arange(len(X)) % 3


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def of_a_new_thread():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


# --- forked processes ----------------------------------------------------------------

LIMIT = 120  # seconds
FORKED = (
    f"LIMIT = {LIMIT}"
    """
if True:
    import hashlib, json, multiprocessing, os, signal, sys
    import numpy as np
    import torch
    torch.set_num_threads(2)
    from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor
    from test_company import random_strings

    X = random_strings(1500)
    y = [len(x) % 2 for x in X]
    big = RNNClassifier(212, max_iter=1, random_state=0).fit(X[:60], y[:60])
    models = {
        "predict_proba": RNNClassifier(16, max_iter=1, random_state=0).fit(X, y),
        "predict": RNNRegressor(16, max_iter=1, random_state=0).fit(X, y),
        "transform": RNNEncoder(16, max_iter=1, random_state=0).fit(X, y),
    }
    unused = RNNClassifier(24, max_iter=1, random_state=0).fit(X, y)
    deep = dict(nhidden=8, n_layers=2, bidirectional=True, max_iter=1, random_state=0)

    def digest(*arrays):
        return hashlib.sha256(b"".join(np.asarray(a).tobytes() for a in arrays)).hexdigest()

    def results():
        found = [getattr(model, name)(X) for name, model in models.items()]
        found += [models["predict"].unroll(X[0])[0], models["predict"].explain(X[0])[0]]
        found += [FixedEncoder(0.5, activation="tanh").fit_transform(X)]
        found += [RNNClassifier(24, max_iter=1, random_state=0).fit(X, y).G_]
        found += [RNNClassifier(**deep).fit(X[:200], y[:200]).predict_proba(X)]
        return digest(*found)

    def everything(*_):
        signal.alarm(LIMIT)  # which ends a process that hangs; a child does not inherit it
        return results(), digest(unused.predict_proba(X)), digest(big.predict(X))

    def of_a_fork(work):
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                os.write(writing, json.dumps(work()).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            found = json.loads(pipe.read() or "null")
        assert os.waitpid(pid, 0)[1] == 0, 'a forked process has failed, or hung'
        return found

    signal.alarm(2 * LIMIT)
    expected = [results(), None, digest(big.predict(X))]
    torch.ones(1 << 20).exp().sum()  # torch's threads have started by now
    forked = of_a_fork(everything)
    grandchild = of_a_fork(lambda: of_a_fork(everything))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pooled = pool.map(everything, range(2))
    expected[1] = digest(unused.predict_proba(X))
    print(json.dumps([expected, forked, grandchild, *pooled, torch.get_num_threads()]))
"""
)


def output_of(code, **environment):
    """Run code in a process of its own, in this folder."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        cwd=os.path.dirname(__file__),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no os.fork")
def test_a_forked_process_computes_what_its_parent_computes():
    """OpenMP's threads have started in the parent, and are not there in the child."""
    expected, *found, n_threads = json.loads(output_of(FORKED, OMP_NUM_THREADS="2"))
    assert len(found) == 4 and n_threads == 2
    for other in found:
        assert other == expected


# --- several threads -----------------------------------------------------------------


@pytest.mark.usefixtures("two_threads")
def test_eight_threads_predict_with_one_model():
    model = RNNClassifier(**SMALL).fit(X, Y)
    serial = model.predict_proba(X)
    barrier = Barrier(N_THREADS)

    def predict(i):
        barrier.wait()
        parts = [model.predict_proba(X[i % 50 :]) for i in range(i, i + 20)]
        return parts, torch.get_num_threads()

    with ThreadPoolExecutor(N_THREADS) as pool:
        for i, (parts, n_threads) in enumerate(pool.map(predict, range(N_THREADS))):
            assert n_threads == 2
            for start, part in enumerate(parts, i):
                np.testing.assert_array_equal(part, serial[start % 50 :])
    assert torch.get_num_threads() == of_a_new_thread() == 2


@pytest.mark.usefixtures("two_threads")
def test_threads_fit_models_of_their_own():
    models = [
        RNNClassifier(**SMALL), RNNEncoder(**SMALL, cell="lstm"), RNNRegressor(**SMALL),
        RNNClassifier(**SMALL, cell="rnn", pooling="max"),
        RNNClassifier(**SMALL, bidirectional=True, n_layers=2), RNNClassifier(**SMALL, cell=None),
        RNNRegressor(**SMALL, ngram_range=None), RNNEncoder(**SMALL, early_stopping=True),
    ]  # fmt: skip
    serial = [clone(model).fit(X, Y) for model in models]
    barrier = Barrier(len(models))

    def fit(model):
        barrier.wait()
        return model.fit(X, Y), torch.get_num_threads()

    with ThreadPoolExecutor(len(models)) as pool:
        for (found, n_threads), expected in zip(pool.map(fit, models), serial):
            assert n_threads == 2
            for name in ("W_", "U_", "G_", "V_", "b_", "c_"):
                np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
            assert found.loss_curve_ == expected.loss_curve_
    assert torch.get_num_threads() == of_a_new_thread() == 2


@pytest.mark.parametrize("wanted", ["predict_proba", "transform", "unroll"])
def test_threads_apply_a_model_for_the_first_time_together(wanted):
    fitted = RNNClassifier(**SMALL).fit(X, Y)
    serial = outputs_of(copy.deepcopy(fitted), wanted)
    for _ in range(10):
        model, barrier = copy.deepcopy(fitted), Barrier(4)

        def apply(i, model=model, barrier=barrier):
            barrier.wait()
            return outputs_of(model, wanted)

        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(apply, range(4)):
                np.testing.assert_array_equal(found, serial)
        np.testing.assert_array_equal(outputs_of(model, wanted), serial)


def outputs_of(model, name):
    if name == "unroll":
        return model.unroll(X[0])[0]
    return (model.encoder_ if name == "transform" else model).__getattribute__(name)(X)


# --- killed workers and failing callbacks --------------------------------------------


def test_a_killed_worker_ends_a_search_with_an_error():
    parent, n_killed = os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM)

    def analyze(text):
        if os.getpid() != parent:
            os.kill(os.getpid(), n_killed)
        return list(text)

    search = GridSearchCV(
        RNNClassifier(**SMALL, analyzer=analyze), {"nhidden": [4, 5, 6]}, cv=2, n_jobs=2
    )
    with pytest.raises(TerminatedWorkerError, match="terminated"):
        search.fit(X, Y)
    assert not hasattr(search, "best_estimator_")
    search.set_params(estimator__analyzer="char").fit(X, Y)  # the pool is made anew
    assert search.best_params_["nhidden"] in (4, 5, 6)


# --- Ctrl-C --------------------------------------------------------------------------


IGNORED = pytest.mark.filterwarnings(  # by Python, where Ctrl-C comes as a generator is thrown away
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)


def process_state():
    """Give what belongs to the process and not to an estimator."""
    numbers = np.random.get_state()
    return [
        torch.get_num_threads(), of_a_new_thread(), torch.get_default_dtype(),
        torch.is_grad_enabled(), torch.is_inference_mode_enabled(), random.getstate(),
        torch.get_rng_state().tolist(), numbers[1].tolist(), numbers[2:], np.geterr(),
        signal.getsignal(signal.SIGINT), list(warnings.filters), get_config(),
    ]  # fmt: skip


PACKAGE = os.path.dirname(skrnn.__file__)


def is_ours(frame):
    """Say whether a function is of this library, or of contextlib on its behalf.

    Other libraries do not restore their own settings if Ctrl-C comes in the middle of them.
    """
    while frame.f_code.co_filename == contextlib.__file__:
        frame = frame.f_back
    return frame.f_code.co_filename.startswith(PACKAGE)


def run_and_interrupt(function, at):
    """Call a function; Ctrl-C comes as our function number `at` begins.

    Return how many functions were called, and whether Ctrl-C ended the call.
    """
    calls, before = 0, sys.gettrace()

    def trace(frame, event, arg):
        nonlocal calls
        if not is_ours(frame):
            return
        calls += 1
        if calls == at:
            raise KeyboardInterrupt

    try:
        sys.settrace(trace)
        function()
    except KeyboardInterrupt:
        return calls, True
    finally:
        sys.settrace(before)
    return calls, False


def moments(n_calls, seed):
    return sorted(random.Random(seed).sample(range(1, n_calls), min(N_MOMENTS, n_calls - 1)))


FEW, LABELS = X[:40], Y[:40]


@cache
def kinds():
    """Give estimators, and what they learn from: (a first fit, a second one)."""
    table = np.random.default_rng(0).normal(size=(40, 5))  # of five columns, then of four
    return {
        "strings": (RNNClassifier(**SMALL), (FEW, LABELS), (FEW[::-1], LABELS)),
        "validation": (
            RNNClassifier(**SMALL, early_stopping=True), (FEW, LABELS), (FEW[::-1], LABELS),
        ),
        "table": (RNNRegressor(**SMALL), (table, LABELS), (table[:, 1:], LABELS)),
        "deep": (
            RNNEncoder(**SMALL, n_layers=2, bidirectional=True), (FEW, LABELS), (FEW[::-1], LABELS),
        ),
        "fixed": (FixedEncoder(U="random", nhidden=5, random_state=0), (FEW,), (FEW[::-1],)),
    }  # fmt: skip


def attributes(model):
    """Name the attributes and say which object each one is."""
    return {name: id(value) for name, value in vars(model).items()}


def learned(model):
    return pickle.dumps({name: v for name, v in vars(model).items() if name != "_codebook"})


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("kind", ["strings", "validation", "table", "deep", "fixed"])
@pytest.mark.filterwarnings("ignore:.*was interrupted in epoch")
@IGNORED
def test_ctrl_c_in_fit_leaves_the_old_fit_or_a_new_one(kind, tried):
    """At a hundred moments; fits that are interrupted after an epoch keep the best epoch."""
    model, first, second = kinds()[kind]
    fitted = clone(model).fit(*first)
    whole = copy.deepcopy(fitted).fit(*second)
    n_calls, _ = run_and_interrupt(lambda: copy.deepcopy(fitted).fit(*second), at=-1)
    state, ended_early, outcomes = process_state(), 0, set()
    for at in moments(n_calls, seed=kind):
        model = copy.deepcopy(fitted)
        before = attributes(model)
        _, interrupted = run_and_interrupt(lambda model=model: model.fit(*second), at)
        assert process_state() == state, at
        if attributes(model) == before:
            outcomes.add("old")
            assert interrupted
            continue
        assert vars(model).keys() == vars(whole).keys(), at
        if learned(model) == learned(whole):
            outcomes.add("new")
        else:
            outcomes.add("early")
            ended_early += 1
            assert not interrupted and 1 <= model.n_iter_ == len(model.loss_curve_) <= 2
            assert len(model.validation_scores_ or model.loss_curve_) == model.n_iter_
            assert model.loss_curve_ == whole.loss_curve_[: model.n_iter_]
    tried("moments of Ctrl-C survived", len(moments(n_calls, seed=kind)))
    assert "old" in outcomes and (kind == "fixed" or ended_early > 5)
    assert learned(copy.deepcopy(fitted).fit(*second)) == learned(whole)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("kind", ["strings", "table", "deep", "fixed"])
@IGNORED
def test_ctrl_c_while_a_model_is_applied_changes_nothing(kind, tried):
    model, first, _ = kinds()[kind]
    fitted = clone(model).fit(*first)
    name = "predict" if hasattr(fitted, "predict") else "transform"

    def apply(model):
        return getattr(model, name)(first[0]), model.unroll(first[0][0])[0]

    expected = apply(copy.deepcopy(fitted))
    n_calls, _ = run_and_interrupt(lambda: apply(copy.deepcopy(fitted)), at=-1)
    state = process_state()
    for at in moments(n_calls, seed=kind):
        model = copy.deepcopy(fitted)
        before = attributes(model)
        run_and_interrupt(lambda model=model: apply(model), at)
        assert process_state() == state and attributes(model) == before, at
        for found, wanted in zip(apply(model), expected):
            np.testing.assert_array_equal(found, wanted)
    tried("moments of Ctrl-C survived", len(moments(n_calls, seed=kind)))


@pytest.mark.usefixtures("two_threads")
@IGNORED
def test_ctrl_c_in_save_leaves_the_older_file_or_the_new_one(tmp_path, tried):
    """At a hundred moments; the file is whole, and nothing is beside it."""
    path = tmp_path / "model.skrnn"
    older, newer = (clone(kinds()["strings"][0]).fit(*data) for data in kinds()["strings"][1:])
    contents = {}
    for name, model in (("older", older), ("newer", newer)):
        skrnn.save(model, path)
        contents[path.read_bytes()] = name
    n_calls, _ = run_and_interrupt(lambda: skrnn.save(newer, path), at=-1)
    state, found = process_state(), set()
    for at in moments(n_calls, seed="save"):
        skrnn.save(older, path)
        before = attributes(newer)
        run_and_interrupt(lambda: skrnn.save(newer, path), at)
        assert process_state() == state and attributes(newer) == before, at
        assert os.listdir(tmp_path) == [path.name], at
        found.add(contents[path.read_bytes()])
    tried("moments of Ctrl-C survived", len(moments(n_calls, seed="save")))
    assert "older" in found
    assert skrnn.load(path).predict(FEW).tolist() in [
        m.predict(FEW).tolist() for m in (older, newer)
    ]


class Failing:
    """A callback that fails in an epoch."""

    max_propagation_depth = None

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.seen = [torch.get_num_threads(), torch.is_grad_enabled()]

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        self.seen += [torch.get_num_threads(), torch.is_grad_enabled()]
        raise OSError("the disk is full")


@pytest.mark.usefixtures("two_threads")
def test_a_failing_callback_changes_nothing_and_has_the_threads_of_the_user():
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")
    model, callback = RNNClassifier(**SMALL).fit(X, Y), Failing()
    model.set_callbacks(callback)
    before, state = attributes(model), process_state()
    with pytest.raises(OSError, match=r"^the disk is full$"):
        model.fit(X[::-1], Y)
    assert attributes(model) == before and process_state() == state
    assert callback.seen == [2, True, 2, True]
