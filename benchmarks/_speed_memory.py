"""The questions of `benchmarks.speed` about memory: of more and more strings, of fit and predict.

In: `Setup`. Out: the head and the rows of a table, for each question. What is measured has a
process of its own, in which the peak is counted from the start of the measured step on: Linux
has both figures in /proc/self.
"""

import gc
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks._nets import Symbols, skorch_net
from benchmarks._report import threads
from benchmarks._speed_setup import (
    EPOCHS,
    figures,
    made_up,
    micro,
    printed_by,
    progress,
    random_strings,
    same_work,
)
from skrnn import RNNClassifier

N_WARM_UP = 200  # rows


def growth(setup):
    """Seconds and megabytes of predict for more and more strings of ten symbols, all distinct."""
    rows = []
    for n in (10**3, 10**4, 10**5, 10**6) if not setup.quick else (10**2, 10**3):
        call = f"from benchmarks._speed_memory import growth_of; growth_of({n})"
        taken, peak = map(float, printed_by(call))
        cells = [*figures(taken), *micro(taken / (10 * n)), f"{peak:.0f}"]
        rows.append([f"{10 * n:,}", *cells])
        progress("growth", rows[-1])
    return ["symbols", "predict s", "µs a symbol", "MB above start"], rows


def growth_of(n):
    """Print the seconds of predict, and its megabytes of memory above the start."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    model = same_work("rnn", 100, 64, 1).fit(random_strings(rng, 1000, 10), np.arange(1000) % 2)
    strings = random_strings(rng, n, 10)
    model.predict(strings[:100])
    print(*cost(model.predict, strings))


def cost(run, *given):
    """Run; give the seconds, and the megabytes at the most above those at the start."""
    gc.collect()
    before = _megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
    start = perf_counter()
    run(*given)
    return perf_counter() - start, _megabytes("VmHWM") - before


def _megabytes(name):
    """Read a figure of this process from Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def memory(setup):
    """Megabytes of fit and predict above the start, each in a process of its own; one run.

    The strings are the same in all rows but the last; those of skorch's net are tensors before
    the start.
    """
    n, many = (10**5, 10**6) if not setup.quick else (2000, 5000)
    strings, first = made_up(setup.names, n)
    few = setup._replace(names=strings, y=setup.y[first])
    rows = [_costs(name, f"{name}, {n:,} made-up names", few) for name in MODELS if name != ONE]
    strings = random_strings(np.random.default_rng(0), many, 10)
    random = setup._replace(names=strings, y=np.arange(many) % setup.n_classes)
    rows.append(_costs(ONE, f"{ONE}, {many:,} random names of ten letters", random))
    return ["", "fit MB", "predict MB", "pickled MB", "fit s", "predict s"], rows


def _costs(name, title, setup):
    """Fit and predict, each in a process of its own, and give a row of the table."""
    call = "from benchmarks._speed_memory import {0}_of; {0}_of({1!r}, {2!r})"
    with TemporaryDirectory() as folder:
        Path(folder, "setup").write_bytes(pickle.dumps(setup))
        of_fit = map(float, printed_by(call.format("fit", name, folder)))
        of_predict = map(float, printed_by(call.format("predict", name, folder)))
        pickled = Path(folder, "model").stat().st_size / 2**20
    (fit_s, fit), (predict_s, predict) = of_fit, of_predict
    megabytes = f"{fit:.0f}", f"{predict:.0f}", f"{pickled:.1f}"
    row = [title, *megabytes, *figures(fit_s, predict_s)]
    progress("memory", row)
    return row


def fit_of(name, folder):
    """Print what fit costs, and leave the fitted model in the folder."""
    setup = pickle.loads(Path(folder, "setup").read_bytes())
    model = MODELS[name](setup)
    with threads(setup.n_threads):
        MODELS[name](setup).fit(*_given(name, setup, N_WARM_UP))
        print(*cost(model.fit, *_given(name, setup)))
    Path(folder, "model").write_bytes(pickle.dumps(model))


def predict_of(name, folder):
    """Print what predict costs, of the model in the folder."""
    setup = pickle.loads(Path(folder, "setup").read_bytes())
    model = pickle.loads(Path(folder, "model").read_bytes())
    with threads(setup.n_threads):
        model.predict(_given(name, setup, N_WARM_UP)[0])
        print(*cost(model.predict, _given(name, setup)[0]))


def _given(name, setup, n=None):
    """Give the first n rows, all without n, as the model reads them: X and y."""
    X, y = setup.names[:n], setup.y[:n]
    return (Symbols(X, y, setup.place), None) if name == SKORCH else (X, y)


def _skorch(setup):
    options = dict(nhidden=100, batch_size=64, epochs=EPOCHS)
    return skorch_net("rnn", len(setup.place), setup.n_classes, **options)


def _linear(setup):
    return make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)), LinearSVC())


SKORCH, ONE = "skorch, rnn 100", "RNNClassifier(max_iter=1)"
MODELS = {
    "RNNClassifier, the work of skorch's net": lambda setup: same_work("rnn", 100, 64),
    SKORCH: _skorch,
    "RNNClassifier()": lambda setup: RNNClassifier(random_state=0),
    "TF-IDF 1-5 + LinearSVC": _linear,
    ONE: lambda setup: RNNClassifier(max_iter=1, random_state=0),
}
