"""Store strings and n-grams as arrays.

In: lists of strings; lists of strings and tuples of strings. Out: arrays of bytes and of lengths,
and the reverse. Imports only numpy. All Python strings are supported, also with lone surrogates.
"""

from collections.abc import Iterable
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ngram = str | tuple[str, ...]
Arrays = dict[str, NDArray[Any]]


def pack_strings(name: str, strings: Iterable[str]) -> Arrays:
    """Return strings as UTF-8, and their lengths in code points."""
    strings = list(strings)
    text = "".join(strings).encode("utf-8", "surrogatepass")
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    return {f"{name}.utf8": np.frombuffer(text, np.uint8), f"{name}.lengths": lengths}


def unpack_strings(name: str, arrays: Arrays) -> list[str]:
    """Return the strings that `pack_strings` wrote; raise ValueError if the arrays are invalid."""
    text = arrays.pop(f"{name}.utf8").tobytes().decode("utf-8", "surrogatepass")
    return _split(text, arrays.pop(f"{name}.lengths"))


def pack_ngrams(name: str, ngrams: Iterable[Ngram]) -> Arrays:
    """Return the strings of n-grams, and the length of each tuple (0 for a string)."""
    ngrams = list(ngrams)
    sizes = [0 if isinstance(ngram, str) else len(ngram) for ngram in ngrams]
    strings = chain.from_iterable([n] if isinstance(n, str) else n for n in ngrams)
    return {f"{name}.sizes": np.array(sizes, dtype=np.int64), **pack_strings(name, strings)}


def unpack_ngrams(name: str, arrays: Arrays) -> list[Ngram]:
    """Return the n-grams that `pack_ngrams` wrote; raise ValueError if the arrays are invalid."""
    sizes, strings = arrays.pop(f"{name}.sizes"), unpack_strings(name, arrays)
    if sizes.shape == (len(strings),) and not sizes.any():  # n-grams of characters
        return [*strings]
    parts = _split(strings, np.maximum(sizes, 1))
    return [tuple(part) if size else part[0] for size, part in zip(sizes.tolist(), parts)]


def _split(whole: Any, lengths: NDArray[Any]) -> list[Any]:
    """Cut a string or a list into parts of the given lengths."""
    if lengths.ndim != 1 or lengths.dtype != np.int64 or np.any(lengths < 0):
        raise ValueError("lengths that are none")
    if np.any(lengths > len(whole)) or sum(lengths.tolist()) != len(whole):
        raise ValueError("lengths that do not fit")
    ends = [0, *np.cumsum(lengths).tolist()]
    return [whole[start:end] for start, end in pairwise(ends)]
