"""Encode documents as sequences: symbols become columns of U.

In: documents, as `Samples`, and the `Vocabulary` of their symbols, if they have symbols. Out:
`Sequences`. Imports only numpy.
"""

from typing import Any

import numpy as np

from skrnn.input.samples import Samples
from skrnn.input.sequences import Sequences, from_arrays
from skrnn.input.vocabulary import Vocabulary


def encode(documents: Samples, vocabulary: Vocabulary | None) -> Sequences:
    """Write every document as a sequence."""
    if vocabulary is not None:
        return vocabulary.encode(documents.values)
    if documents.kind == "series":
        return from_arrays(documents.values)
    table = documents.values  # (n, T)
    return Sequences(table.reshape(-1, 1), np.full(len(table), table.shape[1]))


def step_labels(documents: Samples, vocabulary: Vocabulary | None) -> list[Any]:
    """List what is read at each step of the only document."""
    (document,) = documents.values
    return list(document) if vocabulary is None else vocabulary.steps(document)
