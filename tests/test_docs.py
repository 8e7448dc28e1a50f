"""The pages of the site: their code runs, block after block, and gives what it says."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ["index", "start", "guide", "leakage"]
PAGES += [
    path.relative_to(DOCS).with_suffix("").as_posix()
    for folder in ("tasks", "comparisons")
    for path in sorted((DOCS / folder).glob("*.md"))
    if path.stem != "index"
]
NEEDS = {  # what is found in a block: what runs it, which not every environment has
    "sklearn.callback": "sklearn.callback",  # from scikit-learn 1.9 on
    'method="temperature"': "sklearn.callback",  # scikit-learn has it from 1.8 on
    "skrub": "skrub",  # these three come with the extra benchmarks
    "fasttext": "fasttext",
    "skorch": "skorch",
}


def statements(page):
    """Give each statement of a page with the comment that follows it in its last line."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    for code in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S):
        if any(part in code and not find_spec(module) for part, module in NEEDS.items()):
            continue
        lines = code.encode().splitlines()
        for node in ast.parse(code).body:
            tail = lines[node.end_lineno - 1][node.end_col_offset :].decode()
            yield node, tail.strip().removeprefix("# ")


def lacking(page):
    """List what blocks of a page need, and this environment has not."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return [module for part, module in NEEDS.items() if part in text and not find_spec(module)]


def agrees(value, said):
    """Say whether a value is what a comment says; scores may differ a little by machine."""
    if re.match(r"\d\.\d", said):
        return abs(value - float(said.split(",")[0])) <= 0.03
    return not said or repr(value) == said


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs_and_gives_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space, compared = {"__name__": page}, 0
    for node, said in statements(page):
        if isinstance(node, ast.Expr):
            value = eval(compile(ast.Expression(node.value), page, "eval"), space)
            assert agrees(value, said), f"{ast.unparse(node)} gave {value!r}, not {said}"
            compared += bool(said)
        else:
            exec(compile(ast.Module([node], []), page, "exec"), space)
    if not compared and lacking(page):
        pytest.skip(f"what has results on this page needs {lacking(page)}")
    assert compared


def test_the_tests_that_a_page_names_exist():
    page = (DOCS / "reliability.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in DOCS.parent.glob("tests/**/*.py"))
    names = re.findall(r"`(test_\w+)`", page)
    assert len(names) > 20
    assert [name for name in names if f"def {name}(" not in code] == []
    paths = re.findall(r"`(tests/[\w/.]+)`", page)
    assert paths and [path for path in paths if not (DOCS.parent / path).exists()] == []


def test_a_comment_that_says_something_else_is_found():
    assert agrees(np.float64(0.768), "0.77, where the most frequent has 0.07")
    assert not agrees(0.7, "0.77") and not agrees(["a"], "['b']") and agrees(["a"], "['a']")
