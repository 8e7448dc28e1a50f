"""
See what a net has learned
==========================

The loss of each epoch, the states under the letters, the letters in the plane, the names in the
plane, and what each letter adds to a score.
"""

# %%
# How it learned
# --------------
# The loss on the training rows, and the accuracy on a thousand others, which it only watches.
from sklearn.model_selection import train_test_split

from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.plots import (
    ExplanationDisplay,
    LossCurveDisplay,
    SequenceMapDisplay,
    SymbolMapDisplay,
    UnrollDisplay,
)

names, country = load_names(return_X_y=True)
X, X_test, y, y_test = train_test_split(names, country, stratify=country, random_state=0)
model = RNNClassifier(40, random_state=0)
model.fit(X, y, X_val=X_test[:1000], y_val=y_test[:1000])
print(f"accuracy on {len(X_test) - 1000} more: {model.score(X_test[1000:], y_test[1000:]):.3f}")
LossCurveDisplay.from_estimator(model)

# %%
# The states of a name
# --------------------
# A column for each letter: the state h_t of the recurrence after it. The last one is h.
UnrollDisplay.from_estimator(model, "Esposito")

# %%
# Letters in the plane
# --------------------
# The columns of U, which the recurrence reads, in the two directions in which they differ most (the
# first two principal components). Letters that the recurrence treats alike stand together.
SymbolMapDisplay.from_estimator(model)

# %%
# Names in the plane
# ------------------
# The vectors of names that it has not seen, by country.
SequenceMapDisplay.from_estimator(model, X_test[1000:], y_test[1000:])

# %%
# What each letter adds
# ---------------------
# Why Finland? Each letter stands for what the recurrence makes of it, and for the n-grams that end
# with it. The parts sum to
# the score, minus the score where nothing is read (the baseline).
display = ExplanationDisplay.from_estimator(model, "Virtanen")
found = display.explanation
print(f"{found.contributions.sum():.3f} = {found.score:.3f} - ({found.baseline:.3f})")

# %%
# In a notebook the display writes itself as coloured letters:
display

# %%
# The model itself
# ----------------
# In a notebook an estimator shows its parameters; the question mark leads to its page, and each
# parameter explains itself under the pointer.
model
