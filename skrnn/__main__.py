"""The command line: compare the estimators with scikit-learn's own on names or a CSV file.

In: the arguments. Out: tables to stdout, progress and errors to stderr, an exit code.
"""

import io
import os
import re
import shlex
import sys
import warnings
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from errno import ENOENT
from time import perf_counter
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor, _apply, save
from skrnn._command import PROG, UserError, need, note
from skrnn._csv import check_column, open_csv, unreadable
from skrnn.datasets import load_names
from skrnn.input.messages import clip, printable, short_repr

Rows = NDArray[np.intp]  # indices of rows
Models = dict[str, Any]  # estimators by name; Any, as scikit-learn has no types
Cells = list[tuple[int, str]]  # (line in the file, text)
Task = Literal["classification", "regression"]
MAX_CLASSES = 20  # more distinct numbers than this are taken for a regression
MIN_ROWS = 6  # rows that are enough: R^2 needs two to test on
TEST_SHARE = 0.2
DESCRIPTION = """Learn from strings and compare models: train on 80% of the rows, test on the rest.

Without a file: tell the country of the bundled family names. With a CSV file (UTF-8, names
of columns in its first line, between commas, semicolons, tabs or bars): the same with two of
its columns. An empty cell of --x is a missing string; rows with an empty cell of --y are
left out."""
EPILOG = """example:
  python -m skrnn people.csv --x name --y country --save model.skrnn
  python -m skrnn predict model.skrnn others.csv --x name"""


class _Data(NamedTuple):
    """Strings, or None where one is missing, and what is to be predicted from them."""

    x: NDArray[np.object_]  # (n,)
    y: NDArray[np.str_] | NDArray[np.float64]  # (n,)
    task: Task
    x_name: str
    y_name: str


class _StoreOnce(Action):
    """Take an option that may be given once: a second column would replace the first."""

    def __call__(self, _: object, namespace: object, value: object, option: object = None) -> None:
        first = getattr(namespace, self.dest)
        what = f"one column for {option}, got {first!r} and {value!r}: for several columns see"
        need(first is None, f"{what} 'A table with a name column' in docs/start.md.")
        setattr(namespace, self.dest, value)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code.

    It is 0, 2 after an error, 130 after Ctrl-C, and 141 if stdout is closed before the end.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv[:1] == ["predict"]:
            _apply.run(_apply.parser().parse_args(argv[1:]))
        else:
            _run(_parser().parse_args(argv))
    except UserError as problem:
        note(str(problem))
        return 2
    except KeyboardInterrupt:
        note("interrupted.")
        return 130
    except BrokenPipeError:  # whoever reads stdout has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _parser() -> ArgumentParser:
    raw = RawDescriptionHelpFormatter
    parser = ArgumentParser(PROG, None, DESCRIPTION, EPILOG, formatter_class=raw)
    add, tasks = parser.add_argument, ["classification", "regression"]
    default = f"default: regression for over {MAX_CLASSES} different numbers"
    add("file", nargs="?", metavar="data.csv", help="default: the bundled names")
    add("--x", action=_StoreOnce, metavar="COLUMN", help="the strings to learn from")
    add("--y", action=_StoreOnce, metavar="COLUMN", help="what to predict from them")
    add("--task", choices=tasks, help=default)
    add("--save", metavar="FILE", help="keep our own predictor there, for skrnn.load")
    add("--seed", type=int, default=0, metavar="N", help="for the split and the models (0)")
    return parser


def _run(options: Namespace) -> None:
    """Check, read, split, compare, show, save."""
    _check(options)
    data = _read(options)
    train, test = _split(data, options.seed)
    models = _models(data.task, options.seed)
    lines = [_measure(data, train, test, models, name) for name in models]
    own = "RNNClassifier" if data.task == "classification" else "RNNRegressor"
    what = f"{_short(data.y_name)} from {_short(data.x_name)}"
    head = f"{what}: {len(train)} rows to learn from, {len(test)} to test"
    examples = _examples(data, test[:6], models[own])
    print(head, "", _table(lines, "<>>>>"), "", examples, sep="\n")
    if options.save is not None:
        _save(models[own], options.save, len(train), _best(lines, own))


def _save(model: Any, path: str, n_rows: int, best: tuple[str, str]) -> None:
    """Save our own predictor, and say so; if another model is the best, say that too."""
    try:
        save(model, path)
    except OSError as error:
        raise UserError(str(error)) from error
    name, metric = best
    own = type(model).__name__
    print(f"\n{own}, fitted on the {n_rows} rows to learn from, is saved in {path!r}.")
    if name != own:
        print(f"{name} has a higher {metric}, but is a model that no file of skrnn can hold.")
    print(f"To use it:\n  python -m skrnn predict {shlex.quote(path)} FILE.csv --x COLUMN")
    print(f"  import skrnn; model = skrnn.load({path!r})")


def _best(lines: list[dict[str, str]], own: str) -> tuple[str, str]:
    """Name the model with the highest of the first score that is shown, and that score.

    Of equal ones it is our own.
    """
    metric = list(lines[0])[1]  # behind the name of the model
    best = max(lines, key=lambda line: (float(line[metric]), line["model"] == own))
    return best["model"], metric


def _check(options: Namespace) -> None:
    """Refuse options that do not go together, and a place that cannot be written to."""
    file, path = options.file, options.save
    if file and not os.path.exists(file):
        raise UserError(f"{unreadable(file)}: {os.strerror(ENOENT)}.")
    for name, value in {"--x": options.x, "--y": options.y, "--task": options.task}.items():
        need(file or value is None, f"a CSV file for {name}, got none: name the file first.")
        given = value or name == "--task" or not file
        need(given, f"{name} with a file, got none: name a column of {file!r}.")
    same = file and options.x == options.y
    need(not same, f"two different columns for --x and --y, got {options.x!r} for both.")
    need(0 <= options.seed < 2**32, f"--seed from 0 to 2**32 - 1, got {options.seed}.")
    if path is not None:
        folder = os.path.join(os.path.dirname(path), "")
        regular = os.path.isfile(path) or not os.path.exists(path)
        writable = path and regular and os.access(folder or os.curdir, os.W_OK)
        what = f"--save to be a file in a folder that can be written to, got {path!r}"
        need(writable, f"{what}: make the folder, or add a file name.")


def _read(options: Namespace) -> _Data:
    """Read the names, or the rows of a file that have a y; decide on the task."""
    if not options.file:
        names, countries = load_names(return_X_y=True)
        return _Data(names.astype(object), countries, "classification", "name", "country")
    with open_csv(options.file, [options.x, options.y]) as (delimiter, columns, records):
        rows = list(records)
    for option, name in (("--x", options.x), ("--y", options.y)):
        check_column(option, name, options.file, columns)
        n = sum(row[name].strip() != "" for _, row in rows)
        need(n >= MIN_ROWS, f"{MIN_ROWS} rows or more with a value in column {name!r}, got {n}.")
    kept = [(line, row) for line, row in rows if row[options.y].strip()]
    if n := len(rows) - len(kept):
        note(f"left out {n} row{'s' * (n > 1)} without a value in column {options.y!r}.")
    cells = [(line, row[options.y].strip()) for line, row in kept]
    cells = cells if delimiter == "," else _decimal_points(cells)
    x = [row[options.x] if row[options.x].strip() else None for _, row in kept]
    task = options.task or _choose_task(cells, options.y)
    y = _labels(cells, options.y) if task == "classification" else _numbers(cells, options.y)
    return _Data(np.array(x, dtype=object), y, task, options.x, options.y)


def _decimal_points(cells: Cells) -> Cells:
    """Write decimal commas as points, where all cells are numbers."""
    numeric = all(re.fullmatch(r"[-+]?\d+(,\d+)?", cell) for _, cell in cells)
    return [(line, cell.replace(",", ".")) for line, cell in cells] if numeric else cells


def _choose_task(cells: Cells, name: str) -> Task:
    numbers = {_number(cell) for _, cell in cells}
    task: Task = (
        "regression" if None not in numbers and len(numbers) > MAX_CLASSES else "classification"
    )
    note(f"the values of {name!r} make it a {task}; --task can say otherwise.")
    return task


def _number(cell: str) -> float | None:
    """Read a finite number; None is anything else."""
    try:
        return float(cell) if np.isfinite(float(cell)) else None
    except ValueError:
        return None


def _numbers(cells: Cells, name: str) -> NDArray[np.float64]:
    for line, cell in cells:
        what = f"numbers in column {name!r} for a regression, got {short_repr(cell)} in line {line}"
        need(_number(cell) is not None, f"{what}: correct it or use --task classification.")
    return np.array([_number(cell) for _, cell in cells])


def _labels(cells: Cells, name: str) -> NDArray[np.str_]:
    y = np.array([cell for _, cell in cells])
    classes, counts = np.unique(y, return_counts=True)
    what = f"two classes or more in column {name!r}, got one: {short_repr(y[0])}"
    need(len(classes) > 1, f"{what}.")
    need(counts.max() > 1, f"a class of two rows or more in column {name!r}, got one row of each.")
    few = len(classes) <= max(MAX_CLASSES, len(y) / 2)
    what = f"classes in column {name!r}, got {len(classes)} different values in {len(y)} rows"
    some = ", ".join(short_repr(cell) for _, cell in cells[:3])
    need(
        few,
        f"{what} ({some}, ...): name another column, or correct the cells that are not numbers.",
    )
    return y


def _split(data: _Data, seed: int) -> tuple[Rows, Rows]:
    """Return the indices of the rows to learn from and to test on, stratified if possible."""
    rows = np.arange(len(data.y))
    alone, classes = rows[:0], None
    if data.task == "classification":
        _, index, counts = np.unique(data.y, return_inverse=True, return_counts=True)
        rows, alone = rows[counts[index] > 1], rows[counts[index] == 1]
        enough = np.ceil(len(rows) * TEST_SHARE) >= np.sum(counts > 1)  # for every class
        classes = data.y[rows] if enough else None
    train, test = train_test_split(rows, test_size=TEST_SHARE, random_state=seed, stratify=classes)
    return np.concatenate([train, alone]), test  # a class of one row cannot be on both sides


def _models(task: Task, seed: int) -> Models:
    """Make our models with their defaults; the others as they do best on the names, and fast."""
    if task == "classification":
        own, forest = RNNClassifier, RandomForestClassifier
        longest = 3  # letters: accuracy is 0.57 with up to 1, 0.66 with up to 2, 0.67 with up to 3
        share: str | float = "sqrt"
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
    counts = CountVectorizer(analyzer="char", ngram_range=(1, longest))
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    texts = FunctionTransformer(_texts)
    h = RNNEncoder(target_type=task, random_state=seed)
    return {
        f"RNNEncoder + {forest.__name__}": Pipeline([("h", h), ("forest", on_h)]),
        own.__name__: own(random_state=seed),
        f"CountVectorizer + {forest.__name__}": make_pipeline(texts, counts, on_counts),
        f"TfidfVectorizer + {name}": make_pipeline(texts, tfidf, linear),
    }


def _texts(x: Iterable[object]) -> list[str]:
    """Write "" for missing strings, which the vectorizers refuse."""
    return [text if isinstance(text, str) else "" for text in x]


def _measure(data: _Data, train: Rows, test: Rows, models: Models, name: str) -> dict[str, str]:
    """Fit and test a model; give its line of the table."""
    note(f"[{list(models).index(name) + 1}/{len(models)}] {name}")
    start = perf_counter()
    _fit(name, models[name], data.x[train], data.y[train])
    fitted = perf_counter()
    predicted = models[name].predict(data.x[test])
    seconds = {"fit s": f"{fitted - start:.1f}", "predict s": f"{perf_counter() - fitted:.2f}"}
    return {"model": name, **_scores(data.task, data.y[test], predicted), **seconds}


def _fit(name: str, model: Any, x: NDArray[Any], y: NDArray[Any]) -> None:
    """Fit; an estimator that Ctrl-C has stopped early counts as interrupted."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", r"\w+\.fit was interrupted")
            model.fit(x, y)
    except ValueError as error:
        raise UserError(f"cannot fit {name}: {' '.join(str(error).split())}") from error
    except UserWarning as warning:
        if "was interrupted" in str(warning):
            raise KeyboardInterrupt from None
        raise


def _scores(task: str, true: NDArray[Any], predicted: NDArray[Any]) -> dict[str, str]:
    if task == "regression":
        error = mean_absolute_error(true, predicted)
        return {"R^2": f"{r2_score(true, predicted):.3f}", "MAE": f"{error:.4g}"}
    f1 = f1_score(true, predicted, average="macro")
    return {"accuracy": f"{accuracy_score(true, predicted):.3f}", "macro-F1": f"{f1:.3f}"}


def _examples(data: _Data, rows: Rows, model: Any) -> str:
    """Tabulate some test rows: the true value, and what the model predicts."""
    x, y = data.x[rows], data.y[rows]
    if data.task == "regression":
        true, predicted = [f"{v:.4g}" for v in y], [f"{v:.4g}" for v in model.predict(x)]
    else:
        true, predicted = list(map(_short, y.tolist())), _most_likely(model, x)
    head = [
        _short(data.x_name),
        f"true {_short(data.y_name)}",
        f"predicted by {type(model).__name__}",
    ]
    lines = [dict(zip(head, line)) for line in zip(map(_short, x), true, predicted)]
    return _table(lines, "<>>" if data.task == "regression" else "<<<")


def _most_likely(model: Any, x: NDArray[np.object_]) -> list[str]:
    p = model.predict_proba(x)
    best = np.argsort(-p, axis=1)[:, :3]
    names = list(map(_short, model.classes_))
    return [", ".join(f"{names[i]} {q[i]:.2f}" for i in row) for row, q in zip(best, p)]


def _short(text: str | None, limit: int = 40) -> str:
    text = "(missing)" if text is None else " ".join(text.split())
    return clip(printable(text), limit)


def _table(lines: list[dict[str, str]], alignment: str) -> str:
    """Align the columns of dicts of strings; `alignment` has "<" or ">" for each column."""
    rows = [list(lines[0]), *(line.values() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows = [[f"{c:{a}{w}}" for c, a, w in zip(row, alignment, widths)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in rows)


if __name__ == "__main__":
    cast(io.TextIOWrapper, sys.stdout).reconfigure(errors="replace")  # letters the terminal lacks
    sys.exit(main())
