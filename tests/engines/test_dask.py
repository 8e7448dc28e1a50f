"""Dask with two worker processes: applying, searching, and workers that are killed."""

from itertools import chain

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from killing import KillingClassifier, KillingFunction
from sklearn.model_selection import GridSearchCV, cross_val_score

from skrnn import BatchFunction, RNNClassifier
from skrnn.datasets import load_names
from skrnn.engines import model_source
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.threads import usual_threads

pytestmark = pytest.mark.engines
SEARCHED = {"nhidden": [8, 16, 24]}


@pytest.fixture(scope="module")
def client(workplace):
    from distributed import Client, LocalCluster

    workers = dict(n_workers=2, threads_per_worker=1, processes=True)
    with LocalCluster(**workers, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


@pytest.fixture
def two_workers(client):
    """The client, when a worker that was killed before has been started again."""
    client.wait_for_workers(2, timeout=60)
    return client


def loads():
    """How often this process has loaded a model."""
    return model_source._load.cache_info().misses


def test_the_recipe(two_workers, run_recipe, check_countries):
    before = two_workers.run(loads)
    table = run_recipe("dask")["table"]
    check_countries(pa.large_string())
    found = two_workers.run(loads)
    assert {found[worker] - before[worker] for worker in found} == {1}
    assert table.npartitions == 20


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_the_declared_type_is_that_of_every_partition(two_workers, method, model, strings):
    import dask.dataframe as dd

    function = BatchFunction("model.skrnn", method, column="name", output="found")
    table = dd.read_parquet("names.parquet").map_partitions(function)
    assert table.dtypes["found"] == function.pandas_dtype
    for part, names in zip(two_workers.gather(two_workers.compute(table.to_delayed())), strings):
        assert part["found"].dtype == function.pandas_dtype
        direct = getattr(model, method)(names).tolist() if names else []
        assert [row if isinstance(row, str) else list(row) for row in part["found"]] == direct


def test_a_column(two_workers, model, strings):
    import dask.dataframe as dd

    column = dd.read_parquet("names.parquet")["name"].map_partitions(BatchFunction(model))
    assert column.compute().tolist() == model.predict(list(chain(*strings))).tolist()


def threads_while_predicting(function):
    """Say with how many threads a worker computes, where torch has two."""
    found, vectors = set(), FrozenNetwork.vectors

    def watched(*arguments):
        found.add((torch.get_num_threads(), usual_threads()))
        return vectors(*arguments)

    torch.set_num_threads(2)
    FrozenNetwork.vectors = watched
    try:
        function(np.array(["a", "b"]))
        return found, torch.get_num_threads()
    finally:
        FrozenNetwork.vectors = vectors
        torch.set_num_threads(1)


def test_a_worker_computes_with_one_thread(two_workers):
    found = two_workers.run(threads_while_predicting, BatchFunction("model.skrnn"))
    assert list(found.values()) == [({(1, 1)}, 2)] * 2


def test_a_worker_killed_while_applying(two_workers, run_recipe, check_countries, killed):
    run_recipe("dask", KillingFunction)
    assert killed.exists()
    check_countries(pa.large_string())


@pytest.fixture(scope="module")
def data():
    names, countries = load_names(return_X_y=True)
    return names[::30].tolist(), countries[::30]


@pytest.fixture(scope="module")
def serial(data):
    """The search of the recipe, without Dask."""
    return GridSearchCV(RNNClassifier(max_iter=2, random_state=0), SEARCHED, cv=3).fit(*data)


def assert_same(found, expected):
    """Compare the scores of all fits and the best model, bit by bit."""
    scores = [key for key in expected.cv_results_ if "test_score" in key]
    assert len(scores) == 6
    for key in scores:
        np.testing.assert_array_equal(found.cv_results_[key], expected.cv_results_[key])
    assert found.best_params_ == expected.best_params_
    for name in ("W_", "U_", "G_", "V_", "b_", "c_"):
        ours, others = (getattr(one.best_estimator_, name) for one in (found, expected))
        np.testing.assert_array_equal(ours, others)


class CountedString(str):
    """A string that counts how often it is pickled in this process."""

    __slots__ = ()
    pickled = 0

    def __reduce__(self):
        CountedString.pickled += 1
        return str, (str(self),)


FORMS = {
    "list": list,
    "array": lambda names: np.array(names, dtype=object),
    "Series": lambda names: pd.Series(names, dtype=object),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_search_of_the_recipe_sends_the_strings_once(
    form, two_workers, data, serial, run_recipe
):
    names, y = data
    X = FORMS[form]([CountedString(names[0]), *names[1:]])
    CountedString.pickled = 0
    assert_same(run_recipe("search", client=two_workers, X=X, y=y)["search"], serial)
    assert CountedString.pickled == 1


@pytest.mark.parametrize("form", FORMS)
def test_how_often_strings_are_sent_without_scatter(form, two_workers, data, serial):
    names, y = data
    X = FORMS[form]([CountedString(names[0]), *names[1:]])
    CountedString.pickled = 0
    model = RNNClassifier(max_iter=2, random_state=0)
    with joblib.parallel_config("dask"):
        assert_same(GridSearchCV(model, SEARCHED, cv=3).fit(X, y), serial)
    assert 9 <= CountedString.pickled <= 18 if form == "list" else CountedString.pickled == 1


def test_cross_validation(two_workers, data):
    names, y = data
    X, model = np.array(names, dtype=object), RNNClassifier(max_iter=1, random_state=0)
    expected = cross_val_score(model, X, y, cv=3)
    with joblib.parallel_config("dask"):
        np.testing.assert_array_equal(cross_val_score(model, X, y, cv=3), expected)


@pytest.mark.parametrize("form", ["list", "array"])
def test_a_worker_killed_in_a_search(form, two_workers, data, serial, run_recipe, killed):
    names, y = data
    given = {"client": two_workers, "X": FORMS[form](names), "y": y}
    found = run_recipe("search", KillingClassifier, **given)["search"]
    assert killed.exists()
    assert_same(found, serial)
