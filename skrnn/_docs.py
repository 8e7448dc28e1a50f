"""The parameters and attributes that all estimators share, written once.

`documented` puts them where a class docstring says {parameters} and {attributes}.
"""

from textwrap import dedent, indent

PARAMETERS = """
nhidden : int, default=128
    Length of h, the vector of a sequence.
cell : {"rnn"}, default="rnn"
    The recurrence: "rnn" is h_t = f(W h_{t-1} + U x_t + b).
activation : {"tanh", "relu"}, default="tanh"
    The function f.
pooling : {"last"}, default="last"
    What the vector of a sequence is: "last" is the last h_t.
init : {"identity", "orthogonal", "article"}, default="identity"
    Where training starts. W is the identity or a random orthogonal matrix, U standard
    normal, V normal with standard deviation nhidden ** -0.5. "article" is the identity
    with a standard normal V, as in [1]_.
bias : bool, default=True
    Whether b and c are learned; otherwise they are zero.
dropout : float in [0, 1), default=0.2
    Share of the elements of h that are hidden from V in each training step.
analyzer : {"char", "word"} or callable, default="char"
    How a string becomes symbols: its characters; its words and its punctuation marks;
    or what the callable makes of it, a list of strings. Ignored for token lists.
lowercase : bool, default=True
    Whether strings are lower-cased first. Ignored for token lists and by a callable.
min_df : int or float, default=1
    Symbols in fewer rows than this (or in a smaller share of the rows, if a float) are
    unknown. Rows count by their `sample_weight`.
max_features : int or None, default=None
    Number of symbols kept, the most frequent ones; the others are unknown.
vocabulary : iterable of str or None, default=None
    The symbols, if they are not to be learned; a mapping is ordered by its values.
max_length : int or None, default=None
    Only the first `max_length` symbols or steps of a sequence are read.
solver : {"sgd", "rmsprop", "adam"}, default="adam"
    The optimiser, torch's with its defaults but for the step size.
learning_rate : {"constant", "onecycle"}, default="onecycle"
    Schedule of the step size: always `learning_rate_init`, or up to it linearly in the
    first quarter of `max_iter` epochs and down to zero along a cosine in the others.
learning_rate_init : float, default=0.003
    Step size, or the largest one of the schedule.
batch_size : int or "auto", default="auto"
    Sequences in a step. "auto" is 64, or fewer, down to 8, where an epoch would otherwise
    have less than 100 steps.
max_iter : int, default=15
    Number of epochs, at most.
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
    Training ends after so many epochs in a row without an improvement.
early_stopping : bool, default=False
    Whether to stop by the score on a validation set and to keep the best epoch.
validation_fraction : float in (0, 1), default=0.1
    Share of the training rows set aside by `early_stopping`, unless `fit` is given
    `X_val` and `y_val`. Equal rows are never on both sides.
warm_start : bool, default=False
    Whether `fit` goes on from the matrices of the last one, with its alphabet.
device : str, default="cpu"
    Where torch computes, such as "cuda".
random_state : int, RandomState instance or None, default=None
    Seeds the start of the matrices, the order of the rows, dropout and the validation
    split. Global seeds are neither used nor changed.
verbose : int, default=0
    If positive, a line to stderr after every `verbose` epochs.
"""

ATTRIBUTES = """
W_ : ndarray of shape (nhidden, nhidden)
    Weights of the recurrence.
U_ : ndarray of shape (nhidden, n_inputs)
    Embedding. For symbols, columns 0, 1 and 2 stand for a missing sequence, an empty one
    and an unknown symbol, the others are those of `vocabulary_`. For numbers, one column
    for each variable.
V_ : ndarray of shape (n_outputs, nhidden)
    Weights of the head o = V h + c: scores of the classes, or the predicted number.
b_, c_ : ndarray of shape (nhidden,), (n_outputs,)
    Biases; zero if `bias` is false.
vocabulary_ : dict
    Column of U of each symbol. Only after a fit on strings or tokens.
input_type_ : {"strings", "tokens", "numbers", "series"}
    What X was in fit.
n_features_in_ : int
    Number of columns of X in fit, if it was two-dimensional.
feature_names_in_ : ndarray of shape (n_features_in_,)
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
y : array-like of shape (n_samples,)
    Classes, or numbers. A classifier needs classes and a regressor numbers; an encoder
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
