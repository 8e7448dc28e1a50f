"""Draw the picture of the README and of the first page: `python docs/picture.py`.

`unrolled.png` has a column for each name. In `_static/unrolled-phone.png` one name is under the
other.
"""

from pathlib import Path

import matplotlib.pyplot as plt

from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.plots import ExplanationDisplay, UnrollDisplay

HERE = Path(__file__).parent
NAMES = "Virtanen", "Esposito"


def draw(model, name, states, letters):
    """Draw the states of a name, and under them what each letter adds."""
    UnrollDisplay.from_estimator(model, name, ax=states)
    ExplanationDisplay.from_estimator(model, name, ax=letters)


names, country = load_names(return_X_y=True)
model = RNNClassifier(40, random_state=0).fit(names, country)

figure, axes = plt.subplots(2, 2, figsize=(9, 4), layout="constrained", height_ratios=[4, 1])
for name, (states, letters) in zip(NAMES, axes.T):
    draw(model, name, states, letters)
figure.savefig(HERE / "unrolled.png", dpi=110)

figure, axes = plt.subplots(
    4, 1, figsize=(4.2, 7), layout="constrained", height_ratios=[3, 1, 3, 1]
)
for name, (states, letters) in zip(NAMES, axes.reshape(2, 2)):
    draw(model, name, states, letters)
figure.savefig(HERE / "_static/unrolled-phone.png", dpi=180)
