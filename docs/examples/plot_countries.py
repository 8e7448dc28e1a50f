"""
From names to countries
=======================

``RNNEncoder`` turns a column of names into a table of numbers, and a random forest predicts the
country from it. The confusion matrix shows which countries have similar names.
"""

# %%
# A pipeline
# ----------
# The names come with the library. We take eight of the eighteen countries.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from skrnn import RNNEncoder
from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
chosen = "Croatia Czechia Finland France Italy Netherlands Slovakia Sweden".split()
kept = np.isin(country, chosen)
X, X_test, y, y_test = train_test_split(
    names[kept], country[kept], stratify=country[kept], random_state=0
)
model = make_pipeline(RNNEncoder(random_state=0), RandomForestClassifier(random_state=0))
model.fit(X, y)
print(f"accuracy on {len(X_test)} test names: {model.score(X_test, y_test):.2f}")

# %%
# Which countries are confused
# ----------------------------
# Each row is a country and adds up to 1. Most Czech names are taken for
# Slovak ones: the languages are close, and the data have more Slovak names.
figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
ConfusionMatrixDisplay.from_estimator(
    model,
    X_test,
    y_test,
    normalize="true",
    values_format=".2f",
    xticks_rotation=45,
    cmap="Blues",
    colorbar=False,
    ax=ax,
)
plt.show()

# %%
# New names
# ---------
# A name need not be in the training rows: the encoder reads it letter by letter. The third name is
# Swedish, but many families in Finland have such a name.
people = ["Heikkiläinen", "Giannotti", "Lindqvist", "van den Broek"]
for name, row in zip(people, model.predict_proba(people)):
    print(f"{name:14s} {model.classes_[row.argmax()]:12s} {row.max():.2f}")
