"""
Misspelled categories
=====================

A column filled in by hand holds "paracetamol", "Paracetmol" and "paracetamoll". One-hot columns
treat them as three categories. ``RNNEncoder`` gives similar spellings similar vectors.
"""

# %%
# A column with typos
# -------------------
# The table lists sales of medicines. In each name up to three letters are dropped, doubled or
# swapped. The price depends on the medicine alone.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skrnn import RNNEncoder
from skrnn.plots import SequenceMapDisplay

rng = np.random.default_rng(0)
MEDICINES = (
    "amoxicillin aspirin atorvastatin diclofenac ibuprofen insulin metformin omeprazole "
    "paracetamol prednisone salbutamol warfarin"
).split()


def mistype(word, n_typos):
    for _ in range(n_typos):
        i = rng.integers(1, len(word) - 1)
        a, b = word[i], word[i + 1]
        word = word[:i] + rng.choice([b, a + a + b, b + a]) + word[i + 2 :]
    return word


medicine = rng.choice(MEDICINES, 2000)
spelled = np.array([mistype(word, rng.integers(0, 4)) for word in medicine])
price_of = dict(zip(MEDICINES, rng.uniform(5, 50, len(MEDICINES))))
price = np.array([price_of[word] for word in medicine]) + rng.normal(size=2000)
print(f"{len(set(spelled))} spellings of {len(MEDICINES)} medicines:", *spelled[:5])

# %%
# Predict the price
# -----------------
# Many spellings of the test rows are new. The one-hot columns know nothing about those.
X, X_test, y, y_test, _, medicine_test = train_test_split(spelled, price, medicine, random_state=0)
onehot = make_pipeline(OneHotEncoder(handle_unknown="ignore"), RidgeCV())
onehot.fit(X[:, None], y)
model = make_pipeline(RNNEncoder(16, ngram_size=16, random_state=0), RidgeCV()).fit(X, y)
print(f"R², one-hot:    {onehot.score(X_test[:, None], y_test):.2f}")
print(f"R², RNNEncoder: {model.score(X_test, y_test):.2f}")

# %%
# A map of spellings
# ------------------
# Each dot is the vector of a spelling, projected onto two dimensions. The encoder saw prices, not
# the correct names, yet the spellings of one medicine are close together. Medicines with similar
# prices can be close together too.
SequenceMapDisplay.from_predictions(model[0].transform(X_test), medicine_test)
plt.show()
