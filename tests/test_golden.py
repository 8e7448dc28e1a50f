"""Golden files: models that earlier versions saved are loaded, and give what they gave.

Classes and symbols are the same; numbers agree to five digits, as their last bits depend on the
processor and on the version of torch. `tests/golden/make.py` has made the files.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import skrnn
from skrnn.files.container import VERSION

FOLDER = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("*.skrnn"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_model_of_an_earlier_version_gives_what_it_gave(path):
    given = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    model, x = skrnn.load(path), given["x"]
    assert model.classes_.tolist() == given["classes"]
    assert model.predict(x).tolist() == given["predict"]
    states, symbols = model.unroll(x[0])
    assert symbols == given["symbols"]
    for name, found in {
        "predict_proba": model.predict_proba(x),
        "transform": model.encoder_.transform(x),
        "unroll": states,
        "explain": model.explain(x[1]).contributions,
    }.items():
        np.testing.assert_allclose(found, given[name], rtol=1e-5, atol=1e-5, err_msg=name)


def test_each_cell_and_version_has_a_small_file():
    names = {f"v{v}_{cell}" for v in range(1, VERSION + 1) for cell in ("rnn", "gru", "lstm")}
    assert {path.stem for path in FILES} == names
    assert max(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 50_000
