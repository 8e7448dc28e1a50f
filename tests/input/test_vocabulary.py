"""Documents written as columns of U."""

import pickle

import numpy as np
import pytest

from skrnn.input.samples import Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL, UNKNOWN
from skrnn.input.vocabulary import Vocabulary, VocabularyRule, check_vocabulary


def lists(sequences):
    cuts = np.cumsum(sequences.lengths)[:-1]
    return [part.tolist() for part in np.split(sequences.values, cuts)]


@pytest.mark.parametrize("tokens", [False, True])
def test_encode_tells_missing_empty_and_unknown_apart(tokens):
    documents = ["ab", "", None, "b?", ""]
    if tokens:
        documents = [d if d is None else list(d) for d in documents]
    a, b = N_SPECIAL, N_SPECIAL + 1
    expected = [[a, b], [EMPTY], [MISSING], [b, UNKNOWN], [EMPTY]]
    sequences = Vocabulary(["a", "b"]).encode(documents)
    assert lists(sequences) == expected
    assert sequences.values.dtype == np.int32 and sequences.ngrams is None


def test_encode_keeps_the_order_of_the_symbols_and_reads_any_code_point():
    vocabulary = Vocabulary(["😀", "a", "é", "\ud800", "本"])
    assert lists(vocabulary.encode(["本a😀", "\ud800é"])) == [[7, 4, 3], [6, 5]]
    assert vocabulary.columns == {"😀": 3, "a": 4, "é": 5, "\ud800": 6, "本": 7}
    assert len(vocabulary) == 8


def test_encode_with_no_symbols_at_all():
    assert lists(Vocabulary([]).encode(["ab", None])) == [[UNKNOWN, UNKNOWN], [MISSING]]
    assert lists(Vocabulary([]).encode([None, None])) == [[MISSING], [MISSING]]
    assert Vocabulary([]).encode(["ab", None]).values.dtype == np.int32


def test_there_are_no_steps_but_those_of_the_symbols():
    """The marks around a sequence are known as symbols only where they are in it."""
    vocabulary = Vocabulary("ab\x02\x03")
    assert lists(vocabulary.encode(["ab", "\x02b\x03"])) == [[3, 4], [5, 4, 6]]
    for document, steps in [("ab", ["a", "b"]), ("", [""]), (None, [None]), (["ab"], ["ab"])]:
        assert vocabulary.steps(document) == steps
        assert vocabulary.encode([document]).lengths.tolist() == [len(steps)]


def test_strings_and_tokens_are_read_by_the_same_vocabulary():
    vocabulary = Vocabulary(["a", "b"])
    assert lists(vocabulary.encode(["ab"])) == lists(vocabulary.encode([["a", "b"]])) == [[3, 4]]
    assert lists(vocabulary.encode([["ab"]])) == [[UNKNOWN]]


def test_a_vocabulary_is_stored_without_what_can_be_made_again():
    vocabulary = Vocabulary("ab")
    vocabulary.encode(["ab"])
    stored = pickle.loads(pickle.dumps(vocabulary))
    assert vocabulary._lookups and not stored._lookups
    assert lists(stored.encode(["b"])) == [[4]]


def test_symbols_are_found_without_marks():
    rule = VocabularyRule("Who", min_df=2)
    found = rule.find(Samples("strings", ["bab", "b", None]), np.array([1.0, 1, 9]))
    assert found.symbols == ["b"]
    assert VocabularyRule("Who").find(Samples("strings", ["bab"]), np.ones(1)).symbols == ["a", "b"]
    tokens = Samples("tokens", [["bab", "c"], ["bab"]])
    found = VocabularyRule("Who", max_features=1).find(tokens, np.ones(2))
    assert found.symbols == ["bab"]
    assert VocabularyRule("Who").find(Samples("numbers", np.ones((2, 2))), np.ones(2)) is None


def test_no_symbol_in_enough_rows_is_refused_unless_there_is_none():
    rule = VocabularyRule("Who", min_df=2)
    with pytest.raises(ValueError, match=r"^Who found no symbol in enough rows for min_df=2: low"):
        rule.find(Samples("strings", ["a", "b"]), np.ones(2))
    assert rule.find(Samples("strings", ["", None]), np.ones(2)).symbols == []


def test_a_given_vocabulary_is_of_single_symbols():
    assert check_vocabulary("Who", ["c", "ab"], None).symbols == ["c", "ab"]
    sentence = r"the symbols of vocabulary to be strings, got \('a', 'b'\)\.$"
    with pytest.raises(ValueError, match=sentence):
        check_vocabulary("Who", ["c", ("a", "b")], None)
    sentence = r"to be single characters with analyzer='char', got 'ab'\.$"
    with pytest.raises(ValueError, match=sentence):
        check_vocabulary("Who", ["c", "ab"], "char")


def test_a_given_vocabulary_is_not_searched_for():
    rule = VocabularyRule("Who", vocabulary=["z", "ab"], analyzer="char", min_df=9)
    tokens = Samples("tokens", [["a"]])
    assert rule.find(tokens, np.ones(1)).symbols == ["z", "ab"]
    with pytest.raises(ValueError, match="single characters"):
        rule.find(Samples("strings", ["a"]), np.ones(1))


def test_the_order_of_a_given_vocabulary():
    for given in ({"b": 5, "a": 1}, {"b", "a"}, frozenset("ab"), ["a", "b"], np.array(["a", "b"])):
        found = check_vocabulary("Who", given, "char")
        assert found.symbols == ["a", "b"] and {type(symbol) for symbol in found.symbols} == {str}
    assert check_vocabulary("Who", ["b", "a"], "char").symbols == ["b", "a"]
    assert check_vocabulary("Who", {"b", "ab", "a"}, None).symbols == ["a", "ab", "b"]
