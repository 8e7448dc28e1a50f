"""What the sections of `benchmarks.scale` share. Out: `Setup`."""

from typing import NamedTuple


class Setup(NamedTuple):
    """What is the same for all sections."""

    quick: bool
    repeats: int  # of each measurement
    rows: int = 10**7  # of the file that a model is applied to
