"""The bundled names, and the script that makes them."""

import gzip
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skrnn.datasets import load_names


def test_a_bunch_of_names():
    names = load_names()
    assert names.data.shape == names.target.shape == (14910,)
    assert len(names.target_names) == 18
    assert names.target_names.tolist() == sorted(set(names.target.tolist()))
    assert names.frame is None
    assert "14,910 pairs" in names.DESCR and "MIT licence" in names.DESCR
    assert Path(names.filename).stat().st_size < 200_000
    pairs = set(zip(names.data.tolist(), names.target.tolist()))
    assert len(pairs) == 14910
    assert {("'s Gravensande", "Netherlands"), ("Žunec", "Croatia")} <= pairs


def test_names_are_written_in_the_latin_script():
    import unicodedata

    letters = {c for name in load_names().data.tolist() for c in name if c.isalpha()}
    assert all("LATIN" in unicodedata.name(c) for c in letters)


def test_return_X_y_and_as_frame():
    X, y = load_names(return_X_y=True)
    frame = load_names(as_frame=True)
    assert isinstance(frame.data, pd.DataFrame) and list(frame.data.columns) == ["name"]
    assert frame.frame.shape == (14910, 2)
    np.testing.assert_array_equal(frame.data["name"].to_numpy(dtype=object), X.astype(object))
    pd.testing.assert_series_equal(load_names(return_X_y=True, as_frame=True)[1], frame.target)
    assert frame.target.tolist() == y.tolist()


def test_the_script_reproduces_the_file(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import make_names

    written = gzip.decompress(make_names.FILE.read_bytes()).decode("utf-8")
    version = written.split("\n", 1)[0].split(",")[1]
    if metadata.version("faker") != version:
        pytest.skip(f"the file is made from Faker {version}, which is not the one installed")
    assert make_names.make_csv() == written
