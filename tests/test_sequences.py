"""Ragged arrays, alphabets, merging of equal rows and time-major batches."""

import numpy as np
import pytest

from skrnn import _prefixes
from skrnn._alphabet import EMPTY, END, MISSING, N_SPECIAL, START, UNKNOWN, Alphabet
from skrnn._layout import pack
from skrnn._prefixes import levels
from skrnn._sequences import Sequences, distinct, from_arrays, merge


def lists(sequences):
    cuts = np.cumsum(sequences.lengths)[:-1]
    return [part[:, 0].tolist() for part in np.split(sequences.values, cuts)]


@pytest.mark.parametrize("tokens", [False, True])
def test_encode_tells_missing_empty_and_unknown_apart(tokens):
    documents = ["ab", "", None, "b?", ""]
    if tokens:
        documents = [d if d is None else list(d) for d in documents]
    a, b = N_SPECIAL, N_SPECIAL + 1
    expected = [[a, b], [EMPTY], [MISSING], [b, UNKNOWN], [EMPTY]]
    assert lists(Alphabet(["a", "b"]).encode(documents)) == expected


def test_encode_keeps_the_order_of_the_symbols_and_reads_any_code_point():
    alphabet = Alphabet(["😀", "a", "é", "\ud800", "本"])
    assert lists(alphabet.encode(["本a😀", "\ud800é"])) == [[7, 4, 3], [6, 5]]


def test_encode_with_no_symbols_at_all():
    assert lists(Alphabet([]).encode(["ab", None])) == [[UNKNOWN, UNKNOWN], [MISSING]]
    assert lists(Alphabet([]).encode([None, None])) == [[MISSING], [MISSING]]


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
def test_learn_limits_the_alphabet(limits, expected, tokens):
    documents = ["aaaa", "bbc", "bcd", "bd"]
    documents = [list(d) for d in documents] if tokens else documents
    assert Alphabet.learn(documents, np.ones(4), **limits).grams == list(expected)


def test_learn_counts_a_document_by_its_weight():
    twice = Alphabet.learn(["ab", "bc"], np.array([2.0, 1.0]), min_df=2).grams
    assert twice == Alphabet.learn(["ab", "ab", "bc"], np.ones(3), min_df=2).grams == ["a", "b"]


GRAMS = {"c", "a", "t", END, START + "c", "ca", "at", "t" + END}


def spelled(alphabet, documents):
    """Encode documents, and write every step as the set of its n-grams."""
    names = {i: gram for i, gram in enumerate(alphabet.grams, N_SPECIAL)}
    names |= {MISSING: "missing", EMPTY: "empty", UNKNOWN: "unknown"}
    sequences = alphabet.encode(documents)
    steps = [{names[i] for i in row if i < len(alphabet)} for row in sequences.values.tolist()]
    return [steps[a : a + n] for a, n in zip(sequences.starts, sequences.lengths)]


def test_ngrams_that_end_at_each_step():
    alphabet = Alphabet.learn(["cat"], np.ones(1), ngram_range=(1, 2))
    assert set(alphabet.grams) == GRAMS
    assert spelled(alphabet, ["cat", "", None]) == [
        [{"c", START + "c"}, {"a", "ca"}, {"t", "at"}, {END, "t" + END}],
        [{"empty"}],
        [{"missing"}],
    ]


def test_unseen_ngrams_fall_back_to_their_shorter_parts():
    alphabet = Alphabet.learn(["cat"], np.ones(1), ngram_range=(1, 3))
    assert spelled(alphabet, ["tac", "c?t"]) == [
        [{"t"}, {"a"}, {"c"}, {END}],
        [{"c", START + "c"}, {"unknown"}, {"t"}, {END, "t" + END}],
    ]
    pairs = Alphabet.learn(["cat"], np.ones(1), ngram_range=(2, 3))
    assert spelled(pairs, ["at"]) == [[{"unknown"}, {"at"}, {"t" + END, "at" + END}]]


def test_ngrams_of_tokens_are_tuples():
    alphabet = Alphabet.learn([["log", "in"]], np.ones(1), ngram_range=(1, 2))
    assert set(alphabet.grams) == {
        "log", "in", END, (START, "log"), ("log", "in"), ("in", END),
    }  # fmt: skip
    assert spelled(alphabet, [["in", "log"]]) == [[{"in"}, {"log"}, {END}]]
    assert alphabet.encode([["log", "in"]]).values.shape == (3, 2)


def test_ngrams_of_a_large_alphabet_do_not_overflow():
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))
    alphabet = Alphabet.learn([text], np.ones(1), ngram_range=(6, 6))
    assert len(alphabet.grams) == 5000 - 6 + 3
    some = text[100:110]
    assert spelled(alphabet, [some])[0][5:10] == [{some[i : i + 6]} for i in range(5)]


def test_grams_are_sorted_and_numbered_in_that_order():
    alphabet = Alphabet.learn(["ba", "ab"], np.ones(2), ngram_range=(1, 2))
    singles = [g for g in alphabet.grams if len(g) == 1]
    pairs = [g for g in alphabet.grams if len(g) == 2]
    assert alphabet.grams == sorted(singles) + sorted(pairs)


def test_distinct_finds_first_rows_and_places():
    keys = ["b", None, "a", "b", "a", ""]
    first, which = distinct(keys)
    assert first.tolist() == [0, 1, 2, 5]
    assert which.tolist() == [0, 1, 2, 0, 2, 3]
    first, which = distinct(keys, sort=True)
    assert [keys[i] for i in first] == ["", "a", "b", None]
    assert [keys[first[i]] for i in which] == keys


def test_merge_adds_weights_and_forgets_the_order():
    sequence, target = np.array([1, 0, 1, 1, 0]), np.array([0, 2, 0, 1, 2])
    weight = np.array([1.0, 2.0, 3.0, 4.0, 0.5])
    merged = [part.tolist() for part in merge(sequence, target, weight)]
    assert merged == [[0, 1, 1], [2, 0, 1], [2.5, 4.0, 4.0]]
    shuffled = [3, 1, 4, 0, 2]
    again = merge(sequence[shuffled], target[shuffled], weight[shuffled])
    assert [part.tolist() for part in again] == merged


def ragged(lengths):
    return from_arrays(
        [np.full((n, 1), 10.0 * i) + np.arange(n)[:, None] for i, n in enumerate(lengths)]
    )


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pack_reads_every_step_of_every_sequence_once_and_in_order(size):
    lengths = [2, 0, 4, 1, 4, 3]
    sequences = ragged(lengths)
    rows = np.array([5, 0, 2, 1, 4, 3, 2])  # one of them twice
    layout = pack(sequences, rows, np.arange(7) // size)
    read = []
    start = at = 0
    for alive, count in zip(layout.alive, layout.sizes):
        assert alive == sorted(alive, reverse=True)
        steps = np.split(layout.values[start : start + sum(alive), 0], np.cumsum(alive)[:-1])
        previous = layout.previous[start : start + sum(alive)]
        mirror = layout.mirror[start : start + sum(alive)]
        owner = layout.owner[start : start + sum(alive)]
        flat = layout.values[start : start + sum(alive), 0]
        if alive:  # where h_{t-1} stands is the step before, of the same sequence
            assert (flat[previous[alive[0] :]] == flat[alive[0] :] - 1).all()
        for rank in range(count):
            mine = [step[rank] for step in steps if rank < len(step)]
            where = layout.last[at + rank]
            assert where == 0 if not mine else flat[where] == mine[-1]
            assert (flat[owner == rank] == mine).all()
            assert (flat[mirror[owner == rank]] == mine[::-1]).all()
            assert layout.lengths[at + rank] == len(mine)
            read.append((int(rows[layout.order[at + rank]]), mine))
        start, at = start + sum(alive), at + count
    assert sorted(i for i, _ in read) == sorted(rows.tolist())
    for i, mine in read:
        assert mine == [10.0 * i + t for t in range(lengths[i])]


def test_take_is_the_same_as_taking_rows():
    sequences = ragged([2, 0, 4, 1])
    taken = sequences.take(np.array([3, 1, 2]))
    assert taken.lengths.tolist() == [1, 0, 4]
    assert taken.values[:, 0].tolist() == [30.0, 20.0, 21.0, 22.0, 23.0]


def test_sequences_start_where_the_others_end():
    assert Sequences(np.arange(5), np.array([2, 0, 3])).starts.tolist() == [0, 2, 2]


# --- common beginnings -----------------------------------------------------------------


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


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3)])
@pytest.mark.parametrize("backward", [False, True])
def test_each_beginning_is_one_node(ngram_range, backward):
    words = ["ab", "abc", "abd", "abc", "b", "ca", "cad", "abcd", "cb"] * 3
    alphabet = Alphabet.learn(words, np.ones(len(words)), ngram_range=ngram_range)
    sequences = alphabet.encode(words)
    cut = np.split(sequences.values, np.cumsum(sequences.lengths)[:-1])
    steps = [x[::-1].tolist() if backward else x.tolist() for x in cut]
    n, found = nodes(sequences, backward=backward)
    assert found == dict(enumerate(steps))
    assert n == len({str(x[:t]) for x in steps for t in range(1, len(x) + 1)})


def test_beginnings_are_told_apart_even_if_their_numbers_are_mixed_up(monkeypatch):
    words = ["ab", "abc", "abd", "cb"] * 3
    sequences = Alphabet.learn(words, np.ones(12), ngram_range=(1, 3)).encode(words)
    expected = nodes(sequences)
    monkeypatch.setattr(_prefixes, "_mixed", lambda values: values[:, 0] * 0)
    assert nodes(sequences) == expected


def test_series_have_a_node_for_each_step():
    series = from_arrays([np.ones((3, 2)), np.ones((0, 2)), np.ones((3, 2)), np.zeros((1, 2))])
    n, found = nodes(series)
    assert n == 7 and found == {0: [[1, 1]] * 3, 2: [[1, 1]] * 3, 3: [[0, 0]]}


@pytest.mark.parametrize("text", [False, True])
def test_ngrams_of_a_large_alphabet_are_found_and_no_others(text):
    n = 70_000
    symbols = [chr(0x20000 + i) for i in range(n)] if text else [f"t{i}" for i in range(n)]
    first, last = symbols[n - 2], symbols[n - 1]
    pairs = [first + last, "".join(symbols[9:3:-5])] if text else [(first, last), ("t9", "t4")]
    alphabet = Alphabet([*symbols, *pairs], (1, 2))
    documents = [[first, last], ["", *symbols[9:3:-5]][1:], [symbols[61364], symbols[55945]]]
    documents = ["".join(d) for d in documents] if text else documents
    values = alphabet.encode(documents).values
    assert values[[1, 4, 7], 1].tolist() == [N_SPECIAL + n, N_SPECIAL + n + 1, len(alphabet)]
