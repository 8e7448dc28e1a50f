"""Windows of series, against a slow loop."""

import numpy as np
import pytest

from skrnn.input.sequences import Sequences, from_arrays
from skrnn.input.windows import Window

LENGTHS = range(26)


def slow(series, width, stride, offset):
    """List the windows of one series, one after the other."""
    n, found = len(series), []
    begin = max(min(offset, n - width), 0)
    while n and not (found and begin + width - stride >= n):  # until one has reached the end
        first = max(min(begin, n - width), 0)
        found.append([series[min(t, n - 1)] for t in range(first, first + width)])
        begin += stride
    return found


def numbered(lengths, d=1):
    """Make series of numbers that are all different."""
    values = np.arange(sum(lengths) * d, dtype=float).reshape(-1, d)
    return Sequences(values, np.array(lengths, dtype=np.int64))


def pieces(sequences):
    """Cut `Sequences` into arrays, one for each."""
    return np.split(sequences.values, np.cumsum(sequences.lengths)[:-1])


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("stride", [1, 2, 3, 7])
@pytest.mark.parametrize("width", [1, 2, 5, 7, 12, 30])
def test_windows_are_those_of_the_slow_loop(width, stride, d):
    sequences, window = numbered(LENGTHS, d), Window(width, stride)
    for offset in range(stride):
        cut = window.cut(sequences, np.full(len(sequences), offset))
        assert cut.values.shape == (cut.lengths.sum(), width * d)
        for series, found in zip(pieces(sequences), pieces(cut)):
            expected = np.array(slow(series, width, stride, offset)).reshape(-1, width * d)
            np.testing.assert_array_equal(found, expected)
        if offset == 0:
            np.testing.assert_array_equal(window.cut(sequences).values, cut.values)


@pytest.mark.parametrize("width, stride", [(1, 1), (2, 1), (4, 4), (5, 2), (9, 3)])
def test_every_number_from_the_offset_on_is_read(width, stride):
    window, sequences = Window(width, stride), numbered(LENGTHS)
    for offset in range(stride):
        cut = pieces(window.cut(sequences, np.full(26, offset)))
        for series, windows in zip(pieces(sequences), cut):
            n, first = len(series), max(0, min(offset, len(series) - width))
            assert set(windows.ravel()) == set(series[first:].ravel())
            if n:
                assert windows[0, 0] == series[first] and windows[-1, -1] == series[-1]
                assert (np.diff(windows[:, 0]) <= stride).all()
            else:
                assert len(windows) == 0


def test_every_series_has_an_offset_of_its_own():
    sequences, window = numbered([9, 9, 0, 2, 9]), Window(4, 3)
    cut = window.cut(sequences, np.array([0, 2, 1, 1, 1]))
    first = [x[0, 0] - y[0, 0] if len(x) else None for x, y in zip(pieces(cut), pieces(sequences))]
    assert first == [0, 2, None, 0, 1]
    assert cut.lengths.tolist() == [3, 2, 0, 1, 3]
    np.testing.assert_array_equal(cut.lengths, window.n_windows(sequences.lengths, [0, 2, 1, 0, 1]))


def test_a_series_that_is_shorter_than_a_window_goes_on_with_its_last_step():
    cut = Window(5, 2).cut(from_arrays([np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6]])]))
    assert cut.values.tolist() == [[1, 2, 3, 4, 3, 4, 3, 4, 3, 4], [5, 6] * 5]
    assert cut.lengths.tolist() == [1, 1]


def test_variables_stand_step_by_step():
    cut = Window(2, 1).cut(from_arrays([np.array([[1, 10], [2, 20], [3, 30]])]))
    assert cut.values.tolist() == [[1, 10, 2, 20], [2, 20, 3, 30]]


@pytest.mark.parametrize("lengths", [[0], [0, 0], []])
def test_empty_series_have_no_window(lengths):
    cut = Window(5, 2).cut(numbered(lengths, 3))
    assert cut.values.shape == (0, 15) and cut.lengths.tolist() == lengths


def test_windows_of_one_step_are_the_series_themselves():
    sequences = numbered([3, 0, 2])
    assert Window().cut(sequences) is sequences
    assert Window(1, 1).cut(sequences, np.array([0, 0, 0])) is sequences


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype):
    sequences = Sequences(np.ones((9, 2), dtype=dtype), np.array([9]))
    assert Window(4, 2).cut(sequences).values.dtype == dtype


@pytest.mark.parametrize(
    "n_steps, window",
    [
        (1, (1, 1)),
        (11, (1, 1)),
        (11.5, (1, 1)),
        (12, (6, 2)),
        (24, (9, 3)),
        (150, (21, 7)),
        (427, (36, 12)),
    ],
)
def test_the_width_grows_with_the_square_root_of_the_length(n_steps, window):
    assert Window.of_length(n_steps) == window
