"""`BatchFunction` without an engine: columns and tables of each library, types, and sentences.

The engines themselves are in `tests/engines`.
"""

import os
import pickle
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import skrnn
from skrnn import BatchFunction, FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.engines import model_source as source

QUICK = {"max_iter": 2, "random_state": 0, "ngram_size": 4, "nhidden": 4}
NAMES = ["Smith", None, "Müller", "", "東京", "smith"] * 2
HALVES = np.arange(12) % 2


def classifier(y):
    return RNNClassifier(**QUICK).fit(NAMES, y)


MODELS = {  # the model, the method, and the types of arrow, Spark and DuckDB
    "strings": (
        lambda: classifier(np.array(["one", "zwei"])[HALVES]), "predict",
        pa.string(), "string", "VARCHAR",
    ),
    "strings as objects": (
        lambda: classifier(np.array(["one", "zwei"], dtype=object)[HALVES]), "predict",
        pa.string(), "string", "VARCHAR",
    ),
    "integers": (
        lambda: classifier(HALVES.astype(np.uint8)), "predict", pa.int64(), "bigint", "BIGINT",
    ),
    "booleans": (lambda: classifier(HALVES > 0), "predict", pa.bool_(), "boolean", "BOOLEAN"),
    "floats": (lambda: classifier(HALVES * 1.0), "predict", pa.float64(), "double", "DOUBLE"),
    "labels": (
        lambda: classifier(np.eye(3, dtype=int)[[0, 1, 2] * 4]), "predict",
        pa.list_(pa.int64()), "array<bigint>", "BIGINT[]",
    ),
    "number": (
        lambda: RNNRegressor(**QUICK).fit(NAMES, np.arange(12.0)), "predict",
        pa.float64(), "double", "DOUBLE",
    ),
    "numbers": (
        lambda: RNNRegressor(**QUICK).fit(NAMES, np.arange(24.0).reshape(12, 2)), "predict",
        pa.list_(pa.float64()), "array<double>", "DOUBLE[]",
    ),
    "probabilities": (
        lambda: classifier(HALVES), "predict_proba",
        pa.list_(pa.float64()), "array<double>", "DOUBLE[]",
    ),
    "score": (lambda: classifier(HALVES), "decision_function", pa.float64(), "double", "DOUBLE"),
    "scores": (
        lambda: classifier(np.arange(12) % 3), "decision_function",
        pa.list_(pa.float64()), "array<double>", "DOUBLE[]",
    ),
    "vectors": (
        lambda: RNNEncoder(**QUICK).fit(NAMES, HALVES), "transform",
        pa.list_(pa.float32()), "array<float>", "FLOAT[]",
    ),
    "vectors in double precision": (
        lambda: FixedEncoder(U="onehot").fit(NAMES), "transform",
        pa.list_(pa.float64()), "array<double>", "DOUBLE[]",
    ),
    "pipeline": (
        lambda: make_pipeline(RNNEncoder(**QUICK), LogisticRegression()).fit(NAMES, HALVES),
        "predict", pa.int64(), "bigint", "BIGINT",
    ),
}  # fmt: skip
POLARS = {
    pa.string(): pl.String, pa.int64(): pl.Int64, pa.bool_(): pl.Boolean,
    pa.float64(): pl.Float64, pa.float32(): pl.Float32,
}  # fmt: skip
BATCHES = {
    "numpy": [
        np.array(NAMES, dtype=object), np.array(["Smith", "東京"]), np.array([], dtype=object),
        np.full(3, None), np.full(3, np.nan), np.array([]),
    ],
    "pandas": [
        pd.Series(NAMES, index=range(5, 17), name="name"), pd.Series(NAMES, dtype="category"),
        pd.Series([], dtype=object, name="name"), pd.Series([], dtype="float64"),
        pd.Series([None] * 3, dtype=object), pd.Series([np.nan] * 3, index=list("abc")),
    ],
    "polars": [
        pl.Series("name", NAMES), pl.Series("name", NAMES, pl.Categorical),
        pl.Series("name", [], pl.String), pl.Series("name", [None] * 3, pl.String),
        pl.Series("name", [None] * 3, pl.Null), pl.Series("name", [], pl.Null),
    ],
    "pyarrow": [
        pa.array(NAMES), pa.array(NAMES, pa.large_string()), pa.array(NAMES).dictionary_encode(),
        pa.chunked_array([NAMES[:5], [], NAMES[5:]]), pa.array([], pa.string()),
        pa.chunked_array([], pa.string()), pa.nulls(3, pa.string()), pa.nulls(3), pa.nulls(0),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def models():
    made = {}
    return lambda name: made[name] if name in made else made.setdefault(name, MODELS[name][0]())


def expected(model, method, cells):
    """What the model gives for some strings."""
    return np.asarray(getattr(model, method)(cells)).tolist() if cells else []


def rows(column):
    """The cells of a column of any library, with lists for arrays."""
    method = next(name for name in ("to_pylist", "to_list", "tolist") if hasattr(column, name))
    cells = getattr(column, method)()
    return [cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in cells]


def type_of(column):
    return column.type if isinstance(column, (pa.Array, pa.ChunkedArray)) else column.dtype


def declared(f, library):
    return {"polars": f.polars_dtype, "pyarrow": f.arrow_type, "pandas": f.pandas_dtype}[library]


@pytest.mark.parametrize("library", BATCHES)
@pytest.mark.parametrize("name", MODELS)
def test_columns_of_each_library(name, library, models):
    model, method = models(name), MODELS[name][1]
    f = pickle.loads(pickle.dumps(BatchFunction(model, method)))
    for batch in BATCHES[library]:
        found = f(batch)
        assert rows(found) == expected(model, method, rows(batch))
        assert type(found).__module__.partition(".")[0] == library
        if library != "numpy":
            assert type_of(found) == declared(f, library)
        if library == "pandas":
            pd.testing.assert_index_equal(found.index, batch.index)
        if library in ("pandas", "polars"):
            assert found.name == batch.name


def test_an_array_of_numpy_is_what_the_model_gives(models):
    for name, (_, method, *_) in MODELS.items():
        f, some, none = BatchFunction(models(name), method), np.array(["a", "b"]), np.array([])
        found, direct = f(some), getattr(models(name), method)(some)
        np.testing.assert_array_equal(found, direct)
        assert found.dtype == f(none).dtype == direct.dtype
        assert f(none).shape == (0, *direct.shape[1:])


@pytest.mark.parametrize("name", MODELS)
def test_the_declared_types(name, models):
    _, method, arrow, spark, duckdb = MODELS[name]
    f = BatchFunction(models(name), method)
    assert (f.arrow_type, f.spark_type, f.duckdb_type) == (arrow, spark, duckdb)
    several = pa.types.is_list(arrow)
    value = POLARS[arrow.value_type if several else arrow]
    assert f.polars_dtype == (pl.List(value) if several else value)
    plain = {pa.string(): pd.Series(["a"]).dtype}.get(arrow) or arrow.to_pandas_dtype()
    assert f.pandas_dtype == (pd.ArrowDtype(arrow) if several else plain)


def tables(column):
    """Tables of each library with a column of strings between others."""
    columns = {"id": list(range(len(column))), "name": column, "x": [0.5] * len(column)}
    schema = pa.schema({"id": pa.int64(), "name": pa.string(), "x": pa.float64()})
    table = pa.table(columns, schema)
    arrays = {key: np.array(values, dtype=object) for key, values in columns.items()}
    yield table
    yield (
        table.combine_chunks().to_batches()[0] if column else pa.RecordBatch.from_pylist([], schema)
    )
    yield pd.DataFrame(columns, index=range(3, 3 + len(column)))
    yield pl.DataFrame(columns, {"id": pl.Int64, "name": pl.String, "x": pl.Float64})
    yield arrays


@pytest.mark.parametrize("column", [NAMES, [None] * 3, []], ids=["names", "missing", "empty"])
@pytest.mark.parametrize("name", ["strings", "probabilities"])
def test_tables_of_each_library(name, column, models):
    model, method = models(name), MODELS[name][1]
    f = BatchFunction(model, method, column="name", output="found")
    for table in tables(column):
        before, result = pickle.dumps(table), f(table)
        assert type(result) is type(table)
        assert pickle.dumps(table) == before
        names = getattr(result, "column_names", None) or getattr(result, "columns", result)
        assert list(names) == ["id", "name", "x", "found"]
        assert rows(result["found"]) == expected(model, method, column)
        if isinstance(table, pd.DataFrame):
            pd.testing.assert_frame_equal(result[table.columns], table)
        elif isinstance(table, pl.DataFrame):
            assert result.schema["found"] == f.polars_dtype
        elif not isinstance(table, dict):
            assert result.schema.field("found").type == f.arrow_type


def test_what_the_results_are_called(models):
    table = pd.DataFrame({"name": ["a"]})
    for name, method, column in [
        ("strings", "predict", "prediction"),
        ("strings", "predict_proba", "probabilities"),
        ("strings", "decision_function", "scores"),
        ("vectors", "transform", "vector"),
    ]:
        f = BatchFunction(models(name), method, column="name")
        assert list(f(table)) == ["name", column] and f.output == column


@pytest.fixture
def path(tmp_path, models):
    path = tmp_path / "model.skrnn"
    skrnn.save(models("strings"), path)
    return path


def test_a_process_loads_a_file_once(path, models):
    batch = np.array(NAMES, dtype=object)
    f = BatchFunction(path)
    before = source._load.cache_info().misses
    sent = pickle.dumps(f)
    assert len(sent) < 1000
    for _ in range(5):
        assert pickle.loads(sent)(batch).tolist() == models("strings").predict(NAMES).tolist()
    assert source._load.cache_info().misses == before


def test_a_process_unpickles_an_estimator_once(models):
    f = BatchFunction(models("strings"))
    before, sent = source._unpickle.cache_info().misses, pickle.dumps(f)
    for _ in range(5):
        pickle.loads(sent)(np.array(["a"]))
    assert source._unpickle.cache_info().misses == before


def test_a_file_is_found_from_another_folder(path, monkeypatch, tmp_path):
    monkeypatch.chdir(path.parent)
    f = BatchFunction("model.skrnn")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(f(np.array(["a"]))) == 1


def test_a_replaced_file_is_loaded_anew_but_not_mixed_with_the_older(path, models):
    f = BatchFunction(path)
    skrnn.save(models("integers"), path)
    with pytest.raises(ValueError) as error:
        f(np.array(["a"]))
    assert str(error.value) == (
        f"skrnn.BatchFunction needs the file that it was made with, and {str(path)!r} now "
        "holds another model: make a new function, and save each model under its own name."
    )
    assert BatchFunction(path)(np.array(["a"])).dtype == np.uint8
    skrnn.save(models("strings"), path)
    os.utime(path, ns=(1, 1))
    assert f(np.array(["a"]))[0] in ("one", "zwei")


def test_a_file_that_is_missing_on_a_worker(path):
    f = BatchFunction(path)
    path.unlink()
    with pytest.raises(FileNotFoundError) as error:
        f(np.array(["a"]))
    assert str(error.value) == (
        "skrnn.BatchFunction needs the file of the model on every machine that computes, and "
        f"there is no {str(path)!r} here: save it where all can read it, or pass the estimator "
        "itself."
    )


def test_later_changes_to_an_estimator_do_not_count(models):
    model = classifier(np.array(["one", "two"])[HALVES])
    f, before = BatchFunction(model), model.predict(NAMES).tolist()
    model.fit(NAMES, HALVES)
    assert f(np.array(NAMES, dtype=object)).tolist() == before


def test_it_computes_with_one_thread_and_leaves_the_number_of_torch(monkeypatch):
    """A net of this size would share its products."""
    model = RNNClassifier(512, max_iter=1, random_state=0).fit(["ab", "ba"] * 4, [0, 1] * 4)
    batch, set_to, known = np.array([f"ab{i}" for i in range(300)]), [], torch.set_num_threads
    before = torch.get_num_threads()
    known(2)
    try:
        monkeypatch.setattr(torch, "set_num_threads", lambda n: (set_to.append(n), known(n)))
        model.predict(batch)
        assert 2 in set_to[:-1]
        f = BatchFunction(model)
        set_to.clear()
        f(batch)
        assert set(set_to[:-1]) == {1} and torch.get_num_threads() == 2
    finally:
        known(before)


def test_how_it_is_shown(path, models):
    assert repr(BatchFunction(path)) == f"BatchFunction({str(path)!r}, 'predict')"
    f = BatchFunction(models("vectors"), "transform", column="name")
    assert repr(f) == "BatchFunction(RNNEncoder, 'transform', column='name', output='vector')"


FORMS = "an array of numpy, a Series of pandas or polars, or an Array of pyarrow"
WRONG_BATCHES = [
    (None, ["a"], f"skrnn.BatchFunction needs {FORMS}, got a list ['a']: make an array of it."),
    (None, "a", f"skrnn.BatchFunction needs {FORMS}, got a str 'a': make an array of it."),
    (
        None, pd.DataFrame({"name": ["a"]}),
        f"skrnn.BatchFunction needs {FORMS}, got a DataFrame of shape (1, 1): set column to the "
        "name of its strings.",
    ),
    (
        "name", pd.Series(["a"], dtype=object),
        "skrnn.BatchFunction needs a DataFrame of pandas or polars, a Table or RecordBatch of "
        "pyarrow, or a dict of arrays, got a Series of shape (1,) and dtype object: make a table "
        "of it, or leave column out.",
    ),
    (
        "name", pl.DataFrame({"names": ["a"]}),
        "skrnn.BatchFunction needs a table with one column 'name', got the columns ['names']: set "
        "column to the name of the strings.",
    ),
    (
        "name", pa.table([["a"], ["b"]], ["name", "name"]),
        "skrnn.BatchFunction needs a table with one column 'name', got the columns "
        "['name', 'name']: set column to the name of the strings.",
    ),
    (
        "name", {"name": np.array(["a"]), "prediction": np.array([1])},
        "skrnn.BatchFunction needs a table without a column 'prediction', the name of its results, "
        "got the columns ['name', 'prediction']: set output to another name.",
    ),
    (
        "name", pd.DataFrame({"name": [1]}),
        "RNNClassifier was fitted on strings, got numbers: give X the form it had in fit.",
    ),
]  # fmt: skip


@pytest.mark.parametrize("column, batch, sentence", WRONG_BATCHES)
def test_sentences_about_batches(column, batch, sentence, models):
    f = BatchFunction(models("strings"), column=column)
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(sentence)}$"):
        f(batch)


MODEL = "skrnn.BatchFunction needs model to be the name of a file that skrnn.save wrote, a fitted"
WRONG_ARGUMENTS = [
    (
        "strings", {"method": "fit"}, ValueError,
        'skrnn.BatchFunction needs method to be "predict", "predict_proba", "decision_function" '
        "or \"transform\", got 'fit'.",
    ),
    (
        "strings", {"method": "transform"}, TypeError,
        "skrnn.BatchFunction needs a model with the method 'transform', got a RNNClassifier: set "
        'method to "predict" or "predict_proba" or "decision_function".',
    ),
    (
        "strings", {"column": 3}, TypeError,
        "skrnn.BatchFunction needs column to be a name or None, got an int 3.",
    ),
    (
        "strings", {"output": "found"}, ValueError,
        "skrnn.BatchFunction needs column with output, because only tables have names, "
        "got output='found': set column to the name of the strings, or leave output out.",
    ),
    (
        "strings", {"column": "name", "output": "name"}, ValueError,
        "skrnn.BatchFunction needs output to differ from column, got 'name' for both: set "
        "output to another name.",
    ),
    (
        lambda: LogisticRegression(), {}, TypeError,
        f"{MODEL} estimator of skrnn or a Pipeline that begins with one, got a LogisticRegression "
        "LogisticRegression().",
    ),
    (
        lambda: 7, {}, TypeError,
        f"{MODEL} estimator of skrnn or a Pipeline that begins with one, got an int 7.",
    ),
    (
        lambda: make_pipeline(LogisticRegression()), {}, TypeError,
        f"{MODEL} estimator of skrnn or a Pipeline that begins with one, got a LogisticRegression "
        "LogisticRegression().",
    ),
    (
        RNNRegressor, {}, NotFittedError,
        "skrnn.BatchFunction needs a fitted model, and this RNNRegressor is not: call its fit "
        "first.",
    ),
    (
        lambda: RNNClassifier(**QUICK).fit([["a"], ["b"]] * 4, [0, 1] * 4), {}, ValueError,
        "skrnn.BatchFunction needs a model that was fitted on strings, got a RNNClassifier fitted "
        "on tokens: call its methods on your data.",
    ),
    (
        lambda: RNNClassifier(**QUICK, analyzer=lambda text: [text]).fit(NAMES, HALVES), {},
        TypeError,
        "skrnn.BatchFunction needs a model that can be pickled, got a RNNClassifier that cannot be "
        "(REASON): define its functions at the top of a module.",
    ),
    (
        lambda: classifier(np.array([1, 2], dtype=np.uint64)[HALVES]), {}, TypeError,
        "skrnn.BatchFunction needs a model whose classes are all strings, int64, bool or float, "
        "got an array of shape (2,) and dtype uint64: fit it on a y of one of these.",
    ),
]  # fmt: skip


@pytest.mark.parametrize("model, arguments, kind, sentence", WRONG_ARGUMENTS)
def test_sentences_about_arguments(model, arguments, kind, sentence, models):
    with pytest.raises(kind) as error:
        BatchFunction(models(model) if isinstance(model, str) else model(), **arguments)
    reason = error.value.__cause__  # of pickle, which has other words in other versions
    assert str(error.value).replace(f"({reason})", "(REASON)") == sentence


def test_sentences_about_files(tmp_path):
    for name, kind in {"": ValueError, "nowhere": FileNotFoundError}.items():
        with pytest.raises(kind, match=r"^skrnn\.BatchFunction needs "):
            BatchFunction(tmp_path / name if name else name)
    (tmp_path / "other").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"^skrnn\.load needs a file that skrnn\.save wrote"):
        BatchFunction(tmp_path / "other")
