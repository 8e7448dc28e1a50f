"""A scatter plot of the vectors of many sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted

from skrnn._docs import documented
from skrnn.input.messages import describe
from skrnn.input.values import is_missing
from skrnn.plots._figure import (
    AXES,
    Display,
    document_drawing,
    families,
    label,
    project_to_plane,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.typing import ColorType
    from numpy.typing import ArrayLike, NDArray

MAX_COLOURS = 18


@documented(axes=AXES)
class SequenceMapDisplay(Display):
    """The vectors of many sequences, projected to a plane and coloured by y.

    Parameters
    ----------
    points : ndarray of shape (n_samples, 2)
        Position of each sequence.
    y : ndarray of shape (n_samples,) or None, default=None
        Numbers if they are floats, otherwise classes.

    Attributes
    ----------
    {axes}

    See Also
    --------
    SymbolMapDisplay : Shows the columns of U.

    Examples
    --------
    >>> from skrnn import FixedEncoder
    >>> from skrnn.plots import SequenceMapDisplay
    >>> words = ["cat", "act", "hat"]
    >>> encoder = FixedEncoder(W=2).fit(words)
    >>> SequenceMapDisplay.from_estimator(encoder, words, [0, 1, 0]).points.shape
    (3, 2)
    """

    def __init__(self, points: NDArray[Any], y: ArrayLike | Sequence[Any] | None = None) -> None:
        self.points, self.y = points, y

    @classmethod
    @document_drawing("scatter")
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | Sequence[Any] | None = None,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> SequenceMapDisplay:
        """Compute the first two principal components of the vectors of X, and draw them.

        Parameters
        ----------
        estimator : fitted estimator of skrnn
            An encoder, or a classifier or regressor, whose `encoder_` is used.
        X : array-like
            Sequences in the same form as in `fit`.
        y : array-like of shape (n_samples,), default=None
            Numbers if they are floats or the estimator was fitted to numbers; otherwise classes.
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display that was drawn.
        """
        check_is_fitted(estimator)
        encoder = getattr(estimator, "encoder_", estimator)
        h = encoder.transform(X)
        numbers = getattr(estimator, "target_type_", None) == "regression"
        if numbers and y is not None and np.ndim(y) == 1:
            y = np.asarray(y, dtype=float)
        return cls.from_predictions(h, y, ax=ax, **kwargs)

    @classmethod
    @document_drawing("scatter")
    def from_predictions(
        cls,
        h: ArrayLike,
        y: ArrayLike | Sequence[Any] | None = None,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> SequenceMapDisplay:
        """Compute the first two principal components of given vectors, and draw them.

        Parameters
        ----------
        h : array-like of shape (n_samples, n_features)
            Vectors of sequences, such as the result of `transform`.
        y : array-like of shape (n_samples,), default=None
            Numbers if they are floats, otherwise classes.
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display that was drawn.
        """
        vectors: NDArray[Any] = check_array(h, input_name="h")
        if y is not None and np.ndim(y) != 1:
            raise ValueError(f"{cls.__name__} needs one column of y, got {describe(y)}.")
        if y is not None and len(np.asarray(y)) != len(vectors):
            raise ValueError(
                f"{cls.__name__} needs one y for each row, got {len(vectors)} rows and "
                f"{len(np.asarray(y))} y."
            )
        return cls(project_to_plane(cls.__name__, vectors, "sequences"), y).plot(ax=ax, **kwargs)

    @document_drawing("scatter")
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> SequenceMapDisplay:
        """Draw a point for each sequence.

        With more than eighteen classes, only the most frequent ones have their own colours. The
        others are grey.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display itself.
        """
        ax = self._set_axes(ax, (7, 5))
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import PathCollection

        size = np.clip(8000 / max(1, len(self.points)), 8, 40)
        options: dict[str, Any] = {"s": size, "alpha": 0.7, "linewidth": 0}
        options |= normalize_kwargs(kwargs, PathCollection)
        ax.set(xlabel="first principal component of the vectors", ylabel="second")
        y = None if self.y is None else np.asarray(self.y)
        if y is None:
            self._scatter(ax, slice(None), **options)
        elif y.dtype.kind == "f":
            self._by_number(ax, y, options)
        else:
            self._by_class(ax, y, options)
        return self

    def _scatter(self, ax: Axes, rows: NDArray[np.bool_] | slice, **options: Any) -> PathCollection:
        """Draw the points of some rows."""
        points = self.points[rows]
        return ax.scatter(points[:, 0], points[:, 1], **options)

    def _by_number(self, ax: Axes, y: NDArray[Any], options: dict[str, Any]) -> None:
        """Colour the points by number, and draw points with a missing number in grey."""
        if {"c", "color"} & options.keys():
            self._scatter(ax, slice(None), **options)
            return
        known = np.isfinite(y)
        self._scatter(ax, ~known, color="0.8", **options)
        dots = self._scatter(ax, known, c=y[known], **options)
        self.figure_.colorbar(dots, ax=ax, label="y")

    def _by_class(self, ax: Axes, y: NDArray[Any], options: dict[str, Any]) -> None:
        """Colour the points by class, with a legend of the classes."""
        groups = _groups(y)
        given = {"c", "color"} & options.keys()
        dots = [
            self._scatter(ax, rows, **({} if given else {"color": colour}) | options)
            for rows, colour, _ in groups
        ]
        legend = ax.legend(
            dots,
            [name for *_, name in groups],
            loc="center left",
            bbox_to_anchor=(1, 0.5),
            frameon=False,
            markerscale=(32 / np.mean(options["s"])) ** 0.5,
            fontsize=8,
        )
        for text in legend.get_texts():
            text.set(family=families(text.get_text()), parse_math=False)
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_alpha(1)


def _groups(y: NDArray[Any]) -> list[tuple[NDArray[np.bool_], ColorType, str]]:
    """Return the rows, the colour and the label of each legend entry."""
    classes, index, counts = _classes(y)
    n_coloured = MAX_COLOURS - (len(classes) > MAX_COLOURS)
    shown = np.sort(np.argsort(-counts, kind="stable")[:n_coloured])
    missing = index < 0
    others = ~np.isin(index, shown) & ~missing
    groups: list[tuple[NDArray[np.bool_], ColorType, str]] = []
    groups += [(others, "0.8", "others")] if others.any() else []
    groups += [(missing, "0.9", "missing")] if missing.any() else []
    for colour, i in zip(_colours(len(shown)), shown):
        groups.append((index == i, colour, label(str(classes[i]))))
    return groups


def _classes(y: NDArray[Any]) -> tuple[list[Any], NDArray[np.int64], NDArray[np.intp]]:
    """Return the classes, the index of each row's class (-1: missing) and the counts."""
    cells = [None if is_missing(cell) else cell for cell in y.tolist()]
    found = {cell for cell in cells if cell is not None}
    try:
        classes = sorted(found)
    except TypeError:  # of several types
        classes = sorted(found, key=str)
    index_of = {value: i for i, value in enumerate(classes)}
    index = np.array([index_of.get(cell, -1) for cell in cells], dtype=np.int64)
    return classes, index, np.bincount(index[index >= 0], minlength=len(classes))


def _colours(n: int) -> list[ColorType]:
    """Return n colours that are not grey."""
    from matplotlib import color_sequences

    if n <= 9:
        return [c for i, c in enumerate(color_sequences["tab10"]) if i != 7][:n]
    return [c for i, c in enumerate(color_sequences["tab20"]) if i not in (14, 15)][:n]
