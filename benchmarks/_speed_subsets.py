"""The question of `benchmarks.speed` whether a row's result depends on the other rows.

In: `Setup`. Out: the head and the rows of a table.
"""

from copy import copy

import numpy as np
import torch

from benchmarks._speed_setup import progress
from skrnn import RNNClassifier, RNNEncoder

LARGEST = 300
BOTH_WAYS = dict(bidirectional=True, pooling=("last", "mean", "max"))
NETS = {
    "rnn, tanh": dict(cell="rnn", activation="tanh"),
    "rnn, relu": dict(cell="rnn", activation="relu"),
    "gru": dict(cell="gru"),
    "lstm": dict(cell="lstm"),
    "gru, bidirectional, last, mean and max": dict(cell="gru", **BOTH_WAYS),
    "rnn, bidirectional, last, mean and max": dict(cell="rnn", **BOTH_WAYS),
    "default settings": {},
}


def subsets(setup):
    """Random subsets of names in which a row has not the bits that it has among all names.

    Vectors are what transform gives, decisions what decision_function gives. The last column
    counts the names that another class is predicted for in double precision. All nets have one
    epoch; all but the last have no n-grams.
    """
    n = 1000 if not setup.quick else 20
    rows = []
    for name, options in NETS.items():
        settings = dict(max_iter=1, random_state=0)
        if options:
            settings |= dict(ngram_range=None, **options)
        encoder = RNNEncoder(**settings).fit(setup.names, setup.y)
        classifier = RNNClassifier(**settings).fit(setup.names, setup.y)
        rng = np.random.default_rng(0)
        some = [_draw(rng, len(setup.names)) for _ in range(n)]
        counts = [
            n,
            sum(map(len, some)),
            _count_others(encoder.transform, setup.names, some),
            _count_others(classifier.decision_function, setup.names, some),
            int((classifier.predict(setup.names) != _in_double(classifier, setup.names)).sum()),
        ]
        rows.append([name, *(f"{count:,}" for count in counts)])
        progress("subsets", rows[-1])
    head = ["", "subsets", "rows in them", "other vectors", "other decisions"]
    return [*head, f"other classes of {len(setup.names):,}"], rows


def _draw(rng, n):
    """Draw some of n rows, in random order."""
    size = rng.integers(1, min(LARGEST, n), endpoint=True)
    return rng.choice(n, size, replace=False)


def _count_others(call, names, some):
    """Count the subsets that differ from the same rows of the whole."""
    whole = call(names)
    return sum(call([names[i] for i in p]).tobytes() != whole[p].tobytes() for p in some)


def _in_double(classifier, names):
    """Predict with the same matrices in double precision."""
    double = copy(classifier)
    double._precision = lambda: torch.float64
    return double.predict(names)
