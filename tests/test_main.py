"""The command line: both tasks, what it prints and saves, and every error sentence."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

import skrnn
from skrnn import __main__ as cli
from skrnn.__main__ import main
from skrnn.command import reading, report
from skrnn.net import trainer

LETTERS = "abcdefghij"
PLAIN = ["people.csv", "--x", "name", "--y", "country"]
NUMBERS = ["grams.csv", "--x", "word", "--y", "grams"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, header, rows, encoding="utf-8"):
    lines = [header, *(",".join(row) for row in rows)]
    with open(name, "w", encoding=encoding) as file:
        file.write("\n".join(lines) + "\n")


def people(n=40):
    """Two countries that differ in the order of their letters alone, a third of them wrong."""
    rng = np.random.default_rng(0)
    for i in range(n):
        name = ("xy" if i % 2 else "yx") + "".join(rng.choice(list(LETTERS), 3))
        yield name, ("Norge" if (i % 2) ^ (rng.random() < 0.33) else "Österreich")


def grams(n=40):
    """Words that weigh what their length says."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        word = "".join(rng.choice(list(LETTERS), rng.integers(1, 30)))
        yield word, str(10 * len(word))


def tables(out):
    """Split the output into its heading, the lines of its tables and what follows."""
    return [part.splitlines() for part in out.split("\n\n")]


def best_line(scores):
    """Give the name and the first score of the line with the highest one, of the table."""
    parts = [re.split(r"  +", line) for line in scores[1:]]
    return max(((name, score) for name, score, *_ in parts), key=lambda part: float(part[1]))


def fails(argv, capsys):
    """Give the last line to stderr of a run that fails before any training."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "[1/4]" not in err
    assert err.endswith("\n")
    return err.splitlines()[-1].removeprefix("python -m skrnn: ")


def test_classification(capsys):
    write("people.csv", "name,country", people(), encoding="utf-8-sig")
    assert main([*PLAIN, "--seed", "3", "--save", "model.skrnn"]) == 0
    out, err = capsys.readouterr()
    (heading,), scores, examples, saved = tables(out)

    assert heading == "country from name: 32 training rows, 8 test rows"
    assert scores[0].split("  ")[0] == "model"
    assert scores[0].split()[1:] == ["accuracy", "macro-F1", "fit", "s", "predict", "s"]
    assert [line[:40].strip() for line in scores[1:]] == [
        "RNNEncoder + RandomForestClassifier",
        "RNNClassifier",
        "CountVectorizer + RandomForestClassifier",
        "TfidfVectorizer + LogisticRegression",
    ]
    assert len({len(line) for line in scores}) == 1
    assert err.splitlines() == [
        "python -m skrnn: the values of 'country' make this a classification; "
        "use --task to change it.",
        "python -m skrnn: [1/4] RNNEncoder + RandomForestClassifier",
        "python -m skrnn: [2/4] RNNClassifier",
        "python -m skrnn: [3/4] CountVectorizer + RandomForestClassifier",
        "python -m skrnn: [4/4] TfidfVectorizer + LogisticRegression",
    ]

    data = cli.read_data(cli._parser().parse_args(PLAIN))
    train, test = cli._split(data, 3)
    model = cli._models(data.task, 3)["RNNClassifier"].fit(data.x[train], data.y[train])
    assert f"{model.score(data.x[test], data.y[test]):.3f}" == scores[2].split()[1]
    assert not set(train) & set(test)
    assert len(examples) == 7
    for row, line in zip(test, examples[1:]):
        name, true, best, p, *_ = line.split()
        assert (name, true) == (data.x[row], data.y[row])
        assert best == model.predict([name])[0]
        assert p.rstrip(",") == f"{model.predict_proba([name]).max():.2f}"
    assert saved == said_of(scores, "RNNClassifier", "accuracy")
    loaded = skrnn.load("model.skrnn")
    assert f"{loaded.score(data.x[test], data.y[test]):.3f}" == scores[2].split()[1]


def said_of(scores, own, metric):
    """Give the lines about the model that is saved."""
    best, highest = best_line(scores)
    best = own if highest == scores[2].split()[1] else best
    better = f"{best} has a higher {metric}, but skrnn cannot save it."
    return [
        f"{own}, fitted on the 32 training rows, is saved in 'model.skrnn'.",
        *([better] if best != own else []),
        "To use it:",
        "  python -m skrnn predict model.skrnn FILE.csv --x COLUMN",
        "  import skrnn; model = skrnn.load('model.skrnn')",
    ]


def test_regression_of_whole_numbers(capsys):
    write("grams.csv", "id,word,grams", [("7", *row) for row in grams()])
    assert main([*NUMBERS, "--save", "model.skrnn"]) == 0
    out, err = capsys.readouterr()
    _, scores, examples, saved = tables(out)

    assert scores[0].split()[:3] == ["model", "R^2", "MAE"]
    assert [line[:39].strip() for line in scores[1:]] == [
        "RNNEncoder + RandomForestRegressor",
        "RNNRegressor",
        "CountVectorizer + RandomForestRegressor",
        "TfidfVectorizer + Ridge",
    ]
    assert err.splitlines()[0] == (
        "python -m skrnn: the values of 'grams' make this a regression; use --task to change it."
    )
    data = cli.read_data(cli._parser().parse_args(NUMBERS))
    train, test = cli._split(data, 0)
    model = cli._models(data.task, 0)["RNNRegressor"].fit(data.x[train], data.y[train])
    error = np.abs(model.predict(data.x[test]) - data.y[test]).mean()
    shown = scores[2].split()[1:3]
    assert shown == [f"{model.score(data.x[test], data.y[test]):.3f}", f"{error:.4g}"]
    for row, line in zip(test, examples[1:]):
        numbers = data.y[row], model.predict(data.x[[row]])[0]
        assert line.split() == [data.x[row], *(f"{v:.4g}" for v in numbers)]
    assert saved == said_of(scores, "RNNRegressor", "R^2")
    loaded = skrnn.load("model.skrnn")
    assert f"{loaded.score(data.x[test], data.y[test]):.3f}" == scores[2].split()[1]


@pytest.mark.parametrize("better", [True, False])
def test_a_better_model_of_scikit_learn_is_named(better, monkeypatch, capsys):
    names = ("TfidfVectorizer + LogisticRegression", "RNNClassifier")
    monkeypatch.setattr(cli, "_best", lambda lines, own: (names[not better], "accuracy"))
    write("people.csv", "name,country", people())
    assert main([*PLAIN, "--save", "model.skrnn"]) == 0
    saved = tables(capsys.readouterr().out)[3]
    line = "TfidfVectorizer + LogisticRegression has a higher accuracy, but skrnn cannot save it."
    assert (line in saved) == better
    assert isinstance(skrnn.load("model.skrnn"), skrnn.RNNClassifier)


def test_a_full_disk_leaves_the_older_model(capsys, monkeypatch, folder):
    write("people.csv", "name,country", people())
    Path("model.skrnn").write_bytes(b"older")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert main([*PLAIN, "--save", "model.skrnn"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "python -m skrnn: skrnn.save could not write 'model.skrnn' and left what was there "
        "unchanged: No space left on device."
    )
    assert Path("model.skrnn").read_bytes() == b"older"
    assert sorted(os.listdir()) == ["model.skrnn", "people.csv"]


@pytest.mark.parametrize("task, rows", [("classification", people), ("regression", grams)])
def test_each_of_the_models_reads_columns(task, rows):
    words, y = zip(*rows())
    x = ["xyabc", None, "yxabc"]
    for model in cli._models(task, 0).values():
        model.fit([*words[:-1], None], y if task == "classification" else list(map(float, y)))
        np.testing.assert_array_equal(model.predict(pd.Series(x)), model.predict(x))


def test_of_equal_models_our_own_is_the_best():
    lines = [{"model": m, "R^2": s, "MAE": "1"} for m, s in zip("abc", ["-0.100", "0.5", "0.500"])]
    assert cli._best(lines, "c") == ("c", "R^2")
    assert cli._best(lines, "b") == ("b", "R^2")
    assert cli._best(lines, "a") == ("b", "R^2")


def test_a_model_that_the_program_saved_is_applied_by_the_program():
    write("grams.csv", "word,grams", grams())
    assert program(*NUMBERS, "--save", "model.skrnn").returncode == 0
    run = program("predict", "model.skrnn", "grams.csv", "--x", "word")
    words = [word for word, _ in grams()]
    expected = skrnn.load("model.skrnn").predict(words).tolist()
    assert run.stdout == "\n".join(["prediction", *map(str, expected), ""])
    assert run.stderr == ""


def program(*arguments, **options):
    """Run the program in a process of its own, in this folder."""
    root = str(Path(cli.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-m", "skrnn", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": root},
        **options,
    )


def test_the_encoder_of_a_regression_reads_numbers():
    models = cli._models("regression", 0)
    encoder = models["RNNEncoder + RandomForestRegressor"]["h"].fit(["a", "bb", "ccc"], [1, 2, 3])
    assert not hasattr(encoder, "classes_")
    np.testing.assert_array_equal(encoder.W_, models["RNNRegressor"].fit(*XY).W_)


XY = (["a", "bb", "ccc"], [1, 2, 3])


def test_the_bundled_names_are_the_default(capsys, monkeypatch):
    names, countries = reading.load_names(return_X_y=True)
    some = np.flatnonzero(np.isin(countries, ["Spain", "Kenya"]))[::40]
    monkeypatch.setattr(reading, "load_names", lambda return_X_y: (names[some], countries[some]))
    assert main([]) == 0
    out, _ = capsys.readouterr()
    n = int(np.ceil(len(some) * 0.2))
    assert out.startswith(f"country from name: {len(some) - n} training rows, {n} test rows\n")
    assert "saved" not in out


def test_missing_cells_and_classes_of_one_row(capsys):
    alone = [("", "Malta"), ("  ", ""), ("qqq", ""), ("q",)]
    write("people.csv", "name,country", [*people(36), *[("", "Norge")] * 4, *alone])
    assert main(PLAIN) == 0
    out, err = capsys.readouterr()
    assert out.startswith("country from name: 33 training rows, 8 test rows\n")
    assert err.startswith("python -m skrnn: left out 3 rows without a value in column 'country'.\n")
    data = cli.read_data(cli._parser().parse_args(PLAIN))
    assert data.x.tolist().count(None) == 5
    for seed in range(20):
        train, test = cli._split(data, seed)
        assert 40 in train  # Malta
        assert sorted([*train, *test]) == list(range(41))


def test_one_row_left_out(capsys):
    write("people.csv", "name,country", [*people(), ("qqq", "")])
    cli.read_data(cli._parser().parse_args(PLAIN))
    assert capsys.readouterr().err.startswith(
        "python -m skrnn: left out 1 row without a value in column 'country'.\n"
    )


def test_a_missing_string_is_shown_as_such():
    write("grams.csv", "word,grams", [("", str(i)) for i in range(25)] + [("a", "1")] * 6)
    data = cli.read_data(cli._parser().parse_args(NUMBERS))
    lines = report.examples(data, [0, 30], cli.RNNRegressor(max_iter=1).fit(data.x, data.y))
    assert [line.split()[0] for line in lines.splitlines()] == ["word", "(missing)", "a"]


def test_fewer_rows_to_test_on_than_classes(capsys):
    rows = [(f"{a}{b}", a) for a in LETTERS for b in "xyxz"]
    write("people.csv", "name,country", rows[::2])
    assert main(PLAIN) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("country from name: 16 training rows, 4 test rows\n")


@pytest.mark.parametrize("seed", [0, 1])
def test_the_split_is_stratified_and_follows_the_seed(seed):
    data = reading.Data(np.arange(100), np.repeat(["a", "b"], [90, 10]), "classification", "x", "y")
    _, test = cli._split(data, seed)
    assert np.unique(data.y[test], return_counts=True)[1].tolist() == [18, 2]
    assert np.array_equal(test, cli._split(data, seed)[1])
    assert not np.array_equal(test, cli._split(data, seed + 1)[1])


@pytest.mark.parametrize(
    "cells, task",
    [
        ([str(i) for i in range(21)], "regression"),
        ([str(i) for i in range(20)] * 2, "classification"),
        ([*map(str, range(21)), "nan"], "classification"),
        ([*map(str, range(21)), "x"], "classification"),
        ([f"{i}.5e-3" for i in range(21)], "regression"),
    ],
)
def test_task_by_the_values(cells, task):
    write("data.csv", "x,y", [("a", cell) for cell in cells])
    options = cli._parser().parse_args(["data.csv", "--x", "x", "--y", "y"])
    assert reading.decide(reading.read_part(options).facts, options) == task


def test_task_as_given(capsys):
    write("grams.csv", "word,grams", [(word, str(len(word) % 3)) for word, _ in grams()])
    assert main([*NUMBERS, "--task", "regression"]) == 0
    out, err = capsys.readouterr()
    assert "RNNRegressor" in out
    assert err.startswith("python -m skrnn: [1/4] RNNEncoder + RandomForestRegressor\n")


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_json_has_the_numbers_of_the_table(task, capsys):
    write("people.csv", "name,country", people())
    write("grams.csv", "word,grams", grams())
    argv = PLAIN if task == "classification" else NUMBERS
    assert main([*argv, "--json", "--save", "model.skrnn"]) == 0
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 5
    found = json.loads(out)
    assert list(found) == [
        *("task", "x", "y", "n_train", "n_test", "n_rows_of_ranks", "models", "seconds"),
    ]
    assert (found["task"], found["x"], found["y"]) == (task, argv[2], argv[4])
    assert (found["n_train"], found["n_test"], found["n_rows_of_ranks"]) == (32, 8, None)
    assert found["seconds"] > sum(line["fit_seconds"] for line in found["models"]) > 0
    assert main([*argv, "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for number, line in zip(found["models"], tables(out)[1][1:]):
        model, *cells = re.split(r"  +", line)
        names = ("accuracy", "macro_f1") if task == "classification" else ("r2", "mae")
        assert list(number) == ["model", *names, "fit_seconds", "predict_seconds"]
        assert number["model"] == model
        assert f"{number[names[0]]:.3f}" == cells[0]
        assert f"{number[names[1]]:{'.3f' if task == 'classification' else '.4g'}}" == cells[1]
    assert isinstance(skrnn.load("model.skrnn"), (skrnn.RNNClassifier, skrnn.RNNRegressor))


def test_quiet_still_says_errors(capsys):
    write("people.csv", "name,country", [])
    assert main([*PLAIN, "--quiet", "--json"]) == 2
    sentence = "needs 6 rows or more with a value in column 'name', got 0."
    assert capsys.readouterr() == ("", f"python -m skrnn: {sentence}\n")


def test_the_other_models_read_strings_as_by_default():
    pipeline = cli._models("classification", 0)["CountVectorizer + RandomForestClassifier"][:-1]
    default = CountVectorizer(analyzer="char", ngram_range=(1, 3)).fit(["Ábc", "ÉA b", ""])
    for missing in (None, np.nan, pd.NA):
        pipeline.fit(["Ábc", "ÉA b", missing])
        assert pipeline[-1].vocabulary_ == default.vocabulary_


def test_long_strings_are_cut():
    assert report.short("a\n b  c") == "a b c"
    assert report.short("x" * 40) == "x" * 40
    assert report.short("x" * 41) == "x" * 37 + "..."


def test_no_cell_gives_the_terminal_an_order(capsys):
    """Neither the colours of ESC, nor what writes from right to left, is printed as it is."""
    evil = "\x1b[31m\u202e"
    rows = [(f"{evil}{name}", f"{evil}{country}") for name, country in people()]
    write("people.csv", f"{evil}name,{evil}country", rows)
    assert main(["people.csv", "--x", f"{evil}name", "--y", f"{evil}country"]) == 0
    out, err = capsys.readouterr()
    assert all(line.isprintable() for line in [*out.split("\n"), *err.split("\n")])
    shown = r"\x1b[31m\u202e"
    assert out.startswith(f"{shown}country from {shown}name: 32 training rows, 8 test rows\n")
    examples = tables(out)[2]
    assert all(line.count(shown) >= 4 for line in examples[1:])  # x, y, and two classes


def test_messages_about_files_are_short(capsys):
    write("people.csv", ",".join(f"column{i}" for i in range(999)), people())
    assert len(fails(PLAIN, capsys)) < 400
    write("grams.csv", "word,grams", [*grams(9), ("a", "x" * 9999)])
    assert len(fails([*NUMBERS, "--task", "regression"], capsys)) < 200
    write("people.csv", "name,country", [(name, "x" * 9999) for name, _ in people()])
    assert len(fails(PLAIN, capsys)) < 200


@pytest.mark.parametrize(
    "argv, sentence",
    [
        (["--x", "name"], "needs a CSV or Parquet file for --x, got none: name the file first."),
        (["--y", "name"], "needs a CSV or Parquet file for --y, got none: name the file first."),
        (
            ["--task", "regression"],
            "needs a CSV or Parquet file for --task, got none: name the file first.",
        ),
        (
            ["no.csv", "--y", "name"],
            "needs a CSV or Parquet file, got 'no.csv': there is no such file.",
        ),
        (
            [".", "--x", "a", "--y", "name"],
            "needs a CSV or Parquet file, got '.': it is a folder; name one of its files.",
        ),
        (
            ["a.csv", "--y", "name"],
            "needs --x with a file, got none: name a column of 'a.csv'.",
        ),
        (
            ["a.csv", "--x", "name"],
            "needs --y with a file, got none: name a column of 'a.csv'.",
        ),
        (
            ["a.csv", "--x", "name", "--y", "country", "--x", "title"],
            "needs one column for --x, got 'name' and 'title': for several columns "
            "see 'A table with a name column' in docs/start.md.",
        ),
        (
            ["a.csv", "--x", "name", "--y", "name"],
            "needs two different columns for --x and --y, got 'name' for both.",
        ),
        (["--seed", "-1"], "needs --seed from 0 to 2**32 - 1, got -1."),
        (["--seed", "4294967296"], "needs --seed from 0 to 2**32 - 1, got 4294967296."),
        (
            ["--save", ""],
            "needs --save to be a file in a folder that can be written to, "
            "got '': make the folder, or add a file name.",
        ),
        (
            ["--save", os.devnull],
            "needs --save to be a file in a folder that can be written to, "
            f"got {os.devnull!r}: make the folder, or add a file name.",
        ),
        (
            ["--save", "no/model.skrnn"],
            "needs --save to be a file in a folder that can be written to, "
            "got 'no/model.skrnn': make the folder, or add a file name.",
        ),
        (
            ["--save", "."],
            "needs --save to be a file in a folder that can be written to, "
            "got '.': make the folder, or add a file name.",
        ),
        (
            ["no.csv", "--x", "name", "--y", "country"],
            "needs a CSV or Parquet file, got 'no.csv': there is no such file.",
        ),
        (
            ["no.csv"],
            "needs a CSV or Parquet file, got 'no.csv': there is no such file.",
        ),
    ],
)
def test_wrong_options(argv, sentence, capsys):
    write("a.csv", "name,country", [])
    assert fails(argv, capsys) == sentence


ONES = [(name, f"c{i}") for i, (name, _) in enumerate(people(6))]


@pytest.mark.parametrize(
    "header, rows, sentence",
    [
        (
            "Name,country",
            people(),
            "needs --x to be a column of 'people.csv', got 'name': "
            "its columns are 'Name', 'country'.",
        ),
        (
            "name:country",
            [(f"{name}:{country}",) for name, country in people()],
            "needs --x to be a column of 'people.csv', got 'name': its columns are 'name:country'.",
        ),
        (
            "",
            [],
            "needs --x to be a column of 'people.csv', got 'name': its columns are none.",
        ),
        (
            "name,country,name",
            [(*row, "") for row in people()],
            "needs one column 'name' in 'people.csv', got 2: rename the others.",
        ),
        (
            "name,land",
            people(),
            "needs --y to be a column of 'people.csv', got 'country': "
            "its columns are 'name', 'land'.",
        ),
        (
            "name,country",
            [(name, " ") for name, _ in people()],
            "needs 6 rows or more with a value in column 'country', got 0.",
        ),
        (
            "name,country",
            [("", "Norge")] * 9 + [("a", "Malta")],
            "needs 6 rows or more with a value in column 'name', got 1.",
        ),
        (
            "name,country",
            [(name, "Norge") for name, _ in people()],
            "needs two classes or more in column 'country', got one: 'Norge'.",
        ),
        (
            "name,country",
            ONES,
            "needs a class of two rows or more in column 'country', got one row of each.",
        ),
        (
            "name,country",
            [(name, f"town {i % 40}") for i, (name, _) in enumerate(people(60))],
            "needs classes in column 'country', got 40 different values in 60 rows ('town 0', "
            "'town 1', 'town 2', ...): name another column, or correct the cells that are not "
            "numbers.",
        ),
        (
            "name,country",
            [*people(6), ("Smith", " Jr.", "Norge")],
            "needs a readable CSV file in UTF-8, got 'people.csv': "
            "correct line 8 (more cells than columns).",
        ),
        (
            "name,country",
            [*people(6), ('"Smith', "Norge")],
            "needs a readable CSV file in UTF-8, got 'people.csv': "
            "correct line 8 (unexpected end of data).",
        ),
    ],
)
def test_wrong_files(header, rows, sentence, capsys):
    write("people.csv", header, rows)
    assert fails(PLAIN, capsys) == sentence


def test_trailing_commas_do_no_harm():
    write("people.csv", "name,country", [(*row, "", "") for row in people()])
    assert len(cli.read_data(cli._parser().parse_args(PLAIN)).x) == 40


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(delimiter):
    rows = [(delimiter.join([f'"{name}, {name}"', country]),) for name, country in people()]
    write("people.csv", delimiter.join(["name", "country"]), rows)
    data = cli.read_data(cli._parser().parse_args(PLAIN))
    assert data.x.tolist() == [f"{name}, {name}" for name, _ in people()]
    assert data.y.tolist() == [country for _, country in people()]


@pytest.mark.parametrize(
    "head",
    [
        '"name\n(full), or alias";name;country',
        "\r\n\nname;country;note, if any, of, this",
        "sep=;\nname;country",
        " name ; country ;",
    ],
)
def test_heads_of_many_kinds(head):
    rows = [(f"{name};{country} ;",) for name, country in people()]
    rows = [("x;" + row[0],) for row in rows] if "alias" in head else rows
    write("people.csv", head, rows)
    data = cli.read_data(cli._parser().parse_args(PLAIN))
    assert data.x.tolist() == [name for name, _ in people()]
    assert data.y.tolist() == [country for _, country in people()]


def test_decimal_commas_between_semicolons():
    write("grams.csv", "word;grams", [(f"{word};{grams},5",) for word, grams in grams()])
    data = cli.read_data(cli._parser().parse_args(NUMBERS))
    assert data.task == "regression"
    assert data.y.tolist() == [float(g) + 0.5 for _, g in grams()]


def test_another_encoding(capsys):
    write("people.csv", "name,country", people(), encoding="latin-1")
    assert fails(PLAIN, capsys) == (
        "needs a readable CSV file in UTF-8, got 'people.csv': save it as UTF-8."
    )


@pytest.mark.parametrize("cell", ["heavy", "nan", "inf"])
def test_labels_for_a_regression(cell, capsys):
    write("grams.csv", "word,grams", [*grams(9), ("a", cell)])
    assert fails([*NUMBERS, "--task", "regression"], capsys) == (
        f"needs numbers in column 'grams' for a regression, got '{cell}' in line 11: "
        "correct it or use --task classification."
    )


def test_what_a_model_refuses_is_told(capsys):
    write("people.csv", "name,country", people())

    class Refusing:
        def fit(self, x, y):
            raise ValueError("Refusing needs\n  luck.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "_models", lambda task, seed: {"Refusing": Refusing()})
        assert main(PLAIN) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "python -m skrnn: cannot fit Refusing: Refusing needs luck."


@pytest.mark.parametrize("epochs", [0, 1])
def test_ctrl_c_ends_all(epochs, capsys, monkeypatch):
    """Also after an epoch, where `fit` by itself warns and keeps what it has."""
    train, calls = trainer.epoch, []

    def interrupted(*args):
        if len(calls) == epochs:
            raise KeyboardInterrupt
        calls.append(args)
        return train(*args)

    monkeypatch.setattr(trainer, "epoch", interrupted)
    write("people.csv", "name,country", people())
    assert main(PLAIN) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[1:] == [
        "python -m skrnn: [1/4] RNNEncoder + RandomForestClassifier",
        "python -m skrnn: interrupted.",
    ]


def test_help_as_a_program():
    command = [sys.executable, "-m", "skrnn", "--help"]
    root = Path(cli.__file__).parent.parent
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert run.stderr == ""
    assert run.stdout.startswith("usage: python -m skrnn ")
    for option in ("data", "--x", "--y", "--task", "--save", "--seed", "--quiet", "--json"):
        assert f"\n  {option}" in run.stdout
    assert "\nexamples:\n  python -m skrnn\n" in run.stdout
