"""The command line under torchrun: processes, called ranks, train one model together.

In: the options. Out: an `Outcome` on the first rank. Each rank reads and tests its own part of
the rows. Decisions use values gathered from all ranks; an error of one is raised on all.
"""

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, reduce
from operator import add
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import distributed
from torch.distributed import is_available

from skrnn._classifier import RNNClassifier
from skrnn._regressor import RNNRegressor
from skrnn.command.reading import Data, Facts, Part, check_labels, data_of, decide, read_part
from skrnn.command.report import Outcome, Result, scores
from skrnn.command.shared import UserError, fit, need, note

Found = TypeVar("Found")
TEST_SHARE = 0.2
N_EXAMPLES = 6
MIN_TESTED = 2  # rows, for R^2


def is_launched() -> bool:
    """Say whether torchrun, or a program like it, has started this process."""
    return is_available() and {"RANK", "WORLD_SIZE"} <= set(os.environ)


def is_first() -> bool:
    """Say whether this process is the one that prints and saves."""
    return not is_launched() or os.environ["RANK"] == "0"


def refuse(command: str) -> None:
    """Refuse a command that does not train."""
    need(not is_launched(), f"{command} to run in one process, got several of torchrun.")


def train(options: Namespace, check: Callable[[Namespace], None]) -> Outcome | None:
    """Read, decide, fit and test with all ranks; return the result on the first rank."""
    options = Namespace(**{**vars(options), "quiet": options.quiet or not is_first()})
    with _group():
        _gather(lambda: check(options))
        part, facts, sizes = _read(options)
        task = decide(facts, options)
        if task == "classification":
            check_labels(reduce(add, _gather(lambda: Counter(part.y))), options.y)
        data = _gather_own(lambda: data_of(part, facts, task, options))
        tested = _held_out(part.places, options.seed)
        n_tested = sum(_gather(lambda: int(tested.sum())))
        what = f"{MIN_TESTED} rows or more to test on, got {n_tested} of {facts.n_y}"
        need(n_tested >= MIN_TESTED, f"{what}: give more rows, or another --seed.")
        own, result = _fit_and_test(data, tested, options)
    if not is_first():
        return None
    some = np.flatnonzero(tested)[:N_EXAMPLES]
    return Outcome(data, facts.n_y - n_tested, n_tested, [result], own, some, sizes)


@contextmanager
def _group() -> Iterator[None]:
    distributed.init_process_group("gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def _gather(compute: Callable[[], Found]) -> list[Found]:
    """Return the values of all ranks, in their order; an error of one is raised on all."""
    found: Any = None
    try:
        found = compute(), None
    except UserError as error:
        found = None, str(error)
    parts: list[Any] = [None] * distributed.get_world_size()
    try:
        distributed.all_gather_object(parts, found)
    except RuntimeError:
        what = "has lost another rank: see what the others report, and start all of them again."
        raise UserError(f"rank {distributed.get_rank()} {what}") from None
    for _, problem in parts:
        if problem is not None:
            raise UserError(problem)
    return [value for value, _ in parts]


def _gather_own(compute: Callable[[], Found]) -> Found:
    """Return the value of this rank; an error of one is raised on all."""
    found: list[Found] = []
    _gather(lambda: found.append(compute()))
    return found[0]


def _read(options: Namespace) -> tuple[Part, Facts, list[int]]:
    """Read the part of this rank; return the facts of all rows, and the rows of each rank."""
    need(options.file, "a file to train on several ranks, got none: name the file first.")
    i, n = distributed.get_rank(), distributed.get_world_size()
    part = _gather_own(lambda: read_part(options, i, n))
    facts = _gather(lambda: part.facts)
    return part, reduce(add, facts), [f.n_y for f in facts]


def _held_out(places: list[int], seed: int) -> NDArray[np.bool_]:
    """Choose the test rows by a pseudorandom number for each row's place in the file.

    The choice is the same for any number of ranks. The numbers are those of SplitMix64.
    """
    z = np.array(places, dtype=np.uint64) + np.uint64(seed << 32)
    z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z < np.uint64(int(TEST_SHARE * 2**64))


def _fit_and_test(
    data: Data, tested: NDArray[np.bool_], options: Namespace
) -> tuple[RNNClassifier | RNNRegressor, Result]:
    """Fit skrnn's predictor on the training rows of all ranks, and test it on the others."""
    kind = RNNClassifier if data.task == "classification" else RNNRegressor
    model, name = kind(random_state=options.seed), kind.__name__
    note(f"{name} on {distributed.get_world_size()} ranks", options.quiet)
    start = perf_counter()
    _gather_own(partial(fit, name, model, data.x[~tested], data.y[~tested]))
    fitted = perf_counter()
    pairs = reduce(add, _gather(lambda: _pairs(model, data.x[tested], data.y[tested])))
    predicted = perf_counter()
    true, given = zip(*pairs)
    numbers = scores(data.task, true, given, list(pairs.values()))
    seconds = {"fit_seconds": fitted - start, "predict_seconds": predicted - fitted}
    return model, {"model": name, **numbers, **seconds}


def _pairs(model: Any, x: Any, y: NDArray[Any]) -> Counter[tuple[Any, Any]]:
    """Count the pairs of a true value and its prediction."""
    return Counter(zip(y.tolist(), model.predict(x).tolist())) if len(x) else Counter()
