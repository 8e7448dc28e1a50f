"""Ray Data with two actors: applying, and an actor that is killed."""

import pyarrow as pa
import pytest
from killing import KillingFunction

from skrnn import BatchFunction

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),  # of Ray, about itself
]


@pytest.fixture(scope="module")
def ray(workplace):
    import ray

    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)  # one reads the files
    ray.data.DataContext.get_current().use_datasource_v2 = False  # it makes one of small files
    yield ray
    ray.shutdown()


def test_the_recipe(ray, run_recipe, check_countries):
    run_recipe("ray")
    check_countries(pa.string())


def test_the_declared_type(ray, model):
    function = {"method": "predict_proba", "column": "name"}
    table = ray.data.read_parquet("names.parquet").map_batches(
        BatchFunction, fn_constructor_args=[model], fn_constructor_kwargs=function,
        batch_format="pyarrow", concurrency=2,
    )  # fmt: skip
    declared = BatchFunction(model, **function).arrow_type
    assert dict(zip(table.schema().names, table.schema().types))["probabilities"] == declared


def test_an_actor_killed_while_applying(ray, run_recipe, check_countries, killed):
    run_recipe("ray", KillingFunction)
    assert killed.exists()
    check_countries(pa.string())
