"""Encode Python and numpy values as JSON without losing their types; numeric arrays stay arrays.

In: None, booleans, numbers, strings, lists, tuples, sets, dicts, arrays, torch devices and
`RandomState`, also nested. Out: JSON values, and named arrays; and the reverse. Types that JSON
does not have are written as {type: content}. Imports numpy and torch.
"""

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skrnn.files.container import NAMES

Arrays = dict[str, NDArray[Any]]

MT = "MT19937"  # the default generator of `RandomState`


class UnknownTypeError(TypeError):
    """Raised for a value that cannot be stored in a file: the attribute `value`."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"no file can hold a {type(value).__name__}")
        self.value = value


def encode(value: Any, name: str, arrays: Arrays) -> Any:
    """Return a value as JSON; numeric arrays are put into `arrays`, with names below `name`."""
    kind = type(value)
    if value is None or kind in (bool, int):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is str:
        surrogates = any("\ud800" <= c <= "\udfff" for c in value)
        return {"str": [ord(c) for c in value]} if surrogates else value
    if kind is list:
        return [encode(v, name, arrays) for v in value]
    if kind is tuple:
        return {"tuple": encode(list(value), name, arrays)}
    if kind in (set, frozenset):
        return {kind.__name__: encode(list(value), name, arrays)}
    if kind is dict:
        return {"dict": [encode([k, v], name, arrays) for k, v in value.items()]}
    if isinstance(value, np.generic) and (value.dtype in NAMES or value.dtype.kind == "U"):
        return {"scalar": [value.dtype.str, encode(value.item(), name, arrays)]}
    if kind is np.ndarray:
        return _encode_array(value, name, arrays)
    if kind is torch.device:
        return {"device": str(value)}
    if kind is np.random.RandomState and value.get_state(legacy=False)["bit_generator"] == MT:
        return {"RandomState": encode(value.get_state(legacy=False), name, arrays)}
    raise UnknownTypeError(value)


def _encode_array(value: NDArray[Any], name: str, arrays: Arrays) -> dict[str, Any]:
    if value.dtype.kind == "O":
        cells = encode(value.reshape(-1).tolist(), name, arrays)
        return {"objects": [list(value.shape), cells]}
    text = value.dtype.kind == "U"
    if not text and value.dtype.newbyteorder("<") not in NAMES:
        raise UnknownTypeError(value)
    name = name if name not in arrays else f"{name} {len(arrays)}"
    arrays[name] = _code_points(value) if text else value
    return {"text" if text else "array": name}


def _code_points(text: NDArray[np.str_]) -> NDArray[np.uint32]:
    """View strings as arrays of code points: one more axis, padded with zeros."""
    flat = np.ascontiguousarray(text.reshape(-1), text.dtype.newbyteorder("<"))
    return flat.view(np.uint32).reshape(*text.shape, flat.itemsize // 4)


def decode(content: Any, arrays: Arrays) -> Any:
    """Return the value that `encode` wrote, and take its arrays out of `arrays`.

    Raise a built-in error, such as TypeError or KeyError, for anything that `encode` cannot write.
    """
    if isinstance(content, list):
        return [decode(part, arrays) for part in content]
    if not isinstance(content, dict):
        return content
    (kind, inner), *more = content.items()
    if more or kind not in DECODERS:
        raise ValueError(f"a value of an unknown type {kind!r}")
    if kind in ("array", "text"):
        array = arrays.pop(inner)
        return _text(array) if kind == "text" else array.copy()
    return DECODERS[kind](decode(inner, arrays))


def _text(points: NDArray[Any]) -> NDArray[np.str_]:
    """Convert code points to strings, after checking them, which numpy does not do."""
    if points.dtype != np.uint32 or points.max(initial=0) > sys.maxunicode:
        raise ValueError("code points that are none")
    text = points.copy().reshape(-1).view(f"<U{points.shape[-1]}")
    return text.reshape(points.shape[:-1])


def _scalar(content: list[Any]) -> Any:
    code, value = content
    dtype = np.dtype(str(code))
    if dtype not in NAMES and dtype.kind != "U":
        raise ValueError(f"an unknown dtype {code!r}")
    return dtype.type(value)


def _objects(content: list[Any]) -> NDArray[np.object_]:
    shape, cells = content
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array.reshape(shape)


def _random_state(state: Any) -> np.random.RandomState:
    """Return a `RandomState`, after checking its position, which numpy does not do."""
    if not 0 <= state["state"]["pos"] <= len(state["state"]["key"]) == 624:
        raise ValueError("a state of no RandomState")
    random = np.random.RandomState()
    random.set_state(state)
    return random


DECODERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "str": lambda points: "".join(map(chr, points)),
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
    "scalar": _scalar,
    "array": str,  # its name
    "text": str,
    "objects": _objects,
    "device": torch.device,
    "RandomState": _random_state,
}
