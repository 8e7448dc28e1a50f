"""X and y in parts, each of which another process reads.

In: the part of this process, and its `Peers`. Out: the part, with the form, the classes and the
unit of weights that all parts have in common. Imports only numpy.
"""

from typing import NamedTuple

import numpy as np

from skrnn.input.peers import ALONE, Peers
from skrnn.input.samples import Samples
from skrnn.input.sequences import Array, Floats
from skrnn.input.targets import Target, describe_target, in_range


class Part(NamedTuple):
    """What one process has read."""

    samples: Samples
    target: Target
    weight: Floats

    @property
    def first(self) -> "Part":
        """The first row alone, without a weight."""
        one = np.zeros(1, dtype=np.int64)
        target = self.target._replace(values=self.target.values[:1])
        return Part(self.samples.take(one), target, np.zeros(1))


def unite(who: str, part: Part | None, peers: Peers = ALONE) -> Part:
    """Return the part in a form that goes with those of the other processes.

    None is a part without rows. It becomes a row of another part, with a weight of zero.
    """
    firsts = peers.gather(part and part.first)
    given = {rank: first for rank, first in enumerate(firsts) if first is not None}
    if not given:
        raise ValueError(f"{who} needs a row of X on at least one rank, got none on all of them.")
    _check_forms(who, given)
    some = next(iter(given.values()))
    part = some if part is None else part
    classes = [first.target.classes for first in given.values()]
    target = part.target
    if target.kind == "classification":
        target = _with_classes(who, target, classes)
    return Part(part.samples, target, in_common_range(part.weight, peers))


def _check_forms(who: str, given: dict[int, Part]) -> None:
    """Refuse parts of different forms of X or of y."""
    for name, describe in (("X", _form_of_X), ("y", _form_of_y)):
        forms = {rank: describe(first) for rank, first in given.items()}
        (rank, form), *others = forms.items()
        for other, its_form in others:
            if its_form != form:
                raise ValueError(
                    f"{who} needs {name} to have the same form on all ranks, got {form} on rank "
                    f"{rank} and {its_form} on rank {other}."
                )


def _form_of_X(part: Part) -> str:
    samples = part.samples
    if samples.kind == "numbers":
        return f"numbers in {samples.values.shape[1]} columns"
    return (
        f"series of {samples.n_variables} variables" if samples.kind == "series" else samples.kind
    )


def _form_of_y(part: Part) -> str:
    target = part.target
    if target.kind != "classification":
        return describe_target(target)
    numeric = np.asarray(target.classes).dtype.kind in "biuf"
    return f"{'numbers' if numeric else 'strings'} as {describe_target(target)}"


def _with_classes(who: str, target: Target, classes: list[Array]) -> Target:
    """Give a target the classes of all parts."""
    if len(classes) == 1 or all(np.array_equal(c, target.classes) for c in classes):
        return target
    union = np.unique(np.concatenate(classes))
    places = np.searchsorted(union, target.classes)
    return target._replace(values=places[target.values], classes=union)


def in_common_range(weight: Floats, peers: Peers) -> Floats:
    """Scale the weights of all parts by the same power of two, as `in_range` does."""
    return in_range(weight, max(peers.gather(float(weight.max(initial=0)))))


def check_same(who: str, settings: list[dict[str, str]]) -> None:
    """Refuse a setting that is not the same on all ranks."""
    for rank, others in enumerate(settings):
        for name, value in settings[0].items():
            if others.get(name) != value:
                raise ValueError(
                    f"{who} needs {name} to be the same on all ranks, got {value} on rank 0 and "
                    f"{others.get(name)} on rank {rank}."
                )
