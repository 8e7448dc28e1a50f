"""X checked for an estimator."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skrnn.input.samples import FittedForm, Samples
from skrnn.input.validation import check_samples, check_some_steps


class Who(BaseEstimator):
    pass


LARGEST = float(np.finfo(np.float32).max)


def test_features_are_noted_and_compared():
    who = Who()
    check_samples(who, np.ones((2, 3)), reset=True)
    assert who.n_features_in_ == 3
    with pytest.raises(ValueError, match=r"^X has 2 features, but Who is expecting 3 features"):
        check_samples(who, np.ones((2, 2)), reset=False, fitted=FittedForm("numbers", 1))
    check_samples(who, ["a"], reset=True)
    assert not hasattr(who, "n_features_in_")
    check_samples(who, np.array([["a"]]), reset=False, fitted=FittedForm("strings", 4))
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


def check_series(X, n_variables):
    return check_samples(Who(), X, reset=False, fitted=FittedForm("series", n_variables))


def test_series_of_other_variables_are_refused_with_a_hint():
    series = [np.ones((4, 3)), np.ones((2, 3))]
    assert len(check_series(series, 3).values) == 2
    sentence = r"fitted on series of 2 variables, got 3: give X the form it had in fit.$"
    with pytest.raises(ValueError, match=sentence):
        check_series(series, 2)
    steps = [np.ones((2, 1))] * 5  # the five steps of one series of two variables
    with pytest.raises(ValueError, match=r"the form it had in fit; one series as \[x\].$"):
        check_series(steps, 2)


def test_empty_series_have_the_variables_of_fit_and_cannot_be_learned_from():
    samples = check_series([[], np.empty((0, 5))], 3)
    assert [x.shape for x in samples.values] == [(0, 3), (0, 3)]
    sentence = "^Who needs X to have a series that is not empty, got 2 of length 0.$"
    with pytest.raises(ValueError, match=sentence):
        check_some_steps("Who", samples)
    with pytest.raises(ValueError, match=sentence):
        check_samples(Who(), [np.empty((0, 5))] * 2, reset=True)
    assert check_some_steps("Who", Samples("strings", [""])).values == [""]


def test_a_column_of_numbers_is_refused_and_its_first_three_are_shown():
    with pytest.raises(
        ValueError, match=r"got a column of numbers \(1, 2, 3 \.\.\.\): make strings"
    ):
        check_samples(Who(), [1, 2, 3, 4, 5], reset=True)
