"""The command `predict`: apply a saved model to a column of a CSV or Parquet file.

In: the arguments. Out: a CSV or Parquet file with a row for each input row, in the same order, or
CSV to stdout. Rows are read and predicted in batches, so files may have any length.
"""

import csv
import io
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, TextIO, cast

import numpy as np
from scipy.special import log_expit, log_softmax

from skrnn._classifier import RNNClassifier
from skrnn._files import load
from skrnn._predictor import BasePredictor
from skrnn.command import parquet_table
from skrnn.command.parquet_table import ParquetTable
from skrnn.command.shared import PROG, UserError, need, note
from skrnn.command.tables import Table, check_column, check_file, open_table
from skrnn.files.replacing import replace
from skrnn.input.sequences import Array, Floats

Batches = Iterator[list[Any]]  # columns of some rows
ROWS_AT_ONCE = 1 << 16
SYMBOLS_AT_ONCE = 1 << 21  # in the strings that a model predicts together
DESCRIPTION = """Apply a saved model to a column of a CSV or Parquet file.

The model was saved by skrnn.save or --save. The output has one row for each row of the file, in
the same order, with the prediction and, for a classifier, its probability. It is CSV, or Parquet if
the name of --out ends in .parquet."""
EPILOG = f"""examples:
  {PROG} predict model.skrnn people.csv --x name --out countries.csv
  {PROG} predict model.skrnn people.parquet --x name --keep id --out countries.parquet

Files may be larger than memory. Null and empty strings are missing strings. An existing output file
is replaced after all rows are written; after an error, it is unchanged."""


def parser() -> ArgumentParser:
    """Return the parser of the arguments after `predict`."""
    raw = RawDescriptionHelpFormatter
    parser = ArgumentParser(f"{PROG} predict", None, DESCRIPTION, EPILOG, formatter_class=raw)
    add = parser.add_argument
    add("model", metavar="model.skrnn", help="a saved classifier or regressor")
    add("file", metavar="data", help="CSV in UTF-8 with column names, or Parquet")
    column = "column of strings; default: the only column, or that of the fitted DataFrame"
    add("--x", metavar="COLUMN", help=column)
    kept = "column to copy before the predictions; may be repeated"
    add("--keep", metavar="COLUMN", action="append", default=[], help=kept)
    add("--out", metavar="FILE", help="output file; default: CSV to stdout")
    add("--quiet", action="store_true", help="write only errors to stderr")
    return parser


def run(options: Namespace) -> None:
    """Check, load, predict, write."""
    _check(options)
    model = _load(options.model)
    wanted = [*([options.x] if options.x else []), *options.keep]
    with open_table(options.file, wanted) as table:
        x = _column(options, model, table)
        _check_kept(options, model, table)
        batches = _batches(model, table.batches(x, options.keep, ROWS_AT_ONCE))
        if options.out is None:
            _to_stdout([*options.keep, *_head(model)], batches)
        else:
            n = _to_file(options, model, table, batches)
            note(f"wrote predictions for {n} rows to {options.out!r}.", options.quiet)


def _check(options: Namespace) -> None:
    model, file, out = options.model, options.file, options.out
    need(os.path.exists(model), f"a saved model, got {model!r}: there is no such file.")
    check_file(file)
    need(out != "", "--out to name a file, got '': leave it out to write to stdout.")
    if out is not None and os.path.exists(out):
        same = os.path.samefile(out, model) or os.path.samefile(out, file)
        need(not same, f"--out to differ from the files that are read, got {out!r}.")
    if _is_parquet(out):
        parquet_table.check_arrow()


def _is_parquet(out: str | None) -> bool:
    return out is not None and out.lower().endswith(parquet_table.ENDINGS)


def _load(path: str) -> Any:
    """Load a model; raise an error unless it predicts from strings."""
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


def _column(options: Namespace, model: Any, table: Table) -> str:
    """Return the name of the column of strings."""
    columns = table.columns
    names = [options.x] if options.x is not None else getattr(model, "feature_names_in_", columns)
    known = ", ".join(map(repr, columns)) or "none"
    what = f"--x to name a column of {options.file!r}"
    need(len(names) == 1, f"{what}, got none: its columns are {known}.")
    name = str(names[0])
    check_column("--x", name, options.file, columns)
    table.check_text("--x", name)
    return name


def _check_kept(options: Namespace, model: Any, table: Table) -> None:
    """Refuse columns to copy that do not exist, or that would be in the output twice."""
    seen = set(_head(model))
    for name in options.keep:
        check_column("--keep", name, options.file, table.columns)
        what = "--keep to name columns other than each other and those of the predictions"
        need(name not in seen, f"{what}, got {name!r}: leave it out, or rename the column.")
        seen.add(name)


def _to_stdout(head: list[str], batches: Batches) -> None:
    out = cast(io.TextIOWrapper, sys.stdout)
    out.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _write_csv(out, head, batches)
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"could not write to stdout: {error.strerror}.") from error


def _to_file(options: Namespace, model: Any, table: Table, batches: Batches) -> int:
    """Write a new file, then replace the older one by it; return the number of rows."""
    n, path = 0, options.out

    def write(file: BinaryIO) -> None:
        nonlocal n
        if _is_parquet(path):
            n = parquet_table.write_parquet(file, _fields(options.keep, model, table), batches)
            return
        out = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="")
        n = _write_csv(out, [*options.keep, *_head(model)], batches)
        out.detach()

    try:
        replace(path, write)
    except OSError as error:
        what = f"could not write {path!r} and left what was there unchanged"
        raise UserError(f"{what}: {error.strerror}.") from error
    return n


def _write_csv(out: TextIO, head: list[str], batches: Batches) -> int:
    """Write all rows; return their number."""
    writer, n = csv.writer(out, lineterminator="\n"), 0
    writer.writerow(head)
    for columns in batches:
        cells = [c.to_pylist() if hasattr(c, "to_pylist") else c for c in columns]
        writer.writerows(zip(*cells))
        n += len(cells[0])
    return n


def _head(model: Any) -> list[str]:
    """Name the columns of the predictions."""
    names = ["prediction", "probability"] if isinstance(model, RNNClassifier) else ["prediction"]
    if model.target_type_ == "classification" or len(model.c_) == 1:
        return names
    return [f"{name} {i}" for name in names for i in range(len(model.c_))]


def _fields(kept: list[str], model: Any, table: Table) -> list[Any]:
    """Return the names and the types of all columns of a Parquet file."""
    fields = [
        table.field(name) if isinstance(table, ParquetTable) else parquet_table.field(name, [""])
        for name in kept
    ]
    labels = model.classes_.tolist() if model.target_type_ == "classification" else [0]
    for name in _head(model):
        is_label = isinstance(model, RNNClassifier) and name.startswith("prediction")
        fields.append(parquet_table.field(name, labels if is_label else [0.0]))
    return fields


def _batches(model: Any, batches: Iterator[tuple[list[str | None], list[Any]]]) -> Batches:
    """Yield batches of the copied columns and of the predictions."""
    for texts, kept in batches:
        parts = [_predictions(model, some) for some in _slices(texts)]
        yield [*kept, *([*chain.from_iterable(c)] for c in zip(*parts))]


def _slices(texts: list[str | None]) -> Iterator[list[str | None]]:
    """Split a batch with long strings into smaller ones, so that memory stays bounded."""
    ends = np.cumsum([0 if text is None else len(text) for text in texts])
    starts = np.flatnonzero(np.diff(ends // SYMBOLS_AT_ONCE)) + 1
    for start, end in zip([0, *starts], [*starts, len(texts)]):
        yield texts[start:end]


def _predictions(model: Any, texts: list[str | None]) -> list[list[Any]]:
    """Return the columns of the predictions; apply the network only once."""
    if not isinstance(model, RNNClassifier):
        return model._from_scores(texts, lambda o: o).T.tolist()  # type: ignore[no-any-return]
    if model.target_type_ == "classification":
        best, p = model._from_scores(texts, _likeliest).T
        return [model.classes_[best.astype(np.intp)].tolist(), p.tolist()]
    found: Floats = model._from_scores(texts, lambda o: np.hstack([o > 0, np.exp(log_expit(o))]))
    labels, p = np.split(found.T, 2)
    return [*labels.astype(np.int64).tolist(), *p.tolist()]


def _likeliest(o: Floats) -> Array:
    """Return the index of the most likely class of each row, and its probability, (n, 2)."""
    p = np.exp(log_softmax(o, axis=1))
    return np.column_stack([o.argmax(axis=1), p.max(axis=1)])
