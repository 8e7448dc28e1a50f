"""Schedules of the learning rate.

In: the completed share of the training. Out: a share of `learning_rate_init`. Imports only math.
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def rise(done: float) -> float:
    """Rise linearly to 1, then stay constant."""
    return min(done, 1.0)


def fall(done: float) -> float:
    """Fall linearly from 1 to 0."""
    return 1 - done


def _onecycle(done: float) -> float:
    """Rise linearly to 1 in the first quarter, then fall to 0 along a cosine."""
    if done < 0.25:
        return rise(done / 0.25)
    return (1 + math.cos(math.pi * (done - 0.25) / 0.75)) / 2


SCHEDULES: dict[str, Schedule] = {"constant": lambda done: 1.0, "onecycle": _onecycle}
