"""Parts of docstrings that several objects share, and the address of the documentation.

`documented` puts them where a docstring says {attributes} and the like.
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
    Weights of the recurrences, stacked by rows: layer by layer; in a layer the forward
    and then the backward one; in each of these its gates, which are one for "rnn", r, u
    and n for "gru", and i, f, g and o for "lstm".
U_ : ndarray of shape (n_directions * n_gates * nhidden, n_inputs)
    Embedding, with rows like those of the first layer in `W_`. For symbols, columns 0, 1
    and 2 stand for a missing sequence, an empty one and an unknown symbol, the others are
    those of `vocabulary_`. For numbers, a column for each variable of each step of a window:
    first those of its first step.
U_above_ : ndarray of shape ((n_layers - 1) * n_directions * n_gates * nhidden, \
n_directions * nhidden)
    Input weights of the layers above the first, with rows like theirs in `W_`.
G_ : ndarray of shape (ngram_size, n_ngrams)
    Vectors of the n-grams, in the columns that `ngrams_` gives. Columns 0 and 1 stand for a
    missing sequence and an empty one; column 2 is not used. Of shape (0, 0) without n-grams.
V_ : ndarray of shape (n_outputs, n_poolings * n_directions * nhidden + ngram_size)
    Weights of the head o = V [h ; g] + c: scores of the classes, or the predicted numbers.
b_, c_ : ndarray
    Biases, with rows like those of `W_` and of `V_`; zero if `bias` is false, but for the
    mean of the numbers in `c_`.
vocabulary_ : dict
    Column of U of each symbol, a character or a token. Only after a fit on strings or tokens.
ngrams_ : dict
    Column of G of each n-gram: a string of characters, a token or a tuple of tokens. The start
    and the end of a sequence are ``"\\x02"`` and ``"\\x03"``. Only after a fit on strings or
    tokens with n-grams.
input_type_ : {"strings", "tokens", "numbers", "series"}
    What X was in fit.
target_type_ : {"classification", "multilabel", "regression"}
    What y was in fit.
n_features_in_ : int
    Number of columns of X in fit, if it was two-dimensional.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    Names of these columns, if they were strings.
n_iter_ : int
    Number of epochs, counting those before a warm start.
loss_, best_loss_ : float
    Loss of the last epoch, and the smallest of all: the weighted mean over the training rows,
    with dropout, during the epoch. For numbers half the squared error, in units of the
    variance of y, summed over the outputs.
loss_curve_ : list of float
    Loss of every epoch.
validation_scores_ : list of float or None
    Score on the validation set after every epoch of the last fit, if there is one: accuracy
    (of several labels, that of whole rows) or R^2.
best_validation_score_ : float or None
    The largest of them.
"""

NOTES = """
Rows that agree in X and y are merged before training, adding their weights. Training is in
single precision.

A fitted net is applied in single precision too. The vector, the scores and the probabilities of a
row have the same bits whatever rows are beside it. This depends on the processor and on the
libraries that torch uses, so each process tries it before a net is first applied. Where it does
not hold, the net is applied in double precision, in which rows that are beside a row can change
its last bits. Nets of several bidirectional layers are always applied in double precision.
`unroll` and `explain` compute in double precision.

Parameters are read by `fit`. One that is set later counts from the next fit on, but for `device`,
which says where a fitted net is applied.

A state of cell="rnn" with activation="relu" can grow with each step. One that is too large for a
number is an error, in `fit` and wherever the net is applied.

The first time a net is applied, `W_`, `U_`, `U_above_`, `V_`, `b_` and `c_` become read-only. To
change a fitted array, assign another one to the attribute.
"""

FIT = """
X : array-like
    Sequences. Strings: a list, array, series or column of str, with None, NaN or pd.NA
    where one is missing. Token lists: a list of lists of str. Series of numbers: an
    array of shape (n_samples, n_steps), of shape (n_samples, n_steps, n_variables),
    or a list of arrays of shape (n_steps_i, n_variables).
y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    Classes, or numbers; with several columns a 0 or 1 for each label, or several numbers.
    A classifier needs classes and a regressor numbers; an encoder takes both, and its
    `target_type` says which they are.
sample_weight : array-like of shape (n_samples,), default=None
    Weights, not negative. A weight of k is the same as the row given k times, a weight
    of zero the same as the row left out. Their unit changes nothing but what `min_df` and
    `max_features` leave out.
X_val, y_val : array-like, default=None
    A validation set, in the form of X and y, that is scored after every epoch.
sample_weight_val : array-like of shape (n_val_samples,), default=None
    Weights of the rows of the validation set in its score, not negative.

Returns
-------
self : object
    Fitted estimator.

Raises
------
TypeError, ValueError
    If X, y or a parameter cannot be used; the message says what is needed instead.
ValueError
    If the loss does not stay finite.
MemoryError
    If the net or a batch does not fit into the memory.

Warns
-----
UserWarning
    If Ctrl-C ends the training after its first epoch; the best epoch is then kept.
ConvergenceWarning
    If the loss at the end is more than ten times that of a net whose scores are all zero.
"""


EXPLANATION = """
The method is integrated gradients [1]_ over the embeddings: from U x_t = 0 at every step and g = 0,
where nothing is read, to the actual U x_t and g. An n-gram counts for the step at which it ends.
The contributions sum to the difference of the output o = V [h ; g] + c between the two, to about
five digits; four with the largest h_t in the vector, or relu. Series of numbers start not from
zero but from the mean of each variable in the training rows. A step that is read in several
windows has the sum of what it adds in each.
"""

EXPLANATION_REFERENCES = """
.. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks",
   ICML 2017.
"""


def documented(**texts: str) -> Callable[[Documented], Documented]:
    """Fill the {names} of a docstring with shared texts, indented as the name is."""

    def text_of(found: re.Match[str]) -> str:
        return indent(dedent(texts[found[2]]).strip("\n"), found[1])

    def fill(thing: Documented) -> Documented:
        names = "|".join(texts)
        given = thing.__doc__ or ""  # there is none under python -OO
        thing.__doc__ = re.sub(rf"^( *)\{{({names})\}}$", text_of, given, flags=re.MULTILINE)
        return thing

    return fill


def page_address() -> str:
    """Return the address of an estimator's page, with its names to be filled in.

    It is below the address of the documentation that the installed package declares, or in
    the site as built in this copy of the repository; "" where there is neither.
    """
    try:
        declared = metadata("skrnn").get_all("Project-URL", [])
    except PackageNotFoundError:
        declared = []
    for label, _, address in (entry.partition(", ") for entry in declared):
        if label == "Documentation":
            return f"{address.rstrip('/')}/{PAGE}"
    return f"{BUILT.as_uri()}/{PAGE}" if BUILT.is_dir() else ""
