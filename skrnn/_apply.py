"""The command `predict`: apply a saved model to a column of a CSV file.

In: the arguments. Out: a CSV file with a row for each row of the other, in its order, or the same
to stdout. Rows are read and predicted some at a time, so that files may be of any length.
"""

import csv
import io
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, TextIO, cast

import numpy as np

from skrnn._classifier import RNNClassifier
from skrnn._command import PROG, UserError, need, note
from skrnn._csv import check_column, open_csv
from skrnn._files import load
from skrnn._predictor import BasePredictor
from skrnn.files.replacing import replace

ROWS_AT_ONCE = 4096
DESCRIPTION = """Apply a model that skrnn.save or --save has saved to a column of a CSV file.

Writes CSV: a row for each row of the file, in the same order, with the prediction and, of a
classifier, its probability."""


def parser() -> ArgumentParser:
    """Return what reads the arguments behind `predict`."""
    parser = ArgumentParser(f"{PROG} predict", description=DESCRIPTION)
    parser.add_argument("model", metavar="model.skrnn", help="a saved classifier or regressor")
    parser.add_argument("file", metavar="data.csv", help="in UTF-8, with the names of its columns")
    column = "the strings (the only column, or that of the model's fit)"
    parser.add_argument("--x", metavar="COLUMN", help=column)
    parser.add_argument("--out", metavar="FILE", help="where to write; default: to stdout")
    return parser


def run(options: Namespace) -> None:
    """Check, load, predict, write."""
    _check(options)
    model = _load(options.model)
    with open_csv(options.file, [options.x] if options.x else []) as table:
        name = _column(options, model, table.columns)
        texts = (row[name] if row[name].strip() else None for _, row in table.rows)
        if options.out is None:
            _to_stdout(model, texts)
        else:
            _to_file(options.out, model, texts)


def _check(options: Namespace) -> None:
    model, file, out = options.model, options.file, options.out
    need(os.path.exists(model), f"a saved model, got {model!r}: there is no such file.")
    need(os.path.exists(file), f"a CSV file, got {file!r}: there is no such file.")
    need(out != "", "--out to name a file, got '': leave it out to write to stdout.")
    if out is not None and os.path.exists(out):
        same = os.path.samefile(out, model) or os.path.samefile(out, file)
        need(not same, f"--out to be another file than those that are read, got {out!r}.")


def _load(path: str) -> Any:
    """Load a model that predicts from strings."""
    try:
        model = load(path)
    except OSError as error:
        raise UserError(f"needs a saved model, got {path!r}: {error.strerror}.") from None
    except ValueError as error:
        raise UserError(str(error)) from None
    predicts = isinstance(model, BasePredictor)
    kind = type(model).__name__
    need(predicts, f"a classifier or a regressor, got {path!r} with an {kind}: it gives vectors.")
    strings = model.input_type_ == "strings"
    what = f"a model of strings, got {path!r} with one of {model.input_type_}"
    need(strings, f"{what}: fit it on strings.")
    return model


def _column(options: Namespace, model: Any, columns: list[str]) -> str:
    """Name the column of the strings."""
    names = [options.x] if options.x is not None else getattr(model, "feature_names_in_", columns)
    known = ", ".join(map(repr, columns)) or "none"
    what = f"--x to name a column of {options.file!r}"
    need(len(names) == 1, f"{what}, got none: its columns are {known}.")
    check_column("--x", names[0], options.file, columns)
    return str(names[0])


def _to_stdout(model: Any, texts: Iterator[str | None]) -> None:
    out = cast(io.TextIOWrapper, sys.stdout)
    out.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _write(out, model, texts)
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"could not write to stdout: {error.strerror}.") from error


def _to_file(path: str, model: Any, texts: Iterator[str | None]) -> None:
    n = 0

    def write(file: BinaryIO) -> None:
        nonlocal n
        out = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="")
        n = _write(out, model, texts)
        out.detach()

    try:
        replace(path, write)
    except OSError as error:
        what = f"could not write {path!r} and left what was there unchanged"
        raise UserError(f"{what}: {error.strerror}.") from error
    note(f"predicted {n} rows; they are in {path!r}.")


def _write(out: TextIO, model: Any, texts: Iterator[str | None]) -> int:
    """Write the predictions of all texts; return how many there are."""
    writer, n = csv.writer(out, lineterminator="\n"), 0
    writer.writerow(_head(model))
    while some := list(islice(texts, ROWS_AT_ONCE)):
        writer.writerows(_predictions(model, some))
        n += len(some)
    return n


def _head(model: Any) -> list[str]:
    names = ["prediction", "probability"] if isinstance(model, RNNClassifier) else ["prediction"]
    if model.target_type_ == "classification" or len(model.c_) == 1:
        return names
    return [f"{name} {i}" for name in names for i in range(len(model.c_))]


def _predictions(model: Any, texts: list[str | None]) -> list[list[Any]]:
    """Return a row for each text: what is predicted, and how probable it is."""
    x = np.array(texts, dtype=object)
    parts = [model.predict(x)]
    if isinstance(model, RNNClassifier):
        p = model.predict_proba(x)
        parts.append(p.max(axis=1) if model.target_type_ == "classification" else p)
    columns = [part.reshape(len(x), -1).tolist() for part in parts]
    return [[cell for part in row for cell in part] for row in zip(*columns)]
