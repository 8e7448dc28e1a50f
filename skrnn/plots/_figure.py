"""A figure to draw on, and letters that can be seen on it.

In: symbols. Out: labels, in fonts that have them. Matplotlib is imported when it is needed.
"""

from functools import cache

import numpy as np

MARKS = {"\x02": "⟨", "\x03": "⟩", " ": "␣", "\t": "⇥", "\n": "↵", "": "∅", None: "∅"}
FALLBACKS = (  # fonts that have what matplotlib's own has not, where they are installed
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Arabic",
    "Noto Sans Symbols2",
    "Noto Emoji",
    "Unifont",
    "Arial Unicode MS",
    "Segoe UI Emoji",
)


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


def label(symbol):
    """Write a symbol so that it can be seen: marks for spaces, numbers for missing glyphs."""
    if isinstance(symbol, tuple):
        return " ".join(map(label, symbol))
    if not (symbol is None or isinstance(symbol, str)):
        return " ".join(f"{number:.3g}" for number in np.ravel(symbol))
    text = MARKS.get(symbol, symbol)
    return "".join(c if _has_glyph(ord(c)) else f"U+{ord(c):04X}" for c in text)


@cache
def families():
    """List matplotlib's own font, and what is installed of those that have more."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]


@cache
def _charmaps():
    from matplotlib import font_manager

    paths = [font_manager.findfont(name) for name in families()]
    return [set(font_manager.get_font(path).get_charmap()) for path in paths]


@cache
def _has_glyph(code):
    try:
        return any(code in charmap for charmap in _charmaps())
    except ImportError:  # as in a notebook without matplotlib
        return True
