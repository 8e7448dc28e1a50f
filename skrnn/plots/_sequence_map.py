"""A picture of many sequences: their vectors in the plane."""

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted

from skrnn._docs import documented
from skrnn._values import is_missing, what
from skrnn.plots._figure import AXES, Display, drawn_with, families, in_plane, label

MOST_COLOURS = 18


@documented(axes=AXES)
class SequenceMapDisplay(Display):
    """The vectors of many sequences in the plane, coloured by class or number.

    Parameters
    ----------
    points : ndarray of shape (n_samples, 2)
        Where each sequence stands.
    y : ndarray of shape (n_samples,) or None, default=None
        Classes, or numbers if they are floats.

    Attributes
    ----------
    {axes}

    See Also
    --------
    SymbolMapDisplay : The columns of U.

    Examples
    --------
    >>> from skrnn import FixedEncoder
    >>> from skrnn.plots import SequenceMapDisplay
    >>> words = ["cat", "act", "hat"]
    >>> encoder = FixedEncoder(W=2).fit(words)
    >>> SequenceMapDisplay.from_estimator(encoder, words, [0, 1, 0]).points.shape
    (3, 2)
    """

    def __init__(self, points, y=None):
        self.points, self.y = points, y

    @classmethod
    @drawn_with("scatter")
    def from_estimator(cls, estimator, X, y=None, *, ax=None, **kwargs):
        """Find the first two principal components of the vectors of X, and draw them.

        Parameters
        ----------
        estimator : fitted estimator of skrnn
            An encoder, or a classifier or regressor, whose `encoder_` is taken.
        X : array-like
            Sequences in the form that `fit` had.
        y : array-like of shape (n_samples,), default=None
            Classes; or numbers, if they are floats or the estimator has learned from numbers.
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display that was drawn.
        """
        check_is_fitted(estimator)
        encoder = getattr(estimator, "encoder_", estimator)
        h = encoder.transform(X)
        numbers = y is not None and getattr(estimator, "target_type_", None) == "regression"
        y = np.asarray(y, dtype=float) if numbers and np.ndim(y) == 1 else y
        return cls.from_predictions(h, y, ax=ax, **kwargs)

    @classmethod
    @drawn_with("scatter")
    def from_predictions(cls, h, y=None, *, ax=None, **kwargs):
        """Find the first two principal components of given vectors, and draw them.

        Parameters
        ----------
        h : array-like of shape (n_samples, n_features)
            Vectors of sequences, such as `transform` gives.
        y : array-like of shape (n_samples,), default=None
            Classes, or numbers if they are floats.
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display that was drawn.
        """
        h = check_array(h, input_name="h")
        if y is not None and np.ndim(y) != 1:
            raise ValueError(f"{cls.__name__} needs one column of y, got {what(y)}.")
        if y is not None and len(y) != len(h):
            raise ValueError(
                f"{cls.__name__} needs one y for each row, got {len(h)} rows and {len(y)} y."
            )
        return cls(in_plane(cls.__name__, h, "sequences"), y).plot(ax=ax, **kwargs)

    @drawn_with("scatter")
    def plot(self, ax=None, **kwargs):
        """Draw a point for each sequence.

        Of more than eighteen classes, the most frequent have colours and the rest is grey.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : SequenceMapDisplay
            The display itself.
        """
        ax = self._start(ax, (7, 5))
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.collections import PathCollection

        size = np.clip(8000 / max(1, len(self.points)), 8, 40)
        options = {"s": size, "alpha": 0.7, "linewidth": 0}
        options |= normalize_kwargs(kwargs, PathCollection)
        ax.set(xlabel="first principal component of h", ylabel="second")
        y = None if self.y is None else np.asarray(self.y)
        if y is None:
            ax.scatter(*self.points.T, **options)
        elif y.dtype.kind == "f":
            self._by_number(ax, y, options)
        else:
            self._by_class(ax, y, options)
        return self

    def _by_number(self, ax, y, options):
        if {"c", "color"} & options.keys():
            ax.scatter(*self.points.T, **options)
            return
        known = np.isfinite(y)
        ax.scatter(*self.points[~known].T, color="0.8", **options)
        dots = ax.scatter(*self.points[known].T, c=y[known], **options)
        self.figure_.colorbar(dots, ax=ax, label="y")

    def _by_class(self, ax, y, options):
        classes, which, counts = _classes(y)
        room = MOST_COLOURS - (len(classes) > MOST_COLOURS)
        shown = np.sort(np.argsort(-counts, kind="stable")[:room])
        rest = ~np.isin(which, shown)
        lacking = which < 0
        parts = [(rest & ~lacking, "0.8", "others")] if (rest & ~lacking).any() else []
        parts += [(lacking, "0.9", "missing")] if lacking.any() else []
        for colour, i in zip(_colours(len(shown)), shown):
            parts.append((which == i, colour, label(str(classes[i]))))
        given = {"c", "color"} & options.keys()
        dots = [
            ax.scatter(*self.points[rows].T, **({} if given else {"color": colour}) | options)
            for rows, colour, _ in parts
        ]
        legend = ax.legend(
            dots,
            [name for *_, name in parts],
            loc="center left",
            bbox_to_anchor=(1, 0.5),
            frameon=False,
            markerscale=(32 / np.mean(options["s"])) ** 0.5,
            fontsize=8,
        )
        for text in legend.get_texts():
            text.set(family=families(text.get_text()), parse_math=False)
        for handle in legend.legend_handles:
            handle.set_alpha(1)


def _classes(y):
    """Give the classes, which of them each row has, and how often; -1 is a missing one."""
    cells = [None if is_missing(cell) else cell for cell in y.tolist()]
    found = {cell for cell in cells if cell is not None}
    try:
        classes = sorted(found)
    except TypeError:  # of several types
        classes = sorted(found, key=str)
    place = {label: i for i, label in enumerate(classes)}
    which = np.array([place.get(cell, -1) for cell in cells], dtype=np.int64)
    return classes, which, np.bincount(which[which >= 0], minlength=len(classes))


def _colours(n):
    """Give n colours that are not grey."""
    from matplotlib import colormaps

    if n <= 9:
        return [c for i, c in enumerate(colormaps["tab10"].colors) if i != 7][:n]
    return [c for i, c in enumerate(colormaps["tab20"].colors) if i not in (14, 15)][:n]
