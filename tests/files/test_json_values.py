"""Values as JSON: they come back with their types, and what cannot is refused."""

import json
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch

from skrnn.files.json_values import UnknownTypeError, decode, encode


def back(value):
    """Give what comes back, and check that no array is left."""
    arrays = {}
    content = json.loads(json.dumps(encode(value, "x", arrays), allow_nan=False))
    found = decode(content, arrays)
    assert arrays == {}
    return found


def same(a, b):
    """Say whether values are the same, down to the types and the bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        alike = a.dtype == b.dtype and a.shape == b.shape
        return alike and all(map(same, a.reshape(-1).tolist(), b.reshape(-1).tolist()))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, (set, frozenset)):
        return sorted(map(repr, a)) == sorted(map(repr, b))
    return repr(a) == repr(b)


VALUES = [
    None, True, False, 0, -1, 2**70, 0.1, 1e-320, -0.0, float("nan"), float("inf"), -float("inf"),
    "", "a\0b", "é\U0001f600", "\ud83d\ude00", "\ud800", "\udbff\udfff",
    "שלום",
    [], [1, "a", [None]], (), (1, (2,)),
    {}, {"a": 1, 2: "b", None: [], (1, "x"): 0.5, True: "t"}, {1, 2}, frozenset(["a"]), set(),
    np.int64(3), np.int8(-3), np.uint64(2**64 - 1), np.float32(0.1), np.float16(0.1),
    np.float64("nan"), np.float32("inf"), np.bool_(True), np.str_("a\ud800"), np.str_(""),
    np.arange(6).reshape(2, 3), np.arange(6.0).reshape(2, 3).T, np.array(2.0), np.zeros((0, 3)),
    np.array([True]), np.array([np.nan]), np.array(["a", "bcd", ""]), np.array([["\ud83d\ude00"]]),
    np.array(["b"], dtype="U20"), np.array("x"), np.array([], dtype="U3"),
    np.array(["a", 1, None, 0.5], dtype=object), np.array([["a"], [True]], dtype=object),
    torch.device("cpu"), torch.device("cuda:1"), {"a": np.eye(2), "b": [np.eye(2), np.ones(1)]},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back(value):
    assert same(back(value), value)


def test_same_is_no_formality():
    assert not same(1, True) and not same(1, 1.0) and not same([1], (1,)) and not same(0.0, -0.0)
    assert not same(np.eye(2), np.eye(2, dtype=int)) and not same(np.int64(1), 1)
    assert not same(np.array(["a"]), np.array(["a"], dtype="U2"))


def test_a_big_endian_array_has_the_same_numbers():
    np.testing.assert_array_equal(back(np.arange(3, dtype=">i4")), [0, 1, 2])
    np.testing.assert_array_equal(back(np.array(["ab"], dtype=">U2")), ["ab"])


def test_a_random_state_goes_on_where_it_was():
    random = np.random.RandomState(3)
    random.normal(size=3)
    again = back(random)
    assert again.normal() == random.normal()
    assert again.randint(1000, size=9).tolist() == random.randint(1000, size=9).tolist()


@pytest.mark.parametrize(
    "value",
    [
        len, Decimal(1), Fraction(1, 2), b"a", 1j, OrderedDict(a=1), pd.Series(["a"]),
        np.array([1j]), np.array([b"a"]), np.array([Decimal(1)]), np.datetime64("2020-01-01"),
        np.array(["2020-01-01"], dtype="M8[D]"), object(), range(3), [len], {"a": len}, {len: 1},
        np.longdouble(1), np.random.RandomState(np.random.PCG64(1)), np.random.default_rng(0),
    ],
    ids=str,
)  # fmt: skip
def test_values_that_no_file_can_hold(value):
    with pytest.raises(UnknownTypeError, match=r"^no file can hold a \w+$"):
        encode(value, "x", {})


STATE = {
    "bit_generator": "MT19937",
    "state": {"key": {"array": "key"}, "pos": 624},
    "has_gauss": 0,
    "gauss": 0.0,
}


def state(**changes):
    """Give the content of a `RandomState`, in which something is changed."""
    inner = {**STATE["state"], **{k: v for k, v in changes.items() if k in STATE["state"]}}
    outer = {**STATE, "state": {"dict": list(map(list, inner.items()))}}
    outer |= {k: v for k, v in changes.items() if k in STATE}
    return {"RandomState": {"dict": list(map(list, outer.items()))}}


def test_a_state_that_is_one():
    assert isinstance(
        decode(state(), {"key": np.zeros(624, dtype=np.uint32)}), np.random.RandomState
    )


@pytest.mark.parametrize(
    "content",
    [
        {"eval": "1"},
        {},
        {"tuple": [], "list": []},
        {"tuple": 1},
        {"dict": [1]},
        {"dict": [[[], 1]]},
        {"set": [[]]},
        {"float": "x"},
        {"float": []},
        {"str": [2**40]},
        {"str": ["a"]},
        {"scalar": ["O", 1]},
        {"scalar": ["M8[D]", 1]},
        {"scalar": ["<i1", 300]},
        {"scalar": ["nothing", 1]},
        {"scalar": [{"dict": []}, 1]},
        {"scalar": 1},
        {"array": "no"},
        {"array": ["numbers"]},
        {"text": "numbers"},
        {"text": "points"},
        {"objects": [[2], [1]]},
        {"objects": [[-1, -1], [1]]},
        {"objects": [1]},
        {"device": "nothing"},
        {"device": 1},
        {"RandomState": 1},
        state(pos=625),
        state(pos=-1),
        state(key=[1, 2]),
        state(key={"array": "numbers"}),
        state(bit_generator="PCG64"),
    ],
    ids=str,
)
def test_contents_that_are_none(content):
    arrays = {
        "numbers": np.arange(3.0),
        "points": np.full((1, 1), 0x110000, dtype=np.uint32),
        "key": np.zeros(624, dtype=np.uint32),
    }
    with pytest.raises((ValueError, TypeError, LookupError, OverflowError, RuntimeError)):
        decode(content, arrays)


def test_an_array_is_taken_once():
    with pytest.raises(KeyError):
        decode([{"array": "a"}, {"array": "a"}], {"a": np.zeros(1)})
