"""The command line: compare the estimators with scikit-learn's own on names or a CSV file.

In: the arguments. Out: tables to stdout, progress and errors to stderr, an exit code.
"""

import argparse
import csv
import io
import os
import re
import sys
import warnings
from time import perf_counter
from typing import NamedTuple

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.datasets import load_names

PROG = "python -m skrnn"
MANY = 20  # more distinct numbers than this are taken for a regression
FEWEST = 6  # rows that are enough: R^2 needs two to test on
TEST_SHARE = 0.2
DESCRIPTION = """Learn from strings and compare models: train on 80% of the rows, test on the rest.

Without a file: tell the country of the bundled family names. With a CSV file (UTF-8, names
of columns in its first line, between commas, semicolons, tabs or bars): the same with two of
its columns. An empty cell of --x is a missing string; rows with an empty cell of --y are
left out."""
EPILOG = "example: python -m skrnn people.csv --x name --y country --save model.joblib"


class _Problem(Exception):
    """What keeps the program from its work and is the user's to change."""


class _Data(NamedTuple):
    """Strings, or None where one is missing, and what is to be predicted from them."""

    x: np.ndarray  # (n,) object
    y: np.ndarray  # (n,) of str, or of float64 for a regression
    task: str
    x_name: str
    y_name: str


class _Once(argparse.Action):
    """Take an option that may be given once."""

    def __call__(self, parser, namespace, value, option):
        """Refuse a second column, as the first would be lost."""
        if getattr(namespace, self.dest) is not None:
            raise _Problem(
                f"needs one column for {option}, got {getattr(namespace, self.dest)!r} and "
                f"{value!r}: for several columns see 'A table with a name column' in docs/start.md."
            )
        setattr(namespace, self.dest, value)


def main(argv=None):
    """Run the command line; return the exit code: 0, 2 after an error, 130 after Ctrl-C."""
    try:
        _run(_parser().parse_args(argv))
    except _Problem as problem:
        _note(str(problem))
        return 2
    except KeyboardInterrupt:
        _note("interrupted.")
        return 130
    return 0


def _parser():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(PROG, None, DESCRIPTION, EPILOG, formatter_class=raw)
    add, tasks = parser.add_argument, ["classification", "regression"]
    add("file", nargs="?", metavar="data.csv", help="default: the bundled names")
    add("--x", action=_Once, metavar="COLUMN", help="the strings to learn from")
    add("--y", action=_Once, metavar="COLUMN", help="what to predict from them")
    add("--task", choices=tasks, help=f"default: regression for over {MANY} different numbers")
    add("--save", metavar="FILE", help="keep the fitted RNNClassifier or RNNRegressor there")
    add("--seed", type=int, default=0, metavar="N", help="for the split and the models (0)")
    return parser


def _run(options):
    """Check, read, split, compare, show, save."""
    _check(options)
    data = _read(options)
    train, test = _split(data, options.seed)
    models = _models(data.task, options.seed)
    lines = [_measure(data, train, test, models, name) for name in models]
    own = models["RNNClassifier" if data.task == "classification" else "RNNRegressor"]
    head = f"{data.y_name} from {data.x_name}: {len(train)} rows to learn from, {len(test)} to test"
    print(head, "", _table(lines, "<>>>>"), "", _examples(data, test[:6], own), sep="\n")
    if options.save:
        joblib.dump(own, options.save)
        use = f"import joblib; model = joblib.load({options.save!r})"
        fitted = f"{type(own).__name__}, fitted on the {len(train)} rows to learn from,"
        print(f"\n{fitted} is saved in {options.save}; to use it:\n  {use}")


def _need(met, what):
    if not met:
        raise _Problem(f"needs {what}")


def _check(options):
    """Refuse options that do not go together, and a place that cannot be written to."""
    file, save = options.file, options.save
    for name, value in {"--x": options.x, "--y": options.y, "--task": options.task}.items():
        _need(file or value is None, f"a CSV file for {name}, got none: name the file first.")
        fine = value or name == "--task" or not file
        _need(fine, f"{name} with a file, got none: name a column of {file!r}.")
    same = file and options.x == options.y
    _need(not same, f"two different columns for --x and --y, got {options.x!r} for both.")
    _need(0 <= options.seed < 2**32, f"--seed from 0 to 2**32 - 1, got {options.seed}.")
    if save:
        folder = os.path.join(os.path.dirname(save), "")
        can = os.access(folder or os.curdir, os.W_OK) and not os.path.isdir(save)
        what = f"--save to be a file in a folder that can be written to, got {save!r}"
        _need(can, f"{what}: make the folder, or add a file name.")


def _read(options):
    """Read the names, or the rows of a file that have a y; decide on the task."""
    if not options.file:
        names, countries = load_names(return_X_y=True)
        return _Data(names.astype(object), countries, "classification", "name", "country")
    delimiter, columns, rows = _read_csv(options.file, [options.x, options.y])
    for option, name in (("--x", options.x), ("--y", options.y)):
        what = f"{option} to be a column of {options.file!r}, got {name!r}"
        there = ", ".join(map(repr, columns)) or "none"
        _need(name in columns, f"{what}: its columns are {there}.")
        n = columns.count(name)
        _need(n == 1, f"one column {name!r} in {options.file!r}, got {n}: rename the others.")
        n = sum(row[name].strip() != "" for _, row in rows)
        _need(n >= FEWEST, f"{FEWEST} rows or more with a value in column {name!r}, got {n}.")
    kept = [(line, row) for line, row in rows if row[options.y].strip()]
    if n := len(rows) - len(kept):
        _note(f"left out {n} row{'s' * (n > 1)} without a value in column {options.y!r}.")
    cells = [(line, row[options.y].strip()) for line, row in kept]
    cells = cells if delimiter == "," else _with_points(cells)
    x = [row[options.x] if row[options.x].strip() else None for _, row in kept]
    task = options.task or _choose_task(cells, options.y)
    y = (_labels if task == "classification" else _numbers)(cells, options.y)
    return _Data(np.array(x, dtype=object), y, task, options.x, options.y)


def _read_csv(path, wanted):
    """Read a file as its delimiter, the names of its columns and a list of (line, {name: cell})."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise _unreadable(path, f"{error.strerror}.") from None
    except UnicodeDecodeError:
        raise _unreadable(path, "save it as UTF-8.") from None
    start = re.match(r"(?:sep=(.)\r?\n)?[\r\n]*", text)  # what Excel may write; empty lines
    text, before = text[start.end() :], len(start[0].splitlines())
    delimiter = start[1] or max(",;\t|", key=lambda one: _columns(text, one, wanted))
    csv.field_size_limit(2**31 - 1)
    table = csv.DictReader(io.StringIO(text, ""), restval="", strict=True, delimiter=delimiter)
    try:
        columns = table.fieldnames = [name.strip() for name in table.fieldnames or []]
        rows = [(before + table.reader.line_num, row) for row in table]
    except csv.Error as error:
        line = before + table.line_num + 1
        raise _unreadable(path, f"correct line {line} ({error}).") from None
    if line := next((line for line, row in rows if any(row.get(None, ""))), None):
        raise _unreadable(path, f"correct line {line} (more cells than columns).")
    return delimiter, columns, rows


def _unreadable(path, reason):
    return _Problem(f"needs a readable CSV file in UTF-8, got {path!r}: {reason}")


def _columns(text, delimiter, wanted):
    """Say whether a delimiter gives the wanted columns, and how many there are."""
    reader = csv.reader(io.StringIO(text, ""), strict=True, delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error:
        return False, 0
    return set(wanted) <= set(names), len(names)


def _with_points(cells):
    """Write decimal commas as points, where all cells are numbers."""
    plain = all(re.fullmatch(r"[-+]?\d+(,\d+)?", cell) for _, cell in cells)
    return [(line, cell.replace(",", ".")) for line, cell in cells] if plain else cells


def _choose_task(cells, name):
    numbers = {_number(cell) for _, cell in cells}
    task = "regression" if None not in numbers and len(numbers) > MANY else "classification"
    _note(f"the values of {name!r} make it a {task}; --task can say otherwise.")
    return task


def _number(cell):
    """Read a finite number; None is anything else."""
    try:
        return float(cell) if np.isfinite(float(cell)) else None
    except ValueError:
        return None


def _numbers(cells, name):
    for line, cell in cells:
        what = f"numbers in column {name!r} for a regression, got {cell!r} in line {line}"
        _need(_number(cell) is not None, f"{what}: correct it or use --task classification.")
    return np.array([_number(cell) for _, cell in cells])


def _labels(cells, name):
    y = np.array([cell for _, cell in cells])
    classes, counts = np.unique(y, return_counts=True)
    _need(len(classes) > 1, f"two classes or more in column {name!r}, got one: {y[0].item()!r}.")
    _need(counts.max() > 1, f"a class of two rows or more in column {name!r}, got one row of each.")
    few = len(classes) <= max(MANY, len(y) / 2)
    what = f"classes in column {name!r}, got {len(classes)} different values in {len(y)} rows"
    some = ", ".join(repr(cell) for _, cell in cells[:3])
    _need(few, f"{what} ({some}, ...): name another column, or correct what is no number.")
    return y


def _split(data, seed):
    """Give the places of the rows to learn from and to test on, stratified if it can be."""
    rows, options = np.arange(len(data.y)), {"test_size": TEST_SHARE, "random_state": seed}
    if data.task == "regression":
        return train_test_split(rows, **options)
    _, which, counts = np.unique(data.y, return_inverse=True, return_counts=True)
    alone, several = rows[counts[which] == 1], rows[counts[which] > 1]
    if np.ceil(len(several) * TEST_SHARE) >= np.sum(counts > 1):  # enough for every class
        options["stratify"] = data.y[several]
    train, test = train_test_split(several, **options)
    return np.concatenate([train, alone]), test  # a class of one row cannot be on both sides


def _models(task, seed):
    """Ours as they come; the others with what served them best on the names, and in time."""
    if task == "classification":
        own, forest = RNNClassifier, RandomForestClassifier
        longest, share = 3, "sqrt"  # up to 3 letters: 1 has accuracy 0.57, 2 has 0.66, 3 has 0.67
        # the best C of 1, 3, 5, 10 and 20 by cross-validation, and steps until it converges
        name, linear = "LogisticRegression", LogisticRegression(C=5, max_iter=1000)
    else:
        own, forest = RNNRegressor, RandomForestRegressor
        longest, share = 2, 1 / 3  # of the features at a split: as good as all, in a third the time
        # the noise of y decides on alpha; the search is part of the time to fit
        name, alphas = "Ridge", {"alpha": [0.1, 0.3, 1, 3]}
        linear = GridSearchCV(Ridge(), alphas, cv=3, scoring="neg_mean_squared_error")
    common = {"n_jobs": -1, "random_state": seed}  # and 100 trees: 300 gave no more
    on_h, on_counts = forest(max_features="sqrt", **common), forest(max_features=share, **common)
    lower = {"preprocessor": lambda text: (text or "").lower()}  # as by default, but None is ""
    counts = CountVectorizer(analyzer="char", ngram_range=(1, longest), **lower)
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), **lower)
    h = RNNEncoder(target_type=task, random_state=seed)
    return {
        f"RNNEncoder + {forest.__name__}": Pipeline([("h", h), ("forest", on_h)]),
        own.__name__: own(random_state=seed),
        f"CountVectorizer + {forest.__name__}": make_pipeline(counts, on_counts),
        f"TfidfVectorizer + {name}": make_pipeline(tfidf, linear),
    }


def _measure(data, train, test, models, name):
    """Fit and test a model; give its line of the table."""
    _note(f"[{list(models).index(name) + 1}/{len(models)}] {name}")
    start = perf_counter()
    _fit(name, models[name], data.x[train], data.y[train])
    fitted = perf_counter()
    predicted = models[name].predict(data.x[test])
    seconds = {"fit s": f"{fitted - start:.1f}", "predict s": f"{perf_counter() - fitted:.2f}"}
    return {"model": name, **_scores(data.task, data.y[test], predicted), **seconds}


def _fit(name, model, x, y):
    """Fit; an estimator that Ctrl-C has stopped early counts as interrupted."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", r"\w+\.fit was interrupted")
            model.fit(x, y)
    except ValueError as error:
        raise _Problem(f"cannot fit {name}: {' '.join(str(error).split())}") from error
    except UserWarning as warning:
        if "was interrupted" in str(warning):
            raise KeyboardInterrupt from None
        raise


def _scores(task, true, predicted):
    if task == "regression":
        error = mean_absolute_error(true, predicted)
        return {"R^2": f"{r2_score(true, predicted):.3f}", "MAE": f"{error:.4g}"}
    f1 = f1_score(true, predicted, average="macro")
    return {"accuracy": f"{accuracy_score(true, predicted):.3f}", "macro-F1": f"{f1:.3f}"}


def _examples(data, rows, model):
    """Table some held-out rows: the truth, and what the model makes of it."""
    x, y = data.x[rows], data.y[rows]
    if data.task == "regression":
        said, true, aligned = [f"{v:.4g}" for v in model.predict(x)], [f"{v:.4g}" for v in y], "<>>"
    else:
        said, true, aligned = _likeliest(model, x), y, "<<<"
    head = [data.x_name, f"true {data.y_name}", f"predicted by {type(model).__name__}"]
    return _table([dict(zip(head, line)) for line in zip(map(_short, x), true, said)], aligned)


def _likeliest(model, x):
    p = model.predict_proba(x)
    best = np.argsort(-p, axis=1)[:, :3]
    return [", ".join(f"{model.classes_[i]} {q[i]:.2f}" for i in row) for row, q in zip(best, p)]


def _short(text, limit=40):
    text = "(missing)" if text is None else " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _table(lines, aligned):
    """Align the columns of dicts of strings, each to the side that `aligned` has for it."""
    rows = [list(lines[0]), *(line.values() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows = [[f"{c:{a}{w}}" for c, a, w in zip(row, aligned, widths)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in rows)


def _note(text):
    print(f"{PROG}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # letters that the terminal lacks
    sys.exit(main())
