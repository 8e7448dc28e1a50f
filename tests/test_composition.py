"""The estimators inside scikit-learn's tools, with the real things."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skrnn import RNNClassifier, RNNEncoder

QUICK = {"nhidden": 12, "ngram_size": 6, "dropout": 0, "ngram_dropout": 0, "random_state": 0}


def forest():
    return RandomForestClassifier(20, random_state=0)


@pytest.fixture
def pipeline():
    return Pipeline([("h", RNNEncoder(**QUICK)), ("forest", forest())])


def test_pipeline_with_a_forest(pipeline, words):
    X, y = words
    assert pipeline.fit(X[:80], y[:80]).score(X[80:], y[80:]) > 0.9
    assert pipeline[:-1].get_feature_names_out()[0] == "rnnencoder0"


def test_grid_search_over_nhidden(pipeline, words):
    grid = GridSearchCV(pipeline, {"h__nhidden": [4, 12]}, n_jobs=2, cv=2).fit(*words)
    assert grid.best_score_ > 0.9
    assert grid.best_estimator_["h"].W_.shape[1] == grid.best_params_["h__nhidden"]


def test_cross_validation_on_a_list_and_on_a_series(words):
    X, y = words
    model = RNNClassifier(**QUICK)
    scores = cross_val_score(model, X, y, cv=3)
    assert scores.mean() > 0.9
    np.testing.assert_array_equal(scores, cross_val_score(model, pd.Series(X), y, cv=3))
    p = cross_val_predict(model, X, y, cv=2, method="predict_proba")
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_column_transformer_beside_one_hot(words):
    X, y = words
    frame = pd.DataFrame({"name": X, "size": [str(len(x)) for x in X]})
    columns = ColumnTransformer(
        [("name", RNNEncoder(**QUICK), "name"), ("size", OneHotEncoder(), ["size"])], n_jobs=2
    )
    model = make_pipeline(columns, forest()).fit(frame[:80], y[:80])
    assert model.score(frame[80:], y[80:]) > 0.9
    names = columns.fit(frame, y).get_feature_names_out()
    assert names[0] == "name__rnnencoder0" and names[-1] == "size__size_6"


def test_feature_union_with_tfidf(words):
    X, y = words
    union = FeatureUnion([("h", RNNEncoder(**QUICK)), ("tfidf", TfidfVectorizer(analyzer="char"))])
    assert make_pipeline(union, forest()).fit(X[:80], y[:80]).score(X[80:], y[80:]) > 0.9
    assert union.fit_transform(X, y).shape == (120, 12 + 6 + 5)


def test_calibration_stacking_and_one_versus_rest(words):
    X, y = words
    calibrated = CalibratedClassifierCV(RNNClassifier(**QUICK), cv=2).fit(X[:80], y[:80])
    assert calibrated.score(X[80:], y[80:]) > 0.9
    stack = StackingClassifier(
        [("rnn", RNNClassifier(**QUICK)), ("forest", make_pipeline(RNNEncoder(**QUICK), forest()))],
        LogisticRegression(), cv=2,
    )  # fmt: skip
    assert stack.fit(X[:80], y[:80]).score(X[80:], y[80:]) > 0.9
    apart = OneVsRestClassifier(RNNClassifier(**QUICK)).fit(X[:80], y[:80])
    assert apart.score(X[80:], y[80:]) > 0.9


def test_joblib_keeps_every_prediction(pipeline, words, tmp_path):
    X, y = words
    joblib.dump(pipeline.fit(X, y), tmp_path / "model.joblib")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mode in (None, "r"):
            again = joblib.load(tmp_path / "model.joblib", mmap_mode=mode)
            np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))


def test_sample_weight_is_routed(pipeline, words):
    import sklearn

    X, y = words
    weight = np.where(np.arange(120) < 60, 1.0, 0.0)
    with sklearn.config_context(enable_metadata_routing=True):
        encoder = RNNEncoder(**QUICK).set_fit_request(sample_weight=True)
        routed = make_pipeline(encoder, forest().set_fit_request(sample_weight=False))
        routed.fit(X, y, sample_weight=weight)
        model = RNNClassifier(**QUICK).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        grid = GridSearchCV(model, {"nhidden": [12]}, cv=2)
        grid.fit(X, y, sample_weight=np.arange(120) % 3)
        assert 0.5 < grid.best_score_ <= 1
    old = pipeline.fit(X, y, h__sample_weight=weight)
    np.testing.assert_array_equal(routed[0].W_, old["h"].W_)
    np.testing.assert_array_equal(old["h"].W_, RNNEncoder(**QUICK).fit(X[:60], y[:60]).W_)


def test_a_pipeline_can_hand_on_a_validation_set(words):
    X, y = words
    model = make_pipeline(RNNClassifier(**QUICK, early_stopping=True))
    model.fit(X[:80], y[:80], rnnclassifier__X_val=X[80:], rnnclassifier__y_val=y[80:])
    assert len(model[0].validation_scores_) == model[0].n_iter_
