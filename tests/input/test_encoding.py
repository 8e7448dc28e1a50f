"""Documents of each kind as sequences, and what is read at each step."""

import numpy as np

from skrnn.input.encoding import encode, step_labels
from skrnn.input.samples import Samples
from skrnn.input.vocabulary import Vocabulary


def test_symbols_become_columns():
    sequences = encode(Samples("strings", ["ab", None]), Vocabulary("ab"))
    assert sequences.values.tolist() == [[3], [4], [0]] and sequences.lengths.tolist() == [2, 1]


def test_series_and_tables_stay_numbers():
    series = [np.arange(4.0).reshape(2, 2), np.zeros((0, 2))]
    sequences = encode(Samples("series", series), None)
    assert sequences.values.tolist() == [[0, 1], [2, 3]] and sequences.lengths.tolist() == [2, 0]
    sequences = encode(Samples("numbers", np.arange(6.0).reshape(2, 3)), None)
    assert sequences.values.tolist() == [[0], [1], [2], [3], [4], [5]]
    assert sequences.lengths.tolist() == [3, 3]


def test_what_is_read_at_each_step():
    letters, pairs = Vocabulary("ab"), Vocabulary(["a", "ab"], (1, 2))
    assert step_labels(Samples("strings", ["ax"]), letters) == ["a", "x"]
    assert step_labels(Samples("strings", ["ax"]), pairs) == ["a", "x", "\x03"]
    assert step_labels(Samples("tokens", [["a", "x"]]), letters) == ["a", "x"]
    assert step_labels(Samples("strings", [""]), pairs) == [""]
    assert step_labels(Samples("tokens", [None]), pairs) == [None]
    assert step_labels(Samples("numbers", np.array([[1.0, 2.0]])), None) == [1, 2]
