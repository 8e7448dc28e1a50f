"""A figure to draw on, and letters that can be seen on it.

In: symbols. Out: labels, in fonts that have them. Matplotlib is imported when it is needed.
"""

from functools import cache
from unicodedata import category

import numpy as np
from sklearn.decomposition import PCA

from skrnn._docs import documented

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

MARKS = {"\x02": "⟨", "\x03": "⟩", " ": "␣", "": "ε", None: "∅"}  # of whole symbols
SIGNS = {"\t": "⇥", "\n": "↵", "\r": "↵"}  # of characters
JOINERS = "\u200c\u200d"  # which some scripts and emoji need in a browser
LONGEST = 24  # characters of a label
OWN = "DejaVu Sans"  # matplotlib brings it along
PREFERRED = ("Noto Sans CJK JP", "Noto Sans", "Noto Emoji")  # of the others, where installed


class Display:
    """What the displays share: a figure of their own, or axes that are given."""

    def _start(self, ax, figsize):
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError(
                f"{type(self).__name__}.plot needs matplotlib: pip install matplotlib"
            ) from None
        if ax is None:
            _, ax = plt.subplots(figsize=figsize, layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        return ax

    def _heat_map(self, ax, numbers, given):
        """Draw numbers from blue over white to red, zero being white."""
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.image import AxesImage

        given = normalize_kwargs(given, AxesImage)
        most = float(np.nanmax(np.abs(numbers), initial=0)) or 1.0
        ends = {} if "norm" in given else {"vmin": -most, "vmax": most}
        options = {"cmap": "RdBu_r", "aspect": "auto", "interpolation": "nearest"}
        ax.grid(False)
        return ax.imshow(numbers, **options | ends | given)


def drawn_with(function):
    """Say where a docstring has {drawing} what `ax` is, and what draws."""
    return documented(drawing=DRAWING.format(function=function))


def in_plane(who, vectors, of):
    """Give the first two principal components of vectors, (n, 2); `of` says whose they are."""
    n, n_units = vectors.shape
    if min(n, n_units) < 2:
        raise ValueError(f"{who} needs at least two {of} and two units, got {n} and {n_units}.")
    with np.errstate(invalid="ignore"):  # equal vectors explain no variance
        return PCA(2, random_state=0).fit_transform(vectors)


def written(symbol):
    """Write a symbol so that it can be seen, with marks for spaces and ends."""
    if isinstance(symbol, tuple):
        return " ".join(map(written, symbol))
    if not (symbol is None or isinstance(symbol, str)):
        return " ".join(f"{number:.3g}" for number in np.ravel(symbol))
    return MARKS[symbol] if symbol in MARKS else "".join(map(_seen, symbol))


def _seen(c):
    """Write a character, one that cannot be seen as its number."""
    unseen = category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in JOINERS
    return SIGNS.get(c, f"U+{ord(c):04X}" if unseen else c)


def label(symbol):
    """Write a symbol for a figure: in short, and with numbers for what has no glyph."""
    text = written(symbol)
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    drawn = (_has_glyph(ord(c)) and c not in JOINERS for c in text)
    return "".join(c if glyph else f"U+{ord(c):04X}" for c, glyph in zip(text, drawn))


def label_steps(ax, symbols, most=120):
    """Write symbols under the columns; of numbers, and of many symbols, count the steps."""
    if len(symbols) > most or not all(isinstance(s, str | None) for s in symbols):
        ax.set_xlabel("t")
        ax.xaxis.get_major_locator().set_params(integer=True)
        return
    labels = [label(symbol) for symbol in symbols]
    size = min(10, max(5, 10 * 45 / max(1, len(symbols))))
    ax.set_xticks(range(len(symbols)), labels, family=families("".join(labels)), fontsize=size)
    for text in ax.get_xticklabels():
        text.set_rotation(90 if len(text.get_text()) > 2 else 0)
        text.set_parse_math(False)
    ax.tick_params(axis="x", length=0)


def families(text):
    """List the fonts that a text needs: matplotlib's own, and others for what it has not."""
    return list(dict.fromkeys([OWN, *filter(None, (_family(ord(c)) for c in text))]))


def _has_glyph(code):
    return _family(code) is not None


@cache
def _family(code):
    """Find an installed font that has a character; None if none has."""
    return next((name for name, path in _fonts().items() if code in _charmap(path)), None)


@cache
def _fonts():
    """Give a file of each installed font, in the order in which they are to be asked."""
    from matplotlib.font_manager import fontManager

    files = {
        font.name: font.fname for font in fontManager.ttflist if "Last Resort" not in font.name
    }
    order = [name for name in (OWN, *PREFERRED) if name in files]
    return {name: files[name] for name in [*order, *sorted(files.keys() - {*order})]}


@cache
def _charmap(path):
    from matplotlib.font_manager import get_font

    return set(get_font(path).get_charmap())
