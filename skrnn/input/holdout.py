"""Hold out some of the examples as a validation set.

In: a `Task`. Out: the same, with a validation set. Imports only numpy.
"""

import numpy as np

from skrnn.input.peers import ALONE, Peers
from skrnn.input.sequences import Array
from skrnn.input.task import Task


def hold_out(
    who: str,
    task: Task,
    fraction: float,
    random: np.random.RandomState,
    peers: Peers = ALONE,
) -> Task:
    """Make a validation set of a share of the examples of each process that has two."""
    sizes = peers.gather(len(task.train.rows))
    if max(sizes) < 2:
        raise ValueError(
            f"{who} needs two different rows for early_stopping=True, got n_samples={sum(sizes)}."
        )
    n = len(task.train.rows)
    few = np.zeros(n, dtype=bool)
    chosen = few if n < 2 else _validation_mask(task.train.target, fraction, random)
    train, aside = (task.train.take(np.flatnonzero(some)) for some in (~chosen, chosen))
    return task._replace(train=train, validation=aside)


def _validation_mask(classes: Array, fraction: float, random: np.random.RandomState) -> Array:
    """Choose the same share of each class, and less than all of it: (n,) bool.

    Numbers and several labels count as one class. If all classes are too small, the share is taken
    from all examples together.
    """
    n = len(classes)
    order = random.permutation(n)
    if classes.ndim > 1:
        classes = np.zeros(n, dtype=np.int64)
    order = order[np.argsort(classes[order], kind="stable")]
    sizes = np.bincount(classes)
    rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = np.floor((rank + 1) * fraction) > np.floor(rank * fraction)
    if not chosen.any() or chosen.all():
        chosen = np.arange(n) < min(max(1, round(n * fraction)), n - 1)
        order = random.permutation(n)
    aside = np.zeros(n, dtype=bool)
    aside[order[chosen]] = True
    return aside
