"""Draw the picture of the README and of the first page: `python docs/picture.py`."""

from pathlib import Path

import matplotlib.pyplot as plt

from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.plots import ExplanationDisplay, UnrollDisplay

names, country = load_names(return_X_y=True)
model = RNNClassifier(40, random_state=0).fit(names, country)
figure, axes = plt.subplots(
    2, 2, figsize=(9, 4), layout="constrained", gridspec_kw={"height_ratios": [4, 1]}
)
for name, column in zip(("Virtanen", "Esposito"), axes.T):
    UnrollDisplay.from_estimator(model, name, ax=column[0])
    ExplanationDisplay.from_estimator(model, name, ax=column[1])
figure.savefig(Path(__file__).with_name("unrolled.png"), dpi=110)
