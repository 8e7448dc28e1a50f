"""
Log lines as tokens
===================

A log line is a sequence of words and numbers. Split it into tokens, and let the classifier decide
which lines someone should look at.
"""

# %%
# Lines of a server
# -----------------
# The lines are generated. Whether a line is an alert depends on its words: a time-out is normal
# when a cache is concerned, and an alert when it is a database.
import re

import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNClassifier
from skrnn.plots import ExplanationDisplay

rng = np.random.default_rng(0)
EVENTS = {
    "GET /item/{n} 200 in {n} ms": "ok",
    "POST /cart 201 in {n} ms": "ok",
    "cache timeout after {n} ms , retry": "ok",
    "user {n} logged in": "ok",
    "worker {n} started": "ok",
    "database timeout after {n} ms , retry": "alert",
    "POST /cart 503 in {n} ms": "alert",
    "user {n} refused : wrong password": "alert",
    "worker {n} killed : out of memory": "alert",
}


def write(template):
    return template.replace("{n}", str(rng.integers(1000, 9999)))


templates = rng.choice(list(EVENTS), 1000)
lines = [write(template) for template in templates]
y = np.array([EVENTS[template] for template in templates])
print(*lines[:4], sep="\n")

# %%
# Tokens
# ------
# ``analyzer`` is any function from a string to a list of tokens. This one replaces times and
# identifiers, which have four digits here, by one token, and keeps the status codes.


def tokens(line):
    return re.sub(r"\d{4}", "#", line).split()


print(tokens(lines[0]))
model = RNNClassifier(16, analyzer=tokens, random_state=0).fit(lines[:700], y[:700])
print(f"accuracy on 300 test lines: {model.score(lines[700:], y[700:]):.2f}")

# %%
# Which words decide
# ------------------
# Red words raise the score of the class, blue words lower it. Only the first word of the two
# time-outs differs.
ExplanationDisplay(model.explain("cache timeout after 5012 ms , retry", "alert"))

# %%
ExplanationDisplay(model.explain("database timeout after 5012 ms , retry", "alert"))

# %%
ExplanationDisplay(model.explain("worker 4711 killed : out of memory", "alert"))

# %%
# What each word adds on average
# ------------------------------
# The mean contribution of each word to the score of "alert", over 100 test lines.
parts = {}
for line in lines[-100:]:
    found = model.explain(line, "alert")
    for word, part in zip(found.symbols, found.contributions):
        parts.setdefault(word, []).append(part)
words = sorted(parts, key=lambda word: np.mean(parts[word]))
means = [np.mean(parts[word]) for word in words]
figure, ax = plt.subplots(figsize=(5.5, 5.5), layout="constrained")
ax.barh(words, means, color=np.where(np.array(means) > 0, "#d6604d", "#4393c3"))
ax.set(xlabel='adds to the score of "alert"')
plt.show()
