"""Steps of the solvers, against torch's and against the equations."""

import pytest
import torch

from skrnn.net.architecture import Architecture
from skrnn.net.optimizer import SOLVERS, Adagrad, Optimizer
from skrnn.net.weights import Gradient, TableGradient, Weights

TABLES = ("U", "G")


def small_weights(*, dtype=torch.float64):
    """Random weights of a net with five columns of U and six of G."""
    architecture = Architecture(5, 4, 2, symbols=True, n_ngrams=6, ngram_size=3)
    weights = Weights(architecture, dtype=dtype)
    for i, part in enumerate((weights.dense, weights.U, weights.G)):
        part.normal_(generator=torch.Generator().manual_seed(i))
    return weights


def gradient_of(weights, seed=2, rows=None):
    """A random gradient of some rows of both tables, or of all."""
    generator = torch.Generator().manual_seed(seed)
    dense = torch.empty_like(weights.dense).normal_(generator=generator)
    tables = []
    for table in (weights.U, weights.G):
        some = table if rows is None else table[rows]
        tables.append(TableGradient(torch.empty_like(some).normal_(generator=generator), rows))
    return Gradient(dense, *tables)


def optimizer(solver, weights, **options):
    return Optimizer(solver, weights, **{"alpha": 0.0, "max_grad_norm": None, **options})


@pytest.mark.parametrize(
    "solver, theirs", [("sgd", "SGD"), ("rmsprop", "RMSprop"), ("adam", "Adam")]
)
@pytest.mark.parametrize("everything", [False, True])
def test_solvers_are_those_of_torch(solver, theirs, everything):
    weights = small_weights()
    parts = weights.dense, weights.U, weights.G
    parameters = [torch.nn.Parameter(p.clone()) for p in parts]
    reference = getattr(torch.optim, theirs)(parameters, lr=0.1)
    ours = optimizer(solver, weights)
    for seed in range(5):
        dense, U, G = gradient_of(weights, seed)
        for p, g in zip(parameters, (dense, U.values, G.values)):
            p.grad = g.clone()
        reference.step()
        if everything:  # by the numbers of all rows
            U, G = U._replace(rows=torch.arange(5)), G._replace(rows=torch.arange(6))
        ours.step(Gradient(dense, U, G), 0.1)
    for p, q in zip(parts, parameters):
        torch.testing.assert_close(p, q.detach(), rtol=1e-10, atol=1e-12)


def test_adagrad_is_that_of_torch():
    p = torch.linspace(-1, 1, 12, dtype=torch.float64)
    theirs = torch.nn.Parameter(p.clone())
    reference, ours = torch.optim.Adagrad([theirs], lr=0.1), Adagrad()
    states = ours.start(p)
    for seed in range(5):
        g = torch.randn(12, generator=torch.Generator().manual_seed(seed)).double()
        theirs.grad = g.clone()
        reference.step()
        ours.step(p, g, states, 0.1, seed + 1)
    torch.testing.assert_close(p, theirs.detach(), rtol=1e-10, atol=1e-12)


def stepped(solver, rate=0.01):
    """Take two steps, and give the weights."""
    weights = small_weights()
    ours = optimizer(solver, weights)
    for seed in range(2):
        ours.step(gradient_of(weights, seed), rate)
    return weights


def test_adam_adagrad_is_adam_but_adagrad_with_larger_steps_for_the_columns_of_ngrams():
    mixed, adam, twice = stepped("adam-adagrad"), stepped("adam"), stepped("adam", rate=0.02)
    assert torch.equal(mixed.head, adam.head)
    assert torch.equal(mixed.recurrent, twice.recurrent) and torch.equal(mixed.U, twice.U)
    p = small_weights().G
    ours, states = Adagrad(), [torch.zeros_like(p)]
    for seed in range(2):
        ours.step(p, gradient_of(small_weights(), seed).G.values, states, 0.08, seed + 1)
    torch.testing.assert_close(mixed.G, p, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("solver", list(SOLVERS))
def test_rows_that_a_batch_does_not_read_stay_and_their_states_too(solver, name):
    weights = small_weights()
    table, ours = getattr(weights, name), optimizer(solver, weights)
    before = table.clone()
    ours.step(gradient_of(weights, rows=torch.tensor([1, 3])), 0.1)
    others = [i for i in range(len(table)) if i not in (1, 3)]
    assert torch.equal(table[others], before[others])
    assert (table[[1, 3]] != before[[1, 3]]).all()
    for state in getattr(ours, name).states:
        assert not state[others].any() and state[[1, 3]].all()


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_a_batch_without_ngrams_leaves_g_as_it_is(solver):
    weights = small_weights()
    before, ours = weights.G.clone(), optimizer(solver, weights, alpha=0.5, max_grad_norm=1.0)
    ours.step(gradient_of(weights)._replace(G=None), 0.1)
    assert torch.equal(weights.G, before)
    assert (weights.U != small_weights().U).all()


def after(**options):
    """Take a step of SGD with some rows of the tables; give the weights."""
    weights = small_weights()
    ours = optimizer("sgd", weights, **options)
    ours.step(gradient_of(weights, rows=torch.tensor([1, 3])), 0.1)
    return weights


def test_a_step_of_sgd_follows_the_gradient():
    base, plain = small_weights(), after()
    gradient = gradient_of(base, rows=torch.tensor([1, 3]))
    torch.testing.assert_close(plain.dense, base.dense - 0.1 * gradient.dense)
    for name in TABLES:
        expected = getattr(base, name)[[1, 3]] - 0.1 * getattr(gradient, name).values
        torch.testing.assert_close(getattr(plain, name)[[1, 3]], expected)


def test_a_gradient_is_clipped_by_its_norm_over_all_parameters():
    base, clipped = small_weights(), after(max_grad_norm=0.5)
    gradient = gradient_of(base, rows=torch.tensor([1, 3]))
    parts = gradient.dense, gradient.U.values, gradient.G.values
    norm = sum(part.square().sum() for part in parts).sqrt()
    torch.testing.assert_close(clipped.dense, base.dense - 0.05 * gradient.dense / norm)
    for name in TABLES:
        expected = getattr(base, name)[[1, 3]] - 0.05 * getattr(gradient, name).values / norm
        torch.testing.assert_close(getattr(clipped, name)[[1, 3]], expected)
    assert torch.equal(after(max_grad_norm=1e9).dense, after().dense)


def test_decay_shrinks_the_matrices_and_no_bias():
    base, plain, decayed = small_weights(), after(), after(alpha=0.5)
    for name, start in base.views.items():
        shrunk = start * (1 if name in ("b", "c") else 0.95)
        moved = plain.views[name] - start
        torch.testing.assert_close(decayed.views[name], shrunk + moved, msg=name)
    for name in TABLES:  # where the batch reads them
        start = getattr(base, name)
        factor = torch.ones(len(start), 1, dtype=torch.float64)
        factor[[1, 3]] = 0.95
        moved = getattr(plain, name) - start
        torch.testing.assert_close(getattr(decayed, name), factor * start + moved)


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_a_snapshot_brings_back_the_weights_and_the_states(solver):
    weights = small_weights()
    ours = optimizer(solver, weights)
    ours.step(gradient_of(weights, 0), 0.1)
    kept = ours.snapshot()
    ours.step(gradient_of(weights, 1), 0.1)
    once = [weights.dense.clone(), weights.U.clone(), weights.G.clone()]
    ours.step(gradient_of(weights, 2), 0.1)
    ours.restore(kept)
    ours.step(gradient_of(weights, 1), 0.1)
    for before, after in zip(once, (weights.dense, weights.U, weights.G)):
        assert torch.equal(before, after)
