"""One recurrence, forward and from the end; values and gradients are in `test_network`."""

import pytest
import torch
from small import DOUBLE, series, single_batch

from skrnn.net.cells import Elman
from skrnn.net.recurrence import Recurrence

GENERATOR = torch.Generator().manual_seed(0)


def random(*shape):
    return torch.randn(*shape, generator=GENERATOR, dtype=DOUBLE)


def test_reading_from_the_end_is_reading_the_mirrored_sequence():
    sequences, _ = series()
    batch, _ = single_batch(sequences)
    W, b, x = random(3, 3), random(3), random(len(batch.sequence_index), 3)
    forward, backward = (Recurrence(Elman("tanh"), W, b, way) for way in (False, True))
    mirrored = forward.run(x[batch.reverse_index], batch)
    trace = backward.run(x, batch)
    torch.testing.assert_close(trace.h, mirrored.h)
    torch.testing.assert_close(backward.states(trace, batch), mirrored.h[batch.reverse_index])
    torch.testing.assert_close(forward.states(mirrored, batch), mirrored.h)


@pytest.mark.parametrize("way", [False, True])
def test_x_is_kept_and_weights_have_gradients_if_they_are_asked_for(way):
    sequences, _ = series()
    batch, _ = single_batch(sequences)
    x = random(len(batch.sequence_index), 3)
    given = x.clone()
    recurrence = Recurrence(Elman("tanh"), random(3, 3), random(3), way)
    trace = recurrence.run(x, batch)
    torch.testing.assert_close(x, given, rtol=0, atol=0)
    dh = random(*x.shape)
    some = recurrence.gradient(dh.clone(), trace, batch, of_weights=False)
    whole = recurrence.gradient(dh.clone(), trace, batch)
    torch.testing.assert_close(some.x, whole.x, rtol=0, atol=0)
    assert some.W.numel() == some.b.numel() == 0 and whole.W.shape == (3, 3)
    torch.testing.assert_close(whole.b, whole.x.sum(0))
