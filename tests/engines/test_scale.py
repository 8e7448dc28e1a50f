"""`python -m benchmarks.scale --only search` prints what it promises."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.engines


def test_the_search_prints_its_tables(monkeypatch, capsys):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks import _scale_search, scale

    monkeypatch.setattr(_scale_search, "SIZES", (4, 8))
    assert scale.main(["--quick", "--only", "search"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    names = [name for name, *_ in _scale_search.WORKERS]
    assert [row[0] for row in cells[2:6]] == ["serial", *names]
    assert [row[3] for row in cells[3:6]] == ["yes", "yes", "yes"]
    assert [row[0] for row in cells[8:]] == ["list", "array of objects", "Series"]
    assert [row[3] for row in cells[8:]] == ["1", "1", "1"]
