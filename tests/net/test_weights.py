"""Weights: their start, their copies, what decays, what is kept."""

import numpy as np
import pytest
import torch

from skrnn.net.architecture import Architecture
from skrnn.net.weights import Weights


def start(init="identity", zero_columns=(), **options):
    """Draw the start of a net with 40 units and 50 inputs."""
    symbols = options.pop("symbols", True)
    weights = Weights(Architecture(50, 40, 30, symbols=symbols, **options))
    weights.initialize(init, torch.Generator().manual_seed(0), zero_columns)
    return weights


@pytest.mark.parametrize("init", ["identity", "article"])
def test_w_starts_as_the_identity(init):
    W = start(init, cell="gru", bidirectional=True).views["W"]
    assert torch.equal(W, torch.eye(40).repeat(6, 1))


def test_w_starts_as_a_different_orthogonal_matrix_for_each_gate():
    gates = start("orthogonal", cell="gru").views["W"].split(40)
    for Q in gates:
        torch.testing.assert_close(Q @ Q.T, torch.eye(40), rtol=0, atol=1e-5)
    assert (gates[0] - gates[1]).abs().max() > 0.1
    assert (gates[0] - torch.eye(40)).abs().max() > 0.1


@pytest.mark.parametrize(
    "init, symbols, U, others",
    [
        ("identity", True, 0.01, 40**-0.5),
        ("orthogonal", True, 0.01, 40**-0.5),
        ("identity", False, 50**-0.5, 40**-0.5),
        ("article", True, 1, 1),
        ("article", False, 1, 1),
    ],
)
def test_the_spread_of_the_start(init, symbols, U, others):
    weights = start(init, symbols=symbols, n_layers=2)
    assert weights.table[:50].std().item() == pytest.approx(U, rel=0.1)
    for name in ("U_above", "V"):
        assert weights.views[name].std().item() == pytest.approx(others, rel=0.1), name
        assert weights.views[name].mean().item() == pytest.approx(0, abs=0.1 * others), name


def test_the_row_of_no_symbol_and_the_given_columns_start_at_zero():
    weights = start(zero_columns=[2, 7])
    zero = (weights.table == 0).all(1)
    assert zero.nonzero().view(-1).tolist() == [2, 7, 50]
    assert len(start(symbols=False).table) == 50


def test_biases_start_at_zero_but_that_of_the_forget_gate():
    """The gates of an LSTM are i, f, g and o."""
    weights = start(cell="lstm", bidirectional=True)
    b = weights.views["b"].view(2, 4, 40)
    assert (b[:, 1] == 1).all() and not b[:, [0, 2, 3]].any()
    assert not weights.views["c"].any()
    assert not start(cell="gru").views["b"].any()
    assert not start(cell="lstm", bias=False).views["b"].any()


def test_what_decays_is_all_but_the_biases():
    weights = start(n_layers=2)
    weights.decayed.fill_(7)
    decays = {name: (view == 7).all().item() for name, view in weights.views.items()}
    assert decays == {"W": True, "U_above": True, "V": True, "b": False, "c": False}


def test_matrices_are_copies_in_units_of_u():
    weights = start(pooling=("bag",))
    assert weights.table_scale == 32
    matrices = weights.matrices()
    table = weights.table[:50].clone()
    weights.table.zero_(), weights.dense.zero_()
    np.testing.assert_allclose(matrices.U.T * 32, table, rtol=1e-6)
    assert matrices.W.any() and matrices.V.any()
    weights.load_matrices(matrices)
    torch.testing.assert_close(weights.table[:50], table)
    np.testing.assert_array_equal(weights.matrices().W, matrices.W)


def test_a_copy_of_the_weights_stays_what_it_was():
    weights = start()
    copied, before = weights.snapshot(), weights.matrices()
    weights.table.zero_(), weights.dense.zero_()
    kept = weights.matrices(copied)
    for name, array in kept._asdict().items():
        np.testing.assert_array_equal(array, getattr(before, name), err_msg=name)


def test_weights_are_on_the_device_that_is_asked_for():
    matrices = start().matrices()
    moved = Weights.from_matrices(
        Architecture(50, 40, 30, True), matrices, dtype=torch.float64, device="meta"
    )
    assert moved.dense.device.type == moved.table.device.type == "meta"
    assert moved.dense.dtype == torch.float64 and moved.table.dtype == torch.float32
