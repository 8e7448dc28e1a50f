"""
See what a net has learned
==========================

The states under the letters, the letters in the plane, the names in the plane, and what each
letter adds to a score.
"""

# %%
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
X, y = names[::2], country[::2]
X_test, y_test = names[1::2], country[1::2]
model = RNNClassifier(random_state=0).fit(X, y, X_val=X_test[:1000], y_val=y_test[:1000])
model.score(X_test, y_test)

# %%
# How it learned: the loss on the training rows, the accuracy on a thousand others.
LossCurveDisplay.from_estimator(model)

# %%
# The states of a name, letter by letter. ⟩ is its end.
UnrollDisplay.from_estimator(model, "Esposito")

# %%
# Letters that act alike stand together.
SymbolMapDisplay.from_estimator(model)

# %%
# Names that it has not seen, by country.
SequenceMapDisplay.from_estimator(model, X_test[:2000], y_test[:2000])

# %%
# Why Finland? Each letter stands for itself and the n-grams that end with it. The parts sum to
# the score, less the score of a name in which nothing is read.
display = ExplanationDisplay.from_estimator(model, "Virtanen")
found = display.explanation
print(f"{found.contributions.sum():.3f} = {found.score:.3f} - {found.baseline:.3f}")

# %%
# In a notebook the display writes itself as coloured letters:
display
