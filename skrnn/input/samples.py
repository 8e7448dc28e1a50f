"""`Samples`: the content of X after reading, all of one kind.

Produced by `skrnn.input.forms`, and used by `skrnn.input.analyzer`. Imports only numpy.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from skrnn.input.grouping import unique_keys
from skrnn.input.sequences import Indices

Kind = Literal["strings", "tokens", "numbers", "series"]

SYMBOLIC = ("strings", "tokens")  # kinds whose steps are symbols


class FittedForm(NamedTuple):
    """The form of X in fit."""

    kind: Kind
    n_variables: int  # of series


class Samples(NamedTuple):
    """The content of X."""

    kind: Kind
    values: Any  # list of str | None; of lists of str | None; (n, T) array; list of (T_i, d)
    dtype: np.dtype[Any] = np.dtype(np.float32)  # of the vectors computed from it

    @property
    def n_variables(self) -> int:
        """The length d of x_t, if the steps are numbers."""
        return self.values[0].shape[1] if self.kind == "series" else 1

    def take(self, rows: Indices | slice) -> "Samples":
        """Return the rows with the given indices."""
        if self.kind == "numbers" or isinstance(rows, slice):
            return self._replace(values=self.values[rows])
        return self._replace(values=[self.values[i] for i in rows])

    def unique(self, *, sort: bool = False) -> tuple[Indices, Indices]:
        """Return the indices of the distinct rows, (m,), and which of them each row equals, (n,).

        They are in order of appearance, or with `sort` in an order that does not depend on that of
        the rows.
        """
        return unique_keys(self._keys(), sort=sort)

    def _keys(self) -> Sequence[Hashable]:
        """Return the keys by which rows are compared."""
        if self.kind == "strings":
            return self.values  # type: ignore[no-any-return]
        if self.kind == "tokens":
            return [None if row is None else tuple(row) for row in self.values]
        return [series.tobytes() for series in self.values]
