"""
From a sum to an RNN
====================

How does a string become numbers? Each step up this ladder, which is Terence Parr's in
`An RNN built with matrices and trained with SGD <https://explained.ai/rnn/>`_, is the same line, ::

    h_t = f(W h_{t-1} + U x_t)

with other matrices. ``FixedEncoder`` takes W and U as they are given; ``RNNEncoder`` learns them.
"""

# %%
# A sum
# -----
# Number the letters, and add the numbers up: W is 1, U is the row 0, 1, 2, ... "cat" is then 6.
# But "act" has the same letters, and the same sum.

import matplotlib.pyplot as plt

from skrnn import FixedEncoder, RNNEncoder

letters = list("acehktz")
words = ["cat", "act", "katze"]
FixedEncoder(W=1, U="ordinal", vocabulary=letters).fit_transform(words).ravel()

# %%
# A weighted sum
# --------------
# Double what was there before the next letter is added: W is 2. Now the order counts, 9 is not
# 7. But one number cannot hold a word: many words share each number.

FixedEncoder(W=2, U="ordinal", vocabulary=letters).fit_transform(words).ravel()

# %%
# A bag, and a weighted bag
# -------------------------
# Give every letter a place of its own: U is the identity. With W the identity too, h counts
# letters; with 2 times the identity it also knows which came when.

FixedEncoder(W="identity", U="onehot", vocabulary=letters).fit_transform(words)

# %%

from skrnn.plots import UnrollDisplay

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for w, ax in zip((1, 2), axes):
    encoder = FixedEncoder(W=w, U="onehot", vocabulary=letters).fit(words)
    display = UnrollDisplay.from_estimator(encoder, "katze", ax=ax)
    ax.set_title(f"W = {w} I")
    ax.set_yticks(range(7), letters)

# %%
# Vectors of letters
# ------------------
# A place for every letter is wasteful for large alphabets. Let U hold a short vector for each,
# at random for now, and a bag becomes a sum of vectors. With a function f that bends, tanh, h
# is a recurrent net that has not learned anything yet: every letter and its place move it a
# little.

net = FixedEncoder(U="random", nhidden=30, activation="tanh", random_state=0).fit(words)
UnrollDisplay.from_estimator(net, "katze")

# %%
# The matrices are learned
# ------------------------
# ``RNNEncoder`` adds a last matrix, o = V h, that tells the class from h, and moves W, U and V
# until it does so well. Here it learns to tell the countries of family names.

from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
plain = {"pooling": "last", "ngram_range": (1, 1), "dropout": 0.1, "symbol_dropout": 0}
learned = RNNEncoder(30, solver="adam", max_iter=12, random_state=0, **plain)
learned.fit(names[::2], country[::2])
UnrollDisplay.from_estimator(learned, "esposito")

# %%
# What each rung is worth
# -----------------------
# A random forest on the vectors of half of the names, tested on some of the other half. The
# last rung is what this library has beyond the article's net: n-grams that end at each
# letter, and the bag of their columns beside the recurrence.

from sklearn.ensemble import RandomForestClassifier

ladder = {
    "sum": FixedEncoder(W=1, U="ordinal"),
    "weighted sum": FixedEncoder(W=2, U="ordinal", max_length=20),
    "bag": FixedEncoder(),
    "weighted bag": FixedEncoder(W=2, max_length=20),
    "sum of vectors": FixedEncoder(U="random", nhidden=30, random_state=0),
    "untrained RNN": FixedEncoder(U="random", nhidden=30, activation="tanh", random_state=0),
    "learned RNN": learned,
    "RNNEncoder()": RNNEncoder(random_state=0),
}
X, y = names[::2], country[::2]
X_test, y_test = names[1::4], country[1::4]
scores = {}
for name, encoder in ladder.items():
    forest = RandomForestClassifier(100, n_jobs=1, random_state=0)
    forest.fit(encoder.fit(X, y).transform(X), y)
    scores[name] = forest.score(encoder.transform(X_test), y_test)
    print(f"{name:16s} {scores[name]:.3f}")

# %%

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
bars = ax.barh(list(scores)[::-1], list(scores.values())[::-1])
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.set(xlabel="accuracy, 18 countries", xlim=(0, 1))
plt.show()
