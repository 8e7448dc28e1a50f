"""X checked for an estimator."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skrnn.input.samples import Samples
from skrnn.input.validation import check_n_variables, check_samples


class Who(BaseEstimator):
    pass


LARGEST = float(np.finfo(np.float32).max)


def test_features_are_noted_and_compared():
    who = Who()
    check_samples(who, np.ones((2, 3)), reset=True)
    assert who.n_features_in_ == 3
    with pytest.raises(ValueError, match=r"^X has 2 features, but Who is expecting 3 features"):
        check_samples(who, np.ones((2, 2)), reset=False, fitted="numbers")
    check_samples(who, ["a"], reset=True)
    assert not hasattr(who, "n_features_in_")
    check_samples(who, np.array([["a"]]), reset=False, fitted="strings")
    assert not hasattr(who, "n_features_in_")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, object])
def test_tables_keep_single_precision_and_are_double_else(dtype):
    samples = check_samples(Who(), np.ones((2, 3), dtype), reset=True)
    assert samples.values.dtype == samples.dtype == (dtype if dtype == np.float32 else np.float64)


def test_series_are_single_if_all_are():
    single, double = np.ones((2, 1), np.float32), np.ones((3, 1))
    for given, dtype in (([single], np.float32), ([single, double], np.float64)):
        samples = check_samples(Who(), given, reset=True)
        assert samples.dtype == dtype
        assert [x.dtype for x in samples.values] == [dtype] * len(given)
        assert [len(x) for x in samples.values] == [len(x) for x in given]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("make", [lambda v: np.array([[v, 0]]), lambda v: [np.array([[v], [0]])]])
def test_the_largest_number_is_that_of_single_precision(make, sign):
    check_samples(Who(), make(sign * LARGEST), reset=True)
    with pytest.raises(ValueError, match=r"too large for dtype\('float32'\)"):
        check_samples(Who(), make(sign * LARGEST * 1.001), reset=True)


@pytest.mark.parametrize("bad, found", [(np.nan, "NaN"), (np.inf, "infinity")])
def test_a_gap_is_placed(bad, found):
    series = [np.ones((2, 2)), np.ones((0, 2)), np.ones((3, 2))]
    series[2][1, 0] = bad
    sentence = f"got {found} in step 1 of series 2: leave the step out"
    with pytest.raises(ValueError, match=sentence):
        check_samples(Who(), series, reset=True)
    first = [np.array([[bad, 1]])]
    with pytest.raises(ValueError, match=f"got {found} in step 0 of series 0"):
        check_samples(Who(), first, reset=True)


def test_series_of_other_variables_are_refused_with_a_hint():
    series = Samples("series", [np.ones((4, 3)), np.ones((2, 3))])
    check_n_variables("Who", series, 3)
    check_n_variables("Who", Samples("strings", ["a"]), 3)
    with pytest.raises(
        ValueError, match=r"series of 2 variables, got 3: give X the form it had in"
    ):
        check_n_variables("Who", series, 2)
    steps = Samples("series", [np.ones((2, 1))] * 5)  # the five steps of one series of two
    with pytest.raises(ValueError, match=r"the form it had in fit; one series as \[x\].$"):
        check_n_variables("Who", steps, 2)
