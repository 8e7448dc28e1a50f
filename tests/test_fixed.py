"""The ladder: matrices that are given, every state of a sequence, and what a score is made of."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor

ALPHABET = list("acehktz")


def h(word, *matrices, **params):
    return FixedEncoder(*matrices, vocabulary=ALPHABET, **params).fit_transform([word])[0].tolist()


@pytest.mark.parametrize(
    ("word", "w", "number"),
    [("cat", 1, 6), ("act", 1, 6), ("katze", 1, 17), ("cat", 2, 9), ("act", 2, 7)],
)
def test_character_sum_and_weighted_sum(word, w, number):
    assert h(word, w, "ordinal") == [number]


def test_bag_and_weighted_bag():
    assert h("cat") == [1, 1, 0, 0, 0, 1, 0] == h("act")
    assert h("cat", 2, "onehot") == [2, 4, 0, 0, 0, 1, 0]  # 4 c + 2 a + 1 t
    assert h("act", 2) == [4, 2, 0, 0, 0, 1, 0]


def test_cbow_knows_no_order_and_the_rnn_does():
    cbow = {"U": "random", "nhidden": 5, "random_state": 0}
    np.testing.assert_allclose(h("cat", **cbow), h("act", **cbow), rtol=1e-14)
    rnn = cbow | {"activation": "tanh"}
    assert np.abs(np.subtract(h("cat", **rnn), h("act", **rnn))).max() > 0.1


@pytest.mark.parametrize("activation", ["identity", "tanh", "relu"])
def test_given_arrays_are_the_equation(activation):
    rng = np.random.default_rng(0)
    W, U = rng.normal(size=(3, 3)), rng.normal(size=(3, 7))
    f = {"identity": lambda a: a, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0)}[activation]
    state, states = np.zeros(3), []
    for letter in "katze":
        state = f(W @ state + U[:, ALPHABET.index(letter)])
        states.append(state)
    encoder = FixedEncoder(W, U, activation=activation, vocabulary=ALPHABET)
    np.testing.assert_allclose(encoder.fit_transform(["katze"])[0], state, rtol=1e-12)
    unrolled, symbols = encoder.unroll("katze")
    np.testing.assert_allclose(unrolled, states, rtol=1e-12)
    assert symbols == list("katze")


def test_what_is_not_in_the_alphabet_adds_nothing():
    encoder = FixedEncoder(vocabulary=ALPHABET).fit(["cat"])
    np.testing.assert_array_equal(encoder.transform(["cat?"]), encoder.transform(["cat"]))
    assert not encoder.transform([None, "", "xy"]).any()


def test_numbers_are_summed():
    table = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert FixedEncoder().fit_transform(table).tolist() == [[6], [15]]
    assert FixedEncoder(2, "ordinal").fit_transform(table).tolist() == [[11], [32]]
    series = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0]])]
    assert FixedEncoder().fit_transform(series).tolist() == [[4, 6], [5, 6]]


def test_tokens_and_an_array_that_is_changed_later():
    U = np.eye(2)
    encoder = FixedEncoder(U=U).fit([["log", "in"], ["in"]])
    U[:] = 7
    assert encoder.transform([["in", "log", "in"]]).tolist() == [[2, 1]]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"U": np.eye(3)},
            "FixedEncoder needs U to have a column for each of the 7 symbols, got an array of "
            "shape (3, 3).",
        ),
        (
            {"W": np.eye(3)},
            "FixedEncoder needs W to be of shape (7, 7), as U has 7 rows, got (3, 3).",
        ),
    ],
)
def test_matrices_have_to_fit(params, message):
    with pytest.raises(ValueError) as error:
        FixedEncoder(**params, vocabulary=ALPHABET).fit(["cat"])
    assert str(error.value) == message


@pytest.mark.parametrize("params", [{"cell": "gru"}, {"bidirectional": True}, {"n_layers": 2}])
def test_the_last_unrolled_state_is_the_vector(params):
    words, y = ["anna", "otto", "hannah", "bob"], [0, 1, 0, 1]
    encoder = RNNEncoder(5, max_iter=2, pooling="last", random_state=0, **params).fit(words, y)
    for word, n_steps in {"anna": 4, "zz": 2, "": 1, None: 1}.items():
        states, symbols = encoder.unroll(word)
        assert len(states) == len(symbols) == n_steps
        assert symbols == ([word] if not word else list(word))
        vector = states[-1]
        if params.get("bidirectional"):
            vector = np.concatenate([states[-1, :5], states[0, 5:]])
        found = encoder.transform([word])[0, : len(vector)]
        single = 4 * np.finfo(np.float32).eps  # states are from -1 to 1; unroll is in double
        np.testing.assert_allclose(found, vector, rtol=0, atol=single)


def test_unrolling_a_series_and_tokens():
    X, y = make_classification(20, 6, random_state=0)
    model = make_pipeline(StandardScaler(), RNNClassifier(4, max_iter=1)).fit(X, y)
    states, numbers = model[-1].unroll(X[0])
    assert states.shape == (6, 8) and numbers == X[0].tolist()
    tokens = RNNEncoder(4, max_iter=1).fit([["a", "b"], ["c"]], [0, 1])
    assert tokens.unroll(["a", "zz"])[1] == ["a", "zz"]


def test_unroll_wants_one_sequence():
    encoder = FixedEncoder().fit(["ab"])
    with pytest.raises(TypeError, match=r"needs one string here, got .*: give x, not \[x\]\."):
        encoder.unroll(["ab", "cd"])


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"cell": "rnn", "bidirectional": True},
        {"cell": "lstm", "n_layers": 2},
        {"cell": None},
        {"ngram_range": None},
        {"analyzer": "word"},
        {"pooling": ("mean", "last")},
    ],
)
def test_contributions_sum_to_the_score(params):
    words, y = ["anna", "otto", "hannah", "bob"] * 5, [0, 1, 2, 1] * 5
    model = RNNClassifier(8, random_state=0, **params).fit(words, y)
    for word in ["hannah", "x", "bob otto, anna", "", None]:
        for label in (None, 0, 2):
            found = model.explain(word, label)
            assert len(found.contributions) == len(found.symbols)
            size = max(abs(found.score), abs(found.baseline))
            assert found.contributions.sum() == pytest.approx(
                found.score - found.baseline, rel=0, abs=2e-5 * size
            )
            scores = model.decision_function([word])[0]
            assert found.score == pytest.approx(scores[found.label], rel=1e-5)
    assert model.explain("hannah").label == model.predict(["hannah"])[0]


def test_an_ngram_counts_for_the_step_at_which_it_ends():
    words, y = ["anna", "otto", "hannah", "bob"] * 5, [0, 1, 2, 1] * 5
    model = RNNClassifier(cell=None, ngram_range=(1, 2), random_state=0).fit(words, y)
    found = model.explain("bob", 1)
    ends = ["\x02b", "b"], ["bo", "o"], ["ob", "b", "b\x03", "\x03"]
    columns = [[model.ngrams_[ngram] for ngram in end] for end in ends]
    parts = [model.V_[1] @ model.G_[:, some].sum(axis=1) / 3**0.5 for some in columns]
    np.testing.assert_allclose(found.contributions, parts, rtol=1e-5)
    assert found.symbols == list("bob")
    assert found.baseline == pytest.approx(model.c_[1])


def test_explain_is_of_h_and_of_g():
    words, y = ["anna", "otto", "hannah", "bob"] * 5, [0, 1, 2, 1] * 5
    model = RNNClassifier(8, ngram_size=6, random_state=0).fit(words, y)
    h, found = model.encoder_.transform(["bob"])[0], model.explain("bob", 1)
    assert found.score == pytest.approx(model.V_[1] @ h + model.c_[1], rel=1e-4)
    assert found.baseline != pytest.approx(model.c_[1], rel=1e-4)  # b moves h where nothing is read


def test_the_letters_that_decide_are_found():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdef"), size=8)) for _ in range(400)]
    y = ["z" in w for w in words[:200]] + [True] * 200
    words[200:] = [w[:3] + "z" + w[4:] for w in words[200:]]
    model = RNNClassifier(ngram_range=(1, 1), random_state=0).fit(words, y)
    assert model.explain("abczdefa").contributions.argmax() == 3


def test_explain_of_numbers_and_of_several_labels():
    X, y = make_classification(40, 6, random_state=0)
    found = RNNClassifier(4, max_iter=3, random_state=0).fit(X, y).explain(X[0])
    assert found.contributions.shape == (6,) and found.symbols == X[0].tolist()
    assert found.contributions.sum() == pytest.approx(found.score - found.baseline, rel=1e-4)
    labels = np.array([[1, 0], [0, 1], [1, 1]])
    model = RNNClassifier(4, max_iter=3).fit(["ab", "ba", "b"], labels)
    found = model.explain("ab", 1)
    assert found.label == 1
    assert found.score == pytest.approx(model.decision_function(["ab"])[0, 1])


@pytest.mark.parametrize("pooling", ["auto", "last", ("mean", "max")])
def test_explain_of_series_does_not_depend_on_where_zero_is(pooling):
    rng = np.random.default_rng(0)
    series = [rng.normal(size=(rng.integers(3, 9), 2)) for _ in range(30)]
    y = [int(x[:, 0].sum() > 0) for x in series]
    params = {"nhidden": 6, "max_iter": 5, "pooling": pooling, "random_state": 0}
    params |= {"batch_size": 30, "dropout": 0}  # the order of the rows is that of their bytes
    found = RNNClassifier(**params).fit(series, y).explain(series[0])
    assert found.contributions.sum() == pytest.approx(found.score - found.baseline, rel=1e-3)
    far = [x * [5, 0.1] + [1000, -30] for x in series]
    model = RNNClassifier(**params).fit(far, y)
    moved = model.explain(far[0]).contributions
    np.testing.assert_allclose(moved, found.contributions, atol=1e-3)
    mean = np.tile(np.concatenate(far).mean(0), (4, 1))
    np.testing.assert_allclose(model.explain(mean).contributions, 0, atol=1e-4)


def test_explain_refuses_a_class_that_there_is_not():
    model = RNNClassifier(4, max_iter=1).fit(["ab", "ba"], ["x", "y"])
    with pytest.raises(ValueError, match=r"explain needs label to be one of .*, got 'z'\."):
        model.explain("ab", "z")


def test_an_empty_list_of_tokens_is_read_as_nothing():
    model = RNNClassifier(4, analyzer="word", max_iter=3).fit(["a b", "b", ""], [0, 1, 0])
    assert model.unroll("")[1] == [""] and model.explain(None).symbols == [None]


def test_an_alphabet_of_nothing():
    assert FixedEncoder().fit([None, ""]).transform([None, "", "a"]).shape == (3, 0)


def test_a_fit_that_fails_leaves_the_encoder_as_it_was():
    encoder = FixedEncoder().fit([[1.0, 2.0]])
    before = dict(vars(encoder))
    with pytest.raises(ValueError, match="needs W to be of shape"):
        encoder.set_params(W=np.eye(3)).fit(["ab"])
    assert {**vars(encoder), "W": None} == {**before, "W": None}


def test_contributions_to_a_number_sum_to_the_prediction():
    words = ["anna", "otto", "hannah", "bob"] * 5
    y = np.array([[len(w) * 1000.0, w.count("n")] for w in words])
    model = RNNRegressor(8, random_state=0).fit(words, y)
    for output in (0, 1):
        found = model.explain("hannah", output)
        assert found.score == pytest.approx(model.predict(["hannah"])[0, output], rel=1e-5)
        assert found.contributions.sum() == pytest.approx(found.score - found.baseline, rel=1e-4)
    alone = RNNRegressor(8, max_iter=1).fit(words, y[:, 0])
    assert alone.explain("hannah").label is None
    with pytest.raises(ValueError, match="needs output to be 0, as y had one column, got True"):
        alone.explain("hannah", True)
    with pytest.raises(ValueError, match="needs output to be a whole number from 0 to 1, got 2"):
        model.explain("hannah", 2)


def test_a_state_that_is_too_large_is_refused():
    doubled = FixedEncoder(W=2).fit(["ab"])
    rows = ["a", "b" + "a" * 2000, "a", "b" + "a" * 2000]
    with pytest.raises(
        ValueError, match=r"^FixedEncoder needs h to stay finite, got .* in row 1: "
    ):
        doubled.transform(rows)
    with pytest.raises(
        ValueError, match=r"^FixedEncoder needs h to stay finite, got .* too large: "
    ):
        doubled.unroll(rows[1])
    assert np.isfinite(FixedEncoder(W=2, max_length=1000).fit(rows).transform(rows)).all()
