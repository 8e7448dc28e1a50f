"""The tasks of `benchmarks.order`, and their rows: the label depends on the order of symbols.

In: the name of a task, a seed and how many rows. Out: a `Split`. Must not import skrnn's
estimators.
"""

import zlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import _order_real as real
from benchmarks import _order_rules as rules
from benchmarks._report import Split


class Task(NamedTuple):
    """How to draw rows, and whether the task is known to be hard for all such models."""

    title: str
    make: Callable  # of (rng, n)
    hard: bool = False


COUNTING = (5, 6)  # Tomita grammars that count ones and zeros, as parity does
TASKS = {
    "first letter": Task("first letter: a or b", rules.first_letter),
    "first motif": Task("first of two DNA motifs", rules.first_motif),
    "comparison": Task("412<398: true or false", rules.comparison),
    **{
        f"tomita {n}": Task(f"Tomita grammar {n}", partial(rules.tomita, number=n), n in COUNTING)
        for n in rules.TOMITA
    },
    "first is last": Task("first symbol is also the last", rules.first_is_last),
    "dates": Task("earlier of two dates", rules.dates),
    "brackets": Task("matching brackets (Dyck-2)", rules.brackets),
    "mirror": Task("second half mirrors the first", rules.mirror, hard=True),
    "ean": Task("EAN-13 check digit", rules.ean, hard=True),
    "parity": Task("even number of ones", rules.parity, hard=True),
    "code brackets": Task("matching brackets in code", real.code_brackets),
    "open bracket": Task("bracket to close next in code", real.open_bracket),
    "name order": Task("given or family name first", real.name_order),
    "sorted names": Task("names in alphabetical order", real.sorted_names),
    "versions": Task("older of two versions", real.versions),
    "cas": Task("CAS check digit", real.cas, hard=True),
}


def draw(name, seed, n_train, n_test):
    """Draw the rows to learn from and to test on: no string is in both.

    Rules with few members, such as the first Tomita grammar, have strings that occur several
    times; all rows of a string are in the same part.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    n = n_train + n_test
    X, y = TASKS[name].make(rng, n + n // 4)  # some to spare, to fill both parts
    tested = _share(rng, X, y, n_test / n)
    train, test = np.flatnonzero(~tested)[:n_train], np.flatnonzero(tested)[:n_test]
    return Split([X[i] for i in train], y[train], [X[i] for i in test], y[test])


def _share(rng, X, y, share):
    """Mark the rows of a share of the distinct strings of each label: (n,) of bool."""
    marked = set()
    for label in np.unique(y):
        strings = sorted({x for x, known in zip(X, y) if known == label})
        marked |= set(rng.permutation(strings)[: round(share * len(strings))].tolist())
    return np.array([x in marked for x in X])
