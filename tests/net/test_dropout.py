"""What is hidden at random is made up for."""

import numpy as np
import pytest
import torch

from skrnn.input.sequences import Ngrams
from skrnn.net.dropout import dropout_mask, hide_ngrams


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def many():
    """Ten thousand sequences with 0 to 5 n-grams; each column tells whose it is, and which."""
    counts = np.random.default_rng(0).integers(0, 6, 10_000)
    columns = np.repeat(np.arange(10_000) * 10, counts)
    within = np.arange(len(columns)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Ngrams((columns + within).astype(np.int32), counts, np.linspace(1, 2, 10_000))


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.75])
def test_a_share_of_the_ngrams_is_left_out(rate):
    ngrams = many()
    hidden = hide_ngrams(ngrams, rate, generator())
    assert len(hidden.columns) / len(ngrams.columns) == pytest.approx(1 - rate, abs=0.02)
    assert set(hidden.columns) <= set(ngrams.columns)
    assert hidden.columns.dtype == np.int32 and (np.diff(hidden.columns) > 0).all()  # in order
    np.testing.assert_allclose(hidden.scale, ngrams.scale / (1 - rate))
    first = ngrams.columns % 10 == 0  # none is left out more often than others
    kept = np.isin(ngrams.columns, hidden.columns)
    assert kept[first].mean() == pytest.approx(1 - rate, abs=0.03)
    assert kept[~first].mean() == pytest.approx(1 - rate, abs=0.03)


def test_what_is_left_belongs_to_the_same_sequences():
    hidden = hide_ngrams(many(), 0.3, generator())
    assert len(hidden.counts) == 10_000 and hidden.counts.sum() == len(hidden.columns)
    owner = np.repeat(np.arange(10_000), hidden.counts)
    assert (hidden.columns // 10 == owner).all()


def test_nothing_is_changed_that_is_given_and_nothing_is_left_out_at_rate_zero():
    ngrams, copy = many(), many()
    hide_ngrams(ngrams, 0.5, generator())
    hidden = hide_ngrams(ngrams, 0.0, generator())
    for name in ("columns", "counts", "scale"):
        np.testing.assert_array_equal(getattr(ngrams, name), getattr(copy, name))
        np.testing.assert_array_equal(getattr(hidden, name), getattr(copy, name))


def test_what_is_hidden_depends_on_the_generator_alone():
    one, again, other = (hide_ngrams(many(), 0.3, generator(seed)).columns for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert len(one) != len(other) or (one != other).any()


def test_sequences_without_ngrams():
    none = np.zeros(0, dtype=np.int32)
    hidden = hide_ngrams(Ngrams(none, np.zeros(3, dtype=int), np.ones(3)), 0.5, generator())
    assert hidden.columns.tolist() == [] and hidden.counts.tolist() == [0, 0, 0]


def test_what_dropout_leaves_is_as_much_larger_as_it_hides():
    like = torch.zeros(1, dtype=torch.float64)
    mask = dropout_mask(1000, (20,), (0.75,), generator(), like)
    assert mask.dtype == torch.float64 and mask.shape == (1000, 20)
    assert mask.unique().tolist() == [0, 4]
    assert mask.mean().item() == pytest.approx(1, abs=0.03)


def test_each_block_has_its_rate():
    mask = dropout_mask(2000, (4, 0, 6), (0.5, 0.9, 0.75), generator(), torch.zeros(1))
    assert mask.shape == (2000, 10)
    assert mask[:, :4].unique().tolist() == [0, 2] and mask[:, 4:].unique().tolist() == [0, 4]
    torch.testing.assert_close(mask.mean(0), torch.ones(10), atol=0.15, rtol=0)
    half = dropout_mask(5, (4, 6), (0.0, 0.5), generator(), torch.zeros(1))
    assert half[:, :4].unique().tolist() == [1] and half[:, 4:].unique().tolist() == [0, 2]


def test_without_dropout_there_are_no_factors():
    assert dropout_mask(3, (2, 5), (0, 0), generator(), torch.zeros(1)) is None
