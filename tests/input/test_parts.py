"""Parts of X and y that several processes have read, in a form that goes together."""

import numpy as np
import pytest
from ranks import in_threads

from skrnn.input.parts import Part, check_same, in_common_range, unite
from skrnn.input.peers import ALONE
from skrnn.input.samples import Samples
from skrnn.input.targets import Target


def part(values, target, kind="strings", weight=None):
    n = len(values)
    return Part(Samples(kind, values), target, np.ones(n) if weight is None else np.array(weight))


def classes(*labels):
    found, values = np.unique(labels, return_inverse=True)
    return Target("classification", values, found)


def numbers(*values):
    return Target("regression", np.array(values, dtype=float).reshape(len(values), -1))


def united(*parts):
    return in_threads(len(parts), lambda group: unite("Who", parts[group.rank], group))


def test_a_single_part_stays_as_it_is():
    own = part(["a", "b"], classes("x", "y"))
    found = unite("Who", own)
    assert found.samples is own.samples and found.target is own.target
    assert found.weight is own.weight


def test_the_classes_are_those_of_all_parts():
    parts = part(["a", "b"], classes("x", "z")), part(["c"], classes("y")), None
    found = united(*parts)
    for one in found:
        assert one.target.classes.tolist() == ["x", "y", "z"]
    labels = [one.target.classes[one.target.values].tolist() for one in found]
    assert labels[:2] == [["x", "z"], ["y"]]


def test_an_empty_part_borrows_a_row_without_weight():
    first = part(["a", None], classes(3, 1))
    found = united(None, first)
    assert found[0].samples.values == ["a"] and found[0].weight.tolist() == [0]
    assert found[1].samples.values == ["a", None] and found[1].weight.tolist() == [1, 1]
    table = np.arange(6.0).reshape(2, 3)
    borrowed, _ = united(None, part(table, numbers(1, 2), "numbers"))
    assert borrowed.samples.values.tolist() == [[0, 1, 2]] and borrowed.weight.tolist() == [0]


def test_weights_keep_their_ratios_between_parts():
    first, second = united(
        part(["a", "b"], numbers(1, 2), weight=[2.0**-300, 2.0**-301]),
        part(["c"], numbers(3), weight=[2.0**-299]),
    )
    assert first.weight.tolist() == [0.25, 0.125] and second.weight.tolist() == [0.5]
    assert in_common_range(np.array([2.0, 1]), ALONE).tolist() == [2, 1]


def test_parts_of_different_forms_are_refused():
    table = np.ones((1, 2))
    strings = part(["a"], classes("x"))
    cases = {
        "needs X to have the same form on all ranks, got strings on rank 0 and numbers in 2 "
        "columns on rank 1": (strings, part(table, classes("x"), "numbers")),
        "got numbers in 2 columns on rank 0 and numbers in 3 columns on rank 2": (
            part(table, numbers(1), "numbers"),
            None,
            part(np.ones((1, 3)), numbers(1), "numbers"),
        ),
        "got series of 2 variables on rank 0 and series of 1 variables": (
            part([table], numbers(1), "series"),
            part([table[:, :1]], numbers(1), "series"),
        ),
        "needs y to have the same form on all ranks, got strings as classes on rank 0 and numbers "
        "as classes on rank 1": (strings, part(["a"], classes(1))),
        "got strings as classes on rank 0 and numbers in 1 column on rank 1": (
            strings,
            part(["a"], numbers(0.5)),
        ),
        "got numbers in 1 column on rank 0 and numbers in 2 columns on rank 1": (
            part(["a"], numbers(0.5)),
            part(["a"], numbers((0.5, 1))),
        ),
        "Who needs a row of X on at least one rank, got none on all of them.": (None, None),
    }
    for sentence, parts in cases.items():
        with pytest.raises(ValueError) as caught:
            united(*parts)
        assert sentence in str(caught.value)


def test_settings_have_to_be_the_same():
    check_same("Who", [{"nhidden": "8"}, {"nhidden": "8"}])
    with pytest.raises(ValueError) as caught:
        check_same("Who", [{"cell": "'rnn'", "nhidden": "8"}, {"cell": "'rnn'", "nhidden": "16"}])
    assert str(caught.value) == (
        "Who needs nhidden to be the same on all ranks, got 8 on rank 0 and 16 on rank 1."
    )
