"""Learning from beginning to end."""

import numpy as np
import pytest
import torch

from skrnn.input.sequences import Examples, Ngrams, Sequences, from_arrays
from skrnn.input.windows import Window
from skrnn.net import learning
from skrnn.net.architecture import Architecture
from skrnn.net.learning import Setup, learn
from skrnn.net.network import Network
from skrnn.net.training import TrainingPlan, scores_of
from skrnn.net.weights import Weights

RNG = np.random.default_rng(0)
PLAN = {
    "solver": "adam", "learning_rate": "constant", "learning_rate_init": 0.01, "batch_size": 5,
    "max_iter": 3, "adaptive": False, "alpha": 0.0, "dropout": (0.0, 0.0), "ngram_dropout": 0.0,
    "max_grad_norm": None,
    "tol": 0.0, "n_iter_no_change": 9, "early_stopping": False,
}  # fmt: skip


def series(n=20):
    """Random series and classes."""
    sequences = from_arrays([RNG.normal(4, 3, (3, 2)) for _ in range(n)])
    return Examples(sequences, np.arange(n), np.arange(n) % 2, np.ones(n))


def setup(**options):
    defaults = {
        "architecture": Architecture(2, 4, 2, symbols=False),
        "plan": TrainingPlan(**PLAN),
        "loss": "cross_entropy",
        "metric": lambda target, scores, weight: 0.5,
        "init": "identity",
        "zero_columns": (),
        "seed": 0,
        "device": torch.device("cpu"),
    }
    return Setup(**{**defaults, **options})


class Listener:
    """Note what was learned after each epoch."""

    def __init__(self):
        self.n_epochs, self.seen = None, []

    def training_begins(self, n_epochs, learned):
        self.n_epochs, self.learned = n_epochs, learned

    def epoch_begins(self):
        pass

    def epoch_ends(self, history):
        self.seen.append(self.learned(history).matrices)
        return False


def test_a_listener_sees_what_is_learned_after_each_epoch():
    listener, made = Listener(), setup()
    learned = learn(series(), None, made, listener)
    assert listener.n_epochs == 3 and len(listener.seen) == 3
    np.testing.assert_array_equal(listener.seen[-1].W, learned.matrices.W)
    assert (listener.seen[0].W != listener.seen[1].W).any()
    assert learned.architecture == made.architecture and learned.history.scores == []


def test_a_validation_set_is_scored_in_the_units_of_training():
    made, scored = setup(loss="squared_error"), []
    numbers = RNG.normal(50, 10, (20, 1))
    made = made._replace(
        architecture=Architecture(2, 4, 1, symbols=False),
        metric=lambda target, *_: scored.append(target) or 0.5,
    )
    examples = series()._replace(target=numbers)
    learned = learn(examples, examples, made, Listener())
    np.testing.assert_allclose(scored[0], (numbers - numbers.mean()) / numbers.std())
    assert learned.matrices.c[0] == pytest.approx(numbers.mean(), abs=2 * numbers.std())
    np.testing.assert_allclose(learned.origin, examples.sequences.values.mean(0))


def words():
    """Sequences of two symbols with three n-grams each, and classes."""
    rng, n = np.random.default_rng(0), 20
    columns = rng.integers(0, 6, 3 * n).astype(np.int32)
    sequences = Sequences(
        rng.integers(0, 5, 2 * n).astype(np.int32),
        np.full(n, 2),
        Ngrams(columns, np.full(n, 3), np.ones(n)),
    )
    return Examples(sequences, np.arange(n), np.arange(n) % 2, np.ones(n))


WORDS = Architecture(5, 4, 2, symbols=True, n_ngrams=6, ngram_size=3)


@pytest.mark.parametrize(
    "given, architecture",
    [
        (series(), Architecture(2, 4, 2, symbols=False)),
        (series(), Architecture(4, 4, 2, symbols=False, window=Window(2, 1))),
        (series(), Architecture(8, 4, 2, symbols=False, window=Window(4, 2))),
        (words(), WORDS),
        (words(), WORDS._replace(n_layers=0, pooling=())),
        (words(), WORDS._replace(n_layers=2, bidirectional=True, cell="gru")),
    ],
)
def test_learning_goes_on_from_given_matrices(given, architecture):
    made = setup(architecture=architecture)
    first = learn(given, None, made, Listener())
    still = made._replace(
        initial_matrices=first.matrices, plan=TrainingPlan(**{**PLAN, "learning_rate_init": 0.0})
    )
    again = learn(given, None, still, Listener())
    for name, array in first.matrices._asdict().items():
        np.testing.assert_allclose(getattr(again.matrices, name), array, rtol=1e-5, atol=1e-6)


def test_ngrams_are_learned_from():
    still = setup(architecture=WORDS, plan=TrainingPlan(**{**PLAN, "learning_rate_init": 0.0}))
    before = learn(words(), None, still, Listener()).matrices
    after = learn(words(), None, setup(architecture=WORDS), Listener()).matrices
    assert before.G.shape == after.G.shape == (3, 6)
    assert (before.G != after.G).all() and (before.U != after.U).all()


def test_given_columns_start_at_zero_and_the_seed_decides_the_rest():
    symbols = Sequences(np.array([0, 1, 0], dtype=np.int32), np.array([1, 1, 1]))
    examples = Examples(symbols, np.arange(3), np.array([0, 1, 0]), np.ones(3))
    made = setup(architecture=Architecture(4, 4, 2, symbols=True), zero_columns=[2])
    U = learn(examples, None, made, Listener()).matrices.U
    assert not U[:, 2].any() and U[:, 3].any()
    again = learn(examples, None, made, Listener()).matrices.U
    np.testing.assert_array_equal(again, U)
    other = learn(examples, None, made._replace(seed=1), Listener()).matrices.U
    assert (other[:, 3] != U[:, 3]).any()


def test_numbers_are_scaled_before_they_are_learned_from(monkeypatch):
    seen, honest = [], learning.fit

    def fit(network, train, *rest):
        seen.append(train.sequences.values)
        return honest(network, train, *rest)

    monkeypatch.setattr(learning, "fit", fit)
    learn(series(), None, setup(), Listener())
    np.testing.assert_allclose(seen[0].mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(seen[0].std(0), 1)


@pytest.mark.parametrize("window, size", [(Window(), None), (Window(2, 1), 2)])
def test_the_steps_of_windows_are_whitened_in_training_and_not_in_what_is_learned(
    window, size, monkeypatch
):
    """What was learned gives in the original units what the net in training gave."""
    nets, honest = [], learning.fit
    monkeypatch.setattr(
        learning,
        "fit",
        lambda net, train, *rest: nets.append((net, train)) or honest(net, train, *rest),
    )
    given, architecture = series(), Architecture(2 * window.width, 4, 2, False, window=window)
    learned = learn(given, None, setup(architecture=architecture), Listener())
    ((net, train),) = nets
    assert (None if net.whitening is None else len(net.whitening)) == size
    weights = Weights.from_matrices(
        architecture, learned.matrices, dtype=torch.float64, device="cpu"
    )
    found = scores_of(Network(architecture, weights=weights), given.sequences)
    torch.testing.assert_close(found.float(), scores_of(net, train.sequences), rtol=1e-4, atol=1e-4)
