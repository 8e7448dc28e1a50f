"""A CSV file, read row by row.

In: a path, and the columns that are wanted. Out: the columns, and rows of text; errors that the
user can correct. Only the head and the requested rows of the file are in memory.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from typing import Any, TextIO

from skrnn.command.shared import UserError


@dataclass(frozen=True)
class CsvTable:
    """A CSV file that is open; its rows can be read once."""

    columns: list[str]
    decimal_commas: bool  # whether numbers may have decimal commas
    _lines: Iterator[tuple[int, list[str]]]  # (line in the file, a cell for each column)

    place = "line"  # what messages count

    def check_text(self, option: str, name: str) -> None:
        """Accept every column: all are text."""

    def rows(self, names: list[str], i: int = 0, n: int = 1) -> Iterator[tuple[int, list[str]]]:
        """Yield the line and the cells of each row of part i of n: every n-th row."""
        index = [self.columns.index(name) for name in names]
        for line, row in islice(self._lines, i, None, n):
            yield line, [row[k] for k in index]

    def batches(
        self, x: str, others: list[str], n_rows: int
    ) -> Iterator[tuple[list[str | None], list[list[str]]]]:
        """Yield batches of strings, None where one is missing, and of the other columns."""
        rows = (row for _, row in self.rows([x, *others]))
        while some := list(islice(rows, n_rows)):
            texts, *kept = map(list, zip(*some))
            yield [text if text.strip() else None for text in texts], kept

    def typed(self, name: str, labels: Any) -> Any:
        """Return labels as they are: all are text."""
        return labels


class _Lines:
    """The lines of a file, without Excel's line `sep=` and without empty lines at the start."""

    def __init__(self, file: TextIO) -> None:
        self.n_skipped = 0
        self.n_read = 0  # lines that are not skipped, up to the end of the last row
        self.head: list[str] = []  # lines that were read to find the delimiter
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
        """Iterate from the first line on, and keep the lines."""
        yield from self.head
        for line in self.file:
            self.head.append(line)
            yield line

    def __iter__(self) -> Iterator[str]:
        """Iterate from the first line on, without keeping the lines."""
        return chain(self.head, self.file)


@contextmanager
def open_csv(path: str, wanted: Iterable[str]) -> Iterator[CsvTable]:
    """Open a file with the delimiter that gives the required columns, or else most columns."""
    csv.field_size_limit(2**31 - 1)
    with _readable(path):
        file = open(path, newline="", encoding="utf-8-sig")  # noqa: SIM115  # closed below
    with file:
        with _readable(path):
            lines = _Lines(file)
            delimiter = lines.delimiter or max(",;\t|", key=lambda d: _columns(lines, d, wanted))
            reader = csv.reader(lines, strict=True, delimiter=delimiter)
            with _correct_line(path, lines):
                columns = [name.strip() for name in next(reader, [])]
                lines.n_read = reader.line_num
        yield CsvTable(columns, delimiter != ",", _rows(path, lines, reader, len(columns)))


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Convert errors in reading to an error that the user can correct."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{unreadable(path)}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{unreadable(path)}: save it as UTF-8.") from None


def unreadable(path: str) -> str:
    """Return the beginning of the message about an unreadable file."""
    return f"needs a readable CSV file in UTF-8, got {path!r}"


@contextmanager
def _correct_line(path: str, lines: _Lines) -> Iterator[None]:
    """Add the line number to format errors."""
    try:
        yield
    except csv.Error as error:
        line = lines.n_skipped + lines.n_read + 1
        raise UserError(f"{unreadable(path)}: correct line {line} ({error}).") from None


def _rows(path: str, lines: _Lines, reader: Any, n_columns: int) -> Iterator[tuple[int, list[str]]]:
    with _readable(path), _correct_line(path, lines):
        for row in reader:
            lines.n_read = reader.line_num
            if not row:  # an empty line
                continue
            line = lines.n_skipped + lines.n_read
            if len(row) != n_columns:
                if any(row[n_columns:]):
                    reason = f"correct line {line} (more cells than columns)"
                    raise UserError(f"{unreadable(path)}: {reason}.")
                row = row[:n_columns] + [""] * (n_columns - len(row))
            yield line, row


def _columns(lines: _Lines, delimiter: str, wanted: Iterable[str]) -> tuple[bool, int]:
    """Return whether a delimiter gives the required columns, and the number of columns."""
    reader = csv.reader(lines.again(), strict=True, delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error:
        return False, 0
    return set(wanted) <= set(names), len(names)
