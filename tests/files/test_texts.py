"""Strings and n-grams as arrays: every string comes back, and lengths that lie are refused."""

import numpy as np
import pytest

from skrnn.files.texts import pack_ngrams, pack_strings, unpack_ngrams, unpack_strings

ODD = ["", "a", "\0", "a\0", "é", "\U0001f600", "\ud83d\ude00", "\ud800", "\udfff", "שלום", "\x02a"]


@pytest.mark.parametrize("strings", [[], [""], ODD, ODD[::-1]], ids=str)
def test_strings_come_back(strings):
    arrays = pack_strings("s", strings)
    assert unpack_strings("s", arrays) == strings
    assert arrays == {}


def test_ngrams_come_back():
    ngrams = [*ODD, ("a", "b"), ("\ud83d", "\ude00"), ("", ""), ("x",), "ab"]
    arrays = pack_ngrams("n", ngrams)
    assert unpack_ngrams("n", arrays) == ngrams
    assert arrays == {}
    assert unpack_ngrams("n", pack_ngrams("n", [])) == []


@pytest.mark.parametrize(
    "lengths",
    [[1, 1], [1, 3], [-1, 4], [4, -1], [2**62, 2**62], [2**63 - 1, 4], [[1, 2]], [1.0, 2.0]],
    ids=str,
)
def test_lengths_that_are_none(lengths):
    arrays = {**pack_strings("s", ["a", "bc"]), "s.lengths": np.array(lengths)}
    with pytest.raises(ValueError, match=r"^lengths that (are none|do not fit)$"):
        unpack_strings("s", arrays)


@pytest.mark.parametrize("sizes", [[0], [0, 0, 0], [3], [-1, 1], [2, 1]], ids=str)
def test_sizes_of_tuples_that_are_none(sizes):
    arrays = {**pack_ngrams("n", ["a", "bc"]), "n.sizes": np.array(sizes)}
    if sizes == [-1, 1]:  # of a string and of a tuple of one
        assert unpack_ngrams("n", arrays) == [("a",), ("bc",)]
    else:
        with pytest.raises(ValueError, match=r"^lengths that do not fit$"):
            unpack_ngrams("n", arrays)


def test_bytes_that_are_no_text():
    arrays = {**pack_strings("s", ["ab"]), "s.utf8": np.array([255, 254], dtype=np.uint8)}
    with pytest.raises(ValueError, match="can't decode"):
        unpack_strings("s", arrays)
