"""
Search for the best sizes
=========================

``nhidden`` is the size of the recurrence and ``ngram_size`` that of the n-grams. A grid search over
both works as with any estimator of scikit-learn.
"""

# %%
# The search
# ----------
# The parameters of a step in a pipeline are named ``step__parameter``. 1,200 names and two
# folds keep this example short: use more of both for a real decision.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skrnn import RNNEncoder
from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
rows = np.random.default_rng(0).permutation(len(names))[:1200]
model = Pipeline(
    [
        ("encode", RNNEncoder(max_iter=3, random_state=0)),
        ("predict", LogisticRegression(max_iter=1000)),
    ]
)
grid = {"encode__nhidden": [4, 16, 64], "encode__ngram_size": [4, 16, 64]}
search = GridSearchCV(model, grid, cv=2, refit=False).fit(names[rows], country[rows])
print(search.best_params_, f"accuracy {search.best_score_:.3f}")

# %%
# All scores
# ----------
# ``cv_results_`` has the parameters and the mean score of each candidate.
scores = search.cv_results_["mean_test_score"]
tried = search.cv_results_["params"]
columns, lines = grid.values()
table = np.zeros((len(lines), len(columns)))
for score, sizes in zip(scores, tried):
    line, column = lines.index(sizes["encode__ngram_size"]), columns.index(sizes["encode__nhidden"])
    table[line, column] = score

figure, ax = plt.subplots(figsize=(4.5, 4), layout="constrained")
ax.imshow(table, cmap="Blues", vmin=table.min() - 0.1)
for (line, column), score in np.ndenumerate(table):
    ax.text(column, line, f"{score:.2f}", ha="center", va="center")
ax.set_xticks(range(len(columns)), columns)
ax.set_yticks(range(len(lines)), lines)
ax.set(xlabel="nhidden", ylabel="ngram_size", title="accuracy, two folds")
plt.show()
