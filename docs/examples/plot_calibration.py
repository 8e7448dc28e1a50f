"""
Are the probabilities right?
============================

Of all predictions made with a probability of 0.8, 80% should be right. The probabilities
of a network that is trained for too long are too high. ``max_iter="auto"``, the default, corrects
this, and so does ``CalibratedClassifierCV`` of scikit-learn 1.8 or later.
"""

# %%
# Three classifiers
# -----------------
# The first trains for 12 epochs and is not calibrated. The second divides the scores of the first
# by a temperature, which ``CalibratedClassifierCV`` finds on rows held out. The third has the
# default settings: it chooses the number of epochs and the temperature itself.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skrnn import RNNClassifier
from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
X, X_test, y, y_test = train_test_split(
    names, country, train_size=2000, test_size=5000, stratify=country, random_state=0
)
long = RNNClassifier(32, max_iter=12, random_state=0)
models = {
    "12 epochs": long,
    "12 epochs, calibrated": CalibratedClassifierCV(
        long, method="temperature", cv=2, ensemble=False
    ),
    "default": RNNClassifier(32, random_state=0),
}

# %%
# The reliability curve
# ---------------------
# Test names are put into ten groups by the probability of their predicted country. Below the
# diagonal, a model is overconfident.
figure, ax = plt.subplots(figsize=(5.5, 5), layout="constrained")
ax.plot([0, 1], [0, 1], color="0.7", linestyle="--")
for name, model in models.items():
    p = model.fit(X, y).predict_proba(X_test)
    right = model.classes_[p.argmax(axis=1)] == y_test
    groups = np.array_split(np.argsort(p.max(axis=1)), 10)
    ax.plot(
        [p.max(axis=1)[rows].mean() for rows in groups],
        [right[rows].mean() for rows in groups],
        "o-",
        label=f"{name}: log loss {log_loss(y_test, p):.2f}, accuracy {right.mean():.2f}",
    )
ax.set(xlabel="mean probability of the predicted country", ylabel="share of right predictions")
ax.legend(frameon=False, loc="upper left", fontsize=9)
plt.show()

# %%
# Calibration changes the probabilities, not the predictions. ``ensemble=False`` fits one network on
# all rows, and finds its temperature on predictions of networks that were fitted on parts of them.
