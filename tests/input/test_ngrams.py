"""The n-grams of documents, counted."""

import numpy as np
import pytest
from ranks import in_threads

from skrnn.input import ngrams
from skrnn.input.ngrams import END, START, code_points, is_text


def frequent_ngrams(documents, counts, **limits):
    """Collect the n-grams of documents; single symbols without marks."""
    marks = limits.get("ngram_range", (1, 1)) != (1, 1)
    return ngrams.frequent_ngrams(documents, counts, **{"marks": marks, **limits})


@pytest.mark.parametrize("tokens", [False, True])
@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, "abcd"),
        ({"min_df": 2}, "bcd"),
        ({"min_df": 0.75}, "b"),
        ({"min_df": 0.5}, "bcd"),
        ({"max_features": 2}, "ab"),
        ({"max_features": 9}, "abcd"),
        ({"min_df": 2, "max_features": 1}, "b"),
    ],
)
def test_limits(limits, expected, tokens):
    documents = ["aaaa", "bbc", "bcd", "bd"]
    documents = [list(d) for d in documents] if tokens else documents
    assert frequent_ngrams(documents, np.ones(4), **limits) == list(expected)


@pytest.mark.parametrize(
    "limits", [{"min_df": 2}, {"min_df": 0.5}, {"max_features": 1}, {"max_features": 2}]
)
def test_a_document_counts_as_often_as_it_is_there(limits):
    weighted = frequent_ngrams(["ccd", "ba"], np.array([1.0, 3.0]), **limits)
    repeated = frequent_ngrams(["ccd", "ba", "ba", "ba"], np.ones(4), **limits)
    assert weighted == repeated
    assert "c" not in weighted


def test_min_df_spares_the_shortest_ngrams_if_there_are_longer_ones():
    documents, counts = ["ab", "ac", "ad"], np.ones(3)
    assert frequent_ngrams(documents, counts, min_df=2) == ["a"]
    kept = frequent_ngrams(documents, counts, min_df=2, ngram_range=(1, 2))
    assert [g for g in kept if len(g) == 1] == [END, "a", "b", "c", "d"]
    assert [g for g in kept if len(g) == 2] == [START + "a"]
    assert frequent_ngrams(documents, counts, min_df=2, ngram_range=(2, 3))[0] == START + "a"


def test_windows_do_not_cross_documents():
    pairs = frequent_ngrams(["ab", "", None, "cd"], np.ones(4), ngram_range=(2, 2))
    assert pairs == sorted([START + "a", "ab", "b" + END, START + "c", "cd", "d" + END])


@pytest.mark.parametrize("tokens", [False, True])
def test_long_windows_of_a_large_alphabet_do_not_overflow(tokens):
    """Of 4,096 = 2 ** 12 symbols, six are 72 bits: the first four bits would be lost."""
    symbols = [chr(0x4E00 + i) for i in range(4094)]  # and the two marks
    one, other = [symbols[0], *symbols[5:10]], [symbols[16], *symbols[5:10]]
    documents = [one, other, symbols]
    documents = documents if tokens else ["".join(d) for d in documents]
    found = frequent_ngrams(documents, np.ones(3), ngram_range=(6, 6))
    windows = {tuple(w) for d in (one, other, symbols) for w in _windows([START, *d, END], 6)}
    assert {tuple(gram) for gram in found} == windows
    assert len(found) == len(windows)


def _windows(symbols, n):
    return [symbols[i : i + n] for i in range(len(symbols) - n + 1)]


def test_ngrams_are_sorted_within_each_n():
    found = frequent_ngrams(["ba", "ab"], np.ones(2), ngram_range=(1, 2))
    singles, pairs = ([g for g in found if len(g) == n] for n in (1, 2))
    assert found == sorted(singles) + sorted(pairs)


def test_ngrams_of_tokens_are_tuples():
    found = frequent_ngrams([["b", "a"], None, ["a"]], np.ones(3), ngram_range=(1, 2))
    assert found == [END, "a", "b", (START, "a"), (START, "b"), ("a", END), ("b", "a")]


@pytest.mark.parametrize("tokens", [False, True])
def test_with_marks_the_end_is_a_symbol_and_the_start_is_none(tokens):
    documents = [["b", "a"], ["a"]] if tokens else ["ba", "a"]
    assert frequent_ngrams(documents, np.ones(2), marks=True) == [END, "a", "b"]
    assert frequent_ngrams(documents, np.ones(2), marks=True, max_features=1) == [END]
    assert frequent_ngrams(documents, np.ones(2), marks=False) == ["a", "b"]
    pairs = frequent_ngrams(documents, np.ones(2), marks=False, ngram_range=(2, 2))
    assert pairs == [("b", "a") if tokens else "ba"]


def test_characters_are_code_points():
    assert code_points("a\ud800\U0001f600").tolist() == [0x61, 0xD800, 0x1F600]
    assert is_text([None, "a"]) and not is_text([None, ["a"]]) and not is_text([])


def test_no_documents_have_no_ngrams():
    assert frequent_ngrams([None, ""], np.ones(2), ngram_range=(1, 3)) == []


@pytest.mark.parametrize("longest", [10**7, 2**62])
def test_ngrams_longer_than_all_documents_are_not_looked_for(longest):
    documents, counts = ["abc", "b", None], np.ones(3)
    found = frequent_ngrams(documents, counts, ngram_range=(1, longest))
    assert found == frequent_ngrams(documents, counts, ngram_range=(1, 5))
    assert frequent_ngrams(documents, counts, ngram_range=(longest, longest)) == []
    assert frequent_ngrams(documents, counts, ngram_range=(6, 7)) == []


@pytest.mark.parametrize("tokens", [False, True])
@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"min_df": 2},
        {"min_df": 0.3},
        {"max_features": 7},
        {"ngram_range": (1, 4)},
        {"ngram_range": (2, 6), "min_df": 2, "max_features": 9},
        {"ngram_range": (9, 12)},
    ],
)
def test_processes_find_together_what_one_finds(limits, tokens):
    documents = ["aaaa", "bbc", None, "bcdbcd", "bd", "", "é😀a", "aaaa"]
    documents = [list(d) if tokens and d else d for d in documents]
    counts = np.array([1.0, 2, 1, 1, 3, 1, 1, 2])
    expected = frequent_ngrams(documents, counts, **limits)
    places = np.array([0, 1]), np.array([], dtype=int), np.array([2, 3, 4, 5, 6]), np.array([7])

    def find(group):
        own = places[group.rank]
        some = [documents[i] for i in own]
        return frequent_ngrams(some, counts[own], **limits, peers=group)

    assert in_threads(4, find) == [expected] * 4
