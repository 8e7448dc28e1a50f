"""Dropout of the n-grams of sequences, and of the elements of vectors.

In: `Ngrams`; shapes. Out: fewer n-grams; factors of the elements. Imports torch and numpy.
"""

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import Ngrams


def hide_ngrams(ngrams: Ngrams, rate: float, generator: torch.Generator) -> Ngrams:
    """Drop a random share of the n-grams, and rescale the remaining ones."""
    kept = torch.rand(len(ngrams.columns), generator=generator).numpy() >= rate
    ends = np.cumsum(ngrams.counts)
    before = np.concatenate([[0], np.cumsum(kept)])
    counts = np.diff(before[ends], prepend=0)
    return Ngrams(ngrams.columns[kept], counts, ngrams.scale / (1 - rate))


def dropout_mask(
    n: int,
    widths: tuple[int, ...],
    rates: tuple[float, ...],
    generator: torch.Generator,
    like: Tensor,
) -> Tensor | None:
    """Draw factors 0 or 1 / (1 - rate), (n, sum of widths), with a rate for each block of columns.

    They have the dtype and the device of `like`. Return None if all rates are zero.
    """
    if not any(rates):
        return None
    rate = torch.tensor(rates).repeat_interleave(torch.tensor(widths))
    keep = torch.rand((n, len(rate)), generator=generator) >= rate
    return (keep / (1 - rate)).to(like)
