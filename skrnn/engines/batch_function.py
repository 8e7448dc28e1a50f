"""`BatchFunction`: applies a fitted estimator to batches, for engines such as Dask and Spark.

In: a batch of strings, a column or a table of numpy, pandas, polars or pyarrow. Out: one result
for each row, a column of the same library, or the table with that column.
"""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from skrnn._base import BaseRecurrent
from skrnn.engines.column_types import ColumnType, name_of
from skrnn.engines.model_source import WHO, File, Pickle
from skrnn.input.messages import describe, short_repr
from skrnn.input.sequences import Array
from skrnn.input.values import is_frame
from skrnn.net.threads import limit_threads

OUTPUTS = {  # the default name of the column of results, for each method
    "predict": "prediction",
    "predict_proba": "probabilities",
    "decision_function": "scores",
    "transform": "vector",
}
LIBRARIES = ("numpy", "pandas", "polars", "pyarrow")
COLUMNS = "an array of numpy, a Series of pandas or polars, or an Array of pyarrow"
TABLES = "a DataFrame of pandas or polars, a Table or RecordBatch of pyarrow, or a dict of arrays"


class BatchFunction:
    """Apply a fitted estimator to batches of strings.

    Engines such as Dask, Ray Data, Spark, polars and DuckDB call a function for each batch of rows,
    in many processes. A `BatchFunction` is such a function: it can be pickled, and the type of its
    results is known before the first call.

    Parameters
    ----------
    model : str, PathLike or estimator
        The path of a file that `save` has written, or a fitted estimator. The model is an estimator
        of this library, or a `sklearn.pipeline.Pipeline` that begins with one, fitted on strings.
        The file must exist at this path for every process that calls the function. A process
        loads it at the first call, and maps it into memory. An estimator is pickled immediately,
        so later changes to it have no effect.
    method : {"predict", "predict_proba", "decision_function", "transform"}, default="predict"
        The method of the model that computes the results.
    column : str, default=None
        The column of strings of a table. If None, batches are columns and not tables.
    output : str, default=None
        The name of the column of results in a table. If None, it is "prediction",
        "probabilities", "scores" or "vector", depending on the method.

    Attributes
    ----------
    arrow_type : pyarrow.DataType
        Type of the results in pyarrow: string, int64, bool or double. If a result consists of
        several numbers, it is a list of double or float.
    pandas_dtype : numpy.dtype, pandas.StringDtype or pandas.ArrowDtype
        Dtype of the results in pandas. Lists have an ArrowDtype, which needs pyarrow.
    polars_dtype : polars.DataType
        Dtype of the results in polars.
    spark_type : str
        Type of the results in a schema of Spark, such as ``"array<double>"``.
    duckdb_type : str
        Type of the results in DuckDB, such as ``"DOUBLE[]"``.

    Raises
    ------
    TypeError
        If the model is not such an estimator, does not have the method or cannot be pickled, or if
        its results have no type that all engines support, such as classes of several types.
    NotFittedError
        If the model is not fitted.
    ValueError
        If an argument has an invalid value, the model was not fitted on strings, or `save` has not
        written the file.
    OSError
        If the file cannot be read.

    See Also
    --------
    save : Writes the file of a fitted estimator.

    Notes
    -----
    The function uses one thread, because engines run one worker per core. A process loads a model
    once, and keeps the last four models. If a file is replaced by that of another model, the
    function raises an error, because results of two models would be mixed.

    For an empty batch, the result is empty and has the declared type; the model is not called. The
    model treats missing strings as usual. A batch with only missing strings may have any type.

    Examples
    --------
    >>> import numpy as np
    >>> import skrnn
    >>> names = ["tanaka", "suzuki", "smith", "jones"] * 5
    >>> model = skrnn.RNNClassifier(nhidden=16, random_state=0)
    >>> model = model.fit(names, ["jp", "jp", "uk", "uk"] * 5)
    >>> country = skrnn.BatchFunction(model)
    >>> country(np.array(["tanaka", "jones"])).tolist()
    ['jp', 'uk']
    >>> country.spark_type
    'string'
    >>> skrnn.BatchFunction(model, "predict_proba", column="name").duckdb_type
    'DOUBLE[]'
    """

    def __init__(
        self,
        model: Any,
        method: Literal["predict", "predict_proba", "decision_function", "transform"] = "predict",
        *,
        column: str | None = None,
        output: str | None = None,
    ) -> None:
        _check_arguments(method, column, output)
        source = File.at(model) if isinstance(model, (str, os.PathLike)) else Pickle.of(model)
        estimator = source.load()
        _check_model(estimator, method)
        self.method, self.column, self._source = method, column, source
        self.output = OUTPUTS[method] if column is not None and output is None else output
        self._type = _type_of_results(estimator, method)

    def __repr__(self) -> str:
        table = "" if self.column is None else f", column={self.column!r}, output={self.output!r}"
        return f"BatchFunction({self._source}, {self.method!r}{table})"

    @property
    def arrow_type(self) -> Any:
        return self._type.arrow

    @property
    def pandas_dtype(self) -> Any:
        return self._type.pandas

    @property
    def polars_dtype(self) -> Any:
        return self._type.polars

    @property
    def spark_type(self) -> str:
        return self._type.spark

    @property
    def duckdb_type(self) -> str:
        return self._type.duckdb

    def __call__(self, batch: Any) -> Any:
        """Compute the results of a batch.

        Parameters
        ----------
        batch : column or table
            Without `column` an array of numpy, a Series of pandas or polars, or an Array or
            ChunkedArray of pyarrow. With `column` a DataFrame of pandas or polars, a Table or
            RecordBatch of pyarrow, or a dict of arrays.

        Returns
        -------
        results : column or table
            A column of the same library, with the same number and order of rows. It has the index
            and the name of the batch, if there are any. With `column`, the table with this column
            added as the last one.

        Raises
        ------
        TypeError
            If the batch has another type, or contains something other than strings.
        ValueError
            If a table does not have exactly one column with this name, or already has a column
            with the name of the results.
        OSError
            If the file of the model cannot be read.
        """
        is_table = isinstance(batch, dict) or is_frame(batch)
        library = _library_of(batch)
        if library is None or is_table == (self.column is None):
            raise self._wrong_batch(batch, is_table)
        return self._with_results(library, batch) if is_table else self._of_column(library, batch)

    def _of_column(self, library: str, column: Any) -> Any:
        """Return the results of a column as a column of the same library."""
        results = self._results(column) if len(column) else self._type.no_rows()
        if library == "pandas":
            return self._type.to_pandas(results, column.index, column.name)
        if library == "polars":
            return self._type.to_polars(results, column.name)
        return self._type.to_arrow(results) if library == "pyarrow" else results

    def _with_results(self, library: str, table: Any) -> Any:
        """Return a table with the results as its last column."""
        self._check_names(_names_of(library, table))
        results = self._of_column(library, table[self.column])
        if library == "pandas":
            return table.assign(**{str(self.output): results})
        if library == "polars":
            return table.with_columns(results.alias(self.output))
        if library == "pyarrow":
            return table.append_column(self.output, results)
        return {**table, self.output: results}

    def _results(self, column: Any) -> Array:
        return _compute(self._source.load(), self.method, column)

    def _check_names(self, names: list[Any]) -> None:
        """Check the names of the columns of a table."""
        if names.count(self.column) != 1:
            raise ValueError(
                f"{WHO} needs a table with one column {self.column!r}, got the columns "
                f"{short_repr(names, 100)}: set column to the name of the strings."
            )
        if self.output in names:
            raise ValueError(
                f"{WHO} needs a table without a column {self.output!r}, the name of its results, "
                f"got the columns {short_repr(names, 100)}: set output to another name."
            )

    def _wrong_batch(self, batch: Any, is_table: bool) -> TypeError:
        """Make the error about a batch of another form or library."""
        if is_table:
            needed, remedy = COLUMNS, "set column to the name of its strings"
        elif self.column is None:
            needed, remedy = COLUMNS, "make an array of it"
        else:
            needed, remedy = TABLES, "make a table of it, or leave column out"
        return TypeError(f"{WHO} needs {needed}, got {describe(batch)}: {remedy}.")


def _library_of(batch: Any) -> str | None:
    """Return the library of a batch; a dict contains numpy arrays."""
    if isinstance(batch, dict):
        return "numpy"
    roots = (cls.__module__.partition(".")[0] for cls in type(batch).__mro__)
    return next((root for root in roots if root in LIBRARIES), None)


def _names_of(library: str, table: Any) -> list[Any]:
    names = {"numpy": list, "pyarrow": lambda table: table.schema.names}
    return list(names.get(library, lambda table: table.columns)(table))


def _compute(model: Any, method: str, column: Any) -> Array:
    """Apply a model with one thread, whatever torch's number of threads is."""
    with limit_threads(1, usual=1):
        return np.asarray(getattr(model, method)(column))


def _type_of_results(model: Any, method: str) -> ColumnType:
    """Find the type of a model's results from its result for a missing string and its classes."""
    results = _compute(model, method, [None])
    one_class = method == "predict" and results.ndim == 1
    values = np.asarray(model.classes_) if one_class and hasattr(model, "classes_") else results
    name = name_of(values)
    if name is None or results.ndim > 2 or len(results) != 1:
        found = "results" if values is results else "classes"
        raise TypeError(
            f"{WHO} needs a model whose {found} are all strings, int64, bool or float, got "
            f"{describe(values)}: fit it on a y of one of these."
        )
    return ColumnType.of(results, name)


def _check_arguments(method: Any, column: Any, output: Any) -> None:
    """Check all arguments except the model."""
    if not isinstance(method, str) or method not in OUTPUTS:
        *some, last = (f'"{name}"' for name in OUTPUTS)
        raise ValueError(
            f"{WHO} needs method to be {', '.join(some)} or {last}, got {short_repr(method)}."
        )
    for name, value in {"column": column, "output": output}.items():
        if value is not None and not (isinstance(value, str) and value):
            raise TypeError(f"{WHO} needs {name} to be a name or None, got {describe(value)}.")
    if column is None and output is not None:
        raise ValueError(
            f"{WHO} needs column with output, because only tables have names, got "
            f"output={output!r}: set column to the name of the strings, or leave output out."
        )
    if column is not None and column == output:
        raise ValueError(
            f"{WHO} needs output to differ from column, got {column!r} for both: set "
            "output to another name."
        )


def _check_model(model: Any, method: str) -> None:
    """Refuse a model that is not a fitted estimator of this library for strings with the method."""
    first = model.steps[0][1] if isinstance(model, Pipeline) else model
    who = type(first).__name__
    if not isinstance(first, BaseRecurrent):
        raise TypeError(
            f"{WHO} needs model to be the name of a file that skrnn.save wrote, a fitted estimator "
            f"of skrnn or a Pipeline that begins with one, got {describe(first)}."
        )
    if not hasattr(first, "W_"):
        raise NotFittedError(
            f"{WHO} needs a fitted model, and this {who} is not: call its fit first."
        )
    if first.input_type_ != "strings":
        raise ValueError(
            f"{WHO} needs a model that was fitted on strings, got a {who} fitted on "
            f"{first.input_type_}: call its methods on your data."
        )
    if not hasattr(model, method):
        has = " or ".join(f'"{name}"' for name in OUTPUTS if hasattr(model, name))
        raise TypeError(
            f"{WHO} needs a model with the method {method!r}, got a {type(model).__name__}: set "
            f"method to {has}."
        )
