"""Learned, order-aware vectors for strings and other sequences, for scikit-learn."""

from skrnn._classifier import RNNClassifier
from skrnn._encoder import RNNEncoder
from skrnn._files import load, save
from skrnn._fixed import FixedEncoder
from skrnn._onnx import onnx_inputs, to_onnx
from skrnn._regressor import RNNRegressor
from skrnn.engines.batch_function import BatchFunction

__version__ = "0.1.0"
__all__ = [
    "BatchFunction",
    "FixedEncoder",
    "RNNClassifier",
    "RNNEncoder",
    "RNNRegressor",
    "__version__",
    "load",
    "onnx_inputs",
    "save",
    "to_onnx",
]
