"""In which precision a network is applied."""

import pytest
import reference
import torch
from small import (
    CELLS,
    CPU,
    DOUBLE,
    EVERYTHING,
    NONE,
    network,
    ngrams,
    parameters,
    pieces,
)

from skrnn.net.architecture import Architecture
from skrnn.net.cells import GRU, LSTM, Elman
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.precision import precision, rows_are_independent

SINGLE = torch.float32


@pytest.fixture(autouse=True)
def _untried():
    """Forget what was tried, before the test and after it."""
    rows_are_independent.cache_clear()
    yield
    rows_are_independent.cache_clear()


def term_by_term(x, W):
    """Multiply in such a way that a row depends on nothing else."""
    total = x.new_zeros(len(x), W.shape[1])
    for k in range(len(W)):
        total = total + x[:, k : k + 1] * W[k]
    return total


@pytest.fixture
def multiply_by(monkeypatch):
    """Put another function in the place of torch.mm."""

    def put(function):
        def multiply(x, W, out=None):
            found = function(x, W)
            return found if out is None else out.copy_(found)

        monkeypatch.setattr(torch, "mm", multiply)

    return put


def by_block_size(x):
    return x * (1 + len(x) * 1e-5)


def last_row_otherwise(x):
    factor = x.new_ones(len(x), 1)
    factor[-1:] += 1e-5
    return x * factor


def first_row_otherwise(x):
    factor = x.new_ones(len(x), 1)
    factor[:1] += 1e-5
    return x * factor


def every_third_row_otherwise(x):
    factor = x.new_ones(len(x), 1)
    factor[::3] += 1e-5
    return x * factor


DEPENDENT = [by_block_size, last_row_otherwise, first_row_otherwise, every_third_row_otherwise]


def test_single_where_rows_are_independent(multiply_by):
    """Of relu, products and sums each number is rounded alone, on any processor."""
    multiply_by(term_by_term)
    for shape in ({}, {"n_layers": 3}, {"bidirectional": True, "pooling": EVERYTHING}, NONE):
        architecture = Architecture(7, 5, 3, True, activation="relu", **shape)
        assert precision(architecture, CPU) == SINGLE, shape


def test_double_where_a_state_depends_on_what_follows(multiply_by):
    """Whole batches are read then, of any size."""
    multiply_by(term_by_term)
    for n_layers, dtype in ((1, SINGLE), (2, DOUBLE), (3, DOUBLE)):
        architecture = Architecture(
            7, 5, 3, True, activation="relu", bidirectional=True, n_layers=n_layers
        )
        assert precision(architecture, CPU) == dtype


@pytest.mark.parametrize("change", DEPENDENT)
@pytest.mark.parametrize("shape", [{}, {"n_layers": 2}, {"bidirectional": True}, NONE], ids=str)
def test_double_where_a_product_depends_on_what_is_beside_it(change, shape, multiply_by):
    """Without a recurrence it is the product of the head."""
    multiply_by(lambda x, W: change(term_by_term(x, W)))
    architecture = Architecture(7, 5, 3, True, n_ngrams=4, ngram_size=6, **shape)
    assert precision(architecture, CPU) == DOUBLE


@pytest.mark.parametrize("change", DEPENDENT)
@pytest.mark.parametrize(
    "cell, kind, of_h",
    [("rnn", Elman, True), ("gru", GRU, True), ("gru", GRU, False), ("lstm", LSTM, True),
     ("lstm", LSTM, False)],
)  # fmt: skip
def test_double_where_a_function_of_a_cell_depends_on_what_is_beside_it(
    cell, kind, of_h, change, monkeypatch
):
    """That of h, or that of what the step carries on beside it."""
    honest = kind.step

    def step(self, z, a, carried):
        h, after = honest(self, z, a, carried)
        return (change(h), after) if of_h else (h, tuple(map(change, after)))

    monkeypatch.setattr(kind, "step", step)
    assert precision(Architecture(7, 5, 3, True, cell=cell), CPU) == DOUBLE


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_in_double_precision_vectors_and_scores_are_right(cell, activation, multiply_by):
    multiply_by(lambda x, W: by_block_size(term_by_term(x, W)))
    sequences, inputs = ngrams()
    net = network(cell=cell, activation=activation, pooling=EVERYTHING, **inputs)
    dtype, p = precision(net.architecture, CPU), parameters(net)
    assert dtype == DOUBLE
    multiply_by(term_by_term)
    frozen = FrozenNetwork(net, dtype)
    vectors = frozen.vectors(sequences)
    expected = torch.stack([reference.vector(net.architecture, p, x) for x in pieces(sequences)])
    torch.testing.assert_close(vectors, expected.detach(), rtol=1e-12, atol=1e-12)
    scores = expected @ p["V"].T + p["c"]
    torch.testing.assert_close(frozen.scores(vectors), scores.detach(), rtol=1e-12, atol=1e-12)


def test_single_where_there_is_no_double():
    for n_layers in (1, 2):
        architecture = Architecture(7, 5, 3, True, bidirectional=True, n_layers=n_layers)
        assert precision(architecture, torch.device("mps")) == SINGLE
    assert rows_are_independent.cache_info().misses == 0


def test_networks_that_differ_in_their_inputs_alone_are_tried_once():
    for n_inputs, n_ngrams in ((1, 0), (70, 0), (7, 4000)):
        architecture = Architecture(n_inputs, 5, 3, True, n_ngrams=n_ngrams, ngram_size=6)
        precision(architecture, CPU)
    assert rows_are_independent.cache_info().misses == 1
    precision(architecture._replace(nhidden=6), CPU)
    assert rows_are_independent.cache_info().misses == 2


def test_trying_leaves_the_global_seed_alone():
    before = torch.get_rng_state()
    precision(Architecture(7, 5, 3, True), CPU)
    assert torch.equal(torch.get_rng_state(), before)
