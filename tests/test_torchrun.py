"""The command line under torchrun, with two real processes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

import skrnn
from skrnn import __main__ as cli
from skrnn.__main__ import main
from skrnn.command import distributed, reading

PLAIN = ("people.csv", "--x", "name", "--y", "country")
LETTERS = "abcdefghij"

pytestmark = pytest.mark.skipif(
    not distributed.is_available(), reason="this torch has no torch.distributed"
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def people(n=300):
    """Two countries that differ in the order of two letters; a tenth have no country."""
    rng = np.random.default_rng(0)
    for i in range(n):
        name = ("xy" if i % 2 else "yx") + "".join(rng.choice(list(LETTERS), 3))
        yield name, ("" if i % 10 == 0 else "Norge" if i % 2 else "Suomi")


def write(rows, path="people.csv", head=("name", "country")):
    lines = [",".join(row) for row in (head, *rows)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_parquet(rows, size, head=("name", "country")):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = [[cell or None for cell in column] for column in zip(*rows)]
    pq.write_table(pa.table(dict(zip(head, columns))), "people.parquet", row_group_size=size)


def torchrun(*arguments, n=2, program=("-m", "skrnn")):
    """Run a program in n processes; give the exit code, stdout, and the lines that are ours."""
    root = str(Path(skrnn.__file__).parent.parent)
    run = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "torch.distributed.run",
                "--standalone",
                "--nproc-per-node",
                str(n),
            ),
            *program,
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        timeout=100,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )
    said = [line for line in run.stderr.splitlines() if line.startswith("python -m skrnn: ")]
    return run.returncode, run.stdout, [line.removeprefix("python -m skrnn: ") for line in said]


@pytest.mark.parametrize("kind", ["csv", "parquet", "one row group"])
def test_two_ranks_train_one_model(kind):
    rows = list(people())
    write(rows)
    if kind != "csv":
        write_parquet(rows, 7 if kind == "parquet" else 1000)
    path = "people.csv" if kind == "csv" else "people.parquet"
    code, out, said = torchrun(path, *PLAIN[1:], "--save", "model.skrnn")
    assert code == 0
    assert said == [
        "left out 30 rows without a value in column 'country'.",
        "the values of 'country' make this a classification; use --task to change it.",
        "RNNClassifier on 2 ranks",
    ]
    (head,), table, examples, saved = (part.splitlines() for part in out.split("\n\n"))
    n_train, n_test, *parts = numbers(head)
    assert head == (
        f"country from name: {n_train} training rows, {n_test} test rows, "
        f"on 2 ranks with {parts[1]}, {parts[2]} rows"
    )
    assert n_train + n_test == parts[1] + parts[2] == 270
    assert 30 < n_test < 80
    assert table[0].split() == ["model", "accuracy", "macro-F1", "fit", "s", "predict", "s"]
    assert len(table) == 2 and table[1].startswith("RNNClassifier ")
    assert len(examples) == 7
    assert saved[0].startswith(f"RNNClassifier, fitted on the {n_train} training rows, is")

    model = skrnn.load("model.skrnn")
    options = cli._parser().parse_args([path, *PLAIN[1:]])
    part = reading.read_part(options)
    tested = distributed._held_out(part.places, 0)
    assert tested.sum() == n_test
    x, y = (np.array(v, dtype=object)[tested] for v in (part.x, part.y))
    assert float(table[1].split()[1]) == pytest.approx(model.score(x, y), abs=0.0006)
    assert model.score(x, y) > 0.9


def numbers(text):
    return [int(word.rstrip(",")) for word in text.split() if word.rstrip(",").isdigit()]


def test_a_regression_whose_values_are_spread_over_the_ranks():
    """Each rank has 15 different numbers, which would make classes of them."""
    write([("a" * (i % 30 + 1), str(i % 30 + 1)) for i in range(300)])
    code, out, said = torchrun(*PLAIN, "--json", "--quiet")
    assert (code, said) == (0, [])
    found = json.loads(out)
    assert (found["task"], found["x"], found["y"]) == ("regression", "name", "country")
    assert found["n_rows_of_ranks"] == [150, 150]
    assert found["n_train"] + found["n_test"] == 300
    (result,) = found["models"]
    assert list(result) == ["model", "r2", "mae", "fit_seconds", "predict_seconds"]
    assert result["model"] == "RNNRegressor" and result["r2"] > 0.5


def test_a_rank_without_rows_learns_what_the_others_do():
    """The second of two row groups has no country."""
    rows = [row for row in people() if row[1]]
    write_parquet([*rows, *[(name, "") for name, _ in rows]], len(rows))
    code, out, said = torchrun("people.parquet", *PLAIN[1:], "--json", "--save", "model.skrnn")
    assert (code, said[0]) == (0, "left out 270 rows without a value in column 'country'.")
    found = json.loads(out)
    assert found["n_rows_of_ranks"] == [270, 0]
    assert found["models"][0]["accuracy"] > 0.9
    assert skrnn.load("model.skrnn").classes_.tolist() == ["Norge", "Suomi"]


@pytest.mark.parametrize(
    "rows, arguments, sentence",
    [
        ([], ["no.csv"], "needs a CSV or Parquet file, got 'no.csv': there is no such file."),
        ([], [], "needs a file to train on several ranks, got none: name the file first."),
        (
            [("a", "1")] * 20 + [("b", "x"), ("c", "2")],
            [*PLAIN, "--task", "regression"],
            "needs numbers in column 'country' for a regression, got 'x' in line 22: "
            "correct it or use --task classification.",
        ),
        (
            [("a", "one")] * 30,
            PLAIN,
            "needs two classes or more in column 'country', got one: 'one'.",
        ),
        (
            [("a", "one")] * 2 + [("a", "")] * 9,
            PLAIN,
            "needs 6 rows or more with a value in column 'country', got 2.",
        ),
        (
            [("a", "one"), ("b", "two")],
            ["predict", "model.skrnn", "people.csv"],
            "needs predict to run in one process, got several of torchrun.",
        ),
    ],
    ids=["no file", "no argument", "one rank", "one class", "few rows", "predict"],
)
def test_an_error_of_one_rank_ends_all_with_one_sentence(rows, arguments, sentence):
    write(rows)
    code, out, said = torchrun(*arguments)
    assert code != 0 and out == ""
    assert [line for line in said if not line.startswith(("left out", "the values"))] == [sentence]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed_ends_the_others_and_leaves_the_older_model(rank):
    program = f"""if True:
        import os, signal, sys
        from skrnn.__main__ import main
        from skrnn.net import trainer
        def killed(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ["RANK"] == "{rank}":
            trainer.epoch = killed
        sys.exit(main(sys.argv[1:]))"""
    Path("program.py").write_text(program, encoding="utf-8")
    Path("model.skrnn").write_bytes(b"older")
    write(people())
    start = perf_counter()
    code, out, _ = torchrun(*PLAIN, "--save", "model.skrnn", program=["program.py"])
    assert perf_counter() - start < 60
    assert code != 0 and out == ""
    assert Path("model.skrnn").read_bytes() == b"older"
    assert sorted(os.listdir()) == ["model.skrnn", "people.csv", "program.py"]


def test_an_error_of_one_rank_ends_the_process_with_2(monkeypatch, capsys):
    """As torchrun's own exit code is 1 whatever its processes have; here one rank is all."""
    for name, value in {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTER_PORT", str(free_port()))
    write([("a", "one")] * 30)
    assert main(PLAIN) == 2
    sentence = "needs two classes or more in column 'country', got one: 'one'."
    assert capsys.readouterr().err.splitlines()[-1] == f"python -m skrnn: {sentence}"
    monkeypatch.setenv("RANK", "1")
    assert main(["predict", "model.skrnn", "people.csv"]) == 2
    assert capsys.readouterr() == ("", "")


def free_port():
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def test_rows_are_held_out_by_their_place_alone():
    places = list(range(2, 100_002))
    tested = distributed._held_out(places, 0)
    assert abs(tested.mean() - 0.2) < 0.005
    for n in (2, 3, 64):
        parts = np.concatenate([distributed._held_out(places[i::n], 0) for i in range(n)])
        whole = np.concatenate([tested[i::n] for i in range(n)])
        assert np.array_equal(parts, whole)
        assert all(abs(tested[i::n].mean() - 0.2) < 0.05 for i in range(n))
    other = distributed._held_out(places, 1)
    assert abs((other & tested).mean() - 0.04) < 0.005
    assert len(distributed._held_out([], 2**32 - 1)) == 0


def test_the_script_of_the_page_trains_one_model(folder):
    """The code of docs/scale.md, run as it is."""
    page = Path(__file__).parents[1] / "docs" / "scale.md"
    text = page.read_text(encoding="utf-8")
    code = re.search(r"^<!-- recipe: train -->\n```python\n(.*?)^```", text, re.M | re.S)[1]
    (folder / "train.py").write_text(code, encoding="utf-8")
    pytest.importorskip("pyarrow")
    rows = pd.DataFrame(people(), columns=["name", "country"])
    rows = rows[rows["country"] != ""]
    for rank in range(2):
        rows[rank::2].to_parquet(f"people-{rank}.parquet")
    code, _, _ = torchrun(program=("train.py",))
    model = skrnn.load("model.skrnn")
    assert code == 0 and model.classes_.tolist() == ["Norge", "Suomi"]
    assert model.score(rows["name"], rows["country"]) > 0.9
