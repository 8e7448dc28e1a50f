"""Examples, and how some of them are held out."""

import numpy as np
import torch

from skrnn.input.sequences import from_arrays
from skrnn.net.examples import Examples, hold_out


def examples(classes):
    n = len(classes)
    sequences = from_arrays([np.full((2, 1), float(i)) for i in range(n)])
    return Examples(sequences, np.arange(n), np.asarray(classes), np.ones(n))


def test_hold_out_is_stratified_and_keeps_every_class():
    classes = np.array([0] * 50 + [1] * 30 + [2] * 19 + [3])
    train, aside = hold_out(examples(classes), 0.2, torch.Generator().manual_seed(0))
    assert np.bincount(aside.target, minlength=4).tolist() == [10, 6, 3, 0]
    assert np.bincount(train.target).tolist() == [40, 24, 16, 1]
    values = np.concatenate([train.sequences.values, aside.sequences.values])
    assert sorted(values[::2, 0]) == list(range(100))


def test_hold_out_of_few_rows_and_of_numbers():
    generator = torch.Generator().manual_seed(0)
    train, aside = hold_out(examples([0, 1, 2]), 0.1, generator)
    assert (len(train.rows), len(aside.rows)) == (2, 1)
    train, aside = hold_out(examples([[0.1], [1.2], [2.3], [3.4]]), 0.5, generator)
    assert (len(train.rows), len(aside.rows)) == (2, 2)


def test_taking_examples_keeps_the_sequences_that_they_use():
    sequences = from_arrays([np.full((n, 1), float(n)) for n in (1, 2, 3)])
    four = Examples(sequences, np.array([2, 0, 2, 1]), np.array([5, 6, 7, 8]), np.arange(4.0))
    taken = four.take(np.array([0, 2, 1]))
    assert taken.sequences.lengths.tolist() == [1, 3]
    assert taken.rows.tolist() == [1, 1, 0]
    assert taken.target.tolist() == [5, 7, 6] and taken.weight.tolist() == [0, 2, 1]
