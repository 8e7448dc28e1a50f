"""Windows: several steps of a series that are read as one x_t.

In: `Sequences` of numbers. Out: `Sequences` of windows. Imports only numpy.
"""

from typing import NamedTuple

import numpy as np

from skrnn.input.sequences import Array, Indices, Sequences

MIN_LENGTH = 12  # steps; shorter series are read step by step
WIDTH = 3  # the width of a window in strides


class Window(NamedTuple):
    """The number of steps in x_t, and the number of steps from x_{t-1} to x_t."""

    width: int = 1
    stride: int = 1

    @classmethod
    def of_length(cls, n_steps: float) -> "Window":
        """Choose the windows for series of a given length.

        Series that are twice as long have 1.4 times as many windows, which are 1.4 times as wide.
        """
        if n_steps < MIN_LENGTH:
            return cls()
        stride = round((n_steps / WIDTH) ** 0.5)
        return cls(WIDTH * stride, stride)

    def n_windows(self, lengths: Indices, offsets: Indices) -> Indices:
        """Return the number of windows of series whose first windows begin at `offsets`."""
        room = np.maximum(lengths - self.width - offsets, 0)
        return np.where(lengths == 0, 0, -(-room // self.stride) + 1)

    def cut(self, sequences: Sequences, offsets: Indices | None = None) -> Sequences:
        """Cut series into windows: x_t is (width * d,), one step after the other.

        The first window begins at the offset of its series, and the last one ends at the end of
        the series. A series that is shorter than a window is padded with its last step.
        """
        if self == (1, 1):
            return sequences
        lengths = sequences.lengths
        offsets = np.zeros_like(lengths) if offsets is None else offsets
        room = np.maximum(lengths - self.width, 0)
        offsets = np.minimum(offsets, room)
        counts = self.n_windows(lengths, offsets)
        series = np.repeat(np.arange(len(counts)), counts)  # (n_windows,)
        number = np.arange(len(series)) - (np.cumsum(counts) - counts)[series]
        begin = np.minimum(offsets[series] + number * self.stride, room[series])
        step = np.minimum(begin[:, None] + np.arange(self.width), lengths[series, None] - 1)
        values: Array = sequences.values[sequences.starts[series, None] + step]
        return Sequences(values.reshape(len(series), self.width * values.shape[2]), counts)
