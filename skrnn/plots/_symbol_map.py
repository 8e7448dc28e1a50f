"""A plot of the symbols by their columns of U."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skrnn._docs import documented
from skrnn.plots._figure import (
    AXES,
    Display,
    document_drawing,
    families,
    label,
    project_to_plane,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@documented(axes=AXES)
class SymbolMapDisplay(Display):
    """The columns of U, projected to a plane, so that similar symbols are close together.

    Parameters
    ----------
    points : ndarray of shape (n_symbols, 2)
        Position of each symbol.
    symbols : list
        The symbols.

    Attributes
    ----------
    {axes}

    See Also
    --------
    SequenceMapDisplay : Shows the vectors of whole sequences.

    Examples
    --------
    >>> from skrnn import FixedEncoder
    >>> from skrnn.plots import SymbolMapDisplay
    >>> encoder = FixedEncoder(U="random", nhidden=5, random_state=0).fit(["cat", "hat"])
    >>> SymbolMapDisplay.from_estimator(encoder).symbols
    ['a', 'c', 'h', 't']
    """

    def __init__(self, points: NDArray[Any], symbols: Sequence[str]) -> None:
        self.points, self.symbols = points, symbols

    @classmethod
    @document_drawing("text")
    def from_estimator(
        cls,
        estimator: Any,
        *,
        symbols: Sequence[str] | None = None,
        most: int = 200,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> SymbolMapDisplay:
        """Compute the first two principal components of the columns of U, and draw the symbols.

        Parameters
        ----------
        estimator : fitted estimator of skrnn
            An estimator that was fitted on strings or tokens.
        symbols : list, default=None
            Keys of `vocabulary_` to draw. None draws those whose columns have the largest norms.
        most : int, default=200
            Largest number of symbols to draw if `symbols` is None.
        {drawing}

        Returns
        -------
        display : SymbolMapDisplay
            The display that was drawn.
        """
        check_is_fitted(estimator)
        if not hasattr(estimator, "vocabulary_"):
            raise ValueError(
                f"{cls.__name__} needs an estimator that was fitted on strings or tokens, got one "
                f"fitted on {estimator.input_type_}."
            )
        column = estimator.vocabulary_
        given: Iterable[Any] = () if symbols is None else symbols
        for symbol in given:
            if not isinstance(symbol, str) or symbol not in column:
                raise ValueError(
                    f"{cls.__name__} needs symbols to be keys of vocabulary_, got {symbol!r}."
                )
        symbols = None if symbols is None else list(symbols)
        if symbols is None:
            known = list(column)
            norms = np.linalg.norm(estimator.U_[:, list(column.values())], axis=0)
            kept = np.sort(np.argsort(-norms, kind="stable")[:most])
            symbols = [known[i] for i in kept]
        U = estimator.U_[:, [column[s] for s in symbols]].T
        return cls(project_to_plane(cls.__name__, U, "symbols"), symbols).plot(ax=ax, **kwargs)

    @document_drawing("text")
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> SymbolMapDisplay:
        """Draw each symbol at its position.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : SymbolMapDisplay
            The display itself.
        """
        ax = self._set_axes(ax, (5.5, 5))
        size = 11 if len(self.symbols) <= 60 else 8
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.text import Text

        centre: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center"}
        options = {**centre, "fontsize": size, "parse_math": False}
        options |= normalize_kwargs(kwargs, Text)
        ax.scatter(self.points[:, 0], self.points[:, 1], s=0)
        for (x, y), symbol in zip(self.points, self.symbols):
            text = label(symbol)
            ax.text(x, y, text, **{"fontfamily": families(text)} | options)
        ax.margins(0.08)
        ax.set(xlabel="first principal component of U", ylabel="second")
        return self
