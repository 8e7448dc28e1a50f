"""Make the golden files of this version of the format: `python -m tests.golden.make`.

They are made once for each version of the format, and kept: `tests/test_golden.py` says that later
versions of the library load them. Out: for each cell a model and what it gave, as JSON.
"""

import json
from pathlib import Path

import numpy as np

import skrnn
from skrnn.datasets import load_names
from skrnn.files.container import VERSION

FOLDER = Path(__file__).parent
CELLS = ("rnn", "gru", "lstm")
ODD = [None, "", "Ünknown", "\ud83d", "\0", "東京"]


def main():
    """Fit, save, and write what is predicted."""
    names, countries = load_names(return_X_y=True)
    names, countries = names[::180].tolist(), countries[::180]
    for cell in CELLS:
        model = skrnn.RNNClassifier(
            8, cell=cell, ngram_range=(1, 2), ngram_size=8, max_iter=6, random_state=0
        )
        model.fit([*names, None, ""], np.r_[countries, ["?", "?"]])
        skrnn.save(model, FOLDER / f"v{VERSION}_{cell}.skrnn")
        x = names[:12] + ODD
        states, symbols = model.unroll(names[0])
        given = {
            "x": x,
            "classes": model.classes_.tolist(),
            "predict": model.predict(x).tolist(),
            "predict_proba": model.predict_proba(x).tolist(),
            "transform": model.encoder_.transform(x).astype(float).tolist(),
            "unroll": states.tolist(),
            "symbols": symbols,
            "explain": model.explain(names[1]).contributions.tolist(),
        }
        text = json.dumps(given, indent=0)
        (FOLDER / f"v{VERSION}_{cell}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
