"""The layout of a file: texts and arrays, which the safetensors package can read too.

    8 bytes   the length of the header, little-endian
    header    JSON: {"__metadata__": {name: text}, name of an array: {dtype, shape, data_offsets}}
    data      the arrays, one after another

The metadata begin with the format, its version and a SHA-256 of the whole file, for which the
digest itself counts as zeros. In: texts and arrays; the bytes of a file. Out: the reverse. Imports
only numpy. Nothing in a file is run, and memory use is limited to a multiple of the file's size.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

VERSION = 1
MAX_HEADER = 1 << 24  # bytes
ALIGNMENT = 64  # bytes; the first array begins at a multiple of this
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}
BEGINS = re.compile(
    rb'\{"__metadata__":\{"format":"skrnn","version":"([1-9]\d{0,8})","sha256":"([0-9a-f]{64})"'
)
NO_DIGEST = "0" * 64


class BadFileError(ValueError):
    """Why a file cannot be read; the message is a relative clause, "which ..." or "whose ..."."""


def write(file: BinaryIO, texts: Mapping[str, str], arrays: Mapping[str, Array]) -> None:
    """Write texts, and arrays with the dtypes in `DTYPES`, to a binary file."""
    parts = _in_order(arrays)
    first = {"format": "skrnn", "version": str(VERSION), "sha256": NO_DIGEST}
    content = {"__metadata__": {**first, **texts}, **_entries(parts)}
    header = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-(8 + len(header)) % ALIGNMENT)
    if len(header) > MAX_HEADER:
        raise ValueError(
            f"skrnn.save needs parameters and attributes that take at most {MAX_HEADER:,} bytes "
            f"beside the arrays, got {len(header):,}: give a shorter vocabulary or class_weight."
        )
    head = len(header).to_bytes(8, "little") + header
    digest = hashlib.sha256(head)
    for part in parts.values():
        digest.update(_bytes(part))
    file.write(head.replace(NO_DIGEST.encode(), digest.hexdigest().encode(), 1))
    for part in parts.values():
        file.write(_bytes(part))


def _in_order(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Make arrays little-endian and contiguous; large elements come first, so all are aligned."""
    parts = {
        name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        for name, array in arrays.items()
    }
    return dict(sorted(parts.items(), key=lambda item: -item[1].itemsize))


def _entries(parts: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    """Return the header entry of each array."""
    entries, end = {}, 0
    for name, part in parts.items():
        begin, end = end, end + part.nbytes
        shape = list(part.shape)
        entries[name] = {"dtype": NAMES[part.dtype], "shape": shape, "data_offsets": [begin, end]}
    return entries


def _bytes(array: Array) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def read(buffer: Any) -> tuple[dict[str, str], dict[str, Array]]:
    """Return the texts and the arrays in the bytes of a file; the arrays are views."""
    whole = memoryview(buffer)
    header = _header(whole)
    _check_digest(whole)
    content = parse_json("header", bytes(header))
    texts = content.pop("__metadata__")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise BadFileError("whose metadata are not texts: save the model again")
    return texts, _arrays(content, whole[8 + len(header) :])


def digest_of(buffer: Any) -> str:
    """Return the SHA-256 that a file's bytes say they have; `read` checks it."""
    begins = BEGINS.match(buffer, 8)
    assert begins is not None  # as `read` has found
    return begins[2].decode()


def parse_json(name: str, text: str | bytes) -> Any:
    """Parse JSON without duplicate names; `name` is its name in messages."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise BadFileError(f"whose {name} is nested too deeply: save the model again") from None
    except ValueError as error:
        raise BadFileError(f"whose {name} is no JSON ({error}): save the model again") from None


def _header(whole: memoryview) -> memoryview:
    """Read the header, and check its format and version."""
    length, begins = int.from_bytes(whole[:8], "little"), BEGINS.match(whole, 8)
    if begins is None:
        raise BadFileError(
            f"which starts with {bytes(whole[:12])!r}, unlike a file that skrnn.save wrote: it is "
            "cut off or of another kind; load a pickle, joblib or skops file with that library, if "
            "you trust it"
        )
    version = int(begins[1])
    if version > VERSION:
        raise BadFileError(
            f"which has version {version} of the format, and this skrnn knows {VERSION}: "
            "install a newer skrnn"
        )
    if length > min(len(whole) - 8, MAX_HEADER):
        raise BadFileError(
            f"which says that its header has {length:,} bytes, of {len(whole):,} in all: it is cut "
            "off or damaged; copy it again, or save the model again"
        )
    return whole[8 : 8 + length]


def _check_digest(whole: memoryview) -> None:
    """Compare the bytes with the SHA-256 in the header."""
    begins = BEGINS.match(whole, 8)
    assert begins is not None  # the header has been read
    digest = hashlib.sha256(whole[: begins.start(2)])
    digest.update(NO_DIGEST.encode())
    digest.update(whole[begins.end(2) :])
    if digest.hexdigest().encode() != begins[2]:
        raise BadFileError(
            "whose checksum is wrong: it is damaged or cut off; copy it again, or save the model "
            "again"
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a dict; raise an error if a name occurs twice, as one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _arrays(entries: Mapping[str, Any], data: memoryview) -> dict[str, Array]:
    """Return views of the arrays, which must cover the data from the first byte to the last."""
    arrays, end = {}, 0
    places = {name: _place(name, entry) for name, entry in entries.items()}
    for name, (dtype, shape, begin, stop) in sorted(places.items(), key=lambda item: item[1][2:]):
        if begin != end or stop > len(data) or prod(shape) * dtype.itemsize != stop - begin:
            what = f"whose array {name!r}"
            raise BadFileError(f"{what} is not where it should be: save the model again")
        arrays[name] = np.frombuffer(data[begin:stop], dtype).reshape(shape)
        end = stop
    if end != len(data):
        rest = len(data) - end
        raise BadFileError(f"which has {rest:,} bytes behind its arrays: save the model again")
    return arrays


def _place(name: str, entry: Any) -> tuple[np.dtype[Any], list[int], int, int]:
    """Return the header entry of an array: dtype, shape, first byte and end."""
    try:
        dtype, shape, (begin, end) = (entry[key] for key in ("dtype", "shape", "data_offsets"))
        numbers = [*shape, begin, end, prod(max(n, 1) for n in shape)]
        known = len(entry) == 3 and len(shape) <= 8 and dtype in DTYPES
    except (TypeError, KeyError, ValueError):
        known, numbers = False, []
    if not known or not all(type(n) is int and 0 <= n < 2**60 for n in numbers):
        raise BadFileError(f"whose array {name!r} is described wrongly: save the model again")
    return np.dtype(DTYPES[dtype]), shape, begin, end
