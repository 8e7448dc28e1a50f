"""Figures that pages quote in their sentences are those of the stored runs of the benchmarks."""

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def section(file, name):
    """Give the text of one part of a stored result."""
    text = (RESULTS / f"{file}.md").read_text(encoding="utf-8")
    return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def rows(file, name):
    """Give the first table of a part: {first cell: {title of the column: cell}}."""
    table = re.search(r"(?:^\|.*\n)+", section(file, name), re.M)[0].splitlines()
    head, _, *lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]
    return {line[0]: dict(zip(head, line)) for line in lines}


def total(name):
    """Say by how much the mean on the judging half is below zero, and on how many sets."""
    line = re.search(
        rf"^- {re.escape(name)}: mean difference -(\S+) over (\d+) .*on (\d+), behind on (\d+)",
        section("accuracy", "judging"),
        re.M,
    )
    size, n_sets, ahead, behind = line.groups()
    return {"size": f"{float(size):.3f}", "sets": n_sets, "ahead": ahead, "behind": behind}


def page(path):
    return " ".join((ROOT / path).read_text(encoding="utf-8").split())


def salary(model, column="R^2"):
    return rows("tables", "salaries")[model][column]


FRONT = ["README.md", "docs/index.md"]


@pytest.mark.parametrize("path", FRONT)
def test_what_the_front_page_says_of_accuracy(path):
    behind = f"each set is ahead by {total('Accuracy')['size']} of accuracy on average"
    assert behind in page(path).replace("each data set", "each set")


@pytest.mark.parametrize("path", FRONT)
def test_what_the_front_page_says_of_the_table_of_salaries(path):
    text = page(path)
    assert salary("RNNEncoder, TableVectorizer") in text
    assert salary("tabular_pipeline") in text


def test_rows_of_the_readme_on_salaries():
    said = {
        "RNNEncoder, TableVectorizer": "skrub's `TableVectorizer(high_cardinality=RNNEncoder())`",
        "tabular_pipeline": "skrub's `tabular_pipeline`",
        "TargetEncoder, ColumnTransformer": "scikit-learn's `TargetEncoder`",
    }
    for model, name in said.items():
        row = f"| {name} | {salary(model)} | {salary(model, 'fit s')} |"
        assert row in page("README.md").replace("**", ""), row


def test_log_loss_and_order_in_the_readme():
    loss = total("Log loss")["size"]
    assert f"log loss is {loss} lower on average than" in page("README.md")
    first = rows("order", "order")["first of two DNA motifs"]
    ours, tfidf = (float(first[name]) for name in ("RNNClassifier", "TF-IDF char_wb 1-5"))
    assert f"accuracy {ours:.2f} against {tfidf + 1e-9:.2f}" in page("README.md")


def test_a_linear_model_takes_less_than_half_the_time():
    """All pages of the front say so."""
    seconds = {name.strip("*"): row["seconds of a fit"] for name, row in chart().items()}
    best = seconds["TF-IDF char_wb 1-5 + words, LinearSVC"]
    assert float(best) < float(seconds["RNNClassifier"]) / 2


def chart():
    text = (RESULTS / "chart.md").read_text(encoding="utf-8")
    head, _, *lines = [[c.strip() for c in line.split("|")[1:-1]] for line in text.splitlines()]
    return {line[0]: dict(zip(head, line)) for line in lines}


def test_the_chart_is_of_the_stored_run(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks._report import table
    from benchmarks.chart import HEAD, STORED, points, rows

    found = points(STORED.read_text(encoding="utf-8"))
    stored = (RESULTS / "chart.md").read_text(encoding="utf-8")
    assert table(HEAD, rows(found)) + "\n" == stored


def test_a_point_of_the_chart_by_hand(monkeypatch):
    """Two sets, one of numbers, and a model that was not fitted on all of them."""
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.chart import points

    head = "| | accuracy | log loss | fit s |\n| --- | --: | --: | --: |\n"
    first = head + "| a (1 of 3 splits) | 0.5 | 1.0 | 2.0 |\n| b | 0.9 (0.8 to 1.0) |  | 1.0 |\n"
    second = head + "| a | 0.7 (0.6 to 0.8) | 2.0 | 8.0 |\n"
    numbers = "| | R^2 | fit s |\n| --- | --: | --: |\n| c | 0.5 | 1.0 |\n"
    parts = "".join(f"<details>\n{part}</details>\n" for part in (first, second, numbers))
    (point,) = points(f"## judging in detail\n{parts}## choosing in detail\n")
    assert point.model == "a"
    np.testing.assert_allclose(point[1:], [0.6, 1.5, 4.0])


def test_what_the_page_of_benchmarks_says_first():
    text, accuracy, loss = page("docs/benchmarks.md"), total("Accuracy"), total("Log loss")
    r2 = total("R^2")
    said = (
        f"skrnn is behind on {accuracy['behind']} of these {accuracy['sets']} sets and on all "
        f"{r2['behind']} sets with numbers to predict: by {accuracy['size']} of accuracy and by "
        f"{r2['size']} of R² on average. Its log loss is lower on {loss['ahead']} of "
        f"{loss['sets']} sets, and {loss['size']} lower on average"
    )
    assert said in text


def test_the_faq_on_tfidf():
    text, score, loss = page("docs/faq.md"), total("Score"), total("Log loss")
    assert f"On {score['sets']} [data sets](benchmarks.md)" in text
    assert f"is more accurate on {score['behind']}, and by {score['size']} on average" in text
    assert (
        f"lower log loss on {loss['ahead']} of {loss['sets']} sets, and by {loss['size']}" in text
    )


def test_two_sets_on_which_fasttext_is_ahead():
    text = page("docs/comparisons/fasttext.md")
    detail = section("accuracy", "choosing in detail").split("number of rings (")[1]
    accuracy = dict(re.findall(r"^\| (fastText|RNNClassifier)\b.*?\| +(0\.\d+)", detail, re.M)[:2])
    said = f"({float(accuracy['fastText']):.3f} against {float(accuracy['RNNClassifier']):.3f})"
    assert said in text
    # the figures of log loss are the last of their row
    logs = rows("accuracy", "judging")["Application logs: next template"]
    assert f"({float(logs['baseline']):.3f} against {float(logs['skrnn']):.3f})" in text


def test_where_tfidf_is_ahead():
    """Error messages and user agents by 0.03 to 0.04, and boiling points."""
    text = page("docs/comparisons/tfidf.md")
    behind = [score("Error messages: error class"), score("User agents: purpose")]
    assert f"is ahead by {min(behind):.2f} to {max(behind):.2f} there" in text
    boiling = score("Molecule names: boiling point")
    assert f"on boiling points by {boiling:.3f} of R²" in text


def score(name):
    """Say how far the best baseline is ahead; the first of two columns of differences."""
    line = re.search(rf"^\| {name} .*$", section("accuracy", "judging"), re.M)[0]
    return -float(line.split("|")[7])


def test_calibration_errors_on_the_page_of_probabilities():
    cells = [row["calibration error"] for row in rows("accuracy", "judging").values()]
    errors = [float(cell) for cell in cells if cell]
    said = f"is from {min(errors):.2f} to {max(errors):.2f}"
    assert said in page("docs/tasks/probabilities.md")


STACKING = "stacking: a model for each string column, and one for the other columns"
WAYS = {  # the page's name of a way, and its row in both tables
    "the vectors of `RNNEncoder` and the other columns, boosting": "RNNEncoder",
    "out-of-fold predictions and the other columns, boosting": "RNN{} out of fold",
    STACKING: "RNN{}, stacking",
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_use_a_whole_table_on_the_page_of_leakage(way):
    columns = "" if way == STACKING else ", ColumnTransformer"
    salaries = rows("tables", "salaries")[WAYS[way].format("Regressor") + columns]
    survey = rows("tables", "survey")[WAYS[way].format("Classifier") + columns]
    cells = [salaries["R^2"], survey["accuracy"], survey["log loss"]]
    row = " | ".join([way, *(f"{float(cell):.3f}" for cell in cells)])
    assert f"| {row} |" in page("docs/leakage.md").replace("**", "")


def test_what_the_page_of_leakage_says_of_its_tables():
    text, closed, lost, halved = page("docs/leakage.md"), [], [], []
    for name in ("article", "bundled"):
        table = rows("leakage", name)
        plain, rare, halves, stacked, dropped = (
            {column: float(table[model][column]) for column in ("held out", "gap")}
            for model in (
                *("RNNEncoder()", "RNNEncoder(min_df=3)", "Halves", "Stacking"),
                "RNNEncoder(ngram_dropout=0.6)",
            )
        )
        closed.append(1 - rare["gap"] / plain["gap"])
        lost.append(plain["held out"] - rare["held out"])
        halved.append(plain["held out"] - halves["held out"])
        assert dropped["gap"] > rare["gap"] and stacked["gap"] < 0
        assert stacked["held out"] >= plain["held out"]
    assert f"closes {min(closed):.0%} to {max(closed):.0%} of the gap" in text
    assert f"costs up to {max(lost):.3f} of accuracy" in text
    assert f"costs {min(halved):.3f} to {max(halved):.3f} of accuracy" in text
