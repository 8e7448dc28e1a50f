"""The benchmarks run, and print the rows they promise."""

import csv
import gzip
from pathlib import Path

import pytest

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
        "RNNClassifier, 3 epochs in place of 6",
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


def test_speed_prints_a_table_for_each_question(monkeypatch, capsys, names):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import speed

    questions = ["reading", "training", "reaching", "applying", "lengths", "columns", "crowded"]
    assert speed.main(["--quick", "--names", names, "--only", *questions]) == 0
    out = capsys.readouterr().out
    titles = [line[3:] for line in out.splitlines() if line.startswith("## ")]
    assert sorted(titles) == sorted(questions)
    assert out.count("| predict, alone ") == out.count("| predict, beside ") == 1
    assert out.count("| 30 ") == 1 and out.count("RNNClassifier(max_iter=1)") == 1


def test_the_peer_of_speed_learns(monkeypatch):
    """A peer that cannot learn would be no peer."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks._nets import Symbols, skorch_net

    words, y = ["ab", "ba", "abab", "baba"] * 20, [0, 1, 0, 1] * 20
    data = Symbols(words, y, {"a": 0, "b": 1})
    net = skorch_net("gru", 2, 2, nhidden=16, batch_size=8, epochs=20, rate=0.01)
    assert net.fit(data, y=None).score(data, y) == 1
