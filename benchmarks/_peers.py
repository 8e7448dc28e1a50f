"""The models of `benchmarks.accuracy`: what else a user could pick, and skrnn.

In: a `DataSet`. Out: for each name of a model a function of (seed, n_jobs) that makes the
estimator, unfitted, for X as it is in the data set. A setting that is not its package's
default has its reason beside it, and figures in a reason are accuracies on a validation
fifth of the training rows of the first split. skrnn has its defaults, always.
"""

import os
import tempfile
from functools import lru_cache, partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from benchmarks._reservoir import reservoir_ridge
from skrnn import RNNClassifier, RNNEncoder, RNNRegressor

# One grid for all sets: on the names 1 is the best C and 0.1 or 10 are clearly worse; on the
# SMILES 0.3 and 1 are the best alphas. A fit costs a second or two, so that the choice
# is made anew in every training split, on a fifth of it.
GRIDS = {LinearSVC: {"C": [0.3, 1, 3]}, Ridge: {"alpha": [0.1, 0.3, 1, 3]}}
OURS = "RNN"  # how the names of our models begin
SLOW_PEERS = ("MinHashEncoder", "GapEncoder", "Characters", "N-grams", "Tokens")
HURRIED = "RNN... has 1 epoch, boosting 2 rounds, a forest 10 trees"


def models(data, fast=False):
    """Give the makers of all models that read such data: {name: make(seed, n_jobs)}.

    fast leaves out those of `SLOW_PEERS`.
    """
    makers = {"strings": _on_strings, "tokens": _on_tokens, "series": _on_series}[data.kind](data)
    kept = {name: make for name, make in makers.items() if not (fast and _is_slow(name))}
    return kept | _ours(data)


def _is_slow(name):
    return name.startswith(SLOW_PEERS)


def is_ours(name):
    return name.startswith(OURS)


def hurried(model):
    """Cut short what takes long, only to see that it runs: `HURRIED`."""
    for part in (model, *model.get_params().values()):
        if isinstance(part, RNNClassifier | RNNEncoder | RNNRegressor):
            part.set_params(max_iter=1)
        elif isinstance(part, HistGradientBoostingClassifier | HistGradientBoostingRegressor):
            part.set_params(max_iter=2)
        elif isinstance(part, RandomForestClassifier | RandomForestRegressor):
            part.set_params(n_estimators=10)


def _on_strings(data):
    """List the peers for strings."""
    # TF-IDF with the defaults of scikit-learn, lower-casing among them. sublinear_tf and
    # case were tried and change nothing, "char" in place of "char_wb" loses 1 to 4 points.
    words_of = partial(TfidfVectorizer, analyzer="char_wb")
    grams = {"1-4": words_of(ngram_range=(1, 4)), "1-5": words_of(ngram_range=(1, 5))}
    # Trees need more time than linear models for many columns: n-grams to 3 only (4 points
    # ahead of characters alone on the names), and for regression, where a split of a node
    # looks at all columns, no n-grams.
    counts = {"Characters": CountVectorizer(analyzer="char")}
    if data.task == "classification":
        counts = {"N-grams 1-3": CountVectorizer(analyzer="char_wb", ngram_range=(1, 3))}
    found = _linear("TF-IDF char_wb", grams, data.task)
    found |= _linear("TF-IDF char_wb 1-5", {"+ words": _characters_and_words()}, data.task)
    found |= _counted(counts, data.task)
    found |= _skrub(data.task)
    if data.task == "classification":
        # Characters alone lose 4 points to n-grams 1-5 on the names.
        found["fastText, n-grams 1-5"] = lambda seed, n_jobs: FastText(minn=1, maxn=5, seed=seed)
    return found


def _characters_and_words():
    """TF-IDF of n-grams of characters beside TF-IDF of words and pairs of words."""
    # A word may be one character, which the default leaves out. Pairs of words: 1 to 3 points
    # more than words alone on docstrings and log lines, no loss of note elsewhere.
    words = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2))
    return make_union(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)), words)


def _on_tokens(data):
    """List the peers for lists of tokens; to them a sequence is one string with spaces."""
    # sublinear_tf: the best for functions (+1 point), no loss for operators.
    reads = {"tokenizer": str.split, "token_pattern": None, "lowercase": False}
    words_of = partial(TfidfVectorizer, sublinear_tf=True, **reads)
    grams = {"1-2": words_of(ngram_range=(1, 2)), "1-3": words_of(ngram_range=(1, 3))}
    counts = {"Tokens": CountVectorizer(**reads)}
    found = _linear("TF-IDF tokens", grams, data.task)
    found |= _counted(counts, data.task)
    found |= _skrub(data.task)
    # wordNgrams=3: as far as the TF-IDF above. No subwords: code has few rare word forms.
    found["fastText, tokens 1-3"] = lambda seed, n_jobs: FastText(wordNgrams=3, seed=seed)
    return {name: partial(_joined, make) for name, make in found.items()}


def _on_series(data):
    """List the peers for series."""
    longest = max(map(len, data.X))
    pad = partial(_padded, length=longest)  # zeros at the end; of equal lengths, nothing
    return {
        "MiniRocket": lambda seed, n_jobs: make_pipeline(
            FunctionTransformer(pad), _mini_rocket(seed, n_jobs)
        ),
        "Values, random forest": lambda seed, n_jobs: make_pipeline(
            FunctionTransformer(lambda X: pad(X).reshape(len(X), -1)), _forest(seed, n_jobs)
        ),
        "Summary, random forest": lambda seed, n_jobs: make_pipeline(
            FunctionTransformer(_summary), _forest(seed, n_jobs)
        ),
        "Reservoir, ridge": lambda seed, n_jobs: reservoir_ridge(data.X[0].shape[1], seed),
    }


def _ours(data):
    """List skrnn's models: defaults but for the seed."""
    if data.task == "regression":
        heads = {"boosting": _boosting_regressor}
        found = {"RNNRegressor": lambda seed, n_jobs: RNNRegressor(random_state=seed)}
    else:
        heads = {"random forest": _forest}
        found = {"RNNClassifier": lambda seed, n_jobs: RNNClassifier(random_state=seed)}
    for head, make_head in heads.items():
        found[f"RNNEncoder, {head}"] = lambda seed, n_jobs, make_head=make_head: make_pipeline(
            RNNEncoder(random_state=seed), make_head(seed, n_jobs)
        )
    return found


def _linear(what, vectorizers, task):
    """Put linear models on TF-IDF, those with a grid with their parameter chosen."""
    found = {}
    for size, vectorizer in vectorizers.items():
        if task == "regression":
            found[f"{what} {size}, Ridge"] = chosen(vectorizer, Ridge())
            continue
        # tol=0.01: the same scores, and 20 s less where rows of one string have several classes.
        found[f"{what} {size}, LinearSVC"] = chosen(vectorizer, LinearSVC(tol=0.01))
        # C=10: the best of 1, 10 and 100 on both sets of names, and for the log loss of four
        # other sets; too slow to choose anew.
        # max_iter: for lbfgs to converge.
        logistic = LogisticRegression(C=10, max_iter=1000)
        found[f"{what} {size}, logistic regression"] = _always(make_pipeline(vectorizer, logistic))
    return found


def chosen(vectorizer, linear):
    """Choose C or alpha on a fifth of the training rows, then fit on all of them."""
    step = type(linear).__name__.lower()
    grid = {f"{step}__{name}": values for name, values in GRIDS[type(linear)].items()}

    def make(seed, n_jobs):
        fifth = ShuffleSplit(1, test_size=0.2, random_state=seed)
        return GridSearchCV(make_pipeline(vectorizer, linear), grid, cv=fifth)

    return make


def _counted(vectorizers, task):
    """Put random forests on counts, with the defaults of scikit-learn."""
    forest = _forest if task == "classification" else _forest_regressor
    return {
        f"{what}, random forest": lambda seed, n_jobs, v=vectorizer: make_pipeline(
            v, forest(seed, n_jobs)
        )
        for what, vectorizer in vectorizers.items()
    }


def _skrub(task):
    """Put a forest (classes) or boosting (numbers) on each of skrub's encoders.

    Boosting fits as many trees a round as there are classes: minutes for a split.
    """
    heads = {"boosting": _boosting_regressor}
    if task == "classification":
        heads = {"random forest": _forest}
    encoders = {
        "StringEncoder": _string_encoder,
        "MinHashEncoder": _minhash_encoder,
        "GapEncoder": _gap_encoder,
    }
    return {
        f"{encoder}, {head}": partial(_encoded, make_encoder, make_head)
        for encoder, make_encoder in encoders.items()
        for head, make_head in heads.items()
    }


def _encoded(make_encoder, make_head, seed, n_jobs):
    steps = make_encoder(seed, n_jobs), make_head(seed, n_jobs)
    return make_pipeline(FunctionTransformer(_column), *steps)


def _string_encoder(seed, n_jobs):
    """TF-IDF of n-grams and a truncated SVD, to 30 columns by default."""
    from skrub import StringEncoder

    # 100 columns: 1 to 2 points more than 30. (1, 4): the best over the sets of (1, 3),
    # (1, 4), (1, 5) and the default (3, 4), which has half a point more on the names.
    return StringEncoder(100, ngram_range=(1, 4), random_state=seed)


def _minhash_encoder(seed, n_jobs):
    """Minima of hashes of the n-grams, 30 of them by default."""
    from skrub import MinHashEncoder

    # 100 columns, (1, 4): 0.72 on the names, where 30 columns of (2, 4), the default, have 0.64.
    # n_jobs would start processes anew in each fit: slower for so few rows.
    return MinHashEncoder(n_components=100, ngram_range=(1, 4))


def _gap_encoder(seed, n_jobs):
    """Topics of n-grams, 10 of them by default."""
    from skrub import GapEncoder

    # 30 columns, as many as the others have by default: 2 points more on the names than 10.
    return GapEncoder(30, random_state=seed)


class FastText(ClassifierMixin, BaseEstimator):
    """fastText's supervised mode for strings.

    lr=0.5, dim=30, epoch=25: within 0.003 of the best of lr 0.2 to 1, dim 30 and 100, epoch
    10 to 50 on names, words and places. bucket: 2 million by default, mostly empty.
    12 threads, its default, whatever the others have: version 0.9.2 leaves a tenth of its
    matrix uninitialised for each thread less than ten, and may end in NaN. Several threads
    race for the same numbers, so that the result differs a little from run to run.
    """

    def __init__(self, minn=0, maxn=0, wordNgrams=1, lr=0.5, dim=30, epoch=25, seed=0):
        self.minn = minn
        self.maxn = maxn
        self.wordNgrams = wordNgrams
        self.lr = lr
        self.dim = dim
        self.epoch = epoch
        self.seed = seed

    def fit(self, X, y):
        import fasttext

        self.classes_, labels = np.unique(y, return_inverse=True)
        settings = self.get_params() | {"bucket": 200_000, "thread": 12}
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "rows.txt")
            with open(file, "w", encoding="utf-8") as rows:
                rows.writelines(f"__label__{i} {x}\n" for i, x in zip(labels, X))
            self.model_ = fasttext.train_supervised(file, verbose=0, **settings)
        return self

    def predict(self, X):
        labels, _ = self.model_.predict(list(X))  # none where no word and no n-gram is known
        first = [label[0] if label else "__label__0" for label in labels]
        return self.classes_[[_index(label) for label in first]]

    def predict_proba(self, X):
        """Give (n, n_classes); where no word and no n-gram is known, all classes alike."""
        P = np.full((len(X), len(self.classes_)), 1e-9)
        for row, labels, found in zip(P, *self.model_.predict(list(X), k=-1)):
            row[[_index(label) for label in labels]] += found
        return P / P.sum(axis=1, keepdims=True)


def _index(label):
    return int(label.removeprefix("__label__"))


def _mini_rocket(seed, n_jobs):
    from aeon.classification.convolution_based import MiniRocketClassifier

    _compile_mini_rocket()
    return MiniRocketClassifier(random_state=seed, n_jobs=n_jobs)


@lru_cache(maxsize=1)
def _compile_mini_rocket():
    """Let numba compile once, outside of all measured times: half a minute on a new machine."""
    from aeon.classification.convolution_based import MiniRocketClassifier

    for n_variables in (1, 2):  # not the same code
        noise = np.random.default_rng(0).normal(size=(20, n_variables, 50)).astype(np.float32)
        MiniRocketClassifier().fit(noise, np.arange(20) % 2).predict(noise)


def _forest(seed, n_jobs):
    return RandomForestClassifier(n_jobs=n_jobs, random_state=seed)


def _forest_regressor(seed, n_jobs):
    return RandomForestRegressor(n_jobs=n_jobs, random_state=seed)


def _boosting_regressor(seed, n_jobs):
    return HistGradientBoostingRegressor(random_state=seed)


def _always(estimator):
    return lambda seed, n_jobs: clone(estimator)


def _joined(make, seed, n_jobs):
    """Let a model of strings read lists of tokens."""
    join = FunctionTransformer(lambda X: [" ".join(x) for x in X])
    return make_pipeline(join, make(seed, n_jobs))


def _column(strings):
    """Make the pandas column that skrub needs."""
    import pandas as pd

    return pd.Series(list(strings), name="x")


def _padded(X, length):
    """Put series, filled with zeros at their ends, as aeon has them: (n, variables, length)."""
    filled = np.zeros((len(X), X[0].shape[1], length), dtype=np.float32)
    for row, x in zip(filled, X):
        row[:, : len(x)] = x.T
    return filled


def _summary(X):
    """Describe series by their length and eight statistics of each variable."""
    columns = []
    for x in X:
        slope = np.diff(x, axis=0).std(axis=0)
        quartiles = np.quantile(x, [0.25, 0.5, 0.75], axis=0).ravel()
        ends = [x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0), slope, quartiles]
        columns.append(np.concatenate([[len(x)], *ends]))
    return np.array(columns)
