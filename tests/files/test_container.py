"""The layout: what is written is read, also by the safetensors package, and damage is found."""

import io
import json

import numpy as np
import pytest
from forging import START, ZEROS, assemble, forge, parts

from skrnn.files import container
from skrnn.files.container import BadFileError, digest_of, read, write

TEXTS = {"class": "A", "text": "é\0\U0001f600"}
ARRAYS = {
    "bytes": np.arange(5, dtype=np.uint8),
    "table": np.arange(12, dtype=np.float32).reshape(3, 4),
    "none": np.zeros((0, 7)),
    "scalar": np.array(2.5),
    "half": np.arange(3, dtype=np.float16),
    "flags": np.array([True, False]),
    "names ü": np.arange(4, dtype=np.int64),
}


def written(texts=TEXTS, arrays=ARRAYS):
    file = io.BytesIO()
    write(file, texts, arrays)
    return file.getvalue()


FILE = written()
SIZE = int.from_bytes(FILE[:8], "little")


def problem(content):
    with pytest.raises(BadFileError) as caught:
        read(content)
    return str(caught.value)


def test_what_is_written_is_read():
    texts, arrays = read(FILE)
    assert {name: text for name, text in texts.items() if name in TEXTS} == TEXTS
    assert (texts["format"], texts["version"]) == ("skrnn", "1")
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype and arrays[name].shape == array.shape
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].ctypes.data % array.itemsize == 0


def test_the_digest_is_that_of_the_content():
    assert digest_of(FILE) == digest_of(written()) == read(FILE)[0]["sha256"]
    assert digest_of(written({**TEXTS, "text": "e"})) != digest_of(FILE)


def test_any_layout_of_an_array_is_written_by_rows():
    table = np.arange(12, dtype=">f8").reshape(3, 4)
    given = {"big-endian": table, "transposed": table.T, "steps": table[::2, ::-1]}
    _, arrays = read(written({}, given))
    for name, array in given.items():
        assert arrays[name].dtype == np.dtype("<f8")
        np.testing.assert_array_equal(arrays[name], array)


def test_arrays_are_views_of_the_bytes():
    content = bytearray(FILE)
    _, arrays = read(content)
    whole = np.frombuffer(content, np.uint8)
    assert all(np.shares_memory(array, whole) for array in arrays.values() if array.size)


def test_the_safetensors_package_reads_it(tmp_path):
    safetensors = pytest.importorskip("safetensors")
    path = tmp_path / "file"
    path.write_bytes(FILE)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata()["text"] == TEXTS["text"]
        assert set(file.keys()) == set(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(file.get_tensor(name), array)


@pytest.mark.parametrize("part", ["header", "data"])
def test_every_changed_bit_is_found(part, tried):
    rng = np.random.default_rng(0)
    low, high = (0, 8 + SIZE) if part == "header" else (8 + SIZE, len(FILE))
    for place, bit in zip(rng.integers(low, high, 1000), rng.integers(0, 8, 1000)):
        damaged = bytearray(FILE)
        damaged[place] ^= 1 << bit
        problem(damaged)
    tried("files with a changed bit refused", 1000)


def test_every_bit_of_the_beginning_and_of_the_checksum_counts():
    for place in range(8 + len(START) + 64 + 2):
        for bit in range(8):
            damaged = bytearray(FILE)
            damaged[place] ^= 1 << bit
            problem(damaged)


def test_a_file_that_is_cut_off_anywhere_is_refused(tried):
    for end in range(len(FILE)):
        problem(FILE[:end])
    tried("files that are cut off refused", len(FILE))
    problem(FILE + b"\0")


@pytest.mark.parametrize("begin", [b"", b"\x80\x04\x95", b"PK\x03\x04", b"x" * 200])
def test_files_of_another_kind(begin):
    assert problem(begin) == (
        f"which starts with {begin[:12]!r}, unlike a file that skrnn.save wrote: it is cut off or "
        "of another kind; load a pickle, joblib or skops file with that library, if you trust it"
    )


def test_a_file_of_safetensors_that_is_none_of_ours():
    header = b'{"__metadata__":{"format":"pt"}}'
    assert "of another kind" in problem(len(header).to_bytes(8, "little") + header)


def test_a_newer_version_is_named_before_all_else():
    newer = FILE.replace(b'"version":"1"', b'"version":"2"')
    assert problem(newer) == (
        "which has version 2 of the format, and this skrnn knows 1: install a newer skrnn"
    )


@pytest.mark.parametrize("length", [len(FILE) - 7, 2**40, 2**62, 2**64 - 1])
def test_a_header_of_a_length_that_cannot_be(length):
    content = length.to_bytes(8, "little") + FILE[8:]
    assert problem(content) == (
        f"which says that its header has {length:,} bytes, of {len(FILE):,} in all: it is cut off "
        "or damaged; copy it again, or save the model again"
    )


@pytest.mark.parametrize("length", [0, 1, 64])
def test_a_header_that_is_shorter_than_itself(length):
    assert "whose checksum is wrong" in problem(length.to_bytes(8, "little") + FILE[8:])
    assert "whose header is no JSON" in problem(forge("}", length=length))


def test_a_header_is_no_longer_than_the_limit(monkeypatch):
    with pytest.raises(ValueError) as caught:
        written({"text": "x" * container.MAX_HEADER}, {})
    assert str(caught.value) == (
        "skrnn.save needs parameters and attributes that take at most 16,777,216 bytes beside the "
        "arrays, got 16,777,400: give a shorter vocabulary or class_weight."
    )
    monkeypatch.setattr(container, "MAX_HEADER", SIZE - 1)
    assert "says that its header has" in problem(FILE)


def test_damage_is_named():
    damaged = FILE[:-1] + bytes([FILE[-1] ^ 1])
    assert problem(damaged) == (
        "whose checksum is wrong: it is damaged or cut off; copy it again, or save the model again"
    )


# What has a right checksum


def test_a_file_put_together_again_is_read():
    texts, arrays = read(assemble(*parts(FILE)))
    assert texts["text"] == TEXTS["text"] and set(arrays) == set(ARRAYS)


@pytest.mark.parametrize(
    "rest, sentence",
    [
        ("}", "whose header is no JSON (Expecting"),
        ('},"a":NaN}', "whose header is no JSON (NaN is no number of JSON): save the model again"),
        ('},"a":1,"a":2}', "whose header is no JSON (a name is there twice): save the model again"),
        (',"format":"skrnn"}}', "whose header is no JSON (a name is there twice)"),
        (',"a":1}}', "whose metadata are not texts: save the model again"),
        ('},"__metadata__":{}}', "whose header is no JSON (a name is there twice)"),
        ('},"a":' + "[" * 10**6 + "]" * 10**6 + "}", "whose header is nested too deeply"),
        ('},"a":' + "9" * 5000 + "}", "whose header is no JSON (Exceeds the limit"),
        ('},"\ud800":1}'.encode("utf-8", "surrogatepass").decode("latin-1"), "whose array"),
    ],
)
def test_headers_that_are_none(rest, sentence):
    assert problem(forge(rest)).startswith(sentence)


def entry(dtype="U8", shape=(2,), offsets=(0, 2)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    "described",
    [
        1,
        [],
        {},
        {**entry(), "more": 1},
        {"dtype": "U8", "shape": [2]},
        entry("F8"),
        entry("float64"),
        entry(["U8"]),
        entry(None),
        entry(shape=[2.0]),
        entry(shape=[True, 2]),
        entry(shape=["2"]),
        entry(shape=[-1, -2]),
        entry(shape=[2**62]),
        entry(shape=[1] * 9 + [2]),
        entry(shape=[2**61, 2**61]),
        entry(shape=[2**61, 2**61, 0], offsets=[0, 0]),
        {**entry(), "shape": 2},
        entry(offsets=[0]),
        entry(offsets=[0, 1, 2]),
        entry(offsets=[0, 2.0]),
        entry(offsets=[-2, 0]),
        entry(offsets=[0, 2**70]),
    ],
    ids=str,
)
def test_arrays_that_are_described_wrongly(described):
    content = assemble({}, {"a": described}, b"xy")
    assert problem(content) == "whose array 'a' is described wrongly: save the model again"


@pytest.mark.parametrize(
    "entries",
    [
        {"a": entry(shape=[3])},
        {"a": entry("F32")},
        {"a": entry(offsets=[2, 0])},
        {"a": entry(shape=[2**50, 0])},
        {"a": entry(offsets=[0, 3], shape=[3])},
        {"b": entry(), "a": entry()},
        {"b": entry(), "a": entry(offsets=[1, 2], shape=[1])},
        {"a": entry(offsets=[1, 2], shape=[1])},
        {"a": entry("F64", [2**59], [0, 2])},
    ],
    ids=str,
)
def test_arrays_that_are_not_where_they_should_be(entries):
    content = assemble({}, entries, b"xy")
    assert problem(content) == "whose array 'a' is not where it should be: save the model again"


def test_bytes_that_belong_to_no_array():
    content = assemble({}, {"a": entry()}, b"xyz")
    assert problem(content) == "which has 1 bytes behind its arrays: save the model again"


def test_an_empty_array_takes_no_memory_whatever_its_shape():
    _, arrays = read(assemble({}, {"a": entry("F64", [0, 2**59], [0, 0])}, b""))
    assert arrays["a"].shape == (0, 2**59)


def test_a_name_is_a_name_and_no_place():
    _, arrays = read(assemble({}, {"../../etc/passwd\0": entry()}, b"xy"))
    assert arrays["../../etc/passwd\0"].tobytes() == b"xy"


def test_the_checksum_is_that_of_the_whole_file():
    texts, _ = read(FILE)
    assert ZEROS.encode() not in FILE
    assert FILE.index(texts["sha256"].encode()) == 8 + len(START % 1)
    assert json.loads(FILE[8 : 8 + SIZE])["__metadata__"] == texts
