"""Parameters: what each may be, what is said of all else, and that only `fit` reads them.

Every parameter is given every one of `VALUES`. It is either one that `ACCEPTED` lists, and the fit
works, or the error is a sentence that is compared in full. In the sentences "Who" stands for the
class of the estimator.
"""

import copy
import pickle
from fractions import Fraction
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from test_bad_input import RULES, SERIES, TEXT, Y, device, small, sort_braces

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor, _learner
from skrnn._configuration import MAX_WEIGHTS

NAN, INF = float("nan"), float("inf")
NUMBERS = np.linspace(-1, 1, 8)
VALUES = {
    "True": True,
    "np.True_": np.True_,
    "np.int8": np.int8(2),
    "np.uint8": np.uint8(2),
    "np.int64": np.int64(2),
    "np.float16": np.float16(0.5),
    "np.float32": np.float32(0.5),
    "np.float64": np.float64(0.5),
    "np.longdouble": np.longdouble(0.5),
    "fraction": Fraction(1, 2),
    "nan": NAN,
    "inf": INF,
    "-1": -1,
    "0": 0,
    "10**30": 10**30,
    "10**400": 10**400,
    "''": "",
    "str": "nonsense",
    "bytes": b"auto",
    "None": None,
    "empty list": [],
    "empty tuple": (),
    "pair of bools": (True, True),
    "pair of floats": (1.0, 2.0),
    "nested tuple": ((1,), (2,)),
    "nested names": ("last", ("max",)),
    "dict": {"x": 1},
    "object": object(),
    "array": np.array([1, 2]),
    "0-d array": np.array(1),
    "pd.NA": pd.NA,
    "tensor": torch.tensor(1),
    "timedelta": np.timedelta64(1, "s"),
    "complex": 1j,
}

INTEGERS = {"np.int8", "np.uint8", "np.int64"}
FLOATS = {"np.float16", "np.float32", "np.float64", "np.longdouble", "fraction"}
BOOLS = {"True", "np.True_"}
ACCEPTED = {  # by parameter
    **dict.fromkeys(["nhidden", "n_layers", "ngram_size", "batch_size", "max_iter"], INTEGERS),
    **dict.fromkeys(["n_iter_no_change", "window"], INTEGERS),
    "max_features": INTEGERS | {"None"},
    "max_length": INTEGERS | {"None"},
    "min_df": INTEGERS | FLOATS,
    "dropout": FLOATS | {"0"},
    "ngram_dropout": FLOATS | {"0"},
    "validation_fraction": FLOATS,
    "learning_rate_init": INTEGERS | FLOATS | {"10**30"},
    "alpha": INTEGERS | FLOATS | {"0"},
    "tol": INTEGERS | FLOATS | {"0", "10**30"},
    "max_grad_norm": INTEGERS | FLOATS | {"10**30", "None"},
    **dict.fromkeys(["bias", "bidirectional", "lowercase", "early_stopping", "warm_start"], BOOLS),
    "verbose": INTEGERS | BOOLS | {"0"},
    "random_state": INTEGERS | {"0", "None"},
    "cell": {"None"},
    "ngram_range": {"None"},
    "class_weight": {"None"},
    "vocabulary": {"None", "dict"},
    "W": INTEGERS | FLOATS | {"-1", "0", "10**30", "0-d array"},
}


# What is said of values that scikit-learn's rule for a parameter lets through

LISTS = ["empty list", "empty tuple", "pair of bools", "pair of floats", "nested tuple"]
LISTS += ["nested names"]
VOCABULARY = "Who needs vocabulary to be a list, set, dict or array of symbols, got "
LISTED = ": make a list of its symbols."
NO_SYMBOL = "Who needs vocabulary to list at least one symbol, got "
SYMBOL = "Who needs the symbols of vocabulary to be single characters with analyzer='char', got "
WINDOW = (
    "Who needs window to be a width of at most 10,000 steps, or (width, stride) with a stride from "
    "1 to the width, got "
)
POOLING = (
    "Who needs pooling to be one of ['last', 'max', 'mean'], or a tuple of different ones, got "
)
RANGE = "Who needs ngram_range to be (smallest n, largest n), from 1 up, got "
DECAY = (
    "Who needs alpha * learning_rate_init to be less than 1, as each step shrinks the weights by "
    "it, got "
)
U = "Who needs U to be numbers of shape (nhidden, number of symbols or variables), got "
W = "Who needs W to be numbers of shape (3, 3), got "


def each(start, endings):
    """Give the sentence of several values, which begins alike for all."""
    return {name: f"{start}{ending}." for name, ending in endings.items()}


MATRICES = {
    "empty list": "a list []",
    "empty tuple": "a tuple ()",
    "pair of bools": "a tuple (True, True)",
    "pair of floats": "a tuple (1.0, 2.0)",
    "nested names": "a tuple ('last', ('max',))",
    "dict": "a dict {'x': 1}",
    "array": "an array of shape (2,) and dtype int64",
    "tensor": "a Tensor tensor(1)",
}
SAID = {
    "alpha": {"10**30": f"{DECAY}{10**30} * 0.004: lower alpha."},
    "class_weight": {
        "dict": "Who needs the keys of class_weight to be classes of y, got the unknown key 'x'."
    },
    "device": {name: device(VALUES[name]) for name in ("''", "str")},
    "window": each(WINDOW, {name: VALUES[name] for name in LISTS}),
    "pooling": each(POOLING, {name: VALUES[name] for name in LISTS}),
    "ngram_range": each(RANGE, {name: VALUES[name] for name in LISTS}),
    "vocabulary": {
        **each(NO_SYMBOL, {"empty list": "[]", "empty tuple": "()"}),
        **each(SYMBOL, {"pair of bools": "True", "pair of floats": "1.0", "nested tuple": "(1,)"}),
        **each(SYMBOL, {"nested names": "'last'", "array": "1"}),
        "''": f"{VOCABULARY}a str ''{LISTED}",
        "str": f"{VOCABULARY}a str 'nonsense'{LISTED}",
        "bytes": f"{VOCABULARY}bytes b'auto'{LISTED}",
        "0-d array": f"{VOCABULARY}an int 1{LISTED}",
        "tensor": f"{VOCABULARY}a Tensor tensor(1){LISTED}",
    },
    "U": {
        **each(U, {**MATRICES, "0-d array": "an int 1"}),
        "nested tuple": "Who needs U to have a column for each of the 3 symbols, got an array of "
        "shape (2, 1).",
    },
    "W": {
        **each(W, MATRICES),
        "nested tuple": "Who needs W to be of shape (3, 3), as U has 3 rows, got (2, 1).",
    },
}
FIXED_RULES = {
    "W": "a float in the range (-inf, inf), a str among {'identity'} or an array-like",
    "U": "a str among {'onehot', 'ordinal', 'random'} or an array-like",
    "activation": "a str among {'identity', 'tanh', 'relu'}",
}
OF_CLASSES = "an instance of 'dict', a str among {'balanced'} or None"
ALL_RULES = {
    RNNClassifier: {name: rule for name, (rule, _) in RULES.items()} | {"class_weight": OF_CLASSES},
    RNNEncoder: {"target_type": "a str among {'auto', 'classification', 'regression'}"},
    RNNRegressor: {"class_weight": "None"},
    FixedEncoder: {
        name: FIXED_RULES.get(name) or RULES[name][0] for name in FixedEncoder().get_params()
    },
}
ROWS = [
    pytest.param(cls, name, value, id=f"{cls.__name__} {name}: {value}")
    for cls, rules in ALL_RULES.items()
    for name in rules
    for value in VALUES
]


def made(cls, **params):
    """Make an estimator that is small, and quick to fit."""
    return small(cls, **params) if cls is not FixedEncoder else cls(**params)


@cache
def fitted(cls, kind="strings"):
    return made(cls).fit(DATA[kind], Y)


DATA = {"strings": TEXT, "series": SERIES}


def use(model, X=TEXT):
    return model.predict(X) if hasattr(model, "predict") else model.transform(X)


def state(model):
    """Give all that an estimator holds: which objects these are, and the bytes of arrays."""
    held = vars(model).items()
    arrays = {name: value.tobytes() for name, value in held if isinstance(value, np.ndarray)}
    return {name: id(value) for name, value in held}, arrays


@pytest.mark.parametrize(("cls", "name", "value"), ROWS)
def test_a_value_is_accepted_or_refused_in_one_sentence(cls, name, value, capsys):
    kind, given = "series" if name == "window" else "strings", VALUES[value]
    model = copy.copy(fitted(cls, kind)).set_params(**{name: given})
    if value in {**ACCEPTED, **({"class_weight": {"None"}} if cls is RNNRegressor else {})}.get(
        name, ()
    ):
        assert np.isfinite(use(model.fit(DATA[kind], Y), DATA[kind])).all()
        return
    before = state(model)
    rule = f"The {name!r} parameter of Who must be {ALL_RULES[cls][name]}. Got {given!r} instead."
    sentence = rule if cls is RNNRegressor else SAID.get(name, {}).get(value, rule)
    with pytest.raises(ValueError) as caught:
        model.fit(DATA[kind], Y)
    assert sort_braces(str(caught.value).replace(cls.__name__, "Who")) == sort_braces(sentence)
    assert state(model) == before


# numpy's numbers are as good as Python's

SAME = [
    *[{name: number(5)} for name in ("nhidden", "ngram_size") for number in (np.int8, np.uint64)],
    *[{"batch_size": number(2)} for number in (np.int8, np.uint8, np.int64)],
    *[{"bias": np.False_}, {"lowercase": np.False_}, {"bidirectional": np.True_}],
    *[{"early_stopping": np.True_}, {"n_layers": np.int16(2)}, {"max_iter": np.uint8(3)}],
    *[{"min_df": np.int64(2)}, {"min_df": np.float32(0.5)}, {"max_features": np.int8(4)}],
    *[{"max_length": np.int8(2)}, {"alpha": np.float32(0.5)}, {"tol": np.float16(0.5)}],
    *[{"dropout": np.float32(0.25)}, {"ngram_dropout": np.longdouble(0.25)}],
    *[{"learning_rate_init": Fraction(1, 64)}, {"max_grad_norm": np.float16(0.5)}],
    *[{"ngram_range": (np.int8(1), np.uint8(2))}, {"ngram_range": [np.int64(2), np.int64(3)]}],
    *[{"random_state": np.uint32(7)}, {"class_weight": {0: np.float32(0.25), 1: np.int8(2)}}],
    *[{"activation": np.str_("relu"), "cell": np.str_("rnn")}, {"pooling": np.str_("mean")}],
    *[{"pooling": [np.str_("last"), np.str_("max")]}, {"analyzer": np.str_("word")}],
    *[{"n_iter_no_change": np.int8(1), "learning_rate": "constant", "tol": 1, "max_iter": 9}],
    *[{"validation_fraction": np.float64(0.5), "early_stopping": True}, {"device": np.str_("cpu")}],
    *[{"window": np.int8(3)}, {"window": (np.int8(3), np.uint8(2))}],
]


def of_python(value):
    """Write a value with Python's numbers and strings alone."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(of_python, value))
    if isinstance(value, dict):
        return {key: of_python(number) for key, number in value.items()}
    if isinstance(value, (Fraction, np.longdouble)):
        return float(value)
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("params", SAME, ids=str)
def test_numbers_of_numpy_are_as_good_as_those_of_python(params):
    X = SERIES if "window" in params else TEXT
    plain = {name: of_python(value) for name, value in params.items()}
    assert joblib.hash(plain) != joblib.hash(params)
    model, other = (small(RNNClassifier, **given).fit(X, Y) for given in (params, plain))
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))
    assert model.loss_curve_ == other.loss_curve_


def test_a_grid_of_numpy_numbers_is_searched():
    grid = {
        "nhidden": np.arange(2, 4),
        "bidirectional": np.array([False, True]),
        "dropout": np.linspace(0, 0.5, 2, dtype=np.float32),
    }
    search = GridSearchCV(small(RNNClassifier), grid, cv=2, error_score="raise").fit(TEXT, Y)
    assert len(search.cv_results_["mean_test_score"]) == 8


# Parameters of one estimator that do not go together, or not with the data


def refused(cls, params, X=TEXT, y=Y, error=ValueError):
    """Give what is said of parameters; the fitted estimator that they are set on stays the same."""
    model = copy.copy(fitted(cls)).set_params(**params)
    before = state(model)
    with pytest.raises(error) as caught:
        model.fit(X, y)
    assert state(model) == before
    return str(caught.value).replace(cls.__name__, "Who")


FACTORS = "Who needs class_weight to be finite, not negative and not all zero, got "
TOO_MANY = f"Who needs a network of at most {MAX_WEIGHTS:,} weights, got "
LOWER = ": lower nhidden, n_layers, window, ngram_size or max_features."
FINITE = "Who needs U to hold finite numbers, got "
COMBINATIONS = [
    *[
        (RNNClassifier, {"class_weight": weight}, f"{FACTORS}{shown}.")
        for weight, shown in [
            ({0: -0.5}, "{0: -0.5}"),
            ({0: -1}, "{0: -1}"),
            ({0: NAN, 1: 1}, "{0: nan, 1: 1}"),
            ({1: INF}, "{1: inf}"),
            ({0: 0, 1: 0.0}, "{0: 0, 1: 0.0}"),
            ({0: "1"}, "{0: '1'}"),
            ({0: None}, "{0: None}"),
            ({0: [1]}, "{0: [1]}"),
            ({0: 1j}, "{0: 1j}"),
            ({0: 10**400}, "{0: 100000000000000000000000000000000..."),
            ({0: np.timedelta64(1, "s")}, "{0: np.timedelta64(1,'s')}"),
            ({0: pd.NA}, "{0: <NA>}"),
        ]
    ],
    (
        RNNClassifier,
        {"class_weight": {None: 1}},
        "Who needs the keys of class_weight to be classes of y, got the unknown key None.",
    ),
    (
        RNNClassifier,
        {"class_weight": {pd.NA: 1}},
        "Who needs the keys of class_weight to be classes of y, got the unknown key <NA>.",
    ),
    (
        RNNClassifier,
        {"class_weight": {"0": 1}},
        "Who needs the keys of class_weight to be classes of y, got the unknown key '0'.",
    ),
    (RNNClassifier, {"vocabulary": ["a", 1, None]}, f"{SYMBOL}1."),
    (RNNClassifier, {"vocabulary": {"a", 1}}, f"{SYMBOL}1."),
    (RNNClassifier, {"vocabulary": ["a", None]}, f"{SYMBOL}None."),
    (RNNClassifier, {"vocabulary": ["a", pd.NA]}, f"{SYMBOL}<NA>."),
    (RNNClassifier, {"vocabulary": [["a"]]}, f"{SYMBOL}['a']."),
    (RNNClassifier, {"vocabulary": [b"a"]}, f"{SYMBOL}b'a'."),
    (RNNClassifier, {"vocabulary": np.array(["a", NAN], dtype=object)}, f"{SYMBOL}nan."),
    (RNNRegressor, {"pooling": ("last", ("max",))}, f"{POOLING}('last', ('max',))."),
    (RNNRegressor, {"pooling": ["last", "mean", None]}, f"{POOLING}['last', 'mean', None]."),
    (RNNRegressor, {"ngram_range": (1, 10**30)}, f"{RANGE}(1, 1000000000000000000000000000000)."),
    (RNNRegressor, {"ngram_range": (1, NAN)}, f"{RANGE}(1, nan)."),
    (RNNRegressor, {"ngram_range": (np.int8(3), np.int8(1))}, f"{RANGE}(np.int8(3), np.int8(1))."),
    (RNNRegressor, {"ngram_range": (1, True)}, f"{RANGE}(1, True)."),
    (RNNClassifier, {"window": 2**40}, f"{WINDOW}1099511627776."),
    (RNNClassifier, {"window": (10_001, 1)}, f"{WINDOW}(10001, 1)."),
    (RNNClassifier, {"window": (3, 2**62)}, f"{WINDOW}(3, 4611686018427387904)."),
    (RNNRegressor, {"alpha": 1e6}, f"{DECAY}1000000.0 * 0.004: lower alpha."),
    (RNNRegressor, {"alpha": 2, "learning_rate_init": 0.5}, f"{DECAY}2 * 0.5: lower alpha."),
    (RNNEncoder, {"nhidden": 2**40}, f"{TOO_MANY}3.63e+24{LOWER}"),
    (RNNEncoder, {"nhidden": 2**62}, f"{TOO_MANY}6.38e+37{LOWER}"),
    (RNNEncoder, {"ngram_size": 2**40}, f"{TOO_MANY}5.28e+13{LOWER}"),
    (RNNEncoder, {"n_layers": 2**40}, f"{TOO_MANY}1.19e+14{LOWER}"),
    *[
        (RNNEncoder, {"device": name}, device(name))
        for name in ("cuda:7", "nonsense", "", "cuda:-1", "mps:9", "cpu\n")
        if not (name == "mps:9" and torch.backends.mps.is_available())
        if not (name == "cuda:7" and torch.cuda.device_count() > 7)
    ],
    (
        RNNEncoder,
        {"device": "meta"},
        "Who cannot compute on device='meta' (Tensor.item() cannot be called on meta tensors): "
        'set device="cpu", or another that torch can use here.',
    ),
    (FixedEncoder, {"U": [[1, 2], [3]]}, f"{U}a list [[1, 2], [3]]."),
    (FixedEncoder, {"U": [["a", "b"]]}, f"{U}a list [['a', 'b']]."),
    (FixedEncoder, {"U": [[10**400]]}, "Who needs U to hold finite numbers, got inf."),
    (FixedEncoder, {"U": np.empty((0, 3))}, f"{U}an array of shape (0, 3) and dtype float64."),
    (FixedEncoder, {"U": np.ones((2, 2, 2))}, f"{U}an array of shape (2, 2, 2) and dtype float64."),
    (FixedEncoder, {"U": [[1, NAN, 2]]}, f"{FINITE}nan."),
    (FixedEncoder, {"U": [[1, None, 2]]}, f"{FINITE}nan."),
    (FixedEncoder, {"U": [[1, 2, -INF]]}, f"{FINITE}-inf."),
    (FixedEncoder, {"U": [[1j, 2, 3]]}, f"{FINITE}1j."),
    (FixedEncoder, {"W": [[1, NAN], [0, 1]]}, f"{FINITE}nan.".replace("U", "W")),
    (FixedEncoder, {"W": np.full((3, 3), "a")}, f"{W}an array of shape (3, 3) and dtype <U1."),
    (
        FixedEncoder,
        {"nhidden": 2**40, "U": "random"},
        f"Who needs W and U of at most {MAX_WEIGHTS:,} numbers, got nhidden={2**40}: lower "
        "nhidden.",
    ),
]


@pytest.mark.parametrize(
    ("cls", "params", "sentence"),
    [
        pytest.param(*row, id=f"{i} {row[0].__name__} {list(row[1])}")
        for i, row in enumerate(COMBINATIONS)
    ],
)
def test_a_combination_is_refused_in_one_sentence(cls, params, sentence):
    assert refused(cls, params) == sentence


# Only `fit` reads parameters

OTHERS = {
    "nhidden": 5, "cell": "lstm", "activation": "relu", "bidirectional": "auto", "n_layers": 2,
    "window": 2, "pooling": "max", "init": "article", "bias": False, "dropout": 0.5,
    "ngram_dropout": 0.5, "analyzer": "word", "lowercase": False, "ngram_range": None,
    "ngram_size": 5, "min_df": 2, "max_features": 2, "vocabulary": ["b"], "max_length": 1,
    "class_weight": "balanced", "solver": "sgd", "learning_rate": "constant",
    "learning_rate_init": 1.0, "batch_size": 3, "max_iter": 2, "alpha": 1.0, "max_grad_norm": 1e-3,
    "tol": 1.0, "n_iter_no_change": 1, "early_stopping": True, "validation_fraction": 0.5,
    "warm_start": True, "random_state": 1, "verbose": 1, "target_type": "regression",
    "W": 2, "U": "ordinal", "device": torch.device("cpu"),
}  # fmt: skip
INVALID = {"max_length": -1, "analyzer": None, "window": "x", "nhidden": "x", "lowercase": 3}
MIXED = ["Ab ba", "ba", "CAB", "ac", "abc d", "", "ca", None]


def answers(model, X):
    """Give all that a fitted estimator says of X."""
    found = [use(model, X), *model.unroll(X[4])]
    if hasattr(model, "explain"):
        found += [*model.explain(X[4]), model.encoder_.transform(X)]
    return found


@pytest.mark.parametrize("cls", ALL_RULES)
@pytest.mark.parametrize("kind", ["strings", "words", "series"])
def test_a_fitted_estimator_does_not_depend_on_parameters_set_later(cls, kind):
    X = SERIES if kind == "series" else MIXED
    words = {"analyzer": "word", "lowercase": False, "max_length": 2}
    model = made(cls, **(words if kind == "words" else {})).fit(X, Y)
    before, given = answers(model, X), model.get_params()
    for change in (OTHERS, words, INVALID):
        model.set_params(**{name: value for name, value in change.items() if name in given})
        for other in (model, pickle.loads(pickle.dumps(model))):
            np.testing.assert_equal(answers(other, X), before)
    assert set(given) <= set(OTHERS)


# States that are too large, and nets that training has destroyed

GROWS = {"cell": "rnn", "activation": "relu", "pooling": "last", "ngram_range": None}
LARGE = "Who needs h to stay finite, got a state that W has made too large"
SMALLER = ': set max_length or activation="tanh", and fit again.'


@pytest.mark.parametrize("cls", [RNNEncoder, RNNClassifier, RNNRegressor])
def test_a_state_that_is_too_large_is_an_error_wherever_a_net_is_applied(cls):
    model = small(cls, **GROWS).fit(TEXT, Y)
    model.W_ = 2 * np.eye(4, dtype=np.float32)
    model.U_ = np.ones_like(model.U_)
    X = ["ab", "ab" * 1000, None, "ab" * 1000]
    names = {"transform", "predict", "predict_proba", "predict_log_proba", "decision_function"}
    calls = [getattr(model, name) for name in names if hasattr(model, name)]
    for call in calls:
        assert np.isfinite(call(X[:1])).all()
        with pytest.raises(ValueError) as caught:
            call(X)
        assert str(caught.value).replace(cls.__name__, "Who") == f"{LARGE} in row 1{SMALLER}"
    for name in ("unroll", "explain"):
        if hasattr(model, name):
            with pytest.raises(ValueError) as caught:
                getattr(model, name)(X[1])
            assert str(caught.value).replace(cls.__name__, "Who") == LARGE + SMALLER


def test_a_state_beyond_the_precision_of_x_is_an_error():
    X = np.ones((4, 200), dtype=np.float32)
    model = RNNEncoder(2, max_iter=1, n_layers=2, window=1, bidirectional=True, **GROWS).fit(
        X, Y[:4]
    )
    model.W_ = np.tile(2 * np.eye(2, dtype=np.float32), (4, 1))
    model.U_, model.U_above_ = np.ones_like(model.U_), np.ones_like(model.U_above_)
    with pytest.raises(ValueError, match=r"^RNNEncoder needs h to stay finite, got .* in row 0: "):
        model.transform(X)


DIVERGED = (
    "Who needs a finite loss, but {}: lower learning_rate_init, set max_grad_norm or "
    'activation="tanh", or scale X.'
)


@pytest.mark.parametrize("stopping", [True, False])
def test_a_state_that_is_too_large_in_training_is_an_error(stopping):
    X = ["ab" * 40, "ba" * 40, "cab", "bac", "abc", "b", "ca", "bb"]
    params = {**GROWS, "learning_rate_init": 10.0, "max_iter": 20, "solver": "adam"}
    said = refused(RNNClassifier, {**params, "early_stopping": stopping}, X)
    reasons = "the loss of epoch 1 is nan", "a weight is not finite"
    assert said in [DIVERGED.format(reason) for reason in reasons]


def test_a_score_of_a_validation_set_that_is_not_finite_is_an_error():
    model = small(RNNClassifier, **GROWS, warm_start=True, learning_rate_init=1e-6).fit(TEXT, Y)
    model.W_, model.U_ = 2 * np.eye(4, dtype=np.float32), np.ones_like(model.U_)
    with pytest.raises(ValueError) as caught:
        model.fit(TEXT, Y, X_val=["ab" * 1000], y_val=[0])
    said = str(caught.value).replace("RNNClassifier", "Who")
    assert said == DIVERGED.format("a score of a validation set is not finite")


@pytest.mark.parametrize("cls", [RNNClassifier, RNNRegressor])
def test_a_net_that_is_worse_than_none_is_warned_of(cls):
    params = {
        "learning_rate_init": 1e4,
        "batch_size": 1,
        "learning_rate": "constant",
        "max_iter": 3,
    }
    X, y = TEXT * 3, [0, 1, 1, 0, 1, 0, 0, 1] * 2 + [1] * 8  # which no net gets right
    with pytest.warns(ConvergenceWarning) as caught:
        model = small(cls, **params).fit(X, y)
    assert [record.filename for record in caught] == [__file__]
    assert str(caught[0].message) == (
        f"{cls.__name__} did not converge: its loss is {model.loss_:.3g}, and that of a "
        f"network whose scores are all zero is {model_of_nothing(cls, y):.3g}. "
        "Lower learning_rate_init, dropout or max_grad_norm."
    )
    small(cls, max_iter=3).fit(X, y)  # without a warning


def model_of_nothing(cls, y):
    return np.log(2) if cls is RNNClassifier else 0.5


def test_a_lack_of_memory_is_explained(monkeypatch):
    sentence = (
        "Who needs more memory than there is: lower nhidden, n_layers, ngram_size, max_features, "
        "max_length or batch_size."
    )
    of_torch = "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: ..."
    for failure in (RuntimeError(of_torch), MemoryError(), torch.OutOfMemoryError("...")):
        monkeypatch.setattr(_learner, "learn", lambda *args, error=failure: raise_(error))
        assert refused(RNNClassifier, {}, error=MemoryError) == sentence


def raise_(error):
    raise error


# The rest


def test_ngrams_longer_than_all_sequences_cost_nothing():
    for longest in (10**7, 2**62):
        model = small(RNNClassifier, ngram_range=(1, longest)).fit(TEXT, Y)
        assert max(map(len, model.ngrams_)) == len("\x02abc\x03")
        other = small(RNNClassifier, ngram_range=(1, 5)).fit(TEXT, Y)
        np.testing.assert_array_equal(use(model), use(other))
        assert small(RNNClassifier, ngram_range=(longest, longest)).fit(TEXT, Y).ngrams_ == {}


@pytest.mark.parametrize("params", [{"analyzer": "word"}, {"lowercase": False}], ids=str)
def test_a_warm_start_keeps_how_strings_are_read(params):
    model = small(RNNClassifier, warm_start=True, ngram_range=(1, 2)).fit(TEXT, Y)
    with pytest.raises(ValueError, match=r"needs nhidden, .*, analyzer, lowercase, .* stay"):
        model.set_params(**params).fit(TEXT, Y)
    model.set_params(analyzer="char", lowercase=True, max_length=1).fit(TEXT, Y)
    np.testing.assert_array_equal(model.predict_proba(["ab"]), model.predict_proba(["ac"]))


def test_a_warm_start_refuses_another_number_of_columns():
    two = np.stack([NUMBERS, NUMBERS], axis=1)
    for y, other, form, given in [
        (NUMBERS, two, "numbers", "numbers in 2 columns"),
        (two, NUMBERS, "numbers in 2 columns", "numbers"),
    ]:
        model = small(RNNRegressor, warm_start=True).fit(TEXT, y)
        with pytest.raises(ValueError) as caught:
            model.fit(TEXT, other)
        assert str(caught.value) == (
            f"RNNRegressor with warm_start=True needs y to be {form}, as in the last fit, got "
            f"{given}: set warm_start=False to start anew."
        )


@pytest.mark.parametrize("cls", [RNNClassifier, RNNEncoder])
def test_a_warm_start_refuses_several_labels_after_classes(cls):
    model = small(cls, warm_start=True).fit(TEXT, Y)
    with pytest.raises(ValueError) as caught:
        model.fit(TEXT, np.eye(2, dtype=int)[Y])
    assert str(caught.value) == (
        f"{cls.__name__} with warm_start=True needs y to be the classes [0, 1], as in the last "
        "fit, got the labels [0, 1]: set warm_start=False to start anew."
    )
