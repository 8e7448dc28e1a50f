"""The order in which a recurrence reads a batch: time-major, the longest sequence first.

In: `Sequences` and which of them make up each batch. Out: `Layout`, numpy arrays for all
batches at once. Knows numpy alone.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Batches, one after another, in the order in which a recurrence reads them.

    Within a batch the longest sequence comes first, and all x_1 come before all x_2:
    at step t the sequences still alive are the first `alive[t]`, so that nothing is
    padded. Positions are counted from the start of the batch.
    """

    order: np.ndarray  # (n,) which of the given rows comes where
    values: np.ndarray  # (N, k) or (N, d)
    owner: np.ndarray  # (N,) the sequence of each step, by its place in the batch
    previous: np.ndarray  # (N,) where h_{t-1} of each step stands; 0 for t = 1
    mirror: np.ndarray  # (N,) where the step stands that a backward reader reads then
    places: np.ndarray  # (N,) where the steps of each sequence stand, one after another
    starts: np.ndarray  # (n,) where the steps of each sequence begin in that list
    last: np.ndarray  # (n,) where h_T of each sequence stands; 0 if it is empty
    lengths: np.ndarray  # (n,)
    alive: list  # for each batch, the number of sequences alive at each step
    sizes: list  # for each batch, the number of its sequences

    @property
    def steps(self):
        """The number of steps of each batch."""
        return [sum(alive) for alive in self.alive]


def pack(sequences, rows, batch):
    """Lay out `rows` of `sequences` in batches; `batch` numbers them, ascending from 0."""
    lengths = sequences.lengths[rows]
    order = np.lexsort((-lengths, batch))
    lengths = lengths[order]
    size = np.bincount(batch)  # (batches,)
    first = np.cumsum(size) - size
    longest = lengths[first]
    step0 = np.cumsum(longest) - longest  # which of all (batch, t) is each batch's first
    rank = np.arange(len(rows)) - first[batch]

    sequence = np.repeat(np.arange(len(rows)), lengths)  # (N,) sequence by sequence
    start = np.cumsum(lengths) - lengths
    t = np.arange(len(sequence)) - start[sequence]
    step = step0[batch[sequence]] + t
    alive = np.bincount(step, minlength=longest.sum())
    offset = np.cumsum(alive) - alive
    place = offset[step] + rank[sequence]  # after all earlier steps, by rank
    base = np.append(offset, len(sequence))[step0]  # where each batch begins
    inside = place - base[batch[sequence]]

    def placed(values):
        out = np.empty_like(values)
        out[place] = values
        return out

    source = sequences.starts[rows[order]][sequence] + t
    last = np.zeros(len(rows), dtype=np.int64)
    last[sequence] = inside  # the last step of each sequence is written last
    return Layout(
        order=order,
        values=placed(sequences.values[source]),
        owner=placed(rank[sequence]),
        previous=placed(np.where(t > 0, np.roll(inside, 1), 0)),
        mirror=placed(inside[(2 * start + lengths - 1)[sequence] - np.arange(len(sequence))]),
        places=inside,
        starts=start - base[batch],
        last=last,
        lengths=lengths,
        alive=[counts.tolist() for counts in np.split(alive, step0[1:])],
        sizes=size.tolist(),
    )
