"""Pictures of what a net has learned, as scikit-learn's displays.

Each class is made by `from_estimator`, draws itself with `plot` and keeps `figure_` and
`ax_`. Matplotlib is needed to draw, and imported then.
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
