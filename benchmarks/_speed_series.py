"""The question of `benchmarks.speed` about series of numbers.

In: `Setup`, and the series that ship inside aeon. Out: the head and the rows of a table. The
models are those of `benchmarks.accuracy`, with the rows of its first split.
"""

import warnings
from functools import partial

import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit

from benchmarks._peers import hurried, models
from benchmarks._sequences import SERIES
from benchmarks._sequences import series as load
from benchmarks._speed_setup import figures, progress, seconds

LEFT_OUT = ("ACSF1",)  # 1,460 steps: minutes for each fit of a recurrent net
QUICK = ("ItalyPowerDemand", "BasicMotions")
MODELS = ("RNNClassifier", "MiniRocket", "Values, random forest", "Summary, random forest")


def series(setup):
    """Seconds of fit and predict on series, and the accuracy on one split."""
    rows = []
    for name in QUICK if setup.quick else (name for name in SERIES if name not in LEFT_OUT):
        data = load(name)
        train, test = _split(data, setup)
        X, X_test = ([data.X[i] for i in part] for part in (train, test))
        makers = models(data)
        fitted = {model: makers[model](0, setup.n_threads) for model in MODELS}
        for model in fitted.values() if setup.quick else ():
            hurried(model)
        fits = [partial(model.fit, X, data.y[train]) for model in fitted.values()]
        predictions = [partial(model.predict, X_test) for model in fitted.values()]
        with warnings.catch_warnings():
            warnings.simplefilter("once")  # what a peer warns of in each fit
            taken = [seconds(*runs, repeats=min(setup.repeats, 3)) for runs in (fits, predictions)]
            for model, predict, *both in zip(fitted, predictions, *taken):
                accuracy = f"{np.mean(predict() == data.y[test]):.3f}"
                rows.append([f"{name}, {model}", f"{len(X)}", *figures(*both), accuracy])
                progress("series", rows[-1])
    return ["", "training series", "fit s", "predict s", "accuracy"], rows


def _split(data, setup):
    """Draw as many rows to train on as the source has, and the others to test on."""
    sizes = dict(train_size=data.n_train, test_size=len(data.X) - data.n_train)
    if setup.quick:
        sizes = dict(train_size=30, test_size=10)
    splitter = StratifiedShuffleSplit(1, **sizes, random_state=0)
    return next(splitter.split(np.zeros(len(data.X)), data.y))
