"""`fit` on the ranks of a process group: one model from all parts of the data."""

import os
import pickle
import signal
import time

import numpy as np
import pandas as pd
import pytest
import torch
import torch.distributed as dist
from ranks import Failure, Processes

from skrnn import RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.datasets import load_names

NAMES, COUNTRIES = (part[::40].tolist() for part in load_names(return_X_y=True))
LENGTHS = [float(len(name)) for name in NAMES]
LABELS = [["a" in name, "e" in name] for name in NAMES]
RNG = np.random.default_rng(0)
SERIES = [RNG.normal(size=(n, 2)).cumsum(0) for n in RNG.integers(1, 9, 200)]
RISES = [int(x[-1, 0] > x[0, 0]) for x in SERIES]
TABLE = RNG.normal(3, 2, size=(200, 40)).cumsum(1)
C, R, E = RNNClassifier, RNNRegressor, RNNEncoder
FULL = dict(
    nhidden=8, batch_size=10**6, max_iter=4, dropout=0, ngram_dropout=0, random_state=0,
    solver="sgd", learning_rate_init=0.2,
)  # fmt: skip
QUICK = dict(nhidden=8, max_iter=2, random_state=0)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two ranks."""
    processes = Processes(2, tmp_path_factory.mktemp("ranks") / "store")
    yield processes
    processes.close()


def fit(estimator, X, y, options):
    return estimator.fit(X, y, **options)


def taken(values, places):
    if isinstance(values, (np.ndarray, pd.DataFrame, pd.Series)):
        return values[places] if isinstance(values, np.ndarray) else values.iloc[places]
    return [values[i] for i in places]


def parts_of(places, estimator, X, y, **options):
    """Give each rank its rows."""
    return [
        (
            estimator,
            taken(X, some),
            taken(y, some),
            {name: taken(value, some) for name, value in options.items()},
        )
        for some in places
    ]


def halves(n):
    return list(range(0, n, 2)), list(range(1, n, 2))


def fit_on(pair, places, estimator, X, y, **options):
    """Fit on two ranks; check that both have the same; return it."""
    one, other = pair.run(fit, *parts_of(places, estimator, X, y, **options))
    assert not isinstance(one, Failure), one
    assert bits_of(one) == bits_of(other)
    return one


def bits_of(model):
    return {name: pickle.dumps(value) for name, value in model.__getstate__().items()}


def matrices(model):
    return {name: getattr(model, f"{name}_") for name in ("W", "U", "U_above", "G", "V", "b", "c")}


def assert_close(found, expected, atol=1e-6):
    for name, matrix in matrices(expected).items():
        scale = max(1, np.abs(matrix).max(initial=0))
        np.testing.assert_allclose(
            matrices(found)[name] / scale, matrix / scale, rtol=0, atol=atol, err_msg=name
        )
    np.testing.assert_allclose(found.loss_curve_, expected.loss_curve_, rtol=1e-5)


CASES = {
    "defaults": (C(**FULL), NAMES, COUNTRIES, {}),
    "lstm": (C(**FULL, cell="lstm", n_layers=2, bidirectional=True), NAMES, COUNTRIES, {}),
    "min_df": (C(**FULL, min_df=3, max_features=500), NAMES, COUNTRIES, {}),
    "share of rows": (C(**FULL, min_df=0.01), NAMES, COUNTRIES, {}),
    "words": (C(**FULL, analyzer="word"), [f"{n} {n[::-1]}" for n in NAMES], COUNTRIES, {}),
    "tokens": (C(**FULL), [list(name) for name in NAMES], COUNTRIES, {}),
    "balanced": (C(**FULL, class_weight="balanced"), NAMES, COUNTRIES, {}),
    "weights": (C(**FULL), NAMES, COUNTRIES, {"sample_weight": np.arange(len(NAMES)) % 4 / 2}),
    "labels": (C(**FULL), NAMES, LABELS, {}),
    "numbers": (R(**FULL), NAMES, LENGTHS, {}),
    "encoder": (E(**FULL), NAMES, COUNTRIES, {}),
    "series": (C(**FULL), SERIES, RISES, {}),
    "windows": (C(**FULL, window=(4, 1)), TABLE, RISES, {}),
    "table": (R(**FULL, window=(4, 1)), TABLE[:, :12], TABLE[:, 12] - TABLE[:, 11], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_two_halves_train_the_model_of_the_whole(case, pair):
    estimator, X, y, options = CASES[case]
    expected = estimator.fit(X, y, **options)
    found = fit_on(pair, halves(len(X)), estimator, X, y, **options)
    assert_close(found, expected)
    for name in ("vocabulary_", "ngrams_", "target_type_", "input_type_"):
        assert getattr(found, name, None) == getattr(expected, name, None)
    if hasattr(expected, "classes_"):
        assert found.classes_.tolist() == expected.classes_.tolist()


UNEVEN = {
    "few and many": (range(3), range(3, len(NAMES))),
    "nothing on rank 0": (range(0), range(len(NAMES))),
    "nothing on rank 1": (range(len(NAMES)), range(0)),
    "a class on each": (
        [i for i, country in enumerate(COUNTRIES) if country < "Germany"],
        [i for i, country in enumerate(COUNTRIES) if country >= "Germany"],
    ),
}


@pytest.mark.parametrize("places", UNEVEN.values(), ids=UNEVEN)
def test_uneven_and_empty_parts_train_the_model_of_the_whole(places, pair):
    estimator = C(**FULL)
    expected = estimator.fit(NAMES, COUNTRIES)
    assert_close(fit_on(pair, places, estimator, NAMES, COUNTRIES), expected)


@pytest.mark.parametrize("X", [NAMES, SERIES, TABLE, pd.DataFrame({"name": NAMES})], ids=type)
def test_an_empty_part_of_any_form(X, pair):
    y = RISES if len(X) == 200 else COUNTRIES
    found = fit_on(pair, (range(0), range(len(X))), C(**QUICK), X, y)
    expected = C(**QUICK).fit(X, y)
    for name in ("n_features_in_", "feature_names_in_"):
        assert np.array_equal(getattr(found, name, None), getattr(expected, name, None))


def test_minibatches_reach_the_same_accuracy(pair):
    """Within two percent of the rows, in the mean of three seeds."""
    X, y = (part[::4].tolist() for part in load_names(return_X_y=True))
    X_test, y_test = (part[2::16] for part in load_names(return_X_y=True))
    scores = []
    for seed in range(3):
        model = C(nhidden=32, random_state=seed)
        together = fit_on(pair, halves(len(X)), model, X, y)
        scores.append([m.score(X_test, y_test) for m in (together, model.fit(X, y))])
    together, alone = np.mean(scores, axis=0)
    assert alone > 0.6 and together > alone - 0.02


def test_what_stops_early_stops_on_both(pair):
    model = C(**{**QUICK, "max_iter": 30}, early_stopping=True, n_iter_no_change=2)
    found = fit_on(pair, halves(len(NAMES)), model, NAMES, COUNTRIES)
    assert found.n_iter_ < 30 and len(found.validation_scores_) == found.n_iter_


def fit_and_validate(estimator, X, y, validation):
    return estimator.fit(X, y, X_val=validation[0], y_val=validation[1])


@pytest.mark.parametrize("estimator, y", [(C(**FULL), COUNTRIES), (R(**FULL), LENGTHS)])
def test_validation_sets_are_scored_as_one(estimator, y, pair):
    X, X_val, y, y_val = NAMES[::2], NAMES[1::2], y[::2], y[1::2]
    expected = estimator.fit(X, y, X_val=X_val, y_val=y_val)
    own = [(X_val, y_val), (None, None)]
    given = [(estimator, X[i::2], y[i::2], own[i]) for i in range(2)]
    one, other = pair.run(fit_and_validate, *given)
    assert bits_of(one) == bits_of(other)
    assert one.validation_scores_ == pytest.approx(expected.validation_scores_, abs=1e-5)


def fit_again(estimator, X, y):
    return estimator.set_params(warm_start=True).fit(X, y)


def test_a_warm_start_goes_on(pair):
    first = fit_on(pair, halves(len(NAMES)), C(**FULL), NAMES, COUNTRIES)
    given = [
        (first, *(taken(part, some) for part in (NAMES, COUNTRIES))) for some in halves(len(NAMES))
    ]
    one, other = pair.run(fit_again, *given)
    assert bits_of(one) == bits_of(other)
    assert one.loss_ < first.loss_ and one.n_iter_ == 8


def test_a_seed_is_agreed_on(pair):
    fit_on(pair, halves(len(NAMES)), C(**{**QUICK, "random_state": None}), NAMES, COUNTRIES)


def fit_verbose(estimator, X, y, path):
    import contextlib

    with open(path, "w") as file, contextlib.redirect_stderr(file):
        estimator.set_params(verbose=1).fit(X, y)
    return open(path).read()


def test_one_rank_prints_the_progress(pair, tmp_path):
    given = [(C(**QUICK), NAMES[i::2], COUNTRIES[i::2], tmp_path / str(i)) for i in range(2)]
    first, second = pair.run(fit_verbose, *given)
    assert len(first.splitlines()) == 2 and second == ""


WRONG = {
    "needs nhidden to be the same on all ranks, got 8 on rank 0 and 4 on rank 1": [
        (C(**QUICK), NAMES, COUNTRIES),
        (C(**{**QUICK, "nhidden": 4}), NAMES, COUNTRIES),
    ],
    "needs X to have the same form on all ranks, got strings on rank 0 and numbers in 40 columns": [
        (C(**QUICK), NAMES, COUNTRIES),
        (C(**QUICK), TABLE, RISES),
    ],
    "needs at least two classes in y, got one class: 'x'": [
        (C(**QUICK), NAMES, ["x"] * len(NAMES)),
        (C(**QUICK), [], []),
    ],
    "needs a row of X on at least one rank, got none on all of them": [(C(**QUICK), [], [])] * 2,
}


def fit_plainly(estimator, X, y):
    """Fit, and say whether a failure has changed anything."""
    before = pickle.dumps(estimator)
    try:
        return estimator.fit(X, y)
    except Exception as error:
        assert pickle.dumps(estimator) == before
        raise error


@pytest.mark.parametrize("sentence", WRONG)
def test_parts_that_do_not_go_together_are_refused_on_all_ranks(sentence, pair):
    for answer in pair.run(fit_plainly, *WRONG[sentence]):
        assert isinstance(answer, Failure) and sentence in str(answer)
    fit_on(pair, halves(len(NAMES)), C(**QUICK), NAMES, COUNTRIES)  # the next fit is none the worse


def test_an_error_on_one_rank_ends_the_other(pair):
    wrong = C(**QUICK), NAMES, COUNTRIES[:-1]
    first, second = pair.run(fit_plainly, (C(**QUICK), NAMES, COUNTRIES), wrong)
    assert "needs one y for each row of X" in str(second)
    assert str(first).startswith(
        "LostRankError: RNNClassifier.fit needs all 2 ranks, but rank 0 has lost another one ("
    )
    assert str(first).endswith("see what the others report, and start all of them again.")
    fit_on(pair, halves(len(NAMES)), C(**QUICK), NAMES, COUNTRIES)


def fit_until_killed(estimator, X, y, killed_in):
    """Fit; be killed at the beginning of an epoch, or before the fit."""
    from skrnn.net import trainer

    honest, begun = trainer.epoch, [time.monotonic()]

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def epoch(*given):
        if killed_in == len(begun):
            die()
        begun.append(time.monotonic())
        return honest(*given)

    trainer.epoch = epoch
    if killed_in == 0:
        die()
    try:
        estimator.fit(X, y)
    except ConnectionError as error:
        return str(error), time.monotonic() - begun[-1]
    finally:
        trainer.epoch = honest
    return "fitted", 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("killed_in", [0, 3])
def test_a_killed_rank_ends_the_others_within_a_minute(killed_in, tmp_path):
    ranks = Processes(4, tmp_path / "store")
    model = C(**{**QUICK, "max_iter": 1000})
    doomed = [None, None, killed_in, None]
    ranks.start(
        fit_until_killed, *[(model, NAMES[i::4], COUNTRIES[i::4], doomed[i]) for i in range(4)]
    )
    answers = [ranks.answer(rank) for rank in (0, 1, 3)]
    ranks.close()
    for sentence, seconds in answers:
        assert sentence.startswith("RNNClassifier.fit needs all 4 ranks, but rank ")
        assert seconds < 60


def meet(rank):
    from skrnn.net.group import joined

    with joined("Who") as group:
        tensor, first = torch.full((2,), rank + 1.0), torch.tensor([rank])
        group.add(tensor)
        group.copy_first(first)
        received = group.exchange([f"{rank} to {other}" * rank for other in range(2)])
        return group.gather(rank), tensor.tolist(), first.tolist(), received


def test_ranks_gather_exchange_add_and_copy(pair):
    for rank, answer in enumerate(pair.run(meet, (0,), (1,))):
        assert answer == ([0, 1], [3, 3], [0], ["", f"1 to {rank}"])


def rank_of_here():
    return dist.get_rank(), dist.get_world_size()


def test_the_group_of_the_user_stays(pair):
    fit_on(pair, halves(len(NAMES)), C(**QUICK), NAMES, COUNTRIES)
    assert pair.run(rank_of_here, (), ()) == [(0, 2), (1, 2)]
