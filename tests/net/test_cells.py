"""Cells alone, step by step; their gradients are tested in `test_network`."""

import pytest
import reference
import torch
from small import CELLS, DOUBLE, series, single_batch

from skrnn.net.cells import GRU, LSTM, Elman, Trace, make_cell

GENERATOR = torch.Generator().manual_seed(0)


def random(*shape):
    return torch.randn(*shape, generator=GENERATOR, dtype=DOUBLE)


@pytest.mark.parametrize(("name", "activation"), [*CELLS, ("rnn", "identity")])
def test_unrolling_is_one_step_after_another(name, activation):
    """Three sequences of lengths 4, 4 and 2, from a state that is not zero."""
    cell, batch_sizes, n = make_cell(name, activation), [3, 3, 2, 2], 5
    W, z = random(cell.gates * n, n) / 2, random(sum(batch_sizes), cell.gates * n)
    h0 = random(3, n)
    start = (h0, h0 * 0) if name == "lstm" else (h0,)
    states, _ = cell.unroll(z.clone(), W, batch_sizes, start)
    expected = []
    for i in range(3):
        rows = [sum(batch_sizes[:t]) + i for t, k in enumerate(batch_sizes) if i < k]
        h, s = h0[i], h0[i] * 0
        for row in rows:
            if activation == "identity":
                h = W @ h + z[row]
            else:
                h, s = reference.step(name, activation, W, h, s, z[row])
            expected.append((row, h))
    for row, h in expected:
        torch.testing.assert_close(states[0][row], h, rtol=1e-12, atol=1e-12)
    assert len(states) == (2 if name == "lstm" else 1)


@pytest.mark.parametrize(("name", "activation"), [*CELLS, ("rnn", "identity")])
def test_a_step_is_that_of_unrolling(name, activation):
    """Three steps of four sequences, from states that are not zero."""
    cell, n, batch_sizes = make_cell(name, activation), 5, [4, 4, 4]
    W, U, b = (random(cell.gates * n, *width) / 2 for width in ((n,), (2,), ()))
    given = [matrix.clone() for matrix in (W, U, b)]
    x, state = random(12, 2), (random(4, n), random(4, n))[: 1 + (name == "lstm")]
    expected, _ = cell.unroll(x @ U.T + b, W, batch_sizes, state)
    W_step, U_step, b_step = (cell.for_steps(matrix) for matrix in given)
    h, carried = state[0], {"rnn": (), "gru": state, "lstm": state[1:]}[name]
    for x_t, *after in zip(*(part.split(batch_sizes) for part in (x, *expected))):
        before = [part.clone() for part in (h, *carried)]
        last = h, *carried
        h, carried = cell.step(x_t @ U_step.T + b_step, h @ W_step.T, carried)
        torch.testing.assert_close(h, after[0], rtol=1e-12, atol=1e-13)
        assert len(carried) == cell.n_carried
        for part, one in zip(carried, after[-1:]):  # h of a GRU, s of an LSTM
            torch.testing.assert_close(part, one, rtol=1e-12, atol=1e-13)
        assert all(map(torch.equal, before, last))  # other nodes may read them, too
    assert all(map(torch.equal, given, (W, U, b)))


@pytest.mark.parametrize("cell", [Elman("tanh"), Elman("relu"), Elman("identity"), GRU(), LSTM()])
def test_the_gradient_without_a_single_step_is_empty(cell):
    W, none = random(cell.gates * 2, 2), torch.zeros(0, cell.gates * 2, dtype=DOUBLE)
    states, saved = cell.unroll(none.clone(), W, [])
    batch, _ = single_batch(series()[0].take([2]))
    trace = Trace(states[0], none, saved)
    dz, da = cell.backward(torch.zeros(0, 2, dtype=DOUBLE), trace, W, batch)
    assert dz.shape == da.shape == none.shape and states[0].shape == (0, 2)


def test_cells_have_their_names_and_gates():
    assert [type(make_cell(name, "tanh")) for name in ("rnn", "gru", "lstm")] == [Elman, GRU, LSTM]
    assert [cell.gates for cell in (Elman, GRU, LSTM)] == [1, 3, 4]
    assert make_cell("rnn", "relu").activation == "relu"
