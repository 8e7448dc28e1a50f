"""Every form in which people hold sequences gives the same vectors."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor

NAMES = ["Anna", "Otto", None, "", "Hannah", "Bob", "Ann", "Ob"]
FULL = ["Anna", "Otto", "x", "", "Hannah", "Bob", "Ann", "Ob"]
Y = [0, 1, 0, 1, 0, 1, 0, 1]
TABLE = np.random.default_rng(0).normal(size=(8, 4))


PLAIN = {"cell": "rnn", "bidirectional": False, "pooling": "last", "ngram_range": None}


def encoder(**params):
    return RNNEncoder(**{"nhidden": 5, "max_iter": 2, "random_state": 0, **PLAIN, **params})


def vectors(X, y=Y, **params):
    return encoder(**params).fit(X, y).transform(X)


STRINGS = {
    "tuple": tuple,
    "generator": iter,
    "object array": lambda v: np.array(v, dtype=object),
    "object column": lambda v: np.array(v, dtype=object)[:, None],
    "StringDType": lambda v: np.array(v, dtype=np.dtypes.StringDType(na_object=None)),
    "pandas object": lambda v: pd.Series(v, dtype=object),
    "pandas str": lambda v: pd.Series(v, dtype="str"),
    "pandas string": lambda v: pd.Series(v, dtype="string"),
    "pandas arrow": lambda v: pd.Series(v, dtype="string[pyarrow]"),
    "pandas category": lambda v: pd.Series(v, dtype="category"),
    "pandas NA": lambda v: pd.Series([pd.NA if x is None else x for x in v], dtype=object),
    "list with nan": lambda v: [float("nan") if x is None else x for x in v],
    "pandas index": lambda v: pd.Index(v),
    "pandas frame": lambda v: pd.DataFrame({"name": v}),
    "pandas frame object": lambda v: pd.DataFrame({"name": pd.Series(v, dtype=object)}),
    "polars": lambda v: pl.Series(v),
    "polars categorical": lambda v: pl.Series(v, dtype=pl.Categorical),
    "polars frame": lambda v: pl.DataFrame({"name": v}),
    "pyarrow": lambda v: pa.array(v),
    "pyarrow chunked": lambda v: pa.chunked_array([v[:3], v[3:]]),
}


@pytest.mark.parametrize("form", list(STRINGS))
def test_forms_of_strings(form):
    X = STRINGS[form](NAMES)
    fitted = encoder().fit(X, Y)
    assert fitted.input_type_ == "strings"
    again = STRINGS[form](NAMES)  # a generator is used up
    np.testing.assert_array_equal(fitted.transform(again), vectors(NAMES))


@pytest.mark.parametrize("make", [np.array, lambda v: np.array(v)[:, None], list])
def test_unicode_arrays(make):
    np.testing.assert_array_equal(vectors(make(FULL)), vectors(FULL))
    assert vectors(make(FULL)).dtype == np.float32


@pytest.mark.parametrize("column", ["name", ["name"]])
@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_a_column_transformer_over_a_frame(column, dtype):
    frame = pd.DataFrame({"age": range(8), "name": pd.Series(NAMES, dtype=dtype)})
    both = make_column_transformer((encoder(), column), remainder="passthrough")
    h = both.fit_transform(frame, Y)
    np.testing.assert_array_equal(h[:, :5].astype(np.float32), vectors(NAMES))
    assert both.get_feature_names_out()[:2].tolist() == [
        "rnnencoder__rnnencoder0",
        "rnnencoder__rnnencoder1",
    ]
    both.set_output(transform="pandas")
    assert both.fit_transform(frame.set_index(frame.age + 7), Y).index.tolist() == list(
        range(7, 15)
    )


def test_a_column_transformer_over_a_polars_frame():
    frame = pl.DataFrame({"age": range(8), "name": NAMES})
    both = make_column_transformer((encoder(), ["name"]), remainder="passthrough")
    h = both.set_output(transform="polars").fit_transform(frame, Y)
    np.testing.assert_array_equal(h.to_numpy()[:, :5].astype(np.float32), vectors(NAMES))


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        lambda rows: np.array(rows, dtype=object),
        lambda rows: pd.Series(rows),
        lambda rows: [None if row is None else tuple(row) for row in rows],
        lambda rows: [None if row is None else np.array(row, dtype=str) for row in rows],
    ],
)
def test_forms_of_tokens(make):
    rows = [["log", "in"], ["log", "out"], [], None, ["in"], ["out", "log"], ["log"], ["in", "in"]]
    fitted = encoder().fit(make(rows), Y)
    assert fitted.input_type_ == "tokens"
    assert list(fitted.vocabulary_) == ["in", "log", "out"]
    np.testing.assert_array_equal(fitted.transform(make(rows)), vectors(rows))


def test_numerals_are_tokens_and_never_numbers():
    fitted = encoder().fit([["1.5", "2"], ["2", "3"]] * 4, Y)
    assert fitted.input_type_ == "tokens"
    assert list(fitted.vocabulary_) == ["1.5", "2", "3"]
    assert encoder().fit(["1", "2"] * 4, Y).input_type_ == "strings"


def test_a_table_is_a_series_of_numbers_a_row():
    series = [row[:, None] for row in TABLE]
    np.testing.assert_array_equal(vectors(TABLE), vectors(series))
    np.testing.assert_array_equal(vectors(TABLE), vectors(TABLE[:, :, None]))
    np.testing.assert_array_equal(vectors(TABLE), vectors(pd.DataFrame(TABLE)))
    np.testing.assert_array_equal(vectors(TABLE), vectors(TABLE.tolist()))
    np.testing.assert_array_equal(vectors(TABLE), vectors(TABLE.astype(object)))
    assert encoder().fit(TABLE, Y).U_.shape == (5, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_h_has_the_dtype_of_the_numbers(dtype):
    assert vectors(TABLE.astype(dtype)).dtype == dtype
    assert vectors([row[:, None].astype(dtype) for row in TABLE]).dtype == dtype


def test_unequal_series_of_one_and_of_two_variables():
    rng = np.random.default_rng(0)
    one = [rng.normal(size=n) for n in (3, 1, 4, 2, 2, 5, 1, 3)]
    two = [rng.normal(size=(len(x), 2)) for x in one]
    assert encoder().fit(two, Y).U_.shape == (5, 2)
    np.testing.assert_array_equal(vectors(one), vectors([x[:, None] for x in one]))
    np.testing.assert_array_equal(vectors(one), vectors([x.tolist() for x in one]))
    fitted = encoder().fit(one, Y)
    equal = fitted.transform([one[0], one[7]])  # of one length, but series all the same
    np.testing.assert_allclose(equal, fitted.transform(one)[[0, 7]], rtol=1e-12)
    np.testing.assert_allclose(fitted.transform(np.array([one[0], one[7]])), equal, rtol=1e-12)


def test_an_empty_series_is_h0():
    series = [np.ones((2, 3)), np.empty((0, 3)), np.zeros((1, 3))]
    assert encoder().fit(series, [0, 1, 0]).transform(series)[1].tolist() == [0] * 5
    every = encoder(pooling=("last", "mean", "max")).fit(series, [0, 1, 0])
    assert every.transform(series)[1].tolist() == [0] * 15


def test_series_of_length_0_alone_are_h0_whatever_their_form():
    series = [np.ones((2, 3)), np.empty((0, 3)), np.zeros((1, 3))]
    model = RNNEncoder(4, max_iter=1, random_state=0).fit(series, [0, 1, 0])
    for empty in ([[], []], np.zeros((2, 0, 3)), [np.empty((0, 5))] * 2):
        np.testing.assert_array_equal(model.transform(empty), model.transform(series)[[1, 1]])


EPS = 2 * np.finfo(np.float32).eps  # of states from -1 to 1, applied in single precision


def test_missing_empty_and_unknown_are_three_things():
    fitted = encoder().fit(["ab", "ba", "a", "b"] * 2, Y)
    h = fitted.transform(["", None, "☃", "a☃b"])
    assert np.isfinite(h).all()
    assert len({tuple(row) for row in h.tolist()}) == 4
    expected = np.tanh(fitted.U_[:, [1, 0, 2]].T + fitted.b_)
    np.testing.assert_allclose(h[:3], expected, rtol=0, atol=EPS)


def test_missing_empty_and_unknown_differ_for_ngrams_too():
    fitted = encoder(cell=None, ngram_range=(1, 2), ngram_size=6).fit(["ab", "ba", None, ""], Y[:4])
    g = fitted.transform(["", None, "☃", "a"])
    assert g.shape == (4, 6) and len({tuple(row) for row in g.tolist()}) == 4
    np.testing.assert_allclose(g[0], fitted.G_[:, 1], rtol=1e-6)
    np.testing.assert_allclose(g[1], fitted.G_[:, 0], rtol=1e-6)
    np.testing.assert_allclose(g[2], fitted.G_[:, fitted.ngrams_["\x03"]], rtol=1e-6)  # the end


def test_the_columns_of_missing_and_empty_are_learned():
    X, y = [None, "", "ab", "ba"] * 10, ["missing", "empty", "other", "other"] * 10
    model = RNNClassifier(8, max_iter=200, dropout=0, ngram_dropout=0, random_state=0).fit(X, y)
    assert model.predict([None, "", float("nan"), "ab"]).tolist() == [
        "missing", "empty", "missing", "other",
    ]  # fmt: skip


def test_a_column_of_missing_values_at_predict_and_at_fit():
    fitted = encoder().fit(NAMES, Y)
    missing = fitted.transform([None])
    for X in (
        [float("nan")],
        pd.Series([np.nan]),
        np.array([[np.nan]]),
        pd.DataFrame({"n": [None]}),
    ):
        np.testing.assert_array_equal(fitted.transform(X), missing)
    h = vectors([None] * 8)
    assert np.isfinite(h).all() and (h == h[0]).all()


ANALYZERS = [
    ({}, ["a", "b", "-", "1"], "-1ab"),
    ({"lowercase": False}, ["A", "b", "B", "-", "1"], "-1ABb"),
    ({"analyzer": "word"}, ["ab-1", "AB b", "C++!"], ["!", "+", "-", "1", "ab", "b", "c"]),
    ({"analyzer": str.split}, ["ab-1 AB"], ["AB", "ab-1"]),
    ({"min_df": 2}, ["ab", "bc", "bd"], "b"),
    ({"min_df": 0.5}, ["ab", "bc", "cd", "d"], "bcd"),
    ({"max_features": 2}, ["abb", "cc", "d"], "bc"),
    ({"max_length": 2}, ["abc", "de"], "abde"),
    ({"vocabulary": ["z", "a"]}, ["abc"], "za"),
    ({"vocabulary": {"z": 1, "a": 0}}, ["abc"], "az"),
    ({"vocabulary": {"z", "a"}}, ["abc"], "az"),
]


@pytest.mark.parametrize(("params", "X", "symbols"), ANALYZERS)
def test_analyzer_and_limits_of_the_alphabet(params, X, symbols):
    fitted = encoder(**params).fit(X, np.arange(len(X)) % 2)
    assert list(fitted.vocabulary_) == list(symbols)
    assert list(fitted.vocabulary_.values()) == list(range(3, 3 + len(symbols)))
    assert fitted.U_.shape == (5, 3 + len(symbols))


def test_max_length_reads_the_first_symbols_alone():
    fitted = encoder(max_length=2).fit(["abc", "ba", "cab", "b"] * 2, Y)
    h = fitted.transform(["abc", "abz", "ab"])
    np.testing.assert_array_equal(h[0], h[1])
    np.testing.assert_array_equal(h[0], h[2])
    table = encoder(max_length=2).fit(TABLE, Y)
    np.testing.assert_array_equal(table.transform(TABLE), table.transform(TABLE * [1, 1, 0, 0]))


@pytest.mark.parametrize("kind", [RNNEncoder, RNNClassifier, RNNRegressor])
def test_fitted_attributes_follow_the_form_of_the_last_fit(kind):
    est = kind(4, max_iter=1, **PLAIN)
    frame = pd.DataFrame({"name": FULL})
    est.fit(frame, Y)
    assert est.n_features_in_ == 1
    assert est.feature_names_in_.tolist() == ["name"]
    est.fit(FULL, Y)
    assert not hasattr(est, "n_features_in_") and not hasattr(est, "feature_names_in_")
    est.fit(TABLE, Y)
    assert est.n_features_in_ == 4 and not hasattr(est, "vocabulary_")
    est.fit([["a"], ["b", "c"]] * 4, Y)
    assert not hasattr(est, "n_features_in_") and list(est.vocabulary_) == ["a", "b", "c"]


def test_fitted_on_a_frame_it_reads_lists_as_well():
    fitted = encoder().fit(pd.DataFrame({"name": FULL}), Y)
    np.testing.assert_array_equal(
        fitted.transform(FULL), fitted.transform(pd.DataFrame({"name": FULL}))
    )
    np.testing.assert_array_equal(fitted.transform(pd.Series(FULL)), fitted.transform(FULL))
