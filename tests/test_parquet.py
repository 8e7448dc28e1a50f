"""Parquet files: what the commands read and write, in which types, and every sentence."""

import csv
import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import skrnn
from skrnn import RNNClassifier, RNNRegressor
from skrnn import __main__ as cli
from skrnn.__main__ import main
from skrnn.command import predict as command
from skrnn.command import reading

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

QUICK = {"max_iter": 2, "random_state": 0, "ngram_size": 4, "nhidden": 4}
NAMES = ["Smith", "Müller", "", "  ", None, "two\nlines", "東京", "=1+1", "smith"]
X = [*NAMES[:2], None, None, *NAMES[4:]]
LABELS = np.array(["one", "two", "thr,ee"] * 3)
ARGUMENTS = ("model.skrnn", "data.parquet", "--x", "name")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(y=LABELS, kind=RNNClassifier):
    model = kind(**QUICK).fit(X, y)
    skrnn.save(model, "model.skrnn")
    return model


def write(names=NAMES, kind=None, path="data.parquet", **options):
    ids = pa.array(np.arange(len(names)), pa.int32())
    when = pa.array([18_000 + i for i in range(len(names))], pa.date32())
    table = pa.table({"id": ids, "name": pa.array(names, kind or pa.string()), "when": when})
    pq.write_table(table, path, **options)


def predict(*options):
    return main(["predict", *ARGUMENTS, *options])


def types(path="out.parquet"):
    return {field.name: str(field.type) for field in pq.read_schema(path)}


def columns(path="out.parquet"):
    return pq.read_table(path).to_pydict()


def test_parquet_to_parquet(capsys):
    model = saved()
    write()
    options = ("--keep", "id", "--keep", "when", "--out", "out.parquet")
    assert predict(*options) == 0
    assert capsys.readouterr() == (
        "",
        "python -m skrnn: wrote predictions for 9 rows to 'out.parquet'.\n",
    )
    assert types() == {
        "id": "int32",
        "when": "date32[day]",
        "prediction": "string",
        "probability": "double",
    }
    found = columns()
    assert found["id"] == list(range(9))
    assert found["prediction"] == model.predict(X).tolist()
    assert found["probability"] == model.predict_proba(X).max(axis=1).tolist()
    assert predict(*options, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "labels, kind",
    [
        (np.array([3, 1, 2] * 3, dtype=np.int16), "int64"),
        (np.array([True, False, True] * 3), "bool"),
        (np.array(["a", "b", "c"] * 3, dtype=object), "string"),
        (np.array([1.0, 2.0, 3.0] * 3), "double"),
    ],
)
def test_labels_keep_their_type(labels, kind):
    model = saved(labels)
    write()
    assert predict("--out", "out.parquet") == 0
    assert types() == {"prediction": kind, "probability": "double"}
    assert columns()["prediction"] == model.predict(X).tolist()


def test_several_labels_and_numbers_have_columns_of_their_own():
    write()
    model = saved(np.array([[1, 0], [0, 1], [1, 1]] * 3))
    assert predict("--out", "out.parquet") == 0
    assert types() == {
        "prediction 0": "int64",
        "prediction 1": "int64",
        "probability 0": "double",
        "probability 1": "double",
    }
    expected = np.c_[model.predict(X), model.predict_proba(X)].T.tolist()
    assert list(columns().values()) == expected
    model = saved(np.c_[np.arange(9.0), np.arange(9.0) ** 2], RNNRegressor)
    assert predict("--out", "out.parquet") == 0
    assert types() == {"prediction 0": "double", "prediction 1": "double"}
    assert list(columns().values()) == model.predict(X).T.tolist()
    model = saved(np.arange(9.0), RNNRegressor)
    assert predict("--out", "out.parquet") == 0
    assert columns() == {"prediction": model.predict(X).tolist()}


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
@pytest.mark.parametrize("n", [2, 1000])
def test_every_type_of_strings_is_read(kind, n, monkeypatch):
    monkeypatch.setattr(command, "ROWS_AT_ONCE", n)
    model = saved()
    write(kind=kind, row_group_size=3)
    assert predict("--keep", "name", "--out", "out.parquet") == 0
    assert columns()["prediction"] == model.predict(X).tolist()
    assert columns()["name"] == NAMES
    assert pq.read_schema("out.parquet").field("name").type == kind


def test_a_column_of_nulls_is_of_missing_strings():
    model = saved()
    write([None] * 3, pa.null())
    assert predict("--out", "out.parquet") == 0
    assert columns()["prediction"] == model.predict([None] * 3).tolist()


@pytest.mark.parametrize("labels", [LABELS, np.array([3, 1, 2] * 3)], ids=["str", "int"])
def test_a_file_without_rows_has_an_answer_with_the_same_types(labels):
    saved(labels)
    write()
    assert predict("--keep", "id", "--out", "out.parquet") == 0
    expected = types()
    write([])
    assert predict("--keep", "id", "--out", "out.parquet") == 0
    assert types() == expected and pq.read_metadata("out.parquet").num_rows == 0
    assert predict("--out", "out.csv") == 0
    assert Path("out.csv").read_text(encoding="utf-8") == "prediction,probability\n"


def test_csv_to_parquet_and_back(capsys):
    model = saved()
    with open("data.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "name"), *enumerate(NAMES)])
    arguments = ["predict", "model.skrnn", "data.csv", "--x", "name", "--keep", "id"]
    assert main([*arguments, "--out", "out.parquet"]) == 0
    assert types() == {"id": "string", "prediction": "string", "probability": "double"}
    assert columns()["id"] == list(map(str, range(9)))
    assert columns()["prediction"] == model.predict(X).tolist()
    write()
    assert predict("--keep", "id", "--keep", "when", "--out", "out.csv") == 0
    assert predict("--keep", "id", "--keep", "when") == 0
    text = Path("out.csv").read_text(encoding="utf-8")
    assert capsys.readouterr().out == text
    head, *rows = csv.reader(text.splitlines())
    assert head == ["id", "when", "prediction", "probability"]
    p = model.predict_proba(X).max(axis=1).tolist()
    assert rows[0] == ["0", "2019-04-14", model.predict(X)[0], str(p[0])]
    assert [row[3] for row in rows] == list(map(str, p))


def test_a_file_is_parquet_by_its_content_too():
    model = saved()
    write(path="data")
    assert main(["predict", "model.skrnn", "data", "--x", "name", "--out", "out.PQ"]) == 0
    assert columns("out.PQ")["prediction"] == model.predict(X).tolist()


def test_a_class_that_utf_8_cannot_hold_is_escaped():
    model = RNNClassifier(**QUICK).fit(["a", "b"] * 4, np.array(["\ud800", "é"] * 4, object))
    skrnn.save(model, "model.skrnn")
    write(["a", "b"])
    assert predict("--out", "out.parquet") == 0
    escaped = {"\ud800": "\\ud800", "é": "é"}
    assert columns()["prediction"] == [escaped[v] for v in model.predict(["a", "b"])]


def test_memory_does_not_grow_with_the_file():
    """The file has one row group; Arrow says how much it has held at the most."""
    saved()
    peaks = []
    for n in (5_000, 100_000):
        names = [f"{i:08d}" * 25 for i in range(n)]
        write(names, row_group_size=n, use_dictionary=False, compression="none")
        code = f"""if True:
            import pyarrow, sys
            from skrnn.command import predict as command
            from skrnn.__main__ import main
            command.ROWS_AT_ONCE = 1000
            command._predictions = lambda _, x: [["one"] * len(x), [0.5] * len(x)]
            main(["predict", *{ARGUMENTS}, "--keep", "name", "--out", "out.parquet", "--quiet"])
            print(pyarrow.default_memory_pool().max_memory())"""
        run = program("-c", code)
        assert run.stderr == "" and pq.read_metadata("out.parquet").num_rows == n
        peaks.append(int(run.stdout))
    assert peaks[1] < peaks[0] + 4_000_000  # the strings alone are 20,000,000 bytes


def program(*arguments):
    """Run Python in a process of its own, in this folder."""
    root = str(Path(skrnn.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )


def said(capsys, *arguments):
    """Give the sentence of a run that fails, and check that nothing is left."""
    before = sorted(os.listdir())
    assert main(list(arguments)) == 2
    err = capsys.readouterr().err
    assert sorted(os.listdir()) == before
    assert err.startswith("python -m skrnn: ") and err.count("\n") == 1
    return err.removeprefix("python -m skrnn: ").rstrip("\n")


@pytest.mark.parametrize(
    "options, sentence",
    [
        (
            ["--x", "id"],
            "needs --x to be a column of strings, got 'id' with int32 in 'data.parquet': "
            "name another column, or convert it to strings.",
        ),
        (
            ["--x", "Name"],
            "needs --x to be a column of 'data.parquet', got 'Name': "
            "its columns are 'id', 'name', 'when'.",
        ),
        (
            [],
            "needs --x to name a column of 'data.parquet', got none: "
            "its columns are 'id', 'name', 'when'.",
        ),
        (
            ["--x", "name", "--keep", "nr"],
            "needs --keep to be a column of 'data.parquet', got 'nr': "
            "its columns are 'id', 'name', 'when'.",
        ),
        (
            ["--x", "name", "--keep", "id", "--keep", "id"],
            "needs --keep to name columns other than each other and those of the predictions, "
            "got 'id': leave it out, or rename the column.",
        ),
        (
            ["--x", "name", "--out", "data.parquet"],
            "needs --out to differ from the files that are read, got 'data.parquet'.",
        ),
        (
            ["--x", "name", "--out", "no/out.parquet"],
            "could not write 'no/out.parquet' and left what was there unchanged: "
            "No such file or directory.",
        ),
    ],
)
def test_wrong_options(options, sentence, capsys):
    saved()
    write()
    assert said(capsys, "predict", "model.skrnn", "data.parquet", *options) == sentence


def test_a_column_named_as_the_predictions_is_not_kept(capsys):
    saved()
    pq.write_table(pa.table({"name": ["a"], "prediction": ["b"]}), "data.parquet")
    assert said(capsys, "predict", *ARGUMENTS, "--keep", "prediction") == (
        "needs --keep to name columns other than each other and those of the predictions, "
        "got 'prediction': leave it out, or rename the column."
    )


@pytest.mark.parametrize("command", ["predict", "compare"])
@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda content: b"id,name\n1,a\n", "it is not a Parquet file."),
        (lambda content: b"", "it is not a Parquet file."),
        (lambda content: content[: len(content) // 2], "it is cut off."),
        (lambda content: content[:4] + bytes(len(content) - 8) + content[-4:], "it is damaged ("),
        (lambda content: content[:4] + bytes(40) + content[44:], "it is damaged ("),
    ],
    ids=["CSV", "empty", "cut off", "no footer", "no page"],
)
def test_files_that_are_no_parquet(change, reason, command, capsys):
    saved()
    write(compression="none", use_dictionary=False)
    path = Path("data.parquet")
    path.write_bytes(change(path.read_bytes()))
    Path("out.parquet").write_bytes(b"older")
    arguments = {
        "predict": ["predict", *ARGUMENTS, "--keep", "id", "--out", "out.parquet"],
        "compare": ["data.parquet", "--x", "name", "--y", "id"],
    }[command]
    sentence = said(capsys, *arguments)
    assert sentence.startswith(f"needs a readable Parquet file, got 'data.parquet': {reason}")
    assert sentence.endswith(".")
    assert Path("out.parquet").read_bytes() == b"older"


def test_a_missing_file_and_a_folder(capsys):
    saved()
    Path("parts.parquet").mkdir()
    missing = "needs a CSV or Parquet file, got 'no.parquet': there is no such file."
    assert said(capsys, "predict", "model.skrnn", "no.parquet") == missing
    assert said(capsys, "no.parquet") == missing
    assert said(capsys, "predict", "model.skrnn", "parts.parquet") == (
        "needs a CSV or Parquet file, got 'parts.parquet': it is a folder; name one of its files."
    )


def test_without_pyarrow_a_sentence_says_what_to_install(capsys, monkeypatch):
    saved()
    write()
    Path("data.csv").write_text("name\na\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    sentence = "needs pyarrow for Parquet files: pip install pyarrow."
    assert said(capsys, "predict", *ARGUMENTS) == sentence
    assert said(capsys, "data.parquet", "--x", "name", "--y", "id") == sentence
    assert said(capsys, "predict", "model.skrnn", "data.csv", "--out", "out.parquet") == sentence


def test_a_full_disk_leaves_the_older_answer(capsys, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    saved()
    write()
    Path("out.parquet").write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", full)
    assert said(capsys, "predict", *ARGUMENTS, "--out", "out.parquet") == (
        "could not write 'out.parquet' and left what was there unchanged: No space left on device."
    )
    assert Path("out.parquet").read_bytes() == b"older"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no limit to the size of a file")
@pytest.mark.parametrize("out", ["out.parquet", "out.csv"])
def test_no_space_in_the_middle_leaves_the_older_answer(out):
    """The system refuses to let the file grow, after some row groups are written."""
    saved()
    write([f"name {i}" for i in range(30_000)])
    Path(out).write_bytes(b"older")
    code = f"""if True:
        import resource, sys
        from skrnn.command import predict as command
        from skrnn.__main__ import main
        command.ROWS_AT_ONCE = 5000
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        sys.exit(main(["predict", *{ARGUMENTS}, "--keep", "name", "--out", {out!r}]))"""
    before = sorted(os.listdir())
    run = program("-c", code)
    reason = os.strerror(errno.EFBIG)
    assert (run.returncode, run.stderr) == (
        2,
        f"python -m skrnn: could not write {out!r} and left what was there unchanged: {reason}.\n",
    )
    assert Path(out).read_bytes() == b"older"
    assert sorted(os.listdir()) == before


def test_ctrl_c_leaves_the_older_answer(capsys, monkeypatch):
    def interrupted(model, texts):
        raise KeyboardInterrupt

    saved()
    write()
    Path("out.parquet").write_bytes(b"older")
    monkeypatch.setattr(command, "_predictions", interrupted)
    assert predict("--out", "out.parquet") == 130
    assert capsys.readouterr().err == "python -m skrnn: interrupted.\n"
    assert Path("out.parquet").read_bytes() == b"older"
    assert sorted(os.listdir()) == ["data.parquet", "model.skrnn", "out.parquet"]


def test_long_strings_are_given_to_the_net_in_smaller_parts(monkeypatch):
    texts = ["a" * 7, None, "bb", "c" * 20, "", "d"]
    monkeypatch.setattr(command, "SYMBOLS_AT_ONCE", 8)
    parts = list(command._slices(texts))
    assert [t for part in parts for t in part] == texts and len(parts) > 2
    assert all(sum(len(t or "") for t in part[1:]) < 8 for part in parts)
    model = saved()
    write()
    assert predict("--out", "out.parquet") == 0
    assert columns()["prediction"] == model.predict(X).tolist()


def people(n=60):
    """Two countries that differ in the order of two letters."""
    return [("xy" if i % 2 else "yx") + chr(97 + i // 2 % 26) for i in range(n)]


@pytest.mark.parametrize(
    "y, task, dtype",
    [
        (["Norge", "Suomi", None] * 20, "classification", "str"),
        ([1, 2, None] * 20, "classification", "int64"),
        ([True, None, False] * 20, "classification", "bool"),
        ([0.5, float("nan"), 1.5] * 20, "classification", "str"),
        ([0.5 * i if i % 3 else None for i in range(60)], "regression", "float64"),
        (list(range(60)), "regression", "float64"),
    ],
)
def test_two_columns_are_learned_from(y, task, dtype, capsys):
    names = [*people()[:-1], None]
    pq.write_table(pa.table({"name": names, "y": y}), "data.parquet", row_group_size=7)
    data = reading.read_data(cli._parser().parse_args(["data.parquet", "--x", "name", "--y", "y"]))
    kept = [i for i, v in enumerate(y) if v is not None and v == v]
    assert data.x.tolist() == [names[i] for i in kept]
    assert (data.task == task and data.y.dtype == np.array([], dtype=dtype).dtype) or dtype == "str"
    expected = [str(y[i]) if dtype == "str" else y[i] for i in kept]
    assert data.y.tolist() == expected
    n = len(y) - len(kept)
    said = f"python -m skrnn: left out {n} rows without a value in column 'y'.\n" if n else ""
    note = f"python -m skrnn: the values of 'y' make this a {task}; use --task to change it.\n"
    assert capsys.readouterr().err == said + note


def test_dictionaries_are_learned_from():
    y = pa.array(["Norge", "Suomi"] * 30).dictionary_encode()
    pq.write_table(pa.table({"name": pa.array(people()).dictionary_encode(), "y": y}), "data.pq")
    data = reading.read_data(cli._parser().parse_args(["data.pq", "--x", "name", "--y", "y"]))
    assert data.x.tolist() == people() and data.y.tolist() == y.to_pylist()


def test_a_model_of_whole_numbers_predicts_whole_numbers(capsys):
    pq.write_table(pa.table({"name": people(), "y": [7, 9] * 30}), "data.parquet")
    assert main(["data.parquet", "--x", "name", "--y", "y", "--save", "model.skrnn"]) == 0
    assert capsys.readouterr().out.startswith("y from name: 48 training rows, 12 test rows\n")
    assert predict("--out", "out.parquet") == 0
    assert types()["prediction"] == "int64"
    assert set(columns()["prediction"]) <= {7, 9}


def test_wrong_columns_to_learn_from(capsys):
    pq.write_table(pa.table({"name": people(), "y": [0.5] * 59 + [float("inf")]}), "data.parquet")
    assert said(capsys, "data.parquet", "--x", "y", "--y", "name") == (
        "needs --x to be a column of strings, got 'y' with double in 'data.parquet': "
        "name another column, or convert it to strings."
    )
    assert said(capsys, "data.parquet", "--x", "name", "--y", "y", "--task", "regression") == (
        "needs numbers in column 'y' for a regression, got 'inf' in row 60: "
        "correct it or use --task classification."
    )


@pytest.mark.parametrize("n", [1, 2, 3, 40])
@pytest.mark.parametrize("size", [7, 1000])
@pytest.mark.parametrize("path", ["data.parquet", "data.csv"])
def test_parts_are_the_whole(n, size, path):
    y = ["Norge", "Suomi"] * 30
    if path.endswith("csv"):
        lines = ["name,y", *map(",".join, zip(people(), y))]
        Path(path).write_text("\n".join(lines), encoding="utf-8")
    else:
        pq.write_table(pa.table({"name": people(), "y": y}), path, row_group_size=size)
    options = cli._parser().parse_args([path, "--x", "name", "--y", "y"])
    whole = reading.read_part(options)
    parts = [reading.read_part(options, i, n) for i in range(n)]
    rows = sorted(row for p in parts for row in zip(p.places, p.x, p.y))
    assert rows == sorted(zip(whole.places, whole.x, whole.y)) and len(rows) == 60
    most = 14 if size == 7 and n < 9 and not path.endswith("csv") else 1
    assert max(len(p.y) for p in parts) - min(len(p.y) for p in parts) <= most
