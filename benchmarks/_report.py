"""What the benchmarks share: the names, a split of them, threads, scores and the table.

In: a gzipped CSV file of names and nationalities. Out: lists of str, arrays, and lines of
text to print. Must not import skrnn but for its version, so that no peer is favoured.
"""

import argparse
import csv
import gzip
import json
import os
import platform
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import sklearn
import torch
from sklearn.metrics import accuracy_score, f1_score
from threadpoolctl import threadpool_limits

import skrnn

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "names_train.csv.gz"
EXTRA = 'pip install "skrnn[benchmarks]"'
NOT_A_NAME = "to the first page"  # left over from the web page that the names came from


class Split(NamedTuple):
    """Rows to train on, and rows to validate on."""

    X: list  # of str
    y: np.ndarray  # (n,) of str
    X_val: list
    y_val: np.ndarray


class Score(NamedTuple):
    """How well a competitor did on the validation rows, and how long its fit took."""

    accuracy: float
    macro_f1: float
    seconds: np.ndarray  # (2,) as of `clock`


def load_names(path):
    """Read the lower-cased names and their nationalities; count what is not a name."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [(name.lower(), nationality) for name, nationality in csv.reader(file)]
    kept = [row for row in rows if row[0] != NOT_A_NAME]
    names, nationalities = zip(*kept)
    return list(names), np.array(nationalities), len(rows) - len(kept)


def split_rows(names, nationalities, seed, n=None):
    """Take n random rows (all, without n): 80% to train on, 20% to validate on."""
    order = np.random.default_rng(seed).permutation(len(names))[:n]
    train, validation = np.split(order, [round(len(order) * 0.8)])
    X, X_val = ([names[i] for i in part] for part in (train, validation))
    return Split(X, nationalities[train], X_val, nationalities[validation])


def score(y, predicted, seconds):
    """Score predictions; macro-F1 is the mean over the classes that are in y."""
    f1 = f1_score(y, predicted, labels=np.unique(y), average="macro", zero_division=0)
    return Score(accuracy_score(y, predicted), f1, seconds)


def clock():
    """Read the time and the processor time of this process, in seconds: (2,)."""
    return np.array([perf_counter(), process_time()])


@contextmanager
def threads(n):
    """Hold torch and the libraries below numpy and scikit-learn to n threads."""
    before = torch.get_num_threads()
    with threadpool_limits(n):
        torch.set_num_threads(n)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def versions():
    """Say in one line what the figures were measured with."""
    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, skrnn {skrnn.__version__}; "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    )


def table(head, rows):
    """Lay out rows of text as a Markdown table, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = []
    for first, *others in (head, rule, *rows):
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def folded(title, text):
    """Fold a part of a page below its title, in Markdown."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>\n"


def positive(text):
    """Read a whole number from 1 on, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"needs a whole number from 1 on, got {text!r}")
    return int(text)


def say(line):
    """Print a line to stderr."""
    print(line, file=sys.stderr, flush=True)


def write(file, line):
    """Write a dict as a line of JSON, if there is a file."""
    if file:
        print(json.dumps(line), file=file, flush=True)


def skip(title, why):
    """Say why a part is left out, on stderr and in its place on stdout."""
    say(f"{title}: skipped: {why}")
    print(f"\n## {title}\n\nskipped: {why}", flush=True)
