"""Base class of all estimators: reading X, and the vectors of a fitted estimator.

In: raw X, and matrices. Out: vectors. Strings, scikit-learn and torch meet only in the modules at
the top of the package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from skrnn import _docs
from skrnn.input.analyzer import Analyzer
from skrnn.input.encoding import Codebook
from skrnn.input.grouping import take_inverse
from skrnn.input.messages import describe
from skrnn.input.samples import FittedForm, Kind, Samples
from skrnn.input.sequences import Array, Floats, Indices
from skrnn.input.validation import check_samples
from skrnn.input.values import as_array, is_missing, ndim
from skrnn.net.architecture import Architecture
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.inference import rows_at_once, unroll
from skrnn.net.network import Network
from skrnn.net.precision import precision
from skrnn.net.threads import limit_threads, usual_threads
from skrnn.net.weights import Matrices, Weights

ROWS_AT_ONCE = 1 << 16  # distinct rows whose vectors are computed together
_FROZEN: WeakKeyDictionary[
    BaseRecurrent, tuple[Matrices, tuple[torch.device, int], FrozenNetwork]
] = WeakKeyDictionary()


class BaseRecurrent(BaseEstimator, ABC):
    """Base class of the estimators with matrices W and U, which compute vectors of sequences."""

    analyzer: Any
    lowercase: bool
    vocabulary: Any
    max_length: int | None

    W_: Array
    U_: Array
    input_type_: Kind
    vocabulary_: dict[str, int]
    ngrams_: dict[str | tuple[str, ...], int]
    n_features_in_: int
    feature_names_in_: Array
    _codebook: Codebook
    _architecture: Architecture  # of the fitted matrices
    _analyzer: Analyzer  # of the last fit

    _smaller_states = 'set max_length or activation="tanh", and fit again'

    _doc_link_module = "skrnn"
    _doc_link_template = property(lambda self: _docs.page_address())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = True  # without it scikit-learn runs hardly any checks
        tags.input_tags.one_d_array = False  # 1-D numbers, which the tag refers to, are rejected
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Return plain values, so that unpickling needs no other class of this package."""
        state = {**super().__getstate__()}
        if "_codebook" in state:
            for name in ("vocabulary_", "ngrams_"):
                if name in state:
                    state[name] = list(state[name])
            state["_codebook"] = state["_codebook"].ngram_range
            state["_analyzer"] = state["_analyzer"].parameters
            state["_architecture"] = state["_architecture"].to_dict()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_codebook" in state:
            symbols, ngrams = state.get("vocabulary_"), state.get("ngrams_")
            codebook = Codebook.of(symbols, ngrams, state["_codebook"])
            architecture = Architecture.from_dict(state["_architecture"])
            analyzer = Analyzer(type(self).__name__, **state["_analyzer"])
            state = {**state, **fitted_input(state["input_type_"], codebook, analyzer)}
            state["_architecture"] = architecture
        super().__setstate__(state)

    def _check_X(
        self, X: Any, *, reset: bool, fitted: FittedForm | None, name: str = "X"
    ) -> Samples:
        """Read X into `Samples`; override this method to accept other forms of input."""
        return check_samples(self, X, reset=reset, fitted=fitted, name=name)

    def _make_analyzer(self) -> Analyzer:
        return Analyzer(type(self).__name__, self.analyzer, self.lowercase, self.max_length)

    def _set_fitted(self, fitted: dict[str, Any]) -> None:
        """Replace all fitted attributes, except the feature names that this fit has set."""
        kept = {
            name: value
            for name, value in vars(self).items()
            if name in ("n_features_in_", "feature_names_in_") or not name.endswith("_")
        }
        self.__dict__ = {**kept, **fitted}  # in one step, because Ctrl-C can interrupt at any time

    @abstractmethod
    def _matrices(self) -> Matrices:
        """Return the fitted matrices."""

    def _device(self) -> torch.device:
        return torch.device("cpu")

    def _precision(self) -> torch.dtype:
        return precision(self._architecture, self._device())

    @limit_threads(1)
    def _frozen(self) -> FrozenNetwork:
        """Return the network of the fitted arrays.

        It is cached for each device and number of threads. If two threads build it at the same
        time, both get the same network.

        The arrays that it has copied become read-only, so that it cannot differ from them. If an
        attribute is assigned a new array, the network is built again.
        """
        matrices, device = self._matrices(), self._device()
        made_of, made_for, frozen = _FROZEN.get(self, ((), None, None))
        needed = device, usual_threads()
        same = needed == made_for and all(new is old for new, old in zip(matrices, made_of))
        if frozen is None or not same:
            dtype = torch.float32 if device.type == "mps" else torch.float64
            weights = Weights.from_matrices(
                self._architecture, matrices, dtype=dtype, device=device
            )
            frozen = FrozenNetwork(Network(self._architecture, weights=weights), self._precision())
            for name, array in matrices._asdict().items():
                if name != "G" or not _share_memory(weights.G, array):
                    array.flags.writeable = False
            _FROZEN[self] = matrices, needed, frozen
        return frozen

    def _network(self) -> Network:
        """Return the network in double precision."""
        return self._frozen().network

    def unroll(self, x: Any) -> tuple[Floats, list[Any]]:
        r"""Return all states of one sequence.

        Parameters
        ----------
        x : str, list of str, ndarray of shape (n_steps,) or (n_steps, n_variables), or None
            One sequence, in the same form as a row of X in `fit`.

        Returns
        -------
        h : ndarray of shape (n_states, n_directions * nhidden)
            The state h_t of the top layer after each x_t, in double precision. The state of a
            backward recurrence is the one after reading from the end to x_t.
        symbols : list
            Each x_t: a character, a token, or the numbers of a step of a series. For a series
            that is read in windows, the numbers of each window as an array of shape (width,) or
            (width, n_variables). For a missing or empty sequence, a single None or "".

        Raises
        ------
        ValueError
            If there is no recurrence, after a fit with cell=None, or if a state is too large for a
            number, which can happen with activation="relu" or in a `FixedEncoder`.
        """
        check_is_fitted(self)
        if not self._architecture.n_layers:
            raise ValueError(
                f"{type(self).__name__}.unroll needs a recurrence, got an estimator fitted with "
                'cell=None: fit it with another cell, such as "auto".'
            )
        document = self._read_one(x)
        sequence, window = self._codebook.encode(document), self._architecture.window
        h = unroll(self._network(), sequence).cpu().numpy()
        self._check_finite(h)
        if window.width == 1:
            return h, self._codebook.step_labels(document)
        shape = (window.width,) if document.kind == "numbers" else (window.width, -1)
        return h, [x.reshape(shape) for x in window.cut(sequence).values]

    def _read_one(self, x: Any) -> Samples:
        """Read one sequence, and return it as a document."""
        if self.input_type_ == "strings" and not (isinstance(x, str) or is_missing(x)):
            hint = ": give x, not [x]" if hasattr(x, "__len__") else ""
            raise TypeError(
                f"{type(self).__name__} needs one string here, got {describe(x)}{hint}."
            )
        if self.input_type_ == "series" and isinstance(x, list) and ndim(as_array(x[:1])) == 3:
            raise TypeError(f"{type(self).__name__} needs one series here: give x, not [x].")
        return self._analyzer.documents(self._check_fitted_X([x]))

    def _check_fitted_X(self, X: Any) -> Samples:
        """Read X, which must have the same form as in `fit`."""
        return self._check_X(X, reset=False, fitted=self._fitted_form())

    def _fitted_form(self) -> FittedForm:
        return FittedForm(self.input_type_, self.U_.shape[1] // self._architecture.window.width)

    def _apply(
        self,
        X: Any,
        compute: Callable[[FrozenNetwork, Tensor], Tensor],
        finish: Callable[[Floats], Array] = np.asarray,
        n_numbers: int = 1,
    ) -> tuple[Array, Indices, Indices, Any]:
        """Apply `compute`, then `finish`, to the vectors of the distinct rows of X.

        `compute` returns `n_numbers` per row, and gets as many rows at a time as fit into memory.
        Return the results, the first row with each vector, the index of the vector of each row,
        and the dtype of X.
        """
        check_is_fitted(self)
        samples, frozen = self._check_fitted_X(X), self._frozen()
        index, inverse = samples.unique()
        distinct = samples if len(index) == len(inverse) else samples.take(index)
        parts: list[Array] = []
        for start in range(0, len(index), ROWS_AT_ONCE):
            documents = self._analyzer.documents(distinct.take(slice(start, start + ROWS_AT_ONCE)))
            vectors = frozen.vectors(self._codebook.encode(documents))
            for some in vectors.split(rows_at_once(n_numbers)):
                values = compute(frozen, some).cpu().numpy()
                self._check_finite(values, index[sum(map(len, parts)) :])
                parts.append(finish(values))
        return np.concatenate(parts), index, inverse, samples.dtype

    def _vectors(self, X: Any) -> Array:
        """Return the vector of each row."""
        vectors, index, inverse, dtype = self._apply(X, lambda network, vectors: vectors)
        if vectors.dtype != dtype:
            self._check_finite(vectors, index, np.finfo(dtype).max if dtype.kind == "f" else None)
            vectors = vectors.astype(dtype)
        return take_inverse(vectors, inverse)

    def _check_finite(
        self, values: Array, rows: Indices | None = None, largest: float | None = None
    ) -> None:
        """Raise an error if a state, or a value computed from it, is too large for a number.

        `rows` contains the row of X that each row of `values` belongs to, if there are several.
        """
        finite = np.isfinite(values) if largest is None else np.abs(values) <= largest
        if not finite.all():
            where = "" if rows is None else f" in row {rows[int(finite.all(axis=1).argmin())]}"
            raise ValueError(
                f"{type(self).__name__} needs h to stay finite, got a state that W has made too "
                f"large{where}: {self._smaller_states}."
            )


def _share_memory(tensor: Tensor, array: Array) -> bool:
    return tensor.is_cpu and np.may_share_memory(tensor.numpy(), array)


def fitted_input(kind: Kind, codebook: Codebook, analyzer: Analyzer) -> dict[str, Any]:
    """Return the fitted attributes that describe X and how it is read."""
    fitted: dict[str, Any] = {
        "input_type_": kind,
        "_codebook": codebook,
        "_analyzer": analyzer,
    }
    if codebook.vocabulary is not None:
        fitted["vocabulary_"] = codebook.vocabulary.columns
    if codebook.ngrams is not None:
        fitted["ngrams_"] = codebook.ngrams.columns
    return fitted


def fit_or_restore(estimator: BaseEstimator, fit: Callable[[], None]) -> None:
    """Call `fit`; restore all attributes of the estimator if it fails or is interrupted."""
    before = dict(vars(estimator))
    try:
        fit()
    except BaseException:
        estimator.__dict__ = before
        raise
