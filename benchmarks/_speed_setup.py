"""What the questions of `benchmarks.speed` share: the setup, the clock, nets, and strings.

In: names and numbers. Out: `Setup`, seconds, estimators that are not fitted, lists of str, cells
of a table, and what a process of its own prints.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch

from benchmarks._nets import Symbols
from benchmarks._report import say
from skrnn import RNNClassifier

ROOT = Path(__file__).resolve().parents[1]
EPOCHS = 2


class Setup(NamedTuple):
    """What is the same for all questions."""

    names: list  # distinct
    y: np.ndarray  # (n,) numbers of the classes
    repeats: int  # of each measurement
    quick: bool
    n_threads: int
    device: str = "cpu"  # of the nets, in the questions that have a choice

    @property
    def place(self):
        return {c: i for i, c in enumerate(sorted(set("".join(self.names))))}

    @property
    def n_classes(self):
        return int(self.y.max()) + 1

    def symbols(self, strings):
        return Symbols(strings, np.zeros(len(strings), dtype=np.int64), self.place)


def seconds(*things, repeats, device="cpu"):
    """Call things in turn; give the median seconds of each, until the device has finished."""
    finish = torch.get_device_module(device).synchronize
    times = [[] for _ in things]
    for i in range(repeats + 1):  # the first round is to warm up
        for thing, taken in zip(things, times):
            finish(device)
            start = perf_counter()
            thing()
            finish(device)
            if i:
                taken.append(perf_counter() - start)
    return [median(taken) for taken in times]


def same_work(cell, nhidden, batch_size, epochs=EPOCHS, **options):
    """Make a classifier that does the work of the peers' nets: one symbol a step, last state."""
    plain = dict(bidirectional=False, pooling="last", ngram_range=None, dropout=0)
    plain |= dict(solver="adam", learning_rate="constant", tol=0, alpha=0)
    plain |= dict(learning_rate_init=0.001, max_grad_norm=None, max_iter=epochs)
    plain |= dict(cell=cell, batch_size=batch_size, random_state=0)
    return RNNClassifier(nhidden, **plain | options)


def made_up(names, n):
    """Make n different strings of the beginnings and endings of names; first the names.

    The numbers of the names that they begin with come beside them, (n,).
    """
    found = {name: i for i, name in enumerate(names[:n])}
    rng = np.random.default_rng(0)
    while len(found) < n:
        first, last = (rng.integers(len(names), size=n) for _ in range(2))
        for i, j in zip(first, last):
            found.setdefault(names[i][:6] + names[j][-5:], i)
            if len(found) == n:
                break
    return list(found), np.array(list(found.values()))


def random_strings(rng, n, length):
    letters = rng.integers(97, 123, size=(n, length)).astype("<u4")
    return [row.tobytes().decode("utf-32-le") for row in letters]


def printed_by(call):
    """Run a line of Python in a process of its own, and give the words that it prints."""
    command = [sys.executable, "-c", call]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.split()


def figures(*numbers):
    return [f"{x:.4g}" for x in numbers]


def micro(*numbers):
    """Write seconds as microseconds."""
    return [f"{x * 1e6:.3g}" for x in numbers]


def progress(name, cells):
    say(f"{name}: {'  '.join(map(str, cells))}")
