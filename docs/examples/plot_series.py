"""
Series of unequal length
========================

Pass the series as a list of arrays of shape (T_i, d). They need not be scaled. The network reads
them in windows of several steps.
"""

# %%
# Two kinds of series
# -------------------
# The series have 20 to 59 steps. One kind oscillates ("swings"), the other drifts.
import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNClassifier
from skrnn.plots import ExplanationDisplay, UnrollDisplay

rng = np.random.default_rng(0)


def walk(swings):
    t = np.arange(rng.integers(20, 60))
    form = np.sin(t / 3 + rng.uniform(0, 6)) if swings else t / 20 * rng.choice([-1, 1])
    return (1000 + 50 * (form + rng.normal(scale=0.7, size=len(t))))[:, None]


y = np.array(["swings", "drifts"] * 60)
X = [walk(kind == "swings") for kind in y]

figure, ax = plt.subplots(figsize=(6, 2.5), layout="constrained")
for i, (x, kind) in enumerate(zip(X[:6], y)):
    label = kind if i < 2 else None
    ax.plot(x, color="C0" if kind == "swings" else "C1", label=label)
ax.legend(frameon=False, loc="upper left")
plt.show()

# %%
# Train a classifier
# ------------------
model = RNNClassifier(32, max_iter=15, random_state=0).fit(X[:80], y[:80])
print(f"accuracy on 40 test series: {model.score(X[80:], y[80:]):.2f}")

# %%
# The hidden states of one series
# -------------------------------
# Each column is the state after one window. Units 0 to 31 read forward, units 32 to 63 backward.
states, windows = model.unroll(X[80])
print(f"{len(X[80])} steps are read in {len(windows)} windows of {len(windows[0])}")
UnrollDisplay(states, windows).plot()

# %%
# The contribution of each step
# -----------------------------
# Each step has one contribution to the class score, although windows overlap: it is the sum over
# all windows that contain the step.
ExplanationDisplay.from_estimator(model, X[80])
plt.show()
