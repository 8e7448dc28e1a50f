"""Strings taken apart into symbols."""

import numpy as np
import pytest

from skrnn.input.analyzer import Analyzer
from skrnn.input.samples import Samples

MARK = "\0"  # stands between texts that are lower-cased together


def documents(kind, values, analyzer="char", lowercase=True, max_length=None):
    samples = Samples(kind, values, np.float64)
    found = Analyzer("Who", analyzer, lowercase, max_length).documents(samples)
    assert found.kind == kind and found.dtype is np.float64
    return found.values


@pytest.mark.parametrize(
    "options, expected",
    [
        ({}, ["ab-c 1", "", None]),
        ({"lowercase": False}, ["Ab-C 1", "", None]),
        ({"analyzer": "word"}, [["ab", "-", "c", "1"], [], None]),
        ({"analyzer": "word", "lowercase": False}, [["Ab", "-", "C", "1"], [], None]),
        ({"analyzer": str.split}, [["Ab-C", "1"], [], None]),
        ({"max_length": 2}, ["ab", "", None]),
        ({"analyzer": "word", "max_length": 2}, [["ab", "-"], [], None]),
        ({"analyzer": lambda text: iter(text), "max_length": 1}, [["A"], [], None]),
    ],
)
def test_strings(options, expected):
    assert documents("strings", ["Ab-C 1", "", None], **options) == expected


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [None],
        [""],
        ["", ""],
        [None, "", None, "A", ""],
        ["ΟΔΟΣ", "Σ", "ΑΣ", "Α", "ΣΑ", "'Σ", "Σ'", "Α", "ΑΣ.", "Α"],  # a sigma at the end differs
        ["İ", "Iİ", "ß", "ẞ", "ǅ", "ﬃ"],
        ["A\u0301", "\u0301", "I\u0307", "Σ\u0301", "\u0301Σ", "\u00adΣ", "A"],
        ["A", MARK, "B"],
        [f"Α{MARK}ΑΣ", None, f"{MARK}", "", f"ΑΣ{MARK}"],
        ["\ud800A", "😀A", "𐐀"],
    ],
    ids=ascii,
)
def test_texts_are_lower_cased_as_if_each_stood_alone(texts):
    expected = [text if text is None else text.lower() for text in texts]
    assert documents("strings", texts) == expected
    words = documents("strings", expected, analyzer="word", lowercase=False)
    assert documents("strings", texts, analyzer="word") == words


@pytest.mark.parametrize("others", ["", MARK])
def test_random_texts_are_lower_cased_as_if_each_stood_alone(others):
    """Letters whose lower case depends on what stands beside them, and signs passed over there."""
    rng = np.random.default_rng(0)
    signs = [*"AΑΣσςİIıẞßǄ'’.·: ʰ\u0301\u0307\u0345\u00ad\u200d😀𐐀1", *others, None]
    for _ in range(300):
        drawn = [rng.choice(signs, rng.integers(5)).tolist() for _ in range(rng.integers(20))]
        texts = [None if None in signs_of else "".join(signs_of) for signs_of in drawn]
        expected = [text if text is None else text.lower() for text in texts]
        assert documents("strings", texts) == expected


def test_lower_casing_keeps_what_was_given():
    texts = ["AB", None, "Σ"]
    documents("strings", texts)
    assert texts == ["AB", None, "Σ"]


def test_tokens_are_only_cut():
    rows = [["A", "b", "C"], [], None]
    assert documents("tokens", rows, analyzer="word") == rows
    assert documents("tokens", rows, max_length=2) == [["A", "b"], [], None]


def test_series_and_tables_are_only_cut():
    series = [np.arange(6.0).reshape(3, 2), np.zeros((0, 2))]
    assert documents("series", series) is series
    first, second = documents("series", series, max_length=2)
    assert first.tolist() == [[0, 1], [2, 3]] and second.shape == (0, 2)
    table = np.arange(6.0).reshape(2, 3)
    assert documents("numbers", table, max_length=2).tolist() == [[0, 1], [3, 4]]
    assert documents("numbers", table).shape == (2, 3)


@pytest.mark.parametrize("made, got", [(3, "3"), ([1], r"\[1\]"), (None, "None")])
def test_an_analyzer_has_to_make_a_list_of_strings(made, got):
    sentence = f"^Who needs analyzer to return a list of strings, got {got} for 'a'.$"
    with pytest.raises(TypeError, match=sentence):
        documents("strings", ["a"], analyzer=lambda text: made)


def test_a_string_is_analysed_once():
    calls = []
    documents("strings", ["a", None, "b"], analyzer=lambda text: calls.append(text) or [text])
    assert calls == ["a", "b"]
