"""Convert a fitted estimator to the content of a file, and back.

In: an estimator. Out: texts and arrays; and the reverse, which checks each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any, get_args

import numpy as np
from sklearn import config_context

from skrnn._base import BaseRecurrent, fitted_input
from skrnn._classifier import RNNClassifier
from skrnn._encoder import RNNEncoder
from skrnn._fixed import FixedEncoder
from skrnn._learner import BaseLearner, history_attributes
from skrnn._regressor import RNNRegressor
from skrnn.files.container import NAMES, BadFileError, parse_json
from skrnn.files.json_values import Arrays, UnknownTypeError, decode, encode
from skrnn.files.texts import pack_ngrams, pack_strings, unpack_ngrams, unpack_strings
from skrnn.input.encoding import Codebook
from skrnn.input.messages import describe
from skrnn.input.samples import SYMBOLIC, Kind
from skrnn.input.sequences import N_SPECIAL
from skrnn.input.targets import TargetKind
from skrnn.net.architecture import Architecture
from skrnn.net.cells import CELLS
from skrnn.net.pooling import POOLINGS
from skrnn.net.weights import Matrices, shapes

CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls for cls in (RNNEncoder, RNNClassifier, RNNRegressor, FixedEncoder)
}
TABLES = ("U", "G")  # stored transposed: one row per symbol or n-gram
OPTIONAL = ("classes_", "n_features_in_", "feature_names_in_")
HISTORY = ("loss_curve_", "validation_scores_")


# From an estimator


def to_file(estimator: Any, table_dtype: str | None) -> tuple[dict[str, str], Arrays]:
    """Return the texts and the arrays of a fitted estimator."""
    arrays: Arrays = {}
    parameters, fitted = estimator.get_params(deep=False), _fitted_values(estimator)
    texts = {
        "class": type(estimator).__name__,
        "parameters": _to_json(parameters, "parameter", arrays),
        "fitted": _to_json(fitted, "attribute", arrays),
    }
    codebook = estimator._codebook
    if codebook.vocabulary is not None:
        arrays |= pack_strings("symbols", codebook.vocabulary.symbols)
    if codebook.ngrams is not None:
        arrays |= pack_ngrams("ngrams", codebook.ngrams.ngrams)
    arrays |= _matrices_of(estimator, table_dtype)
    return texts, arrays


def _fitted_values(estimator: Any) -> dict[str, Any]:
    """Return the attributes that are no matrices or symbols and cannot be derived from others."""
    names = [*OPTIONAL, *HISTORY, "_origin", "target_type_", "input_type_"]
    return {
        **{name: getattr(estimator, name) for name in names if hasattr(estimator, name)},
        "architecture": estimator._architecture.to_dict(),
        "ngram_range": estimator._codebook.ngram_range,
        "reading": estimator._analyzer.parameters,
        "output": getattr(estimator, "_sklearn_output_config", {}),
        "requests": _metadata_requests(estimator),
    }


def _metadata_requests(estimator: Any) -> dict[str, dict[str, Any]]:
    """Return the metadata requests, as set by `set_fit_request` and similar methods."""
    if not hasattr(estimator, "_metadata_request"):
        return {}
    routing = estimator.get_metadata_routing()
    methods = [method for method in ("fit", "score") if hasattr(estimator, f"set_{method}_request")]
    return {method: dict(getattr(routing, method).requests) for method in methods}


def _to_json(values: dict[str, Any], what: str, arrays: Arrays) -> str:
    """Encode values as JSON, except numeric arrays; raise an error if that is impossible."""
    content = {}
    for name, value in values.items():
        try:
            content[name] = encode(value, f"{what} {name}", arrays)
        except UnknownTypeError as error:
            raise TypeError(_unknown_type(name, error.value)) from None
    return json.dumps(content, ensure_ascii=False)


def _unknown_type(name: str, value: Any) -> str:
    if callable(value):
        return (
            f"skrnn.save needs {name} to be no function, as a file holds no code, got "
            f"{describe(value)}: give fit lists of tokens, or save with joblib."
        )
    return (
        f"skrnn.save needs {name} to be made of None, numbers, strings, lists, tuples, sets, dicts "
        f"and arrays of these, got {describe(value)}: convert it, or save with joblib."
    )


def _matrix_names(estimator: BaseRecurrent) -> tuple[str, ...]:
    return Matrices._fields if isinstance(estimator, BaseLearner) else ("W", "U")


def _matrices_of(estimator: BaseRecurrent, table_dtype: str | None) -> Arrays:
    arrays = {}
    for name in _matrix_names(estimator):
        array = getattr(estimator, f"{name}_")
        if not isinstance(array, np.ndarray) or array.dtype not in NAMES:
            raise TypeError(
                f"skrnn.save needs {name}_ to be an array of numbers, got {describe(array)}."
            )
        if name not in TABLES:
            arrays[f"{name}_"] = array
        elif table_dtype is None or not estimator._architecture.symbols:
            arrays[f"{name}_.T"] = array.T
        else:
            arrays[f"{name}_.T"] = _rounded(array.T, f"{name}_", table_dtype)
    return arrays


def _rounded(table: Any, name: str, dtype: str) -> Any:
    """Round a table to another precision; raise an error for numbers that are too large."""
    largest = np.abs(table).max(initial=0)
    if largest > np.finfo(dtype).max:
        raise ValueError(
            f"skrnn.save needs numbers up to {np.finfo(dtype).max:g} in {name} for "
            f'dtype="{dtype}", got {largest:g}: leave dtype=None.'
        )
    return table.astype(dtype)


# And back


def from_file(texts: dict[str, str], arrays: Arrays) -> Any:
    """Build the estimator; raise `BadFileError` if the content is invalid."""
    cls = CLASSES.get(texts.get("class", ""))
    if cls is None:
        raise BadFileError(
            f"which is one of the class {texts.get('class')!r}, and this skrnn has "
            f"{', '.join(CLASSES)}: install the skrnn that saved it"
        )
    arrays = dict(arrays)
    with _wrong_content():
        estimator = _with_parameters(cls, _from_json("parameters", texts, arrays))
        fitted = _from_json("fitted", texts, arrays)
        output, requests = fitted.pop("output"), fitted.pop("requests")
        estimator.__dict__.update(_fitted(estimator, fitted, arrays))
        _set_output(estimator, output)
        _set_metadata_requests(estimator, requests)
        _need(not arrays, f"an array {next(iter(arrays), None)!r} of nothing")
    return estimator


@contextmanager
def _wrong_content() -> Iterator[None]:
    """Convert any error to a `BadFileError`, because only data are handled here."""
    try:
        yield
    except BadFileError:
        raise
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        reason = " ".join(str(error).split())
        raise BadFileError(
            f"whose content is no fitted estimator ({type(error).__name__}: {reason}): save the "
            "model again"
        ) from error


def _need(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _from_json(name: str, texts: dict[str, str], arrays: Arrays) -> dict[str, Any]:
    content = parse_json(name, texts[name])
    return {key: decode(value, arrays) for key, value in content.items()}


def _with_parameters(cls: type[Any], parameters: dict[str, Any]) -> Any:
    estimator = cls(**parameters)
    estimator._validate_params()
    return estimator


def _fitted(estimator: Any, values: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return all fitted attributes, from those that are stored."""
    architecture = _architecture(values.pop("architecture"))
    kind, codebook = values.pop("input_type_"), _codebook(architecture, values, arrays)
    reading = {**estimator.get_params(deep=False), **values.pop("reading")}
    analyzer = _with_parameters(type(estimator), reading)._make_analyzer()
    _need(kind in get_args(Kind), f"input_type_ {kind!r}")
    _need((kind in SYMBOLIC) == architecture.symbols, f"input_type_ {kind!r} of other steps")
    fitted = {
        **fitted_input(kind, codebook, analyzer),
        **_matrices(estimator, architecture, arrays),
        "_architecture": architecture,
        **{name: values.pop(name) for name in OPTIONAL[1:] if name in values},
    }
    _check_features(fitted)
    if isinstance(estimator, BaseLearner):
        fitted |= _learned(estimator, architecture, values)
    _need(not values, f"{next(iter(values), None)!r} of nothing")
    return fitted


def _architecture(fields: dict[str, Any]) -> Architecture:
    """Build the architecture, after checking its sizes and names."""
    made = Architecture.from_dict(fields)
    whole = [made.n_inputs, made.nhidden, made.n_outputs, made.n_layers, made.n_ngrams]
    for n in [*whole, made.ngram_size, *made.window]:
        _need(_is_whole(n) and n >= 0, f"a size {n!r}")
    for flag in (made.symbols, made.bidirectional, made.bias):
        _need(type(flag) in (bool, np.bool_), f"a flag {flag!r}")
    _need(made.cell in CELLS, f"a cell {made.cell!r}")
    _need(made.activation in ("tanh", "relu", "identity"), f"an activation {made.activation!r}")
    _need(set(made.pooling) <= set(POOLINGS), f"a pooling {made.pooling!r}")
    _need(bool(made.pooling) == bool(made.n_layers), f"a pooling {made.pooling!r}")
    _need(bool(made.n_ngrams) == bool(made.ngram_size), "n-grams without a size")
    width, stride = made.window
    _need(1 <= stride <= width and made.n_inputs % width == 0, f"a window {made.window!r}")
    return made


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _codebook(architecture: Architecture, values: dict[str, Any], arrays: Arrays) -> Codebook:
    """Build the codebook, after checking its number of columns."""
    ngram_range = values.pop("ngram_range")
    if not architecture.symbols:
        _need(ngram_range is None and not architecture.n_ngrams, "n-grams of series")
        return Codebook()
    symbols = unpack_strings("symbols", arrays)
    _need(len(symbols) + N_SPECIAL == architecture.n_inputs, f"{len(symbols)} symbols")
    if ngram_range is None:
        _need(not architecture.n_ngrams, "n-grams without a range")
        return Codebook.of(symbols, None, None)
    low, high = ngram_range
    ngrams = unpack_ngrams("ngrams", arrays)
    _need(_is_whole(low) and _is_whole(high) and 1 <= low <= high, f"ngram_range {ngram_range!r}")
    _need(len(ngrams) + N_SPECIAL == architecture.n_ngrams, f"{len(ngrams)} n-grams")
    return Codebook.of(symbols, ngrams, (low, high))


def _matrices(estimator: Any, architecture: Architecture, arrays: Arrays) -> dict[str, Any]:
    """Return the matrices as read-only views of the arrays."""
    matrices = {}
    for name in _matrix_names(estimator):
        stored = arrays.pop(f"{name}_.T" if name in TABLES else f"{name}_").view()
        stored.flags.writeable = False
        if stored.dtype == np.float16:  # products need single precision
            stored = stored.astype(np.float32)
        array = stored.T if name in TABLES else stored
        shape = shapes(architecture)[name]
        _need(array.shape == shape and array.dtype.kind == "f", f"{name}_ of shape {array.shape}")
        matrices[f"{name}_"] = array
    return matrices


def _check_features(fitted: dict[str, Any]) -> None:
    n, names = fitted.get("n_features_in_", 1), fitted.get("feature_names_in_")
    _need(_is_whole(n) and n >= 1, f"n_features_in_ {n!r}")
    if names is not None:
        _need(names.shape == (n,) and all(isinstance(v, str) for v in names), "feature_names_in_")


def _learned(estimator: Any, architecture: Architecture, values: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an estimator that was fitted to a y."""
    kind, origin = values.pop("target_type_"), values.pop("_origin", None)
    needed: Any = get_args(TargetKind)
    if isinstance(estimator, RNNClassifier):
        needed = ("classification", "multilabel")
    elif isinstance(estimator, RNNRegressor):
        needed = ("regression",)
    _need(kind in needed and architecture.n_outputs, f"target_type_ {kind!r}")
    classes, n_outputs = values.pop("classes_", None), architecture.n_outputs
    known = classes is None if kind == "regression" else classes.shape == (n_outputs,)
    _need(known, "classes_ of other outputs")
    n_variables = architecture.n_inputs // architecture.window.width
    _need(origin is None or origin.shape == (n_variables,), "an origin of other variables")
    losses, scores = values.pop("loss_curve_"), values.pop("validation_scores_")
    for numbers in (losses, scores or []):
        _need(all(isinstance(v, float) for v in numbers), "losses or scores that are none")
    return {
        "target_type_": kind,
        **({} if classes is None else {"classes_": classes}),
        "_origin": origin,
        **history_attributes(losses, scores or []),
    }


def _set_output(estimator: Any, output: dict[str, Any]) -> None:
    for key, container in output.items():
        _need(key == "transform" and container in ("default", "pandas", "polars"), "set_output")
        estimator.set_output(transform=container)


def _set_metadata_requests(estimator: Any, requests: dict[str, dict[str, Any]]) -> None:
    for method, request in requests.items():
        _need(method in ("fit", "score"), f"a request of {method!r}")
        with config_context(enable_metadata_routing=True):
            getattr(estimator, f"set_{method}_request")(**request)
