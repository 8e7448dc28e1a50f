"""The n-grams that end at each place, against a search of each window."""

import numpy as np
import pytest

from skrnn.input import trie
from skrnn.input.trie import Trie

NONE = 99


def expected(ids, ngrams, barriers, longest):
    """Look each window up, one after another."""
    rows = []
    for n in range(1, longest + 1):
        row = []
        for end in range(len(ids)):
            start = end - n + 1
            crosses = any(start < barrier <= end for barrier in barriers)
            window = tuple(ids[start : end + 1])
            row.append(NONE if start < 0 or crosses else ngrams.get(window, NONE))
        rows.append(row)
    return rows


@pytest.mark.parametrize("dense", [0, 1 << 22])
@pytest.mark.parametrize("barriers", [[], [0, 7, 8, 20]])
def test_known_ngrams_end_where_they_do(dense, barriers, monkeypatch):
    monkeypatch.setattr(trie, "MAX_TABLE_SIZE", dense)
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 5, 40)
    windows = {tuple(rng.integers(1, 5, rng.integers(1, 5)).tolist()) for _ in range(40)}
    ngrams = {window: i for i, window in enumerate(sorted(windows))}
    lengths = np.array([len(window) for window in ngrams])
    symbols = np.array([i for window in ngrams for i in window])
    tree = Trie(symbols, lengths, np.arange(len(ngrams)), NONE, 4)
    found = list(tree.lookup(ids, np.array(barriers, dtype=int)))
    assert [row.tolist() for row in found] == expected(ids.tolist(), ngrams, barriers, 4)
    assert (np.array(found) != NONE).sum() > 30


def test_no_ngrams_and_no_symbols():
    none = np.zeros(0, dtype=int)
    assert list(Trie(none, none, none, NONE, 0).lookup(np.array([0, 0]), none)) == []
    tree = Trie(np.array([1, 2]), np.array([2]), np.array([7]), NONE, 2)
    assert [row.tolist() for row in tree.lookup(none, none)] == [[], []]


def test_a_short_ngram_may_come_after_a_long_one():
    tree = Trie(np.array([1, 2, 2]), np.array([2, 1]), np.array([7, 8]), NONE, 2)
    found = [row.tolist() for row in tree.lookup(np.array([1, 2, 1]), np.zeros(0, dtype=int))]
    assert found == [[NONE, 8, NONE], [NONE, 7, NONE]]
