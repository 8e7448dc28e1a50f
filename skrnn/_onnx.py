"""Convert a fitted estimator to an ONNX model, and X to the model's inputs.

In: a fitted estimator; X. Out: an `onnx.ModelProto`; numpy arrays. Strings are read by the
estimator, outside of the model. The package onnx is imported only when it is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skrnn._base import BaseRecurrent
from skrnn._classifier import RNNClassifier
from skrnn._regressor import RNNRegressor
from skrnn.input.messages import describe, short_repr
from skrnn.input.sequences import Array, Indices, Sequences
from skrnn.net.architecture import Architecture
from skrnn.net.weights import Matrices

OPSET, IR_VERSION = 18, 8  # a matching pair; older ones have no operators in double precision
MAX_BYTES = 1 << 31  # of a model
OPERATORS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
GATES = {"rnn": [0], "gru": [1, 0, 2], "lstm": [0, 3, 1, 2]}  # our gates, in the order of ONNX
ACTIVATIONS: dict[str, dict[str, list[Any]]] = {
    "tanh": {"activations": ["Tanh"]},
    "relu": {"activations": ["Relu"]},
    "identity": {
        "activations": ["Affine"], "activation_alpha": [1.0], "activation_beta": [0.0],
    },
}  # fmt: skip


def to_onnx(estimator: BaseRecurrent) -> Any:
    """Convert a fitted estimator to an ONNX model.

    The model uses the ONNX operators RNN, GRU or LSTM, in single precision. Its inputs are numbers,
    not strings: `onnx_inputs` converts X to them. Each output is named after the method whose
    result it is: "transform" for an encoder, "predict" for a regressor, and "predict",
    "predict_proba" and "decision_function" for a classifier. The results agree with those of the
    estimator to about five digits.

    Parameters
    ----------
    estimator : RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder
        A fitted estimator.

    Returns
    -------
    model : onnx.ModelProto
        The model, which `onnx.save` writes to a file. Its inputs are

        - "x": columns of `U_`, int64 of shape (n, T), or the numbers of steps or windows,
          float64 of shape (n, T, n_numbers). Pad with any value. There is no "x" after a fit with
          cell=None.
        - "lengths": the number of steps of each row before the padding, int32 of shape (n,).
        - "ngrams": columns of `G_`, int64 of shape (n, n_ngrams). Pad with the number of columns.
          Only if there are n-grams.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    TypeError
        If `estimator` is not an estimator of this library.
    ValueError
        If ONNX cannot represent the classes, or if the matrices are too large for an ONNX file.

    See Also
    --------
    onnx_inputs : Converts X to the inputs of the model.

    Examples
    --------
    >>> from skrnn import RNNClassifier, onnx_inputs, to_onnx
    >>> names = ["tanaka", "suzuki", "sato", "smith", "jones", "brown"] * 5
    >>> country = ["jp", "jp", "jp", "uk", "uk", "uk"] * 5
    >>> model = RNNClassifier(nhidden=16, random_state=0).fit(names, country)
    >>> written = to_onnx(model).SerializeToString()
    >>> from onnxruntime import InferenceSession
    >>> session = InferenceSession(written, providers=["CPUExecutionProvider"])
    >>> session.run(["predict"], onnx_inputs(model, ["tanaka", "jones"]))[0].tolist()
    ['jp', 'uk']
    """
    _check(estimator, "to_onnx")
    try:
        import onnx
    except ImportError:
        raise ImportError("to_onnx needs the package onnx: pip install onnx.") from None
    graph = _Graph(onnx, estimator)
    vectors = graph.vectors()
    if isinstance(estimator, RNNClassifier):
        graph.classify(graph.scores(vectors), estimator)
    elif isinstance(estimator, RNNRegressor):
        graph.predict(graph.scores(vectors))
    else:
        graph.output("transform", vectors, np.float32, graph.architecture.vector_size)
    return graph.model()


def onnx_inputs(estimator: BaseRecurrent, X: Any) -> dict[str, Array]:
    """Convert X to the inputs of the model that `to_onnx` returns.

    Parameters
    ----------
    estimator : RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder
        The fitted estimator that was converted.
    X : array-like
        Sequences in the same form as in `fit`.

    Returns
    -------
    inputs : dict of str to ndarray
        Those of "x", "lengths" and "ngrams" that the model has, as described in `to_onnx`.

    Raises
    ------
    TypeError
        If `estimator` is not an estimator of this library.

    See Also
    --------
    to_onnx : Returns the model.

    Examples
    --------
    Columns 0, 1 and 2 of U stand for a missing string, an empty string and an unknown character:

    >>> from skrnn import RNNClassifier, onnx_inputs
    >>> model = RNNClassifier(nhidden=4, ngram_range=None).fit(["ab", "ba"] * 4, [0, 1] * 4)
    >>> inputs = onnx_inputs(model, ["ab", "axb", None])
    >>> inputs["x"].tolist(), inputs["lengths"].tolist()
    ([[3, 4, 0], [3, 2, 4], [0, 0, 0]], [2, 3, 1])
    """
    _check(estimator, "onnx_inputs")
    architecture, sequences = estimator._architecture, _read(estimator, X)
    inputs = {"lengths": sequences.lengths.astype(np.int32)}
    if architecture.n_layers:
        dtype = np.int64 if architecture.symbols else np.float64
        inputs["x"] = _padded(sequences.values.astype(dtype), sequences.lengths, 0)
    if sequences.ngrams is not None:
        columns, counts, _ = vars(sequences.ngrams).values()
        inputs["ngrams"] = _padded(columns.astype(np.int64), counts, architecture.n_ngrams)
    return inputs


def _check(estimator: Any, who: str) -> None:
    if not isinstance(estimator, BaseRecurrent):
        raise TypeError(
            f"{who} needs a fitted estimator of skrnn, got {describe(estimator)}: give the "
            "estimator itself, and not a pipeline or a search around it."
        )
    check_is_fitted(estimator)


def _read(estimator: BaseRecurrent, X: Any) -> Sequences:
    """Read X as `predict` does."""
    documents = estimator._analyzer.documents(estimator._check_fitted_X(X))
    return estimator._architecture.window.cut(estimator._codebook.encode(documents))


def _padded(values: Array, lengths: Indices, fill: int) -> Array:
    """Put the values of each row into an array with padding, (n, T, ...)."""
    inside = np.arange(max(1, lengths.max())) < lengths[:, None]  # (n, T)
    out = np.full((*inside.shape, *values.shape[1:]), fill, dtype=values.dtype)
    out[inside] = values
    return out


class _Graph:
    """Builds an ONNX graph node by node; a node is referred to by the name of its output."""

    def __init__(self, onnx: Any, estimator: BaseRecurrent) -> None:
        self.onnx, self.helper = onnx, onnx.helper
        self.architecture: Architecture = estimator._architecture
        self.matrices: Matrices = estimator._matrices()
        self.origin = getattr(estimator, "_origin", None)
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def constant(self, array: Any, dtype: Any) -> str:
        """Add a constant array, and return its name."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.ascontiguousarray(array, dtype=dtype)
        return name

    def integers(self, *numbers: int) -> str:
        """Add a list of whole numbers, such as axes or a shape."""
        return self.constant(numbers, np.int64)

    def node(self, operator: str, *inputs: str, n_outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return the name of its output, or a list of several names."""
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(n_outputs)]
        self.nodes.append(self.helper.make_node(operator, inputs, names, **attributes))
        return names[0] if n_outputs == 1 else names

    def cast(self, x: str, dtype: Any) -> str:
        """Add a conversion to another dtype."""
        return str(self.node("Cast", x, to=self._type(dtype)))

    def input(self, name: str, dtype: Any, *shape: str | int) -> str:
        """Add an input."""
        info = self.helper.make_tensor_value_info(name, self._type(dtype), shape)
        self.inputs.append(info)
        return name

    def output(self, name: str, x: str, dtype: Any, *shape: int) -> None:
        """Make x, of shape (n, *shape), an output with this name."""
        self.nodes.append(self.helper.make_node("Identity", [x], [name]))
        info = self.helper.make_tensor_value_info(name, self._type(dtype), ("n", *shape))
        self.outputs.append(info)

    def _type(self, dtype: Any) -> int:
        return int(self.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def model(self) -> Any:
        """Return the model, after checking it."""
        size = sum(array.nbytes for array in self.constants.values() if array.dtype != object)
        if size >= MAX_BYTES:
            raise ValueError(
                f"to_onnx needs matrices of less than {MAX_BYTES:,} bytes, got {size:,}: fit with "
                "a smaller max_features, ngram_size or nhidden."
            )
        make = self.onnx.numpy_helper.from_array
        constants = [make(array, name) for name, array in self.constants.items()]
        graph = self.helper.make_graph(
            self.nodes, "skrnn", self.inputs, self.outputs, initializer=constants
        )
        opsets = [self.helper.make_opsetid("", OPSET)]
        model = self.helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="skrnn"
        )
        self.onnx.checker.check_model(model)
        return model

    def vectors(self) -> str:
        """Add [h ; g]: (n, vector_size)."""
        lengths = self.input("lengths", np.int32, "n")
        parts = [*self._pooled(lengths)] if self.architecture.n_layers else []
        if self.architecture.n_ngrams:
            parts.append(self._ngrams(lengths))
        return str(self.node("Concat", *parts, axis=1))

    def _ngrams(self, lengths: str) -> str:
        """Add g: the sum of columns of G, divided by the square root of T."""
        G = np.vstack([self.matrices.G.T, np.zeros(self.architecture.ngram_size)])
        columns = self.input("ngrams", np.int64, "n", "n_ngrams")
        rows = self.node("Gather", self.constant(G, np.float32), columns)
        total = self.node("ReduceSum", rows, self.integers(1), keepdims=0)
        root = self.node("Sqrt", self.cast(lengths, np.float32))
        return str(self.node("Div", total, self.node("Unsqueeze", root, self.integers(1))))

    def _pooled(self, lengths: str) -> list[str]:
        """Add each pooling of the states of the top layer: (n, directions * nhidden)."""
        x, W = self._steps()
        one = self.constant(1, np.int32)
        counts = self.node("Max", lengths, one)  # ONNX has no empty sequences
        inputs = [W, *self.matrices.U_above.reshape(-1, *self._shape_above())]
        for layer, W in enumerate(inputs):
            h, last = self._recurrence(layer, x, W, counts)
            x = self._side_by_side(h, (0, 2, 1, 3), (0, 0, -1))  # (T, n, directions * nhidden)
        shape = self.node("Shape", x)
        T = self.node("Gather", shape, self.constant(0, np.int64))
        steps = self.node("Range", self.constant(0, np.int64), T, self.constant(1, np.int64))
        steps = self.node("Unsqueeze", self.cast(steps, np.int32), self.integers(1, 2))
        column = self.node("Unsqueeze", lengths, self.integers(1))  # (n, 1)
        inside = self.node("Less", steps, column)  # (T, n, 1)
        pooled = {
            "last": lambda: self._side_by_side(last, (1, 0, 2), (0, -1)),
            "mean": lambda: self._mean(x, inside, counts),
            "max": lambda: self._largest(x, inside),
        }
        zero, empty = self.constant(0, np.float32), self.node("Less", column, one)
        found = [pooled[name]() for name in self.architecture.pooling]
        return [self.node("Where", empty, zero, part) for part in found]

    def _shape_above(self) -> tuple[int, int]:
        """Return the shape of the input weights of a layer above the first."""
        d, architecture = self.architecture.directions, self.architecture
        return d * architecture.gate_rows, d * architecture.nhidden

    def _steps(self) -> tuple[str, Array]:
        """Add x_t of all steps, (T, n, n_inputs); return U as well.

        For symbols, x_t is one-hot. If there are more symbols than rows of U, it is U x_t instead,
        and U is the identity. For numbers, the mean of x_t in training is subtracted, so that the
        rest is small enough for single precision.
        """
        U, architecture = self.matrices.U, self.architecture
        if architecture.symbols:
            x = self.node("Transpose", self.input("x", np.int64, "n", "T"), perm=[1, 0])
            n_rows, n_inputs = U.shape
            table, W = (np.eye(n_inputs), U) if n_inputs <= n_rows else (U.T, np.eye(n_rows))
            return self.node("Gather", self.constant(table, np.float32), x), W
        x = self.input("x", np.float64, "n", "T", architecture.n_inputs)
        if self.origin is not None:
            x = self.node("Sub", x, self.constant(self._origin_of_windows(), np.float64))
        return self.node("Transpose", self.cast(x, np.float32), perm=[1, 0, 2]), U

    def _origin_of_windows(self) -> Array:
        return np.tile(np.asarray(self.origin), self.architecture.window.width)

    def _bias(self, layer: int) -> Array:
        """Return b of a layer, in all directions; adjusted for x_t without its mean."""
        d = self.architecture.directions
        b = self.matrices.b.reshape(-1, d * self.architecture.gate_rows)[layer]
        shifted = layer == 0 and self.origin is not None
        return np.asarray(b + self.matrices.U @ self._origin_of_windows() if shifted else b)

    def _recurrence(self, layer: int, x: str, W: Array, lengths: str) -> list[str]:
        """Add one layer: h of all steps, (T, directions, n, nhidden), and the last states."""
        architecture = self.architecture
        d, cell = architecture.directions, architecture.cell
        shape = (d, -1, architecture.nhidden)  # directions, gates, nhidden

        def arranged(rows: Array) -> Array:
            """Reorder the gates for ONNX: (directions, gates * nhidden, ...)."""
            rest = rows.shape[1:]
            by_gate = rows.reshape(*shape, *rest)[:, GATES[cell]]
            return np.asarray(by_gate.reshape(d, -1, *rest))

        R = self.matrices.W.reshape(-1, d * architecture.gate_rows, architecture.nhidden)[layer]
        b = arranged(self._bias(layer))
        parts = arranged(W), arranged(R), np.concatenate([b, np.zeros_like(b)], axis=1)
        attributes: dict[str, Any] = {
            "hidden_size": architecture.nhidden,
            "direction": "bidirectional" if d == 2 else "forward",
        }
        if cell == "rnn":
            kind = ACTIVATIONS[architecture.activation]
            attributes |= {name: values * d for name, values in kind.items()}
        if cell == "gru":
            attributes["linear_before_reset"] = 1  # W h_{t-1} is multiplied by r, not h_{t-1}
        constants = [self.constant(part, np.float32) for part in parts]
        found: list[str] = self.node(
            OPERATORS[cell], x, *constants, lengths, n_outputs=2, **attributes
        )
        return found

    def _side_by_side(self, h: str, perm: tuple[int, ...], shape: tuple[int, ...]) -> str:
        """Concatenate the directions."""
        moved = self.node("Transpose", h, perm=list(perm))
        return str(self.node("Reshape", moved, self.integers(*shape)))

    def _mean(self, h: str, inside: str, counts: str) -> str:
        h = self.node("Where", inside, h, self.constant(0, np.float32))
        total = self.node("ReduceSum", h, self.integers(0), keepdims=0)
        n = self.node("Unsqueeze", self.cast(counts, np.float32), self.integers(1))
        return str(self.node("Div", total, n))

    def _largest(self, h: str, inside: str) -> str:
        h = self.node("Where", inside, h, self.constant(-np.inf, np.float32))
        return str(self.node("ReduceMax", h, self.integers(0), keepdims=0))

    def scores(self, vectors: str) -> str:
        """Add V [h ; g] + c, (n, n_outputs); c may be large, and is added in double precision."""
        product = self.node("MatMul", vectors, self.constant(self.matrices.V.T, np.float32))
        c = self.constant(self.matrices.c, np.float64)
        return str(self.node("Add", self.cast(product, np.float64), c))

    def classify(self, scores: str, estimator: RNNClassifier) -> None:
        """Add the outputs of a classifier."""
        n = self.architecture.n_outputs
        if estimator.target_type_ == "multilabel":
            positive = self.node("Greater", scores, self.constant(0, np.float64))
            self.output("predict", self.cast(positive, np.int64), np.int64, n)
            self.output("predict_proba", self.node("Sigmoid", scores), np.float64, n)
            self.output("decision_function", scores, np.float64, n)
            return
        classes = _classes(estimator.classes_)
        best = self.node("ArgMax", scores, axis=1, keepdims=0)
        labels = self.node("Gather", self.constant(classes, classes.dtype), best)
        self.output("predict", labels, classes.dtype)
        self.output("predict_proba", self.node("Softmax", scores, axis=1), np.float64, n)
        if n > 2:
            self.output("decision_function", scores, np.float64, n)
        else:
            larger = self.node("MatMul", scores, self.constant([-1, 1], np.float64))
            self.output("decision_function", larger, np.float64)

    def predict(self, scores: str) -> None:
        """Add the output of a regressor."""
        n = self.architecture.n_outputs
        if n > 1:
            self.output("predict", scores, np.float64, n)
        else:
            self.output("predict", self.node("Squeeze", scores, self.integers(1)), np.float64)


def _classes(classes: Array) -> Array:
    """Return the classes as an array of a type that ONNX supports."""
    if classes.dtype.kind == "U" or all(isinstance(label, str) for label in classes):
        return classes.astype(object)
    if classes.dtype.kind in "biuf":
        kinds = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
        return classes.astype(kinds[classes.dtype.kind])
    raise ValueError(
        "to_onnx needs classes that are strings, numbers or booleans, got "
        f"{short_repr(classes.tolist())}: fit with such labels."
    )
