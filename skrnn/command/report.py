"""What the command line prints about models: scores, tables and examples.

In: data, predictions and results, in numbers. Out: text, and numbers by name.
"""

import json
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, r2_score

from skrnn.command.reading import Data, Task
from skrnn.input.messages import clip, printable

Result = dict[str, Any]  # the name of a model, and its numbers
Line = dict[str, str]  # cells by the heads of their columns
SHOWN = {  # the head of each number in a table, and how it is written
    "model": ("model", ""),
    "accuracy": ("accuracy", ".3f"),
    "macro_f1": ("macro-F1", ".3f"),
    "r2": ("R^2", ".3f"),
    "mae": ("MAE", ".4g"),
    "fit_seconds": ("fit s", ".1f"),
    "predict_seconds": ("predict s", ".2f"),
}


class Outcome(NamedTuple):
    """The results of fitting and testing models."""

    data: Data
    n_train: int  # rows
    n_test: int
    results: list[Result]
    own: Any  # skrnn's predictor, fitted
    examples: NDArray[np.intp]  # some of the test rows of `data`
    n_rows_of_ranks: list[int] | None = None  # if several processes trained together


def scores(task: Task, true: Any, predicted: Any, weight: Any = None) -> Result:
    """Return the scores of predictions; `weight` is how often each pair occurs."""
    given = {"sample_weight": weight}
    if task == "regression":
        error = mean_absolute_error(true, predicted, **given)
        return {"r2": float(r2_score(true, predicted, **given)), "mae": float(error)}
    f1 = f1_score(true, predicted, average="macro", **given)
    return {"accuracy": float(accuracy_score(true, predicted, **given)), "macro_f1": float(f1)}


def lines_of(results: list[Result]) -> list[Line]:
    """Write results as the lines of a table."""
    return [{SHOWN[k][0]: f"{v:{SHOWN[k][1]}}" for k, v in line.items()} for line in results]


def as_text(outcome: Outcome) -> str:
    """Describe the data, the scores of the models, and examples."""
    data, parts = outcome.data, outcome.n_rows_of_ranks
    what = f"{short(data.y_name)} from {short(data.x_name)}"
    head = f"{what}: {outcome.n_train} training rows, {outcome.n_test} test rows"
    if parts is not None:
        head += f", on {len(parts)} ranks with {', '.join(map(str, parts))} rows"
    tables = [aligned(lines_of(outcome.results), "<>>>>")]
    if len(outcome.examples):
        tables.append(examples(data, outcome.examples, outcome.own))
    return "\n\n".join([head, *tables])


def as_json(outcome: Outcome, seconds: float) -> str:
    """Write the same, without the examples, as one JSON object."""
    data = outcome.data
    found = {
        "task": data.task,
        "x": data.x_name,
        "y": data.y_name,
        "n_train": outcome.n_train,
        "n_test": outcome.n_test,
        "n_rows_of_ranks": outcome.n_rows_of_ranks,
        "models": outcome.results,
        "seconds": seconds,
    }
    return json.dumps(found, indent=2)


def examples(data: Data, rows: NDArray[np.intp], model: Any) -> str:
    """Tabulate some test rows: the true value, and what the model predicts."""
    x, y = data.x[rows], data.y[rows]
    if data.task == "regression":
        true, predicted = list(map(_figure, y)), list(map(_figure, model.predict(x)))
    else:
        true, predicted = list(map(short, y.tolist())), _most_likely(model, x)
    head = [
        short(data.x_name),
        f"true {short(data.y_name)}",
        f"predicted by {type(model).__name__}",
    ]
    lines = [dict(zip(head, line)) for line in zip(map(short, x), true, predicted)]
    return aligned(lines, "<>>" if data.task == "regression" else "<<<")


def _figure(number: float) -> str:
    """Write a number with four digits, and all digits before the point."""
    return f"{number:.0f}" if 1e4 <= abs(number) < 1e15 else f"{number:.4g}"


def _most_likely(model: Any, x: NDArray[np.object_]) -> list[str]:
    p = model.predict_proba(x)
    best = np.argsort(-p, axis=1)[:, :3]
    names = list(map(short, model.classes_))
    return [", ".join(f"{names[i]} {q[i]:.2f}" for i in row) for row, q in zip(best, p)]


def short(value: object, limit: int = 40) -> str:
    text = "(missing)" if value is None else " ".join(str(value).split())
    return clip(printable(text), limit)


def aligned(lines: list[dict[str, str]], alignment: str) -> str:
    """Align the columns of dicts of strings; `alignment` has "<" or ">" for each column."""
    rows = [list(lines[0]), *(line.values() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows = [[f"{c:{a}{w}}" for c, a, w in zip(row, alignment, widths)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in rows)
