"""One recurrence, forward and from the end; values and gradients are in `test_network`."""

import pytest
import torch
from small import DOUBLE, series, single_batch
from small import network as small_network

from skrnn.net.cells import Elman
from skrnn.net.recurrence import Recurrence

GENERATOR = torch.Generator().manual_seed(0)


def random(*shape):
    return torch.randn(*shape, generator=GENERATOR, dtype=DOUBLE)


def test_reading_from_the_end_is_reading_the_mirrored_sequence():
    sequences, inputs = series()
    batch, _ = single_batch(small_network(**inputs), sequences)
    W, b, x = random(3, 3), random(3), random(len(batch.sequence_index), 3)
    forward, backward = (Recurrence(Elman("tanh"), W, b, way) for way in (False, True))
    mirrored = forward.run(x[batch.reverse_index], batch, 1.0)
    trace = backward.run(x, batch, 1.0)
    torch.testing.assert_close(trace.h, mirrored.h)
    torch.testing.assert_close(backward.states(trace, batch), mirrored.h[batch.reverse_index])
    torch.testing.assert_close(forward.states(mirrored, batch), mirrored.h)


@pytest.mark.parametrize("way", [False, True])
def test_x_is_kept_and_scaled(way):
    sequences, inputs = series()
    batch, _ = single_batch(small_network(**inputs), sequences)
    x = random(len(batch.sequence_index), 3)
    given = x.clone()
    recurrence = Recurrence(Elman("relu"), random(3, 3), random(3), way)
    small = recurrence.run(x, batch, 0.25)
    torch.testing.assert_close(x, given, rtol=0, atol=0)
    torch.testing.assert_close(small.h, recurrence.run(x / 4, batch, 1.0).h)
