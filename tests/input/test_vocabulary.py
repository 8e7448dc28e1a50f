"""Documents written as columns of U."""

import numpy as np
import pytest

from skrnn.input.ngrams import END, START
from skrnn.input.samples import Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL, UNKNOWN
from skrnn.input.vocabulary import Vocabulary, VocabularyRule, check_vocabulary


def lists(sequences):
    cuts = np.cumsum(sequences.lengths)[:-1]
    return [part[:, 0].tolist() for part in np.split(sequences.values, cuts)]


def learn(documents, ngram_range):
    """Make a vocabulary of all n-grams of documents."""
    rule = VocabularyRule("Who", ngram_range=ngram_range)
    kind = "strings" if any(isinstance(d, str) for d in documents) else "tokens"
    return rule.find(Samples(kind, documents), np.ones(len(documents)))


@pytest.mark.parametrize("tokens", [False, True])
def test_encode_tells_missing_empty_and_unknown_apart(tokens):
    documents = ["ab", "", None, "b?", ""]
    if tokens:
        documents = [d if d is None else list(d) for d in documents]
    a, b = N_SPECIAL, N_SPECIAL + 1
    expected = [[a, b], [EMPTY], [MISSING], [b, UNKNOWN], [EMPTY]]
    assert lists(Vocabulary(["a", "b"]).encode(documents)) == expected


def test_encode_keeps_the_order_of_the_symbols_and_reads_any_code_point():
    vocabulary = Vocabulary(["😀", "a", "é", "\ud800", "本"])
    assert lists(vocabulary.encode(["本a😀", "\ud800é"])) == [[7, 4, 3], [6, 5]]


def test_encode_with_no_symbols_at_all():
    assert lists(Vocabulary([]).encode(["ab", None])) == [[UNKNOWN, UNKNOWN], [MISSING]]
    assert lists(Vocabulary([]).encode([None, None])) == [[MISSING], [MISSING]]


GRAMS = {"c", "a", "t", END, START + "c", "ca", "at", "t" + END}


def spelled(vocabulary, documents):
    """Encode documents, and write every step as the set of its n-grams."""
    names = {i: gram for i, gram in enumerate(vocabulary.ngrams, N_SPECIAL)}
    names |= {MISSING: "missing", EMPTY: "empty", UNKNOWN: "unknown"}
    sequences = vocabulary.encode(documents)
    steps = [{names[i] for i in row if i < len(vocabulary)} for row in sequences.values.tolist()]
    return [steps[a : a + n] for a, n in zip(sequences.starts, sequences.lengths)]


def test_ngrams_that_end_at_each_step():
    vocabulary = learn(["cat"], (1, 2))
    assert set(vocabulary.ngrams) == GRAMS
    assert spelled(vocabulary, ["cat", "", None]) == [
        [{"c", START + "c"}, {"a", "ca"}, {"t", "at"}, {END, "t" + END}],
        [{"empty"}],
        [{"missing"}],
    ]


def test_unseen_ngrams_fall_back_to_their_shorter_parts():
    vocabulary = learn(["cat"], (1, 3))
    assert spelled(vocabulary, ["tac", "c?t"]) == [
        [{"t"}, {"a"}, {"c"}, {END}],
        [{"c", START + "c"}, {"unknown"}, {"t"}, {END, "t" + END}],
    ]
    pairs = learn(["cat"], (2, 3))
    assert spelled(pairs, ["at"]) == [[{"unknown"}, {"at"}, {"t" + END, "at" + END}]]


def test_ngrams_of_tokens_are_tuples():
    vocabulary = learn([["log", "in"]], (1, 2))
    assert set(vocabulary.ngrams) == {
        "log", "in", END, (START, "log"), ("log", "in"), ("in", END),
    }  # fmt: skip
    assert spelled(vocabulary, [["in", "log"]]) == [[{"in"}, {"log"}, {END}]]
    assert vocabulary.encode([["log", "in"]]).values.shape == (3, 2)


@pytest.mark.parametrize("text", [False, True])
def test_ngrams_of_a_large_vocabulary_are_found_and_no_others(text):
    n = 70_000
    symbols = [chr(0x20000 + i) for i in range(n)] if text else [f"t{i}" for i in range(n)]
    first, last = symbols[n - 2], symbols[n - 1]
    pairs = [first + last, "".join(symbols[9:3:-5])] if text else [(first, last), ("t9", "t4")]
    vocabulary = Vocabulary([*symbols, *pairs], (1, 2))
    documents = [[first, last], ["", *symbols[9:3:-5]][1:], [symbols[61364], symbols[55945]]]
    documents = ["".join(d) for d in documents] if text else documents
    values = vocabulary.encode(documents).values
    assert values[[1, 4, 7], 1].tolist() == [N_SPECIAL + n, N_SPECIAL + n + 1, len(vocabulary)]


def test_a_given_vocabulary_of_tokens_has_tuples_for_several():
    given = check_vocabulary("Who", ["c", ("a", "b")], None, (1, 2))
    assert given.ngrams == ["c", ("a", "b")] and given.ngram_range == (1, 2)
    sentence = r"the symbols of vocabulary to be n-grams of 1 to 2 tokens, got \('a',\)\.$"
    with pytest.raises(ValueError, match=sentence):
        check_vocabulary("Who", ["c", ("a",)], None, (1, 2))


def test_the_order_of_a_given_vocabulary():
    for given in ({"b": 5, "a": 1}, {"b", "a"}, frozenset("ab"), ["a", "b"], np.array(["a", "b"])):
        found = check_vocabulary("Who", given, "char", (1, 1))
        assert found.ngrams == ["a", "b"] and {type(gram) for gram in found.ngrams} == {str}
    mixed = check_vocabulary("Who", {("b", "c"), "b", ("a", "z")}, None, (1, 2))
    assert mixed.ngrams == [("a", "z"), "b", ("b", "c")]
    assert check_vocabulary("Who", ["b", "a"], "char", (1, 1)).ngrams == ["b", "a"]
