"""The tree of common beginnings."""

import itertools

import numpy as np
import pytest

from skrnn.input.sequences import Sequences, from_arrays
from skrnn.input.vocabulary import Vocabulary
from skrnn.net.prefixes import levels


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
