"""The section of `benchmarks.scale` about a search on Dask workers.

In: `Setup`, and the bundled names. Out: a table of seconds, serial and with one and two workers,
and whether the results are equal; and one of how often the strings are sent, by the form of X.
"""

import pickle
from contextlib import contextmanager
from itertools import chain
from time import perf_counter

import joblib
import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from benchmarks._report import say
from skrnn import RNNClassifier
from skrnn.datasets import load_names

SIZES = (16, 32, 48, 64)  # nhidden of the candidates
FORMS = {
    "list": list,
    "array of objects": lambda names: np.array(names, dtype=object),
    "Series": lambda names: pd.Series(names, dtype=object),
}

WORKERS = [  # name, how many, whether their memory allocator is set as the page advises
    ("1 worker", 1, True),
    ("2 workers", 2, True),
    ("2 workers, Dask's memory settings", 2, False),
]


class CountedString(str):
    """A string that counts how often it is pickled in this process."""

    __slots__ = ()
    pickled = 0

    def __reduce__(self):
        CountedString.pickled += 1
        return str, (str(self),)


def search(setup):
    """Compare a grid search on one and on two Dask workers with a serial one."""
    names, countries = load_names(return_X_y=True)
    X, y = (values[:: 20 if setup.quick else 1] for values in (names, countries))
    fits = f"{len(SIZES)} candidates in 3 folds of {len(X):,} names"
    caption = f"A grid search over {fits}, and a last fit in this process; one run."
    yield caption, ["", "seconds", "times as fast", "same results"], _speed(setup, X, y)
    head = ["X", "its bytes", "times sent", "times sent with scatter"]
    yield f"How often X leaves this process in a search over {fits}.", head, _sent(setup, X, y)


def _speed(setup, X, y):
    expected, alone = _timed(setup, X, y)
    rows = [["serial", f"{alone:.3g}", "1.00", ""]]
    for name, n_workers, keep_memory in WORKERS:
        with _dask(n_workers, keep_memory):
            found, taken = _timed(setup, X, y, scatter=True)
        same = "yes" if _same(found, expected) else "NO"
        rows.append([name, f"{taken:.3g}", f"{alone / taken:.2f}", same])
        say(f"search: {'  '.join(rows[-1])}")
    return rows


def _sent(setup, X, y):
    rows, strings = [], [CountedString(X[0]), *X[1:].tolist()]
    with _dask(2):
        for form, make in FORMS.items():
            given, times = make(strings), []
            for scatter in (False, True):
                CountedString.pickled = 0
                _search(setup, given, y, scatter)
                times.append(str(CountedString.pickled))
            rows.append([form, f"{len(pickle.dumps(make(X.tolist()))):,}", *times])
            say(f"search: {'  '.join(rows[-1])}")
    return rows


@contextmanager
def _dask(n_workers, keep_memory=True):
    """Start worker processes, for what runs inside; with `keep_memory` as the page advises."""
    import dask
    from distributed import Client, LocalCluster

    trim = "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_"
    workers = dict(n_workers=n_workers, threads_per_worker=1, processes=True)
    with dask.config.set({trim: None} if keep_memory else {}):
        cluster = LocalCluster(**workers, dashboard_address=None)
    with cluster, Client(cluster), joblib.parallel_config("dask"):
        yield


def _timed(setup, X, y, scatter=False):
    """Search once; give the result, and the seconds."""
    start = perf_counter()
    found = _search(setup, X, y, scatter)
    return found, perf_counter() - start


def _search(setup, X, y, scatter):
    """Search, on Dask workers if there are some; `scatter` sends all data to them at first."""
    model = RNNClassifier(max_iter=1 if setup.quick else 3, random_state=0)
    splits = list(StratifiedKFold(3).split(X, y))
    n_jobs = 2 if scatter else None  # with one, joblib would not use a worker
    found = GridSearchCV(model, {"nhidden": SIZES}, cv=splits, n_jobs=n_jobs)
    if not scatter:
        return found.fit(X, y)
    with joblib.parallel_config("dask", scatter=[X, y, *chain(*splits)]):
        return found.fit(X, y)


def _same(one, other):
    """Say whether all scores and the model are the same, to the last bit."""
    scores = [key for key in one.cv_results_ if "test_score" in key]
    matrices = [model.best_estimator_._matrices() for model in (one, other)]
    return all(np.array_equal(one.cv_results_[k], other.cv_results_[k]) for k in scores) and all(
        map(np.array_equal, *matrices)
    )
