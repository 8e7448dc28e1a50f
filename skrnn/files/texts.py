"""Strings, and n-grams of them, as arrays.

In: lists of strings; of strings and tuples of strings. Out: arrays of bytes and of lengths, and
the reverse. Imports only numpy. Any string of Python has its arrays, with lone surrogates too.
"""

from collections.abc import Iterable
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ngram = str | tuple[str, ...]
Arrays = dict[str, NDArray[Any]]


def pack_strings(name: str, strings: Iterable[str]) -> Arrays:
    """Write strings as UTF-8, and their lengths in code points."""
    strings = list(strings)
    text = "".join(strings).encode("utf-8", "surrogatepass")
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    return {f"{name}.utf8": np.frombuffer(text, np.uint8), f"{name}.lengths": lengths}


def unpack_strings(name: str, arrays: Arrays) -> list[str]:
    """Take the strings that `pack_strings` wrote out of arrays; ValueError if these hold none."""
    text = arrays.pop(f"{name}.utf8").tobytes().decode("utf-8", "surrogatepass")
    return _split(text, arrays.pop(f"{name}.lengths"))


def pack_ngrams(name: str, ngrams: Iterable[Ngram]) -> Arrays:
    """Write n-grams as strings, and the number of these in each tuple, 0 for a string."""
    ngrams = list(ngrams)
    sizes = [0 if isinstance(ngram, str) else len(ngram) for ngram in ngrams]
    strings = chain.from_iterable([n] if isinstance(n, str) else n for n in ngrams)
    return {f"{name}.sizes": np.array(sizes, dtype=np.int64), **pack_strings(name, strings)}


def unpack_ngrams(name: str, arrays: Arrays) -> list[Ngram]:
    """Take the n-grams that `pack_ngrams` wrote out of arrays; ValueError if these hold none."""
    sizes, strings = arrays.pop(f"{name}.sizes"), unpack_strings(name, arrays)
    if sizes.shape == (len(strings),) and not sizes.any():  # as of characters
        return [*strings]
    parts = _split(strings, np.maximum(sizes, 1))
    return [tuple(part) if size else part[0] for size, part in zip(sizes.tolist(), parts)]


def _split(whole: Any, lengths: NDArray[Any]) -> list[Any]:
    """Cut a string or a list into parts of these lengths."""
    if lengths.ndim != 1 or lengths.dtype != np.int64 or np.any(lengths < 0):
        raise ValueError("lengths that are none")
    if np.any(lengths > len(whole)) or sum(lengths.tolist()) != len(whole):
        raise ValueError("lengths that do not fit")
    ends = [0, *np.cumsum(lengths).tolist()]
    return [whole[start:end] for start, end in pairwise(ends)]
