"""The questions of `benchmarks.speed` about programs: imports, several workers, busy neighbours.

In: `Setup`. Out: the head and the rows of a table, for each question.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from statistics import median

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks._report import threads
from benchmarks._speed_setup import figures, printed_by, progress, seconds
from skrnn import RNNClassifier
from skrnn.net import threads as sharing_of_threads
from skrnn.net.threads import MIN_SHARED_SIZE


def searching(setup):
    """Seconds of a grid search with one worker and with two."""
    few = setup.names[:: 1 if not setup.quick else 20], setup.y[:: 1 if not setup.quick else 20]

    def search(n_jobs):
        grid = {"nhidden": [32, 64, 128]}
        GridSearchCV(RNNClassifier(random_state=0), grid, cv=3, n_jobs=n_jobs).fit(*few)

    one, two = seconds(partial(search, 1), partial(search, 2), repeats=max(1, setup.repeats // 2))
    rows = [["3 values of nhidden, 3 folds, refit", *figures(one, two), f"{one / two:.2f}"]]
    return ["GridSearchCV", "n_jobs=1 s", "n_jobs=2 s", "times faster"], rows


def beside(setup):
    """Seconds of fit and predict with default settings, and of importing."""
    half = setup.names[::2], setup.y[::2]
    other = setup.names[1::2]
    rows = []
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5))
    for name, model in (
        ("RNNClassifier()", RNNClassifier(random_state=0)),
        ("TF-IDF 1-5 + LinearSVC", make_pipeline(tfidf, LinearSVC())),
    ):
        fit = seconds(partial(model.fit, *half), repeats=setup.repeats)[0]
        predict = seconds(partial(model.predict, other), repeats=setup.repeats)[0]
        rows.append([name, *figures(fit, predict)])
        progress("beside", rows[-1])
    imports = [
        median(_import_seconds(line) for _ in range(setup.repeats))
        for line in ("import torch, sklearn.pipeline", "import skrnn")
    ]
    rows.append(["import torch, sklearn.pipeline", *figures(imports[0]), ""])
    rows.append(["import skrnn", *figures(imports[1]), ""])
    return [f"{len(half[0]):,} names", "fit or import s", "predict s"], rows


def _import_seconds(line):
    code = f"import time; t = time.perf_counter(); {line}; print(time.perf_counter() - t)"
    return float(printed_by(code)[0])


def crowded(setup):
    """Seconds with small products in one thread or shared by all cores, beside busy programs."""
    n_cores = os.cpu_count()
    step = 60 if setup.quick else 3
    X, y = setup.names[::step], setup.y[::step]
    models = [RNNClassifier(max_iter=2, random_state=0) for _ in range(2)]
    rows = []
    for name, n_others in (("alone", 0), (f"beside {n_cores} busy programs", n_cores)):
        with busy(n_others), threads(n_cores):
            for what, method, given in (("fit", "fit", (X, y)), ("predict", "predict", (X,))):
                runs = (
                    partial(sharing, MIN_SHARED_SIZE, getattr(models[0], method), *given),
                    partial(sharing, 0, getattr(models[1], method), *given),
                )
                one, shared = seconds(*runs, repeats=min(3, setup.repeats))
                rows.append([f"{what}, {name}", *figures(one, shared), f"{shared / one:.2f}"])
                progress("crowded", rows[-1])
    return [f"{len(X):,} names", "one thread s", f"{n_cores} threads s", "times faster"], rows


def sharing(from_, run, *given):
    """Run with products shared by threads from so many multiplications on."""
    sharing_of_threads.MIN_SHARED_SIZE = from_
    try:
        return run(*given)
    finally:
        sharing_of_threads.MIN_SHARED_SIZE = MIN_SHARED_SIZE


@contextmanager
def busy(n):
    """Keep n other programs busy."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
