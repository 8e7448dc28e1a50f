"""Shared by the displays: figures, labels of symbols, and fonts that contain them.

In: symbols. Out: labels and fonts. Matplotlib is imported only when it is needed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from unicodedata import category

import numpy as np
from sklearn.decomposition import PCA

from skrnn._docs import documented

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.ticker import MaxNLocator
    from numpy.typing import NDArray

AXES = """
ax_ : matplotlib Axes
    Axes of the plot.
figure_ : matplotlib Figure
    Figure of the plot.
"""
DRAWING = """
ax : matplotlib Axes, default=None
    Axes to draw on. None creates a new figure.
**kwargs : dict
    Passed to matplotlib's `{function}`.
"""

SYMBOL_MARKS = {" ": "␣", "": "ε", None: "∅"}
CHARACTER_MARKS = {"\t": "⇥", "\n": "↵", "\r": "↵"}
JOINERS = "\u200c\u200d"  # some scripts and emoji need these in a browser
MAX_LABEL = 24  # largest number of characters
DEFAULT_FONT = "DejaVu Sans"  # comes with matplotlib
PREFERRED_FONTS = ("Noto Sans CJK JP", "Noto Sans", "Noto Emoji")  # tried next

Documented = TypeVar("Documented")


class Display:
    """Base class of the displays, which draw on given axes or on a new figure."""

    ax_: Axes
    figure_: Figure

    def _set_axes(self, ax: Axes | None, figsize: tuple[float, float]) -> Axes:
        """Set `ax_` and `figure_`; create a figure if no axes are given."""
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError(
                f"{type(self).__name__}.plot needs matplotlib: pip install matplotlib"
            ) from None
        if ax is None:
            _, ax = plt.subplots(figsize=figsize, layout="constrained")
        self.ax_, self.figure_ = ax, cast("Figure", ax.figure)  # or a SubFigure
        return ax

    def _heat_map(self, ax: Axes, numbers: NDArray[Any], kwargs: dict[str, Any]) -> AxesImage:
        """Draw numbers as colours: blue below zero, white at zero, red above."""
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.image import AxesImage

        kwargs = normalize_kwargs(kwargs, AxesImage)
        largest = float(np.nanmax(np.abs(numbers), initial=0)) or 1.0
        limits = {} if "norm" in kwargs else {"vmin": -largest, "vmax": largest}
        options = {"cmap": "RdBu_r", "aspect": "auto", "interpolation": "nearest"}
        ax.grid(False)
        return ax.imshow(numbers, **options | limits | kwargs)


def document_drawing(function: str) -> Callable[[Documented], Documented]:
    """Replace {drawing} in a docstring by the parameters `ax` and `**kwargs`."""
    fill: Callable[[Documented], Documented] = documented(drawing=DRAWING.format(function=function))
    return fill


def project_to_plane(who: str, vectors: NDArray[Any], of: str) -> NDArray[Any]:
    """Return the first two principal components of vectors, (n, 2).

    `of` is the plural name of the objects, for messages.
    """
    n, n_units = vectors.shape
    if min(n, n_units) < 2:
        raise ValueError(f"{who} needs at least two {of} and two units, got {n} and {n_units}.")
    with np.errstate(invalid="ignore"):  # equal vectors explain no variance
        points: NDArray[Any] = PCA(2, random_state=0).fit_transform(vectors)
    return points


def integer_ticks(axis: Axis) -> None:
    """Place the ticks of an axis at whole numbers."""
    cast("MaxNLocator", axis.get_major_locator()).set_params(integer=True)


def visible(symbol: Any) -> str:
    """Return a visible text for a symbol, with marks for spaces and line ends."""
    if isinstance(symbol, tuple):
        return " ".join(map(visible, symbol))
    if not (symbol is None or isinstance(symbol, str)):
        return " ".join(f"{number:.3g}" for number in np.ravel(symbol))
    if symbol is None or symbol in SYMBOL_MARKS:
        return SYMBOL_MARKS[symbol]
    return "".join(map(_visible_character, symbol))


def _visible_character(c: str) -> str:
    """Return a character, or its code point if it is invisible."""
    invisible = category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in JOINERS
    return CHARACTER_MARKS.get(c, f"U+{ord(c):04X}" if invisible else c)


def label(symbol: Any) -> str:
    """Return a short label for a symbol, with code points for characters without a glyph."""
    text = visible(symbol)
    text = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"
    drawable = (_has_glyph(ord(c)) and c not in JOINERS for c in text)
    return "".join(c if glyph else f"U+{ord(c):04X}" for c, glyph in zip(text, drawable))


def label_steps(ax: Axes, symbols: Sequence[Any], max_labels: int = 120) -> None:
    """Write the symbols under the columns; for numbers or many symbols, number the steps."""
    if len(symbols) > max_labels or not all(isinstance(s, str | None) for s in symbols):
        ax.set_xlabel("t")
        integer_ticks(ax.xaxis)
        return
    labels = [label(symbol) for symbol in symbols]
    size = min(10, max(5, 10 * 45 / max(1, len(symbols))))
    ax.set_xticks(range(len(symbols)), labels, family=families("".join(labels)), fontsize=size)
    for text in ax.get_xticklabels():
        text.set_rotation(90 if len(text.get_text()) > 2 else 0)
        text.set_parse_math(False)
    ax.tick_params(axis="x", length=0)


def families(text: str) -> list[str]:
    """Return the fonts that a text needs: matplotlib's default, and others for its gaps."""
    return list(dict.fromkeys([DEFAULT_FONT, *filter(None, (_family(ord(c)) for c in text))]))


def _has_glyph(code: int) -> bool:
    return _family(code) is not None


@cache
def _family(code: int) -> str | None:
    """Return the name of an installed font that contains a character, or None."""
    return next((name for name, path in _fonts().items() if code in _charmap(path)), None)


@cache
def _fonts() -> dict[str, str]:
    """Return the file of each installed font, in order of preference."""
    from matplotlib.font_manager import fontManager

    files = {
        font.name: font.fname for font in fontManager.ttflist if "Last Resort" not in font.name
    }
    order = [name for name in (DEFAULT_FONT, *PREFERRED_FONTS) if name in files]
    return {name: files[name] for name in [*order, *sorted(files.keys() - {*order})]}


@cache
def _charmap(path: str) -> set[int]:
    """Return the code points that a font file contains."""
    from matplotlib.font_manager import get_font

    return set(get_font(path).get_charmap())
