"""Build the task of a fit: from samples, a target and weights to examples.

In: a `Part`: samples, a target and weights. Out: `Task`; each distinct row is read once, and equal
examples are merged. Imports only numpy.
"""

from typing import NamedTuple

import numpy as np

from skrnn.input.analyzer import Analyzer
from skrnn.input.encoding import Codebook, CodebookRule
from skrnn.input.grouping import merge_equal
from skrnn.input.parts import Part
from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import Kind
from skrnn.input.sequences import Examples, Floats
from skrnn.input.targets import Target


class Task(NamedTuple):
    """The learning task of a fit: the encoding of x, the type of y, and the examples."""

    kind: Kind  # of the samples
    codebook: Codebook
    n_inputs: int  # columns of U
    n_ngrams: int  # columns of G
    target: Target
    train: Examples
    validation: Examples | None = None  # passed by the user, or held out


def read_task(
    part: Part,
    analyzer: Analyzer,
    rule: CodebookRule,
    known: Codebook | None = None,
    peers: Peers = ALONE,
) -> Task:
    """Encode each distinct row as a sequence, and merge equal examples.

    `known` is the codebook of the previous fit, for a warm start.
    """
    samples, target, weight = part
    index, inverse = samples.unique(sort=True)
    documents = analyzer.documents(samples.take(index))
    counts = np.bincount(inverse, _n_rows(weight))
    codebook = rule.find(documents, counts, peers) if known is None else known
    values, ids = np.unique(target.values, axis=0, return_inverse=True)
    rows, ids, weight = merge_equal(inverse, ids.reshape(-1), weight)
    train = Examples(codebook.encode(documents), rows, values[ids], weight)
    train = _without_borrowed(train)
    n_ngrams = 0 if codebook.ngrams is None else len(codebook.ngrams)
    return Task(documents.kind, codebook, codebook.n_inputs(documents), n_ngrams, target, train)


def read_validation(part: Part, analyzer: Analyzer, task: Task) -> Task:
    """Add a validation set that the user has passed to a task."""
    index, inverse = part.samples.unique()
    sequences = task.codebook.encode(analyzer.documents(part.samples.take(index)))
    validation = Examples(sequences, inverse, part.target.values, part.weight)
    return task._replace(validation=_without_borrowed(validation))


def _without_borrowed(examples: Examples) -> Examples:
    """Drop the row of another process, which stands for no rows at all."""
    return examples if examples.weight.any() else examples.take(np.zeros(0, dtype=np.int64))


def _n_rows(weight: Floats) -> Floats:
    """Return the number of rows that each row counts as: its weight, rounded up."""
    return np.clip(np.ceil(weight - 1e-9), weight > 0, 2**53)
