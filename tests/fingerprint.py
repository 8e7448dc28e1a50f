"""Hashes of what is learned and predicted, to show that a change moves no bit.

Run `python -m tests.fingerprint` before and after the change and compare the lines. In: nothing.
Out: for each setting a line with hashes of the matrices, of what is predicted, and of an
explanation. The bits depend on the machine and on the versions of torch and numpy, so the lines of
two machines differ.
"""

import hashlib

import numpy as np
import torch

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.datasets import load_names

NAMES, COUNTRIES = (part[::25] for part in load_names(return_X_y=True))
LENGTHS = np.array([float(len(name)) for name in NAMES])
WEIGHTS = np.random.default_rng(1).integers(0, 40, len(NAMES)) / 8
LABELS = np.array([["a" in name, "e" in name] for name in NAMES]).astype(int)
WITH_GAPS = [None if i % 50 == 0 else "" if i % 50 == 1 else n for i, n in enumerate(NAMES)]
TOKENS = [name.split() or None for name in NAMES]
SPLIT = [list(name) for name in NAMES]


def series(lengths, variables):
    """Make random series, and whether each ends above where it starts."""
    rng = np.random.default_rng(0)
    X = [rng.normal(3, 2, size=(n, variables)).cumsum(0) for n in lengths]
    return X, np.array([x[-1, 0] > x[0, 0] for x in X])


RAGGED, RISES = series(np.arange(200) % 9 + 1, 2)
TABLE = np.array([x[:, 0] for x in series([12] * 150, 1)[0]])
TABLE_RISES = TABLE[:, -1] > TABLE[:, 0]

MATRICES = ("W", "U", "G", "U_above", "V", "b", "c")
C, R, E = RNNClassifier, RNNRegressor, RNNEncoder
SETTINGS = {  # estimator, X, y; "w" for weights, "v" for a validation set
    "defaults": (C(max_iter=2), NAMES, COUNTRIES, ""),
    "gaps, words, weights": (C(16, analyzer="word", max_iter=2), WITH_GAPS, COUNTRIES, "w"),
    "min_df, max_features, max_length": (
        C(16, min_df=2, max_features=900, max_length=6, max_iter=2), NAMES, COUNTRIES, "w",
    ),
    "article": (
        C(
            20, cell="rnn", init="article", ngram_range=None, bias=False, dropout=0, solver="adam",
            learning_rate="constant", learning_rate_init=0.001, batch_size=32, max_iter=2,
        ), NAMES, COUNTRIES, "",
    ),
    "gru, both ways, two layers": (
        C(12, cell="gru", bidirectional=True, n_layers=2, pooling=("last", "mean", "max"),
          max_iter=2, alpha=0.01, solver="rmsprop"), NAMES, COUNTRIES, "",
    ),
    "lstm, sgd": (
        C(12, cell="lstm", init="identity", solver="sgd", learning_rate_init=0.1, max_iter=2),
        SPLIT, COUNTRIES, "",
    ),
    "relu, max": (
        C(12, cell="rnn", activation="relu", pooling="max", max_iter=2), TOKENS, COUNTRIES, "",
    ),
    "early stopping, balanced": (
        C(12, early_stopping=True, class_weight="balanced", max_iter=4), NAMES, COUNTRIES, "v",
    ),
    "held out": (C(12, early_stopping=True, max_iter=4), NAMES, COUNTRIES, "w"),
    "labels": (C(12, max_iter=2), NAMES, LABELS, "v"),
    "numbers": (R(12, max_iter=2), NAMES, LENGTHS, "w"),
    "several numbers": (R(12, max_iter=2), NAMES, np.c_[LENGTHS, LENGTHS**2], "v"),
    "ragged series": (C(8, max_iter=3), RAGGED, RISES, ""),
    "series, mean, no bias": (
        C(8, pooling=("max", "mean"), bias=False, max_iter=3), RAGGED, RISES, "",
    ),
    "table": (R(8, cell="lstm", n_layers=2, max_iter=3), TABLE, TABLE[:, -1], ""),
    "n-grams alone": (C(cell=None, max_iter=2, max_grad_norm=1.0), NAMES, COUNTRIES, "w"),
    "recurrence alone": (C(12, ngram_range=None, min_df=2, max_iter=2), NAMES, COUNTRIES, ""),
    "as long as it pays": (C(12, ngram_size=8), NAMES, COUNTRIES, "w"),
    "encoder": (E(16, max_iter=2), NAMES, COUNTRIES, "w"),
    "encoder of a table": (E(8, max_iter=2), TABLE.astype(np.float32), TABLE_RISES, ""),
    "vocabulary": (
        E(8, vocabulary=list("abcdefghijklmnop"), ngram_range=(2, 3), max_iter=2),
        NAMES, COUNTRIES, "",
    ),
    "fixed": (FixedEncoder(W=0.5, U="random", nhidden=9, activation="tanh"), NAMES, None, ""),
    "fixed series": (FixedEncoder(W=2.0, max_length=4), RAGGED, None, ""),
}  # fmt: skip


def digest(*arrays):
    """Hash arrays to eight letters; None counts as nothing."""
    data = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays if a is not None)
    return hashlib.sha256(data).hexdigest()[:8]


def results(estimator, X, y, given):
    """Fit, and give the matrices, predictions and an explanation."""
    n = len(X)
    fit = {"w": {"sample_weight": WEIGHTS[:n]}, "v": {"X_val": X[:50]}}.get(given, {})
    if "X_val" in fit:
        fit["y_val"] = y[:50]
    estimator.set_params(random_state=0).fit(X, y, **fit)
    arrays = [getattr(estimator, f"{name}_", None) for name in MATRICES]
    numbers = [getattr(estimator, "loss_curve_", 0), getattr(estimator, "validation_scores_", 0)]
    method = next(m for m in ("decision_function", "predict", "transform") if hasattr(estimator, m))
    predicted = [getattr(estimator, method)(X)]
    if getattr(estimator, "cell", "") is not None:
        predicted.append(estimator.unroll(X[7])[0])
    explained = estimator.explain(X[7]) if hasattr(estimator, "explain") else None
    explained = explained and [explained.contributions, explained.score, explained.baseline]
    return [*arrays, *(v for v in numbers if v is not None)], predicted, explained or []


def main():
    """Print the hashes of every setting, and of a warm start."""
    torch.set_num_threads(1)
    for name, setting in SETTINGS.items():
        print(f"{name:34}", *(digest(*part) for part in results(*setting)), flush=True)
    model = RNNClassifier(16, max_iter=2, warm_start=True, random_state=0).fit(NAMES, COUNTRIES)
    print(f"{'warm start':34}", digest(model.fit(NAMES, COUNTRIES).W_, model.U_, model.V_))


if __name__ == "__main__":
    main()
