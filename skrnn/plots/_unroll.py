"""A heat map of the states of one sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from skrnn._docs import documented
from skrnn.plots._figure import AXES, Display, document_drawing, integer_ticks, label_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from numpy.typing import NDArray


class _Unrolls(Protocol):
    """A fitted estimator that has `unroll`."""

    def unroll(self, x: Any, /) -> tuple[NDArray[Any], Sequence[Any]]: ...


@documented(axes=AXES)
class UnrollDisplay(Display):
    """The states h_t of one sequence as a heat map, one column per x_t.

    Parameters
    ----------
    h : ndarray of shape (n_states, n_units)
        The states, as returned by `unroll`.
    symbols : list
        Each x_t, as returned by `unroll`. Symbols are written under the columns. The steps or
        windows of a series are numbered.

    Attributes
    ----------
    {axes}
    im_ : matplotlib AxesImage
        The heat map.

    See Also
    --------
    ExplanationDisplay : Shows the contribution of each symbol to a score.

    Examples
    --------
    >>> from skrnn import FixedEncoder
    >>> from skrnn.plots import UnrollDisplay
    >>> encoder = FixedEncoder(W=2).fit(["cat", "act"])
    >>> display = UnrollDisplay.from_estimator(encoder, "cat")
    >>> display.h.shape
    (3, 3)
    """

    im_: AxesImage

    def __init__(self, h: NDArray[Any], symbols: Sequence[Any]) -> None:
        self.h, self.symbols = h, symbols

    @classmethod
    @document_drawing("imshow")
    def from_estimator(
        cls, estimator: _Unrolls, x: Any, *, ax: Axes | None = None, **kwargs: Any
    ) -> UnrollDisplay:
        """Compute the states of a sequence and draw them.

        Parameters
        ----------
        estimator : fitted estimator of skrnn
            Anything that has `unroll`.
        x : str, list of str, ndarray or None
            One sequence.
        {drawing}

        Returns
        -------
        display : UnrollDisplay
            The display that was drawn.
        """
        return cls(*estimator.unroll(x)).plot(ax=ax, **kwargs)

    @document_drawing("imshow")
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> UnrollDisplay:
        """Draw the heat map.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : UnrollDisplay
            The display itself.
        """
        n_steps, n_units = self.h.shape
        ax = self._set_axes(ax, (min(3 + 0.3 * n_steps, 12), min(1.8 + 0.06 * n_units, 6)))
        self.im_ = self._heat_map(ax, self.h.T, kwargs)
        label_steps(ax, self.symbols)
        ax.set(ylabel="unit of h")
        integer_ticks(ax.yaxis)
        self.figure_.colorbar(self.im_, ax=ax, label="$h_t$")
        return self

    def animate(self, *, interval: int = 400, **kwargs: Any) -> FuncAnimation:
        """Animate the heat map: show one state after another.

        Parameters
        ----------
        interval : int, default=400
            Duration of each step in milliseconds.
        **kwargs : dict
            Passed to matplotlib's `imshow`.

        Returns
        -------
        animation : matplotlib FuncAnimation
            The animation. Show it in a notebook with
            `IPython.display.HTML(animation.to_jshtml())`, or call its `save`.
        """
        self.plot(**kwargs)
        from matplotlib.animation import FuncAnimation

        self.figure_.canvas.draw()
        self.figure_.set_layout_engine("none")  # which would repeat the layout in each step

        def draw(t: int) -> tuple[AxesImage]:
            seen = np.where(np.arange(len(self.h))[:, None] <= t, self.h, np.nan)
            self.im_.set_data(seen.T)
            return (self.im_,)

        return FuncAnimation(self.figure_, draw, frames=len(self.h), interval=interval)
