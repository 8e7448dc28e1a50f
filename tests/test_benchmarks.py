"""The benchmarks run, and print the rows they promise."""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from skrnn.datasets import load_names

pytestmark = pytest.mark.slow


@pytest.fixture
def article(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import article

    return article


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(zip(*load_names(return_X_y=True)))
    return str(path)


def test_quick_run_prints_every_row(article, names, capsys):
    assert article.main(["--quick", "--data", names]) == 0
    out = capsys.readouterr().out
    cells = [line.split("|")[1:-1] for line in out.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in cells]
    assert head == ["", "seed 0", "mean accuracy", "macro-F1", "seconds", "CPU", "times faster"]
    assert [row[0] for row in rows] == [
        "article, batches",
        "article, batches, without metrics",
        "RNNClassifier, article's settings",
        "RNNClassifier, defaults",
        "RNNClassifier, 3 epochs",
        "RNNEncoder + random forest, defaults",
        "article, one record, 1 epoch",
        "RNNClassifier, one record, 1 epoch",
    ]
    for row in rows:
        assert 0.1 < float(row[2]) < 1 and float(row[4]) > 0, row


def test_missing_data_is_said_in_a_sentence(article, capsys, monkeypatch, tmp_path):
    path = tmp_path / "nowhere.gz"
    assert article.main(["--data", str(path)]) == 2
    said = f"benchmarks.article measures on names_train.csv.gz, and there is no file {path}.\n"
    assert capsys.readouterr() == ("", said)
    monkeypatch.setattr(article, "DATA", path)
    assert article.main([]) == 0
    assert capsys.readouterr() == ("", said)


@pytest.fixture
def speed(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import speed

    return speed


def test_speed_prints_a_table_for_each_question(speed, capsys, names):
    questions = ["reading", "training", "reaching", "lengths", "columns", "crowded"]
    argv = ["--quick", "--device", "cpu", "--names", names]
    assert speed.main([*argv, "--only", *questions]) == 0
    out = capsys.readouterr().out
    titles = [line[3:] for line in out.splitlines() if line.startswith("## ")]
    assert sorted(titles) == sorted(questions)
    assert out.count("| predict, alone ") == out.count("| predict, beside ") == 1
    assert out.count("| 30 ") == 1 and out.count("RNNClassifier(max_iter=1)") == 1


def test_speed_says_what_share_of_the_floor_predict_is(speed, capsys, names):
    assert speed.main(["--quick", "--names", names, "--only", "applying"]) == 0
    head, _, *rows = rows_of(capsys.readouterr().out)
    assert [row[0] for row in rows] == [
        "rnn, 1,000, distinct",
        "rnn, 1,000, each 100 times",
        "gru, 1,000, distinct",
        "default settings, 1,000, distinct",
        "rnn, a list of one name",
        "gru, a list of one name",
        "default settings, a list of one name",
        "default settings, RNNEncoder.transform, a list of one name",
    ]
    assert all(row[1].endswith(" ms") for row in rows[4:])
    for row in rows[:4]:
        said = dict(zip(head, row))
        share = float(said["floor s"]) / float(said["skrnn s"])
        assert float(said["share of the floor"]) == pytest.approx(share, abs=0.006)
    assert rows[3][2] == "" and rows[2][2]  # skorch's net has no defaults


def test_the_floor_of_predict_has_the_nodes_of_the_prefixes(speed, monkeypatch):
    """Of "ab", "ac" and "b" the second level alone has products: one, of two states."""
    from benchmarks._speed_applying import level_products, torch
    from benchmarks._speed_setup import same_work

    strings = ["ab", "ac", "b"]
    model = same_work("gru", 5, 8, 1).fit(strings, [0, 1, 1])
    run, found = level_products(model, [*strings, "ab"], "cpu"), []
    monkeypatch.setattr(torch, "mm", lambda h, W, out: found.append((h.shape, W.shape, out.shape)))
    run()
    assert found == [((2, 5), (5, 15), (2, 15))]


def test_speed_profiles_an_epoch_and_predict(speed, capsys, names):
    assert speed.main(["--quick", "--names", names, "--only", "profile"]) == 0
    head, _, *rows = rows_of(capsys.readouterr().out)
    assert head == ["", "calls", "s", "share"] and len(rows) == 2 * 15
    for part in (rows[:15], rows[15:]):
        assert part[12][0].endswith("other functions")
        assert part[13][0].endswith("with the profiler") and part[13][3] == "100%"
        assert sum(float(row[2]) for row in part[:13]) == pytest.approx(
            float(part[13][2]), abs=1e-3
        )


def test_speed_counts_subsets_whose_vectors_differ(speed, capsys, names):
    assert speed.main(["--quick", "--names", names, "--only", "subsets"]) == 0
    _, _, *rows = rows_of(capsys.readouterr().out)
    assert len(rows) == 7 and rows[-1][0] == "default settings"
    assert all(row[1] == "20" and row[3] == row[4] == "0" and int(row[5]) <= 3 for row in rows)


def test_a_result_that_depends_on_other_rows_is_counted(speed):
    from benchmarks._speed_subsets import _count_others

    def centred(x):
        return np.asarray(x, dtype=float) - np.mean(x)

    some = [np.array([2, 0]), np.array([0, 1, 2])]
    assert _count_others(centred, [0, 0, 3], some) == 1
    assert _count_others(np.asarray, [0, 0, 3], some) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux says what memory is used")
def test_speed_prints_the_memory_of_each_model(speed, capsys, names):
    assert speed.main(["--quick", "--names", names, "--only", "memory", "growth"]) == 0
    head, _, *rows = rows_of(capsys.readouterr().out.split("## memory")[1])
    assert head == ["", "fit MB", "predict MB", "pickled MB", "fit s", "predict s"]
    assert [row[0].split(", ")[0] for row in rows] == [
        "RNNClassifier",
        "skorch",
        "RNNClassifier()",
        "TF-IDF 1-5 + LinearSVC",
        "RNNClassifier(max_iter=1)",
    ]
    assert all(float(row[1]) > 0 and float(row[3]) > 0 for row in rows)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux says what memory is used")
def test_the_cost_of_a_step_is_its_peak(speed):
    """What is freed before the end counts, what was there before the start does not."""
    from benchmarks._speed_memory import cost

    there = np.ones(2**23)  # 64 MB
    taken, peak = cost(lambda n: np.ones(n).sum(), 2**24)
    assert taken > 0 and 120 < peak < 140 and len(there)


def test_speed_on_series_prints_a_row_for_each_model(speed, capsys, names):
    pytest.importorskip("aeon", reason="aeon comes with the extra benchmarks")
    assert speed.main(["--quick", "--names", names, "--only", "series"]) == 0
    _, _, *rows = rows_of(capsys.readouterr().out)
    models = ["RNNClassifier", "MiniRocket", "Values, random forest", "Summary, random forest"]
    assert [row[0].split(", ", 1)[1] for row in rows] == 2 * models
    assert all(0 <= float(row[4]) <= 1 and float(row[2]) > 0 for row in rows)


def test_speed_says_which_package_series_need(speed, capsys, names, monkeypatch):
    monkeypatch.setitem(sys.modules, "aeon", None)
    monkeypatch.delitem(sys.modules, "aeon.datasets", raising=False)
    assert speed.main(["--quick", "--names", names, "--only", "series"]) == 0
    out, err = capsys.readouterr()
    said = 'series needs the package aeon: pip install "skrnn[benchmarks]"\n'
    assert "## series" not in out and err == said


@pytest.mark.parametrize("device", ["cuda:99", "nowhere"])
def test_a_device_that_torch_lacks_is_said_in_a_sentence(speed, capsys, device):
    assert speed.main(["--device", device]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.endswith(".\n")
    assert err.startswith(f"benchmarks.speed cannot measure on --device {device}: ")


def test_questions_of_the_processor_are_left_out_on_another_device(speed, capsys):
    args = speed._arguments(["--device", "cuda", "--only", "applying", "reading", "memory"])
    assert speed._wanted(args) == ["applying"]
    said = "Left out, as they measure on the processor alone: reading, memory.\n"
    assert capsys.readouterr() == ("", said)


def test_a_reservoir_learns(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks._reservoir import reservoir_ridge

    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = [
        np.sin(np.arange(rng.integers(20, 30))[:, None] * (0.3 + 0.4 * c) + rng.normal()) for c in y
    ]
    model = reservoir_ridge(1, 0).fit(X[:60], y[:60])
    assert model.score(X[60:], y[60:]) == 1
    again = reservoir_ridge(1, 0).fit(X[:60], y[:60])
    np.testing.assert_array_equal(model.decision_function(X), again.decision_function(X))


def test_the_peer_of_speed_learns(monkeypatch):
    """A peer that cannot learn would be no peer."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks._nets import Symbols, skorch_net

    words, y = ["ab", "ba", "abab", "baba"] * 20, [0, 1, 0, 1] * 20
    data = Symbols(words, y, {"a": 0, "b": 1})
    net = skorch_net("gru", 2, 2, nhidden=16, batch_size=8, epochs=20, rate=0.01)
    assert net.fit(data, y=None).score(data, y) == 1


@pytest.fixture
def accuracy(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import accuracy

    return accuracy


def test_each_sort_of_strings_is_in_both_halves(accuracy):
    found = {"choosing": {}, "judging": {}}
    for name, (half, sort, *_) in accuracy.PLAN.items():
        found.setdefault(half, {}).setdefault(sort, []).append(name)
    assert found.keys() == {"choosing", "judging", "tokens", "series"}
    sorts = ["codes", "names", "notations", "numbers", "repeats", "texts"]
    for half in ("choosing", "judging"):
        assert sorted(found[half]) == sorts
        assert all(len(names) >= 2 for names in found[half].values()), found[half]
    assert all(len(found["choosing"][s] + found["judging"][s]) >= 4 for s in sorts)


def test_sets_that_chose_the_first_defaults_do_not_judge(accuracy):
    used = "article bundled words places identifiers melting logp latitude".split()
    assert {accuracy.PLAN[name].half for name in used} == {"choosing"}


def test_a_set_says_where_it_is_in_the_plan(accuracy):
    data = accuracy.load("bundled")
    assert (data.half, data.sort, data.kind) == ("choosing", "names", "strings")


def rows_of(out):
    lines = [line for line in out.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_accuracy_prints_a_table_and_a_summary(accuracy, capsys, tmp_path):
    file = tmp_path / "fits.jsonl"
    models = ["1-5, LinearSVC", "1-5, logistic", "RNN"]
    argv = ["--quick", "--data", "bundled", "operators", "--half", "choosing", "--json", str(file)]
    assert accuracy.main([*argv, "--models", *models]) == 0
    out = capsys.readouterr().out
    assert "half: choosing; sort: all" in out and "operators" not in out
    assert "Bundled family names: country (<code>bundled</code>)" in out and "## choosing" in out
    head, _, *rows, summary_head, _, summary = rows_of(out)
    assert head[1:4] == ["accuracy", "macro-F1", "log loss"]
    assert head[4:] == ["Brier", "calibration error", "fit s", "predict s"]
    assert [row[0] for row in rows] == [
        "TF-IDF char_wb 1-5, LinearSVC",
        "TF-IDF char_wb 1-5, logistic regression",
        "RNNClassifier",
        "RNNEncoder, random forest",
    ]
    assert rows[0][3:6] == ["", "", ""] and all(map(float, rows[1][1:7]))
    said = dict(zip(summary_head, summary))
    assert said[""] == "Bundled family names: country"
    assert said["best baseline by log loss"] == rows[1][0]
    assert said["best baseline"] in (rows[0][0], rows[1][0])
    assert float(said["calibration error"]) == float(rows[2][5])
    encoder = float(rows[3][1]) - float(rows[2][1])
    assert float(said["RNNEncoder - skrnn"]) == pytest.approx(encoder, abs=2e-4)
    assert accuracy.main(["--summary", str(file)]) == 0
    assert capsys.readouterr().out.strip() == out[out.index("## choosing") :].strip()


def test_summary_of_fits_that_are_known(accuracy):
    def fits(data, model, **figures):
        about = {"data": data, "half": "judging", "sort": "names", "model": model}
        return [about | {k: v[i] for k, v in figures.items()} for i in range(3)]

    known = fits("places", "TF-IDF", accuracy=[0.5, 0.7, 0.9]) + fits(
        "places", "Other", accuracy=[0.6] * 3
    )
    known += fits("places", "RNNClassifier", accuracy=[0.8, 0.8, 0.1])
    known += fits("logp", "TF-IDF", r2=[0.3] * 3) + fits("logp", "RNNRegressor", r2=[0.1, 0.2, 0.9])
    out = accuracy.summary(known)
    first, second = rows_of(out)[2:]
    assert first[:7] == [
        "Towns: country",
        "names",
        "accuracy",
        "TF-IDF",
        "0.7000",
        "0.8000",
        "+0.1000",
    ]
    assert second[:7] == ["SMILES: log P", "names", "R^2", "TF-IDF", "0.3000", "0.2000", "-0.1000"]
    assert "- Score: mean difference +0.0000 over 2 set(s), ahead on 1, behind on 1" in out


def test_scores_of_probabilities_by_hand(accuracy):
    from benchmarks._scores import calibration_error, of_probabilities

    # Bins 0.6 to 0.667 (two rows, one right) and 0.8 to 0.867 (one row, right), and 1.
    confidence, is_right = np.array([0.62, 0.64, 0.85, 1.0]), np.array([True, False, True, True])
    by_hand = (2 * abs(0.63 - 0.5) + abs(0.85 - 1) + 0) / 4
    assert calibration_error(confidence, is_right) == pytest.approx(by_hand)

    P = np.array([[0.75, 0.25], [0.5, 0.5], [0.75, 0.25]])
    scores = of_probabilities(P, np.array(["a", "b", "new"]), np.array(["a", "b"]))
    losses = -np.log([0.75, 0.5, 1e-15])
    distances = [0.25**2 + 0.25**2, 0.5, 0.75**2 + 0.25**2 + 1]
    assert scores["log_loss"] == pytest.approx(losses.mean())
    assert scores["brier"] == pytest.approx(np.mean(distances))


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import tables

    return tables


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux says what memory is used")
def test_scale_applies_models_from_parquet_to_parquet(monkeypatch, capsys):
    pytest.importorskip("pyarrow")
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import scale

    assert scale.main(["--quick", "--only", "apply"]) == 0
    out = capsys.readouterr().out
    assert "\n5,000 strings, of which 9" in out  # percent are distinct
    head, _, *rows = rows_of(out)
    assert head == ["", "seconds", "strings a second", "times as fast", "MB", "MB, 500 strings"]
    assert [row[0] for row in rows] == [
        "RNNClassifier()",
        'RNNClassifier(cell="rnn", ngram_range=None)',
        "TF-IDF char_wb 1-4 + logistic regression",
        "reading and writing alone",
    ]
    assert rows[2][3] == "1.00"
    for row in rows:
        rate = float(row[2].replace(",", ""))
        assert rate == pytest.approx(5000 / float(row[1]), rel=0.1)
        assert float(row[4]) > 50


def test_the_programs_of_parquet_predict_what_their_models_do(monkeypatch, tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    import joblib

    import skrnn
    from benchmarks import _scale_parquet, _scale_programs

    monkeypatch.setattr(_scale_programs, "ROWS_AT_ONCE", 300)
    _scale_parquet._fit(tmp_path, 40)
    share = _scale_parquet._write_strings(tmp_path / "data.parquet", 1000)
    given = pq.read_table(tmp_path / "data.parquet").to_pydict()
    assert share == len(set(given["name"])) / 1000 and given["id"] == list(range(1000))
    models = {
        "peer": joblib.load(tmp_path / "peer.joblib"),
        "plain": skrnn.load(tmp_path / "plain.skrnn"),
    }
    _scale_programs.of_scikit_learn(tmp_path, "data.parquet")
    found = {"peer": pq.read_table(tmp_path / "out.parquet")}
    _scale_programs.applied("plain.skrnn", tmp_path, "data.parquet")
    found["plain"] = pq.read_table(tmp_path / "out.parquet")
    assert found["peer"].schema.equals(found["plain"].schema)
    assert found["peer"].schema.field("probability").type == pa.float64()
    for name, model in models.items():
        assert found[name]["id"].to_pylist() == given["id"]
        assert found[name]["prediction"].to_pylist() == model.predict(given["name"]).tolist()
        p = model.predict_proba(given["name"]).max(axis=1)
        np.testing.assert_allclose(found[name]["probability"].to_numpy(), p, rtol=1e-6)


@pytest.fixture
def salaries(tmp_path):
    """A table with the columns that matter of employee_salaries: text, date, category, number."""
    rng = np.random.default_rng(0)
    grade = rng.integers(60, size=300)
    frame = pd.DataFrame(
        {
            "employee_position_title": [f"Officer {'I' * (i % 6)} of Team {i}" for i in grade],
            "date_first_hired": [f"0{1 + i % 9}/22/{1980 + i // 2}" for i in grade],
            "gender": rng.choice(["F", "M"], 300),
            "year_first_hired": 1980 + grade // 2,
            "current_annual_salary": 40_000.5 + 1_000 * grade,
        }
    )
    frame.to_csv(tmp_path / "employee_salaries.csv.gz", index=False)
    return str(tmp_path)


def test_tables_print_a_row_for_each_model_and_the_difference(tables, salaries, capsys):
    """Without skrub its rows say what is missing."""
    assert tables.main(["--quick", "--tables", "salaries", "--folder", salaries]) == 0
    out = capsys.readouterr().out
    cells = [line.split("|")[1:-1] for line in out.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in cells]
    assert head == ["", "R^2", "fit s", "score s"]
    assert [row[0].split(" (left out")[0] for row in rows] == [
        "RNNEncoder, TableVectorizer",
        "StringEncoder, TableVectorizer",
        "MinHashEncoder, TableVectorizer",
        "GapEncoder, TableVectorizer",
        "LLMEncoder of all-MiniLM-L6-v2, TableVectorizer",
        "tabular_pipeline",
        "TargetEncoder, ColumnTransformer",
        "RNNEncoder, ColumnTransformer",
        "RNNRegressor out of fold, ColumnTransformer",
        "RNNRegressor, stacking",
    ]
    for name, r2, *_ in rows:
        assert "needs the package" in name or 0.05 < float(r2) < 1, name
    assert all(row[1] for row in rows if "ColumnTransformer" in row[0])
    assert "\nR^2: " in out


def test_tables_that_are_missing_are_said_in_a_sentence(tables, tmp_path, capsys):
    assert tables.main(["--tables", "survey", "--folder", str(tmp_path)]) == 0
    path = tmp_path / "midwest_survey.csv.gz"
    assert f"## survey\n\nskipped: there is no file {path}.\n" in capsys.readouterr().out


def test_predictions_out_of_fold_do_not_know_their_own_row(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks._columns import OutOfFold

    x = np.arange(9)[:, None]
    columns = OutOfFold(KNeighborsRegressor(1))
    assert not np.any(columns.fit_transform(x, np.arange(9.0)) == x)
    np.testing.assert_array_equal(columns.transform(x), x)
    classes = OutOfFold(KNeighborsClassifier(1)).fit_transform(x, np.arange(9) % 3)
    assert classes.shape == (9, 3)
