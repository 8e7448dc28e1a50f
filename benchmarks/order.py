"""Does a model learn order?

`python -m benchmarks.order [--quick] [--tasks NAME ...] [--models TEXT ...] [--seeds 3]
[--threads 1] [--json FILE]`

In: the tasks of `_order_tasks.py`, whose labels depend on the order of the symbols, mostly
over more than five of them. Out: a table of accuracies and one of seconds on stdout, each
fit and each row of the first table on stderr as soon as it is finished, each fit as a line
of a JSON file. Every seed draws new rows, the same for all models.
"""

import argparse
import sys
import warnings
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks._nets import PlainNet
from benchmarks._order_tasks import TASKS, draw
from benchmarks._peers import chosen, hurried
from benchmarks._report import EXTRA, clock, positive, say, table, threads, versions, write
from skrnn import RNNClassifier, RNNEncoder

# RNNClassifier made to do what the skorch net does: one character a step, the last state.
PLAIN_GRU = dict(
    cell="gru",
    pooling="last",
    solver="adam",
    ngram_range=None,
    nhidden=64,
    dropout=0,
    learning_rate_init=0.01,
    max_iter=25,
)
N_TRAIN, N_TEST = 3000, 1000
N_QUICK, N_QUICK_TEST = 240, 80
SOLVED = 0.95  # median accuracy of a GRU, from which on a task counts as solved
OURS, SKORCH_GRU, OUR_GRU = "RNNClassifier", "plain GRU, skorch", "GRU alone"
QUICK = "every recurrent net has 1 epoch, a forest 10 trees"
NOTES = f"""\
Figures are medians over the seeds. (hard): known to be hard for all such models.
Solved by the GRU: skorch's GRU or RNNClassifier's ({OUR_GRU}) has {SOLVED} or more.
skorch: torch's cell, embedding 32, nhidden 64, last state, Adam at 0.01, batches of 32, 25
epochs, gradients clipped to the norm 1. {OUR_GRU}:
{", ".join(f"{name}={value!r}" for name, value in PLAIN_GRU.items())}.
LinearSVC: C of 0.3, 1 and 3, chosen on a fifth of the training rows. The tasks are
described in benchmarks/_order_rules.py and benchmarks/_order_real.py."""


class Setup(NamedTuple):
    """What is the same for all tasks."""

    seeds: range
    n_train: int
    n_test: int
    quick: bool
    models: dict  # name: make(seed)
    file: object  # open for JSON lines, or None


def plain(cell):
    return lambda seed: PlainNet(cell, random_state=seed)


def linear(analyzer):
    """Make a linear model on the n-grams, which are not lower-cased."""
    grams = TfidfVectorizer(analyzer=analyzer, ngram_range=(1, 5), lowercase=False)
    return partial(chosen(grams, LinearSVC()), n_jobs=1)


def forest(seed):
    trees = RandomForestClassifier(n_jobs=1, random_state=seed)
    return make_pipeline(RNNEncoder(random_state=seed), trees)


MODELS = {
    OURS: lambda seed: RNNClassifier(random_state=seed),
    "RNNEncoder, forest": forest,
    OUR_GRU: lambda seed: RNNClassifier(**PLAIN_GRU, random_state=seed),
    SKORCH_GRU: plain("gru"),
    "plain LSTM, skorch": plain("lstm"),
    "plain RNN, skorch": plain("rnn"),
    "TF-IDF char_wb 1-5": linear("char_wb"),
    "TF-IDF char 1-5": linear("char"),
}


def fit_once(make, split, seed, quick):
    """Fit and score one model on one drawing of a task: a dict of figures."""
    model = make(seed)
    if quick:
        hurry(model)
    start = clock()
    model.fit(split.X, split.y)
    figures = {"seconds": round(float((clock() - start)[0]), 4)}
    figures["accuracy"] = float(accuracy_score(split.y_val, model.predict(split.X_val)))
    if hasattr(model, "predict_proba"):
        p = model.predict_proba(split.X_val)
        figures["log_loss"] = float(log_loss(split.y_val, p, labels=model.classes_))
    return figures


def hurry(model):
    """Cut short what takes long, only to see that it runs."""
    hurried(model)
    if isinstance(model, PlainNet):
        model.set_params(max_iter=1)


def measure(task, setup):
    """Fit all models on all seeds of a task: {model: [figures, ...]}, none where it fails."""
    fits = {model: [] for model in setup.models}
    for seed in setup.seeds:
        split = draw(task, seed, setup.n_train, setup.n_test)
        for model, make in setup.models.items():
            try:
                figures = fit_once(make, split, seed, setup.quick)
            except Exception as error:  # a run of an hour must not end here
                say(f"{task}, seed {seed}: {model} failed: {type(error).__name__}: {error}")
                continue
            fits[model].append(figures)
            say(f"{task}, seed {seed}: {model} {figures['accuracy']:.3f}")
            write(setup.file, {"task": task, "model": model, "seed": seed, **figures})
    return fits


def run(tasks, setup):
    """Go through the tasks; give the fits of those whose packages are there."""
    found = {}
    for task in tasks:
        try:
            found[task] = measure(task, setup)
        except ModuleNotFoundError as error:
            say(f"{task}: skipped: it needs the package {error.name}: {EXTRA}")
        else:
            say(" | ".join([title(task), *cells(found[task], "accuracy", 3)]))
    return found


def title(task):
    return f"{TASKS[task].title} (hard)" if TASKS[task].hard else TASKS[task].title


def medians(fits, figure):
    """Take the median of a figure for each model, NaN for one without fits: (n_models,)."""
    lists = [[each[figure] for each in of_model] for of_model in fits.values()]
    return np.array([np.median(values) if values else np.nan for values in lists])


def cells(fits, figure, digits):
    return [_number(value, digits) for value in medians(fits, figure)]


def show(found, setup):
    """Print both tables, and below the first what a GRU solves."""
    rows = [[title(task), *cells(fits, "accuracy", 3)] for task, fits in found.items()]
    print(table(["accuracy", *setup.models], rows + summary(found, setup)), end="\n\n")
    rows = [[title(task), *_second(fits)] for task, fits in found.items()]
    head = [f"log loss, {OURS}"] if OURS in setup.models else []
    print(table(["", *head, *(f"{model}, s" for model in setup.models)], rows), flush=True)


def summary(found, setup):
    """Make the last rows: the mean and the minimum accuracy where a GRU is good."""
    grus = [i for i, model in enumerate(setup.models) if model in (OUR_GRU, SKORCH_GRU)]
    scores = np.array([medians(fits, "accuracy") for fits in found.values()])
    if not grus or not len(scores):
        return []
    solved = scores[(scores[:, grus] >= SOLVED).any(axis=1)]  # (n_solved, n_models)
    if not len(solved):
        return [["solved by the GRU: none", *("" for _ in setup.models)]]
    ends = {"mean": solved.mean(axis=0), "minimum": solved.min(axis=0)}
    what = f"of the {len(solved)} tasks solved by the GRU"
    return [[f"{name} {what}", *(_number(x, 3) for x in row)] for name, row in ends.items()]


def main(argv=None):
    args = _arguments(argv)
    n_seeds, n_train, n_test = args.seeds, N_TRAIN, N_TEST
    if args.quick:
        n_seeds, n_train, n_test = 1, N_QUICK, N_QUICK_TEST
    with args.json.open("w", encoding="utf-8") if args.json else nullcontext() as file:
        setup = Setup(range(n_seeds), n_train, n_test, args.quick, _named(args.models), file)
        print(_header(setup, args.threads), flush=True)
        write(file, {"versions": versions(), "threads": args.threads, "quick": args.quick})
        with threads(args.threads), warnings.catch_warnings():
            warnings.simplefilter("once")
            found = run(args.tasks, setup)
    show(found, setup)
    print(f"\n{NOTES}")
    return int(any(len(fits) < n_seeds for task in found.values() for fits in task.values()))


def _header(setup, n_threads):
    return (
        f"{versions()}\n{n_threads} thread(s), seeds {[*setup.seeds]}, {setup.n_train} rows of a "
        f"task to learn from and {setup.n_test} to test on"
        + (f"\nQUICK: {QUICK}" if setup.quick else "")
        + "\n"
    )


def _named(parts):
    """Choose the models that have one of the parts in their names; all, without parts."""
    return {
        model: make
        for model, make in MODELS.items()
        if not parts or any(part.lower() in model.lower() for part in parts)
    }


def _second(fits):
    """Make a row of the second table: the log loss of RNNClassifier, seconds of all."""
    loss = cells({OURS: fits[OURS]}, "log_loss", 3) if OURS in fits else []
    return [*loss, *cells(fits, "seconds", 1)]


def _number(value, digits):
    return "failed" if np.isnan(value) else f"{value:.{digits}f}"


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.order", description=__doc__.split("\n")[0])
    add = parser.add_argument
    names = {"nargs": "+", "metavar": "NAME", "choices": TASKS, "default": [*TASKS]}
    add("--quick", action="store_true", help=f"1 seed, {N_QUICK} rows")
    add("--tasks", **names, help=", ".join(TASKS))
    add("--models", nargs="+", default=(), metavar="TEXT", help="with a TEXT in their names")
    add("--seeds", type=positive, default=3, help="number of drawings of a task (3)")
    add("--threads", type=positive, default=1, help="of every model (1)")
    add("--json", type=Path, metavar="FILE", help="where each fit becomes a line")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
