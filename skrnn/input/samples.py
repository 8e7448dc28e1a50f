"""`Samples`: X after reading, all of one kind.

Out of `skrnn.input.forms`; into `skrnn.input.analyzer`. Imports only numpy.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from skrnn.input.grouping import unique_keys
from skrnn.input.sequences import Indices

Kind = Literal["strings", "tokens", "numbers", "series"]

SYMBOLIC = ("strings", "tokens")  # the kinds of samples whose steps are symbols


class FittedForm(NamedTuple):
    """The form that X had in fit."""

    kind: Kind
    n_variables: int  # of series


class Samples(NamedTuple):
    """What X holds."""

    kind: Kind
    values: Any  # list of str | None; of lists of str | None; (n, T) array; list of (T_i, d)
    dtype: np.dtype[Any] = np.dtype(np.float32)  # of what is computed from it

    @property
    def n_variables(self) -> int:
        """The length d of x_t, where the steps are numbers."""
        return self.values[0].shape[1] if self.kind == "series" else 1

    def take(self, rows: Indices | slice) -> "Samples":
        """Keep the rows at the given places."""
        if self.kind == "numbers" or isinstance(rows, slice):
            return self._replace(values=self.values[rows])
        return self._replace(values=[self.values[i] for i in rows])

    def unique(self, *, sort: bool = False) -> tuple[Indices, Indices]:
        """Find the first of equal rows, (m,), and which of these each row is, (n,).

        In order of appearance, or with `sort` in one that does not depend on that of the rows.
        """
        return unique_keys(self._keys(), sort=sort)

    def _keys(self) -> Sequence[Hashable]:
        """Return what makes two rows equal."""
        if self.kind == "strings":
            return self.values  # type: ignore[no-any-return]
        if self.kind == "tokens":
            return [None if row is None else tuple(row) for row in self.values]
        return [series.tobytes() for series in self.values]
