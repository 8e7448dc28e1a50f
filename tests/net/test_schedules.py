"""The share of the step size, by how much of the training is done."""

import numpy as np
import pytest

from skrnn.net.schedules import SCHEDULES


def test_one_cycle_rises_in_a_quarter_and_then_falls():
    cycle = SCHEDULES["onecycle"]
    assert cycle(0) == 0 and cycle(0.25) == 1 and cycle(1) == pytest.approx(0)
    assert cycle(0.125) == 0.5 and cycle(0.625) == pytest.approx(0.5)
    assert cycle(0.25 + 0.75 / 3) == pytest.approx(0.75)  # (1 + cos(pi / 3)) / 2
    shares = np.array([cycle(done) for done in np.linspace(0, 1, 101)])
    steps = np.diff(shares)
    assert (steps[:25] > 0).all() and (steps[25:] < 0).all()
    np.testing.assert_allclose(steps[:25], 0.04)


def test_a_constant_step_size_is_constant():
    assert {SCHEDULES["constant"](done) for done in (0, 0.5, 1)} == {1.0}
    assert set(SCHEDULES) == {"constant", "onecycle"}
