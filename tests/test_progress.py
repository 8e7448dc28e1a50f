"""What the callbacks of scikit-learn 1.9 are told of a fit, and may do."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor

SMALL = {"nhidden": 8, "max_iter": 3, "random_state": 0}
WORDS = ["tanaka", "suzuki", "sato", "smith", "jones", "brown", None, ""] * 3
LABELS = ["jp", "jp", "jp", "uk", "uk", "uk", "jp", "uk"] * 3

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")


class Diary:
    """Note every call, and end the training after so many epochs."""

    max_propagation_depth = None

    def __init__(self, stop_after=None, fail_after=None, fail_at_the_end=False):
        self.stop_after, self.fail_after = stop_after, fail_after
        self.fail_at_the_end = fail_at_the_end
        self.calls, self.told, self.models = [], [], []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.calls.append((type(estimator).__name__, context.task_name, "begins"))
        self.told.append((X, y, metadata))

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        self.calls.append((type(estimator).__name__, context.task_name, "ends"))
        if context.task_name != "epoch":
            if self.fail_at_the_end:
                raise FloatingPointError("the diary is full")
            return False
        self.models.append(fitted_estimator)
        if len(self.models) == self.fail_after:
            raise RuntimeError("the diary is full")
        return len(self.models) == self.stop_after


def test_a_callback_may_use_autograd_and_raise_what_it_likes():
    class Curious(Diary):
        def on_fit_task_end(self, estimator, context):
            x = torch.ones(2, requires_grad=True)
            (x * x).sum().backward()
            raise FloatingPointError(f"the gradient is {x.grad.tolist()}")

    with pytest.raises(FloatingPointError, match=r"^the gradient is \[2.0, 2.0\]$"):
        RNNClassifier(**SMALL).set_callbacks(Curious()).fit(WORDS, LABELS)


@pytest.mark.parametrize("cls", [RNNEncoder, RNNClassifier, RNNRegressor])
def test_callbacks_hear_of_the_fit_and_of_every_epoch(cls):
    diary, weight = Diary(), np.ones(len(WORDS))
    y = np.arange(len(WORDS)) % 5 / 2 if cls is RNNRegressor else LABELS
    cls(**SMALL).set_callbacks(diary).fit(WORDS, y, weight)
    epoch = [(cls.__name__, "epoch", "begins"), (cls.__name__, "epoch", "ends")]
    fit = [(cls.__name__, "fit", "begins"), *epoch * 3, (cls.__name__, "fit", "ends")]
    assert diary.calls == ["setup", *fit, "teardown"]
    for X, given, metadata in diary.told:
        assert X is WORDS and given is y and metadata["sample_weight"] is weight


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True}])
@pytest.mark.parametrize("series", [False, True])
def test_a_callback_is_given_the_estimator_as_it_is_after_each_epoch(series, settings):
    X = np.random.default_rng(0).normal(3, 2, (24, 5)) if series else WORDS
    params = {**SMALL, "learning_rate": "constant", "learning_rate_init": 0.03, **settings}
    diary = Diary()
    RNNClassifier(**params).set_callbacks(diary).fit(X, LABELS)
    for epochs, model in enumerate(diary.models, 1):
        expected = RNNClassifier(**{**params, "max_iter": epochs}).fit(X, LABELS)
        np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
        assert model.loss_curve_ == expected.loss_curve_


def test_a_warm_start_tells_of_its_own_epochs_and_all_losses():
    model = RNNClassifier(**SMALL, warm_start=True).fit(WORDS, LABELS)
    diary, before = Diary(), model.loss_curve_
    model.set_callbacks(diary).fit(WORDS, LABELS)
    assert [len(seen.loss_curve_) for seen in diary.models] == [4, 5, 6]
    assert diary.models[0].loss_curve_[:3] == before


def test_a_callback_can_end_the_training():
    model = RNNClassifier(**SMALL).set_callbacks(Diary(stop_after=2)).fit(WORDS, LABELS)
    assert model.n_iter_ == 2
    assert RNNClassifier(**SMALL).fit(WORDS, LABELS).n_iter_ == 3


@pytest.mark.parametrize("when", [{"fail_after": 2}, {"fail_at_the_end": True}])
def test_a_failing_callback_leaves_the_estimator_as_it_was_and_is_torn_down(when):
    model = RNNClassifier(**SMALL).fit(WORDS, LABELS)
    diary, before = Diary(**when), model.predict_proba(WORDS)
    with pytest.raises((RuntimeError, FloatingPointError), match=r"^the diary is full$"):
        model.set_callbacks(diary).fit(WORDS[::-1], LABELS)
    assert diary.calls[-1] == "teardown"
    assert not hasattr(model, "_callback_fit_ctx")
    np.testing.assert_array_equal(model.predict_proba(WORDS), before)


def test_callbacks_change_nothing_that_is_learned_and_leave_nothing_behind():
    plain = RNNClassifier(**SMALL).fit(WORDS, LABELS)
    told = RNNClassifier(**SMALL).set_callbacks(Diary()).fit(WORDS, LABELS)
    np.testing.assert_array_equal(plain.U_, told.U_)
    assert vars(told).keys() - vars(plain).keys() == {"_skl_callbacks"}
    assert clone(told)._skl_callbacks == told._skl_callbacks
    assert len(pickle.loads(pickle.dumps(told)).loss_curve_) == 3
    with pytest.raises(TypeError, match=r"^callbacks must be instances following the"):
        told.set_callbacks(print)


def test_bars_and_scores_reach_through_pipelines_and_searches(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # in fewer, bars are cut off
    pipeline = Pipeline([("h", RNNEncoder(**SMALL)), ("linear", LogisticRegression())])
    pipeline.set_callbacks(callback.ProgressBar(), callback.ScoringMonitor(scoring="accuracy"))
    pipeline.fit(WORDS, LABELS)
    assert "RNNEncoder - fit(max_iter=3, nhidden=8) #0" in (bars := capsys.readouterr().out)
    assert bars.count("100%") == 3
    monitor = callback.ScoringMonitor(scoring="accuracy")
    search = GridSearchCV(RNNClassifier(**SMALL).set_callbacks(monitor), {"nhidden": [4, 8]}, cv=2)
    search.set_callbacks(diary := Diary()).fit(WORDS, LABELS)
    assert diary.calls.count(("RNNClassifier", "epoch", "ends")) == (2 * 2 + 1) * 3
    tried = [f"fit(max_iter=3, nhidden={n})" for n in (4, 8)]
    fits = [diary.calls.count(("RNNClassifier", fit, "begins")) for fit in tried]
    assert sorted(fits) == [2, 3]  # two folds of each, and the best again
    scores = [row["accuracy"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(scores) == (2 * 2 + 1) * 3 and max(scores) > 0.7
