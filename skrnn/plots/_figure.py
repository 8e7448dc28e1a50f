"""A figure to draw on, and letters that can be seen on it.

In: symbols. Out: labels, in fonts that have them. Matplotlib is imported when it is needed.
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
    Axes that were drawn on.
figure_ : matplotlib Figure
    Figure of the axes.
"""
DRAWING = """
ax : matplotlib Axes, default=None
    Where to draw; None makes a figure.
**kwargs : dict
    Passed on to matplotlib's `{function}`.
"""

SYMBOL_MARKS = {" ": "␣", "": "ε", None: "∅"}
CHARACTER_MARKS = {"\t": "⇥", "\n": "↵", "\r": "↵"}
JOINERS = "\u200c\u200d"  # which some scripts and emoji need in a browser
MAX_LABEL = 24  # characters of a label
DEFAULT_FONT = "DejaVu Sans"  # matplotlib brings it along
PREFERRED_FONTS = ("Noto Sans CJK JP", "Noto Sans", "Noto Emoji")  # of the others, if installed

Documented = TypeVar("Documented")


class Display:
    """What the displays share: a figure of their own, or axes that are given."""

    ax_: Axes
    figure_: Figure

    def _set_axes(self, ax: Axes | None, figsize: tuple[float, float]) -> Axes:
        """Keep the axes to draw on, which are new if none are given."""
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError(
                f"{type(self).__name__}.plot needs matplotlib: pip install matplotlib"
            ) from None
        if ax is None:
            _, ax = plt.subplots(figsize=figsize, layout="constrained")
        self.ax_, self.figure_ = ax, cast("Figure", ax.figure)  # or a SubFigure, if it is given
        return ax

    def _heat_map(self, ax: Axes, numbers: NDArray[Any], kwargs: dict[str, Any]) -> AxesImage:
        """Draw numbers from blue over white to red, zero being white."""
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.image import AxesImage

        kwargs = normalize_kwargs(kwargs, AxesImage)
        largest = float(np.nanmax(np.abs(numbers), initial=0)) or 1.0
        limits = {} if "norm" in kwargs else {"vmin": -largest, "vmax": largest}
        options = {"cmap": "RdBu_r", "aspect": "auto", "interpolation": "nearest"}
        ax.grid(False)
        return ax.imshow(numbers, **options | limits | kwargs)


def document_drawing(function: str) -> Callable[[Documented], Documented]:
    """Replace {drawing} in a docstring by what `ax` is and which function draws."""
    fill: Callable[[Documented], Documented] = documented(drawing=DRAWING.format(function=function))
    return fill


def project_to_plane(who: str, vectors: NDArray[Any], of: str) -> NDArray[Any]:
    """Return the first two principal components of vectors, (n, 2); `of` says whose they are."""
    n, n_units = vectors.shape
    if min(n, n_units) < 2:
        raise ValueError(f"{who} needs at least two {of} and two units, got {n} and {n_units}.")
    with np.errstate(invalid="ignore"):  # equal vectors explain no variance
        points: NDArray[Any] = PCA(2, random_state=0).fit_transform(vectors)
    return points


def integer_ticks(axis: Axis) -> None:
    """Put the ticks of an axis on whole numbers."""
    cast("MaxNLocator", axis.get_major_locator()).set_params(integer=True)


def visible(symbol: Any) -> str:
    """Write a symbol so that it can be seen, with marks for spaces and ends."""
    if isinstance(symbol, tuple):
        return " ".join(map(visible, symbol))
    if not (symbol is None or isinstance(symbol, str)):
        return " ".join(f"{number:.3g}" for number in np.ravel(symbol))
    if symbol is None or symbol in SYMBOL_MARKS:
        return SYMBOL_MARKS[symbol]
    return "".join(map(_visible_character, symbol))


def _visible_character(c: str) -> str:
    """Write a character, or its number if it cannot be seen."""
    invisible = category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in JOINERS
    return CHARACTER_MARKS.get(c, f"U+{ord(c):04X}" if invisible else c)


def label(symbol: Any) -> str:
    """Write a symbol for a figure: in short, and with numbers for what has no glyph."""
    text = visible(symbol)
    text = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"
    drawable = (_has_glyph(ord(c)) and c not in JOINERS for c in text)
    return "".join(c if glyph else f"U+{ord(c):04X}" for c, glyph in zip(text, drawable))


def label_steps(ax: Axes, symbols: Sequence[Any], max_labels: int = 120) -> None:
    """Write symbols under the columns; of numbers, and of many symbols, count the steps."""
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
    """List the fonts that a text needs: matplotlib's own, and others for what it has not."""
    return list(dict.fromkeys([DEFAULT_FONT, *filter(None, (_family(ord(c)) for c in text))]))


def _has_glyph(code: int) -> bool:
    return _family(code) is not None


@cache
def _family(code: int) -> str | None:
    """Find an installed font that has a character; None if none has."""
    return next((name for name, path in _fonts().items() if code in _charmap(path)), None)


@cache
def _fonts() -> dict[str, str]:
    """Return a file of each installed font, in the order in which they are to be asked."""
    from matplotlib.font_manager import fontManager

    files = {
        font.name: font.fname for font in fontManager.ttflist if "Last Resort" not in font.name
    }
    order = [name for name in (DEFAULT_FONT, *PREFERRED_FONTS) if name in files]
    return {name: files[name] for name in [*order, *sorted(files.keys() - {*order})]}


@cache
def _charmap(path: str) -> set[int]:
    """Return the code points that a font file has a glyph for."""
    from matplotlib.font_manager import get_font

    return set(get_font(path).get_charmap())
