"""The command line: compare the estimators with scikit-learn's own on names or a file.

In: the arguments. Out: tables or JSON to stdout, progress and errors to stderr, an exit code.
"""

import io
import os
import shlex
import sys
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from time import perf_counter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor, save
from skrnn.command import distributed, predict
from skrnn.command.reading import MAX_CLASSES, Data, Task, read_data
from skrnn.command.report import Line, Outcome, Result, as_json, as_text, lines_of, scores
from skrnn.command.shared import PROG, UserError, fit, need, note
from skrnn.command.tables import check_file

Rows = NDArray[np.intp]  # indices of rows
Models = dict[str, Any]  # estimators by name; Any, as scikit-learn has no types
TEST_SHARE = 0.2
DESCRIPTION = """Learn from strings and compare models: train on 80% of the rows, test on the rest.

Without a file, predict the country of the bundled family names, which takes about a minute. With a
CSV or Parquet file, predict the column --y from the strings in the column --x. A CSV file is in
UTF-8, has the column names in its first line, and separates cells by commas, semicolons, tabs or
bars. An empty cell of --x is a missing string; rows with an empty cell of --y are left out."""
EPILOG = f"""examples:
  {PROG}
  {PROG} people.csv --x name --y country --save model.skrnn
  {PROG} people.parquet --x name --y country --quiet --json > scores.json
  {PROG} predict model.skrnn others.csv --x name --out countries.csv
  torchrun --nproc-per-node 2 -m skrnn people.parquet --x name --y country --save model.skrnn

The last command trains only skrnn's predictor, in two processes that each read some of the rows.
See also `{PROG} predict --help`."""


class _StoreOnce(Action):
    """Store an option; raise an error if it is given twice, as the first would be lost."""

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
            distributed.refuse("predict")
            predict.run(predict.parser().parse_args(argv[1:]))
        else:
            _run(_parser().parse_args(argv))
    except UserError as problem:
        note(str(problem), quiet=not distributed.is_first())
        return 2
    except KeyboardInterrupt:
        note("interrupted.", quiet=not distributed.is_first())
        return 130
    except BrokenPipeError:  # the reader of stdout has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _parser() -> ArgumentParser:
    raw = RawDescriptionHelpFormatter
    parser = ArgumentParser(PROG, None, DESCRIPTION, EPILOG, formatter_class=raw)
    add, tasks = parser.add_argument, ["classification", "regression"]
    default = f"default: regression for more than {MAX_CLASSES} distinct numbers"
    add("file", nargs="?", metavar="data", help="CSV or Parquet; default: the bundled names")
    add("--x", action=_StoreOnce, metavar="COLUMN", help="column of strings to learn from")
    add("--y", action=_StoreOnce, metavar="COLUMN", help="column to predict")
    add("--task", choices=tasks, help=default)
    add("--save", metavar="FILE", help="file to save skrnn's predictor to, for skrnn.load")
    add(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of the split and of models (0)",
    )
    add("--quiet", action="store_true", help="write only errors to stderr")
    add("--json", action="store_true", help="write one JSON object to stdout, without examples")
    return parser


def _run(options: Namespace) -> None:
    """Check, read, split, compare, show, save."""
    start = perf_counter()
    if distributed.is_launched():
        outcome = distributed.train(options, _check)
        if outcome is None:  # another rank shows it
            return
    else:
        _check(options)
        outcome = _compare(options)
    took = perf_counter() - start
    print(as_json(outcome, took) if options.json else as_text(outcome))
    if options.save is not None:
        try:
            save(outcome.own, options.save)
        except OSError as error:
            raise UserError(str(error)) from error
        if not options.json:
            print(_saved(outcome, options.save))


def _compare(options: Namespace) -> Outcome:
    """Fit all models on some rows, and test them on the others."""
    data = read_data(options)
    train, test = _split(data, options.seed)
    models = _models(data.task, options.seed)
    results = []
    for i, name in enumerate(models, 1):
        note(f"[{i}/{len(models)}] {name}", options.quiet)
        results.append(_measure(data, train, test, name, models[name]))
    own = models["RNNClassifier" if data.task == "classification" else "RNNRegressor"]
    return Outcome(data, len(train), len(test), results, own, test[:6])


def _measure(data: Data, train: Rows, test: Rows, name: str, model: Any) -> Result:
    """Fit and test a model; return its numbers."""
    start = perf_counter()
    fit(name, model, data.x[train], data.y[train])
    fitted = perf_counter()
    predicted = model.predict(data.x[test])
    seconds = {"fit_seconds": fitted - start, "predict_seconds": perf_counter() - fitted}
    return {"model": name, **scores(data.task, data.y[test], predicted), **seconds}


def _saved(outcome: Outcome, path: str) -> str:
    """Describe what is saved and how to use it; say if another model has a higher score."""
    own = type(outcome.own).__name__
    name, metric = _best(lines_of(outcome.results), own)
    said = [f"\n{own}, fitted on the {outcome.n_train} training rows, is saved in {path!r}."]
    if name != own:
        said.append(f"{name} has a higher {metric}, but skrnn cannot save it.")
    return "\n".join(
        [
            *said,
            "To use it:",
            f"  {PROG} predict {shlex.quote(path)} FILE.csv --x COLUMN",
            f"  import skrnn; model = skrnn.load({path!r})",
        ]
    )


def _best(lines: list[Line], own: str) -> tuple[str, str]:
    """Return the model with the highest value of the first score, and this value.

    If models are equal, prefer skrnn's.
    """
    metric = list(lines[0])[1]  # after the name of the model
    best = max(lines, key=lambda line: (float(line[metric]), line["model"] == own))
    return best["model"], metric


def _check(options: Namespace) -> None:
    """Raise an error for conflicting options, or a path that cannot be written to."""
    file, path = options.file, options.save
    if file:
        check_file(file)
    for name, value in {"--x": options.x, "--y": options.y, "--task": options.task}.items():
        what = f"a CSV or Parquet file for {name}, got none: name the file first."
        need(file or value is None, what)
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


def _split(data: Data, seed: int) -> tuple[Rows, Rows]:
    """Return the indices of the training and the test rows, stratified if possible."""
    rows = np.arange(len(data.y))
    alone, classes = rows[:0], None
    if data.task == "classification":
        _, index, counts = np.unique(data.y, return_inverse=True, return_counts=True)
        rows, alone = rows[counts[index] > 1], rows[counts[index] == 1]
        enough = np.ceil(len(rows) * TEST_SHARE) >= np.sum(counts > 1)  # room for every class
        classes = data.y[rows] if enough else None
    train, test = train_test_split(rows, test_size=TEST_SHARE, random_state=seed, stratify=classes)
    return np.concatenate([train, alone]), test  # classes with one row are only used for training


def _models(task: Task, seed: int) -> Models:
    """Return skrnn's models with defaults, and others tuned for the names and for speed."""
    if task == "classification":
        own, forest = RNNClassifier, RandomForestClassifier
        longest = 3  # accuracy on the names: 0.57 with n-grams up to 1, 0.66 up to 2, 0.67 up to 3
        share: str | float = "sqrt"
        # the best C of 1, 3, 5, 10 and 20 by cross-validation, with enough steps to converge
        name, linear = "LogisticRegression", LogisticRegression(C=5, max_iter=1000)
    else:
        own, forest = RNNRegressor, RandomForestRegressor
        longest, share = 2, 1 / 3  # of features: as accurate as all, in a third of the time
        # the best alpha depends on the noise of y; fit time includes the search
        name, alphas = "Ridge", {"alpha": [0.1, 0.3, 1, 3]}
        linear = GridSearchCV(Ridge(), alphas, cv=3, scoring="neg_mean_squared_error")
    common = {"n_jobs": -1, "random_state": seed}  # with 100 trees; 300 were not better
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
    """Replace missing strings by "", because the vectorizers do not accept them."""
    return [text if isinstance(text, str) else "" for text in x]


if __name__ == "__main__":
    cast(io.TextIOWrapper, sys.stdout).reconfigure(errors="replace")  # missing letters
    sys.exit(main())
