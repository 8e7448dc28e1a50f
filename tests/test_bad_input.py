"""Bad input: what each message says, in full, and that nothing is lost or changed by it.

In the sentences "Who" stands for the class of the estimator.
"""

import copy
import re
from collections import OrderedDict, UserDict, deque
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import repeat

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import DataConversionWarning, NotFittedError

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor
from skrnn._progress import Progress

ESTIMATORS = [RNNEncoder, RNNClassifier, RNNRegressor]
NAN, INF = float("nan"), float("inf")
TEXT = ["ab", "ba", "cab", "bac", "abc", "b", "ca", "bb"]
Y = [0, 1] * 4
FLOATS = [0.5, 1.5] * 4
LABELS = ["a", "b"] * 4
TABLE = np.arange(24.0).reshape(8, 3)
TOKENS = [["a", "b"], ["b"]] * 4
SERIES = [np.full((i + 1, 2), i / 8) for i in range(8)]
FRAME = pd.DataFrame({"name": TEXT})
RENAMED = FRAME.rename(columns={"name": "nom"})
PAIRS = [["a", "b"], ["c", "d"]] * 4
DAY = datetime(2020, 1, 1)
DAYS = np.full(8, "2020-01-01", dtype="datetime64[s]")
SPANS = np.arange(8).astype("timedelta64[s]")
HUGE = 10**400
GRAD = torch.ones(8, 3, requires_grad=True)
FIRST = [True] + [False] * 7
EVIL = "\x1b[31mred\r\u202e"  # colours, goes to the start of the line, writes from right to left
SHOWN = "\\x1b[31mred\\r\\u202e"


class Unshown:
    """An object that cannot be shown, and of which there is no array."""

    def __repr__(self):
        raise RuntimeError("no repr")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")


SHAPED = type("Shaped", (), {"shape": (8, 1), "columns": ["a"]})()  # neither array nor frame


def contain_itself(*first):
    found = [*first]
    found.append(found)
    return found


def nest(depth, leaf):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def mask(values, where=FIRST):
    return np.ma.array(values, mask=where)


def objects(*cells):
    """Make an array of shape (n,) of whatever the cells are."""
    found = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        found[i] = cell
    return found


# The sentences, from their parts


ACCEPTED = (
    "a list, array or column of strings, a list of token lists, a 2-D array of numbers "
    "or a list of (T_i, d) arrays"
)
FORM = f"Who needs X to be {ACCEPTED}, got "
ONE = "Who needs X to hold many sequences, got "
STRING = "Who needs every row of X to be a string or missing (None, NaN, pd.NA), got "
TOKEN = "Who needs every token of X to be a string, got "
SERIAL = "Who needs every series of X to be an array of numbers of shape (T_i, d), got "
EMPTY = "Who needs X to have a series that is not empty, got 8 of length 0."
SAME_D = "Who needs the series of X to have the same number d of variables, got d in "
NUMERIC = "Who needs columns of numbers in X, got "
SAME_FORM = ": give all rows the same form."
NO_ROWS = "Who needs at least one sequence in X, got an empty "
NAN_X = (
    "Input X contains NaN.\nWho does not accept missing values encoded as NaN natively. For "
    "supervised learning, you might want to consider sklearn.ensemble.HistGradientBoosting"
    "Classifier and Regressor which accept missing values encoded as NaNs natively. "
    "Alternatively, it is possible to preprocess the data, for instance by using an imputer "
    "transformer in a pipeline or drop samples with missing values. See https://scikit-learn.org"
    "/stable/modules/impute.html You can find a list of all estimators that handle NaN values at "
    "the following page: https://scikit-learn.org/stable/modules/impute.html"
    "#estimators-that-handle-nan-values"
)
LABEL_TYPE = (
    "Who needs y to be classes, got numbers such as 0.5 (Unknown label type: continuous): use "
    "RNNRegressor, or make classes of them."
)
WEIGHT = "Who needs sample_weight to be a number for each row, got "
EACH_Y = "Who needs y to be a list, array or column with a string or a number for each row, got "
CELL_Y = "Who needs y to be strings or numbers, got "
TO_STRING = ": convert it with str()."
SIXTY_FOUR = "Who needs y to be classes, strings or numbers of 64 bits, got "
AS_STRINGS = ": make strings of them, with str()."
COLUMN_Y = (
    "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
    "(n_samples, ), for example using ravel()."
)
BYTES_Y = "Who needs y to be strings or numbers, got bytes b'a' in row 0: decode it."
NUMBER_Y = "Who needs y to be numbers, got "
TO_NUMBER = ": convert it to a number, or use RNNClassifier for labels."
NO_Y = "This Who estimator requires y to be passed, but the target y is None."
CLASS_WEIGHT = "Who needs class_weight to be finite, not negative and not all zero, got "
UNSEEN = "Who needs the classes of y_val to be among those of y, got unknown classes "
TWO_ROWS = "Who needs two different rows for early_stopping=True, got n_samples=1."
UNFITTED = (
    "This Who instance is not fitted yet. Call 'fit' with appropriate arguments before using this "
    "estimator."
)


def sparse_X(what):
    return (
        f"Who needs X to be dense and not sparse, got a {what}: make an array of it, with its "
        "method toarray() or to_dense()."
    )


def two_numbers(which, remedy="fit one estimator for each", n=2, name="y"):
    return (
        f"Who needs {name} to be one column of labels, or a 0 or 1 for each of several labels, "
        f"got {which} in {n} columns: {remedy}."
    )


def several(shape, dtype):
    return (
        "Who needs y to be one column of labels, or a 0 or 1 for each of several labels, "
        f"got an array of shape {shape} and dtype {dtype}: fit one estimator for each column."
    )


def twice(name):
    return (
        f"Who needs the columns of X to have different names, got {name} twice: rename one of them."
    )


def reshape(array):
    return (
        f"Expected 2D array, got 1D array instead:\narray={array}.\nReshape your data either using "
        "array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it "
        "contains a single sample."
    )


def numerals(some):
    return (
        "Who needs the rows of X to be strings or sequences, got a column of numbers "
        f"({some} ...): make strings of codes, with astype(str), or a row of each series."
    )


def columns(n, which, of="strings"):
    return (
        f"Who reads one column of {of}, got {n} columns, among them {which}: "
        "give each column its own encoder with sklearn.compose.ColumnTransformer."
    )


def kinds(old, new):
    return f"Who was fitted on {old}, got {new}: give X the form it had in fit."


def samples(what, shape):
    return f"Found array with 0 {what} (shape={shape}) while a minimum of 1 is required by Who."


def too_large(name, dtype="float64"):
    return f"Input {name} contains infinity or a value too large for dtype({dtype!r})."


def hole(what, step, i):
    return (
        f"Who needs the series of X without NaN and infinity, got {what} in step {step} of series "
        f"{i}: leave the step out, interpolate, or fill it and add a variable that says where."
    )


def gap(row, name="y"):
    return (
        f"Who needs a {name} for every row, but Input {name} contains NaN or None in row {row}: "
        "drop the rows without one."
    )


def names(new, old):
    return (
        "The feature names should match those that were passed during fit.\n"
        f"Feature names unseen at fit time:\n- {new}\n"
        f"Feature names seen at fit time, yet now missing:\n- {old}\n"
    )


def device(name):
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0].split(". ")[0].rstrip(".")
        return (
            f"Who cannot compute on device={name!r} ({reason}): "
            'set device="cpu", or another that torch can use here.'
        )


# The calls


def fit(X=TEXT, y=Y, **rest):
    return lambda model: model.fit(X, y, **rest)


def use(X, **params):
    """Predict or transform."""
    return lambda model: getattr(model.set_params(**params), method_of(model))(X)


def after(good, other):
    """Fit, then predict or transform another X."""
    return lambda model: use(other)(model.fit(good, Y))


def warm(first, then, **params):
    """Fit, then fit again from there."""
    return lambda model: then(first(model).set_params(warm_start=True, **params))


def method_of(model):
    return "transform" if isinstance(model, RNNEncoder) else "predict"


def bad(name, call, error, sentence, cls=RNNClassifier, **params):
    return pytest.param(cls, params, call, error, sentence, id=name)


# The tables

# fmt: off
WRONG_X = [
    bad("str", fit("abc"), TypeError, ONE + "a str 'abc': put it in a list."),
    bad("numpy str", fit(np.str_("abc")), TypeError, ONE + "a str 'abc': put it in a list."),
    bad("0-d str array", fit(np.array("abc")), TypeError, ONE + "a str 'abc': put it in a list."),
    bad("bytes", fit(b"abc"), TypeError, ONE + "bytes b'abc': decode it and put it in a list."),
    bad("None", fit(None), TypeError, FORM + "None."),
    bad("int", fit(7), TypeError, FORM + "an int 7."),
    bad("float", fit(7.5), TypeError, FORM + "a float 7.5."),
    bad("dict", fit({"a": 1}), TypeError, FORM + "a dict {'a': 1}."),
    bad("set", fit({"ab"}), TypeError, FORM + "a set {'ab'}."),
    bad("long repr", fit(dict.fromkeys(range(99))), TypeError,
        FORM + "a dict {0: None, 1: None, 2: None, 3: None, ...."),
    bad("a type", fit(str), TypeError, FORM + "a type <class 'str'>."),
    bad("sets in a list", fit([{"a"}] * 8), TypeError, FORM + "rows such as a set {'a'}."),
    bad("dicts in a list", fit([{"a": 1}] * 8), TypeError, FORM + "rows such as a dict {'a': 1}."),
    bad("dates", fit([DAY] * 8), TypeError,
        FORM + "rows such as a datetime datetime.datetime(2020, 1, 1, 0, 0)."),
    bad("date column", fit(pd.Series(DAYS)), TypeError,
        FORM + "rows such as a Timestamp Timestamp('2020-01-01 00:00:00')."),
    bad("date array", fit(DAYS), TypeError,
        FORM + "an array of shape (8,) and dtype datetime64[s]."),
    bad("date table", fit(np.array([DAYS, DAYS]).T), TypeError,
        FORM + "an array of shape (8, 2) and dtype datetime64[s]."),
    bad("table of dicts", fit(np.array([[{}, 1]] * 8)), TypeError,
        FORM + "cells such as a dict {}."),
    bad("table of lists", fit(pd.DataFrame({"a": TOKENS, "b": Y}).to_numpy()), TypeError,
        FORM + "cells such as a list ['a', 'b']."),
    bad("bytearray", fit(bytearray(b"abc")), TypeError,
        ONE + "a bytearray bytearray(b'abc'): decode it and put it in a list."),
    bad("memoryview", fit(memoryview(b"abcd")), TypeError, FORM + "a memoryview of shape (4,)."),
    bad("memoryview of a table", fit(memoryview(TABLE)), TypeError,
        FORM + "a memoryview of shape (8, 3)."),
    bad("memoryviews", fit([memoryview(b"ab")] * 8), TypeError,
        FORM + "rows such as a memoryview of shape (2,)."),
    bad("UserDict", fit(UserDict(a=1)), TypeError, FORM + "an UserDict {'a': 1}."),
    bad("OrderedDict", fit(OrderedDict(a=1)), TypeError,
        FORM + f"an OrderedDict {OrderedDict(a=1)}."),
    bad("keys", fit({"a": 1}.keys()), TypeError, FORM + "a dict_keys dict_keys(['a'])."),
    bad("frozenset", fit(frozenset("a")), TypeError, FORM + "a frozenset frozenset({'a'})."),
    bad("number of many digits", fit(10**5000), TypeError, FORM + "an int ...."),
    bad("0-d array", fit(np.array(1.5)), TypeError, FORM + "a float 1.5."),
    bad("0-d array of None", fit(np.array(None)), TypeError, FORM + "None."),
    bad("0-d tensor", fit(torch.tensor(1.5, requires_grad=True)), TypeError, FORM + "a float 1.5."),
    bad("structured array", fit(np.zeros(8, [("a", float), ("b", int)])), TypeError,
        FORM + "an array of shape (8,) and dtype [('a', '<f8'), ('b', '<i8')]."),
    bad("array of raw bytes", fit(np.zeros(8, "V3")), TypeError,
        FORM + "an array of shape (8,) and dtype |V3."),
    bad("durations", fit(SPANS), TypeError,
        FORM + "an array of shape (8,) and dtype timedelta64[s]."),
    bad("list of durations", fit(list(SPANS)), TypeError,
        FORM + "rows such as a timedelta64 0 seconds."),
    bad("NaT and a date", fit([np.datetime64("2020-01-01"), np.datetime64("NaT")] * 4), TypeError,
        FORM + "rows such as a datetime64 2020-01-01."),
    bad("complex list", fit([1j, 2j] * 4), TypeError, FORM + "rows such as a complex 1j."),
    bad("deques", fit([deque("ab")] * 8), TypeError,
        FORM + "rows such as a deque deque(['a', 'b'])."),
    bad("ranges", fit([range(3)] * 8), TypeError, FORM + "rows such as a range range(0, 3)."),
    bad("a set among lists", fit([["a"], {"b"}] * 4), TypeError,
        FORM + "rows such as a set {'b'}."),
    bad("periods", fit(pd.Series(pd.period_range("2020", periods=8, freq="D"))), TypeError,
        FORM + "rows such as a Period Period('2020-01-01', 'D')."),
    bad("polars dates", fit(pl.Series([date(2020, 1, 1)] * 8)), TypeError,
        FORM + "rows such as a date datetime.date(2020, 1, 1)."),
    bad("pyarrow structs", fit(pa.array([{"a": 1}] * 8)), TypeError,
        FORM + "rows such as a dict {'a': 1}."),
    bad("pyarrow scalar", fit(pa.scalar("a")), TypeError,
        FORM + "a StringScalar <pyarrow.StringScalar: 'a'>."),
    bad("tensor without values", fit(torch.ones(8, 3, device="meta")), TypeError,
        FORM + "a Tensor of shape (8, 3) and dtype torch.float32."),
    bad("what cannot be shown", fit(Unshown()), TypeError, FORM + "an Unshown ...."),
    bad("rows that cannot be shown", fit([Unshown()] * 8), TypeError,
        FORM + "rows such as an Unshown ...."),
    bad("columns that are no frame", fit(SHAPED), TypeError, FORM + "a Shaped of shape (8, 1)."),
    bad("sparse column", fit(sparse.coo_array(np.ones(8))), TypeError,
        sparse_X("coo_array of shape (8,) and dtype float64")),
    bad("sparse tensor", fit(torch.ones(8, 3).to_sparse()), TypeError,
        sparse_X("Tensor of shape (8, 3) and dtype torch.float32")),
    bad("sparse rows", fit([sparse.csr_matrix(TABLE[:1])] * 8), TypeError,
        FORM + "rows such as a csr_matrix of shape (1, 3) and dtype float64."),
]

NO_X = [
    bad("empty list", fit([], []), ValueError, NO_ROWS + "list."),
    bad("empty tuple", fit((), []), ValueError, NO_ROWS + "tuple."),
    bad("empty array", fit(np.array([]), []), ValueError, NO_ROWS + "ndarray."),
    bad("empty str array", fit(np.array([], dtype=str), []), ValueError, NO_ROWS + "ndarray."),
    bad("empty Series", fit(pd.Series([], dtype=object), []), ValueError, NO_ROWS + "Series."),
    bad("empty float Series", fit(pd.Series([], dtype=float), []), ValueError, NO_ROWS + "Series."),
    bad("empty polars", fit(pl.Series([], dtype=pl.String), []), ValueError, NO_ROWS + "Series."),
    bad("empty column", fit(FRAME[:0], []), ValueError, NO_ROWS + "DataFrame."),
    bad("empty frame", fit(pd.DataFrame(), []), ValueError, NO_ROWS + "DataFrame."),
    bad("no columns", fit(pd.DataFrame(index=range(8))), ValueError, NO_ROWS + "DataFrame."),
    bad("no series", fit(np.empty((0, 3, 2)), []), ValueError, NO_ROWS + "ndarray."),
    bad("strings (8, 0)", fit(np.empty((8, 0), dtype=str)), ValueError, NO_ROWS + "ndarray."),
    bad("(0, 3)", fit(TABLE[:0], []), ValueError, samples("sample(s)", (0, 3))),
    bad("(8, 0)", fit(TABLE[:, :0]), ValueError, samples("feature(s)", (8, 0))),
]

STRINGS = [
    bad("bytes rows", fit([b"ab", b"c"] * 4), TypeError,
        STRING + "bytes b'ab' in row 0: decode it."),
    bad("bytes late", fit(["a", None, b"c"]), TypeError,
        STRING + "bytes b'c' in row 2: decode it."),
    bad("bytes object array", fit(np.array(["a", b"c"], dtype=object)), TypeError,
        STRING + "bytes b'c' in row 1: decode it."),
    bad("bytes array", fit(np.array(["ab", "c"], dtype="S")), TypeError,
        "Who needs X to be strings, got an array of shape (2,) and dtype |S2: decode it."),
    bad("bytearray rows", fit([bytearray(b"ab"), b"c"] * 4), TypeError,
        STRING + "a bytearray bytearray(b'ab') in row 0: decode it."),
    bad("infinity", fit(["a", INF]), TypeError,
        STRING + "a float inf in row 1: convert it with str()."),
    bad("decimal row", fit(["a", Decimal("1.5")]), TypeError,
        STRING + "a Decimal Decimal('1.5') in row 1: convert it with str()."),
    bad("complex row", fit(["a", 1j]), TypeError,
        STRING + "a complex 1j in row 1: convert it with str()."),
    bad("number of many digits", fit(["a", 10**5000]), TypeError,
        STRING + "an int ... in row 1: convert it with str()."),
    bad("set row", fit(["a", {"b"}]), TypeError,
        STRING + "a set {'b'} in row 1: convert it with str()."),
    bad("tensor row", fit(["a", torch.tensor(1.0)]), TypeError,
        STRING + "a Tensor tensor(1.) in row 1: convert it with str()."),
    bad("sparse row", fit(["a", sparse.csr_matrix(TABLE)]), TypeError, STRING
        + "a csr_matrix of shape (8, 3) and dtype float64 in row 1: convert it with str()."),
    bad("list that contains itself among strings", fit(["a", contain_itself()]), TypeError,
        STRING + "a list [[...]] in row 1" + SAME_FORM),
    bad("3,000 lists in one another among strings", fit(["a", nest(3000, "b")]), TypeError,
        STRING + "a list ... in row 1" + SAME_FORM),
    bad("masked numbers", fit(objects("a", mask([1.0], [True]))), TypeError,
        STRING + "an array of shape (1,) and dtype float64 in row 1" + SAME_FORM),
    bad("int row", fit(["a", 1]), TypeError, STRING + "an int 1 in row 1: convert it with str()."),
    bad("int first", fit([1, "a"]), TypeError,
        STRING + "an int 1 in row 0: convert it with str()."),
    bad("float row", fit(["a", NAN, 1.5]), TypeError,
        STRING + "a float 1.5 in row 2: convert it with str()."),
    bad("numpy int row", fit(["a", np.int64(3)]), TypeError,
        STRING + "an int 3 in row 1: convert it with str()."),
    bad("date row", fit(["a", DAY]), TypeError,
        STRING + "a datetime datetime.datetime(2020, 1, 1, 0, 0) in row 1: convert it with str()."),
    bad("int in a column", fit(pd.DataFrame({"a": ["x", 1]}, dtype=object)), TypeError,
        STRING + "an int 1 in row 1: convert it with str()."),
    bad("list among strings", fit(["ab", ["a", "b"]]), TypeError,
        STRING + "a list ['a', 'b'] in row 1" + SAME_FORM),
    bad("string among lists", fit([["a", "b"], "ab"]), TypeError,
        STRING + "a list ['a', 'b'] in row 0" + SAME_FORM),
    bad("string among series", fit([np.ones((3, 2)), "ab"]), TypeError,
        STRING + "an array of shape (3, 2) and dtype float64 in row 0" + SAME_FORM),
]

COLUMNS = [
    bad("str array", fit(np.array(PAIRS)), ValueError, columns(2, "strings")),
    bad("object array", fit(np.array(PAIRS, dtype=object)), ValueError, columns(2, "strings")),
    bad("mixed object array", fit(np.array([["a", 1]] * 8, dtype=object)), ValueError,
        columns(2, "strings")),
    bad("number strings", fit(np.array([["1.5", "2"]] * 8)), ValueError, columns(2, "strings")),
    bad("pandas", fit(pd.DataFrame({"a": TEXT, "b": TEXT})), ValueError,
        columns(2, "strings in 'a', 'b'")),
    bad("pandas mixed", fit(pd.DataFrame({"a": Y, "b": TEXT, "c": Y})), ValueError,
        columns(3, "strings in 'b'")),
    bad("pandas category", fit(pd.DataFrame({"a": Y, "b": pd.Categorical(TEXT)})), ValueError,
        columns(2, "strings in 'b'")),
    bad("pandas number strings", fit(pd.DataFrame([["1.5", "2"]] * 8)), ValueError,
        columns(2, "strings in 0, 1")),
    bad("pandas equal names", fit(pd.DataFrame(PAIRS, columns=["a", "a"])), ValueError,
        columns(2, "strings in 'a', 'a'")),
    bad("polars", fit(pl.DataFrame({"a": TEXT, "b": TEXT})), ValueError,
        columns(2, "strings in 'a', 'b'")),
    bad("polars mixed", fit(pl.DataFrame({"a": TEXT, "b": Y})), ValueError,
        columns(2, "strings in 'a'")),
    bad("pyarrow", fit(pa.table({"a": TEXT, "b": TEXT})), ValueError,
        columns(2, "strings in 'a', 'b'")),
    bad("columns of lists", fit(pd.DataFrame({"a": TOKENS, "b": TOKENS})), ValueError,
        columns(2, "lists in 'a', 'b'", of="lists")),
    bad("many columns", fit(pd.DataFrame({f"c{i}": TEXT for i in range(300)})), ValueError,
        columns(300, "strings in " + ", ".join(f"'c{i}'" for i in range(99))[:97] + "...")),
    bad("long name", fit(pd.DataFrame({"n" * 5000: TEXT, "b": TEXT})), ValueError,
        columns(2, f"strings in '{'n' * 36}..., 'b'")),
    bad("numpy strings", fit(np.array(PAIRS, dtype=np.dtypes.StringDType())), ValueError,
        columns(2, "strings")),
    bad("equal names of numbers", fit(pd.DataFrame(TABLE, columns=["a", "b", "a"])), ValueError,
        twice("'a'")),
    bad("equal names in pyarrow", fit(pa.Table.from_arrays([pa.array(Y)] * 2, ["a", "a"])),
        ValueError, twice("'a'")),
    bad("column of complex numbers", fit(pd.DataFrame({"t": [1j] * 8, "x": Y})), TypeError,
        NUMERIC + "complex128 in 't': convert it to numbers."),
    bad("column of structs", fit(pl.DataFrame({"t": [{"a": 1}] * 8, "x": Y})), TypeError,
        NUMERIC + "Struct({'a': Int64}) in 't': convert it to numbers."),
    *(bad("numbers of 128 bits", fit(pl.DataFrame({"t": [2**70] * 8})), TypeError,
        "Who needs X to be numbers that numpy has a type for, got a DataFrame of shape (8, 1): "
        "convert it to float64.") for _ in range(hasattr(pl, "Int128"))),  # from polars 1.18 on
    bad("column of dates", fit(pd.DataFrame({"t": DAYS, "x": Y})), TypeError,
        NUMERIC + "datetime64[s] in 't': convert it to numbers."),
]

LISTS = [
    bad("int token", fit([["a", 1], ["b"]]), TypeError,
        TOKEN + "an int 1 in row 0: convert it with str()."),
    bad("number rows", fit([["a", "b"], [1.5]]), TypeError,
        TOKEN + "a float 1.5 in row 1: convert it with str()."),
    bad("None token", fit([["a"], ["a", None]]), TypeError, TOKEN + "None in row 1: leave it out."),
    bad("None token first", fit([[None, "a"], ["a"]]), TypeError,
        TOKEN + "None in row 0: leave it out."),
    bad("bytes token", fit([["a", b"b"], ["b"]]), TypeError,
        TOKEN + "bytes b'b' in row 0: decode it."),
    bad("bytes tokens", fit([[b"a", b"b"], [b"b"]]), TypeError,
        TOKEN + "bytes b'a' in row 0: decode it."),
    bad("nested token", fit([["a", ["b"]], ["b"]]), TypeError,
        TOKEN + "a list ['b'] in row 0: flatten the row."),
    bad("nested tokens", fit([[["a"], ["b"]], [["b"]]]), TypeError,
        TOKEN + "a list ['a'] in row 0: flatten the row."),
    bad("pd.NA token", fit([["a", pd.NA]] * 2), TypeError,
        TOKEN + "a NAType <NA> in row 0: leave it out."),
    bad("nan token", fit([["a", np.float32("nan")]] * 2), TypeError,
        TOKEN + "a float nan in row 0: leave it out."),
    bad("masked token", fit([mask(["a", "b"], [False, True])] * 2), TypeError,
        TOKEN + "None in row 0: leave it out."),
    bad("null token", fit(pa.array([["a", None]] * 2)), TypeError,
        TOKEN + "None in row 0: leave it out."),
    bad("number of many digits", fit([["a", 10**5000]] * 2), TypeError,
        TOKEN + "an int ... in row 0: convert it with str()."),
    bad("row that contains itself", fit([contain_itself("a"), ["b"]]), TypeError,
        TOKEN + "a list ['a', [...]] in row 0: flatten the row."),
    bad("3,000 lists in one another", fit([["a", nest(3000, "b")]]), TypeError,
        TOKEN + "a list ... in row 0: flatten the row."),
    bad("array of three dimensions", fit(np.full((8, 2, 2), "a")), TypeError,
        TOKEN + "an array of shape (2,) and dtype <U1 in row 0: flatten the row."),
    bad("frames of strings", fit([FRAME] * 2), TypeError,
        TOKEN + "an array of shape (1,) and dtype object in row 0: flatten the row."),
    bad("number among lists", fit([["a", "b"], 3]), TypeError,
        "Who needs every row of X to be a list of tokens or missing, got an int 3 in row 1."),
]

NUMBERS = [
    bad("list", fit([1.5, 2.5]), ValueError, numerals("1.5, 2.5")),
    bad("int list", fit([1, 2]), ValueError, numerals("1, 2")),
    bad("array", fit(np.array([1.5, 2.5])), ValueError, numerals("1.5, 2.5")),
    bad("Series", fit(pd.Series([1.5, 2.5])), ValueError, numerals("1.5, 2.5")),
    bad("polars Series", fit(pl.Series([1.5, 2.5])), ValueError, numerals("1.5, 2.5")),
    bad("nullable Series", fit(pd.Series([1, None], dtype="Int64")), ValueError,
        numerals("1.0, nan")),
    bad("nan list", fit([NAN, NAN]), ValueError, numerals("nan, nan")),
    bad("nan", fit(np.where(TABLE == 7, NAN, TABLE)), ValueError, NAN_X),
    bad("nan frame", fit(pd.DataFrame(np.where(TABLE == 7, NAN, TABLE))), ValueError, NAN_X),
    bad("None in rows", fit([[1.5, None]] * 8), ValueError, NAN_X),
    bad("None in object array", fit(np.array([[1, None]] * 8, dtype=object)), ValueError, NAN_X),
    bad("inf", fit(np.where(TABLE == 7, INF, TABLE)), ValueError, too_large("X")),
    bad("more than float32", fit(TABLE + 1e39), ValueError, too_large("X", "float32")),
    bad("complex", fit(np.array([[1j, 2j]])), ValueError,
        "Complex data not supported\n[[0.+1.j 0.+2.j]]\n"),
    bad("sparse matrix", fit(sparse.csr_matrix(TABLE)), TypeError,
        sparse_X("csr_matrix of shape (8, 3) and dtype float64")),
    bad("sparse array", fit(sparse.coo_array(TABLE)), TypeError,
        sparse_X("coo_array of shape (8, 3) and dtype float64")),
    bad("bools and None", fit([True, None] * 4), ValueError, numerals("1.0, nan, 1.0")),
    bad("decimals", fit([Decimal("1.5"), Decimal("NaN")] * 4), ValueError,
        numerals("1.5, nan, 1.5")),
    bad("fractions", fit([Fraction(1, 2), Fraction(3)] * 4), ValueError, numerals("0.5, 3.0, 0.5")),
    bad("huge list", fit([HUGE, 1, -HUGE]), ValueError, numerals("inf, 1.0, -inf")),
    bad("masked column", fit(mask([1.5] * 8)), ValueError, numerals("nan, 1.5, 1.5")),
    bad("tensor", fit(GRAD[:, 0]), ValueError, numerals("1.0, 1.0, 1.0")),
    bad("range", fit(range(8)), ValueError, numerals("0, 1, 2")),
    bad("huge rows", fit([[HUGE, 1]] * 8), ValueError, too_large("X")),
    bad("huge decimals", fit([[Decimal("1e400"), 1]] * 8), ValueError, too_large("X")),
    bad("huge object array", fit(np.array([[-HUGE, 1]] * 8)), ValueError, too_large("X")),
    bad("huge frame", fit(pd.DataFrame({"a": [HUGE] * 8, "b": Y}, dtype=object)), ValueError,
        too_large("X")),
    bad("long double", fit(np.full((8, 2), np.longdouble("1e4000"))), ValueError, too_large("X")),
    bad("masked", fit(mask(TABLE, TABLE == 7)), ValueError, NAN_X),
    bad("masked integers", fit(mask(TABLE.astype(int), TABLE == 7)), ValueError, NAN_X),
    bad("decimal nan", fit([[Decimal("NaN"), 1]] * 8), ValueError, NAN_X),
    bad("signalling nan", fit([[Decimal("sNaN"), 1]] * 8), ValueError, NAN_X),
    bad("nan tensor", fit(GRAD * NAN), ValueError, NAN_X),
    bad("nullable frame", fit(pd.DataFrame({"a": [1, None] * 4, "b": Y}, dtype="Int64")),
        ValueError, NAN_X),
    bad("nullable bools", fit(pd.DataFrame({"a": [True, None] * 4, "b": Y}, dtype="boolean")),
        ValueError, NAN_X),
    bad("polars nulls", fit(pl.DataFrame({"a": [1, None] * 4, "b": Y})), ValueError, NAN_X),
    bad("pyarrow nulls", fit(pa.table({"a": [1, None] * 4, "b": Y})), ValueError, NAN_X),
    bad("table of nothing", fit(np.full((8, 2), None)), ValueError, NAN_X),
    bad("4-D", fit(np.ones((8, 3, 2, 2))), ValueError,
        FORM + "an array of shape (8, 3, 2, 2) and dtype float64."),
]

SERIES_X = [
    bad("other d", fit([np.ones((3, 2)), np.ones((4, 3))]), ValueError, SAME_D + "[2, 3]."),
    bad("1-D and 2-D", fit([np.ones(3), np.ones((4, 2))]), ValueError, SAME_D + "[1, 2]."),
    bad("str array", fit([np.ones((3, 2)), np.array([["a", "b"]])]), ValueError,
        SERIAL + "an array of shape (1, 2) and dtype <U1 in row 1."),
    bad("str in a series", fit([[[1.5, 2.5]], [["a", 3.5]]]), ValueError,
        SERIAL + "a list [['a', 3.5]] in row 1."),
    bad("int before a token", fit([[1, "a"], ["b"]]), ValueError,
        SERIAL + "a list [1, 'a'] in row 0."),
    bad("ints and digits", fit([[1, "2"]] * 8), ValueError, SERIAL + "a list [1, '2'] in row 0."),
    bad("digits among rows", fit([[1.5, 2.5], [3.5, "4"]] * 4), ValueError,
        SERIAL + "a list [3.5, '4'] in row 1."),
    bad("word among rows", fit([[1.5, 2.5], [3.5, "a"]] * 4), ValueError,
        SERIAL + "a list [3.5, 'a'] in row 1."),
    bad("not rectangular", fit([[[1.0, 2.0], [3.0]], [[1.0]]]), ValueError,
        SERIAL + "a list [[1.0, 2.0], [3.0]] in row 0."),
    bad("None among series", fit([np.ones((3, 2)), None]), ValueError, SERIAL + "None in row 1."),
    bad("number among series", fit([np.ones((3, 2)), 3.5]), ValueError,
        SERIAL + "a float 3.5 in row 1."),
    bad("None in a series", fit([[1.5, None], [2.5]]), ValueError, hole("NaN", 1, 0)),
    bad("rows of dates", fit([[DAY]] * 8), ValueError,
        SERIAL + "a list [datetime.datetime(2020, 1, 1, 0, 0)] in row 0."),
    bad("complex rows", fit([[1j, 2j]] * 8), ValueError, SERIAL + "a list [1j, 2j] in row 0."),
    bad("3-D series", fit([np.ones((3, 2, 2)), np.ones((1, 2, 2))]), ValueError,
        SERIAL + "an array of shape (3, 2, 2) and dtype float64 in row 0."),
    bad("complex series", fit([np.ones((3, 2)), 1j * np.ones((3, 2))]), ValueError,
        SERIAL + "an array of shape (3, 2) and dtype complex128 in row 1."),
    bad("dates in series", fit([DAYS[:2], DAYS[:3]]), ValueError,
        SERIAL + "an array of shape (2,) and dtype datetime64[s] in row 0."),
    bad("nan in a series", fit([np.ones((1, 2)), np.ones((0, 2)), [[1, 1], [1, NAN]]]), ValueError,
        hole("NaN", 1, 2)),
    bad("inf in a 3-D array", fit(np.full((8, 3, 2), INF)), ValueError, hole("infinity", 0, 0)),
    bad("list that contains itself", fit(contain_itself()), ValueError,
        SERIAL + "a list [[...]] in row 0."),
    bad("row that contains itself", fit([[1.5], contain_itself(1.5)]), ValueError,
        SERIAL + "a list [1.5, [...]] in row 1."),
    bad("row that contains itself twice",
        fit([(lambda row: row.extend([row, row]) or row)([])] * 8),
        ValueError, SERIAL + "a list [[...], [...]] in row 0."),
    bad("3,000 lists in one another", fit(nest(3000, 1.5)), ValueError,
        SERIAL + "a list ... in row 0."),
    bad("3,000 empty lists", fit([nest(3000, [])] * 8), ValueError,
        SERIAL + "a list ... in row 0."),
    bad("huge series", fit([[HUGE, 1], [1]]), ValueError, hole("infinity", 0, 0)),
    bad("long doubles", fit([np.full(i + 1, np.longdouble("1e4000")) for i in range(8)]),
        ValueError, hole("infinity", 0, 0)),
    bad("masked series", fit([np.ones(2), mask([1.0, 2, 3], [False, False, True])]), ValueError,
        hole("NaN", 2, 1)),
    bad("masked array", fit(mask(np.ones((8, 3, 2)), np.arange(48).reshape(8, 3, 2) == 47)),
        ValueError, hole("NaN", 2, 7)),
    bad("masked objects", fit([mask(objects(1, 2), [True, False]), [3]]), ValueError,
        hole("NaN", 0, 0)),
    bad("tensors of nan", fit([GRAD, GRAD[:2] * NAN]), ValueError, hole("NaN", 0, 1)),
    bad("tensors of other d", fit([GRAD, GRAD[:, :2]]), ValueError, SAME_D + "[2, 3]."),
    bad("objects of other d", fit(objects(np.ones((3, 2)), np.ones((4, 3)))), ValueError,
        SAME_D + "[2, 3]."),
    bad("frames of other d", fit([FRAME.assign(a=1, b=2)[["a", "b"]], FRAME.assign(a=1)[["a"]]]),
        ValueError, SAME_D + "[1, 2]."),
    bad("nullable series", fit([pd.Series([1, None], dtype="Int64"), [1]]), ValueError,
        hole("NaN", 1, 0)),
    bad("complex tensors", fit([torch.ones(2, 1), torch.ones(3, 1, dtype=torch.complex64)]),
        ValueError, SERIAL + "an array of shape (3, 1) and dtype complex64 in row 1."),
    bad("structured series", fit([np.zeros(2, [("a", float)])] * 8), ValueError,
        SERIAL + "an array of shape (2,) and dtype [('a', '<f8')] in row 0."),
    bad("durations in series", fit([SPANS[:2], SPANS[:3]]), ValueError,
        SERIAL + "an array of shape (2,) and dtype timedelta64[s] in row 0."),
    bad("arrays of strings in series", fit([[np.array("a"), 1.5]] * 8), ValueError,
        SERIAL + "a list [array('a', dtype='<U1'), 1.5] in row 0."),
    bad("what cannot be shown", fit([[1.5, Unshown()]] * 8), ValueError,
        SERIAL + "a list ... in row 0."),
    bad("empty series", fit([np.empty((0, 2))] * 8), ValueError, EMPTY),
    bad("(8, 0, 2)", fit(np.empty((8, 0, 2))), ValueError, EMPTY),
]

USED = [
    bad("strings, numbers", after(TEXT, TABLE), ValueError, kinds("strings", "numbers")),
    bad("strings, 1-D numbers", after(TEXT, [1.5, 2.5]), ValueError, kinds("strings", "numbers")),
    bad("strings, number column", after(TEXT, pd.DataFrame({"a": Y})), ValueError,
        kinds("strings", "numbers")),
    bad("strings, number columns", after(TEXT, pd.DataFrame({"a": Y, "b": Y})), ValueError,
        kinds("strings", "numbers")),
    bad("strings, tokens", after(TEXT, TOKENS), ValueError, kinds("strings", "tokens")),
    bad("strings, series", after(TEXT, SERIES), ValueError, kinds("strings", "series")),
    bad("strings, table", after(FRAME, TABLE), ValueError, kinds("strings", "numbers")),
    bad("strings, str", after(TEXT, "abc"), TypeError, ONE + "a str 'abc': put it in a list."),
    bad("strings, int row", after(TEXT, ["a", 1]), TypeError,
        STRING + "an int 1 in row 1: convert it with str()."),
    bad("strings, two columns", after(FRAME, FRAME.assign(b="x")), ValueError,
        columns(2, "strings in 'name', 'b'")),
    bad("strings, other name", after(FRAME, RENAMED), ValueError,
        names("nom", "name")),
    bad("strings, none", after(TEXT, []), ValueError, NO_ROWS + "list."),
    bad("tokens, strings", after(TOKENS, TEXT), ValueError, kinds("tokens", "strings")),
    bad("tokens, numbers", after(TOKENS, TABLE), ValueError, kinds("tokens", "numbers")),
    bad("numbers, strings", after(TABLE, TEXT), ValueError, kinds("numbers", "strings")),
    bad("numbers, number strings", after(TABLE, [["1.5", "2", "3"]]), ValueError,
        kinds("numbers", "tokens")),
    bad("numbers, series", after(TABLE, SERIES), ValueError, kinds("numbers", "series")),
    bad("numbers, 1-D", after(TABLE, [1.5, 2.5]), ValueError, reshape("[1.5 2.5]")),
    bad("numbers, fewer", after(TABLE, TABLE[:, :2]), ValueError,
        "X has 2 features, but Who is expecting 3 features as input."),
    bad("numbers, nan", after(TABLE, TABLE * NAN), ValueError, NAN_X),
    bad("numbers, other name", after(pd.DataFrame({"a": Y}), pd.DataFrame({"b": Y})), ValueError,
        names("b", "a")),
    bad("numbers, none", after(TABLE, []), ValueError, NO_ROWS + "list."),
    bad("series, strings", after(SERIES, TEXT), ValueError, kinds("series", "strings")),
    bad("series, other d", after(SERIES, [np.ones((4, 3))]), ValueError,
        kinds("series of 2 variables", "3")),
    bad("series, table", after(SERIES, TABLE), ValueError,
        kinds("series of 2 variables", "1")),
    bad("series, none", after(SERIES, []), ValueError, NO_ROWS + "list."),
    bad("numbers, all missing", after(TABLE, [None, None]), ValueError, reshape("[nan nan]")),
    bad("numbers, masked", after(TABLE, mask(TABLE, TABLE == 0)), ValueError, NAN_X),
    bad("numbers, huge", after(TABLE, [[HUGE, 1, 2]]), ValueError, too_large("X")),
    bad("numbers, sparse", after(TABLE, sparse.csr_matrix(TABLE)), TypeError,
        sparse_X("csr_matrix of shape (8, 3) and dtype float64")),
    bad("series, all missing", after(SERIES, [None, None]), ValueError, SERIAL + "None in row 0."),
    bad("series, NaT", after(SERIES, [pd.NaT]), ValueError, SERIAL + "a NaTType NaT in row 0."),
    bad("series, table without rows", after(SERIES, TABLE[:0]), ValueError, NO_ROWS + "ndarray."),
    bad("series, what cannot be read", after(SERIES, [SHAPED]), TypeError,
        FORM + "rows such as a Shaped of shape (8, 1)."),
    bad("series, sparse", after(SERIES, [sparse.csr_matrix(TABLE)]), TypeError,
        FORM + "rows such as a csr_matrix of shape (8, 3) and dtype float64."),
    bad("series, itself", after(SERIES, [contain_itself()]), ValueError,
        SERIAL + "a list [[...]] in row 0."),
    bad("series, tensors of other d", after(SERIES, [GRAD]), ValueError,
        kinds("series of 2 variables", "3")),
    bad("strings, masked numbers", after(TEXT, mask(TABLE, TABLE == 0)), ValueError,
        kinds("strings", "numbers")),
    bad("strings, NaN of single precision", after(TEXT, [np.float32("nan"), 1]), ValueError,
        kinds("strings", "numbers")),
    bad("strings, set", after(TEXT, {"ab"}), TypeError, FORM + "a set {'ab'}."),
    bad("strings, used generator", after(TEXT, iter([])), ValueError, NO_ROWS + "list_iterator."),
    bad("tokens, itself", after(TOKENS, [contain_itself()]), ValueError,
        SERIAL + "a list [[...]] in row 0."),
    bad("tokens, sets", after(TOKENS, [{"a"}]), TypeError, FORM + "rows such as a set {'a'}."),
    bad("transform", after(TEXT, TABLE), ValueError, kinds("strings", "numbers"), RNNEncoder),
    bad("regressor", after(TABLE, TEXT), ValueError, kinds("numbers", "strings"), RNNRegressor),
    bad("predict device", lambda model: use(TEXT, device="gpu")(fit()(model)), ValueError,
        device("gpu")),
    bad("not fitted encoder", use(TEXT), NotFittedError, UNFITTED, RNNEncoder),
    bad("not fitted classifier", use(TEXT), NotFittedError, UNFITTED),
    bad("not fitted proba", lambda model: model.predict_proba(TEXT), NotFittedError, UNFITTED),
    bad("not fitted regressor", use(TEXT), NotFittedError, UNFITTED, RNNRegressor),
    bad("not fitted encoder_", lambda model: model.encoder_, NotFittedError, UNFITTED),
]

WRONG_Y = [
    bad("None, encoder", fit(y=None), ValueError, NO_Y, RNNEncoder),
    bad("None, classifier", fit(y=None), ValueError, NO_Y),
    bad("None, regressor", fit(TABLE, None), ValueError, NO_Y, RNNRegressor),
    bad("short", fit(y=Y[:-1]), ValueError,
        "Who needs one y for each row of X, got 8 rows and 7 y."),
    bad("empty", fit(y=[]), ValueError, "Who needs one y for each row of X, got 8 rows and 0 y."),
    bad("scalar", fit(y=1), ValueError, EACH_Y + "an int 1."),
    bad("0-d array", fit(y=np.array(1.5)), ValueError, EACH_Y + "a float 1.5."),
    bad("str", fit(y="abababab"), ValueError, EACH_Y + "a str 'abababab'."),
    bad("bytes", fit(y=b"abababab"), ValueError, EACH_Y + "bytes b'abababab'."),
    bad("memoryview", fit(y=memoryview(b"abababab")), ValueError,
        EACH_Y + "a memoryview of shape (8,)."),
    bad("set", fit(y={"a"}), ValueError, EACH_Y + "a set {'a'}."),
    bad("dict", fit(y={"a": 1}), ValueError, EACH_Y + "a dict {'a': 1}."),
    bad("keys", fit(y={"a": 1}.keys()), ValueError, EACH_Y + "a dict_keys dict_keys(['a'])."),
    bad("generator", fit(y=repeat(1, 8)), ValueError, EACH_Y + "a repeat repeat(1, 8)."),
    bad("number of many digits", fit(y=10**5000), ValueError, EACH_Y + "an int ...."),
    bad("what cannot be shown", fit(y=Unshown()), ValueError, EACH_Y + "an Unshown ...."),
    bad("rows that cannot be shown", fit(y=[Unshown()] * 8), ValueError, EACH_Y + "a list ...."),
    bad("contains itself", fit(y=contain_itself()), ValueError, EACH_Y + "a list [[...]]."),
    bad("3,000 lists in one another", fit(y=nest(3000, 1)), ValueError, EACH_Y + "a list ...."),
    bad("rows of unequal length", fit(y=[["a"], ["b", "c"]] * 4), ValueError,
        EACH_Y + "a list [['a'], ['b', 'c'], ['a'], ['b', 'c']...."),
    bad("3-D", fit(y=np.ones((8, 2, 2))), ValueError,
        EACH_Y + "an array of shape (8, 2, 2) and dtype float64."),
    bad("no columns", fit(y=np.ones((8, 0))), ValueError,
        EACH_Y + "an array of shape (8, 0) and dtype float64."),
    bad("no numbers", fit(y=np.ones((8, 0))), ValueError,
        EACH_Y + "an array of shape (8, 0) and dtype float64.", RNNRegressor),
    bad("sparse", fit(y=sparse.csr_matrix(np.eye(8))), ValueError,
        EACH_Y + "a csr_matrix of shape (8, 8) and dtype float64."),
    bad("sparse tensor", fit(y=torch.ones(8).to_sparse()), ValueError,
        EACH_Y + "a Tensor of shape (8,) and dtype torch.float32."),
    bad("sparse, regressor", fit(y=sparse.csr_matrix(np.eye(8))), ValueError,
        EACH_Y + "a csr_matrix of shape (8, 8) and dtype float64.", RNNRegressor),
    bad("2-D", fit(y=np.arange(16).reshape(8, 2)), ValueError, several((8, 2), "int64")),
    bad("2-D strings", fit(y=PAIRS), ValueError, several((8, 2), "<U1")),
    bad("2-D numbers", fit(y=[[0.5, 1.5]] * 8), ValueError, several((8, 2), "float64")),
    bad("1 and 2 in columns", fit(y=[[1, 2], [2, 1]] * 4), ValueError, two_numbers("[1, 2]")),
    bad("1 and 2 in columns, encoder", fit(y=[[1, 2], [2, 1]] * 4), ValueError,
        two_numbers("[1, 2]"), RNNEncoder),
    bad("1.0 and 2.0 in columns", fit(y=[[1.0, 2.0], [2.0, 1.0]] * 4), ValueError,
        two_numbers("[1.0, 2.0]")),
    bad("0 and 7 in columns", fit(y=[[0, 7], [7, 0]] * 4), ValueError, two_numbers("[0, 7]")),
    bad("only 7 in columns", fit(y=[[7, 7, 7]] * 8), ValueError, two_numbers("[7]", n=3)),
    bad("-1 and 1 in columns", fit(y=[[-1, 1], [1, -1]] * 4), ValueError,
        two_numbers("[-1, 1]", "write 0 for -1, with (y > 0)")),
    bad("-1.0 and 1.0 in columns", fit(y=np.array([[-1.0, 1.0], [1.0, -1.0]] * 4)), ValueError,
        two_numbers("[-1.0, 1.0]", "write 0 for -1, with (y > 0)")),
    bad("-1 and 1 in a frame", fit(y=pd.DataFrame({"a": [-1, 1] * 4, "b": 1})), ValueError,
        two_numbers("[-1, 1]", "write 0 for -1, with (y > 0)"), RNNEncoder),
    bad("-1 and 1 in y_val", fit(y=[[0, 1], [1, 0]] * 4, X_val=TEXT, y_val=[[-1, 1]] * 8),
        ValueError, two_numbers("[-1, 1]", "write 0 for -1, with (y_val > 0)", name="y_val")),
    bad("columns of y_val", fit(TABLE, [[0.5, 1.5]] * 8, X_val=TABLE, y_val=FLOATS), ValueError,
        "Who needs y_val in the form of y, numbers in 2 columns, got numbers in 1 column.",
        RNNRegressor),
    bad("labels for classes", fit(y=Y, X_val=TEXT, y_val=[[0, 1]] * 8), ValueError,
        "Who needs y_val in the form of y, classes, got labels in 2 columns."),
    bad("other labels", fit(y=[[0, 1]] * 8, X_val=TEXT, y_val=[[0, 1, 1]] * 8), ValueError,
        "Who needs y_val in the form of y, labels in 2 columns, got labels in 3 columns."),
    bad("one column", fit(y=np.array(Y)[:, None]), DataConversionWarning, COLUMN_Y),
    bad("nan list", fit(y=[1.0, NAN] * 4), ValueError, gap(1)),
    bad("nan array", fit(y=np.array([1.0, NAN] * 4)), ValueError, gap(1)),
    bad("inf", fit(y=np.array([1.5, INF] * 4)), ValueError, too_large("y")),
    bad("None label", fit(y=["a", None] * 4), ValueError, gap(1)),
    bad("pd.NA label", fit(y=pd.Series(["a", pd.NA] * 4, dtype="string")), ValueError, gap(1)),
    bad("nan label", fit(y=np.array(["a", NAN] * 4, dtype=object)), ValueError, gap(1)),
    bad("polars null", fit(y=pl.Series([1, None] * 4)), ValueError, gap(1)),
    bad("pyarrow null", fit(y=pa.array(["a", None] * 4)), ValueError, gap(1)),
    bad("nan of single precision", fit(y=["a", np.float32("nan")] * 4), ValueError, gap(1)),
    bad("decimal nan", fit(y=[Decimal(1), Decimal("NaN")] * 4), ValueError, gap(1)),
    bad("signalling nan", fit(y=[Decimal(1), Decimal("sNaN")] * 4), ValueError, gap(1),
        RNNRegressor),
    bad("NaT label", fit(y=["a", pd.NaT] * 4), ValueError, gap(1)),
    bad("numpy's NaT", fit(y=np.array(["2020", "NaT"] * 4, dtype="datetime64[s]")), ValueError,
        gap(1)),
    bad("masked", fit(y=mask(Y)), ValueError, gap(0)),
    bad("masked numbers", fit(y=mask(FLOATS)), ValueError, gap(0), RNNRegressor),
    bad("masked labels", fit(y=mask(LABELS)), ValueError, gap(0)),
    bad("masked columns", fit(y=mask(np.ones((8, 2)), [[0, 0]] * 7 + [[0, 1]])), ValueError,
        gap(7)),
    bad("boolean with NA", fit(y=pd.Series([True, None] * 4, dtype="boolean")), ValueError, gap(1)),
    bad("Int64 with NA", fit(y=pd.Series([1, None] * 4, dtype="Int64")), ValueError, gap(1),
        RNNRegressor),
    bad("category with NA", fit(y=pd.Categorical(["a", None] * 4)), ValueError, gap(1)),
    bad("pyarrow chunks", fit(y=pa.chunked_array([["a"] * 4, ["b", None] * 2])), ValueError,
        gap(5)),
    bad("pyarrow dictionary", fit(y=pa.array(["a", None] * 4).dictionary_encode()), ValueError,
        gap(1)),
    bad("pyarrow nulls", fit(y=pa.nulls(8)), ValueError, gap(0)),
    bad("polars null label", fit(y=pl.Series(["a", None] * 4)), ValueError, gap(1)),
    bad("polars null number", fit(y=pl.Series([1.5, None] * 4)), ValueError, gap(1), RNNRegressor),
    bad("numpy strings", fit(y=np.array(["a", None] * 4, np.dtypes.StringDType(na_object=None))),
        ValueError, gap(1)),
    bad("nan tensor", fit(y=GRAD[:, 0] * NAN), ValueError, gap(0), RNNRegressor),
    bad("list rows", fit(y=objects(*TOKENS)), TypeError,
        CELL_Y + "a list ['a', 'b'] in row 0" + TO_STRING),
    bad("arrays of unequal d", fit(y=objects(np.ones((3, 2)), np.ones((4, 3)))), TypeError,
        CELL_Y + "an array of shape (3, 2) and dtype float64 in row 0" + TO_STRING),
    bad("numbers of unequal d", fit(["a", "b"], objects(np.ones((3, 2)), np.ones((4, 3)))),
        ValueError, NUMBER_Y + "an array of shape (3, 2) and dtype float64 in row 0" + TO_NUMBER,
        RNNRegressor),
    bad("bytearrays", fit(y=objects(*[bytearray(b"a")] * 8)), TypeError,
        CELL_Y + "a bytearray bytearray(b'a') in row 0: decode it."),
    bad("dict rows", fit(y=[{"a": 1}] * 8), TypeError,
        CELL_Y + "a dict {'a': 1} in row 0" + TO_STRING),
    bad("set rows", fit(y=[{"a"}] * 8), TypeError, CELL_Y + "a set {'a'} in row 0" + TO_STRING),
    bad("structured", fit(y=np.zeros(8, [("a", int)])), TypeError,
        CELL_Y + "a tuple (0,) in row 0" + TO_STRING),
    bad("sparse rows", fit(y=objects(*[sparse.csr_matrix(TABLE)] * 8)), TypeError,
        CELL_Y + "a csr_matrix of shape (8, 3) and dtype float64 in row 0" + TO_STRING),
    bad("dates", fit(y=[DAY] * 8), TypeError,
        CELL_Y + "a datetime datetime.datetime(2020, 1, 1, 0, 0) in row 0" + TO_STRING),
    bad("date array", fit(y=DAYS), TypeError,
        CELL_Y + "a datetime64 2020-01-01T00:00:00 in row 0" + TO_STRING),
    bad("date and string", fit(y=["a", DAY] * 4), TypeError,
        CELL_Y + "a datetime datetime.datetime(2020, 1, 1, 0, 0) in row 1" + TO_STRING),
    bad("durations", fit(y=SPANS), TypeError,
        CELL_Y + "a timedelta64 0 seconds in row 0" + TO_STRING),
    bad("polars dates", fit(y=pl.Series([date(2020, 1, 1)] * 8)), TypeError,
        CELL_Y + "a datetime64 2020-01-01 in row 0" + TO_STRING),
    bad("pyarrow structs", fit(y=pa.array([{"a": 1}] * 8)), TypeError,
        CELL_Y + "a dict {'a': 1} in row 0" + TO_STRING),
    bad("complex array", fit(y=np.full(8, 1j)), TypeError,
        CELL_Y + "a complex 1j in row 0" + TO_STRING),
    bad("complex numbers for numbers", fit(y=np.full(8, 1j)), ValueError,
        "Complex data not supported\n[0.+1.j 0.+1.j 0.+1.j 0.+1.j 0.+1.j 0.+1.j 0.+1.j 0.+1.j]\n",
        RNNRegressor),
    bad("complex columns", fit(y=np.full((8, 2), 1j)), ValueError,
        NUMBER_Y + "a complex 1j in row 0" + TO_NUMBER, RNNRegressor),
    bad("huge labels", fit(y=[HUGE, 1] * 4), ValueError,
        SIXTY_FOUR + f"an int 1{'0' * 36}..." + AS_STRINGS),
    bad("labels of many digits", fit(y=[10**5000, 1] * 4), ValueError,
        SIXTY_FOUR + "an int ..." + AS_STRINGS),
    bad("labels of 70 bits", fit(y=[2**70, 1] * 4), ValueError,
        SIXTY_FOUR + f"an int {2**70}" + AS_STRINGS),
    bad("labels of 64 bits", fit(y=np.array([1, 2**63] * 4, dtype=object)), ValueError,
        SIXTY_FOUR + f"an int {2**63}" + AS_STRINGS),
    bad("labels of 70 bits, encoder", fit(y=[-(2**70), 1] * 4), ValueError,
        SIXTY_FOUR + f"an int {-(2**70)}" + AS_STRINGS, RNNEncoder),
    bad("huge numbers", fit(y=[HUGE, 1] * 4), ValueError, too_large("y"), RNNRegressor),
    bad("huge numbers in columns", fit(y=[[-HUGE, 1]] * 8), ValueError, too_large("y"),
        RNNRegressor),
    bad("long double", fit(y=np.full(8, np.longdouble("1e4000"))), ValueError,
        too_large("y"), RNNRegressor),
    bad("large floats for classes", fit(y=[1.0, 2.0**63] * 4), ValueError,
        LABEL_TYPE.replace("0.5", "9.223372036854776e+18")),
    bad("fractions for classes", fit(y=[Fraction(1), Fraction(1, 2)] * 4), ValueError, LABEL_TYPE),
    bad("mixed labels", fit(y=np.array(["a", 1] * 4, dtype=object)), TypeError,
        "Who needs y of one type, got 'a' and 1: convert it to strings, or to numbers."),
    bad("mixed numbers", fit(y=[1.5, "a"] * 4), TypeError,
        "Who needs y of one type, got 1.5 and 'a': convert it to strings, or to numbers.",
        RNNRegressor),
    bad("complex numbers", fit(["a", "b"], [1j, 2]), TypeError,
        CELL_Y + "a complex 1j in row 0" + TO_STRING),
    bad("bytes labels", fit(y=[b"a", b"b"] * 4), TypeError, BYTES_Y),
    bad("bytes array", fit(y=np.array([b"a", b"b"] * 4)), TypeError, BYTES_Y),
    bad("numbers for classes", fit(y=FLOATS), ValueError, LABEL_TYPE),
    bad("one class", fit(y=[1] * 8), ValueError,
        "Who needs at least two classes in y, got one class: 1."),
    bad("one label", fit(y=["a"] * 8), ValueError,
        "Who needs at least two classes in y, got one class: 'a'."),
    bad("one class with weight", fit(sample_weight=[1, 0] * 4), ValueError,
        "Who needs at least two classes in y, got one class: 0."),
    bad("labels for numbers", fit(y=LABELS), ValueError,
        NUMBER_Y + "a str 'a' in row 0" + TO_NUMBER, RNNRegressor),
    bad("number strings", fit(y=["1", "2"] * 4), ValueError,
        NUMBER_Y + "a str '1' in row 0" + TO_NUMBER, RNNRegressor),
    bad("dates for numbers", fit(y=DAYS), ValueError,
        NUMBER_Y + "a datetime64 2020-01-01T00:00:00 in row 0" + TO_NUMBER,
        RNNRegressor),
    bad("durations for numbers", fit(y=np.arange(8).astype("timedelta64[s]")), ValueError,
        NUMBER_Y + "a timedelta64 0 seconds in row 0" + TO_NUMBER, RNNRegressor),
    bad("inf in objects", fit(y=np.array([1.5, INF] * 4, dtype=object)), ValueError,
        too_large("y"), RNNRegressor),
    bad("too spread", fit(y=[1e300, -1e300] * 4), ValueError,
        "Who needs y with a finite variance, got numbers up to 1e+300: scale y.", RNNRegressor),
]

WEIGHTS = [
    bad("short", fit(sample_weight=[1.0] * 7), ValueError,
        "Who needs one sample_weight for each row of X, got 8 rows and 7 weights."),
    bad("long", fit(sample_weight=[1.0] * 9), ValueError,
        "Who needs one sample_weight for each row of X, got 8 rows and 9 weights."),
    bad("2-D", fit(sample_weight=np.ones((8, 1))), ValueError,
        WEIGHT + "an array of shape (8, 1) and dtype float64."),
    bad("2-D list", fit(sample_weight=[[1]] * 2), ValueError, WEIGHT + "a list [[1], [1]]."),
    bad("3-D", fit(sample_weight=np.ones((8, 1, 1))), ValueError,
        WEIGHT + "an array of shape (8, 1, 1) and dtype float64."),
    bad("frame", fit(sample_weight=pd.DataFrame({"w": [1.0] * 8})), ValueError,
        WEIGHT + "a DataFrame of shape (8, 1)."),
    bad("strings", fit(sample_weight=LABELS), ValueError, WEIGHT + "a str 'a' in row 0."),
    bad("digits", fit(sample_weight=[1, "2"] * 4), ValueError, WEIGHT + "a str '2' in row 1."),
    bad("bytes", fit(sample_weight=[b"1"] * 8), ValueError, WEIGHT + "bytes b'1' in row 0."),
    bad("one string", fit(sample_weight="balanced"), ValueError, WEIGHT + "a str 'balanced'."),
    bad("complex", fit(sample_weight=[1, 1j] * 4), ValueError,
        WEIGHT + "a list [1, 1j, 1, 1j, 1, 1j, 1, 1j]."),
    bad("one complex", fit(sample_weight=1j), ValueError, WEIGHT + "a complex 1j."),
    bad("dates", fit(sample_weight=[DAY] * 8), ValueError,
        WEIGHT + "a datetime datetime.datetime(2020, 1, 1, 0, 0) in row 0."),
    bad("durations", fit(sample_weight=SPANS), ValueError,
        WEIGHT + "a timedelta64 0 seconds in row 0."),
    bad("lists", fit(sample_weight=objects(*TOKENS)), ValueError,
        WEIGHT + "a list ['a', 'b'] in row 0."),
    bad("rows of unequal length", fit(sample_weight=[[1], [1, 2]] * 4), ValueError,
        WEIGHT + "a list [1] in row 0."),
    bad("contains itself", fit(sample_weight=contain_itself()), ValueError,
        WEIGHT + "a list [[...]] in row 0."),
    bad("3,000 lists in one another", fit(sample_weight=nest(3000, 1)), ValueError,
        WEIGHT + "a list ... in row 0."),
    bad("set", fit(sample_weight={1}), ValueError, WEIGHT + "a set {1}."),
    bad("dict", fit(sample_weight={0: 1}), ValueError, WEIGHT + "a dict {0: 1}."),
    bad("generator", fit(sample_weight=repeat(1, 8)), ValueError,
        WEIGHT + "a repeat repeat(1, 8)."),
    bad("sparse", fit(sample_weight=sparse.coo_array(np.ones(8))), ValueError,
        WEIGHT + "a coo_array of shape (8,) and dtype float64."),
    bad("structured", fit(sample_weight=np.zeros(8, [("a", int)])), ValueError,
        WEIGHT + "a tuple (0,) in row 0."),
    bad("what cannot be shown", fit(sample_weight=[1, Unshown()] * 4), ValueError,
        WEIGHT + "an Unshown ... in row 1."),
    bad("None in a row", fit(sample_weight=[1, None] * 4), ValueError,
        "Input sample_weight contains NaN."),
    bad("pd.NA", fit(sample_weight=pd.Series([1, None] * 4, dtype="Int64")), ValueError,
        "Input sample_weight contains NaN."),
    bad("decimal nan", fit(sample_weight=[Decimal(1), Decimal("NaN")] * 4), ValueError,
        "Input sample_weight contains NaN."),
    bad("masked", fit(sample_weight=mask([1.0] * 8)), ValueError,
        "Input sample_weight contains NaN."),
    bad("null", fit(sample_weight=pa.array([1, None] * 4)), ValueError,
        "Input sample_weight contains NaN."),
    bad("one nan", fit(sample_weight=NAN), ValueError, "Input sample_weight contains NaN."),
    bad("one infinity", fit(sample_weight=INF), ValueError, too_large("sample_weight")),
    bad("huge", fit(sample_weight=[HUGE, 1] * 4), ValueError, too_large("sample_weight")),
    bad("long double", fit(sample_weight=np.full(8, np.longdouble("1e4000"))), ValueError,
        too_large("sample_weight")),
    bad("negative", fit(sample_weight=[1, -1] * 4), ValueError,
        "Negative values in data passed to `sample_weight`."),
    bad("nan", fit(sample_weight=[1, NAN] * 4), ValueError, "Input sample_weight contains NaN."),
    bad("inf", fit(sample_weight=[1, INF] * 4), ValueError, too_large("sample_weight")),
    bad("zero", fit(sample_weight=[0] * 8), ValueError,
        "Sample weights must contain at least one non-zero number."),
]

VALIDATION = [
    bad("X_val alone", fit(X_val=TEXT), ValueError,
        "Who got X_val without y_val: give X_val and y_val, or neither."),
    bad("y_val alone", fit(y_val=Y), ValueError,
        "Who got y_val without X_val: give X_val and y_val, or neither."),
    bad("weights of nothing", fit(sample_weight_val=[1] * 8), ValueError,
        "Who got sample_weight_val without X_val and y_val: give X_val and y_val, or neither."),
    bad("too few weights", fit(X_val=TEXT, y_val=Y, sample_weight_val=[1, 2]), ValueError,
        "Who needs one sample_weight_val for each row of X_val, got 8 rows and 2 weights."),
    bad("nan in weights of validation", fit(X_val=TEXT, y_val=Y, sample_weight_val=[NAN] * 8),
        ValueError, "Input sample_weight_val contains NaN."),
    bad("strings in weights of validation", fit(X_val=TEXT, y_val=Y, sample_weight_val=LABELS),
        ValueError, WEIGHT.replace("weight", "weight_val") + "a str 'a' in row 0."),
    bad("y_val masked", fit(X_val=TEXT, y_val=mask(Y)), ValueError, gap(0, "y_val")),
    bad("y_val generator", fit(X_val=TEXT, y_val=repeat(1, 8)), ValueError,
        EACH_Y.replace("y to", "y_val to") + "a repeat repeat(1, 8)."),
    bad("y_val dates", fit(X_val=TEXT, y_val=DAYS), TypeError, CELL_Y.replace("y to", "y_val to")
        + "a datetime64 2020-01-01T00:00:00 in row 0" + TO_STRING),
    bad("X_val sparse", fit(TABLE, X_val=sparse.csr_matrix(TABLE), y_val=Y), TypeError,
        sparse_X("csr_matrix of shape (8, 3) and dtype float64").replace("X to", "X_val to")),
    bad("X_val masked", fit(TABLE, X_val=mask(TABLE, TABLE == 7), y_val=Y), ValueError,
        "Input X_val contains NaN."),
    bad("X_val set", fit(X_val={"ab"}, y_val=[0]), TypeError,
        FORM.replace("X to", "X_val to") + "a set {'ab'}."),
    bad("no weight in validation", fit(X_val=TEXT, y_val=Y, sample_weight_val=[0] * 8), ValueError,
        "Sample weights must contain at least one non-zero number."),
    bad("y_val short", fit(X_val=TEXT, y_val=[0]), ValueError,
        "Who needs one y_val for each row of X_val, got 8 rows and 1 y_val."),
    bad("y_val gap", fit(X_val=TEXT, y_val=[0, None] * 4), ValueError, gap(1, "y_val")),
    bad("y_val inf", fit(y=FLOATS, X_val=TEXT, y_val=[INF] * 8), ValueError,
        too_large("y_val"), RNNRegressor),
    bad("y_val unseen", fit(X_val=TEXT, y_val=[0, 2] * 4), ValueError, UNSEEN + "[2]."),
    bad("y_val unseen labels", fit(y=LABELS, X_val=TEXT, y_val=["a", "z"] * 4), ValueError,
        UNSEEN + "['z']."),
    bad("y_val other type", fit(y=LABELS, X_val=TEXT, y_val=Y), ValueError,
        UNSEEN + "[0, 1]."),
    bad("y_val without weight",
        fit(y=[0, 1, 2, 1] * 2, sample_weight=[1, 1, 0, 1] * 2, X_val=["a"], y_val=[2]), ValueError,
        UNSEEN + "[2]."),
    bad("y_val labels for numbers", fit(y=FLOATS, X_val=TEXT, y_val=LABELS), ValueError,
        "Who needs y_val to be numbers, got a str 'a' in row 0: convert it to a number.",
        RNNEncoder),
    bad("X_val other kind", fit(X_val=TABLE, y_val=Y), ValueError,
        "Who needs X_val in the form of X, strings, got numbers."),
    bad("X_val other d", fit(SERIES, X_val=[np.ones((4, 3))], y_val=[0]), ValueError,
        "Who needs X_val in the form of X, series of 2 variables, got 3."),
    bad("X_val nan", fit(TABLE, X_val=TABLE * NAN, y_val=Y), ValueError,
        "Input X_val contains NaN."),
    bad("X_val token", fit(TOKENS, X_val=[["a", 1]], y_val=[0]), TypeError,
        TOKEN.replace("X", "X_val") + "an int 1 in row 0: convert it with str()."),
    bad("X_val fewer", fit(TABLE, X_val=TABLE[:, :2], y_val=Y), ValueError,
        "X has 2 features, but Who is expecting 3 features as input."),
    bad("X_val other name", fit(FRAME, X_val=RENAMED, y_val=Y), ValueError,
        names("nom", "name")),
]

COLOURED = pd.DataFrame({EVIL: TEXT})
ESCAPES = [
    bad("name of a column", fit(COLOURED.assign(b="x")), ValueError,
        columns(2, f"strings in '{SHOWN}', 'b'")),
    bad("name of a column of dates", fit(pd.DataFrame({EVIL: DAYS, "x": Y})), TypeError,
        NUMERIC + f"datetime64[s] in '{SHOWN}': convert it to numbers."),
    bad("names of two columns", fit(pd.DataFrame(TABLE, columns=[EVIL, "b", EVIL])), ValueError,
        twice(f"'{SHOWN}'")),
    bad("type of a column", fit(pl.DataFrame({"a": [{EVIL: 1}] * 8, "x": Y})), TypeError,
        NUMERIC + f"Struct({{'{SHOWN}': Int64}}) in 'a': convert it to numbers."),
    bad("cell", fit([EVIL.encode(), "a"]), TypeError, STRING
        + "bytes b'\\x1b[31mred\\r\\xe2\\x80\\xae' in row 0: decode it."),
    bad("one string", fit(EVIL), TypeError, ONE + f"a str '{SHOWN}': put it in a list."),
    bad("surrogate", fit("\ud800"), TypeError, ONE + "a str '\\ud800': put it in a list."),
    bad("object", fit(type("C", (), {"__repr__": lambda self: EVIL})()), TypeError,
        FORM + "a C \\x1b[31mred \\u202e."),
    bad("name of a class", fit(type(EVIL, (), {"__repr__": lambda self: "C"})()), TypeError,
        FORM + f"a {SHOWN} C."),
    bad("label", fit(y=[EVIL] * 8), ValueError,
        f"Who needs at least two classes in y, got one class: '{SHOWN}'."),
    bad("long label", fit(y=["a" * 5000] * 8), ValueError,
        f"Who needs at least two classes in y, got one class: '{'a' * 36}...."),
    bad("label and number", fit(y=[EVIL, 1] * 4), TypeError,
        f"Who needs y of one type, got '{SHOWN}' and 1: convert it to strings, or to numbers."),
    bad("label for a number", fit(y=[EVIL] * 8), ValueError,
        NUMBER_Y + f"a str '{SHOWN}' in row 0" + TO_NUMBER, RNNRegressor),
    bad("label in y_val", fit(y=LABELS, X_val=TEXT, y_val=[EVIL] * 8), ValueError,
        UNSEEN + f"['{SHOWN}']."),
    bad("weight", fit(sample_weight=[EVIL] * 8), ValueError, WEIGHT + f"a str '{SHOWN}' in row 0."),
    bad("key of class_weight", fit(), ValueError, "Who needs the keys of class_weight to be "
        f"classes of y, got the unknown key '{SHOWN}'.", class_weight={EVIL: 2}),
]

FITTED_ESCAPES = [
    bad("other name of a column", warm(fit(COLOURED), fit(FRAME)), ValueError,
        names("name", SHOWN)),
    bad("long name of a column", warm(fit(FRAME), fit(pd.DataFrame({"n" * 5000: TEXT}))),
        ValueError, names("n" * 195 + "...", "name")),
    bad("list to explain", lambda model: fit(y=LABELS)(model).explain("ab", ["a"]), ValueError,
        "Who.explain needs label to be one of ['a', 'b'], got ['a']."),
    bad("buffer to explain", lambda model: fit(y=LABELS)(model).explain("ab", memoryview(TABLE)),
        ValueError, re.compile(
            r"Who\.explain needs label to be one of \['a', 'b'\], got <memory at 0x\w+>\."
        )),
    bad("array to explain", lambda model: fit(y=LABELS)(model).explain("ab", DAYS), ValueError,
        "Who.explain needs label to be one of ['a', 'b'], got "
        "array(['2020-01-01T00:00:00', '2020-0...."),
    bad("label to explain", lambda model: fit(y=LABELS)(model).explain("ab", EVIL), ValueError,
        f"Who.explain needs label to be one of ['a', 'b'], got '{SHOWN}'."),
]

SYMBOLS = "Who needs vocabulary to be a list, set, dict or array of symbols, got "
LISTED = ": make a list of its symbols."
CHAR = "Who needs the symbols of vocabulary to be single characters with analyzer='char', got "
WORD = "Who needs the symbols of vocabulary to be strings, got "
RANGE = "Who needs ngram_range to be (smallest n, largest n), from 1 up, got "
POOL = (
    "Who needs pooling to be one of ['last', 'max', 'mean'], or a tuple of different ones, got "
)
WINDOW = (
    "Who needs window to be a width of at most 10,000 steps, or (width, stride) with a stride from "
    "1 to the width, got "
)
NONE = {"ngram_range": None}
NOTHING = (
    "Who needs cell or ngram_range, got cell=None without n-grams: there is nothing to read with."
)
ANALYZER = "Who needs analyzer to return a list of strings, got "
SETTINGS = [
    bad("one string", fit(), ValueError, SYMBOLS + "a str 'abc'" + LISTED, vocabulary="abc"),
    bad("bytes", fit(), ValueError, SYMBOLS + "bytes b'abc'" + LISTED, vocabulary=b"abc"),
    bad("iterator", fit(), ValueError, SYMBOLS + "a repeat repeat('a', 2)" + LISTED,
        vocabulary=repeat("a", 2)),
    bad("twice", fit(), ValueError,
        "Who needs each symbol of vocabulary once, got 'a' twice.", vocabulary=["a", "b", "a"]),
    bad("two characters", fit(), ValueError, CHAR + "'bc'.", vocabulary=["a", "bc"], **NONE),
    bad("no character", fit(), ValueError, CHAR + "''.", vocabulary=["a", ""], **NONE),
    bad("number", fit(), ValueError, CHAR + "1.", vocabulary=[1, 2], **NONE),
    bad("number word", fit(), ValueError, WORD + "1.",
        vocabulary=["ab", 1], analyzer="word", **NONE),
    bad("number token", fit(TOKENS), ValueError, WORD + "None.",
        vocabulary=["a", None], **NONE),
    bad("two tokens", fit(TOKENS), ValueError, WORD + "('a', 'b').",
        vocabulary=["a", ("a", "b")]),
    bad("nothing to read with", fit(), ValueError, NOTHING, cell=None, ngram_range=None),
    bad("nothing to read numbers with", fit(TABLE), ValueError, NOTHING, cell=None),
    bad("nothing to read series with", fit(SERIES, FLOATS), ValueError, NOTHING, RNNRegressor,
        cell=None),
    bad("stride beyond the width", fit(TABLE), ValueError, WINDOW + "(2, 3).", window=(2, 3)),
    bad("stride of zero", fit(TABLE), ValueError, WINDOW + "(2, 0).", window=(2, 0)),
    bad("window of three numbers", fit(TABLE), ValueError, WINDOW + "[4, 2, 1].", window=[4, 2, 1]),
    bad("window of floats", fit(TABLE), ValueError, WINDOW + "(4, 1.5).", window=(4, 1.5)),
    bad("range of zero", fit(), ValueError, RANGE + "(0, 2).", ngram_range=(0, 2)),
    bad("range reversed", fit(), ValueError, RANGE + "(3, 2).", ngram_range=(3, 2)),
    bad("range of one", fit(), ValueError, RANGE + "[2].", ngram_range=[2]),
    bad("range of floats", fit(), ValueError, RANGE + "(1, 2.5).", ngram_range=(1, 2.5)),
    bad("pooling twice", fit(), ValueError, POOL + "('max', 'max').", pooling=("max", "max")),
    bad("no pooling", fit(), ValueError, POOL + "().", pooling=()),
    bad("unknown pooling", fit(), ValueError, POOL + "['sum'].", pooling=["sum"]),
    bad("nested pooling", fit(), ValueError, POOL + "(['last'],).", pooling=(["last"],)),
    bad("negative class weight", fit(), ValueError, CLASS_WEIGHT + "{0: -1}.",
        class_weight={0: -1}),
    bad("nan class weight", fit(), ValueError, CLASS_WEIGHT + "{0: nan}.", class_weight={0: NAN}),
    bad("no class weight", fit(), ValueError, CLASS_WEIGHT + "{0: 0, 1: 0}.",
        class_weight={0: 0, 1: 0}),
    bad("vocabulary of no order", fit(), TypeError,
        "Who needs the values of vocabulary to be numbers, which give the order of its symbols, "
        "got [0, 'x'].", vocabulary={"a": 0, "b": "x"}, **NONE),
    bad("only empty series in validation",
        fit(SERIES, X_val=[np.empty((0, 2))], y_val=[2]), ValueError, UNSEEN + "[2]."),
    bad("unknown class", fit(), ValueError,
        "Who needs the keys of class_weight to be classes of y, got the unknown key 'b'.",
        class_weight={"b": 2}),
    bad("class_weight of labels", fit(y=[[0, 1], [1, 0]] * 4), ValueError,
        "Who has class_weight for one label a row, got several columns of y.",
        class_weight="balanced"),
    bad("class_weight of numbers", fit(y=FLOATS), ValueError,
        "Who needs class_weight=None where y is numbers, got 'balanced'.",
        RNNEncoder, class_weight="balanced"),
    bad("no symbols", fit(), ValueError,
        "Who needs vocabulary to list at least one symbol, got [].", vocabulary=[]),
    bad("analyzer of numbers", fit(), TypeError,
        ANALYZER + "[1, 2] for 'ab'.", analyzer=lambda text: [1, 2]),
    bad("analyzer of None", fit(), TypeError,
        ANALYZER + "None for 'ab'.", analyzer=lambda text: None),
    bad("analyzer of bytes", fit(), TypeError,
        ANALYZER + "[b'ab'] for 'ab'.", analyzer=lambda text: [text.encode()]),
    bad("analyzer of much", fit(), TypeError,
        ANALYZER + "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11... for 'ab'.",
        analyzer=lambda text: range(999)),
    bad("min_df", fit(), ValueError,
        "Who found no symbol in enough rows for min_df=9: lower min_df.", min_df=9, **NONE),
    bad("min_df of tokens", fit([["a"], ["b"]], [0, 1]), ValueError,
        "Who found no symbol in enough rows for min_df=0.9: lower min_df.", min_df=0.9, **NONE),
    bad("device", fit(), ValueError, device("gpu"), device="gpu"),
    bad("no such device", fit(), ValueError, device("cuda:99"), device="cuda:99"),
    bad("early stopping", fit(["ab"], [1.5]), ValueError,
        TWO_ROWS, RNNRegressor, early_stopping=True),
    bad("early stopping, equal rows", fit(["ab"] * 8, [1] * 8), ValueError,
        TWO_ROWS, RNNEncoder, early_stopping=True),
]

AGAIN = "Who with warm_start=True needs "
OTHER = AGAIN + "y to be the classes [0, 1], as in the last fit, got "
ANEW = ": set warm_start=False to start anew."
SETTING = (
    "nhidden, cell, activation, bidirectional, n_layers, pooling, analyzer, lowercase, "
    "ngram_range, ngram_size and window to stay what they were in the last fit"
)
WARM = [
    bad("other labels", warm(fit(), fit(y=LABELS)), ValueError,
        OTHER + "the classes ['a', 'b']" + ANEW),
    bad("more classes", warm(fit(), fit(y=[0, 1, 2, 1] * 2)), ValueError,
        OTHER + "the classes [0, 1, 2]" + ANEW),
    bad("numbers for classes", warm(fit(), fit(y=FLOATS)), ValueError,
        OTHER + "numbers" + ANEW, RNNEncoder),
    bad("classes for numbers", warm(fit(y=FLOATS), fit()), ValueError,
        AGAIN + "y to be numbers, as in the last fit, got the classes [0, 1]" + ANEW, RNNEncoder),
    bad("nhidden", warm(fit(), fit(), nhidden=8), ValueError,
        AGAIN + SETTING + ANEW),
    bad("window", warm(fit(TABLE), fit(TABLE), window=2), ValueError,
        AGAIN + SETTING + ANEW),
    bad("other kind", warm(fit(), fit(TABLE)), ValueError, kinds("strings", "numbers")),
    bad("other n_features", warm(fit(TABLE), fit(TABLE[:, :2])), ValueError,
        "X has 2 features, but Who is expecting 3 features as input."),
    bad("other d", warm(fit(SERIES), fit(np.ones((8, 3, 4)))), ValueError,
        kinds("series of 2 variables", "4")),
    bad("other name", warm(fit(FRAME), fit(RENAMED)), ValueError,
        names("nom", "name")),
]

HOT = {"solver": "sgd", "max_grad_norm": None, "activation": "relu", "max_iter": 9}
NOT_FINITE = re.compile(
    r"Who needs a finite loss, but (the loss of epoch \d is (nan|inf)|a weight is not finite|the "
    r"step size .* is beyond single precision): "
    r'lower learning_rate_init, set max_grad_norm or activation="tanh", or scale X\.'
)
LOSSES = [
    bad("step size", fit(), ValueError, NOT_FINITE, learning_rate_init=1e30, **HOT),
    bad("step size of numbers", fit(TABLE, FLOATS), ValueError,
        NOT_FINITE, RNNRegressor, learning_rate_init=1e30, **HOT),
    bad("more than float32", fit(), ValueError, NOT_FINITE, learning_rate_init=1e300, **HOT),
    bad("weights first", fit(), ValueError,
        NOT_FINITE, solver="rmsprop", learning_rate_init=3e38, max_iter=9),
    bad("alpha", fit(), ValueError,
        "Who needs alpha * learning_rate_init to be less than 1, as each step shrinks the weights "
        "by it, got 1e+38 * 0.004: lower alpha.", alpha=1e38, max_iter=9),
]

FITS = {
    "X": WRONG_X,
    "no X": NO_X,
    "strings": STRINGS,
    "columns": COLUMNS,
    "lists": LISTS,
    "numbers": NUMBERS,
    "series": SERIES_X,
    "y": WRONG_Y,
    "weights": WEIGHTS,
    "validation": VALIDATION,
    "escapes": ESCAPES,
    "settings": SETTINGS,
    "loss": LOSSES,
}
# fmt: on


def table(sections):
    """Put the sections into one table; a row is named by its section and itself."""
    rows = [(f"{name}: {row.id}", row) for name, rows in sections.items() for row in rows]
    return pytest.mark.parametrize(
        ("cls", "params", "call", "error", "sentence"),
        [pytest.param(*row.values, id=name) for name, row in rows],
    )


def small(cls, **params):
    return cls(**{"nhidden": 4, "max_iter": 1, "random_state": 0, **params})


@table({**FITS, "use": USED, "escapes of the fitted": FITTED_ESCAPES, "warm": WARM})
def test_a_message_says_it_all(cls, params, call, error, sentence):
    with pytest.raises(error) as caught:
        call(small(cls, **params))
    said = str(caught.value).replace(cls.__name__, "Who")
    if isinstance(sentence, re.Pattern):
        assert sentence.fullmatch(said), said
    else:
        assert said == sentence


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize("kind", [TypeError, ValueError])
def test_all_estimators_say_who(cls, kind):
    X, y = ([b"ab"], [0]) if kind is TypeError else (TEXT, Y[:-1])
    with pytest.raises(kind, match=f"^{cls.__name__} needs "):
        small(cls).fit(X, y)


# Numbers that are written as strings stay strings


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (["1.5", "2"] * 4, "strings"),
        (np.array(["1.5", "2"] * 4), "strings"),
        (np.array([["1.5"], ["2"]] * 4), "strings"),
        (pd.Series(["1.5", "2"] * 4), "strings"),
        (pd.DataFrame({"a": ["1.5", "2"] * 4}), "strings"),
        ([["1.5", "2"], ["3", "4"]] * 4, "tokens"),
        ([["1.5", "2"], ["3"]] * 4, "tokens"),
        ([np.array(["1.5", "2"]), np.array(["3", "4"])] * 4, "tokens"),
        (pl.Series([["1.5", "2"], ["3", "4"]] * 4), "tokens"),
    ],
)
def test_strings_of_digits_are_not_numbers(X, kind):
    assert small(RNNEncoder).fit(X, Y).input_type_ == kind


# What is read, and as what

MISSING_B = ["a", None, "b"]
ONES = [[1.0, 1.0]] * 3
RAGGED = [[[1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0]]]
SAME_X = {  # forms of X, and the plain one that they are read as
    "nan": (["a", NAN, "b"], MISSING_B),
    "nan of half precision": (["a", np.float16("nan"), "b"], MISSING_B),
    "nan of single precision": (["a", np.float32("nan"), "b"], MISSING_B),
    "nan of long doubles": (["a", np.longdouble("nan"), "b"], MISSING_B),
    "complex nan": (["a", complex(NAN), "b"], MISSING_B),
    "decimal nan": (["a", Decimal("NaN"), "b"], MISSING_B),
    "signalling nan": (["a", Decimal("sNaN"), "b"], MISSING_B),
    "NaT": (["a", pd.NaT, "b"], MISSING_B),
    "numpy's NaT": (["a", np.datetime64("NaT"), "b"], MISSING_B),
    "numpy's NaT of durations": (["a", np.timedelta64("NaT"), "b"], MISSING_B),
    "pd.NA": (["a", pd.NA, "b"], MISSING_B),
    "masked": (["a", np.ma.masked, "b"], MISSING_B),
    "masked array": (mask(["a", "x", "b"], [0, 1, 0]), MISSING_B),
    "masked objects": (mask(objects("a", "x", "b"), [0, 1, 0]), MISSING_B),
    "masked column": (mask([["a"], ["x"], ["b"]], [[0], [1], [0]]), MISSING_B),
    "numpy strings": (np.array(MISSING_B, np.dtypes.StringDType(na_object=None)), MISSING_B),
    "category": (pd.Series(MISSING_B, dtype="category"), MISSING_B),
    "Categorical": (pd.Categorical(MISSING_B), MISSING_B),
    "Index": (pd.Index(MISSING_B), MISSING_B),
    "string[pyarrow]": (pd.Series(MISSING_B, dtype="string[pyarrow]"), MISSING_B),
    "polars nulls": (pl.Series(MISSING_B), MISSING_B),
    "polars categories": (pl.Series(MISSING_B, dtype=pl.Categorical), MISSING_B),
    "pyarrow chunks": (pa.chunked_array([["a", None], ["b"]]), MISSING_B),
    "pyarrow dictionary": (pa.array(MISSING_B).dictionary_encode(), MISSING_B),
    "record batch": (pa.RecordBatch.from_pydict({"x": MISSING_B}), MISSING_B),
    "values of a dict": (dict(enumerate(MISSING_B)).values(), MISSING_B),
    "deque": (deque(MISSING_B), MISSING_B),
    "all NaT": (np.array(["NaT"] * 3, dtype="datetime64[s]").astype(object), [None] * 3),
    "all nulls": (pa.nulls(3), [None] * 3),
    "rows of a masked array": ([mask(["a", "b"], False)] * 3, [["a", "b"]] * 3),
    "polars lists": (pl.Series([["a"], None, []]), [["a"], None, []]),
    "pyarrow lists": (pa.array([["a"], None, []]), [["a"], None, []]),
    "tensor": (torch.ones(3, 2), ONES),
    "tensor with a gradient": (torch.ones(3, 2, requires_grad=True), ONES),
    "tensor of 16 bits": (torch.ones(3, 2, dtype=torch.bfloat16), ONES),
    "rows with a gradient": (list(torch.ones(3, 2, requires_grad=True)), ONES),
    "masked table": (mask(np.ones((3, 2)), False), ONES),
    "decimals": ([[Decimal(1), Fraction(1)]] * 3, ONES),
    "objects": (np.array([[1, True]] * 3, dtype=object), ONES),
    "sparse columns": (pd.DataFrame(ONES).astype(pd.SparseDtype()), ONES),
    "nullable columns": (pd.DataFrame(ONES, dtype="Float64"), ONES),
    "0-d list": (np.array(objects(ONES)[0], dtype=object), ONES),
    "series with a gradient": ([torch.ones(n, 2, requires_grad=True) for n in (1, 2, 1)], RAGGED),
    "series of 16 bits": ([torch.ones(n, 2, dtype=torch.bfloat16) for n in (1, 2, 1)], RAGGED),
    "masked series": ([mask(np.ones((n, 2)), False) for n in (1, 2, 1)], RAGGED),
    "frames": ([pd.DataFrame({"a": [1.0] * n, "b": 1}) for n in (1, 2, 1)], RAGGED),
    "polars frames": ([pl.DataFrame({"a": [1.0] * n, "b": 1}) for n in (1, 2, 1)], RAGGED),
}


@pytest.mark.parametrize("form", SAME_X)
def test_forms_of_x_that_are_read_alike(form):
    given, plain = SAME_X[form]
    expected = RNNClassifier(4, max_iter=1, random_state=0).fit(plain, [0, 1, 1])
    found = RNNClassifier(4, max_iter=1, random_state=0).fit(given, [0, 1, 1])
    for X in (given, plain):
        np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(plain))
        np.testing.assert_array_equal(found.predict(X), expected.predict(plain))


ABBA, BITS = ["a", "b", "b", "a"], [True, False, False, True]
SAME_Y = {  # forms of y, the plain one, and the classes of both
    "category": (pd.Series(ABBA, dtype="category"), ["a", "b"]),
    "Categorical": (pd.Categorical(ABBA), ["a", "b"]),
    "Index": (pd.Index(ABBA), ["a", "b"]),
    "string": (pd.Series(ABBA, dtype="string"), ["a", "b"]),
    "polars": (pl.Series(ABBA), ["a", "b"]),
    "polars categories": (pl.Series(ABBA, dtype=pl.Categorical), ["a", "b"]),
    "pyarrow chunks": (pa.chunked_array([ABBA[:1], ABBA[1:]]), ["a", "b"]),
    "pyarrow dictionary": (pa.array(ABBA).dictionary_encode(), ["a", "b"]),
    "numpy strings": (np.array(ABBA, dtype=np.dtypes.StringDType()), ["a", "b"]),
    "masked": (mask(ABBA, False), ["a", "b"]),
    "deque": (deque(ABBA), ["a", "b"]),
    "strings that end with NUL": (["a\0", "a", "a", "a\0"], ["a", "a\0"]),
    "surrogates": (["\ud800", "\udfff", "\udfff", "\ud800"], ["\ud800", "\udfff"]),
    "empty strings": (["", "a", "a", ""], ["", "a"]),
    "bools": (BITS, [False, True]),
    "nullable bools": (pd.Series(BITS, dtype="boolean"), [False, True]),
    "bool objects": (np.array(BITS, dtype=object), [False, True]),
    "polars bools": (pl.Series(BITS), [False, True]),
    "nullable integers": (pd.Series([1, 2, 2, 1], dtype="Int64"), [1, 2]),
    "integer objects": (np.array([1, 2, 2, 1], dtype=object), [1, 2]),
    "integers of 64 bits": ([2**63 - 1, 1, 1, 2**63 - 1], [1, 2**63 - 1]),
    "decimals": ([Decimal(1), Decimal(2), Fraction(2), Decimal(1)], [1.0, 2.0]),
    "range": (range(4), [0, 1, 2, 3]),
    "tensor": (torch.tensor([1, 2, 2, 1]), [1, 2]),
    "tensor with a gradient": (torch.tensor([1.0, 2, 2, 1], requires_grad=True), [1.0, 2.0]),
    "list of tensors": (list(torch.tensor([1, 2, 2, 1])), [1, 2]),
}


@pytest.mark.parametrize("form", SAME_Y)
def test_forms_of_y_that_are_read_alike(form):
    y, classes = SAME_Y[form]
    model = small(RNNClassifier, max_iter=30, learning_rate_init=0.05).fit(["a", "b", "c", "d"], y)
    assert model.classes_.tolist() == classes
    assert list(map(type, model.classes_.tolist())) == list(map(type, classes))
    expected = y.to_pylist() if hasattr(y, "to_pylist") else list(y)
    assert model.predict(["a", "b", "c", "d"]).tolist() == expected


SAME_WEIGHT = {
    "integers": [1, 2, 1, 2],
    "bools and numbers": [True, 2.0, np.float32(1), np.int8(2)],
    "decimals": [Decimal(1), Fraction(2), 1, 2],
    "Series": pd.Series([1, 2, 1, 2], dtype="Int64"),
    "polars": pl.Series([1, 2, 1, 2]),
    "pyarrow": pa.chunked_array([[1.0], [2.0, 1.0, 2.0]]),
    "tensor": torch.tensor([1.0, 2, 1, 2], requires_grad=True),
    "masked": mask([1.0, 2, 1, 2], False),
    "objects": np.array([1, 2, 1, 2], dtype=object),
    "deque": deque([1, 2, 1, 2]),
}


@pytest.mark.parametrize("form", SAME_WEIGHT)
def test_forms_of_weights_that_are_read_alike(form):
    X, weight = ["a", "b", "a", "b"], [1.0, 2.0, 1.0, 2.0]
    expected = small(RNNClassifier).fit(X, [0, 0, 1, 1], weight)
    found = small(RNNClassifier).fit(X, [0, 0, 1, 1], SAME_WEIGHT[form])
    np.testing.assert_array_equal(found.W_, expected.W_)
    assert found.loss_ == expected.loss_


STRANGE = {
    "empty": [""] * 8,
    "NUL": ["\0", "a\0", "\0\0", "", "a", "\0a", "b", "c"],
    "surrogates": ["\ud800", "\udfff", "a\udc80", "\udc80a", "\ud800\udc00", "b", "", "c"],
    "escapes": [EVIL, EVIL * 2, "\x9b", "\x7f", "\x02", "\x03", "\x02\x03", "a"],
    "beyond 16 bits": ["\U0001f600", "\U0010ffff", "a\U0001f600", "b", "", "c", "d", "e"],
    "subclass": [type("S", (str,), {})("a"), np.str_("b"), "c", "d", "e", "f", "g", "h"],
}


@pytest.mark.parametrize(
    "params",
    [{}, {"lowercase": False}, {"analyzer": "word"}, {"cell": None}, {"ngram_range": None}],
)
@pytest.mark.parametrize("kind", STRANGE)
def test_strings_of_any_characters(kind, params):
    X = STRANGE[kind]
    model = small(RNNClassifier, **params).fit(X, Y)
    p = model.predict_proba(X)
    assert p.shape == (8, 2) and np.isfinite(p).all()
    if params.get("analyzer") != "word":
        assert len({row.tobytes() for row in p}) == len(set(X))
    if "cell" not in params:
        assert len(model.unroll(X[0])[0]) == len(model.explain(X[0]).contributions)


# Parameters


INT = "an int in the range [1, 2**63)"
BOOL = f"an instance of 'bool' or an instance of 'numpy.{np.bool_.__name__}'"
RULES = {  # what scikit-learn's sentence says of a parameter, and values that break the rule
    "nhidden": (INT, [0, -1, 1.5, "8", None]),
    "cell": ("a str among {'auto', 'rnn', 'gru', 'lstm'} or None", ["elman", 1, "None"]),
    "activation": ("a str among {'relu', 'tanh'}", ["gelu", None]),
    "bidirectional": (f"{BOOL} or a str among {{'auto'}}", ["yes", 2]),
    "n_layers": (INT, [0, 1.5, None]),
    "pooling": (
        "a str among {'auto', 'last', 'mean', 'max'}, an instance of 'tuple' or an instance of "
        "'list'",
        ["bag", "sum", None],
    ),
    "window": (
        f"{INT}, an instance of 'tuple', an instance of 'list' or a str among {{'auto'}}",
        [0, 1.5, None, "all"],
    ),
    "ngram_range": (
        "an instance of 'tuple', an instance of 'list', a str among {'auto'} or None",
        [3, "char", False],
    ),
    "ngram_size": (INT, [0, -1, 1.5, "8", None]),
    "ngram_dropout": ("a float in the range [0.0, 1.0)", [1, -0.1, None, "auto", NAN]),
    "init": ("a str among {'article', 'identity', 'orthogonal'}", ["zeros", None]),
    "bias": (BOOL, ["yes", 1, None]),
    "dropout": (
        "a float in the range [0.0, 1.0) or a str among {'auto'}",
        [1, 1.0, -0.1, "0.2", None, NAN],
    ),
    "analyzer": ("a str among {'char', 'word'} or a callable", ["char_wb", None, 3]),
    "lowercase": (BOOL, ["yes", 1]),
    "min_df": (f"{INT} or a float in the range [0.0, 1.0]", [0, -1, 1.5, "1", None, NAN]),
    "max_features": (f"{INT} or None", [0, 2.5, "all"]),
    "vocabulary": ("an instance of 'collections.abc.Iterable' or None", [7, True]),
    "max_length": (f"{INT} or None", [0, -1, 2.5, "9"]),
    "solver": (
        "a str among {'adam', 'adam-adagrad', 'rmsprop', 'sgd'}",
        ["lbfgs", None],
    ),
    "learning_rate": ("a str among {'constant', 'onecycle'}", ["adaptive", 0.1]),
    "learning_rate_init": ("a float in the range (0.0, inf)", [0, -1.0, "0.1", None, NAN, INF]),
    "batch_size": (f"a str among {{'auto'}} or {INT}", ["all", 0, 1.5, None]),
    "max_iter": (f"a str among {{'auto'}} or {INT}", ["all", 0, 1.5, None]),
    "alpha": ("a float in the range [0.0, inf)", [-1, "0", None, NAN, INF]),
    "max_grad_norm": ("a float in the range (0.0, inf) or None", [0, -1, "1", NAN, INF]),
    "tol": ("a float in the range [0.0, inf)", [-1, None, NAN, INF]),
    "n_iter_no_change": (INT, [0, 1.5, None, INF]),
    "early_stopping": (BOOL, ["yes", 1]),
    "validation_fraction": ("a float in the range (0.0, 1.0)", [0, 1, 1.5, "0.1", None]),
    "warm_start": (BOOL, ["yes", 1]),
    "device": ("an instance of 'str' or an instance of 'torch.device'", [None, 0]),
    "random_state": (
        "an int in the range [0, 4294967295], an instance of 'numpy.random.mtrand.RandomState' "
        "or None",
        ["seed", -1, 1.5, 2**32],
    ),
    "verbose": (f"an int in the range [0, 2**63) or {BOOL}", [-1, 0.5, "yes", None]),
}


def sort_braces(text):
    """Sort the words of a set, which scikit-learn lists in an order of the day."""
    return re.sub(r"\{(.*?)\}", lambda found: "".join(sorted(found[1].split(", "))), text)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, values) in RULES.items() for value in values]
)
@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_parameter_breaks_its_rule(cls, name, value):
    sentence = (
        f"The {name!r} parameter of {cls.__name__} must be {RULES[name][0]}. Got {value!r} instead."
    )
    with pytest.raises(ValueError) as caught:
        small(cls, **{name: value}).fit(TEXT, Y)
    assert type(caught.value).__name__ == "InvalidParameterError"
    assert sort_braces(str(caught.value)) == sort_braces(sentence)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_parameter_has_a_rule(cls):
    own = {"target_type"} if cls is RNNEncoder else set()
    assert {*RULES, "class_weight"} | own == set(cls().get_params())


@pytest.mark.parametrize("value", ["numbers", None])
def test_target_type_has_a_rule(value):
    rule = "a str among {'auto', 'classification', 'regression'}"
    with pytest.raises(ValueError, match=r"^The 'target_type' parameter of RNNEncoder ") as caught:
        small(RNNEncoder, target_type=value).fit(TEXT, Y)
    said = f"The 'target_type' parameter of RNNEncoder must be {rule}. Got {value!r} instead."
    assert sort_braces(str(caught.value)) == sort_braces(said)


@pytest.mark.parametrize("value", ["even", 2.0])
@pytest.mark.parametrize("cls", ESTIMATORS)
def test_class_weight_has_a_rule(cls, value):
    rule = "an instance of 'dict', a str among {'balanced'} or None"
    rule = "None" if cls is RNNRegressor else rule
    with pytest.raises(ValueError, match=r"^The 'class_weight' parameter of ") as caught:
        small(cls, class_weight=value).fit(TEXT, Y)
    assert str(caught.value).endswith(f" must be {rule}. Got {value!r} instead.")


# Nothing is lost, nothing is changed


@cache
def fitted(cls):
    return small(cls).fit(FRAME, Y)


def learned(model):
    """Give all that ends in an underscore."""
    return {name: value for name, value in vars(model).items() if name.endswith("_")}


def assert_as_before(model, old):
    """Check that what was learned is as it was, and is of use."""
    np.testing.assert_equal(learned(model), learned(old))
    model.set_params(**old.get_params())
    np.testing.assert_array_equal(use(FRAME)(model), use(FRAME)(old))


@table(FITS)
def test_a_failed_fit_loses_nothing(cls, params, call, error, sentence):
    model = copy.deepcopy(fitted(cls))
    with pytest.raises((TypeError, ValueError, DataConversionWarning)):
        call(model.set_params(**params))
    assert_as_before(model, fitted(cls))


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_failure_in_training_loses_nothing(cls, warm_start, monkeypatch):
    model = copy.deepcopy(fitted(cls)).set_params(warm_start=warm_start, max_iter=5)

    def fail(progress, history):
        if len(history.losses) == 3:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(Progress, "epoch_ends", fail)
    with pytest.raises(RuntimeError, match=r"^the disk is full$"):
        model.fit(FRAME, [1, 0] * 4)
    assert_as_before(model, fitted(cls))


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_an_interrupt_while_reading_loses_nothing(cls):
    def interrupt(text):
        raise KeyboardInterrupt

    model = copy.deepcopy(fitted(cls)).set_params(analyzer=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(TEXT, Y)
    assert_as_before(model, fitted(cls))


@pytest.mark.parametrize("warm_start", [False, True])
def test_a_vocabulary_of_numpy_strings_is_one_of_strings(warm_start):
    model = small(RNNEncoder, vocabulary=np.array(["b", "a"]), warm_start=warm_start)
    vocabulary = model.fit(TEXT, Y).fit(TEXT, Y).vocabulary_
    assert vocabulary == {"b": 3, "a": 4}
    assert set(map(type, vocabulary)) == {str}


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_failed_prediction_changes_nothing(cls):
    model = copy.deepcopy(fitted(cls))
    for X in (TABLE, "abc", [b"ab"], SERIES, RENAMED, None):
        with pytest.raises((TypeError, ValueError)):
            use(X)(model)
    assert_as_before(model, fitted(cls))


OWNED = {
    "strings": ["ab", None, "", "A"] * 2,
    "object array": np.array(["ab", None, "", "A"] * 2, dtype=object),
    "Series": pd.Series(["ab", None, "", "A"] * 2),
    "frame": FRAME,
    "polars": pl.DataFrame({"name": TEXT}),
    "tokens": TOKENS,
    "array": TABLE,
    "float32 array": TABLE.astype(np.float32),
    "integer array": TABLE.astype(int),
    "number frame": pd.DataFrame(TABLE),
    "series": SERIES,
    "3-D array": TABLE.reshape(8, 3, 1),
    "decimals": [[Decimal(i), Fraction(i, 3)] for i in range(8)],
    "object array of numbers": TABLE.astype(object),
    "nullable frame": pd.DataFrame(TABLE).convert_dtypes(),
    "frames": [pd.DataFrame({"a": [1.0] * (i + 1)}) for i in range(8)],
    "pyarrow": pa.table({"name": TEXT}),
}


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_tensor_that_is_passed_in_is_not_modified(requires_grad):
    X = torch.arange(24.0).reshape(8, 3).requires_grad_(requires_grad)
    y, weight = torch.arange(8.0).requires_grad_(requires_grad), torch.ones(8)
    before = [tensor.detach().clone() for tensor in (X, y, weight)]
    small(RNNRegressor).fit(X, y, weight, X_val=X, y_val=y).predict(X)
    assert all(map(torch.equal, (X, y, weight), before))
    assert X.requires_grad == y.requires_grad == requires_grad and X.grad is None


@pytest.mark.parametrize("values", [np.array(TEXT), TABLE])
def test_a_masked_array_that_is_passed_in_is_not_modified(values):
    X = mask(values.copy(), False)
    X[1] = np.ma.masked
    data, where = X.data.copy(), X.mask.copy()
    model = small(RNNRegressor)
    if values is TABLE:
        with pytest.raises(ValueError, match="contains NaN"):
            model.fit(X, FLOATS)
    else:
        model.fit(X, FLOATS).predict(X)
    np.testing.assert_array_equal(X.data, data)
    np.testing.assert_array_equal(X.mask, where)


@pytest.mark.parametrize("weights", [[1, 0.5] * 4, [1, -1] * 4], ids=["good fit", "failed fit"])
@pytest.mark.parametrize("kind", OWNED)
def test_what_is_passed_in_is_not_modified(kind, weights):
    X = copy.deepcopy(OWNED[kind])
    y, weight = np.array(FLOATS), np.array(weights)
    before = joblib.hash((X, y, weight))
    model = small(RNNRegressor, max_length=2)
    if min(weights) < 0:
        with pytest.raises(ValueError, match="Negative"):
            model.fit(X, y, weight, X_val=X, y_val=y)
    else:
        model.fit(X, y, weight, X_val=X, y_val=y).predict(X)
    assert joblib.hash((X, y, weight)) == before


@pytest.mark.parametrize("x, got", [(["ab"], "a list ['ab']: give x, not [x]"), (3, "an int 3")])
@pytest.mark.parametrize("call", ["unroll", "explain"])
def test_one_string_is_wanted(call, x, got):
    sentence = rf"^RNNClassifier needs one string here, got {re.escape(got)}\.$"
    with pytest.raises(TypeError, match=sentence):
        getattr(fitted(RNNClassifier), call)(x)


def test_one_series_in_place_of_a_list_of_them():
    series = [np.ones((3, 2)), np.zeros((4, 2))]
    model = RNNClassifier(4, max_iter=1).fit(series, [0, 1])
    sentence = (
        r"^RNNClassifier was fitted on series of 2 variables, got 1: .*; one series as \[x\]\.$"
    )
    with pytest.raises(ValueError, match=sentence):
        model.predict(series[0])


def test_one_series_is_wanted():
    series = [np.ones((3, 2)), np.zeros((4, 2))]
    model = RNNClassifier(4, max_iter=1).fit(series, [0, 1])
    for call in (model.explain, model.unroll):
        with pytest.raises(TypeError, match=r"^RNNClassifier needs one series here: give x, not"):
            call([series[0]])
    assert len(model.unroll(series[0].tolist())[0]) == 3


@pytest.mark.parametrize("cls", [RNNClassifier, RNNEncoder])
def test_columns_of_several_types_are_no_y(cls):
    y = pd.DataFrame({"department": ["a", "b", "a"], "id": [1, 2, 3]})
    sentence = rf"^{cls.__name__} needs y to be one column of labels, or .*: fit one estimator for"
    with pytest.raises(ValueError, match=sentence):
        cls(4).fit(["x", "y", "z"], y)


def test_gaps_in_several_columns_of_y():
    y = np.array([[0.5, 1], [NAN, 2], [1.5, 3]])
    sentence = r"^RNNRegressor needs a y for every row, but Input y contains NaN or None in row 1: "
    with pytest.raises(ValueError, match=sentence):
        RNNRegressor(4).fit(["a", "b", "c"], y)


@pytest.mark.parametrize("params", [{"U": [1.0, 2.0]}, {"W": [2.0, 2.0]}])
def test_given_matrices_have_two_dimensions(params):
    ((name, _),) = params.items()
    with pytest.raises(
        ValueError, match=rf"^FixedEncoder needs {name} to be numbers of shape \(.*, got a"
    ):
        FixedEncoder(**params).fit(["ab"])
