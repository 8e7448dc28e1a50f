"""polars and DuckDB, which compute with threads of this process."""

import polars as pl
import pyarrow as pa
import pytest

from skrnn import BatchFunction

pytestmark = pytest.mark.engines
METHODS = ["predict", "predict_proba", "decision_function"]


def test_the_recipe_of_polars(run_recipe, check_countries):
    run_recipe("polars")
    check_countries(pa.large_string())


def test_the_recipe_of_duckdb(run_recipe, check_countries):
    run_recipe("duckdb")
    check_countries(pa.string())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_the_declared_type_of_polars(engine, method, model, strings):
    function = BatchFunction(model, method)
    column = pl.col("name").map_batches(
        function, return_dtype=function.polars_dtype, is_elementwise=True
    )
    table = pl.scan_parquet("names.parquet").select("id", found=column).sort("id")
    assert table.collect_schema()["found"] == function.polars_dtype
    result = table.collect(engine=engine)
    assert result.schema["found"] == function.polars_dtype
    names = [name for some in strings for name in some]
    assert result["found"].to_list() == getattr(model, method)(names).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_the_declared_type_of_duckdb(method, model, strings):
    import duckdb

    function = BatchFunction(model, method)
    with duckdb.connect() as con:
        con.create_function(
            "f", function, ["VARCHAR"], function.duckdb_type, type="arrow",
            null_handling="special",
        )  # fmt: skip
        table = con.sql("SELECT id, f(name) AS found FROM 'names.parquet/*.parquet' ORDER BY id")
        assert [str(type) for type in table.types] == ["BIGINT", function.duckdb_type]
        found = [row[1] for row in table.fetchall()]
    names = [name for some in strings for name in some]
    assert found == getattr(model, method)(names).tolist()
