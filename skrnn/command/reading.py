"""What the command line learns from: two columns of a file, or the bundled names.

In: the options, and which part of the rows to read. Out: `Data`, the strings and the target; errors
that the user can correct. Processes that each read a part add up `Facts`, those of the whole file.
"""

import re
from argparse import Namespace
from collections import Counter
from itertools import islice
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from skrnn.command.shared import need, note
from skrnn.command.tables import Table, check_column, open_table
from skrnn.datasets import load_names
from skrnn.input.messages import short_repr

Task = Literal["classification", "regression"]
MAX_CLASSES = 20  # more distinct numbers than this are taken for a regression
MIN_ROWS = 6  # as R^2 needs two test rows


class Data(NamedTuple):
    """The strings, None where one is missing, and the target."""

    x: NDArray[np.object_]  # (n,)
    y: NDArray[Any]  # (n,) labels, or numbers in double precision
    task: Task
    x_name: str
    y_name: str


class Part(NamedTuple):
    """Some rows of a file, before their types are decided."""

    table: Table
    places: list[int]  # of the rows in the file: lines, or numbers of rows
    x: list[str | None]
    y: list[str]
    facts: "Facts"


class Facts(NamedTuple):
    """Properties of some rows that decide on the task."""

    n_x: int  # rows with a string
    n_y: int
    n_left_out: int  # rows without a y
    all_numbers: bool
    all_decimal_commas: bool
    values: frozenset[str]  # distinct y, at most MAX_CLASSES + 1

    def __add__(self, other: Any) -> "Facts":
        """Return the properties of the rows of both."""
        return Facts(
            self.n_x + other.n_x,
            self.n_y + other.n_y,
            self.n_left_out + other.n_left_out,
            self.all_numbers and other.all_numbers,
            self.all_decimal_commas and other.all_decimal_commas,
            self.values | other.values,
        )


def read_data(options: Namespace) -> Data:
    """Read the names, or the rows of a file that have a y; decide on the task."""
    if not options.file:
        names, countries = load_names(return_X_y=True)
        return Data(names.astype(object), countries, "classification", "name", "country")
    part = read_part(options)
    task = decide(part.facts, options)
    if task == "classification":
        check_labels(Counter(part.y), options.y)
    return data_of(part, part.facts, task, options)


def read_part(options: Namespace, i: int = 0, n: int = 1) -> Part:
    """Read part i of n of the rows of a file."""
    names = [options.x, options.y]
    with open_table(options.file, names) as table:
        for option, name in zip(("--x", "--y"), names):
            check_column(option, name, options.file, table.columns)
        table.check_text("--x", options.x)
        rows = [(place, x, y.strip()) for place, (x, y) in table.rows(names, i, n)]
    n_x, n_rows = sum(x.strip() != "" for _, x, _ in rows), len(rows)
    rows = [row for row in rows if row[2]]
    x, y = [x if x.strip() else None for _, x, _ in rows], [y for *_, y in rows]
    facts = Facts(
        n_x=n_x,
        n_y=len(y),
        n_left_out=n_rows - len(y),
        all_numbers=all(_number(cell) is not None for cell in y),
        all_decimal_commas=table.decimal_commas
        and all(re.fullmatch(r"[-+]?\d+(,\d+)?", cell) for cell in y),
        values=frozenset(islice(dict.fromkeys(y), MAX_CLASSES + 1)),
    )
    return Part(table, [place for place, *_ in rows], x, y, facts)


def decide(facts: Facts, options: Namespace) -> Task:
    """Refuse too few rows; decide on the task, and say so."""
    for name, n in ((options.x, facts.n_x), (options.y, facts.n_y)):
        need(n >= MIN_ROWS, f"{MIN_ROWS} rows or more with a value in column {name!r}, got {n}.")
    if n := facts.n_left_out:
        what = f"left out {n} row{'s' * (n > 1)} without a value in column {options.y!r}."
        note(what, options.quiet)
    if options.task is not None:
        return cast(Task, options.task)
    numeric = facts.all_numbers or facts.all_decimal_commas
    many = len(facts.values) > MAX_CLASSES
    task: Task = "regression" if numeric and many else "classification"
    note(f"the values of {options.y!r} make this a {task}; use --task to change it.", options.quiet)
    return task


def check_labels(counts: Counter[str], name: str) -> None:
    """Refuse labels that cannot be classes; `counts` has the number of rows of each."""
    n = counts.total()
    some = list(islice(counts, 3))
    what = f"two classes or more in column {name!r}, got one: {short_repr(some[0])}"
    need(len(counts) > 1, f"{what}.")
    most = max(counts.values())
    need(most > 1, f"a class of two rows or more in column {name!r}, got one row of each.")
    need(
        len(counts) <= max(MAX_CLASSES, n / 2),
        f"classes in column {name!r}, got {len(counts)} different values in {n} rows "
        f"({', '.join(map(short_repr, some))}, ...): name another column, or correct the cells "
        "that are not numbers.",
    )


def data_of(part: Part, facts: Facts, task: Task, options: Namespace) -> Data:
    """Return the rows of a part as data for the task; `facts` are those of the whole file."""
    cells = part.y
    if facts.all_decimal_commas:
        cells = [cell.replace(",", ".") for cell in cells]
    if task == "classification":
        y = part.table.typed(options.y, np.array(cells, dtype=str))
    else:
        y = _numbers(part, cells, options.y)
    x = np.empty(len(part.x), dtype=object)
    x[:] = part.x
    return Data(x, y, task, options.x, options.y)


def _numbers(part: Part, cells: list[str], name: str) -> NDArray[np.float64]:
    for place, cell in zip(part.places, cells):
        where = f"{part.table.place} {place}"
        what = f"numbers in column {name!r} for a regression, got {short_repr(cell)} in {where}"
        need(_number(cell) is not None, f"{what}: correct it or use --task classification.")
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str) -> float | None:
    """Read a finite number; return None for anything else."""
    try:
        return float(cell) if np.isfinite(float(cell)) else None
    except ValueError:
        return None
