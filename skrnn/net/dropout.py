"""Dropout: of the symbols of a batch, and of the elements of vectors.

In: columns of U, shapes. Out: factors that compensate for what is hidden. Imports torch and numpy.
"""

import numpy as np
import torch
from torch import Tensor

from skrnn.input.sequences import N_SPECIAL, UNKNOWN, Array, Floats


def hide_symbols(values: Array, rate: float, none: int, generator: torch.Generator) -> Floats:
    """Hide symbols in place: of each step the first becomes unknown, the others `none`.

    Return the factor of each U x_t, (steps, 1), that compensates for what is hidden. Sequences
    of one special symbol, missing or empty, stay as they are.
    """
    hidden = torch.rand(values.shape, generator=generator).numpy() < rate
    hidden &= values >= N_SPECIAL
    values[hidden] = none
    first = values[:, 0]
    first[hidden[:, 0]] = UNKNOWN
    return np.where(first < UNKNOWN, 1.0, 1 / (1 - rate))[:, None]


def dropout_mask(
    shape: tuple[int, ...], rate: float, generator: torch.Generator, like: Tensor
) -> Tensor | None:
    """Draw factors 0 or 1 / (1 - rate), of the dtype and on the device of `like`.

    None without dropout.
    """
    if not rate:
        return None
    keep = torch.rand(shape, generator=generator) >= rate
    return keep.to(like) / (1 - rate)
