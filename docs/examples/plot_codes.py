"""
Codes in which position decides
===============================

In a part number, the same character means different things in different places. Character n-grams
ignore the place. A recurrence reads from left to right and can count.
"""

# %%
# Part numbers
# ------------
# A part number has ten characters. The third one is the material, and the seventh is the coating.
# The price group depends on both. All other characters are serial numbers, drawn from the same
# letters.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skrnn import RNNClassifier
from skrnn.plots import ExplanationDisplay

rng = np.random.default_rng(0)
letters = rng.choice(list("ABCD"), (4000, 10))
codes = np.array(["".join(row) for row in letters])
group = np.char.add(letters[:, 2], letters[:, 6])
X, X_test, y, y_test = codes[:3000], codes[3000:], group[:3000], group[3000:]
print(*(f"{code} -> {label}" for code, label in zip(codes[:3], group)), sep="\n")

# %%
# Two models
# ----------
# With sixteen groups, guessing is right once in sixteen times. ``ngram_range=None`` leaves the
# n-grams out, since here they only add noise.
ngrams = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 5)), LinearSVC())
model = RNNClassifier(
    ngram_range=None, dropout=0, learning_rate_init=0.01, max_iter=20, random_state=0
)
scores = {
    "guessing": 1 / 16,
    "TF-IDF of n-grams": ngrams.fit(X, y).score(X_test, y_test),
    "RNNClassifier": model.fit(X, y).score(X_test, y_test),
}
print(scores)
figure, ax = plt.subplots(figsize=(6, 2), layout="constrained")
ax.bar_label(ax.barh(list(scores), list(scores.values())), fmt="%.2f", padding=3)
ax.set(xlabel="accuracy, 16 groups", xlim=(0, 1.1))

# %%
# Which positions count
# ---------------------
# The bars show the mean size of the contribution of each position, over 200 part numbers. Nobody
# told the network which two positions count.
parts = [np.abs(model.explain(code).contributions) for code in X_test[:200]]
figure, ax = plt.subplots(figsize=(6, 2.5), layout="constrained")
ax.bar(range(1, 11), np.mean(parts, axis=0), color=np.where(np.isin(range(10), [2, 6]), "C3", "C7"))
ax.set(xlabel="position in the part number", ylabel="mean |contribution|", xticks=range(1, 11))
plt.show()

# %%
ExplanationDisplay(model.explain(X_test[0]))
