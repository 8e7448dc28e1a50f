"""
Digits, row by row
==================

An image is also a sequence: read an 8 x 8 digit from top to bottom, one row of eight pixels at a
time. What does the network predict before it has seen the whole image?
"""

# %%
# Images as sequences
# -------------------
# ``X`` has the shape (n, T, d): n images, T = 8 rows, d = 8 pixels. The digits come with
# scikit-learn. ``window=1`` reads one row at a time.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skrnn import RNNClassifier

digits = load_digits()
X, X_test, y, y_test = train_test_split(digits.images, digits.target, random_state=0)
model = RNNClassifier(
    64, window=1, bidirectional=False, pooling="last", max_iter=25, random_state=0
)
model.fit(X, y)
print(f"accuracy on {len(X_test)} test digits: {model.score(X_test, y_test):.3f}")

# %%
# What is known after each row
# ----------------------------
# ``unroll`` returns the state after each row, and V turns a state into scores. The model was
# trained to answer after the last row only, so its first guesses are bad. From the sixth row on
# they are often right.
chosen = [np.flatnonzero(y_test == k)[0] for k in (0, 3, 4, 7)]
figure, axes = plt.subplots(2, 4, figsize=(7, 4.2), layout="constrained")
for (above, below), i in zip(axes.T, chosen):
    states, _ = model.unroll(X_test[i])
    above.imshow(X_test[i], cmap="gray_r")
    above.set_axis_off()
    scores = states @ model.V_.T + model.c_
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    below.imshow(p, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    below.set(xticks=range(10), xlabel="digit", yticks=[])
axes[1, 0].set(ylabel="rows read", yticks=range(8), yticklabels=range(1, 9))
plt.show()

# %%
# Accuracy after each row
# -----------------------
scores = np.array([model.unroll(x)[0] for x in X_test]) @ model.V_.T + model.c_
accuracy = (scores.argmax(axis=2) == y_test[:, None]).mean(axis=0)
print(*(f"{rows} rows: {score:.2f}" for rows, score in enumerate(accuracy, 1)), sep="\n")
