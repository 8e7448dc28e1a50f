"""
Inspect a trained network
=========================

Plots of the loss curve, the hidden states, projections of letters and names, and the contribution
of each letter to a score.
"""

# %%
# The loss curve
# --------------
# The loss on the training rows, and the accuracy on a thousand validation rows. The validation
# rows are not used for training.
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
print(f"accuracy on {len(X_test) - 1000} others: {model.score(X_test[1000:], y_test[1000:]):.3f}")
LossCurveDisplay.from_estimator(model)

# %%
# The hidden states of a name
# ---------------------------
# Each column is the state h_t of the recurrence after one letter. The last column is h.
UnrollDisplay.from_estimator(model, "Esposito")

# %%
# A map of letters
# ----------------
# The columns of U, the input embeddings of the recurrence, projected onto their first two
# principal components. Letters that the recurrence treats alike are close together.
SymbolMapDisplay.from_estimator(model)

# %%
# A map of names
# --------------
# The vectors of unseen names, coloured by country.
SequenceMapDisplay.from_estimator(model, X_test[1000:], y_test[1000:])

# %%
# The contribution of each letter
# -------------------------------
# Why does the model predict Finland? The contribution of a letter covers its effect on the
# recurrence and the n-grams that end with it. The contributions sum to the score minus the
# baseline, which is the score with U x_t = 0 and g = 0.
display = ExplanationDisplay.from_estimator(model, "Virtanen")
found = display.explanation
print(f"{found.contributions.sum():.3f} = {found.score:.3f} - ({found.baseline:.3f})")

# %%
# A notebook also shows an explanation as coloured letters:
ExplanationDisplay(found)

# %%
# The estimator
# -------------
# In a notebook an estimator shows its parameters. The question mark links to its documentation,
# and hovering over a parameter shows its description.
model
