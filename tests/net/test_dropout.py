"""What is hidden at random is made up for."""

import numpy as np
import pytest
import torch

from skrnn.net.dropout import dropout_mask, hide_symbols


def generator():
    return torch.Generator().manual_seed(0)


def test_hidden_symbols_are_made_up_for():
    """What is left is as large, on the whole, as what is there when nothing is hidden."""
    values = np.arange(3, 40_003).reshape(-1, 2)
    values[:2, 0], values[:2, 1] = (0, 1), 40_003  # a missing and an empty sequence
    hidden = values.copy()
    factor = hide_symbols(hidden, 0.3, 40_003, generator())
    assert factor[:2].tolist() == [[1], [1]] and hidden[:2].tolist() == values[:2].tolist()
    np.testing.assert_allclose(factor[2:], 1 / 0.7)
    for column, instead in ((0, 2), (1, 40_003)):
        left = hidden[2:, column] == values[2:, column]
        assert (hidden[2:, column][~left] == instead).all()
        assert (left * factor[2:, 0]).mean() == pytest.approx(1, abs=0.02)


def test_the_first_symbol_that_can_be_hidden_is_that_after_the_special_ones():
    values = np.array([[0], [1], [2], [3]] * 200)
    hide_symbols(values, 0.9, 4, generator())
    rest = values.reshape(-1, 4)
    assert (rest[:, :3] == [0, 1, 2]).all()
    assert 0 < (rest[:, 3] == 2).mean() < 1


def test_a_step_of_the_unknown_symbol_is_made_up_for_too():
    values = np.array([[2, 9], [0, 9]])
    assert hide_symbols(values, 0.5, 9, generator()).tolist() == [[2], [1]]


def test_what_dropout_leaves_is_as_much_larger_as_it_hides():
    like = torch.zeros(1, dtype=torch.float64)
    mask = dropout_mask((1000, 20), 0.75, generator(), like)
    assert mask.dtype == torch.float64 and mask.shape == (1000, 20)
    assert mask.unique().tolist() == [0, 4]
    assert mask.mean().item() == pytest.approx(1, abs=0.03)
    assert dropout_mask((3, 2), 0, generator(), like) is None
