"""Accuracy against seconds: the picture and the table of a stored run of `benchmarks.accuracy`.

`python -m benchmarks.chart [--plot docs/accuracy.png] > benchmarks/results/chart.md`

In: benchmarks/results/accuracy.md, the sets of classes of the half that judges the defaults. Out:
a table of the models that were fitted on all of these sets, on stdout, and a picture.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks._peers import is_ours
from benchmarks._report import table

STORED = Path(__file__).parent / "results" / "accuracy.md"
HEAD = ["", "mean accuracy", "mean log loss", "seconds of a fit"]
PLACES = {  # where the name stands beside its point: offset in points, and the side it ends on
    "TF-IDF char_wb 1-5 + words, LinearSVC": (-8, 2, "right"),
    "TF-IDF char_wb 1-5, LinearSVC": (-8, -8, "right"),
    "TF-IDF char_wb 1-5 + words, logistic regression": (8, 0, "left"),
    "TF-IDF char_wb 1-5, logistic regression": (8, -9, "left"),
}


class Point(NamedTuple):
    """What a model did on all sets."""

    model: str
    accuracy: float  # mean over the sets
    log_loss: float  # mean over the sets, nan without probabilities
    seconds: float  # geometric mean over the sets, of a fit


def points(text):
    """Average the figures of each model that was fitted on all sets, the best first."""
    sets = _sets(text)
    everywhere = set.intersection(*(set(figures) for figures in sets))
    found = [_point(model, [figures[model] for figures in sets]) for model in everywhere]
    return sorted(found, key=lambda point: -point.accuracy)


def _sets(text):
    """Read {model: (accuracy, log loss, seconds of a fit)} of each set of classes."""
    judging = text.split("## judging in detail")[1].split("## choosing in detail")[0]
    sets = []
    for part in judging.split("<details>")[1:]:
        head, _, *rows = [_cells(line) for line in part.splitlines() if line.startswith("|")]
        if "accuracy" in head:
            wanted = [head.index(name) for name in ("accuracy", "log loss", "fit s")]
            sets.append({_model(row[0]): [_number(row[i]) for i in wanted] for row in rows})
    return sets


def _cells(line):
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _model(cell):
    return re.sub(r" \(\d of \d splits\)", "", cell)


def _number(cell):
    return float(cell.split()[0]) if cell else np.nan


def _point(model, figures):
    accuracy, loss, seconds = np.array(figures).T
    return Point(model, accuracy.mean(), loss.mean(), np.exp(np.log(seconds).mean()))


def rows(found):
    """Write the rows of the table, ours in bold."""
    return [
        [
            f"**{point.model}**" if is_ours(point.model) else point.model,
            f"{point.accuracy:.3f}",
            "" if np.isnan(point.log_loss) else f"{point.log_loss:.3f}",
            f"{point.seconds:.1f}",
        ]
        for point in found
    ]


def plot(found, path):
    """Draw accuracy against seconds, ours in another colour."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
    for point in found:
        color, weight = ("tab:orange", "bold") if is_ours(point.model) else ("tab:blue", "normal")
        x, y, side = PLACES.get(point.model, (8, -4, "left"))
        ax.plot(point.seconds, point.accuracy, "o", color=color, markersize=8)
        ax.annotate(
            point.model,
            (point.seconds, point.accuracy),
            (x, y),
            textcoords="offset points",
            ha=side,
            color=color,
            weight=weight,
        )
    ax.set_xscale("log")
    ax.set_xticks([1, 2, 5, 10, 20], [1, 2, 5, 10, 20])
    ax.minorticks_off()
    ax.margins(y=0.08)
    ax.set_xlim(min(p.seconds for p in found) / 2.2, max(p.seconds for p in found) * 5)
    ax.set(xlabel="seconds of a fit (one thread)", ylabel="mean accuracy on the judging sets")
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="benchmarks.chart", description=__doc__.split("\n")[0])
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where the picture goes")
    args = parser.parse_args(argv)
    found = points(STORED.read_text(encoding="utf-8"))
    print(table(HEAD, rows(found)))
    if args.plot:
        plot(found, args.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
