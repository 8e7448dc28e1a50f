r"""
From a sum to an RNN
====================

How does a string become numbers, so that a model can learn from it? Each step up this ladder,
which is Terence Parr's in `An RNN built with matrices and trained with SGD
<https://explained.ai/rnn/>`_, is the same line, ::

    h_0 = 0,    h_t = f(W h_{t-1} + U x_t)

with other matrices.

- x_t stands for the t-th letter: zeros, with a one in the place of that letter. So U x_t is the
  column of U that belongs to the letter: **what the letter adds**.
- h_t is **what is remembered** after t letters. In the beginning, h_0, that is nothing. After the
  last letter it is the vector of the whole string.
- W says **what becomes of the memory** when the next letter comes.
- f is a function that bends each number, or does nothing (the identity).

``FixedEncoder`` takes W and U as they are given; ``RNNEncoder`` learns them.
"""

# %%
# A sum
# -----
# Number the letters of a small alphabet: a is 0, c is 1, e 2, h 3, k 4, t 5 and z 6. Keep what
# there was (W is 1) and add the number of the next letter (U is the row 0 ... 6). "cat" is then 1
# + 0 + 5 = 6. But "act" has the same letters, and the same sum.

import matplotlib.pyplot as plt

from skrnn import FixedEncoder, RNNEncoder

letters = list("acehktz")
words = ["cat", "act", "katze"]
sums = FixedEncoder(W=1, U="ordinal", vocabulary=letters)
sums.fit_transform(words).ravel()

# %%
# A weighted sum
# --------------
# Double what there was before the next letter is added: W is 2. Then "cat" goes 1, 2 * 1 + 0 = 2,
# 2 * 2 + 5 = 9, and "act" goes 0, 1, 7. **Now the order counts.** But one number cannot hold a
# word: many words share each number.

weighted_sums = FixedEncoder(W=2, U="ordinal", vocabulary=letters)
weighted_sums.fit_transform(words).ravel()

# %%
# A bag, and a weighted bag
# -------------------------
# Give every letter a place of its own: h is a list of seven numbers, and U is the identity matrix.
# With W the identity too, h counts letters, and forgets their order. With W twice the identity, the
# counts double at each step, and h knows which letter came when.

FixedEncoder(W="identity", U="onehot", vocabulary=letters).fit_transform(words)

# %%
# ``UnrollDisplay`` draws h_t under each letter: to the left W = I, to the right W = 2 I.

from skrnn.plots import UnrollDisplay

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for w, ax in zip((1, 2), axes):
    encoder = FixedEncoder(W=w, U="onehot", vocabulary=letters).fit(words)
    UnrollDisplay.from_estimator(encoder, "katze", ax=ax)
    ax.set(title=f"W = {w} I", ylabel="letter that h counts")
    ax.set_yticks(range(7), letters)

# %%
# Vectors of letters
# ------------------
# A place for every letter is wasteful for large alphabets. Let U hold a short vector for each, at
# random for now, and a bag becomes a sum of vectors. Put it through a function f that bends,
# tanh, which keeps every number between -1 and 1, and h is a **recurrent neural net** that has
# not learned anything yet. W is still the identity.

net = FixedEncoder(U="random", nhidden=30, activation="tanh", random_state=0).fit(words)
UnrollDisplay.from_estimator(net, "katze")

# %%
# The matrices are learned
# ------------------------
# ``RNNEncoder`` adds a last matrix, V. The scores of the classes are o = V h, and the class with
# the largest score is the answer. It starts with small random numbers, takes a few names at a
# time, and moves W, U and V a little in the direction in which the error on these names gets
# smaller: stochastic gradient descent. Here it learns to tell the countries of family names, as
# in the article: f is tanh, and ``ngram_range=None`` leaves out what comes on the next rungs.

from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
X, y = names[::2], country[::2]
X_test, y_test = names[1::4], country[1::4]
plain = {"cell": "rnn", "ngram_range": None, "solver": "adam", "dropout": 0.1, "random_state": 0}
small = RNNEncoder(30, max_iter=12, **plain).fit(X, y)
UnrollDisplay.from_estimator(small, "esposito")

# %%
# What each rung is worth
# -----------------------
# A random forest on the vectors of half of the names, tested on a quarter. The last four rungs
# are learned:
#
# - the article's net, with h the last state;
# - the same with a GRU, whose gates decide what is kept of h_{t-1};
# - n-grams alone: each n-gram of up to five letters has a column of a matrix G, and g is the sum of
#   the columns of the n-grams of a name, divided by the square root of its length. That is the
#   sum of vectors again, but learned, and of longer parts than letters;
# - ``RNNEncoder()`` as it comes, which has the GRU and the n-grams side by side: [h ; g].

from sklearn.ensemble import RandomForestClassifier

ladder = {
    "sum": FixedEncoder(W=1, U="ordinal"),
    "weighted sum": FixedEncoder(W=2, U="ordinal", max_length=20),
    "bag": FixedEncoder(),
    "weighted bag": FixedEncoder(W=2, max_length=20),
    "sum of vectors": FixedEncoder(U="random", nhidden=100, random_state=0),
    "untrained RNN": FixedEncoder(U="random", nhidden=100, activation="tanh", random_state=0),
    "learned RNN": RNNEncoder(100, max_iter=30, **plain),
    "learned GRU": RNNEncoder(100, max_iter=30, **{**plain, "cell": "gru"}),
    "n-grams alone": RNNEncoder(cell=None, random_state=0),
    "RNNEncoder()": RNNEncoder(random_state=0),
}
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

# %%
# Two things can be read off. A forest gets much out of vectors that nobody has learned, as long
# as every letter has numbers of its own: from a bag it knows which letters there are. And order
# is worth something, but on names most of it is order of neighbours: a recurrence that reads one
# letter a step adds less than n-grams do, and beside them it adds nothing here. For the same
# reason counts of n-grams are strong on names; how strong is in the :doc:`benchmarks
# </benchmarks>`. Where letters far apart decide together, only the recurrence knows: see
# :doc:`the guide </guide>`.
