"""The mutants of small sources, and the order in which `mutate` runs test files."""

import ast
import json

import mutants as made
import mutate
import pytest


def changes(text):
    """List the new lines of all mutants of a source."""
    return [mutant.new for mutant in made.mutants(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", ["a <= b"]),
        ("(a) is (b)", ["(a) is not (b)"]),
        ("a not in b == c", ["a in b == c", "a not in b != c"]),
        ("é = a // (b % c)", ["é = a / (b % c)", "é = a // (b // c)"]),
        ("a and b or c", ["a or b or c", "a and b and c"]),
        ("x = not (a)", ["x = (a)"]),
        ("x = -a", ["x = a"]),
        ("x = True", ["x = False"]),
        ("x = 0, 1, 7, 0.5", ["x = 1, 1, 7, 0.5", "x = 0, 0, 7, 0.5", "x = 0, 2, 7, 0.5",
                              "x = 0, 1, 8, 0.5", "x = 0, 1, 7, 1.5"]),
        ("f(a)", ["pass"]),
        ("a += b", ["pass", "a -= b"]),
        ("if a: b", ["if not (a): b"]),
        ("if a == b: c", ["if a != b: c"]),
        ("x = a if b else c", ["x = c if b else a"]),
        ("x = [a for a in b if a]", ["x = [a for a in b if not (a)]"]),
        ("x = y[a:b.c]", ["x = y[:b.c]", "x = y[a + 1:b.c]", "x = y[a:]", "x = y[a:b.c + 1]"]),
        ("x = y[1:]", ["x = y[0:]", "x = y[2:]"]),
        ("x = f(a, b=c)", ["x = f(a)"]),
        ("x = f(b=c, d=e)", ["x = f(d=e)", "x = f(b=c)"]),
        ("x = f(b=None)", ["x = f()"]),
    ],
)  # fmt: skip
def test_each_change(text, expected):
    assert changes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring with 1 < 2."""',
        "x = 'a' + f'{b + 1}'",
        "def f(a: t[0] | None) -> t[1]: ...",
        "@f(a=1)\nclass A: ...",
        "if TYPE_CHECKING:\n    x = 1",
        "raise ValueError(a + 1)",
        "Rows = list[int] | None",
        "__all__ = ['a'] + b",
        "x = 1  # pragma: no mutate",
        "from a import b",
    ],
)
def test_what_is_left_alone(text):
    assert changes(text) == []


def test_a_mutant_that_changes_nothing_is_not_made():
    assert changes("pass\nx = 1e300") == []  # 1e300 + 1 is 1e300
    text = "x = a[1:] if b else a[-1:]\nf(c, d=1)\n"
    programs = [ast.dump(ast.parse(source)) for source in [text, *sources(text)]]
    assert len(programs) == len(set(programs)) > 8


def sources(text):
    return [mutant.source for mutant in made.mutants(text)]


def test_only_the_changed_characters_are_replaced():
    text = "def f(a):\n    return (a  <  # why\n        3)\n"
    mutant = made.mutants(text, "m.py")[0]
    assert mutant.source == text.replace("  <  ", "  <=  ")
    assert mutant[:5] == (
        "m.py", 2, "comparison", "return (a  <  # why", "return (a  <=  # why",
    )  # fmt: skip


def test_a_call_of_several_lines_is_removed_whole():
    mutant = made.mutants("x\nf(\n    a,\n)\ny\n")[0]
    assert mutant.source == "x\npass\ny\n"
    assert (mutant.line, mutant.old, mutant.new) == (2, "f( a, )", "pass")


def test_the_mirrored_file_runs_first_then_its_folder_then_the_quickest():
    times = {
        "tests/test_a.py": 1, "tests/net/test_b.py": 9, "tests/net/test_cells.py": 10,
        "tests/test_c.py": 0.5,
    }  # fmt: skip
    limits = mutate._limits("skrnn/net/_cells.py", times, factor=2)
    assert list(limits.items()) == [
        ("tests/net/test_cells.py", 40), ("tests/net/test_b.py", 38),
        ("tests/test_c.py", 21), ("tests/test_a.py", 22),
    ]  # fmt: skip


def test_the_mutants_that_are_known_and_those_on_record(tmp_path):
    mutant = made.mutants("x = a | b", "m.py")[0]
    assert mutate._is_known(mutant, ["m.py | x = a | b | x = a & b | because"])
    assert not mutate._is_known(mutant, ["m.py | x = a | b | x = a ^ b | because"])
    file = tmp_path / "record"
    mutate._record(file, mutant, "killed", 1, "FAILED tests/test_m.py::test - why\n")
    assert json.loads(file.read_text())["by"] == "tests/test_m.py::test"
    args = mutate._arguments(["--record", str(file), "--resume"])
    assert mutate._recorded(args) == {mutate._key(mutant): "killed"}
