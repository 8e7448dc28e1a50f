"""Known n-grams at each place of documents, against a search of each window."""

import numpy as np
import pytest

from skrnn.input.lookup import Lookup
from skrnn.input.ngrams import END, START

NONE = 99


def slow(documents, columns, depth, marks):
    """Look up the window of each n that ends at each place."""
    rows, counts = [], []
    for document in documents:
        symbols = [START, *document, END] if marks else list(document)
        first = int(marks)
        counts.append(len(symbols) - first)
        for end in range(first, len(symbols)):
            windows = [tuple(symbols[max(end + 1 - n, 0) : end + 1]) for n in range(1, depth + 1)]
            rows.append(
                [columns.get(w, NONE) if len(w) == n else NONE for n, w in enumerate(windows, 1)]
            )
    return rows, counts


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("text", [False, True])
def test_what_is_found_is_what_ends_there(text, marks):
    rng = np.random.default_rng(0)
    documents = ["".join(rng.choice(list("abcxé"), n)) for n in (1, 7, 3, 20, 2)]
    alphabet = [START, "a", "b", "c", "é", END]
    known = {tuple(rng.choice(alphabet, rng.integers(1, 4)).tolist()) for _ in range(60)}
    known = sorted(known | {(START, "a"), ("b", END), (START, documents[0], END)})
    columns = rng.permutation(len(known)) + 100
    spelled = ["".join(k) if text else k if len(k) > 1 else k[0] for k in known]
    lookup = Lookup(spelled, columns, text=text, none=NONE)
    given = documents if text else [list(d) for d in documents]
    found, counts = lookup.find(given, marks=marks)
    rows, expected = slow(documents, dict(zip(known, columns)), 3, marks)
    assert found.tolist() == rows and counts.tolist() == expected
    assert (found != NONE).sum() > 15


@pytest.mark.parametrize("text", [False, True])
def test_no_known_ngrams(text):
    documents = ["ab", "c"] if text else [["a", "b"], ["c"]]
    found, counts = Lookup([], np.zeros(0, dtype=int), text=text, none=NONE).find(
        documents, marks=True
    )
    assert found.shape == (5, 0) and counts.tolist() == [3, 2]


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("text", [False, True])
def test_no_documents(text, marks):
    lookup = Lookup(["a", "b"], np.arange(2), text=text, none=NONE)
    found, counts = lookup.find([], marks=marks)
    assert found.shape == (0, 1) and counts.tolist() == []


def test_characters_beyond_the_largest_known_one_are_unknown():
    lookup = Lookup(["a", "\ud800"], np.arange(2), text=True, none=NONE)
    found, _ = lookup.find(["a\ud800\U0010ffff", "`b"], marks=False)
    assert found[:, 0].tolist() == [0, 1, NONE, NONE, NONE]


def test_a_token_is_one_symbol_however_long():
    lookup = Lookup(["ab", ("a", "b")], np.arange(2), text=False, none=NONE)
    found, _ = lookup.find([["a", "b"], ["ab", "a"]], marks=False)
    assert found.tolist() == [[NONE, NONE], [NONE, 1], [0, NONE], [NONE, NONE]]


@pytest.mark.parametrize("text", [False, True])
def test_ngrams_of_a_large_alphabet_are_found_and_no_others(text):
    n = 70_000
    symbols = [chr(0x20000 + i) for i in range(n)] if text else [f"t{i}" for i in range(n)]
    pairs = [(symbols[n - 2], symbols[n - 1]), (symbols[9], symbols[4])]
    spelled = ["".join(pair) for pair in pairs] if text else pairs
    lookup = Lookup([*symbols, *spelled], np.arange(n + 2), text=text, none=n + 2)
    documents = [[symbols[n - 2], symbols[n - 1]], symbols[9:3:-5], [symbols[61364], symbols[5]]]
    documents = ["".join(d) for d in documents] if text else documents
    found, _ = lookup.find(documents, marks=False)
    assert found[[1, 3, 5], 1].tolist() == [n, n + 1, n + 2]
    assert found[:, 0].tolist() == [n - 2, n - 1, 9, 4, 61364, 5]
