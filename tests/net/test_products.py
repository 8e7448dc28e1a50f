"""Products in blocks of a few sizes."""

import numpy as np
import pytest
import torch
from small import DOUBLE, skip_unless_rows_are_independent

from skrnn.net.architecture import Architecture
from skrnn.net.products import BLOCKS, COLUMNS, product, round_up, widen

SIZES = [0, 1, 31, 32, 33, 1024, 2500]
SINGLE = torch.float32


def random(*shape, dtype=DOUBLE):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(*shape, generator=generator, dtype=DOUBLE).to(dtype)


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
@pytest.mark.parametrize("n", SIZES)
def test_a_product_is_the_sum_of_its_terms(n, dtype):
    """Each of the seven terms, and each of their sums, is rounded once."""
    x, W = random(n, 7, dtype=dtype), random(7, 5, dtype=dtype)
    found = product(x, W)
    terms = x.double()[:, :, None] * W.double()  # (n, 7, 5)
    assert found.dtype == dtype and found.shape == (n, 5)
    error = (found.double() - terms.sum(1)).abs()
    assert (error <= 7 * torch.finfo(dtype).eps * terms.abs().sum(1)).all()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1)])
def test_a_matrix_may_have_no_rows_or_no_columns(shape):
    for n in SIZES:
        x, W = random(n, shape[0]), random(*shape)
        torch.testing.assert_close(product(x, W), x @ W)


@pytest.mark.parametrize("n", SIZES)
def test_what_is_multiplied_is_kept(n):
    x, W = random(n, 7), random(7, 5)
    given = x.clone(), W.clone()
    product(x, W)
    assert torch.equal(x, given[0]) and torch.equal(W, given[1])


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
@pytest.mark.parametrize("shape", [(7, 5), (7, 16), (7, 17), (0, 3), (3, 0)])
def test_a_matrix_is_widened_by_columns_of_zeros(shape, dtype):
    for W in (random(*shape, dtype=dtype), random(*shape[::-1], dtype=dtype).T):
        wide = widen(W)
        assert wide.is_contiguous() and wide.dtype == dtype
        assert wide.shape[1] % COLUMNS == 0 and wide.shape[1] - shape[1] < COLUMNS
        assert torch.equal(wide[:, : shape[1]], W) and not wide[:, shape[1] :].any()
        assert wide.untyped_storage().data_ptr() != W.untyped_storage().data_ptr() or not W.numel()


@pytest.mark.parametrize("n_columns", [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 17, 40, 67])
def test_the_place_of_a_row_is_not_seen_in_its_bits(n_columns):
    """Some libraries multiply the last few columns of some rows in another way."""
    head = Architecture(1, 4, n_columns, True, n_layers=0, pooling=(), ngram_size=29)
    skip_unless_rows_are_independent(head)
    rng, x = np.random.default_rng(0), random(256, 29, dtype=SINGLE)
    W = widen(random(29, n_columns, dtype=SINGLE))
    whole = product(x, W)
    for size in (1, 2, 32, 64, 100, 256):
        rows = torch.from_numpy(rng.choice(256, size, replace=False))
        assert torch.equal(product(x[rows], W), whole[rows]), size


@pytest.mark.parametrize("cell, nhidden", [("rnn", 5), ("gru", 32), ("lstm", 100)])
def test_a_row_has_the_same_bits_whatever_is_multiplied_beside_it(cell, nhidden):
    """The matrix is that of a step; rows come in any order, and in any number."""
    architecture, rng = Architecture(1, nhidden, 3, True, cell=cell), np.random.default_rng(0)
    skip_unless_rows_are_independent(architecture)
    W = widen(random(nhidden, architecture.gate_rows, dtype=SINGLE))
    x = random(2500, nhidden, dtype=SINGLE)
    whole = product(x, W)
    for size in [*SIZES, *rng.integers(1, 2500, size=40), *rng.integers(1, 70, size=60)]:
        rows = torch.from_numpy(rng.choice(2500, size, replace=False))
        assert torch.equal(product(x[rows], W), whole[rows]), size


@pytest.mark.parametrize(
    "n, sizes",
    [(0, []), (1, [32]), (32, [32]), (33, [64]), (65, [64, 32]), (1024, [1024]),
     (2500, [1024, 1024, 256, 128, 64, 32])],
)  # fmt: skip
def test_blocks_have_a_few_sizes_and_the_largest_come_first(n, sizes, monkeypatch):
    seen, honest = [], torch.mm

    def multiply(x, W, **out):
        seen.append(len(x))
        return honest(x, W, **out)

    monkeypatch.setattr(torch, "mm", multiply)
    assert len(product(random(n, 7), random(7, 5))) == n
    assert seen == sizes and set(seen) <= set(BLOCKS)
    assert round_up(n) == sum(sizes)


@pytest.mark.parametrize("n", [32, 33, 96])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_so_many_threads_multiply_and_their_number_is_put_back(n, n_threads, monkeypatch):
    seen, honest, before = [], torch.mm, torch.get_num_threads()

    def multiply(x, W, **out):
        seen.append(torch.get_num_threads())
        return honest(x, W, **out)

    monkeypatch.setattr(torch, "mm", multiply)
    product(random(n, 7), random(7, 5), n_threads)
    assert set(seen) == {n_threads} and torch.get_num_threads() == before


@pytest.mark.parametrize("n", [32, 96])
def test_the_number_of_threads_is_put_back_after_an_error(n):
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError):
        product(random(n, 7), random(6, 5), before + 1)
    assert torch.get_num_threads() == before
