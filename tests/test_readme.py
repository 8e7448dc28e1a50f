"""The figures of speed in the README are those of the stored run of the benchmark."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "benchmarks" / "results" / "speed.md").read_text(encoding="utf-8")


def rows(question):
    """Give the rows of the table of one question."""
    answer = re.search(rf"^## {question}\n(.*?)(?=^## |\Z)", RESULTS, re.M | re.S)[1]
    table = [line for line in answer.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


def ratios(some):
    """Say how many times faster skrnn is than skorch, from the least to the most."""
    found = sorted(map(float, some), key=float)
    return f"{found[0]:.1f} to {found[-1]:.{0 if found[-1] >= 20 else 1}f} times"


def test_the_time_to_the_accuracy_of_the_article():
    for name, *figures in rows("reaching"):
        cells = [f"`{name}`" if name.startswith("RNN") else name, *figures]
        assert f"| {' | '.join(cells)} |\n" in README


def test_ratios_to_the_net_of_torch():
    text = " ".join(README.split())
    epoch = ratios(row[4] for row in rows("training"))
    assert f"An epoch of the same work is {epoch} as fast" in text
    nets = [row for row in rows("applying") if row[0].startswith("rnn") and row[5]]
    distinct, repeated = (
        ratios(row[5] for row in nets if how in row[0]) for how in ("distinct", "each 100 times")
    )
    assert f"A prediction of distinct strings is {distinct} as fast" in text
    assert f"of strings that repeat a hundred times {repeated}" in text
