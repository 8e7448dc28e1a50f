r"""
From a sum to an RNN
====================

How can a string be turned into numbers that a model can learn from? This page goes from a simple
sum to a recurrent network, following Terence Parr's article `An RNN built with matrices and
trained with SGD <https://explained.ai/rnn/>`_. Every step uses the same equation, ::

    h_0 = 0,    h_t = f(W h_{t-1} + U x_t)

with different matrices.

- x_t is the one-hot vector of the t-th letter, so U x_t is the column of U for that letter:
  **what the letter adds**.
- h_t is the state, **the memory** after t letters. It starts at zero (h_0). After the last letter
  it is the vector of the whole string.
- W determines **what happens to the memory** when the next letter is read.
- f is the activation function, such as tanh or the identity.

``FixedEncoder`` uses the W and U that you give it; ``RNNEncoder`` learns them.
"""

# %%
# A sum
# -----
# Number the letters of a small alphabet: a is 0, c is 1, e 2, h 3, k 4, t 5 and z 6. Keep the
# previous state (W is 1) and add the number of the next letter (U is the row 0 ... 6). Then "cat"
# is 1 + 0 + 5 = 6. But "act" has the same letters, and therefore the same sum.

import matplotlib.pyplot as plt

from skrnn import FixedEncoder, RNNEncoder

letters = list("acehktz")
words = ["cat", "act", "katze"]
sums = FixedEncoder(W=1, U="ordinal", vocabulary=letters)
sums.fit_transform(words).ravel()

# %%
# A weighted sum
# --------------
# Double the state before adding the next letter: W is 2. Then the states for "cat" are 1,
# 2 * 1 + 0 = 2 and 2 * 2 + 5 = 9, and those for "act" are 0, 1 and 7. **Now the order matters.**
# But a single number cannot represent a word: many words share the same number.

weighted_sums = FixedEncoder(W=2, U="ordinal", vocabulary=letters)
weighted_sums.fit_transform(words).ravel()

# %%
# A bag and a weighted bag of letters
# -----------------------------------
# Give every letter its own dimension: h is a vector of seven numbers, and U is the identity
# matrix. If W is the identity too, h counts the letters and ignores their order. If W is twice
# the identity, the counts double at each step, so h also encodes when each letter occurred.

FixedEncoder(W="identity", U="onehot", vocabulary=letters).fit_transform(words)

# %%
# ``UnrollDisplay`` plots h_t under each letter, with W = I on the left and W = 2 I on the right.
# Press play, or move the slider, to read the word letter by letter.

import numpy as np
from matplotlib.animation import FuncAnimation

from skrnn.plots import UnrollDisplay

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
displays = []
for w, ax in zip((1, 2), axes):
    encoder = FixedEncoder(W=w, U="onehot", vocabulary=letters).fit(words)
    displays.append(UnrollDisplay.from_estimator(encoder, "katze", ax=ax))
    ax.set(title=f"W = {w} I", ylabel="letter that h counts")
    ax.set_yticks(range(7), letters)


def show(display, t):
    """Show the states up to h_t."""
    display.im_.set_data(np.where(np.arange(len(display.h)) <= t, display.h.T, np.nan))


def read(t):
    for display in displays:
        show(display, t)


bags = FuncAnimation(figure, read, frames=len("katze"), interval=700, repeat=False)

# %%
# Letter embeddings
# -----------------
# One dimension per letter is wasteful for large alphabets. Let each column of U be a short
# vector, random for now, and the bag becomes a sum of vectors. Apply tanh as the activation
# function f, which keeps every number between -1 and 1, and we have an untrained **recurrent
# neural network**. W is still the identity.

net = FixedEncoder(U="random", nhidden=30, activation="tanh", random_state=0).fit(words)
UnrollDisplay.from_estimator(net, "katze")

# %%
# Learned matrices
# ----------------
# ``RNNEncoder`` adds an output matrix, V. The class scores are o = V h, and the class with the
# highest score is predicted. Training starts with small random numbers, takes a small batch of
# names at a time, and moves W, U and V a little in the direction that reduces the error on these
# names. This is stochastic gradient descent. As in the article, the task is to predict the
# country of family names, and f is tanh. ``ngram_range=None`` turns off the n-grams, which come
# later.

from skrnn.datasets import load_names

names, country = load_names(return_X_y=True)
X, y = names[::3], country[::3]
X_test, y_test = names[1::6], country[1::6]
plain = {"cell": "rnn", "ngram_range": None, "solver": "adam", "dropout": 0.1, "random_state": 0}
small = RNNEncoder(30, max_iter=12, **plain).fit(X, y)

# %%
# On the left are the states of a name, and on the right what o = V h_t predicts after each letter,
# as probabilities. The network was trained on whole names only.

from scipy.special import softmax

h, symbols = small.unroll("esposito")
p = softmax(h @ small.V_.T + small.c_, axis=1)
likely = np.argsort(p.max(axis=0))[-7:]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
memory = UnrollDisplay(h, symbols).plot(ax=left)
bars = right.barh(np.unique(y)[likely], p[-1, likely])
right.set(xlim=(0, 1), xlabel="probability")


def read_name(t):
    show(memory, t)
    right.set_title("after " + "".join(symbols[: t + 1]), loc="left")
    for bar, width in zip(bars, p[t, likely]):
        bar.set_width(width)


name = FuncAnimation(figure, read_name, frames=len(h), interval=700, repeat=False)

# %%
# What each step gains
# --------------------
# For each encoder a random forest is fitted on the vectors of a third of the names and tested on a
# sixth. The last four encoders are learned:
#
# - the article's network, where h is the last state;
# - the same with a GRU, whose gates decide what is kept of h_{t-1};
# - n-grams alone: each n-gram of up to five letters has a column in a matrix G, and g is the sum
#   of the columns of a name's n-grams, divided by the square root of its length. This is the sum
#   of vectors again, but learned, and over longer parts than single letters;
# - ``RNNEncoder()`` with default settings, which concatenates the GRU state and the n-gram sum:
#   [h ; g].

from sklearn.ensemble import RandomForestClassifier

ladder = {
    "sum": FixedEncoder(W=1, U="ordinal"),
    "weighted sum": FixedEncoder(W=2, U="ordinal", max_length=20),
    "bag": FixedEncoder(),
    "weighted bag": FixedEncoder(W=2, max_length=20),
    "sum of vectors": FixedEncoder(U="random", nhidden=50, random_state=0),
    "untrained RNN": FixedEncoder(U="random", nhidden=50, activation="tanh", random_state=0),
    "learned RNN": RNNEncoder(64, max_iter=15, **plain),
    "learned GRU": RNNEncoder(64, max_iter=15, **{**plain, "cell": "gru"}),
    "n-grams alone": RNNEncoder(cell=None, random_state=0),
    "RNNEncoder()": RNNEncoder(random_state=0),
}
scores = {}
for step, encoder in ladder.items():
    forest = RandomForestClassifier(50, random_state=0)
    forest.fit(encoder.fit(X, y).transform(X), y)
    scores[step] = forest.score(encoder.transform(X_test), y_test)
    print(f"{step:16s} {scores[step]:.3f}")

# %%

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
bars = ax.barh(list(scores)[::-1], list(scores.values())[::-1])
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.set(xlabel="accuracy, 18 countries", xlim=(0, 1))
plt.show()
# sphinx_gallery_thumbnail_number = -1

# %%
# Two things stand out. First, a forest does well even on untrained vectors, as long as each letter
# has its own vector: a bag shows it which letters occur. Second, order helps, but on names it is
# mostly the order of neighbouring letters. A recurrence that reads one letter per step gains less
# than n-grams do, and added to them it gains nothing here. For the same reason n-gram counts are a
# strong baseline on names, as the :doc:`benchmarks </benchmarks>` show. Where the target depends on
# letters that are far apart, only the recurrence can learn it: see :doc:`the guide </guide>`.
