"""The summary of `benchmarks.accuracy`: a row for each data set, a table for each half.

In: fits as dicts, of a run or of JSON files that a run has left. Out: text. The figures are
medians over the splits. The best peer is the one with the best median on the test rows, so
that the choice among many peers favours them a little.
"""

import json
from typing import NamedTuple

import numpy as np

from benchmarks._data import PLAN
from benchmarks._peers import is_ours
from benchmarks._report import table

LEARNERS = ("RNNClassifier", "RNNRegressor")
NONE = ("", np.nan)
HEAD = ["", "type", "score", "best baseline", "baseline", "skrnn", "difference"]
HEAD += ["best baseline by log loss", "baseline", "skrnn", "difference", "calibration error"]
HEAD += ["RNNEncoder - skrnn"]
NOTE = """\
Score: accuracy or R^2. skrnn: RNNClassifier or RNNRegressor. Difference: skrnn - the best
baseline, so that more is better for the score and less is better for the log loss. RNNEncoder -
skrnn: the best of RNNEncoder with a model behind it, less skrnn. *: fewer splits than skrnn."""


class Line(NamedTuple):
    """What the summary says of one data set; nan where nothing was measured."""

    data: str
    sort: str
    measure: str  # "accuracy" or "R^2"
    peer: str
    peer_score: float
    score: float
    loss_peer: str
    peer_loss: float
    loss: float
    calibration: float
    encoder: float

    @property
    def differences(self):
        """Score, log loss, and the encoder's score, each less what it is compared with."""
        return (
            self.score - self.peer_score,
            self.loss - self.peer_loss,
            self.encoder - self.score,
        )


def read(paths):
    """Read the fits of JSON files; what is there twice counts as in the last file."""
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for fit in map(json.loads, file):
                if "split" in fit:
                    found[fit["data"], fit["model"], fit["split"]] = fit
    return list(found.values())


def summary(fits):
    """Write the tables, one for each half that has fits."""
    halves = dict.fromkeys(fit["half"] for fit in fits)
    tables = [_of_half(half, [fit for fit in fits if fit["half"] == half]) for half in halves]
    return "\n\n".join([*tables, NOTE]) if tables else ""


def _of_half(half, fits):
    names = dict.fromkeys(fit["data"] for fit in fits)
    lines = [_line([fit for fit in fits if fit["data"] == name]) for name in names]
    rows = table(HEAD, [_cells(line) for line in lines])
    return f"## {half}\n\n{rows}\n\n{_totals(lines)}"


def _line(fits):
    """Compare the models on one data set."""
    measure = "r2" if "r2" in fits[0] else "accuracy"
    scores, losses = _medians(fits, measure), _medians(fits, "log_loss")
    peer, peer_score = _best(scores, _is_peer, max)
    loss_peer, peer_loss = _best(losses, _is_peer, min)
    _, score = _best(scores, LEARNERS.__contains__, max)
    _, loss = _best(losses, LEARNERS.__contains__, min)
    _, error = _best(_medians(fits, "calibration_error"), LEARNERS.__contains__, min)
    _, encoder = _best(scores, lambda model: model.startswith("RNNEncoder"), max)
    return Line(
        data=fits[0]["data"],
        sort=fits[0]["sort"],
        measure={"r2": "R^2"}.get(measure, measure),
        peer=_marked(peer, fits),
        peer_score=peer_score,
        score=score,
        loss_peer=_marked(loss_peer, fits),
        peer_loss=peer_loss,
        loss=loss,
        calibration=error,
        encoder=encoder,
    )


def _medians(fits, figure):
    """Give each model's median of a figure: {model: median}."""
    values = {}
    for fit in fits:
        if figure in fit:
            values.setdefault(fit["model"], []).append(fit[figure])
    return {model: float(np.median(found)) for model, found in values.items()}


def _is_peer(model):
    return not is_ours(model)


def _best(medians, belongs, best):
    """Give the best of the models that belong: (name, median)."""
    found = [(value, model) for model, value in medians.items() if belongs(model)]
    return best(found)[::-1] if found else NONE


def _marked(peer, fits):
    """Mark a peer that had fewer splits than others."""
    splits = [fit["model"] for fit in fits]
    return f"{peer} *" if peer and splits.count(peer) < max(map(splits.count, splits)) else peer


def _cells(line):
    score, loss, encoder = line.differences
    return [
        PLAN[line.data].title,
        line.sort,
        line.measure,
        line.peer,
        *map(_number, (line.peer_score, line.score)),
        _signed(score),
        line.loss_peer,
        *map(_number, (line.peer_loss, line.loss)),
        _signed(loss),
        _number(line.calibration),
        _signed(encoder),
    ]


def _totals(lines):
    """Say the mean of each kind of difference, and where it is more than 0 and less."""
    accuracy = [line.differences[0] for line in lines if line.measure == "accuracy"]
    r2 = [line.differences[0] for line in lines if line.measure == "R^2"]
    score, loss, encoder = zip(*(line.differences for line in lines))
    parts = {"Score": score, "Accuracy": accuracy, "R^2": r2}
    sentences = [_total(name, differences) for name, differences in parts.items()]
    sentences.append(_total("Log loss", loss, sign=-1))
    sentences.append(_total("RNNEncoder - skrnn", encoder, ahead="the encoder is ahead"))
    return "\n".join(filter(None, sentences))


def _total(name, differences, sign=1, ahead="ahead"):
    known = np.array([d for d in differences if np.isfinite(d)])
    if not len(known):
        return ""
    n_ahead, n_behind = int((sign * known > 0).sum()), int((sign * known < 0).sum())
    return (
        f"- {name}: mean difference {known.mean():+.4f} over {len(known)} set(s), "
        f"{ahead} on {n_ahead}, behind on {n_behind}"
    )


def _number(value):
    return f"{value:.4f}" if np.isfinite(value) else ""


def _signed(value):
    return f"{value:+.4f}" if np.isfinite(value) else ""
