"""What there is to learn from: sequences with targets and weights; some of them held out.

In: `Sequences`, targets and weights. Out: `Examples`. Knows numpy, and torch for its generator.
"""

from typing import NamedTuple

import numpy as np
import torch

from skrnn.input.sequences import Array, Floats, Indices, Sequences


class Examples(NamedTuple):
    """Sequences with their targets: example i is sequence `rows[i]`."""

    sequences: Sequences
    rows: Indices  # (n,)
    target: Array  # (n,) int64 classes, or (n, n_outputs) float numbers or labels
    weight: Floats  # (n,)

    def take(self, places: Indices) -> "Examples":
        """Keep some examples, and only the sequences that they use."""
        used, rows = np.unique(self.rows[places], return_inverse=True)
        sequences = self.sequences.take(used)
        return Examples(sequences, rows, self.target[places], self.weight[places])


def hold_out(
    examples: Examples, fraction: float, generator: torch.Generator
) -> tuple[Examples, Examples]:
    """Set a share of the examples aside, the same share of each class; return both parts.

    A class keeps at least one example in the first part. Numbers count as one class.
    """
    n, classes = len(examples.rows), examples.target
    order = torch.randperm(n, generator=generator).numpy()
    if classes.ndim > 1:
        classes = np.zeros(n, dtype=np.int64)
    order = order[np.argsort(classes[order], kind="stable")]
    sizes = np.bincount(classes)
    rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    aside = np.floor((rank + 1) * fraction) > np.floor(rank * fraction)
    if not aside.any() or aside.all():
        aside = np.arange(n) < min(max(1, round(n * fraction)), n - 1)
        order = torch.randperm(n, generator=generator).numpy()
    return examples.take(np.sort(order[~aside])), examples.take(np.sort(order[aside]))
