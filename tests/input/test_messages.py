"""How a message shows a value."""

import numpy as np
import pandas as pd
import pytest

from skrnn.input.messages import clip, describe, printable, short_dtype, short_repr


@pytest.mark.parametrize(
    "value, shown",
    [
        ("a", "'a'"),
        (np.float64(0.5), "0.5"),
        (np.datetime64("2020-01-01"), "2020-01-01"),
        ("a\n  b", r"'a\n b'"),
        (np.zeros((2, 2)), "array([[0., 0.], [0., 0.]])"),
        ("x" * 38, f"'{'x' * 38}'"),
        ("x" * 39, f"'{'x' * 36}..."),
    ],
)
def test_short_repr(value, shown):
    assert short_repr(value) == shown
    assert len(shown) <= 40


@pytest.mark.parametrize(
    "text, shown",
    [
        ("naïve 東京 😀 \N{COMBINING ACUTE ACCENT}", "naïve 東京 😀 \N{COMBINING ACUTE ACCENT}"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\rb\nc\td", r"a\rb\nc\td"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202e\u2066\u200f\u2028", r"\u202e\u2066\u200f\u2028"),
        ("\ud800\U000e0001", r"\ud800\U000e0001"),
    ],
)
def test_what_a_terminal_could_obey_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown
    assert short_repr([text]) == f"['{shown}']"


def test_texts_are_cut():
    assert clip("a" * 40) == "a" * 40 and clip("a" * 41) == "a" * 37 + "..."
    assert clip("abcdef", 5) == "ab..."


class Unshown:
    def __repr__(self):
        raise RuntimeError("no repr")


def nested(depth):
    found = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("value", [10**5000, nested(3000), Unshown(), [Unshown()]], ids=type)
def test_what_python_cannot_write_is_left_out(value):
    assert short_repr(value) == "..."
    name = type(value).__name__
    assert describe(value) == f"a{'n' * (name[0] in 'iU')} {name} ..."


def test_a_long_text_is_cut_before_it_is_escaped():
    assert short_repr("\x1b" * 10**7) == "'" + r"\x1b" * 9 + "..."
    assert short_repr(b"a" * 10**7) == "b'" + "a" * 35 + "..."


def test_names_of_types_are_escaped_and_cut():
    evil = type("\x1b" + "a" * 99, (), {"__repr__": lambda self: "it"})()
    assert describe(evil) == rf"a \x1b{'a' * 33}... it"
    structured = np.zeros(2, [("\x1b" * 99, float)])
    assert short_dtype(structured).isprintable() and len(short_dtype(structured)) == 40


def test_the_limit_can_be_set():
    assert short_repr("abcdef", 6) == "'ab..." and short_repr("abcd", 6) == "'abcd'"


@pytest.mark.parametrize(
    "value, shown",
    [
        (None, "None"),
        (b"ab", "bytes b'ab'"),
        (7, "an int 7"),
        (np.int64(7), "an int 7"),
        ("a", "a str 'a'"),
        ([1], "a list [1]"),
        (np.zeros((3, 2)), "an array of shape (3, 2) and dtype float64"),
        (pd.Series([1.5], dtype="float32"), "a Series of shape (1,) and dtype float32"),
        (np.array(3), "an int 3"),
        (np.ma.masked, "None"),
        (pd.DataFrame({"a": [1]}), "a DataFrame of shape (1, 1)"),
        (memoryview(b"ab"), "a memoryview of shape (2,)"),
    ],
)
def test_describe(value, shown):
    assert describe(value) == shown
