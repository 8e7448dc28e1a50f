"""Standardize series and numeric targets for training, and convert the matrices back.

In: examples. Out: standardized examples; the matrices for original units, computed from those for
standardized units, and the reverse. Imports only numpy.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skrnn.input.peers import ALONE, Peers
from skrnn.input.sequences import Array, Examples, Floats, Sequences
from skrnn.input.windows import Window
from skrnn.net.architecture import Architecture
from skrnn.net.weights import Matrices

MAX_WINDOWS = 1 << 16  # from which the covariance is computed
MAX_NUMBERS = 1 << 24  # in these windows
SHRINKAGE = 0.1  # share of the mean variance that is added, so that noise is not amplified


class Standardization(NamedTuple):
    """The mean and the standard deviation of numbers: (n_numbers,) each."""

    mean: Floats
    std: Floats

    @classmethod
    def fit(
        cls,
        values: Array,
        weight: Floats | None = None,
        *,
        with_mean: bool = True,
        peers: Peers = ALONE,
    ) -> "Standardization":
        """Compute both of numbers, (n, n_numbers); without `with_mean` the mean is zero."""
        values = np.asarray(values, dtype=np.float64)
        mean = _average(values, weight, peers) * with_mean
        deviations = values - mean
        largest = np.max(peers.gather(np.abs(deviations).max(axis=0, initial=0)), axis=0)
        exponent = np.frexp(largest)[1]
        in_range = np.ldexp(deviations, -exponent)  # so that squares neither overflow nor underflow
        std = np.ldexp(_average(in_range**2, weight, peers) ** 0.5, exponent)
        if with_mean:  # what is left of equal numbers is the rounding of their mean
            std = np.where(_are_equal(values, peers), 0.0, std)
        return cls(mean, std)

    @property
    def divisor(self) -> Floats:
        """The standard deviation, or 1 if all numbers are equal."""
        return np.where(self.std == 0, 1.0, self.std)

    def transform(self, values: Array) -> Floats:
        """Standardize numbers."""
        return np.asarray((values - self.mean) / self.divisor)


class Scaling(NamedTuple):
    """The standardization of x and y; None for symbols and for classes."""

    x: Standardization | None  # of each variable
    y: Standardization | None
    window: Window = Window()
    whitening: Floats | None = None  # (width, width); None for windows of one step

    @classmethod
    def fit(
        cls,
        architecture: Architecture,
        examples: Examples,
        *,
        regression: bool,
        peers: Peers = ALONE,
    ) -> "Scaling":
        """Compute the standardization of numeric x and y; without b, x is not centred."""
        x = y = whitening = None
        if not architecture.symbols:
            values = examples.sequences.values
            x = Standardization.fit(values, with_mean=architecture.bias, peers=peers)
            whitening = _whitening(architecture.window, x, examples.sequences, peers)
        if regression:
            y = Standardization.fit(examples.target, examples.weight, peers=peers)
        return cls(x, y, architecture.window, whitening)

    @property
    def origin(self) -> Floats | None:
        """The original numbers x that become zero, the mean of each variable."""
        return None if self.x is None else self.x.mean

    def transform(self, examples: Examples) -> Examples:
        """Standardize examples."""
        if self.x is not None:
            sequences = examples.sequences
            sequences = replace(sequences, values=self.x.transform(sequences.values))
            examples = examples._replace(sequences=sequences)
        if self.y is not None:
            examples = examples._replace(target=self.y.transform(examples.target))
        return examples

    def to_original_units(self, matrices: Matrices) -> Matrices:
        """Convert matrices, so that they read and return numbers in their original units."""
        if self.x is not None:
            U = matrices.U if self.whitening is None else _across(matrices.U, self.whitening)
            U = U / np.tile(self.x.divisor, self.window.width)
            mean = np.tile(self.x.mean, self.window.width)
            matrices = _add_to_b(matrices._replace(U=U), -(U @ mean))
        if self.y is not None:
            std = self.y.std  # not `divisor`: V becomes 0 if all numbers are equal
            V, c = matrices.V * std[:, None], matrices.c * std + self.y.mean
            matrices = matrices._replace(V=V, c=c)
        return matrices

    def to_scaled_units(self, matrices: Matrices) -> Matrices:
        """Apply the inverse of `to_original_units`."""
        if self.x is not None:
            matrices = _add_to_b(matrices, matrices.U @ np.tile(self.x.mean, self.window.width))
            U = matrices.U * np.tile(self.x.divisor, self.window.width)
            if self.whitening is not None:
                U = _across(U, np.linalg.inv(self.whitening))
            matrices = matrices._replace(U=U)
        if self.y is not None:
            V, c = matrices.V / self.y.divisor[:, None], (matrices.c - self.y.mean) / self.y.divisor
            matrices = matrices._replace(V=V, c=c)
        return matrices


def _average(values: Floats, weight: Floats | None, peers: Peers) -> Floats:
    """Return the weighted mean of numbers, (n, n_numbers)."""
    if weight is None:
        part = values.sum(axis=0), float(len(values))
    else:
        part = (values * weight[:, None]).sum(axis=0), weight.sum()
    totals, weights = zip(*peers.gather(part))
    return np.asarray(sum(totals) / sum(weights))


def _are_equal(values: Floats, peers: Peers) -> Array:
    """Return whether all numbers of a column are the same, (n_numbers,)."""
    smallest = np.min(peers.gather(values.min(axis=0, initial=np.inf)), axis=0)
    largest = np.max(peers.gather(values.max(axis=0, initial=-np.inf)), axis=0)
    return np.asarray(smallest == largest)


def _whitening(
    window: Window, x: Standardization, sequences: Sequences, peers: Peers
) -> Floats | None:
    """Return a multiple of C ** -1/2, for the shrunk covariance C of the steps of a window.

    Neighbouring steps are highly correlated. This matrix removes the correlation, and keeps their
    mean variance at one.
    """
    if window.width == 1:
        return None
    if not x.std.any():  # what is left of equal numbers is the rounding of their mean
        return np.eye(window.width)
    series = replace(sequences, values=x.transform(sequences.values))
    at_most = min(MAX_WINDOWS, MAX_NUMBERS // (window.width * series.values.shape[1]))
    stride = max(1, sum(peers.gather(len(series.values))) // max(1, at_most))
    windows = Window(window.width, stride).cut(series).values
    n_variables = series.values.shape[1]
    by_variable = windows.reshape(len(windows), window.width, n_variables).transpose(0, 2, 1)
    steps = by_variable.reshape(-1, window.width)
    products, counts = zip(*peers.gather((steps.T @ steps, len(steps))))
    C = sum(products) / max(1, sum(counts))
    variances, vectors = np.linalg.eigh(C)
    shrunk = variances.clip(0) + SHRINKAGE * variances.mean()
    scale = (variances.clip(0) / shrunk).mean() ** -0.5  # for a mean variance of 1
    return np.asarray(scale * vectors / np.sqrt(shrunk) @ vectors.T)


def _across(U: Array, P: Array) -> Array:
    """Return U P: for each variable, multiply the columns of the steps of a window by P."""
    steps = U.reshape(len(U), len(P), -1)
    return np.asarray(np.einsum("kid,ij->kjd", steps, P)).reshape(U.shape)


def _add_to_b(matrices: Matrices, shift: Array) -> Matrices:
    """Add to b of the first layer."""
    b = matrices.b.astype(np.result_type(matrices.b, shift))
    b[: len(shift)] += shift
    return matrices._replace(b=b)
