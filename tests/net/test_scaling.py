"""Numbers in units of their spread."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from skrnn.input.sequences import Examples, Ngrams, Sequences, from_arrays
from skrnn.input.windows import Window
from skrnn.net import scaling as module
from skrnn.net.architecture import Architecture
from skrnn.net.frozen import FrozenNetwork
from skrnn.net.network import Network
from skrnn.net.scaling import Scaling, Standardization
from skrnn.net.weights import Matrices, Weights

RNG = np.random.default_rng(0)


def test_units_are_the_weighted_mean_and_standard_deviation():
    values, weight = RNG.normal(3, 2, (50, 2)), RNG.integers(1, 5, 50)
    repeated = np.repeat(values, weight, axis=0)
    units = Standardization.fit(values, weight)
    np.testing.assert_allclose(units.mean, repeated.mean(0))
    np.testing.assert_allclose(units.std, repeated.std(0))
    scaled = units.transform(repeated)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(0), 1)


def test_numbers_of_any_size_have_a_spread():
    values = RNG.normal(3, 2, (50, 2))
    std = Standardization.fit(values).std
    for exponent in (-1000, -540, 500):  # whose squares are zero or infinite
        units = Standardization.fit(np.ldexp(values, exponent))
        assert np.ldexp(units.std, -exponent).tolist() == std.tolist()


def test_without_a_mean_numbers_are_scaled_alone():
    values = RNG.normal(3, 2, (50, 2))
    units = Standardization.fit(values, with_mean=False)
    assert units.mean.tolist() == [0, 0]
    np.testing.assert_allclose(units.transform(values), values / (values**2).mean(0) ** 0.5)


def test_numbers_that_are_all_the_same_are_divided_by_one():
    values = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    units = Standardization.fit(values)
    assert units.std[0] == 0 and units.divisor[0] == 1 and units.divisor[1] == 2
    assert np.abs(units.transform(values)[:, 0]).max() < 1e-15


def examples(weight=None):
    sequences = Sequences(RNG.normal(5, 3, (40, 2)), np.full(10, 4))
    weight = np.ones(10) if weight is None else weight
    return Examples(sequences, np.arange(10), RNG.normal(7, 4, (10, 1)), weight)


@pytest.mark.parametrize(
    "options, centred",
    [({}, True), ({"bias": False}, False), ({"pooling": ("last", "mean")}, True)],
)
def test_x_is_centred_where_b_can_take_the_mean_up(options, centred):
    scaling = Scaling.fit(Architecture(2, 3, 1, False, **options), examples(), regression=False)
    assert scaling.x.mean.any() == centred and scaling.y is None
    assert (scaling.origin is scaling.x.mean) and scaling.x.std.all()


def test_symbols_have_no_units_and_classes_neither():
    scaling = Scaling.fit(Architecture(9, 3, 2, True), examples(), regression=False)
    assert scaling.x is scaling.y is scaling.whitening is None and scaling.origin is None
    given = examples()
    assert scaling.transform(given) is given


def test_the_units_of_y_are_weighted():
    weight = RNG.integers(1, 5, 10).astype(float)
    given = examples(weight)
    scaling = Scaling.fit(Architecture(9, 3, 1, True), given, regression=True)
    repeated = np.repeat(given.target, weight.astype(int), axis=0)
    np.testing.assert_allclose(scaling.y.mean, repeated.mean(0))
    np.testing.assert_allclose(scaling.y.std, repeated.std(0))


def matrices(n_layers=2):
    shapes = {"W": (3 * n_layers, 3), "U": (3, 2), "U_above": (3, 3), "V": (1, 3), "G": (0, 0)}
    arrays = {name: RNG.normal(size=shape) for name, shape in shapes.items()}
    return Matrices(**arrays, b=RNG.normal(size=3 * n_layers), c=RNG.normal(size=1))


def test_folded_in_matrices_read_and_give_numbers_as_they_are():
    given, trained = examples(), matrices()
    scaling = Scaling.fit(Architecture(2, 3, 1, False), given, regression=True)
    folded, scaled = scaling.to_original_units(trained), scaling.transform(given)
    x, z = given.sequences.values, scaled.sequences.values
    np.testing.assert_allclose(x @ folded.U.T + folded.b[:3], z @ trained.U.T + trained.b[:3])
    np.testing.assert_array_equal(folded.b[3:], trained.b[3:])
    h = RNG.normal(size=(10, 3))
    o = scaling.y.transform(h @ folded.V.T + folded.c)
    np.testing.assert_allclose(o, h @ trained.V.T + trained.c, rtol=1e-10)
    np.testing.assert_allclose(scaled.target, scaling.y.transform(given.target))
    again = scaling.to_scaled_units(folded)
    for name, array in trained._asdict().items():
        np.testing.assert_allclose(getattr(again, name), array, rtol=1e-10, err_msg=name)


def test_the_units_of_y_are_those_of_the_ngrams_too():
    """Symbols have no units, and G stays as it is; V reads h and g."""
    given = examples()
    trained = matrices()._replace(G=RNG.normal(size=(2, 5)), V=RNG.normal(size=(1, 5)))
    scaling = Scaling.fit(Architecture(2, 3, 1, True), given, regression=True)
    folded, h = scaling.to_original_units(trained), RNG.normal(size=(10, 5))
    assert folded.G is trained.G and folded.U is trained.U
    o = scaling.y.transform(h @ folded.V.T + folded.c)
    np.testing.assert_allclose(o, h @ trained.V.T + trained.c, rtol=1e-10)


def test_ngrams_stay_where_numbers_are_scaled():
    given = examples()
    ngrams = Ngrams(np.arange(10), np.ones(10, dtype=int), np.ones(10))
    sequences = replace(given.sequences, ngrams=ngrams)
    scaling = Scaling.fit(Architecture(2, 3, 1, False), given, regression=False)
    scaled = scaling.transform(given._replace(sequences=sequences))
    assert scaled.sequences.ngrams is ngrams and scaled.sequences.lengths is sequences.lengths


def test_folding_in_changes_nothing_that_is_given():
    given, trained = examples(), matrices()
    b = trained.b.copy()
    Scaling.fit(Architecture(2, 3, 1, False), given, regression=True).to_original_units(trained)
    np.testing.assert_array_equal(trained.b, b)


# --- windows -------------------------------------------------------------------------

WINDOW = Window(6, 2)


def smooth(d, lengths=(40, 25, 0, 60, 3, 7)):
    """Series of d variables in units of their own, whose steps are much like the ones before."""
    rng = np.random.default_rng(d)
    arrays = [rng.normal(size=(n, d)).cumsum(0) * 10.0 ** np.arange(d) + 5 for n in lengths]
    n = len(arrays)
    return Examples(from_arrays(arrays), np.arange(n), np.arange(n) % 2, np.ones(n))


def of_windows(d, **options):
    options = {"window": WINDOW, **options}
    return Architecture(options["window"].width * d, 4, 2, symbols=False, **options)


def covariance(series, width):
    """Average x x^T of all windows of each variable, (width,), slowly."""
    found = []
    for x in np.split(series.values, np.cumsum(series.lengths)[:-1]):
        for begin in range(max(len(x) - width, 0) + 1 if len(x) else 0):
            steps = [x[min(begin + t, len(x) - 1)] for t in range(width)]
            found += [np.outer(v, v) for v in np.array(steps).T]
    return np.mean(found, axis=0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("d", [1, 3])
def test_whitened_windows_have_the_shrunk_covariance_and_a_mean_variance_of_one(d, bias):
    given = smooth(d)
    scaling = Scaling.fit(of_windows(d, bias=bias), given, regression=False)
    P, C = scaling.whitening, covariance(scaling.transform(given).sequences, WINDOW.width)
    np.testing.assert_allclose(P, P.T, rtol=0, atol=1e-12)
    np.testing.assert_allclose(P @ C, C @ P, atol=1e-8)  # the same directions
    assert np.trace(P @ C @ P) / WINDOW.width == pytest.approx(1)
    variances = np.linalg.eigvalsh(C)
    expected = variances / (variances + 0.1 * variances.mean())
    np.testing.assert_allclose(np.linalg.eigvalsh(P @ C @ P), expected / expected.mean(), rtol=1e-6)
    assert variances[-1] / variances[0] > 4 * expected[-1] / expected[0]


def test_white_noise_stays_as_it_is():
    given = Sequences(RNG.normal(size=(50_000, 1)), np.array([50_000]))
    given = Examples(given, np.array([0]), np.array([0]), np.ones(1))
    P = Scaling.fit(of_windows(1), given, regression=False).whitening
    np.testing.assert_allclose(P, np.eye(6), atol=0.03)


@pytest.mark.parametrize("lengths", [[30, 30], [13, 4, 0, 29, 6, 1]])
@pytest.mark.parametrize("number", [0.0, 0.1, 1 / 3, 1e6 / 7])
def test_series_of_one_number_are_not_whitened(number, lengths):
    """Their mean is rounded, and what is left of them is no variance."""
    series = Sequences(np.full((sum(lengths), 2), number), np.array(lengths))
    n = len(lengths)
    given = Examples(series, np.arange(n), np.arange(n), np.ones(n))
    scaling = Scaling.fit(of_windows(2), given, regression=False)
    np.testing.assert_array_equal(scaling.whitening, np.eye(6))


def test_a_variable_of_one_number_does_not_keep_others_from_being_whitened():
    given = smooth(2)
    values = given.sequences.values.copy()
    values[:, 1] = 0.1
    given = given._replace(sequences=replace(given.sequences, values=values))
    P = Scaling.fit(of_windows(2), given, regression=False).whitening
    assert np.isfinite(P).all() and np.abs(P).max() < 20


def test_windows_of_one_step_and_symbols_are_not_whitened():
    given = smooth(2)
    scaling = Scaling.fit(of_windows(2, window=Window()), given, regression=False)
    assert scaling.whitening is None and scaling.window == (1, 1)


@pytest.mark.parametrize("limit", [("MAX_WINDOWS", 60), ("MAX_NUMBERS", 365)], ids=str)
def test_of_many_windows_some_are_enough(limit, monkeypatch):
    """A hundredth of the windows has nearly the same covariance."""
    given = smooth(1, lengths=(3000, 3000))
    sizes, honest = [], Window.cut

    def cut(window, series):
        windows = honest(window, series)
        sizes.append(len(windows.values))
        return windows

    monkeypatch.setattr(Window, "cut", cut)
    all_windows = Scaling.fit(of_windows(1), given, regression=False).whitening
    monkeypatch.setattr(module, *limit)
    some = Scaling.fit(of_windows(1), given, regression=False).whitening
    assert sizes == [2 * 2995, 62]
    np.testing.assert_allclose(some, all_windows, atol=0.2 * np.abs(all_windows).max())


def trained(architecture, whitening=None):
    network = Network(architecture, whitening=whitening, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    for part in (network.weights.dense, network.weights.U):
        part.copy_(torch.randn(part.shape, generator=generator, dtype=torch.float64) / 2)
    return network


SHAPES = [
    {},
    {"cell": "gru", "bidirectional": True, "pooling": ("last", "max")},
    {"cell": "lstm", "n_layers": 2, "bidirectional": True, "pooling": ("mean",)},
    {"cell": "gru", "bias": False},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("d", [1, 3])
def test_in_original_units_the_net_gives_the_scores_of_the_trained_one(d, shape):
    """One reads series as they are, the other scaled ones, and whitens them."""
    given, architecture = smooth(d), of_windows(d, **shape)
    scaling = Scaling.fit(architecture, given, regression=False)
    network = trained(architecture, scaling.whitening)
    if not architecture.bias:
        network.weights.views["b"].zero_()
    matrices = network.weights.matrices()
    folded = scaling.to_original_units(matrices)
    assert folded.U.shape == matrices.U.shape
    weights = Weights.from_matrices(architecture, folded, dtype=torch.float64, device="cpu")
    applied = FrozenNetwork(Network(architecture, weights=weights))
    other = FrozenNetwork(network)
    torch.testing.assert_close(
        applied.scores(applied.vectors(given.sequences)),
        other.scores(other.vectors(scaling.transform(given).sequences)),
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("d", [1, 3])
def test_matrices_of_windows_come_back_from_the_original_units(d, shape):
    given, architecture = smooth(d), of_windows(d, **shape)
    scaling = Scaling.fit(architecture, given, regression=False)
    matrices = trained(architecture).weights.matrices()
    again = scaling.to_scaled_units(scaling.to_original_units(matrices))
    for name, array in matrices._asdict().items():
        np.testing.assert_allclose(getattr(again, name), array, rtol=1e-9, atol=1e-10, err_msg=name)
