"""The tree of common beginnings."""

import itertools

import numpy as np
import pytest

from skrnn.input.sequences import Sequences, from_arrays
from skrnn.input.vocabulary import Vocabulary
from skrnn.net.prefixes import by_beginning, levels


def nodes(sequences, **options):
    """Count the nodes of the tree, and read each sequence off it from its end."""
    tree = list(levels(sequences, **options))
    found = {}
    for t, level in enumerate(tree):
        at = np.arange(len(level.steps))[level.at]
        for sequence, node in zip(level.ended, at):
            path = []
            for above in reversed(tree[: t + 1]):
                path.append(sequences.values[above.steps[node]].tolist())
                node = node if above.parent is None else above.parent[node]
            found[int(sequence)] = path[::-1]
    return sum(len(level.steps) for level in tree), found


@pytest.mark.parametrize("reverse", [False, True])
def test_each_beginning_is_one_node(reverse):
    words = ["ab", "abc", "abd", "abc", "b", "ca", "cad", "abcd", "cb"] * 3
    sequences = Vocabulary("abcd").encode(words)
    cut = np.split(sequences.values, np.cumsum(sequences.lengths)[:-1])
    steps = [x[::-1].tolist() if reverse else x.tolist() for x in cut]
    n, found = nodes(sequences, reverse=reverse)
    assert found == dict(enumerate(steps))
    assert n == len({str(x[:t]) for x in steps for t in range(1, len(x) + 1)})


def test_series_have_a_node_for_each_step():
    series = from_arrays([np.ones((3, 2)), np.ones((0, 2)), np.ones((3, 2)), np.zeros((1, 2))])
    n, found = nodes(series)
    assert n == 7 and found == {0: [[1, 1]] * 3, 2: [[1, 1]] * 3, 3: [[0, 0]]}


@pytest.mark.parametrize("reverse", [False, True])
def test_there_may_be_more_nodes_than_symbols(reverse):
    words = ["".join(letters) for letters in itertools.product("ab", repeat=5)] * 2
    sequences = Vocabulary("ab").encode(words)
    n, found = nodes(sequences, reverse=reverse)
    steps = np.split(sequences.values, len(words))
    assert found == {i: (x[::-1] if reverse else x).tolist() for i, x in enumerate(steps)}
    assert n == 2 + 4 + 8 + 16 + 32


def test_the_largest_code_is_told_from_the_next_node_with_code_zero():
    values = np.array([1, 5, 2, 0] * 3, dtype=np.int32)
    _, found = nodes(Sequences(values, np.full(6, 2)))
    assert found == {i: [2, 0] if i % 2 else [1, 5] for i in range(6)}


def random_words(n=200, alphabet="abcd", longest=8):
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list(alphabet), rng.integers(longest + 1))) for _ in range(n)]


def codes_of(sequences):
    """Give the symbols of each sequence."""
    ends = np.cumsum(sequences.lengths)
    return [x.tolist() for x in np.split(sequences.values, ends[:-1])]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("words", [random_words(), random_words(40), ["a", "ab", "", "b", "ba"]])
def test_nodes_with_a_node_below_them_come_first(words, reverse):
    tree = list(levels(Vocabulary("abcd").encode(words), reverse=reverse))
    assert tree[0].parent.tolist() == [0] * len(tree[0].steps)
    for above, level in itertools.pairwise(tree):
        parent = np.arange(len(level.steps)) if level.parent is None else level.parent
        assert np.unique(parent).tolist() == list(range(parent.max() + 1))
        assert parent.max() < len(above.steps)


def test_nodes_of_series_with_a_node_below_them_come_first():
    tree = list(levels(from_arrays([np.ones((n, 2)) for n in (3, 0, 5, 1, 3)])))
    assert [len(level.steps) for level in tree] == [4, 3, 3, 1, 1]
    assert all(level.parent is None for level in tree[1:])


@pytest.mark.parametrize("reverse", [False, True])
def test_sequences_are_sorted_by_their_beginnings(reverse):
    """In the order of a dictionary."""
    sequences = Vocabulary("abcd").encode(random_words())
    codes = [x[::-1] if reverse else x for x in codes_of(sequences)]
    order = by_beginning(sequences, reverse=reverse)
    assert sorted(order.tolist()) == list(range(200))
    assert [codes[i] for i in order] == sorted(codes)


@pytest.mark.parametrize("reverse", [False, True])
def test_empty_sequences_are_beginnings_of_all(reverse):
    """Code 0 is not the end of a sequence."""
    values = np.array([0, 0, 0, 1, 0], dtype=np.int32)
    order = by_beginning(Sequences(values, np.array([2, 0, 1, 0, 2])), reverse=reverse)
    assert order.tolist() == [1, 3, 2, 0, 4]
    none = Sequences(np.zeros(0, dtype=np.int32), np.zeros(3, dtype=np.int64))
    assert by_beginning(none, reverse=reverse).tolist() == [0, 1, 2]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("largest, n_known", [(2**20 - 2, 3), (2**31 - 2, 2), (5, 21)])
def test_a_beginning_is_as_many_symbols_as_fit(largest, n_known, reverse):
    """Codes and the end of a sequence take 20, 31 or 3 of 63 bits; what follows is not compared."""
    rng, n = np.random.default_rng(0), 300
    read = rng.choice([0, 1, largest - 1, largest], (n, 24)).astype(np.int32)
    read[:, : n_known - 2] = 1
    values = read[:, ::-1] if reverse else read
    order = by_beginning(Sequences(values.ravel(), np.full(n, 24)), reverse=reverse)
    assert sorted(order.tolist()) == list(range(n))
    assert read[order, :n_known].tolist() == sorted(read[:, :n_known].tolist())


def test_series_stay_in_their_order():
    sequences = from_arrays([np.full((n, 2), -1.0 * n) for n in (3, 0, 5, 1)])
    assert by_beginning(sequences).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_sequences_have_no_order(n):
    sequences = Sequences(np.arange(3 * n, dtype=np.int32), np.full(n, 3))
    assert by_beginning(sequences).tolist() == list(range(n))
