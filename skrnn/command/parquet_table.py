"""A Parquet file, read and written in batches of rows.

In: a path, and the columns that are wanted; columns to write. Out: the columns, and rows of text
or Arrow arrays; errors that the user can correct. pyarrow is imported when it is needed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, BinaryIO

from skrnn.command.shared import UserError, need

ENDINGS = (".parquet", ".pq")
MAGIC = b"PAR1"  # the first and the last bytes
BUFFER = 1 << 20  # bytes of a column that are read at once
ROWS_AT_ONCE = 1 << 16


class ParquetTable:
    """A Parquet file that is open."""

    place = "row"  # what messages count
    decimal_commas = False

    def __init__(self, path: str, file: Any) -> None:
        self.path, self._file, self._schema = path, file, file.schema_arrow
        self.columns: list[str] = self._schema.names

    def check_text(self, option: str, name: str) -> None:
        """Refuse a column that is not of strings."""
        given = f"{name!r} with {self._schema.field(name).type}"
        what = f"{option} to be a column of strings, got {given} in {self.path!r}"
        types, kind = _arrow().types, self._value_type(name)
        named = ("is_string", "is_large_string", "is_string_view", "is_null")
        is_text = any(getattr(types, function)(kind) for function in named)
        need(is_text, f"{what}: name another column, or convert it to strings.")

    def rows(self, names: list[str], i: int = 0, n: int = 1) -> Iterator[tuple[int, list[str]]]:
        """Give the number from 1 and the cells of each row of part i of n.

        Cells are text, "" where one is missing. A part has every n-th row group; if there are fewer
        than parts, every n-th row.
        """
        metadata = self._file.metadata
        sizes = [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)]
        by_rows = len(sizes) < n
        for group in range(0 if by_rows else i, len(sizes), 1 if by_rows else n):
            row = sum(sizes[:group])
            for arrays in self._arrays(names, ROWS_AT_ONCE, [group]):
                columns = [map(_text, array.to_pylist()) for array in arrays]
                for row, cells in enumerate(zip(*columns), row + 1):  # noqa: B020  # goes on
                    if not by_rows or row % n == i:
                        yield row, list(cells)

    def batches(
        self, x: str, others: list[str], n_rows: int
    ) -> Iterator[tuple[list[str | None], list[Any]]]:
        """Yield batches of strings, None where one is missing, and of the other columns."""
        for texts, *kept in self._arrays([x, *others], n_rows):
            cells = texts.to_numpy(zero_copy_only=False).tolist()
            yield [cell if cell and not cell.isspace() else None for cell in cells], kept

    def typed(self, name: str, labels: Any) -> Any:
        """Return labels with the type of their column: integers, booleans or strings."""
        types, kind = _arrow().types, self._value_type(name)
        if types.is_boolean(kind):
            return labels == "True"
        return labels.astype("int64") if types.is_integer(kind) else labels

    def field(self, name: str) -> Any:
        """Return the name and the type of a column."""
        return self._schema.field(name)

    def _value_type(self, name: str) -> Any:
        kind = self._schema.field(name).type
        return kind.value_type if _arrow().types.is_dictionary(kind) else kind

    def _arrays(
        self, names: list[str], n_rows: int, groups: list[int] | None = None
    ) -> Iterator[list[Any]]:
        """Yield batches of arrays from the given row groups, or from all."""
        columns = list(dict.fromkeys(names))
        with _readable(self.path):
            for batch in self._file.iter_batches(n_rows, groups, columns):
                yield [batch.column(name) for name in names]


def is_parquet(path: str) -> bool:
    """Return whether a file is Parquet, by its name or its first bytes."""
    if path.lower().endswith(ENDINGS):
        return True
    try:
        with open(path, "rb") as file:
            return file.seekable() and file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


@contextmanager
def open_parquet(path: str) -> Iterator[ParquetTable]:
    """Open a file."""
    _check_bytes(path)
    parquet = _arrow().parquet
    with _readable(path):
        file = parquet.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
    with file:
        yield ParquetTable(path, file)


def write_parquet(file: BinaryIO, fields: list[Any], batches: Iterable[list[Any]]) -> int:
    """Write the batches; return the number of rows."""
    arrow, n = _arrow(), 0
    schema = arrow.schema(fields)
    with arrow.parquet.ParquetWriter(file, schema) as writer:
        for columns in batches:
            arrays = [_array(column, kind) for column, kind in zip(columns, schema.types)]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            n += len(arrays[0])
    return n


def field(name: str, values: Any) -> Any:
    """Return the name and the type of a column of these values."""
    return _arrow().field(name, _array(values).type)


def check_arrow() -> None:
    """Refuse Parquet where pyarrow is not installed."""
    _arrow()


def _array(values: Any, kind: Any = None) -> Any:
    """Make an array of a type; write characters that UTF-8 cannot encode as Python escapes."""
    arrow = _arrow()
    if isinstance(values, arrow.Array):
        return values
    try:
        return arrow.array(values, kind)
    except UnicodeEncodeError:
        return arrow.array([v.encode("utf-8", "backslashreplace").decode() for v in values], kind)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _arrow() -> Any:
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError:
        raise UserError("needs pyarrow for Parquet files: pip install pyarrow.") from None


def _unreadable(path: str) -> str:
    return f"needs a readable Parquet file, got {path!r}"


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Convert errors in reading to an error that the user can correct."""
    arrow = _arrow()
    try:
        yield
    except (OSError, UnicodeDecodeError, arrow.ArrowException) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise UserError(f"{_unreadable(path)}: it is damaged ({reason}).") from None


def _check_bytes(path: str) -> None:
    """Refuse a file that does not begin and end as a Parquet file."""
    try:
        with open(path, "rb") as file:
            first = file.read(len(MAGIC))
            file.seek(-min(len(MAGIC), file.seek(0, 2)), 2)
            last = file.read()
    except OSError as error:
        raise UserError(f"{_unreadable(path)}: {error.strerror}.") from None
    if first != MAGIC or last != MAGIC:
        reason = "it is cut off" if first == MAGIC else "it is not a Parquet file"
        raise UserError(f"{_unreadable(path)}: {reason}.")
