"""What all estimators share: X read, and the vectors of a fitted one.

In: raw X, and matrices. Out: h. Strings, scikit-learn and torch meet here.
"""

from contextlib import contextmanager

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skrnn._alphabet import N_SPECIAL
from skrnn._applying import states, vectors
from skrnn._docs import page_address
from skrnn._forms import SYMBOLIC
from skrnn._network import Network
from skrnn._reading import Reader, distinct_rows, given_alphabet, learned_alphabet
from skrnn._rows import check_rows, other_form
from skrnn._values import is_missing, what
from skrnn._weights import Weights

ROWS_AT_ONCE = 1 << 16  # of the distinct rows that vectors are computed for


class BaseVectors(BaseEstimator):
    """Base of what has W, U and b, and gives h; `_fitted_shape` says what they are of."""

    _doc_link_module = "skrnn"
    _doc_link_template = property(lambda self: page_address())

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = True  # without it scikit-learn checks next to nothing
        tags.input_tags.one_d_array = False  # of numbers, which the tag means; strings are read
        return tags

    def _check_X(self, X, *, reset, fitted, name="X"):
        """Read X into `Rows`: the one step to replace for other forms of input."""
        return check_rows(self, X, reset=reset, fitted=fitted, name=name)

    def _check_width(self, rows, width, name="X"):
        """Refuse series of another number of variables than those of fit."""
        if rows.kind == "series" and rows.values[0].shape[1] != width:
            old, new = f"series of {width} variables", f"{rows.values[0].shape[1]}"
            alone = {len(row) for row in rows.values} == {width}  # the rows may be its steps
            raise other_form(type(self).__name__, name, old, new, "; one series as [x]" * alone)

    def _alphabet_of(self, rows, counts, *, ngram_range=(1, 1), **limits):
        """Decide which symbols have columns of U; none for numbers."""
        who, kind = type(self).__name__, rows.kind
        if kind not in SYMBOLIC:
            return None
        if self.vocabulary is not None:
            analyzer = self.analyzer if kind == "strings" else None
            return given_alphabet(who, self.vocabulary, analyzer, ngram_range)
        documents = self._reader(kind).documents(rows)
        return learned_alphabet(who, documents, counts, ngram_range=ngram_range, **limits)

    def _reader_of(self, rows, alphabet):
        width = rows.values[0].shape[1] if rows.kind == "series" else 1
        return self._reader(rows.kind, alphabet, len(alphabet) if alphabet else width)

    def _reader(self, kind, alphabet=None, width=None):
        who = type(self).__name__
        return Reader(who, kind, self.analyzer, self.lowercase, self.max_length, alphabet, width)

    def _set_fitted(self, fitted):
        """Set what is fitted, and leave nothing of before; names of columns are of now."""
        for name in [name for name in vars(self) if name.endswith("_")]:
            if name not in ("n_features_in_", "feature_names_in_"):
                delattr(self, name)
        vars(self).update(fitted)

    def _network(self):
        """Make the network of the fitted arrays.

        In double precision a row's result does not depend on what else is in its batch.
        """
        device = self._device()
        dtype = torch.float32 if device.type == "mps" else torch.float64
        weights = Weights.around(self._fitted_shape, self._arrays(), dtype=dtype, device=device)
        return Network(self._fitted_shape, weights=weights)

    def _device(self):
        return torch.device("cpu")

    def unroll(self, x):
        r"""Give every state of one sequence.

        Parameters
        ----------
        x : str, list of str, ndarray of shape (n_steps,) or (n_steps, n_variables), or None
            One sequence of the form that `fit` had in its rows.

        Returns
        -------
        h : ndarray of shape (n_steps, n_directions * nhidden)
            The state h_t of the top layer after each step; of a backward reader what it has
            after reading from the end to there. In double precision.
        symbols : list
            What was read at each step: a character, a token or numbers; with n-grams the
            end ``"\x03"`` last; of a missing or empty sequence None or "" alone.
        """
        check_is_fitted(self)
        sequence, symbols = self._read_one(x)
        return states(self._network(), sequence).cpu().numpy(), symbols

    def _read_one(self, x):
        """Read one sequence; give also what is read at each step."""
        if self.input_type_ == "strings" and not (isinstance(x, str) or is_missing(x)):
            hint = ": give x, not [x]" if hasattr(x, "__len__") else ""
            raise TypeError(f"{type(self).__name__} needs one string here, got {what(x)}{hint}.")
        if self.input_type_ == "series" and isinstance(x, list) and np.ndim(x[:1]) == 3:
            raise TypeError(f"{type(self).__name__} needs one series here: give x, not [x].")
        rows = self._check_X([x], reset=False, fitted=self.input_type_)
        self._check_width(rows, self.U_.shape[1])
        reader = self._reader(rows.kind, self._alphabet, self.U_.shape[1])
        return reader.encode(rows), reader.symbols(rows)

    def _apply(self, X, finish):
        """Give what `finish` makes of h of each distinct row, and which of these each row is.

        The third thing is the dtype of the rows.
        """
        check_is_fitted(self)
        rows = self._check_X(X, reset=False, fitted=self.input_type_)
        self._check_width(rows, self.U_.shape[1])
        reader = self._reader(rows.kind, self._alphabet, self.U_.shape[1])
        network = self._network()
        first, which = distinct_rows(rows)
        parts = [
            finish(vectors(network, reader.encode(rows.take(some))).cpu().numpy())
            for some in np.split(first, range(ROWS_AT_ONCE, len(first), ROWS_AT_ONCE))
        ]
        return np.concatenate(parts), which, rows.dtype


def known_of(reader):
    """Name what a fitted estimator knows of x."""
    known = {"input_type_": reader.kind, "_alphabet": reader.alphabet}
    if reader.alphabet:
        columns = enumerate(reader.alphabet.grams, N_SPECIAL)
        known["vocabulary_"] = {gram: column for column, gram in columns}
    return known


@contextmanager
def undone_on_failure(estimator):
    """Put back all attributes of an estimator if what follows fails or is interrupted."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
