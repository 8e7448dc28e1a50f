"""
A prediction, letter by letter
==============================

Two ways to see how a prediction is made: what each letter adds to the final score, and what the
model would predict if the name ended after each letter.
"""

# %%
# A classifier
# ------------
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.plots import ExplanationDisplay

names, country = load_names(return_X_y=True)
X, X_test, y, y_test = train_test_split(names, country, train_size=6000, random_state=0)
model = RNNClassifier(32, random_state=0).fit(X, y)
print(f"accuracy on test names: {model.score(X_test, y_test):.2f}")

# %%
# As the name grows
# -----------------
# The probabilities of all beginnings of a name, for the countries that are likely at some point.


def plot_beginnings(name, ax):
    beginnings = [name[: i + 1] for i in range(len(name))]
    p = model.predict_proba(beginnings)
    for k in np.argsort(-p.max(axis=0))[:4]:
        ax.plot(p[:, k], "o-", label=model.classes_[k], linewidth=1 + 2 * p[-1, k])
    ax.set_xticks(range(len(name)), name)
    ax.set(ylim=(0, 1), ylabel="probability")
    ax.legend(frameon=False, loc="upper left", fontsize=9)


figure, axes = plt.subplots(2, 1, figsize=(6, 5.5), layout="constrained")
for name, ax in zip(["Johansson", "Virtanen"], axes):
    plot_beginnings(name, ax)

# %%
# What each letter adds
# ---------------------
# Red letters raise the score of the predicted country, blue letters lower it. The contributions
# add up to the score minus the baseline.
ExplanationDisplay(model.explain("Johansson"))

# %%
# Pass a class to ask about another country: why not Estonia?
ExplanationDisplay(model.explain("Johansson", "Estonia"))

# %%
# All countries at once
# ---------------------
# A row for each country, a column for each letter.
rows = np.array([model.explain("Johansson", label).contributions for label in model.classes_])
figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
image = ax.imshow(rows, cmap="RdBu_r", vmin=-abs(rows).max(), vmax=abs(rows).max(), aspect="auto")
ax.set_xticks(range(rows.shape[1]), "Johansson")
ax.set_yticks(range(len(rows)), model.classes_)
figure.colorbar(image, label="adds to the score")
plt.show()
