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
import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNClassifier
from skrnn.plots import ExplanationDisplay, SequenceMapDisplay

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
    return template.replace("{n}", str(rng.integers(10, 9999)))


templates = rng.choice(list(EVENTS), 1000)
lines = [write(template) for template in templates]
y = np.array([EVENTS[template] for template in templates])
print(*lines[:4], sep="\n")

# %%
# Tokens
# ------
# ``analyzer`` is any function from a string to a list of tokens. This one replaces numbers of more
# than three digits, such as times and identifiers, by one token, and keeps the status codes.


def tokens(line):
    return ["#" if word.isdigit() and len(word) != 3 else word for word in line.split()]


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
# The kinds of lines
# ------------------
# The classifier was told "ok" or "alert". Its vectors also separate the templates.
kinds = [template.replace("{n}", "#") for template in templates[700:]]
SequenceMapDisplay.from_estimator(model, lines[700:], kinds)
plt.show()
