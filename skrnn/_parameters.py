"""The parameters of the estimators that learn: what each means, may be, and is by default.

In: what a user passes. Out: attributes of the same names, and a copy with Python's numbers in place
of numpy's. A parameter that is added is added here; `skrnn._configuration` says what becomes of it.
"""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from skrnn.net.optimizer import SOLVERS
from skrnn.net.pooling import POOLINGS
from skrnn.net.schedules import SCHEDULES

Estimator = TypeVar("Estimator")
PoolingName = Literal["last", "mean", "max"]


class Number(Interval):
    """The numbers of an interval that int64 or float64 can hold; a boolean is none of them."""

    def is_satisfied_by(self, val: Any) -> bool:
        """Return whether a value is such a number, of Python or of numpy."""
        if isinstance(val, (bool, np.timedelta64)) or not isinstance(val, Real):
            return False
        if self.type is Integral:
            return isinstance(val, Integral) and val < 2**63 and val in self
        if self.type is RealNotInt and isinstance(val, Integral):
            return False
        try:
            return float(val) in self
        except OverflowError:  # a large int
            return False

    def __str__(self) -> str:
        text = str(super().__str__())
        return text.replace("inf)", "2**63)") if self.type is Integral else text


POSITIVE = Number(Integral, 1, None, closed="left")
RANDOM_STATE = [Number(Integral, 0, 2**32 - 1, closed="both"), np.random.RandomState, None]

PARAMETERS = """
nhidden : int, default=64
    Length of h, the state of a recurrence.
cell : {"auto", "rnn", "gru", "lstm"} or None, default="auto"
    The recurrence: "rnn" is h_t = f(W h_{t-1} + U x_t + b); "gru" [2]_ and "lstm" [3]_ are
    gated, as torch has them but without a bias of W h. "auto" is "gru". None is no recurrence:
    n-grams alone.
activation : {"tanh", "relu"}, default="tanh"
    The function f of cell="rnn".
bidirectional : bool or "auto", default="auto"
    Whether a second recurrence reads each sequence from its end; "auto" is false for strings
    and tokens and true for series of numbers.
n_layers : int, default=1
    Number of recurrences on top of each other, each reading the states of the one below.
window : int, tuple of two int or "auto", default="auto"
    How series of numbers are read: (width, stride). x_t is a window of `width` steps, and begins
    `stride` steps after x_{t-1}, so that U x_t is a small convolution. A single number is the
    width; the stride is a third of it, rounded down, and at least 1. With 1 series are read step
    by step, and 10,000 is the largest width. "auto" goes by T, the median length in fit: it is 1
    if T is less than 12. Otherwise the stride is sqrt(T / 3), rounded, and the width is three
    strides, so that 150 steps are read by 20 windows of 21. In training, the first window of a
    series begins at one of its first `stride` steps, drawn anew in each epoch. Ignored for strings
    and tokens.
pooling : {"auto", "last", "mean", "max"} or tuple of the last three, default="auto"
    What becomes of the states of a sequence: the last h_t, the mean or the largest of all h_t
    (element by element), or several of these side by side. "auto" is "last" for strings and
    tokens and ("last", "max") for series of numbers.
init : {"identity", "orthogonal", "article"}, default="orthogonal"
    Where training starts. W is the identity [4]_ or a random orthogonal matrix (for each gate).
    U, G, V and the layers above are normal: U of symbols with standard deviation 0.4, G with
    0.01, the others with their number of columns ** -0.5. b and c are zero, but 1 for the gate f
    of "lstm". "article" is the identity with standard normal U and V, as in [1]_.
bias : bool, default=True
    Whether b and c are learned; otherwise they are zero.
dropout : float in [0, 1) or "auto", default="auto"
    Share of the elements of the vector that are zero for V, at random in each training step; the
    others are divided by what is left, 1 - `dropout`. "auto" is 0.2 for h and 0.6 for g.
ngram_dropout : float in [0, 1), default=0.3
    Share of the n-grams that are left out in each epoch [5]_. What is left of their sum is
    divided by 1 - `ngram_dropout`, to be as large as it will be when nothing is left out.
analyzer : {"char", "word"} or callable, default="char"
    How a string becomes symbols: its characters; its words and its punctuation marks;
    or what the callable makes of it, a list of strings. Ignored for token lists.
lowercase : bool, default=True
    Whether strings are lower-cased first. Ignored for token lists and by a callable.
ngram_range : tuple of two int, "auto" or None, default="auto"
    Smallest and largest n of the n-grams of symbols, whose columns of G add up to g. The start
    and the end of a sequence count as symbols here. "auto" is (1, 5) for the characters of
    strings and (1, 3) for words and tokens. None is no n-grams: the recurrence alone. Ignored
    for series of numbers.
ngram_size : int, default=128
    Length of g.
min_df : int or float, default=1
    N-grams in fewer rows than this (or in a smaller share of the rows, if a float) have
    no column; the shortest of `ngram_range` are spared. With ngram_range=None it is the symbols:
    rare ones are read as unknown. A row counts as its `sample_weight` rounded up.
max_features : int or None, default=100_000
    Number of n-grams kept, the most frequent ones, and of symbols; None keeps all. It bounds
    the memory: a column of G takes 4 * ngram_size bytes, and three times that in training.
vocabulary : list, tuple, set, dict or ndarray, or None, default=None
    The symbols that have columns of U, if they are not to be learned; a mapping is ordered by
    its values. With `lowercase` no upper-case symbol occurs. Ignored for series of numbers.
max_length : int or None, default=None
    Only the first `max_length` symbols or steps of a sequence are read.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, by label, beside `sample_weight`: not negative, and 1 if left out.
    "balanced" gives every class the same sum. Must be None for numbers.
solver : {"sgd", "rmsprop", "adam", "adam-adagrad"}, default="adam-adagrad"
    The optimiser, with the constants of torch's. Columns of U and G that a batch does not use
    stay as they are. "adam-adagrad" is Adam for V and c, Adam with twice the step size for W, U
    and b, and Adagrad with 8 times the step size for G. Adagrad's steps get smaller for the
    n-grams that have had many of them, and stay large for rare ones.
learning_rate : {"constant", "onecycle"}, default="onecycle"
    Schedule of the step size. "constant" is always `learning_rate_init`. "onecycle" rises to it
    linearly in the first quarter of all steps, then falls to zero along a cosine [6]_; where
    max_iter="auto" finds the number of epochs, it rises in two epochs, stays, and falls linearly.
learning_rate_init : float, default=0.004
    Step size, or the largest one of the schedule. "adam-adagrad" multiplies it for some matrices.
batch_size : int or "auto", default="auto"
    Sequences in a step. "auto" is 64, or fewer, down to 8 (to 16 for series of numbers), where an
    epoch would otherwise have less than 100 steps. Equal rows are merged; one of much weight is in
    several steps of an epoch.
max_iter : int or "auto", default="auto"
    Number of epochs, at most. "auto" sets a tenth of the rows aside and trains as long as their
    loss falls by 1% an epoch or more, or has barely begun to fall. It goes back to the best epoch,
    and trains on all rows for half as many epochs more, in which the step size falls to zero;
    there are at most 60 epochs in all. Then V and c are divided by the temperature [7]_, from 1
    up, that suited the rows set aside best.
    "auto" is 6, or as many as make 500 steps (200 for series of numbers), with `early_stopping`,
    with a constant step size, and with fewer than 500 rows (after equal ones are merged; frequent
    ones count several times).
alpha : float, default=0.0
    Strength of L2 regularisation, as decoupled weight decay: each step shrinks W, V and
    those columns of U and G that the batch reads by the factor 1 - alpha * step size, which has
    to be positive.
max_grad_norm : float or None, default=None
    Larger gradients (the norm over all parameters) are scaled down to this norm. None leaves
    them as they are.
tol : float, default=1e-4
    What counts as an improvement of the loss, or of the score with `early_stopping`.
n_iter_no_change : int, default=10
    Training ends after so many epochs in a row without an improvement; only with
    `early_stopping` or a constant step size, as other schedules are meant to be finished.
early_stopping : bool, default=False
    Whether to stop by the score on a validation set and to keep the best epoch. Set a larger
    `max_iter` with it: "auto" is then mostly 6 epochs, fewer than `n_iter_no_change`.
validation_fraction : float in (0, 1), default=0.1
    Share of the training rows, the same of each class, that `early_stopping` sets aside,
    unless `fit` is given `X_val` and `y_val`. Rows equal in X and y are never on both sides.
warm_start : bool, default=False
    Whether `fit` continues from the matrices of the previous one, with its symbols and n-grams.
device : str or torch.device, default="cpu"
    Where torch computes, such as "cuda". Once set, it counts for a net that is fitted as well.
random_state : int, RandomState instance or None, default=None
    Seeds the start of the matrices, the order of the rows, dropout and the validation
    split. Global seeds are neither used nor changed.
verbose : int, default=0
    If positive, a line to stderr after every `verbose` epochs. Bars are drawn by
    `sklearn.callback.ProgressBar`, given to `set_callbacks`, from scikit-learn 1.9 on.
"""

REFERENCES = """
.. [1] Terence Parr, "An RNN built with matrices and trained with SGD",
   https://explained.ai/rnn/
.. [2] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for
   statistical machine translation", EMNLP 2014.
.. [3] S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8),
   1997.
.. [4] Q. V. Le, N. Jaitly and G. E. Hinton, "A simple way to initialize recurrent networks
   of rectified linear units", arXiv:1504.00941, 2015.
.. [5] M. Iyyer et al., "Deep unordered composition rivals syntactic methods for text
   classification", ACL 2015.
.. [6] L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks
   using large learning rates", arXiv:1708.07120, 2018.
.. [7] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
   networks", ICML 2017.
"""


# no __eq__ and no __repr__, as those of scikit-learn's estimators are by identity and short
@dataclass(eq=False, repr=False)
class RNNParameters:
    """What `RNNEncoder`, `RNNClassifier` and `RNNRegressor` are made with."""

    nhidden: int = 64
    _: KW_ONLY
    cell: Literal["auto", "rnn", "gru", "lstm"] | None = "auto"
    activation: Literal["tanh", "relu"] = "tanh"
    bidirectional: bool | Literal["auto"] = "auto"
    n_layers: int = 1
    window: int | tuple[int, int] | Literal["auto"] = "auto"
    pooling: Literal["auto"] | PoolingName | tuple[PoolingName, ...] = "auto"
    init: Literal["identity", "orthogonal", "article"] = "orthogonal"
    bias: bool = True
    dropout: float | Literal["auto"] = "auto"
    ngram_dropout: float = 0.3
    analyzer: Literal["char", "word"] | Callable[[str], Iterable[str]] = "char"
    lowercase: bool = True
    ngram_range: tuple[int, int] | Literal["auto"] | None = "auto"
    ngram_size: int = 128
    min_df: int | float = 1
    max_features: int | None = 100_000
    vocabulary: Collection[Any] | None = None
    max_length: int | None = None
    class_weight: dict[Any, float] | Literal["balanced"] | None = None
    solver: Literal["sgd", "rmsprop", "adam", "adam-adagrad"] = "adam-adagrad"
    learning_rate: Literal["constant", "onecycle"] = "onecycle"
    learning_rate_init: float = 0.004
    batch_size: int | Literal["auto"] = "auto"
    max_iter: int | Literal["auto"] = "auto"
    alpha: float = 0.0
    max_grad_norm: float | None = None
    tol: float = 1e-4
    n_iter_no_change: int = 10
    early_stopping: bool = False
    validation_fraction: float = 0.1
    warm_start: bool = False
    device: str | torch.device = "cpu"
    random_state: int | np.random.RandomState | None = None
    verbose: int = 0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "nhidden": [POSITIVE],
        "cell": [StrOptions({"auto", "rnn", "gru", "lstm"}), None],
        "activation": [StrOptions({"tanh", "relu"})],
        "bidirectional": ["boolean", StrOptions({"auto"})],
        "n_layers": [POSITIVE],
        "window": [POSITIVE, tuple, list, StrOptions({"auto"})],
        "pooling": [StrOptions({"auto", *POOLINGS}), tuple, list],
        "init": [StrOptions({"identity", "orthogonal", "article"})],
        "bias": ["boolean"],
        "dropout": [Number(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "ngram_dropout": [Number(Real, 0, 1, closed="left")],
        "analyzer": [StrOptions({"char", "word"}), callable],
        "lowercase": ["boolean"],
        "ngram_range": [tuple, list, StrOptions({"auto"}), None],
        "ngram_size": [POSITIVE],
        "min_df": [POSITIVE, Number(RealNotInt, 0, 1, closed="both")],
        "max_features": [POSITIVE, None],
        "vocabulary": [Iterable, None],
        "max_length": [POSITIVE, None],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "solver": [StrOptions(set(SOLVERS))],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": [Number(Real, 0, None, closed="neither")],
        "batch_size": [StrOptions({"auto"}), POSITIVE],
        "max_iter": [StrOptions({"auto"}), POSITIVE],
        "alpha": [Number(Real, 0, None, closed="left")],
        "max_grad_norm": [Number(Real, 0, None, closed="neither"), None],
        "tol": [Number(Real, 0, None, closed="left")],
        "n_iter_no_change": [POSITIVE],
        "early_stopping": ["boolean"],
        "validation_fraction": [Number(Real, 0, 1, closed="neither")],
        "warm_start": ["boolean"],
        "device": [str, torch.device],
        "random_state": RANDOM_STATE,
        "verbose": [Number(Integral, 0, None, closed="left"), "boolean"],
    }


def with_python_values(estimator: Estimator) -> Estimator:
    """Return a copy whose parameters are Python's numbers and strings in place of numpy's."""
    plain: Any = copy(estimator)
    for name, value in plain.get_params(deep=False).items():
        setattr(plain, name, _python_value(value))
    return plain  # type: ignore[no-any-return]


def _python_value(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.str_):
        return str(value)
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else float(value)
    return value
