"""Some of the examples, held out."""

import numpy as np
import pytest

from skrnn.input.encoding import Codebook
from skrnn.input.holdout import hold_out
from skrnn.input.sequences import Examples, from_arrays
from skrnn.input.targets import Target
from skrnn.input.task import Task


def held_out(target, fraction, seed=0):
    """Hold some of n examples out, whose sequences and weights are their numbers."""
    n, target = len(target), np.asarray(target)
    sequences = from_arrays([np.full((2, 1), float(i)) for i in range(n)])
    examples = Examples(sequences, np.arange(n), target, np.arange(float(n)))
    classes = Target("classification", target, np.unique(target))
    task = Task("series", Codebook(), 1, 0, classes, examples)
    found = hold_out("Who", task, fraction, np.random.RandomState(seed))
    assert found._replace(train=examples, validation=None) == task
    return found.train, found.validation


def numbers(examples):
    return examples.sequences.values[::2, 0][examples.rows].tolist()


def test_the_share_is_that_of_each_class_and_every_class_is_kept():
    train, aside = held_out([0] * 50 + [1] * 30 + [2] * 19 + [3], 0.2)
    assert np.bincount(aside.target, minlength=4).tolist() == [10, 6, 3, 0]
    assert np.bincount(train.target).tolist() == [40, 24, 16, 1]
    assert sorted(numbers(train) + numbers(aside)) == list(range(100))
    for part in (train, aside):
        assert part.weight.tolist() == numbers(part) == sorted(numbers(part))


def test_which_are_held_out_depends_on_the_seed_alone():
    classes = [0] * 50 + [1] * 50
    first, again, other = (numbers(held_out(classes, 0.2, seed)[1]) for seed in (0, 0, 1))
    assert first == again != other
    assert first != list(range(10)) + list(range(50, 60))


@pytest.mark.parametrize(
    ("target", "fraction", "n_train", "n_aside"),
    [
        ([0, 1, 2], 0.1, 2, 1),
        ([0, 1], 0.9, 1, 1),
        ([0] * 2, 0.99, 1, 1),
        ([0, 1, 2, 3, 4, 5], 0.4, 4, 2),
        ([[0.1], [1.2], [2.3], [3.4]], 0.5, 2, 2),
        ([[float(i)] for i in range(10)], 0.3, 7, 3),
    ],
)
def test_few_examples_and_numbers(target, fraction, n_train, n_aside):
    train, aside = held_out(target, fraction)
    assert (len(train.rows), len(aside.rows)) == (n_train, n_aside)
    assert sorted(numbers(train) + numbers(aside)) == list(range(len(target)))


def test_a_single_example_cannot_be_held_out():
    sentence = "^Who needs two different rows for early_stopping=True, got n_samples=1.$"
    with pytest.raises(ValueError, match=sentence):
        held_out([0], 0.5)
