"""Texts that several docstrings share, and the address of the documentation.

`documented` inserts them where a docstring contains {attributes} or the like.
"""

import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from textwrap import dedent, indent
from typing import TypeVar

Documented = TypeVar("Documented")

PAGE = "generated/{estimator_module}.{estimator_name}.html"
BUILT = Path(__file__).parents[1] / "docs" / "_build" / "html"  # in a copy of the repository

ATTRIBUTES = """
W_ : ndarray of shape (n_layers * n_directions * n_gates * nhidden, nhidden)
    Weights of the recurrences, stacked by rows: by layer, then by direction (forward, then
    backward), then by gate. "rnn" has one gate, "gru" has r, u and n, and "lstm" has i, f, g and
    o.
U_ : ndarray of shape (n_directions * n_gates * nhidden, n_inputs)
    Embedding, with rows like those of the first layer in `W_`. For symbols, columns 0, 1 and 2
    stand for a missing sequence, an empty sequence and an unknown symbol. The others are those of
    `vocabulary_`. For numbers, there is a column for each variable of each step of a window, first
    all variables of the first step.
U_above_ : ndarray of shape ((n_layers - 1) * n_directions * n_gates * nhidden, \
n_directions * nhidden)
    Input weights of the layers above the first, with rows like those of these layers in `W_`.
G_ : ndarray of shape (ngram_size, n_ngrams)
    Vectors of the n-grams, in the columns that `ngrams_` gives. Columns 0 and 1 stand for a
    missing and an empty sequence. Column 2 is not used. The shape is (0, 0) without n-grams.
V_ : ndarray of shape (n_outputs, n_poolings * n_directions * nhidden + ngram_size)
    Weights of the output o = V [h ; g] + c: the scores of the classes, or the predicted numbers.
b_, c_ : ndarray
    Biases, with rows like those of `W_` and `V_`. With bias=False they are zero, except that `c_`
    contains the mean of numeric targets.
vocabulary_ : dict
    Column of U of each symbol, a character or a token. Only after a fit on strings or tokens.
ngrams_ : dict
    Column of G of each n-gram: a string of characters, a token or a tuple of tokens. ``"\\x02"``
    and ``"\\x03"`` mark the start and the end of a sequence. Only after a fit on strings or
    tokens with n-grams.
input_type_ : {"strings", "tokens", "numbers", "series"}
    Type of X in `fit`.
target_type_ : {"classification", "multilabel", "regression"}
    Type of y in `fit`.
n_features_in_ : int
    Number of columns of X in `fit`, if X was two-dimensional.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    Names of these columns, if they were strings.
n_iter_ : int
    Number of epochs, including those before a warm start.
loss_, best_loss_ : float
    Loss of the last epoch, and the smallest loss of all epochs. The loss is the weighted mean over
    the training rows during the epoch, with dropout. In regression it is half the squared error,
    in units of the variance of y, summed over the outputs.
loss_curve_ : list of float
    Loss of each epoch.
validation_scores_ : list of float or None
    Score on the validation set after each epoch of the last fit, if there is one: accuracy
    (of several labels, the share of rows with all labels right) or R^2.
best_validation_score_ : float or None
    Largest validation score.
"""

NOTES = """
The parameters are listed by how often they are needed: common ones from `nhidden` to
`random_state`, less common ones from `bidirectional` to `verbose`, and rare ones from `activation`
on.

Rows with equal X and y are merged before training, and their weights are added. Training uses
single precision.

A fitted network is applied in single precision too. The vector, scores and probabilities of a row
are bitwise identical whatever the other rows are. This depends on the processor and on the
libraries that torch uses, so each process tests it before a network is first applied. If the test
fails, the network is applied in double precision, and other rows can change the last bits of a
row. Networks with several bidirectional layers are always applied in double precision. `unroll`
and `explain` use double precision.

Parameters are read by `fit`. One that is set later takes effect in the next fit, except `device`,
which also says where a fitted network is applied.

With cell="rnn" and activation="relu", a state can grow with each step. A state that is too large
for a number raises an error, in `fit` and wherever the network is applied.

When a network is first applied, `W_`, `U_`, `U_above_`, `V_`, `b_` and `c_` become read-only. To
change a fitted array, assign a new one to the attribute.
"""

FIT = """
X : array-like
    Sequences. Strings: a list, array, Series or data frame column of str, with None, NaN or pd.NA
    for missing values. Token lists: a list of lists of str. Series of numbers: an array of shape
    (n_samples, n_steps) or (n_samples, n_steps, n_variables), or a list of arrays of shape
    (n_steps_i, n_variables).
y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    Classes or numbers. Several columns contain 0 or 1 for each label, or several numbers.
    A classifier needs classes, and a regressor numbers. An encoder takes both; its
    `target_type` determines which they are.
sample_weight : array-like of shape (n_samples,), default=None
    Non-negative weights. A weight of k is equivalent to k copies of the row, and a weight of zero
    to leaving the row out. Multiplying all weights by a constant changes nothing, except which
    n-grams `min_df` and `max_features` keep.
X_val, y_val : array-like, default=None
    A validation set, in the same form as X and y, that is scored after every epoch.
sample_weight_val : array-like of shape (n_val_samples,), default=None
    Non-negative weights of the rows in the validation score.

Returns
-------
self : object
    Fitted estimator.

Raises
------
TypeError, ValueError
    If X, y or a parameter cannot be used. The message says what is needed instead.
ValueError
    If the loss becomes infinite or NaN.
MemoryError
    If the network or a batch does not fit into memory.
ConnectionError
    If another process that shares the fit has failed.

Warns
-----
UserWarning
    If Ctrl-C stops training after the first epoch. The best epoch is then kept.
ConvergenceWarning
    If the final loss is more than ten times that of a network whose scores are all zero.
"""


EXPLANATION = """
The method is integrated gradients [1]_ over the embeddings, from the baseline U x_t = 0 and g = 0
to the actual U x_t and g. The contribution of an n-gram counts towards the step at which it ends.
The contributions sum to the difference in the output o = V [h ; g] + c between x and the baseline,
to about five digits (four with "max" pooling or relu). For series of numbers, the baseline is the
mean of each variable in the training rows. If a step is in several windows, its contributions
in all of them are summed.
"""

EXPLANATION_REFERENCES = """
.. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks",
   ICML 2017.
"""


def documented(**texts: str) -> Callable[[Documented], Documented]:
    """Replace the {names} in a docstring by shared texts, with the indentation of the name."""

    def text_of(found: re.Match[str]) -> str:
        return indent(dedent(texts[found[2]]).strip("\n"), found[1])

    def fill(thing: Documented) -> Documented:
        names = "|".join(texts)
        given = thing.__doc__ or ""  # there is none under python -OO
        thing.__doc__ = re.sub(rf"^( *)\{{({names})\}}$", text_of, given, flags=re.MULTILINE)
        return thing

    return fill


def page_address() -> str:
    """Return the address of an estimator's page, with placeholders for the estimator's names.

    The page is on the documentation site that the installed package declares, or in the site as
    built in this copy of the repository. Return "" if there is neither.
    """
    try:
        declared = metadata("skrnn").get_all("Project-URL", [])
    except PackageNotFoundError:
        declared = []
    for label, _, address in (entry.partition(", ") for entry in declared):
        if label == "Documentation":
            return f"{address.rstrip('/')}/{PAGE}"
    return f"{BUILT.as_uri()}/{PAGE}" if BUILT.is_dir() else ""
