"""The type of a column of results, and its name in each library.

In: an array of results, one for each row. Out: its type, and a column of that type in numpy,
pandas, polars or pyarrow. A library is imported only when it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from skrnn.input.sequences import Array


class _Names(NamedTuple):
    """The names of a type of values in each library."""

    pandas: str
    arrow: str
    polars: str
    spark: str
    duckdb: str


NAMES = {
    "string": _Names("str", "string", "String", "string", "VARCHAR"),
    "int64": _Names("int64", "int64", "Int64", "bigint", "BIGINT"),
    "bool": _Names("bool", "bool_", "Boolean", "boolean", "BOOLEAN"),
    "float64": _Names("float64", "float64", "Float64", "double", "DOUBLE"),
    "float32": _Names("float32", "float32", "Float32", "float", "FLOAT"),
}


@dataclass(frozen=True)
class ColumnType:
    """The type of a column: of values, or of lists of values with the same length."""

    values: str  # a key of NAMES
    dtype: np.dtype[Any]  # of the array of results
    shape: tuple[int, ...]  # of the result for a row: (), or (n,)

    @classmethod
    def of(cls, results: Array, values: str) -> ColumnType:
        """Return the type of an array of results; `values` is a key of NAMES."""
        return cls(values, results.dtype, results.shape[1:])

    @property
    def _names(self) -> _Names:
        return NAMES[self.values]

    @property
    def arrow(self) -> Any:
        """The type of pyarrow."""
        import pyarrow as pa

        value = getattr(pa, self._names.arrow)()
        return pa.list_(value) if self.shape else value

    @property
    def pandas(self) -> Any:
        """The dtype of pandas; lists have one of pyarrow."""
        import pandas as pd

        return (
            pd.ArrowDtype(self.arrow) if self.shape else pd.Series(dtype=self._names.pandas).dtype
        )

    @property
    def polars(self) -> Any:
        """The dtype of polars."""
        import polars as pl

        value = getattr(pl, self._names.polars)
        return pl.List(value) if self.shape else value()

    @property
    def spark(self) -> str:
        """The type in a schema of Spark."""
        return f"array<{self._names.spark}>" if self.shape else self._names.spark

    @property
    def duckdb(self) -> str:
        """The type in SQL of DuckDB."""
        return self._names.duckdb + "[]" * len(self.shape)

    def no_rows(self) -> Array:
        """Return the results for no rows."""
        return np.empty((0, *self.shape), self.dtype)

    def to_pandas(self, results: Array, index: Any, name: Any) -> Any:
        """Make a column with an index and a name."""
        import pandas as pd

        values = pd.arrays.ArrowExtensionArray(self.to_arrow(results)) if self.shape else results
        return pd.Series(values, index, self.pandas, name)

    def to_polars(self, results: Array, name: str) -> Any:
        """Make a column with a name."""
        import polars as pl

        if results.dtype.kind in "UO" or not len(results):
            return pl.Series(name, results.tolist(), self.polars)
        return pl.Series(name, results).cast(self.polars)

    def to_arrow(self, results: Array) -> Any:
        """Make an array of pyarrow."""
        import pyarrow as pa

        if not self.shape:
            return pa.array(results, self.arrow)
        ends = np.arange(len(results) + 1) * self.shape[0]
        values = pa.array(results.ravel(), self.arrow.value_type)
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values)


def name_of(values: Array) -> str | None:
    """Return the key of NAMES for the type of some values, or None."""
    if values.dtype.kind == "O":
        types = {str if isinstance(value, str) else type(value) for value in values.flat}
        values = np.array(values.tolist()) if len(types) == 1 else values
    if values.dtype.kind == "U":
        return "string"
    if values.dtype.kind in "iu" and np.can_cast(values.dtype, np.int64):
        return "int64"
    return values.dtype.name if values.dtype.name in ("bool", "float64", "float32") else None
