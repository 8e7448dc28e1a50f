"""Show a value in a message.

In: any value. Out: a few words for a message. Imports only numpy.
"""

from typing import Any

import numpy as np

from skrnn.input.values import ndim, unwrap_scalar


def short_repr(value: Any, limit: int = 40) -> str:
    """Show a value by its repr, in one line and cut to a limit."""
    value = unwrap_scalar(value)
    text = str(value) if isinstance(value, np.generic) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def describe(value: Any) -> str:
    """Show a value and its type: None, bytes b'ab', an int 7, an array of shape (3, 2) ..."""
    value = unwrap_scalar(value)
    if value is None:
        return "None"
    if isinstance(value, bytes):
        return f"bytes {short_repr(value)}"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    name = f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
    if ndim(value) and hasattr(value, "dtype"):
        return f"{name} of shape {tuple(value.shape)} and dtype {value.dtype}"
    return f"{name} {short_repr(value)}"
