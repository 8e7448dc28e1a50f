"""The question of `benchmarks.speed` whether a row's result depends on the other rows.

In: `Setup`. Out: the head and the rows of a table.
"""

import numpy as np

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

    Vectors are what transform gives, in single precision; decisions are in double precision.
    All nets have one epoch; all but the last have no n-grams.
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
        vectors, _ = _compare(encoder.transform, setup.names, some)
        decisions, largest = _compare(classifier.decision_function, setup.names, some)
        cells = [f"{n:,}", f"{sum(map(len, some)):,}", f"{vectors:,}", f"{decisions:,}"]
        rows.append([name, *cells, f"{largest:.1e}"])
        progress("subsets", rows[-1])
    head = ["", "subsets", "rows in them", "other vectors", "other decisions"]
    return [*head, "largest difference of decisions"], rows


def _draw(rng, n):
    """Draw some of n rows, in random order."""
    size = rng.integers(1, min(LARGEST, n), endpoint=True)
    return rng.choice(n, size, replace=False)


def _compare(call, names, some):
    """Count the subsets that differ from the same rows of the whole; give the most they differ."""
    whole = call(names)
    n_other, largest = 0, 0.0
    for places in some:
        alone, among_all = call([names[i] for i in places]), whole[places]
        n_other += alone.tobytes() != among_all.tobytes()
        largest = max(largest, float(np.abs(alone - among_all).max()))
    return n_other, largest
