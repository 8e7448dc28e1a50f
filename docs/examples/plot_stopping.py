"""
How long to train, and on how many names
========================================

With too few epochs a network has not learned enough, and with too many it overfits. Early stopping
keeps the best epoch. A learning curve shows whether more rows would help.
"""

# %%
# Early stopping
# --------------
# ``early_stopping=True`` sets a tenth of the rows aside and stops when their accuracy has not
# improved for five epochs. The loss on the training rows keeps falling, but the accuracy on the
# rows set aside does not keep rising.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import LearningCurveDisplay, ShuffleSplit, train_test_split

from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.plots import LossCurveDisplay

names, country = load_names(return_X_y=True)
X, X_test, y, y_test = train_test_split(
    names, country, train_size=3000, test_size=5000, stratify=country, random_state=0
)
watched = RNNClassifier(
    32,
    early_stopping=True,
    max_iter=40,
    n_iter_no_change=5,
    learning_rate="constant",
    random_state=0,
)
watched.fit(X, y)
LossCurveDisplay.from_estimator(watched)
best = np.argmax(watched.validation_scores_) + 1
print(f"{watched.n_iter_} epochs, of which number {best} is kept")
print(f"accuracy on test names: {watched.score(X_test, y_test):.3f}")

# %%
# The default, ``max_iter="auto"``, also watches rows that are set aside, but uses their loss, and
# then trains on all rows. It is usually more accurate.
default = RNNClassifier(32, random_state=0).fit(X, y)
print(f"{default.n_iter_} epochs, accuracy on test names: {default.score(X_test, y_test):.3f}")

# %%
# More rows
# ---------
# The curve of the test scores is still rising at 1,600 names: more names would help.
sizes = [200, 400, 800, 1600]
figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
LearningCurveDisplay.from_estimator(
    RNNClassifier(32, max_iter=3, random_state=0),
    names,
    country,
    train_sizes=sizes,
    cv=ShuffleSplit(2, test_size=5000, random_state=0),
    score_name="accuracy",
    ax=ax,
)
ax.set(xlabel="training names", xscale="log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
plt.show()
