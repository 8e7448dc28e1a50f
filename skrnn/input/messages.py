"""Describe values in messages.

In: any value. Out: a short text. Imports only numpy.
"""

from typing import Any

import numpy as np

from skrnn.input.values import dtype_name, ndim, unwrap_scalar


def printable(text: str) -> str:
    """Escape invisible characters, so that a terminal does not interpret them."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def clip(text: str, limit: int = 40) -> str:
    """Cut a text to a maximum length."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def short_repr(value: Any, limit: int = 40) -> str:
    """Return the repr of a value, in one line and cut to a maximum length."""
    value = unwrap_scalar(value)
    if isinstance(value, (str, bytes)):
        value = value[:limit]  # with quotes, this is still longer than the limit
    try:
        text = str(value) if isinstance(value, np.generic) else repr(value)
    except Exception:  # an int or a list without a repr in Python, or a repr that fails
        return "..."
    return clip(printable(" ".join(text.split())), limit)


def describe(value: Any) -> str:
    """Describe a value and its type: None, bytes b'ab', an int 7, an array of shape (3, 2) ..."""
    value = unwrap_scalar(value)
    if value is None:
        return "None"
    if isinstance(value, bytes):
        return f"bytes {short_repr(value)}"
    name = "array" if isinstance(value, np.ndarray) else clip(printable(type(value).__name__))
    name = f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
    if not ndim(value):
        return f"{name} {short_repr(value)}"
    dtype = short_dtype(value)
    return f"{name} of shape {tuple(value.shape)}{dtype and ' and dtype '}{dtype}"


def short_dtype(value: Any) -> str:
    """Return the dtype of a column or an array, cut to a maximum length; "" if there is none."""
    return clip(printable(dtype_name(value)))
