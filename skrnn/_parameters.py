"""The parameters of the estimators that learn: meaning, allowed values and defaults.

In: the arguments of the constructor. Out: attributes with the same names, and a copy with Python
numbers in place of numpy numbers. To add a parameter, add it here, and use it in
`skrnn._configuration`. Parameters are sorted by how often they are needed.
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
    """An interval of the numbers that fit into int64 or float64, without booleans."""

    def is_satisfied_by(self, val: Any) -> bool:
        """Return whether a Python or numpy value is a number in the interval."""
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

COMMON = """
nhidden : int, default=64
    Length of h, the state of a recurrence.
cell : {"auto", "rnn", "gru", "lstm"} or None, default="auto"
    Type of recurrence. "rnn" is h_t = f(W h_{t-1} + U x_t + b). "gru" [2]_ and "lstm" [3]_ have
    gates, as in torch, but no bias of W h. "auto" is "gru". None turns the recurrence off, so that
    only the n-grams are used.
ngram_range : tuple of two int, "auto" or None, default="auto"
    Smallest and largest n of the n-grams of symbols. g is the sum of their columns of G. The start
    and the end of a sequence count as symbols here. "auto" is (1, 5) for the characters of
    strings, and (1, 3) for words and tokens. None turns the n-grams off, so that only the
    recurrence is used. Ignored for series of numbers.
ngram_size : int, default=128
    Length of g.
analyzer : {"char", "word"} or callable, default="char"
    How a string is split into symbols: into characters, or into words and punctuation marks. A
    callable takes a string and returns a list of strings. Ignored for token lists.
window : int, tuple of two int or "auto", default="auto"
    How series of numbers are read: (width, stride). x_t is a window of `width` steps, and begins
    `stride` steps after x_{t-1}, so that U x_t is a small convolution. A single number is the
    width, at most 10,000. The stride is then a third of it, rounded down, but at least 1. With a
    width of 1, series are read step by step. "auto" depends on T, the median length in `fit`. It
    is 1 if T is less than 12. Otherwise the stride is sqrt(T / 3), rounded, and the width is three
    strides, so that 150 steps are read in 20 windows of 21. In training, the first window of a
    series begins at one of its first `stride` steps, drawn anew in each epoch. Ignored for strings
    and tokens.
min_df : int or float, default=1
    Smallest number of rows (or share of the rows, if a float) that an n-gram must occur in to get
    a column of G. The shortest n-grams of `ngram_range` are always kept. With ngram_range=None,
    `min_df` applies to symbols instead: rare ones are read as the unknown symbol. A row counts as
    its `sample_weight`, rounded up.
dropout : float in [0, 1) or "auto", default="auto"
    Share of the elements of the vector [h ; g] that are set to zero at random in each training
    step. The others are divided by 1 - `dropout`. "auto" is 0.2 for h and 0.6 for g.
max_iter : int or "auto", default="auto"
    Largest number of epochs. "auto" sets a tenth of the rows aside. It trains as long as the loss
    on them falls by at least 1% per epoch, or while it has hardly begun to fall. It then returns
    to the best epoch, and trains on all rows for half as many epochs again, while the learning
    rate falls to zero. There are at most 60 epochs. At the end, V and c are divided by a
    temperature [7]_ of at least 1: the one that minimizes the loss on the rows set aside.
    "auto" is 6 epochs, or as many as make 500 steps (200 for series of numbers), with
    `early_stopping`, with a constant learning rate, or with fewer than 500 rows (after equal rows
    are merged; frequent ones count several times).
random_state : int, RandomState instance or None, default=None
    Seed of the initial matrices, the order of the rows, dropout and the validation split. Global
    seeds are neither used nor changed.
"""

LESS_COMMON = """
bidirectional : bool or "auto", default="auto"
    Whether a second recurrence reads each sequence backwards. "auto" is false for strings and
    tokens, and true for series of numbers.
pooling : {"auto", "last", "mean", "max"} or tuple of the last three, default="auto"
    How the states of a sequence become h: the last h_t, the mean of all h_t, or their
    elementwise maximum. A tuple concatenates several of these. "auto" is "last" for strings and
    tokens, and ("last", "max") for series of numbers.
lowercase : bool, default=True
    Whether strings are converted to lower case first. Ignored for token lists and with a callable
    `analyzer`.
max_length : int or None, default=None
    If not None, only the first `max_length` symbols or steps of a sequence are read.
ngram_dropout : float in [0, 1), default=0.3
    Share of the n-grams that are left out in each epoch [5]_. The sum of the remaining ones is
    divided by 1 - `ngram_dropout`, so that its size matches that in prediction.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, by label, in addition to `sample_weight`. Classes that are not in the
    dict have weight 1, and no weight may be negative. "balanced" gives all classes the same total
    weight. Must be None in regression.
learning_rate_init : float, default=0.004
    Learning rate, or the largest one of the schedule. solver="adam-adagrad" multiplies it for some
    matrices.
batch_size : int or "auto", default="auto"
    Number of sequences per step. "auto" is 64. It is smaller where an epoch would have fewer than
    100 steps, down to 8 (16 for series of numbers). Equal rows are merged; a merged row with a
    large weight is read in several steps of an epoch.
early_stopping : bool, default=False
    Whether to stop when the score on a validation set stops improving, and to keep the best epoch.
    Set a larger `max_iter` with it: "auto" is then mostly 6 epochs, fewer than `n_iter_no_change`.
warm_start : bool, default=False
    Whether `fit` continues from the matrices of the previous fit, with the same symbols and
    n-grams.
device : str or torch.device, default="cpu"
    Where torch computes, such as "cuda". A change takes effect at once, for fitted networks too.
verbose : int, default=0
    If positive, a line is written to stderr after every `verbose` epochs. For progress bars, pass
    `sklearn.callback.ProgressBar` to `set_callbacks` (scikit-learn 1.9 or later).
"""

RARE = """
activation : {"tanh", "relu"}, default="tanh"
    The function f of cell="rnn".
n_layers : int, default=1
    Number of stacked recurrences. Each reads the states of the one below.
init : {"identity", "orthogonal", "article"}, default="orthogonal"
    Initial matrices. W is the identity [4]_ or a random orthogonal matrix, for each gate. U, G, V
    and the layers above the first are drawn from normal distributions: U of symbols with standard
    deviation 0.4, G with 0.01, and the others with their number of columns ** -0.5. b and c are
    zero, except for b of the gate f of "lstm", which is 1. "article" is the identity with standard
    normal U and V, as in [1]_.
bias : bool, default=True
    Whether b and c are learned. Otherwise they are zero.
max_features : int or None, default=100_000
    Largest number of n-grams, and of symbols; the most frequent ones are kept. None keeps all.
    This limits the memory: a column of G takes 4 * ngram_size bytes, and three times that in
    training.
vocabulary : list, tuple, set, dict or ndarray, or None, default=None
    The symbols that have columns of U. None takes them from the training rows. A dict is ordered
    by its values. With `lowercase`, upper-case symbols never occur. Ignored for series of numbers.
solver : {"sgd", "rmsprop", "adam", "adam-adagrad"}, default="adam-adagrad"
    The optimizer, with torch's constants. Columns of U and G that a batch does not use stay
    unchanged. "adam-adagrad" is Adam for V and c, Adam with twice the learning rate for W, U and
    b, and Adagrad with 8 times the learning rate for G. With Adagrad, the steps of frequent n-grams
    become smaller, while those of rare n-grams stay large.
learning_rate : {"constant", "onecycle"}, default="onecycle"
    Schedule of the learning rate. "constant" is always `learning_rate_init`. "onecycle" rises to
    it linearly in the first quarter of all steps, then falls to zero along a cosine [6]_. If
    max_iter="auto" determines the number of epochs, "onecycle" rises for two epochs, stays
    constant, and falls linearly.
alpha : float, default=0.0
    Strength of L2 regularization, as decoupled weight decay. Each step multiplies W, V and the
    columns of U and G that the batch reads by 1 - alpha * learning rate, which must be positive.
max_grad_norm : float or None, default=None
    Largest norm of the gradient over all matrices. Larger gradients are scaled down to it. None
    does not change them.
tol : float, default=1e-4
    Smallest improvement of the loss, or of the validation score with `early_stopping`, that counts
    for `n_iter_no_change`.
n_iter_no_change : int, default=10
    Training stops after this many epochs in a row without an improvement. Only with
    `early_stopping` or a constant learning rate; other schedules run to their end.
validation_fraction : float in (0, 1), default=0.1
    Share of the training rows that `early_stopping` sets aside, the same for each class, unless
    `fit` is given `X_val` and `y_val`. Rows with equal X and y are never on both sides.
"""

GROUPS = {"Common": COMMON, "Less common": LESS_COMMON, "Rare": RARE}
PARAMETERS = "".join(text.removeprefix("\n") for text in GROUPS.values())

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


# scikit-learn's estimators have their own __repr__, and compare by identity
@dataclass(eq=False, repr=False)
class RNNParameters:
    """The parameters of `RNNEncoder`, `RNNClassifier` and `RNNRegressor`."""

    nhidden: int = 64
    _: KW_ONLY
    cell: Literal["auto", "rnn", "gru", "lstm"] | None = "auto"
    ngram_range: tuple[int, int] | Literal["auto"] | None = "auto"
    ngram_size: int = 128
    analyzer: Literal["char", "word"] | Callable[[str], Iterable[str]] = "char"
    window: int | tuple[int, int] | Literal["auto"] = "auto"
    min_df: int | float = 1
    dropout: float | Literal["auto"] = "auto"
    max_iter: int | Literal["auto"] = "auto"
    random_state: int | np.random.RandomState | None = None

    bidirectional: bool | Literal["auto"] = "auto"
    pooling: Literal["auto"] | PoolingName | tuple[PoolingName, ...] = "auto"
    lowercase: bool = True
    max_length: int | None = None
    ngram_dropout: float = 0.3
    class_weight: dict[Any, float] | Literal["balanced"] | None = None
    learning_rate_init: float = 0.004
    batch_size: int | Literal["auto"] = "auto"
    early_stopping: bool = False
    warm_start: bool = False
    device: str | torch.device = "cpu"
    verbose: int = 0

    activation: Literal["tanh", "relu"] = "tanh"
    n_layers: int = 1
    init: Literal["identity", "orthogonal", "article"] = "orthogonal"
    bias: bool = True
    max_features: int | None = 100_000
    vocabulary: Collection[Any] | None = None
    solver: Literal["sgd", "rmsprop", "adam", "adam-adagrad"] = "adam-adagrad"
    learning_rate: Literal["constant", "onecycle"] = "onecycle"
    alpha: float = 0.0
    max_grad_norm: float | None = None
    tol: float = 1e-4
    n_iter_no_change: int = 10
    validation_fraction: float = 0.1

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "nhidden": [POSITIVE],
        "cell": [StrOptions({"auto", "rnn", "gru", "lstm"}), None],
        "ngram_range": [tuple, list, StrOptions({"auto"}), None],
        "ngram_size": [POSITIVE],
        "analyzer": [StrOptions({"char", "word"}), callable],
        "window": [POSITIVE, tuple, list, StrOptions({"auto"})],
        "min_df": [POSITIVE, Number(RealNotInt, 0, 1, closed="both")],
        "dropout": [Number(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "max_iter": [StrOptions({"auto"}), POSITIVE],
        "random_state": RANDOM_STATE,
        "bidirectional": ["boolean", StrOptions({"auto"})],
        "pooling": [StrOptions({"auto", *POOLINGS}), tuple, list],
        "lowercase": ["boolean"],
        "max_length": [POSITIVE, None],
        "ngram_dropout": [Number(Real, 0, 1, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "learning_rate_init": [Number(Real, 0, None, closed="neither")],
        "batch_size": [StrOptions({"auto"}), POSITIVE],
        "early_stopping": ["boolean"],
        "warm_start": ["boolean"],
        "device": [str, torch.device],
        "verbose": [Number(Integral, 0, None, closed="left"), "boolean"],
        "activation": [StrOptions({"tanh", "relu"})],
        "n_layers": [POSITIVE],
        "init": [StrOptions({"identity", "orthogonal", "article"})],
        "bias": ["boolean"],
        "max_features": [POSITIVE, None],
        "vocabulary": [Iterable, None],
        "solver": [StrOptions(set(SOLVERS))],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "alpha": [Number(Real, 0, None, closed="left")],
        "max_grad_norm": [Number(Real, 0, None, closed="neither"), None],
        "tol": [Number(Real, 0, None, closed="left")],
        "n_iter_no_change": [POSITIVE],
        "validation_fraction": [Number(Real, 0, 1, closed="neither")],
    }


def with_python_values(estimator: Estimator) -> Estimator:
    """Return a copy with Python numbers and strings in place of numpy ones as parameters."""
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
