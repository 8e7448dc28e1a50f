"""The section of `benchmarks.scale` about a search on Dask workers.

In: `Setup`, and the bundled names. Out: a table of seconds, serial and with one and two workers,
and whether the results are equal.
"""

from statistics import median
from time import perf_counter

import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV

from benchmarks._report import say
from skrnn import RNNClassifier
from skrnn.datasets import load_names

SIZES = (16, 32, 48, 64)  # nhidden of the candidates


def search(setup):
    """Compare a grid search on one and on two Dask workers with a serial one."""
    from distributed import Client, LocalCluster

    names, countries = load_names(return_X_y=True)
    X, y = (values[:: 20 if setup.quick else 1] for values in (names, countries))
    expected, alone = _timed(setup, X, y)
    rows = [["serial", f"{alone:.3g}", "1.00", ""]]
    for n_workers in (1, 2):
        workers = dict(n_workers=n_workers, threads_per_worker=1, processes=True)
        cluster = LocalCluster(**workers, dashboard_address=None)
        with cluster, Client(cluster), joblib.parallel_config("dask"):
            found, taken = _timed(setup, X, y)
        same = "yes" if _same(found, expected) else "NO"
        rows.append([f"{n_workers} workers", f"{taken:.3g}", f"{alone / taken:.2f}", same])
        say(f"search: {'  '.join(rows[-1])}")
    caption = f"A grid search over {len(SIZES)} candidates, in 3 folds of {len(X):,} names."
    yield caption, ["", "seconds", "times as fast", "same results"], rows


def _timed(setup, X, y):
    """Search `repeats` times; give the last result, and the median seconds."""
    model = RNNClassifier(max_iter=1 if setup.quick else 3, random_state=0)
    taken = []
    for _ in range(setup.repeats):
        start = perf_counter()
        found = GridSearchCV(model, {"nhidden": SIZES}, cv=3).fit(X, y)
        taken.append(perf_counter() - start)
    return found, median(taken)


def _same(one, other):
    """Say whether all scores and the model are the same, to the last bit."""
    scores = [key for key in one.cv_results_ if "test_score" in key]
    matrices = [(model.best_estimator_._matrices()) for model in (one, other)]
    return all(np.array_equal(one.cv_results_[k], other.cv_results_[k]) for k in scores) and all(
        map(np.array_equal, *matrices)
    )
