"""Documents written as columns of G, against a search of each window."""

import pickle

import numpy as np
import pytest

from skrnn.input.ngram_vocabulary import NgramRule, NgramVocabulary
from skrnn.input.ngrams import END, START
from skrnn.input.samples import Samples
from skrnn.input.sequences import EMPTY, MISSING, N_SPECIAL

RNG = np.random.default_rng(0)
LENGTHS = [0, 1, 1, 2, 3, 5, 8, 13, 20, 4, 4, 4]
TEXTS = ["".join(RNG.choice(list("ab _.é"), n)) for n in LENGTHS]
DOCUMENTS = [*TEXTS[:6], None, *TEXTS[6:], " ", TEXTS[7]]
RANGES = [(1, 1), (1, 3), (2, 2), (2, 4)]


def windows(document, low, high):
    """List all n-grams of a document between START and END, with the steps where they end."""
    marked = [START, *document, END]
    for end in range(1, len(marked)):
        for n in range(low, high + 1):
            if n <= end + 1:
                step = min(end - 1, len(document) - 1)
                yield tuple(marked[end + 1 - n : end + 1]), step


def spelled(columns, vocabulary, text):
    """Write columns of G as n-grams, each a tuple of symbols."""
    names = {MISSING: ("missing",), EMPTY: ("empty",)}
    for column, ngram in enumerate(vocabulary.ngrams, N_SPECIAL):
        names[column] = tuple(ngram) if text or isinstance(ngram, tuple) else (ngram,)
    return [names[i] for i in columns.tolist()]


def encoded(vocabulary, documents):
    """Encode documents: the n-grams of each."""
    found = vocabulary.encode(documents)
    cut = np.split(found.columns, np.cumsum(found.counts)[:-1])
    text = any(isinstance(d, str) for d in documents)
    return [spelled(part, vocabulary, text) for part in cut]


def learn(documents, ngram_range=(1, 1), counts=None, **options):
    """Make a vocabulary of documents."""
    kind = "strings" if any(isinstance(d, str) for d in documents) else "tokens"
    counts = np.ones(len(documents)) if counts is None else np.array(counts, float)
    return NgramRule(ngram_range, **options).find(Samples(kind, documents), counts)


def known_to(documents, low, high):
    return {gram for d in documents if d for gram, _ in windows(d, low, high)}


@pytest.mark.parametrize("low, high", RANGES)
def test_strings_are_written_as_the_ngrams_that_they_have(low, high):
    """Half of the documents are known: what is only in the others is left out."""
    seen = DOCUMENTS[::2]
    vocabulary, known = learn(seen, (low, high)), known_to(seen, low, high)
    steps, left_out = [], 0
    for document, found in zip(DOCUMENTS, encoded(vocabulary, DOCUMENTS)):
        if not document:
            assert found == [("missing" if document is None else "empty",)]
            assert vocabulary.steps(document).tolist() == [0]
            continue
        all_ngrams = list(windows(document, low, high))
        expected = [(gram, step) for gram, step in all_ngrams if gram in known]
        left_out += len(all_ngrams) - len(expected)
        assert found == [gram for gram, _ in expected]
        assert vocabulary.steps(document).tolist() == [step for _, step in expected]
        steps += expected
    assert len(steps) > 50 and (left_out > 20 or high == 1)


@pytest.mark.parametrize("low, high", RANGES)
def test_tokens_are_written_as_the_ngrams_that_they_have(low, high):
    documents = [None if d is None else [f"<{sign}>" for sign in d] for d in DOCUMENTS]
    seen = documents[::2]
    vocabulary = learn(seen, (low, high))
    known = known_to(seen, low, high)
    for document, found in zip(documents, encoded(vocabulary, documents)):
        if document:
            expected = [(g, step) for g, step in windows(document, low, high) if g in known]
            assert found == [gram for gram, _ in expected]
            assert vocabulary.steps(document).tolist() == [step for _, step in expected]
        else:
            assert found == [("missing" if document is None else "empty",)]


def test_an_example_by_hand():
    vocabulary = learn(["cat a"], (2, 2))
    pairs = [("a", "t"), ("t", " "), ("c", "a"), ("a", "t")]
    assert encoded(vocabulary, ["at cat"]) == [pairs]
    assert vocabulary.steps("at cat").tolist() == [1, 2, 4, 5]
    assert vocabulary.steps("a").tolist() == [0]  # "a" at the end


def test_the_sum_is_divided_by_the_root_of_the_number_of_symbols():
    found = learn(["ab", "abcd"], (1, 2)).encode(["abab", "a", "", None, "zzzzzzzzz"])
    np.testing.assert_allclose(found.scale, [1 / 2, 1, 1, 1, 1 / 3])
    assert found.columns.dtype == np.int32 and found.counts.dtype == np.int64
    assert found.counts.sum() == len(found.columns)


def test_an_ngram_counts_as_often_as_it_occurs():
    vocabulary = learn(["aaa"], (1, 1))
    assert encoded(vocabulary, ["aaa"]) == [[("a",)] * 3 + [(END,)]]
    assert vocabulary.encode(["aaaa", "b"]).counts.tolist() == [5, 1]


def test_no_ngrams_known_at_all():
    vocabulary = NgramVocabulary([])
    assert len(vocabulary) == N_SPECIAL and vocabulary.columns == {}
    found = vocabulary.encode(["ab", None, "", "c"])
    assert found.columns.tolist() == [MISSING, EMPTY] and found.counts.tolist() == [0, 1, 1, 0]
    assert found.columns.dtype == np.int32 and found.counts.dtype == np.int64
    assert vocabulary.steps("ab").tolist() == [] and vocabulary.steps(None).tolist() == [0]


def test_only_empty_rows_to_learn_from():
    vocabulary = learn([None, "", None], (1, 3))
    assert len(vocabulary) == N_SPECIAL
    assert vocabulary.encode(["ab", None]).columns.tolist() == [MISSING]


def test_no_documents():
    found = learn(["ab"]).encode([])
    assert len(found.columns) == len(found.counts) == len(found.scale) == 0


def test_columns_are_numbered_in_order():
    vocabulary = learn(["b a", "c"], (1, 2))
    assert list(vocabulary.columns.values()) == list(range(N_SPECIAL, len(vocabulary)))
    assert list(vocabulary.columns) == vocabulary.ngrams
    for column, ngram in enumerate(vocabulary.columns, N_SPECIAL):
        assert column in vocabulary.encode([ngram.strip(START + END) or "b"]).columns


@pytest.mark.parametrize("counts, kept", [([1, 1, 1], {"a"}), ([1, 1, 2], {"a", "c"})])
def test_min_df_is_of_documents_and_spares_only_the_shortest_of_several_lengths(counts, kept):
    documents = ["aab", "a", "c"]
    few = learn(documents, (1, 1), counts, min_df=2)
    assert set(few.columns) == kept | {END}
    if counts[2] == 1:
        documents = ["aab", "a", "c", "ca"]
        several = learn(documents, (1, 2), min_df=2)
        assert set(several.ngrams) == {
            "a", "b", "c", END, START + "a", START + "c", "a" + END,
        }  # fmt: skip


def test_max_features_keeps_the_most_frequent():
    vocabulary = learn(["b a b", "b", "c b"], (1, 1), max_features=2)
    assert vocabulary.ngrams == [END, "b"]  # as often as white space, and before it


def test_numbers_have_none_and_strings_only_with_a_range():
    assert NgramRule((1, 2)).find(Samples("numbers", np.ones((2, 3))), np.ones(2)) is None
    assert NgramRule((1, 2)).find(Samples("series", [np.ones((2, 3))]), np.ones(1)) is None
    assert learn(["ab"], None) is None


def test_a_vocabulary_is_stored_without_what_can_be_made_again():
    vocabulary = learn(["cat a"], (1, 2))
    before = vocabulary.encode(["a cat"]).columns
    stored = pickle.loads(pickle.dumps(vocabulary))
    assert stored._lookups == {} and vocabulary._lookups
    np.testing.assert_array_equal(stored.encode(["a cat"]).columns, before)
