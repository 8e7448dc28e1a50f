"""Numbers in units of their spread."""

from dataclasses import replace

import numpy as np
import pytest

from skrnn.input.sequences import Examples, Ngrams, Sequences
from skrnn.net.architecture import Architecture
from skrnn.net.scaling import Scaling, Standardization
from skrnn.net.weights import Matrices

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
