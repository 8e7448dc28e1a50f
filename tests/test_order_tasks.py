"""The tasks of `benchmarks.order` have the labels they promise, by other definitions."""

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from skrnn.datasets import load_names

TOMITA = {  # regular expressions of the members
    1: "1*",
    2: "(10)*",
    3: "(?!.*(?<!1)1(11)*0(00)*(?!0)).*",
    4: "(?!.*000).*",
    5: "(00|11|(01|10)(00|11)*(01|10))*",
    6: "(01|(1|00)(10)*(0|11))*",
    7: "0*1*0*1*",
}
LABELS = {
    "first letter": ["a", "b"],
    "first motif": ["GGATCC", "TATAAT"],
    "name order": ["family", "given"],
    "open bracket": ["(", "[", "none"],
}
NAMES = [
    *["first letter", "first motif", "comparison", *(f"tomita {number}" for number in TOMITA)],
    *["first is last", "dates", "brackets", "mirror", "ean", "parity", "code brackets"],
    *["open bracket", "name order", "sorted names", "versions", "cas"],
]


@pytest.fixture
def tasks(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import _order_tasks

    return _order_tasks


@pytest.fixture
def rows(tasks):
    """Draw rows of a task: [(text, label), ...], True and False for yes and no."""

    def draw(name, n=300):
        X, y = tasks.TASKS[name].make(np.random.default_rng(0), n)
        return [(x, {"yes": True, "no": False}.get(label, label)) for x, label in zip(X, y)]

    return draw


def skip_without_package(name):
    needed = {"cas": "chemicals", "name order": "faker.providers.person.en_KE"}.get(name, "numpy")
    reason = f"{needed} comes with the extra benchmarks, in the versions of .ci/constraints.txt"
    pytest.importorskip(needed, reason=reason)


def matches(text):
    """Take pairs of brackets out until nothing is left, or nothing can be taken out."""
    text = re.sub(r"[^]()[{}]", "", text)
    while text != (text := re.sub(r"\(\)|\[\]|\{\}", "", text)):
        pass
    return not text


def test_all_tasks_are_tested(tasks):
    assert [*tasks.TASKS] == NAMES
    hard = ["tomita 5", "tomita 6", "mirror", "ean", "parity", "cas"]
    assert [name for name in NAMES if tasks.TASKS[name].hard] == hard


@pytest.mark.parametrize("name", NAMES)
def test_parts_are_full_balanced_disjoint_and_the_same_each_time(tasks, name):
    skip_without_package(name)
    split = tasks.draw(name, 1, 300, 100)
    assert (len(split.X), len(split.X_val)) == (300, 100) == (len(split.y), len(split.y_val))
    assert not set(split.X) & set(split.X_val)
    labels, counts = np.unique(split.y, return_counts=True)
    assert labels.tolist() == LABELS.get(name, ["no", "yes"])
    assert counts.min() > 0.8 * 300 / len(labels)
    assert np.unique(split.y_val, return_counts=True)[1].min() > 0.6 * 100 / len(labels)
    again, other = tasks.draw(name, 1, 300, 100), tasks.draw(name, 2, 300, 100)
    assert (again.X, again.X_val) == (split.X, split.X_val) != (other.X, other.X_val)
    assert again.y.tolist() == split.y.tolist() and again.y_val.tolist() == split.y_val.tolist()


@pytest.mark.parametrize("name", ["first letter", "first motif"])
def test_what_comes_first_is_the_label(rows, name):
    one, two = LABELS[name]
    for text, label in rows(name):
        assert text.count(one) == text.count(two) == 1
        assert label == (one if text.index(one) < text.index(two) else two)
        assert len(text) - len(one) - len(two) == {"a": 26, "GGATCC": 50}[one]


def test_comparisons(rows):
    for text, label in rows("comparison"):
        assert re.fullmatch(r"[1-9]\d{0,3}[<>][1-9]\d{0,3}", text)
        assert eval(text) is label


@pytest.mark.parametrize("number", TOMITA)
def test_tomita(tasks, rows, number):
    for text, label in rows(f"tomita {number}"):
        assert 1 <= len(text) <= 20
        assert bool(re.fullmatch(TOMITA[number], text)) is label
    for i in range(2**11):  # all strings of up to ten symbols, behind the first 1
        text = f"{i:b}"[1:]
        assert tasks.rules.is_member(text, number) is bool(re.fullmatch(TOMITA[number], text)), text


def test_a_tomita_member_is_as_probable_as_another_of_its_length(rows):
    members = [text for text, label in rows("tomita 7", 8000) if label and len(text) == 3]
    counts = [members.count(f"{i:03b}") for i in range(8)]  # all strings of three symbols
    assert sum(counts) == len(members) > 100 and max(counts) < 3 * min(counts)


def test_first_is_last(rows):
    for text, label in rows("first is last"):
        assert 5 <= len(text) <= 25 and text.startswith(text[-1]) is label


def test_dates(rows):
    form = r"\d{4}-\d\d-\d\d|\d\d? [A-Z][a-z]{2} \d{4}"
    found = rows("dates")
    for text, label in found:
        one, two = (
            datetime.strptime(part, "%Y-%m-%d" if "-" in part else "%d %b %Y")
            for part in re.fullmatch(f"({form}) ({form})", text).groups()
        )
        assert (one < two) is label and one != two
    assert len({"".join(re.findall("[- ]", text)) for text, _ in found}) == 4  # all mixtures


def test_brackets(rows):
    found = rows("brackets")
    for text, label in found:
        assert matches(text) is label and len(text) <= 30
        assert text.count("(") == text.count(")") and text.count("[") == text.count("]")
    depths = [
        max(np.cumsum([1 if c in "([" else -1 for c in text])) for text, label in found if label
    ]
    assert max(depths) == 5


def test_mirror(rows):
    for text, label in rows("mirror"):
        left, right = text.split("|")
        assert 3 <= len(left) == len(right) <= 10
        assert (left == "".join(reversed(right))) is label
        assert label or sum(a != b for a, b in zip(left, right[::-1])) <= 2


def test_ean_check_digits(tasks, rows):
    assert tasks.rules.ean_digit("978030640615") == "7"  # the example of ISBN-13, 978-0-306-40615-7
    assert tasks.rules.ean_digit("400638133393") == "1"  # the example of EAN-13, 4006381333931
    for text, label in rows("ean"):
        digits = [int(c) for c in text]
        assert len(digits) == 13
        assert ((sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0) is label


def test_parity(rows):
    for text, label in rows("parity"):
        assert 5 <= len(text) <= 30 and (sum(map(int, text)) % 2 == 0) is label


def test_code_brackets(rows):
    for text, label in rows("code brackets"):
        assert matches(text) is label and 20 <= len(text) <= 60


def test_open_bracket(rows):
    for text, label in rows("open bracket"):
        closing = [c for c in ")]}" if matches_when_closed(text, c)]
        assert closing == ([] if label == "none" else [{"(": ")", "[": "]"}[label]]), text
        assert not set(text[-5:]) & set("()[]{}")


def matches_when_closed(text, bracket):
    """Try all ways to close three more brackets after this one."""
    ends = [a + b + c for a in ("", *")]}") for b in ("", *")]}") for c in ("", *")]}")]
    return any(matches(text + bracket + end) for end in ends)


def test_name_order(rows, tasks):
    skip_without_package("name order")
    people = tasks.real._people()
    given = {name for names, _ in people for name in names}
    family = {name for _, names in people for name in names}
    assert {"Giulia", "Henrik"} <= given and {"Virtanen", "Rossi"} <= family
    for text, label in rows("name order"):
        parts = text.split(" ")
        cuts = [(" ".join(parts[:i]), " ".join(parts[i:])) for i in range(1, len(parts))]
        cuts = [cut if label == "given" else cut[::-1] for cut in cuts]
        assert any(first in given and last in family for first, last in cuts), text


def test_sorted_names(rows):
    known = set(load_names(return_X_y=True)[0].tolist())
    for text, label in rows("sorted names"):
        one, two = text.split(" ")
        assert {one, two} <= known and (one.lower() < two.lower()) is label


def test_versions(rows):
    Version = pytest.importorskip("packaging.version").Version
    for text, label in rows("versions"):
        one, two = map(Version, text.split(" "))
        assert (one < two) is label and one != two


def test_cas(tasks, rows):
    skip_without_package("cas")
    assert tasks.real.is_cas("7732-18-5") and not tasks.real.is_cas("7732-18-4")  # water
    for text, label in rows("cas"):
        digits = re.fullmatch(r"(\d{2,7})-(\d\d)-(\d)", text).group(1, 2, 3)
        total = sum(i * int(d) for i, d in enumerate((digits[0] + digits[1])[::-1], 1))
        assert (total % 10 == int(digits[2])) is label


@pytest.mark.slow
def test_quick_run_prints_both_tables(monkeypatch, capsys, tmp_path):
    pytest.importorskip("skorch")
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import order

    monkeypatch.setattr(order, "SOLVED", 0)  # so that the rows of what is solved are there
    names = ["first letter", "parity"]
    file = tmp_path / "fits.json"
    assert order.main(["--quick", "--tasks", *names, "--json", str(file)]) == 0
    out, err = capsys.readouterr()
    cells = [line.split("|")[1:-1] for line in out.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in cells]
    assert [line[0] for line in cells if not line[0].startswith("-")] == [
        *["accuracy", "first letter: a or b", "even number of ones (hard)"],
        *[f"{what} of the 2 tasks solved by the GRU" for what in ("mean", "minimum")],
        *["", "first letter: a or b", "even number of ones (hard)"],
    ]
    first, second, mean, smallest = (np.array(line[1:], dtype=float) for line in cells[2:6])
    np.testing.assert_allclose(mean, (first + second) / 2, atol=0.001)
    np.testing.assert_allclose(smallest, np.minimum(first, second), atol=0.001)
    assert cells[0][1:] == [*order.MODELS] and "first letter: a or b | 0." in err
    assert len(file.read_text().splitlines()) == 1 + 2 * len(order.MODELS)


def test_a_model_that_fails_is_said_and_counts(monkeypatch, capsys):
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks import order

    monkeypatch.setattr(order, "MODELS", {"none": lambda seed: None})
    assert order.main(["--quick", "--tasks", "parity"]) == 1
    out, err = capsys.readouterr()
    assert "| even number of ones (hard) | failed |" in out
    assert "parity, seed 0: none failed: AttributeError" in err
