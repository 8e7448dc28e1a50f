"""What holds for any X, tried with examples that hypothesis makes up.

"The same" is the same to the last bit, unless a test says how far.
"""

from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor

SMALL = {"nhidden": 6, "ngram_size": 6, "max_iter": 2, "random_state": 0}
few = settings(derandomize=True, deadline=None, max_examples=15)
some = settings(derandomize=True, deadline=None, max_examples=30)
many = settings(derandomize=True, deadline=None, max_examples=100)

known = st.text("abcdefg", max_size=12)
any_text = st.text(st.characters(exclude_categories=()), max_size=12)  # surrogates as well
written_text = st.text(st.characters(codec="utf-8"), max_size=12)
string = st.one_of(st.none(), known, any_text)
tokens = st.one_of(st.none(), st.lists(st.one_of(known, any_text), max_size=8))
numbers = st.floats(-1e4, 1e4, width=32)
steps = st.integers(0, 20).flatmap(lambda n: arrays(np.float64, (n, 2), elements=numbers))
ROWS = {"strings": string, "tokens": tokens, "series": steps}


def train(form):
    """Give X and y to learn from."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 12, 60)
    if form == "series":
        return [rng.normal(0, 30, (n + 3, 2)) for n in lengths], np.arange(60) % 3
    X = ["".join(rng.choice(list("abcdefg"), n)) for n in lengths]
    return (X if form == "strings" else [list(x) for x in X]), np.arange(60) % 3


@cache
def classifier(form):
    return RNNClassifier(**SMALL).fit(*train(form))


@cache
def others():
    """Give further estimators of strings, with the names of what they give."""
    X, y = train("strings")
    return {
        "encoder": (RNNEncoder(**SMALL, cell="lstm").fit(X, y), "transform"),
        "both ways": (
            RNNEncoder(**SMALL, bidirectional=True, pooling="max").fit(X, y),
            "transform",
        ),
        "numbers": (RNNRegressor(**SMALL, cell="rnn").fit(X, y * 1e3), "predict"),
        "n-grams": (RNNClassifier(**SMALL | {"cell": None}).fit(X, y), "predict_proba"),
        "words": (RNNClassifier(**SMALL, analyzer="word").fit(X, y), "predict_proba"),
        "as written": (RNNClassifier(**SMALL, lowercase=False, max_length=5).fit(X, y), "predict"),
        "fixed": (FixedEncoder(0.5, "random", nhidden=5, random_state=0).fit(X), "transform"),
    }


def results(form, X):
    """Give a vector and probabilities of each row."""
    model = classifier(form)
    if model._precision() != torch.float32:
        pytest.skip("in single precision a row depends on its block on this machine")
    return np.hstack([model.encoder_.transform(X), model.predict_proba(X)])


def rows_of(form, **size):
    return st.lists(ROWS[form], **{"min_size": 1, "max_size": 12, **size})


forms = pytest.mark.parametrize("form", ["strings", "tokens", "series"])


@forms
@some
@given(data=st.data())
def test_the_order_of_rows_changes_nothing(form, data):
    X = data.draw(rows_of(form))
    order = data.draw(st.permutations(range(len(X))))
    np.testing.assert_array_equal(results(form, [X[i] for i in order]), results(form, X)[order])


@forms
@some
@given(data=st.data())
def test_rows_that_are_repeated_change_nothing(form, data):
    X = data.draw(rows_of(form, max_size=6))
    places = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=1, max_size=80))
    np.testing.assert_array_equal(results(form, [X[i] for i in places]), results(form, X)[places])


@forms
@some
@given(data=st.data())
def test_the_result_of_a_subset_is_the_subset_of_the_result(form, data):
    X = data.draw(rows_of(form, min_size=2))
    rows = data.draw(st.sets(st.integers(0, len(X) - 1), min_size=1).map(sorted))
    np.testing.assert_array_equal(results(form, [X[i] for i in rows]), results(form, X)[rows])


@forms
@some
@given(data=st.data())
def test_x_in_parts_gives_the_parts_of_the_result(form, data):
    X = data.draw(rows_of(form, min_size=2))
    cuts = data.draw(st.sets(st.integers(1, len(X) - 1)).map(sorted))
    parts = [X[a:b] for a, b in zip([0, *cuts], [*cuts, len(X)])]
    found = np.concatenate([results(form, part) for part in parts])
    np.testing.assert_array_equal(found, results(form, X))


@some
@given(X=st.lists(st.one_of(st.none(), known, written_text), min_size=1, max_size=12))
def test_the_container_of_strings_changes_nothing(X):
    expected = results("strings", X)
    containers = [
        tuple(X), np.array(X, dtype=object), np.array(X, dtype=object)[:, None],
        pd.Series(X, dtype=object), pd.Series(X, dtype="string"),
        pd.DataFrame({"x": X}, dtype=object),
        pl.Series(X, dtype=pl.String), pl.DataFrame({"x": X}, schema={"x": pl.String}),
        pa.array(X, pa.string()), pa.chunked_array([X], pa.string()),
    ]  # fmt: skip
    for container in containers:
        np.testing.assert_array_equal(results("strings", container), expected)


@some
@given(X=st.lists(st.lists(st.one_of(known, written_text), max_size=8), min_size=1, max_size=8))
def test_the_container_of_tokens_changes_nothing(X):
    expected = results("tokens", X)
    column = np.empty(len(X), dtype=object)
    column[:] = X
    types = pl.List(pl.String), pa.list_(pa.string())
    for container in [
        column,
        pd.Series(column),
        pl.Series(X, dtype=types[0]),
        pa.array(X, types[1]),
    ]:
        np.testing.assert_array_equal(results("tokens", container), expected)


@some
@given(X=arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 20), st.just(2)),
                elements=numbers))  # fmt: skip
def test_the_container_of_series_changes_nothing(X):
    expected = results("series", X)
    for container in [list(X), X.tolist(), tuple(x.tolist() for x in X), np.asfortranarray(X)]:
        np.testing.assert_array_equal(results("series", container), expected)


@pytest.mark.parametrize(
    "kind", ["encoder", "both ways", "numbers", "n-grams", "words", "as written", "fixed"]
)
@many
@example(X=["\0", "a\0", "\0\0b"])
@example(X=["\x02", "\x03", "\x02a\x03", "\ud800", "\udfff\ud800", "\U0010ffff"])
@example(X=["İSTANBUL", "ß", "ΑΣ", "ﬁ", "e\u0301", "é", "👩‍👩‍👧", "\u202eabc"])
@given(X=st.lists(st.one_of(st.none(), any_text), min_size=1, max_size=6))
def test_strings_of_any_unicode_are_read(kind, X):
    model, method = others()[kind]
    apply = getattr(model, method)
    found = apply(X)
    assert len(found) == len(X) and np.isfinite(found).all()
    if kind != "fixed" and model._precision() == torch.float32:
        np.testing.assert_array_equal(np.concatenate([apply([x]) for x in X]), found)


@forms
@many
@given(data=st.data())
def test_nothing_that_was_not_learned_raises_an_error(form, data):
    X = data.draw(rows_of(form))
    model = classifier(form)
    p = model.predict_proba(X)
    assert p.shape == (len(X), 3) and (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert (model.predict(X) == p.argmax(axis=1)).all()


@few
@given(
    X=st.lists(st.one_of(st.none(), written_text), min_size=4, max_size=20),
    cell=st.sampled_from(["gru", "lstm", "rnn", None]),
    ngram_range=st.sampled_from(["auto", (1, 2), (2, 3)]),
    pooling=st.sampled_from(["last", "mean", ("max", "last")]),
    solver=st.sampled_from(["adam-adagrad", "adam", "sgd"]),
    seed=st.integers(0, 2**32 - 1),
    data=st.data(),
)
def test_a_fit_is_a_function_of_parameters_data_and_seed(
    X, cell, ngram_range, pooling, solver, seed, data
):
    """And the order of the rows does not count."""
    params = dict(cell=cell, ngram_range=ngram_range, pooling=pooling, solver=solver)
    y = np.arange(len(X)) % 2
    order = data.draw(st.permutations(range(len(X))))
    fits = []
    for rows in (range(len(X)), range(len(X)), order):
        torch.manual_seed(len(fits))
        np.random.seed(len(fits))
        model = RNNClassifier(**SMALL | {"random_state": seed}, **params)
        fits.append(model.fit([X[i] for i in rows], y[list(rows)]))
    for name in ("W_", "U_", "G_", "V_", "b_", "c_"):
        first = getattr(fits[0], name)
        for fit in fits[1:]:
            np.testing.assert_array_equal(getattr(fit, name), first)
    assert fits[0].loss_curve_ == fits[1].loss_curve_ == fits[2].loss_curve_


def assert_contributions_sum(form, x, tol):
    """Compare by the larger of score and baseline."""
    model = classifier(form)
    for label in range(3):
        parts, symbols, _, score, baseline = model.explain(x, label)
        assert len(parts) == len(symbols)
        scale = max(abs(score), abs(baseline))
        assert abs(parts.sum() + baseline - score) <= tol * scale
        assert abs(model.decision_function([x])[0, label] - score) <= 1e-5 * max(1, scale)


@pytest.mark.parametrize("form", ["strings", "tokens"])
@some
@given(data=st.data())
def test_contributions_sum_to_the_score_to_five_digits(form, data):
    assert_contributions_sum(form, data.draw(ROWS[form]), 1e-5)


@few
@given(x=steps)
def test_where_the_largest_state_counts_they_sum_to_four_digits(x):
    """The gradient jumps where another step has the largest state."""
    assert_contributions_sum("series", x, 1e-4)


@some
@given(x=any_text.filter(bool))
def test_unroll_has_a_state_for_each_symbol_and_the_last_one_is_h(x):
    assume(len(x) == len(x.lower()))
    model, _ = others()["encoder"]
    states, symbols = model.unroll(x)
    assert symbols == list(x.lower()) and states.shape == (len(x), 6)
    h = model.transform([x])[0, :6]
    np.testing.assert_allclose(states[-1], h, rtol=0, atol=2e-6)
