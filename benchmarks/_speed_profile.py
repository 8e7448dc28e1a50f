"""The question of `benchmarks.speed` where the time goes, by Python's profiler.

In: `Setup`. Out: the head and the rows of a table. An operator such as @ is no call to the
profiler: its time is that of the function that has it.
"""

import cProfile
import pstats
from functools import partial
from pathlib import Path

from benchmarks._speed_setup import EPOCHS, ROOT, made_up, progress, same_work, seconds

N_LINES = 12


def profile(setup):
    """Seconds of an epoch and of predict within each function alone, by Python's profiler.

    The profiler slows down what has many calls; the seconds without it come last.
    """
    model = same_work("rnn", 100, 64)
    strings = made_up(setup.names, 10**5 if not setup.quick else 1000)[0]
    fit, predict = partial(model.fit, setup.names, setup.y), partial(model.predict, strings)
    rows = _profiled("epoch", fit, EPOCHS, setup)
    rows += _profiled(f"predict of {len(strings):,}", predict, 1, setup)
    return ["", "calls", "s", "share"], rows


def _profiled(what, run, times, setup):
    """Give the rows of a run that does the same several times: the seconds are of one."""
    taken = seconds(run, repeats=setup.repeats)[0] / times
    profiler = cProfile.Profile()
    profiler.runcall(run)
    found = pstats.Stats(profiler).stats.items()
    parts = [(own / times, n / times, _title(*key)) for key, (_, n, own, _, _) in found]
    parts.sort(reverse=True)
    total = sum(own for own, _, _ in parts)
    rest = parts[N_LINES:]
    others = sum(own for own, _, _ in rest), sum(n for _, n, _ in rest)
    shown = [*parts[:N_LINES], (*others, f"{len(rest)} other functions")]
    lines = [(own, f"{n:,.0f}", title) for own, n, title in shown]
    lines += [(total, "", "all, with the profiler"), (taken, "", "all, without the profiler")]
    rows = [[f"{what}: {t}", n, f"{own:.4f}", f"{own / total:.0%}"] for own, n, t in lines]
    for row in rows:
        progress("profile", row)
    return rows


def _title(file, line, name):
    """Name a function: by its place in the repository or its library, or as torch's own."""
    if file == "~":  # no Python, as <method 'addmm_' of 'torch._C.TensorBase' objects>
        return name.strip("<>").replace("built-in method ", "").removesuffix(" objects")
    path = Path(file)
    known = path.is_relative_to(ROOT)
    return f"{path.relative_to(ROOT) if known else '/'.join(path.parts[-2:])}, {name}"
