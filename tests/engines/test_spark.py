"""Spark with two Python workers: applying, and a worker that is killed."""

import pyarrow as pa
import pytest
from killing import KillingFunction

from skrnn import BatchFunction

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas >= 3"),
]


@pytest.fixture(scope="module")
def spark(workplace):
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.files.openCostInBytes": 1,  # so that there are several tasks for small files
        "spark.sql.files.minPartitionNum": 4,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    spark = SparkSession.builder.master("local[2,4]").config(map=settings).getOrCreate()
    yield spark
    spark.stop()


def test_the_recipe(spark, run_recipe, check_countries):
    table = run_recipe("spark", spark=spark)["table"]
    check_countries(pa.string())
    assert table.rdd.getNumPartitions() >= 4


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_frames_of_pandas_and_the_declared_type(spark, method, model, strings):
    function = BatchFunction("model.skrnn", method, column="name", output="found")
    table = spark.read.parquet("names.parquet").mapInPandas(
        lambda batches: map(function, batches),
        f"id bigint, name string, found {function.spark_type}",
    )
    assert table.schema["found"].dataType.simpleString() == function.spark_type
    found = [row["found"] for row in sorted(table.collect())]
    names = [name for some in strings for name in some]
    assert found == getattr(model, method)(names).tolist()


def test_a_worker_killed_while_applying(spark, run_recipe, check_countries, killed):
    run_recipe("spark", KillingFunction, spark=spark)
    assert killed.exists()
    check_countries(pa.string())
