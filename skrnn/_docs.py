"""The parameters and attributes that all estimators share, written once; and where the site is.

`documented` puts them where a class docstring says {parameters} and {attributes}.
"""

from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from textwrap import dedent, indent

PAGE = "generated/{estimator_module}.{estimator_name}.html"
BUILT = Path(__file__).parents[1] / "docs" / "_build" / "html"  # in a copy of the repository

PARAMETERS = """
nhidden : int, default=128
    Length of h, the state of a recurrence.
cell : {"auto", "rnn", "gru", "lstm"}, default="auto"
    The recurrence: "rnn" is h_t = f(W h_{t-1} + U x_t + b), the others are gated. "auto" is
    "rnn" for strings and tokens and "gru" for series of numbers.
activation : {"tanh", "relu"}, default="tanh"
    The function f of cell="rnn".
bidirectional : bool or "auto", default="auto"
    Whether a second recurrence reads each sequence from its end; "auto" is false for strings
    and tokens and true for series of numbers.
n_layers : int, default=1
    Number of recurrences on top of each other, each reading the states of the one below.
pooling : {"auto", "last", "mean", "max", "bag"} or tuple of the last four, default="auto"
    What the vector of a sequence is: the last h_t, the mean or the largest of all h_t
    (element by element), the bag of all U x_t (for gated cells, of the rows of the
    candidate), or several of these side by side. The bag is sum U x_t / sqrt(T), for
    symbols 32 times that, so that the recurrence reads symbols with a low voice beside it
    and does not learn them by heart. Where order over long distances decides, "last" alone
    is better. "auto" is ("mean", "bag") for strings and tokens and ("last", "max") for series
    of numbers.
init : {"identity", "orthogonal", "article"}, default="identity"
    Where training starts. W is the identity or a random orthogonal matrix (for each gate),
    U is normal for symbols with standard deviation 0.01, V with width ** -0.5. "article" is
    the identity with standard normal U and V, as in [1]_. With a bag of symbols U is 32 times
    smaller.
bias : bool, default=True
    Whether b and c are learned; otherwise they are zero.
dropout : float in [0, 1) or "auto", default="auto"
    Share of the elements of the vector that are hidden from V in each training step. "auto"
    is 0.6 for strings and tokens and 0.2 for series of numbers.
embedding_dropout : float in [0, 1), default=0.0
    Share of the elements of each U x_t that are hidden in each training step.
symbol_dropout : float in [0, 1), default=0.3
    Share of the symbols and n-grams that are hidden in each epoch: of each step the
    shortest n-gram becomes the unknown, which is how that is learned, longer ones vanish.
    What is left of U x_t is divided by 1 - `symbol_dropout`, to be as large as it will be
    when nothing is hidden.
analyzer : {"char", "word"} or callable, default="char"
    How a string becomes symbols: its characters; its words and its punctuation marks;
    or what the callable makes of it, a list of strings. Ignored for token lists.
lowercase : bool, default=True
    Whether strings are lower-cased first. Ignored for token lists and by a callable.
ngram_range : tuple of two int or "auto", default="auto"
    Smallest and largest n: x_t stands for all n-grams of symbols that end at t, so that
    U x_t is the sum of their columns. With n > 1 the start and the end of a sequence are
    symbols too, and the end is a step. (1, 1) is one symbol a step. "auto" is (1, 5) for
    the characters of strings and (1, 3) for words and tokens.
min_df : int or float, default=1
    N-grams in fewer rows than this (or in a smaller share of the rows, if a float) have
    no column and are read by their shorter parts; the shortest of `ngram_range` are spared.
    If there is one n alone, rare symbols are read as unknown. A row counts as its
    `sample_weight` rounded up.
max_features : int or None, default=100_000
    Number of symbols and n-grams kept, the most frequent ones; None keeps all. It bounds
    the memory: a column of U takes 4 * nhidden bytes, and twice that in training.
vocabulary : list, tuple, set or dict of str, or None, default=None
    The symbols and n-grams, if they are not to be learned; a mapping is ordered by its
    values. With `lowercase` no upper-case symbol occurs.
max_length : int or None, default=None
    Only the first `max_length` symbols or steps of a sequence are read.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, by label, beside `sample_weight`; 1 if left out. "balanced"
    gives every class the same sum. Must be None for numbers.
solver : {"sgd", "rmsprop", "adagrad", "adam", "adam-adagrad"}, default="adam-adagrad"
    The optimiser, with the constants of torch's. Columns of U that a batch does not use
    stay as they are. "adam-adagrad" is Adam, but Adagrad with 8 times the step size for the
    columns of symbols: rare n-grams then move in proportion to what is learned of them.
learning_rate : {"constant", "linear", "onecycle"}, default="onecycle"
    Schedule of the step size: always `learning_rate_init`; from there linearly to zero;
    or up to it linearly in the first quarter of all steps, then to zero along a cosine.
learning_rate_init : float, default=0.004
    Step size, or the largest one of the schedule.
batch_size : int or "auto", default="auto"
    Sequences in a step. "auto" is 64, or fewer, down to 8, where an epoch would otherwise
    have less than 100 steps.
max_iter : int or "auto", default="auto"
    Number of epochs, at most. "auto" is 6, or as many as make 500 steps.
alpha : float, default=0.0
    Strength of L2 regularisation, as decoupled weight decay: each step shrinks W, U and
    V by the factor 1 - alpha * step size.
max_grad_norm : float or None, default=1.0
    Larger gradients (the norm over all parameters) are scaled down to this norm.
shuffle : bool, default=True
    Whether each epoch visits the sequences in a new random order.
tol : float, default=1e-4
    What counts as an improvement of the loss, or of the score with `early_stopping`.
n_iter_no_change : int, default=10
    Training ends after so many epochs in a row without an improvement; only with
    `early_stopping` or a constant step size, as other schedules are meant to be finished.
early_stopping : bool, default=False
    Whether to stop by the score on a validation set and to keep the best epoch.
validation_fraction : float in (0, 1), default=0.1
    Share of the training rows set aside by `early_stopping`, unless `fit` is given
    `X_val` and `y_val`. Rows equal in X and y are never on both sides.
warm_start : bool, default=False
    Whether `fit` goes on from the matrices of the last one, with its alphabet.
device : str, default="cpu"
    Where torch computes, such as "cuda".
random_state : int, RandomState instance or None, default=None
    Seeds the start of the matrices, the order of the rows, dropout and the validation
    split. Global seeds are neither used nor changed.
verbose : int, default=0
    If positive, a line to stderr after every `verbose` epochs. Bars are drawn by
    `sklearn.callback.ProgressBar`, given to `set_callbacks`, from scikit-learn 1.9 on.
"""

ATTRIBUTES = """
W_ : ndarray of shape (n_layers * n_directions * n_gates * nhidden, nhidden)
    Weights of the recurrences, stacked by rows: layer by layer; in a layer the forward
    and then the backward one; in each of these its gates, which are one for "rnn", r, u
    and n for "gru", and i, f, g and o for "lstm".
U_ : ndarray of shape (n_directions * n_gates * nhidden, n_inputs)
    Embedding, with rows like those of the first layer in `W_`. For symbols, columns 0, 1
    and 2 stand for a missing sequence, an empty one and an unknown symbol, the others are
    those of `vocabulary_`. For numbers, one column for each variable.
U_above_ : ndarray of shape ((n_layers - 1) * n_directions * n_gates * nhidden, \
n_directions * nhidden)
    Input weights of the layers above the first, with rows like theirs in `W_`.
V_ : ndarray of shape (n_outputs, n_poolings * n_directions * nhidden)
    Weights of the head o = V h + c: scores of the classes, or the predicted numbers.
b_, c_ : ndarray
    Biases, with rows like those of `W_` and of `V_`; zero if `bias` is false, but for the
    mean of the numbers in `c_`.
vocabulary_ : dict
    Column of U of each symbol and n-gram: a string of characters, a token or a tuple of
    tokens; the start and the end of a sequence are "\\x02" and "\\x03". Only after a fit
    on strings or tokens.
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
    Loss of the last and of the best epoch: the weighted mean over the training rows.
loss_curve_ : list of float
    Loss of every epoch.
validation_scores_ : list of float or None
    Score on the validation set after every epoch (accuracy or R^2), if there is one.
best_validation_score_ : float or None
    The largest of them.
"""

FIT = """
X : array-like
    Sequences. Strings: a list, array, series or column of str, with None, NaN or pd.NA
    where one is missing. Token lists: a list of lists of str. Series of numbers: an
    array of shape (n_samples, n_steps), of shape (n_samples, n_steps, n_variables),
    or a list of arrays of shape (n_steps_i, n_variables).
y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    Classes, or numbers; with several columns a 0 or 1 for each label, or several numbers.
    A classifier needs classes and a regressor numbers; an encoder
    takes both, and `sklearn.utils.multiclass.type_of_target` says which they are.
sample_weight : array-like of shape (n_samples,), default=None
    Weights, not negative. A weight of k is the same as the row given k times, a weight
    of zero the same as the row left out.
X_val, y_val : array-like, default=None
    A validation set of the user's own, scored after every epoch.

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
"""


def documented(**texts):
    """Fill the {names} of a docstring with shared texts, indented as the name is."""

    def fill(thing):
        for name, text in texts.items():
            for line in thing.__doc__.splitlines():
                if line.strip() == f"{{{name}}}":
                    margin = line[: len(line) - len(line.lstrip())]
                    filled = indent(dedent(text).strip("\n"), margin)
                    thing.__doc__ = thing.__doc__.replace(line, filled)
        return thing

    return fill


def page_address():
    """Give the address of an estimator's page, with its names to be filled in.

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
