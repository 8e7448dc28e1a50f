"""Steps of the solvers, against torch's and against the equations."""

import pytest
import torch

from skrnn.net.architecture import Architecture
from skrnn.net.optimizer import SOLVERS, Adagrad, Optimizer
from skrnn.net.weights import Gradient, Weights


def small_weights(*, symbols=True, dtype=torch.float64):
    """Random weights of a net; with symbols the table has six rows, else five."""
    weights = Weights(Architecture(5, 4, 2, symbols=symbols), dtype=dtype)
    for i, part in enumerate((weights.dense, weights.table)):
        part.normal_(generator=torch.Generator().manual_seed(i))
    return weights


def gradient_of(weights, seed=2, rows=None):
    """A random gradient of some rows of the table, or of all."""
    generator = torch.Generator().manual_seed(seed)
    dense = torch.empty_like(weights.dense).normal_(generator=generator)
    table = weights.table if rows is None else weights.table[rows]
    return Gradient(dense, torch.empty_like(table).normal_(generator=generator), rows)


def optimizer(solver, weights, **options):
    return Optimizer(solver, weights, **{"alpha": 0.0, "max_grad_norm": None, **options})


@pytest.mark.parametrize(
    "solver, theirs", [("sgd", "SGD"), ("rmsprop", "RMSprop"), ("adam", "Adam")]
)
@pytest.mark.parametrize("rows", [None, torch.arange(6)])
def test_solvers_are_those_of_torch(solver, theirs, rows):
    weights = small_weights()
    parameters = [torch.nn.Parameter(p.clone()) for p in (weights.dense, weights.table)]
    reference = getattr(torch.optim, theirs)(parameters, lr=0.1)
    ours = optimizer(solver, weights)
    for seed in range(5):
        gradient = gradient_of(weights, seed, rows)
        for p, g in zip(parameters, gradient[:2]):
            p.grad = g.clone()
        reference.step()
        ours.step(gradient, 0.1)
    for p, q in zip((weights.dense, weights.table), parameters):
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


def stepped(solver, symbols):
    """Take two steps, and give the weights."""
    weights = small_weights(symbols=symbols)
    ours = optimizer(solver, weights)
    for seed in range(2):
        ours.step(gradient_of(weights, seed), 0.01)
    return weights


def test_adam_adagrad_is_adagrad_with_larger_steps_for_the_columns_of_symbols():
    mixed, adam = stepped("adam-adagrad", True), stepped("adam", True)
    assert torch.equal(mixed.dense, adam.dense)
    p = small_weights().table
    ours, states = Adagrad(), [torch.zeros_like(p)]
    for seed in range(2):
        ours.step(p, gradient_of(small_weights(), seed).table, states, 0.08, seed + 1)
    torch.testing.assert_close(mixed.table, p, rtol=1e-12, atol=1e-14)


def test_adam_adagrad_is_adam_for_series():
    mixed, adam = stepped("adam-adagrad", False), stepped("adam", False)
    assert torch.equal(mixed.dense, adam.dense) and torch.equal(mixed.table, adam.table)


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_rows_that_a_batch_does_not_read_stay_and_their_states_too(solver):
    weights = small_weights()
    before, ours = weights.table.clone(), optimizer(solver, weights)
    ours.step(gradient_of(weights, rows=torch.tensor([1, 3])), 0.1)
    others = [0, 2, 4, 5]
    assert torch.equal(weights.table[others], before[others])
    assert (weights.table[[1, 3]] != before[[1, 3]]).all()
    for state in ours.table_states:
        assert not state[others].any() and state[[1, 3]].all()


def after(**options):
    """Take a step of SGD with some rows of the table; give the weights."""
    weights = small_weights()
    ours = optimizer("sgd", weights, **options)
    ours.step(gradient_of(weights, rows=torch.tensor([1, 3])), 0.1)
    return weights


def test_a_step_of_sgd_follows_the_gradient():
    base, plain = small_weights(), after()
    gradient = gradient_of(base, rows=torch.tensor([1, 3]))
    torch.testing.assert_close(plain.dense, base.dense - 0.1 * gradient.dense)
    torch.testing.assert_close(plain.table[[1, 3]], base.table[[1, 3]] - 0.1 * gradient.table)


def test_a_gradient_is_clipped_by_its_norm_over_all_parameters():
    base, clipped = small_weights(), after(max_grad_norm=0.5)
    gradient = gradient_of(base, rows=torch.tensor([1, 3]))
    norm = (gradient.dense.square().sum() + gradient.table.square().sum()).sqrt()
    torch.testing.assert_close(clipped.dense, base.dense - 0.05 * gradient.dense / norm)
    expected = base.table[[1, 3]] - 0.05 * gradient.table / norm
    torch.testing.assert_close(clipped.table[[1, 3]], expected)
    assert torch.equal(after(max_grad_norm=1e9).dense, after().dense)


def test_decay_shrinks_the_matrices_and_no_bias():
    base, plain, decayed = small_weights(), after(), after(alpha=0.5)
    for name, start in base.views.items():
        shrunk = start * (1 if name in ("b", "c") else 0.95)
        moved = plain.views[name] - start
        torch.testing.assert_close(decayed.views[name], shrunk + moved, msg=name)
    moved = plain.table - base.table
    shrunk = torch.tensor([1, 0.95, 1, 0.95, 1, 1], dtype=torch.float64)[:, None] * base.table
    torch.testing.assert_close(decayed.table, shrunk + moved)
