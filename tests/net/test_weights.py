"""Weights: their start, their copies, what decays, what is kept."""

import numpy as np
import pytest
import torch

from skrnn.net.architecture import Architecture
from skrnn.net.weights import Weights, n_weights


def start(init="identity", zero_columns=(), **options):
    """Draw the start of a net with 40 units, 50 inputs and 60 n-grams."""
    options = {"symbols": True, "n_ngrams": 60, "ngram_size": 20, **options}
    weights = Weights(Architecture(50, 40, 30, **options))
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
    "init, symbols, U, above, V",
    [
        ("identity", True, 0.4, 40**-0.5, 60**-0.5),  # V reads h and g
        ("orthogonal", True, 0.4, 40**-0.5, 60**-0.5),
        ("identity", False, 50**-0.5, 40**-0.5, 60**-0.5),
        ("article", True, 1, 1, 1),
        ("article", False, 1, 1, 1),
    ],
)
def test_the_spread_of_the_start(init, symbols, U, above, V):
    weights = start(init, symbols=symbols, n_layers=2)
    assert weights.U.shape == (50, 40) and weights.G.shape == (60, 20)
    for table, std in ((weights.U, U), (weights.G, 0.01)):
        assert table.std().item() == pytest.approx(std, rel=0.1)
        assert table.mean().item() == pytest.approx(0, abs=0.1 * std)
    for name, std in (("U_above", above), ("V", V)):
        assert weights.views[name].std().item() == pytest.approx(std, rel=0.1), name
        assert weights.views[name].mean().item() == pytest.approx(0, abs=0.1 * std), name


def test_the_given_columns_of_u_start_at_zero():
    weights = start(zero_columns=[2, 7])
    assert (weights.U == 0).all(1).nonzero().view(-1).tolist() == [2, 7]
    assert weights.G.all() and start().U.all()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_without_a_recurrence_there_are_only_g_v_and_c(bidirectional):
    weights = start(n_layers=0, pooling=(), bidirectional=bidirectional, cell="gru")
    sizes = {name: view.numel() for name, view in weights.views.items()}
    assert sizes == {"W": 0, "U_above": 0, "V": 30 * 20, "b": 0, "c": 30}
    assert weights.U.shape == (50, 0) and weights.G.std().item() == pytest.approx(0.01, rel=0.1)
    assert weights.views["V"].std().item() == pytest.approx(20**-0.5, rel=0.1)


def test_biases_start_at_zero_but_that_of_the_forget_gate():
    """The gates of an LSTM are i, f, g and o."""
    weights = start(cell="lstm", bidirectional=True)
    b = weights.views["b"].view(2, 4, 40)
    assert (b[:, 1] == 1).all() and not b[:, [0, 2, 3]].any()
    assert not weights.views["c"].any()
    assert not start(cell="gru").views["b"].any()
    assert not start(cell="lstm", bias=False).views["b"].any()


def test_the_flat_vector_is_the_recurrences_and_then_the_head():
    weights = start(n_layers=2)
    weights.recurrent.fill_(7)
    weights.head.fill_(8)
    found = {name: view.unique().tolist() for name, view in weights.views.items()}
    assert found == {"W": [7], "U_above": [7], "b": [7], "V": [8], "c": [8]}


SHAPES = [
    {},
    {"n_ngrams": 0, "ngram_size": 0},
    {"n_layers": 0, "pooling": ()},
    {"n_layers": 2, "bidirectional": True, "cell": "lstm", "pooling": ("last", "max")},
    {"symbols": False, "n_ngrams": 0, "ngram_size": 0},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("way", ["loaded", "around"])
def test_matrices_are_copies_that_weights_can_be_made_of(shape, way):
    weights = start(**shape)
    for i, part in enumerate((weights.dense, weights.U, weights.G)):
        part.normal_(generator=torch.Generator().manual_seed(i))
    tensors = {**weights.views, "U": weights.U.T, "G": weights.G.T}
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    matrices = weights.matrices()
    for part in (weights.dense, weights.U, weights.G):
        part.zero_()
    if way == "loaded":
        weights.load_matrices(matrices)
        assert not np.shares_memory(weights.U.numpy(), matrices.U) or not matrices.U.size
    else:
        dtype = {"dtype": torch.float32, "device": "cpu"}
        weights = Weights.from_matrices(weights.architecture, matrices, **dtype)
    again = weights.matrices()
    for name, tensor in before.items():
        np.testing.assert_array_equal(getattr(matrices, name), tensor.numpy(), err_msg=name)
        np.testing.assert_array_equal(getattr(again, name), tensor.numpy(), err_msg=name)


def test_a_copy_of_the_weights_stays_what_it_was():
    weights = start()
    copied, before = weights.snapshot(), weights.matrices()
    for part in (weights.dense, weights.U, weights.G):
        part.zero_()
    kept = weights.matrices(copied)
    for name, array in kept._asdict().items():
        np.testing.assert_array_equal(array, getattr(before, name), err_msg=name)


def test_weights_are_on_the_device_that_is_asked_for():
    weights = start()
    moved = Weights.from_matrices(
        weights.architecture, weights.matrices(), dtype=torch.float64, device="meta"
    )
    for part, dtype in ((moved.dense, torch.float64), (moved.U, torch.float32)):
        assert part.device.type == "meta" and part.dtype == dtype
    assert moved.G.device.type == "meta" and moved.G.dtype == torch.float32


@pytest.mark.parametrize("n_layers", [0, 1, 3])
def test_weights_are_counted(n_layers):
    weights = start(cell="lstm", bidirectional=True, n_layers=n_layers)
    tensors = (weights.dense, weights.U, weights.G)
    assert n_weights(weights.architecture) == sum(tensor.numel() for tensor in tensors)
