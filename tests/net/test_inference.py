"""Sequences read as the batches of training are, without learning."""

import numpy as np
import pytest
import reference
import torch
from small import (
    CELLS,
    DOUBLE,
    EVERYTHING,
    VARIANTS,
    network,
    ngrams,
    parameters,
    pieces,
    series,
    symbols,
)

from skrnn.input.sequences import Sequences
from skrnn.net import inference
from skrnn.net.inference import one_batch, read_by_batches, rows_at_once, unroll
from skrnn.net.network import Network


def read(net, sequences):
    """Give what is pooled of the states of all sequences, from memory that holds other numbers."""
    out = torch.full((len(sequences), net.architecture.hidden_size), 7, dtype=DOUBLE)
    read_by_batches(net, sequences, out)
    return out


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("data", [symbols, series])
def test_every_state_is_that_of_the_reference(data, cell, activation, variant):
    sequences, inputs = data()
    net = network(cell=cell, activation=activation, **inputs, **variant)
    for i in np.flatnonzero(sequences.lengths):
        one = sequences.take([i])
        states, _ = reference.unroll(net.architecture, parameters(net), pieces(one)[0].values)
        expected = torch.stack([torch.cat(hs) for hs in zip(*states)]).detach()
        torch.testing.assert_close(unroll(net, one), expected, rtol=1e-12, atol=1e-12)


def test_a_sequence_without_steps_has_no_states():
    net = network(n_inputs=2, symbols=False, bidirectional=True)
    assert unroll(net, Sequences(np.empty((0, 2)), np.zeros(1, dtype=np.int64))).shape == (0, 8)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("data", [symbols, ngrams, series])
def test_what_is_read_by_batches_is_that_of_the_reference(data, variant):
    sequences, inputs = data()
    net = network(cell="gru", **inputs, **variant)
    p = parameters(net)
    expected = [reference.pooled(net.architecture, p, x.values) for x in pieces(sequences)]
    found = read(net, sequences)
    torch.testing.assert_close(found, torch.stack(expected).detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("numbers", [1, 64, 200])
@pytest.mark.parametrize("data", [symbols, series])
def test_the_size_of_batches_changes_nothing(data, numbers, monkeypatch):
    sequences, inputs = data()
    net = network(bidirectional=True, n_layers=2, pooling=EVERYTHING, **inputs)
    whole = read(net, sequences)
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", numbers)
    torch.testing.assert_close(read(net, sequences), whole, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n_numbers, rows", [(0, 64), (1, 64), (10, 6), (64, 1), (65, 1)])
def test_rows_at_once_have_no_more_numbers_than_allowed(n_numbers, rows, monkeypatch):
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", 64)
    assert rows_at_once(n_numbers) == rows


def test_one_batch_has_the_given_rows_longest_first():
    sequences, inputs = series()
    batch = one_batch(network(**inputs), sequences, np.array([5, 0, 1, 2]))
    assert batch.lengths.tolist() == [7, 5, 3, 0]
    assert batch.values.shape == (15, 2) and batch.values.dtype == DOUBLE
    np.testing.assert_array_equal(batch.values[0], sequences.take([5]).values[0])


def test_no_more_numbers_than_allowed_are_in_a_batch(monkeypatch):
    """Four steps of eight numbers each may be in memory; the longest sequences come first."""
    sequences = Sequences(np.arange(12) % 10, np.array([2, 4, 3, 3]))
    net = network(n_inputs=10, symbols=True, bidirectional=True, n_layers=2)
    lengths, honest = [], Network.forward
    monkeypatch.setattr(
        Network,
        "forward",
        lambda net, batch: lengths.append(batch.lengths.tolist()) or honest(net, batch),
    )
    monkeypatch.setattr(inference, "NUMBERS_AT_ONCE", 32)
    read(net, sequences)
    assert lengths == [[4, 3], [3], [2]]
