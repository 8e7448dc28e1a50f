"""`FixedEncoder`: the same recurrence with given matrices, without learning."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache, partial
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions

from skrnn._base import BaseRecurrent, fit_or_restore, fitted_input
from skrnn._configuration import MAX_WEIGHTS
from skrnn._parameters import POSITIVE, RANDOM_STATE, Number
from skrnn.input.encoding import Codebook
from skrnn.input.messages import describe
from skrnn.input.samples import SYMBOLIC, FittedForm, Samples
from skrnn.input.sequences import N_SPECIAL, Array, Floats
from skrnn.input.values import as_numbers, is_number, unwrap_scalar
from skrnn.input.vocabulary import VocabularyRule
from skrnn.net.architecture import Architecture
from skrnn.net.weights import Matrices

if TYPE_CHECKING:
    from typing_extensions import Self


class FixedEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseRecurrent):
    """Encode strings and other sequences with given matrices.

    The vector of a sequence x_1 ... x_T is h_T of ::

        h_0 = 0,    h_t = f(W h_{t-1} + U x_t)

    This is the equation of `RNNEncoder`. The article [1]_ goes from a sum of numbers to an
    untrained recurrent network in several steps. Each step is one choice of W and U.

    Parameters
    ----------
    W : float, "identity" or array-like of shape (nhidden, nhidden), default="identity"
        The recurrent weights. A number w stands for w times the identity.
    U : {"onehot", "ordinal", "random"} or array-like of shape (nhidden, n_symbols), \
default="onehot"
        The vectors of the symbols, one column per symbol, in the order of `vocabulary_`. "onehot"
        is the identity, "ordinal" the row 0, 1, 2, ..., and "random" is drawn from the standard
        normal distribution. For series, U has one column per variable, and "onehot" and "ordinal"
        are the identity.
    activation : {"identity", "tanh", "relu"}, default="identity"
        The function f.
    nhidden : int, default=100
        Length of h. Only used with U="random".
    analyzer : {"char", "word"} or callable, default="char"
        How a string is split into symbols: into characters, or into words and punctuation marks.
        A callable takes a string and returns a list of strings. Ignored for token lists.
    lowercase : bool, default=True
        Whether strings are converted to lower case first. Ignored for token lists and with a
        callable `analyzer`.
    vocabulary : list, tuple, set or dict of str, or None, default=None
        The symbols. None takes those of X in `fit`, sorted. Other symbols have a column of zeros.
        Ignored for series of numbers.
    max_length : int or None, default=None
        If not None, only the first `max_length` symbols or steps of a sequence are read.
    random_state : int, RandomState instance or None, default=None
        Seed of U="random".

    Attributes
    ----------
    W_ : ndarray of shape (nhidden, nhidden)
        The matrix W.
    U_ : ndarray of shape (nhidden, n_inputs)
        The matrix U. For symbols, columns 0, 1 and 2 stand for a missing sequence, an empty
        sequence and an unknown symbol, and are zero. The others are those of `vocabulary_`.
    vocabulary_ : dict
        Column of U of each symbol. Only after a fit on strings or tokens.
    input_type_ : {"strings", "tokens", "numbers", "series"}
        Type of X in `fit`.
    n_features_in_ : int
        Number of columns of X in `fit`, if X was two-dimensional.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if they were strings.

    See Also
    --------
    RNNEncoder : Learns W and U from a target y.

    Notes
    -----
    States are computed in double precision. Series are read step by step. Parameters are read by
    `fit`: one that is set later takes effect in the next fit.

    When the encoder is first applied, `W_` and `U_` become read-only. To change a fitted array,
    assign a new one to the attribute.

    References
    ----------
    .. [1] Terence Parr, "An RNN built with matrices and trained with SGD",
       https://explained.ai/rnn/

    Examples
    --------
    The sum of the letters' numbers does not depend on their order. Doubling the state before the
    next letter is added makes it depend on the order:

    >>> from skrnn import FixedEncoder
    >>> letters = list("acehktz")
    >>> words = ["cat", "act"]
    >>> FixedEncoder(W=1, U="ordinal", vocabulary=letters).fit_transform(words).ravel()
    array([6., 6.])
    >>> FixedEncoder(W=2, U="ordinal", vocabulary=letters).fit_transform(words).ravel()
    array([9., 7.])

    A bag of letters, and an untrained network:

    >>> FixedEncoder(vocabulary=letters).fit_transform(["cat"])
    array([[1., 1., 0., 0., 0., 1., 0.]])
    >>> net = FixedEncoder(U="random", nhidden=3, activation="tanh", random_state=0)
    >>> net.fit_transform(["cat"]).shape
    (1, 3)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "W": [Number(Real, None, None, closed="neither"), StrOptions({"identity"}), "array-like"],
        "U": [StrOptions({"onehot", "ordinal", "random"}), "array-like"],
        "activation": [StrOptions({"identity", "tanh", "relu"})],
        "nhidden": [POSITIVE],
        "analyzer": [StrOptions({"char", "word"}), callable],
        "lowercase": ["boolean"],
        "vocabulary": [Iterable, None],
        "max_length": [POSITIVE, None],
        "random_state": RANDOM_STATE,
    }

    _smaller_states = 'set max_length, a smaller W or activation="tanh", and fit again'

    def __init__(
        self,
        W: Any = "identity",
        U: Any = "onehot",
        *,
        activation: Literal["identity", "tanh", "relu"] = "identity",
        nhidden: int = 100,
        analyzer: Literal["char", "word"] | Callable[[str], Iterable[str]] = "char",
        lowercase: bool = True,
        vocabulary: Collection[str] | None = None,
        max_length: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.W = W
        self.U = U
        self.activation = activation
        self.nhidden = nhidden
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.vocabulary = vocabulary
        self.max_length = max_length
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the symbols of X and create the matrices.

        Parameters
        ----------
        X : array-like
            Sequences, in any form that `RNNEncoder` accepts.
        y : None
            Not used.

        Returns
        -------
        self : object
            Fitted encoder.
        """
        fit_or_restore(self, partial(self._fit, X))
        return self

    def _fit(self, X: Any) -> None:
        analyzer = self._make_analyzer()
        documents = analyzer.documents(self._check_X(X, reset=True, fitted=None))
        rule = VocabularyRule(type(self).__name__, self.vocabulary, self.analyzer)
        codebook = Codebook(rule.find(documents, np.ones(len(documents.values))))
        symbols = documents.kind in SYMBOLIC
        n_special, n_inputs = N_SPECIAL * symbols, codebook.n_inputs(documents)
        U = self._columns(n_inputs - n_special, symbols=symbols)
        W, activation = self._recurrent_weights(len(U)), self.activation
        fitted = {
            **fitted_input(documents.kind, codebook, analyzer),
            "W_": W,
            "U_": np.hstack([np.zeros((len(U), n_special)), U]),
            "_architecture": Architecture(
                n_inputs, len(U), 0, symbols=symbols, activation=activation, bias=False
            ),
        }
        self._set_fitted(fitted)

    def _matrix(self, name: str, shape: str) -> Floats:
        """Return W or U as a two-dimensional array."""
        given, who = getattr(self, name), type(self).__name__
        try:
            matrix = as_numbers(given)
        except (ValueError, OverflowError):  # rows of unequal length; a large int
            matrix = None
        if matrix is None or matrix.ndim != 2 or not matrix.size:
            raise ValueError(
                f"{who} needs {name} to be numbers of shape {shape}, got {describe(given)}."
            )
        unfit = matrix if matrix.dtype.kind == "c" else matrix[~np.isfinite(matrix)]
        if unfit.size:
            raise ValueError(f"{who} needs {name} to hold finite numbers, got {unfit.flat[0]}.")
        return matrix.astype(np.float64)

    def _columns(self, n: int, *, symbols: bool) -> Floats:
        """Return U for n symbols or variables."""
        if not isinstance(self.U, str):
            U = self._matrix("U", "(nhidden, number of symbols or variables)")
            if U.shape[1] != n:
                raise ValueError(
                    f"{type(self).__name__} needs U to have a column for each of the {n} "
                    f"{'symbols' if symbols else 'variables'}, got an array of shape {U.shape}."
                )
            return U
        if self.U == "random":
            if self.nhidden * max(self.nhidden, n) > MAX_WEIGHTS:
                raise ValueError(
                    f"{type(self).__name__} needs W and U of at most {MAX_WEIGHTS:,} numbers, got "
                    f"nhidden={self.nhidden}: lower nhidden."
                )
            random = check_random_state(self.random_state)
            return np.asarray(random.normal(size=(self.nhidden, n)))
        ordinal = symbols and self.U == "ordinal"
        return np.asarray(np.arange(float(n))[None] if ordinal else np.eye(n))

    def _recurrent_weights(self, nhidden: int) -> Floats:
        """Return W for the given length of h."""
        if isinstance(self.W, str):
            return np.eye(nhidden)
        if is_number(unwrap_scalar(self.W)):
            return float(self.W) * np.eye(nhidden)
        W = self._matrix("W", f"{(nhidden, nhidden)}")
        if W.shape != (nhidden, nhidden):
            raise ValueError(
                f"{type(self).__name__} needs W to be of shape {(nhidden, nhidden)}, as U has "
                f"{nhidden} rows, got {W.shape}."
            )
        return W

    def _matrices(self) -> Matrices:
        none, b, c = _zeros(len(self.W_))
        return Matrices(self.W_, self.U_, none, none, none, b, c)

    def _precision(self) -> torch.dtype:
        """Return double precision, so that given numbers are not rounded."""
        return torch.float64

    @property
    def _n_features_out(self) -> int:
        return len(self.W_)

    def transform(self, X: Any) -> Array:
        """Return h_T of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        h : ndarray of shape (n_samples, nhidden)
            Vectors in double precision, or float32 if X contains float32 numbers.

        Raises
        ------
        ValueError
            If a state is too large for a number, for example with W = 2 after 1,024 steps.
        """
        return self._vectors(X)

    def _check_X(
        self, X: Any, *, reset: bool, fitted: FittedForm | None, name: str = "X"
    ) -> Samples:
        samples = super()._check_X(X, reset=reset, fitted=fitted, name=name)
        double = np.dtype(np.float64)
        return samples._replace(dtype=double) if samples.kind in SYMBOLIC else samples


@lru_cache(maxsize=64)
def _zeros(nhidden: int) -> tuple[Floats, Floats, Floats]:
    """Return a matrix without rows, b and c.

    They are cached, because `BaseRecurrent` detects new arrays by their identity.
    """
    return np.zeros((0, nhidden)), np.zeros(nhidden), np.zeros(0)
