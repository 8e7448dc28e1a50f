"""The tables that the commands read: CSV and Parquet files with one interface.

In: a path, and the columns that are wanted. Out: an open table, with column names, rows of text,
and batches of strings; errors that the user can correct.
"""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TypeAlias

from skrnn.command.csv_table import CsvTable, open_csv
from skrnn.command.parquet_table import ParquetTable, is_parquet, open_parquet
from skrnn.command.shared import need
from skrnn.input.messages import clip, short_repr

Table: TypeAlias = CsvTable | ParquetTable


def open_table(path: str, wanted: Iterable[str]) -> AbstractContextManager[Table]:
    """Open a Parquet or a CSV file; the wanted columns help to find the delimiter of CSV."""
    return open_parquet(path) if is_parquet(path) else open_csv(path, wanted)


def check_file(path: str) -> None:
    """Refuse a folder, and a file that does not exist."""
    what = f"a CSV or Parquet file, got {path!r}"
    need(os.path.exists(path), f"{what}: there is no such file.")
    need(not os.path.isdir(path), f"{what}: it is a folder; name one of its files.")


def check_column(option: str, name: str, path: str, columns: list[str]) -> None:
    """Refuse a column that does not exist, or exists twice."""
    what = f"{option} to be a column of {path!r}, got {name!r}"
    known = clip(", ".join(map(short_repr, columns)), 300) or "none"
    need(name in columns, f"{what}: its columns are {known}.")
    n = columns.count(name)
    need(n == 1, f"one column {name!r} in {path!r}, got {n}: rename the others.")
