"""What the tests of engines share: files of names, a model, and the code of `docs/scale.md`.

These tests run with `pytest -m engines`, where `pip install -e ".[tests,engines]"` has installed
the engines. These are imported by the fixtures, so that the files can be read without them.
"""

import os
import re
import sys
from itertools import chain
from pathlib import Path
from shutil import rmtree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import skrnn
from skrnn import RNNClassifier
from skrnn.datasets import load_names

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
N_FILES, EMPTY, MISSING = 20, 3, 5  # and which of the files has no rows, and which no strings
SCHEMA = pa.schema({"id": pa.int64(), "name": pa.string()})


@pytest.fixture(scope="session")
def model():
    names, countries = load_names(return_X_y=True)
    model = RNNClassifier(16, max_iter=1, ngram_size=8, random_state=0)
    return model.fit(names[::10].tolist(), countries[::10])


@pytest.fixture(scope="session")
def strings():
    """The strings of each file: 100, some of them missing or empty, or none, or all missing."""
    names = load_names(return_X_y=True)[0].tolist()
    files = [names[i * 100 : (i + 1) * 100] for i in range(N_FILES)]
    for some in files:
        some[7], some[13] = None, ""
    files[EMPTY], files[MISSING] = [], [None] * 100
    return files


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory, model, strings):
    """A folder to be in, with a saved model and files of names, and what workers inherit.

    That is where the modules of these tests are, and when to kill themselves. Clusters start after
    this, so that their workers are in the same folder.
    """
    folder = tmp_path_factory.mktemp("engines")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        paths = [str(Path(__file__).parent), str(Path(skrnn.__file__).parents[1])]
        patch.setenv("PYTHONPATH", os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SKRNN_TESTS_DRIVER", str(os.getpid()))
        patch.setenv("SKRNN_TESTS_KILLED", str(folder / "killed"))
        skrnn.save(model, "model.skrnn")
        _write_names(folder / "names.parquet", strings)
        yield folder


def _write_names(folder, strings):
    folder.mkdir()
    first = 0
    for i, names in enumerate(strings):
        table = pa.table({"id": range(first, first + len(names)), "name": names}, SCHEMA)
        pq.write_table(table, folder / f"{i:02}.parquet")
        first += len(names)


@pytest.fixture(autouse=True)
def no_countries(workplace):
    """Remove what an earlier test has written."""
    path = workplace / "countries.parquet"
    if path.is_dir():
        rmtree(path)
    path.unlink(missing_ok=True)


@pytest.fixture
def killed():
    """The file that is there when a worker has been killed; it is not there yet."""
    path = Path(os.environ["SKRNN_TESTS_KILLED"])
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def run_recipe():
    """A function that runs the code of the page under a mark, with the names that it is given.

    `killing` puts a class that kills its worker in the place of the one of this library.
    """

    def run(name, killing=None, **given):
        text = PAGE.read_text(encoding="utf-8")
        code = re.search(rf"^<!-- recipe: {name} -->\n```python\n(.*?)^```", text, re.M | re.S)[1]
        if killing:
            own = killing.__mro__[1].__name__
            line = f"from killing import {killing.__name__} as {own}\n"
            code, n = re.subn(rf"^from skrnn import {own}\n", line, code, flags=re.M)
            assert n == 1
        exec(compile(code, f"recipe {name}", "exec"), given)
        return given

    return run


@pytest.fixture
def check_countries(model, strings):
    """A function that compares what a recipe has written with the predictions of the model."""

    def check(*types):
        table = pq.read_table("countries.parquet").sort_by("id")
        names = list(chain(*strings))
        assert table["id"].to_pylist() == list(range(len(names)))
        assert table["name"].to_pylist() == names
        assert table["country"].to_pylist() == model.predict(names).tolist()
        assert table.schema.field("country").type in types

    return check
