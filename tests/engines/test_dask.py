"""Dask with two worker processes: applying, searching, and workers that are killed."""

import pyarrow as pa
import pytest

from skrnn import BatchFunction, _model_source

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def client():
    from distributed import Client, LocalCluster

    workers = dict(n_workers=2, threads_per_worker=1, processes=True)
    with LocalCluster(**workers, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


def loads():
    """How often this process has loaded a model."""
    return _model_source._load.cache_info().misses


def test_the_recipe(client, run_recipe, check_countries):
    before = client.run(loads)
    table = run_recipe("dask")["table"]
    check_countries(pa.large_string())
    found = client.run(loads)
    assert {found[worker] - before[worker] for worker in found} == {1}
    assert table.npartitions == 20


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_the_declared_type_is_that_of_every_partition(client, method, model, strings):
    import dask.dataframe as dd

    function = BatchFunction("model.skrnn", method, column="name", output="found")
    table = dd.read_parquet("names.parquet").map_partitions(function)
    assert table.dtypes["found"] == function.pandas_dtype
    for part, names in zip(client.gather(client.compute(table.to_delayed())), strings):
        assert part["found"].dtype == function.pandas_dtype
        direct = getattr(model, method)(names).tolist() if names else []
        assert [row if isinstance(row, str) else list(row) for row in part["found"]] == direct


def test_a_column(client, model, strings):
    import dask.dataframe as dd

    column = dd.read_parquet("names.parquet")["name"].map_partitions(BatchFunction(model))
    assert column.compute().tolist() == model.predict(sum(strings, [])).tolist()
