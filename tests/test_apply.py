"""The command `predict`: what it writes, in which order, and every sentence."""

import csv
import errno
import io
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skrnn
from skrnn import RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.__main__ import main
from skrnn.command import predict as command
from skrnn.net.frozen import FrozenNetwork

QUICK = {"max_iter": 2, "random_state": 0, "ngram_size": 4, "nhidden": 4}
NAMES = ["Smith", "Müller", "", "  ", 'a "quoted", name', "two\nlines", "東京", "=1+1", "smith"]
X = [*NAMES[:2], None, None, *NAMES[4:]]
Y = np.array(["one", "two", "thr,ee"] * 3)
NUMBERS = np.linspace(-2, 9, 9)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def model():
    model = RNNClassifier(**QUICK).fit(X, Y)
    skrnn.save(model, "model.skrnn")
    return model


def write(path="data.csv", names=NAMES, header=("id", "name"), encoding="utf-8", delimiter=","):
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows([i, name][-len(header) :] for i, name in enumerate(names))


def table(text):
    return list(csv.reader(io.StringIO(text)))


def predict(*arguments):
    return main(["predict", "model.skrnn", "data.csv", *arguments])


def expected(model, x=X):
    p = model.predict_proba(x).max(axis=1)
    return [["prediction", "probability"], *map(list, zip(model.predict(x), map(str, p.tolist())))]


def test_rows_keep_their_order(model, capsys):
    write()
    assert predict("--x", "name") == 0
    out, err = capsys.readouterr()
    assert table(out) == expected(model)
    assert err == ""


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_some_rows_at_once_give_the_same(n, model, capsys, monkeypatch):
    write()
    monkeypatch.setattr(command, "ROWS_AT_ONCE", n)
    assert predict("--x", "name") == 0
    assert table(capsys.readouterr().out) == expected(model)


def test_to_a_file(model, capsys):
    write()
    Path("out.csv").write_text("older", encoding="utf-8")
    assert predict("--x", "name", "--out", "out.csv") == 0
    out, err = capsys.readouterr()
    assert table(Path("out.csv").read_text(encoding="utf-8")) == expected(model)
    assert out == ""
    assert err == "python -m skrnn: wrote predictions for 9 rows to 'out.csv'.\n"
    assert sorted(os.listdir()) == ["data.csv", "model.skrnn", "out.csv"]


def test_a_regressor_has_no_probability(capsys):
    model = RNNRegressor(**QUICK).fit(X, NUMBERS)
    skrnn.save(model, "model.skrnn")
    write()
    assert predict("--x", "name") == 0
    numbers = [[str(v)] for v in model.predict(X).tolist()]
    assert table(capsys.readouterr().out) == [["prediction"], *numbers]


def test_several_labels_and_numbers_have_columns_of_their_own(capsys):
    write()
    labels = np.array([[1, 0], [0, 1], [1, 1]] * 3)
    model = RNNClassifier(**QUICK).fit(X, labels)
    skrnn.save(model, "model.skrnn")
    assert predict("--x", "name") == 0
    head, *rows = table(capsys.readouterr().out)
    assert head == ["prediction 0", "prediction 1", "probability 0", "probability 1"]
    np.testing.assert_array_equal(
        np.array(rows, dtype=float), np.c_[model.predict(X), model.predict_proba(X)]
    )
    model = RNNRegressor(**QUICK).fit(X, np.c_[NUMBERS, -NUMBERS])
    skrnn.save(model, "model.skrnn")
    assert predict("--x", "name") == 0
    head, *rows = table(capsys.readouterr().out)
    assert head == ["prediction 0", "prediction 1"]
    np.testing.assert_array_equal(np.array(rows, dtype=float), model.predict(X))


def test_the_column_is_the_only_one_or_that_of_the_fit(model, capsys):
    write(header=["text"])
    assert predict() == 0
    filled = [x for x in X if x is not None]  # a line without a comma or quotes is no row
    assert table(capsys.readouterr().out)[-1] == expected(model, filled)[-1]
    write(header=["id", "name"])
    model.fit(pd.DataFrame({"name": X}), Y)
    skrnn.save(model, "model.skrnn")
    assert predict() == 0
    assert table(capsys.readouterr().out) == expected(model, pd.DataFrame({"name": X}))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(delimiter, model, capsys):
    write(delimiter=delimiter, encoding="utf-8-sig")
    assert predict("--x", "name") == 0
    assert table(capsys.readouterr().out) == expected(model)


def test_the_net_is_computed_once(model, monkeypatch, capsys):
    calls, vectors = [], FrozenNetwork.vectors

    def counted(self, sequences):
        calls.append(len(sequences.lengths))
        return vectors(self, sequences)

    write()
    monkeypatch.setattr(FrozenNetwork, "vectors", counted)
    assert predict("--x", "name") == 0
    assert calls == [len(set(X))]


def test_an_empty_file_has_an_empty_answer(model, capsys):
    write(names=[])
    assert predict("--x", "name") == 0
    assert capsys.readouterr().out == "prediction,probability\n"


def test_a_class_of_any_characters_is_written(capsys):
    model = RNNClassifier(**QUICK).fit(["a", "b"] * 4, np.array(["\ud800", "é\x1b"] * 4, object))
    skrnn.save(model, "model.skrnn")
    write(names=["a", "b"])
    assert predict("--x", "name", "--out", "out.csv") == 0
    rows = table(Path("out.csv").read_text(encoding="utf-8"))[1:]
    escaped = {"\ud800": "\\ud800", "é\x1b": "é\x1b"}
    assert [row[0] for row in rows] == [escaped[label] for label in model.predict(["a", "b"])]


def test_the_rows_are_never_all_in_memory(model, monkeypatch):
    monkeypatch.setattr(command, "ROWS_AT_ONCE", 64)
    peaks = []
    for n in (300, 4000):
        write(names=["x" * 200] * n)
        tracemalloc.start()
        assert predict("--x", "name", "--out", "out.csv") == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000  # the rows alone are 800,000 bytes
    assert len(Path("out.csv").read_text(encoding="utf-8").splitlines()) == 4001


def said(capsys, *arguments):
    """Give the sentence of a run that fails, and check that nothing is left."""
    before = sorted(os.listdir())
    assert main(["predict", *arguments]) == 2
    err = capsys.readouterr().err
    assert sorted(os.listdir()) == before
    assert err.startswith("python -m skrnn: ") and err.count("\n") == 1
    return err.removeprefix("python -m skrnn: ").rstrip("\n")


def test_a_missing_file_comes_before_a_missing_option(model, capsys):
    assert said(capsys, "no.skrnn", "no.csv") == (
        "needs a saved model, got 'no.skrnn': there is no such file."
    )
    assert said(capsys, "model.skrnn", "no.csv") == (
        "needs a CSV or Parquet file, got 'no.csv': there is no such file."
    )
    write()
    assert said(capsys, "model.skrnn", "data.csv") == (
        "needs --x to name a column of 'data.csv', got none: its columns are 'id', 'name'."
    )


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (
            ["--x", "Name"],
            "needs --x to be a column of 'data.csv', got 'Name': its columns are 'id', 'name'.",
        ),
        (
            ["--x", ""],
            "needs --x to be a column of 'data.csv', got '': its columns are 'id', 'name'.",
        ),
        (
            ["--x", "name", "--out", ""],
            "needs --out to name a file, got '': leave it out to write to stdout.",
        ),
        (
            ["--x", "name", "--out", "data.csv"],
            "needs --out to differ from the files that are read, got 'data.csv'.",
        ),
        (
            ["--x", "name", "--out", "./model.skrnn"],
            "needs --out to differ from the files that are read, got './model.skrnn'.",
        ),
        (
            ["--x", "name", "--out", "no/out.csv"],
            "could not write 'no/out.csv' and left what was there unchanged: "
            "No such file or directory.",
        ),
        (
            ["--x", "name", "--out", "."],
            "could not write '.' and left what was there unchanged: it is no regular file.",
        ),
    ],
)
def test_wrong_options(arguments, sentence, model, capsys):
    write()
    assert said(capsys, "model.skrnn", "data.csv", *arguments) == sentence


def test_files_that_are_no_models(model, capsys):
    write()
    start = "skrnn.load needs a file that skrnn.save wrote, got 'data.csv', which starts with "
    assert said(capsys, "data.csv", "data.csv").startswith(start)
    folder = os.strerror(errno.EISDIR if os.name == "posix" else errno.EACCES)
    assert said(capsys, ".", "data.csv") == f"needs a saved model, got '.': {folder}."
    assert said(capsys, "model.skrnn", ".") == (
        "needs a CSV or Parquet file, got '.': it is a folder; name one of its files."
    )
    skrnn.save(RNNEncoder(**QUICK).fit(X, Y), "encoder")
    assert said(capsys, "encoder", "data.csv", "--x", "name") == (
        "needs a classifier or a regressor, got 'encoder' with an RNNEncoder: it gives vectors."
    )
    skrnn.save(RNNClassifier(**QUICK).fit([list("ab"), list("ba")] * 4, [0, 1] * 4), "tokens")
    assert said(capsys, "tokens", "data.csv", "--x", "name") == (
        "needs a model of strings, got 'tokens' with one of tokens: fit it on strings."
    )


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"id,name\n1,a,b\n", "correct line 2 (more cells than columns)."),
        (b'id,name\n1,a\n2,"b\n', "correct line 3 (unexpected end of data)."),
        ("id,name\n1,é\n".encode("latin-1"), "save it as UTF-8."),
        (b"id,name\n" + b"1,a\n" * 30000 + b"1,\xff\n", "save it as UTF-8."),
        (b"id,name\n" + b"1,a\n" * 100 + b"1,a,b\n", "correct line 102 (more cells than columns)."),
    ],
    ids=["cells", "quotes", "encoding", "encoding at the end", "cells at the end"],
)
@pytest.mark.parametrize("out", [(), ("--out", "out.csv")], ids=["stdout", "file"])
def test_wrong_content(content, sentence, out, model, capsys, monkeypatch):
    monkeypatch.setattr(command, "ROWS_AT_ONCE", 50)
    Path("data.csv").write_bytes(content)
    if out:
        Path("out.csv").write_bytes(b"older")
    assert said(capsys, "model.skrnn", "data.csv", "--x", "name", *out) == (
        f"needs a readable CSV file in UTF-8, got 'data.csv': {sentence}"
    )
    if out:
        assert Path("out.csv").read_bytes() == b"older"


def test_a_full_disk_leaves_the_older_answer(model, capsys, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write()
    Path("out.csv").write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", full)
    assert said(capsys, "model.skrnn", "data.csv", "--x", "name", "--out", "out.csv") == (
        "could not write 'out.csv' and left what was there unchanged: No space left on device."
    )
    assert Path("out.csv").read_bytes() == b"older"


def test_ctrl_c_leaves_the_older_answer(model, capsys, monkeypatch):
    def interrupted(model, texts):
        raise KeyboardInterrupt

    write()
    Path("out.csv").write_bytes(b"older")
    monkeypatch.setattr(command, "_predictions", interrupted)
    assert predict("--x", "name", "--out", "out.csv") == 130
    assert capsys.readouterr().err == "python -m skrnn: interrupted.\n"
    assert Path("out.csv").read_bytes() == b"older"
    assert sorted(os.listdir()) == ["data.csv", "model.skrnn", "out.csv"]


def program(*arguments, **options):
    """Run the program in a process of its own; its output is bytes."""
    root = str(Path(skrnn.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "skrnn", "predict", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, **options)


def test_stdout_is_utf_8_in_any_locale_and_stdin_may_be_read():
    model = RNNClassifier(**QUICK).fit(["a", "b"] * 4, ["東京", "京都"] * 4)
    skrnn.save(model, "model.skrnn")
    write(names=["a", "b"])
    source = "/dev/stdin" if os.path.exists("/dev/stdin") else "data.csv"
    pipe = subprocess.PIPE
    run = program("model.skrnn", source, "--x", "name", stdin=pipe, stdout=pipe)
    out, err = run.communicate(Path("data.csv").read_bytes())
    assert (run.returncode, err) == (0, b"")
    assert [row[0] for row in table(out.decode())[1:]] == model.predict(["a", "b"]).tolist()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no EPIPE for a closed pipe")
def test_whoever_reads_stdout_may_stop(model):
    write(names=["a"] * 30_000)
    run = program("model.skrnn", "data.csv", "--x", "name", stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"prediction,probability\n"
    run.stdout.close()
    err = run.stderr.read()
    run.stderr.close()
    assert (run.wait(), err) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, which only Linux has")
def test_a_full_disk_behind_stdout(model):
    write()
    with open("/dev/full", "wb") as full:
        run = program("model.skrnn", "data.csv", "--x", "name", stdout=full)
        _, err = run.communicate()
    assert run.returncode == 2
    assert err.decode() == (
        "python -m skrnn: could not write to stdout: No space left on device.\n"
    )


def test_help(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["predict", "--help"])
    assert ended.value.code == 0
    out, _ = capsys.readouterr()
    assert "\nexamples:\n  python -m skrnn predict model.skrnn people.csv --x name " in out
    assert out.startswith("usage: python -m skrnn predict [-h] [--x COLUMN] [--keep COLUMN]")
    with pytest.raises(SystemExit) as ended:
        main(["predict", "model.skrnn"])
    assert ended.value.code == 2
    assert "the following arguments are required: data" in capsys.readouterr().err
