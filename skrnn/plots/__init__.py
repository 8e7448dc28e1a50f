"""Plots of fitted networks, in the style of scikit-learn's displays.

Each class has `from_estimator` to create and draw a display, `plot` to draw it again, and the
attributes `figure_` and `ax_`. Matplotlib is imported only when a display is drawn.
"""

from skrnn.plots._explanation import ExplanationDisplay
from skrnn.plots._loss import LossCurveDisplay
from skrnn.plots._sequence_map import SequenceMapDisplay
from skrnn.plots._symbol_map import SymbolMapDisplay
from skrnn.plots._unroll import UnrollDisplay

__all__ = [
    "ExplanationDisplay",
    "LossCurveDisplay",
    "SequenceMapDisplay",
    "SymbolMapDisplay",
    "UnrollDisplay",
]
