"""Draw the reliability curves of the page on probabilities: `python docs/calibration.py`."""

import re
from pathlib import Path

import matplotlib.pyplot as plt

DOCS = Path(__file__).parent
page = (DOCS / "tasks" / "probabilities.md").read_text(encoding="utf-8")
space = {}
for code in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S):
    exec(code, space)
labels = {
    "classifier": "RNNClassifier",
    "pipeline": "RNNEncoder, logistic regression",
    "calibrated": "the same, calibrated by temperature",
}
figure, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
ax.plot([0, 1], [0, 1], ":", color="grey")
for (name, label), style in zip(labels.items(), ("o-", "s-", "s--")):
    correct, p = space["curve"](space[name])
    ax.plot(p, correct, style, label=f"{label} (error {space['error'](space[name]):.2f})")
ax.set(xlabel="probability of the predicted class", ylabel="share of correct predictions")
ax.legend()
figure.savefig(DOCS / "tasks" / "calibration.png", dpi=110)
