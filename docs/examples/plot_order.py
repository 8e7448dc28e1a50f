"""
When order decides
==================

Did "a" come before "b"? N-grams can tell as long as both letters fit into one n-gram. A recurrence
remembers the first letter until it reads the second.
"""

# %%
# One question, many distances
# ----------------------------
# Each string has one "a" and one "b" among twenty other letters. The class says which of them
# comes first.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier

rng = np.random.default_rng(0)


def strings(n):
    letters = rng.choice(list("cdef"), (n, 22))
    for row in letters:
        row[rng.choice(22, 2, replace=False)] = "a", "b"
    return np.array(["".join(row) for row in letters])


def answers(X):
    a, b = np.char.find(X, "a"), np.char.find(X, "b")
    return np.where(a < b, "a first", "b first"), np.abs(a - b)


X, X_test = strings(2000), strings(4000)
(y, _), (y_test, distance) = answers(X), answers(X_test)
print(*(f"{x}  {label}" for x, label in zip(X[:3], y)), sep="\n")

# %%
# Accuracy against distance
# -------------------------
# TF-IDF counts n-grams of up to five letters. The farther "a" and "b" are apart, the rarer is each
# n-gram that contains both, and from a distance of five on there is none. The recurrence is right
# at any distance.
models = {
    "TF-IDF of n-grams": make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 5)), LogisticRegression(C=100)
    ),
    "RNNClassifier": RNNClassifier(
        ngram_range=None, dropout=0, learning_rate_init=0.01, max_iter=15, random_state=0
    ),
}
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
distances = np.arange(1, 17)
for name, model in models.items():
    right = model.fit(X, y).predict(X_test) == y_test
    print(f"{name:18s} {right.mean():.3f}")
    ax.plot(distances, [right[distance == d].mean() for d in distances], "o-", label=name)
ax.axhline(0.5, color="0.7", linestyle="--", label="guessing")
ax.set(xlabel="letters from one to the other", ylabel="accuracy", ylim=(0.4, 1.03))
ax.legend(frameon=False, loc="center right")
plt.show()

# %%
# The memory
# ----------
# The probability of "a first" for all beginnings of two strings. It changes at the first of the two
# letters, and the second one does not change it back.
figure, axes = plt.subplots(2, 1, figsize=(6, 3.5), layout="constrained", sharey=True)
for string, ax in zip(["ccdfeacdfeedcfdfcbedff", "ccdfebcdfeedcfdfcaedff"], axes):
    ax.plot(model.predict_proba([string[: i + 1] for i in range(22)])[:, 0], "o-")
    ax.set_xticks(range(22), string)
    ax.set(ylim=(-0.05, 1.05), ylabel='"a first"')
plt.show()
