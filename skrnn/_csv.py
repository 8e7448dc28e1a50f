"""A CSV file, read row by row.

In: a path, and the columns that are wanted. Out: the delimiter, the columns and the rows; errors
that the user can correct. No more of the file is in memory than its head and a row.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, dropwhile
from typing import NamedTuple, TextIO

from skrnn._command import UserError, need
from skrnn.input.messages import clip, short_repr


class Table(NamedTuple):
    """A CSV file that is open."""

    delimiter: str
    columns: list[str]
    rows: Iterator[tuple[int, dict[str, str]]]  # (line in the file, {column: text})


class _Lines:
    """The lines of a file behind what Excel may write first, and behind empty ones."""

    def __init__(self, file: TextIO) -> None:
        self.n_skipped = 0
        self.head: list[str] = []  # those that were read to find the delimiter
        self.file = dropwhile(self._skips, file)
        first = next(self.file, "")
        sep = re.fullmatch(r"sep=(.)\r?\n", first)
        self.delimiter = sep and sep[1]
        if sep:
            self.n_skipped += 1
            self.file = dropwhile(self._skips, file)
        else:
            self.head.append(first)

    def _skips(self, line: str) -> bool:
        empty = not line.strip("\r\n")
        self.n_skipped += empty
        return empty

    def again(self) -> Iterator[str]:
        """Read from the first line on, and keep what is read."""
        yield from self.head
        for line in self.file:
            self.head.append(line)
            yield line

    def __iter__(self) -> Iterator[str]:
        """Read from the first line on, for the last time."""
        return chain(self.head, self.file)


@contextmanager
def open_csv(path: str, wanted: Iterable[str]) -> Iterator[Table]:
    """Open a file with the delimiter that gives the wanted columns, or else the most."""
    csv.field_size_limit(2**31 - 1)
    with _readable(path):
        file = open(path, newline="", encoding="utf-8-sig")  # noqa: SIM115  # closed below
    with file:
        with _readable(path):
            lines = _Lines(file)
            delimiter = lines.delimiter or max(",;\t|", key=lambda d: _columns(lines, d, wanted))
            table = csv.DictReader(lines, restval="", strict=True, delimiter=delimiter)
            with _correct_line(path, lines, table):
                columns = table.fieldnames = [name.strip() for name in table.fieldnames or []]
        yield Table(delimiter, columns, _rows(path, lines, table))


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Say of errors in reading that the file needs to be readable."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{unreadable(path)}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{unreadable(path)}: save it as UTF-8.") from None


def unreadable(path: str) -> str:
    """Begin the sentence about a file that cannot be read."""
    return f"needs a readable CSV file in UTF-8, got {path!r}"


@contextmanager
def _correct_line(path: str, lines: _Lines, table: "csv.DictReader[str]") -> Iterator[None]:
    """Say of errors of the form in which line they are."""
    try:
        yield
    except csv.Error as error:
        line = lines.n_skipped + table.line_num + 1
        raise UserError(f"{unreadable(path)}: correct line {line} ({error}).") from None


def _rows(
    path: str, lines: _Lines, table: "csv.DictReader[str]"
) -> Iterator[tuple[int, dict[str, str]]]:
    with _readable(path), _correct_line(path, lines, table):
        for row in table:
            line = lines.n_skipped + table.line_num
            if any(row.get(None, "")):  # cells without a column
                reason = f"correct line {line} (more cells than columns)"
                raise UserError(f"{unreadable(path)}: {reason}.")
            yield line, row


def _columns(lines: _Lines, delimiter: str, wanted: Iterable[str]) -> tuple[bool, int]:
    """Say whether a delimiter gives the wanted columns, and how many columns there are."""
    reader = csv.reader(lines.again(), strict=True, delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error:
        return False, 0
    return set(wanted) <= set(names), len(names)


def check_column(option: str, name: str, path: str, columns: list[str]) -> None:
    """Refuse a column that is not there, or twice."""
    what = f"{option} to be a column of {path!r}, got {name!r}"
    known = clip(", ".join(map(short_repr, columns)), 300) or "none"
    need(name in columns, f"{what}: its columns are {known}.")
    n = columns.count(name)
    need(n == 1, f"one column {name!r} in {path!r}, got {n}: rename the others.")
