"""How fast skrnn trains and applies a net, beside what else one could write.

`python -m benchmarks.speed [--quick] [--threads 1] [--device cpu] [--only TEXT ...]
[--plot FILE] [--names PATH]`

In: the article's names, and strings, tokens and series made of them or at random. Out: a
table for each question on stdout, progress on stderr, and a plot of cost against size. The
two of a pair are measured in turn in the same process with the same number of threads;
figures are medians. The questions are in `_speed_*.py`, by topic; the peers are in `_nets.py`,
`_peers.py` and `article.py`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from benchmarks._report import DATA, EXTRA, load_names, say, table, threads, versions
from benchmarks._speed_applying import applying, lengths, reading
from benchmarks._speed_memory import growth, memory
from benchmarks._speed_plot import plot
from benchmarks._speed_profile import profile
from benchmarks._speed_programs import beside, crowded, searching
from benchmarks._speed_series import series
from benchmarks._speed_setup import Setup
from benchmarks._speed_subsets import subsets
from benchmarks._speed_training import columns, reaching, training

QUESTIONS = {
    question.__name__: question
    for question in (
        reading,
        training,
        reaching,
        applying,
        profile,
        lengths,
        growth,
        memory,
        columns,
        series,
        searching,
        beside,
        crowded,
        subsets,
    )
}
ON_DEVICE = ("training", "applying")  # the others measure on the processor


def main(argv=None):
    args = _arguments(argv)
    lacking = _lacking(args.device)
    if lacking:
        say(f"benchmarks.speed cannot measure on --device {args.device}: {lacking}.")
        return 2
    path = args.names or DATA
    if not path.is_file():
        say(f"benchmarks.speed measures on names, and there is no file {path}.")
        return 2 if args.names else 0
    setup = _setup(args, path)
    print(versions())
    print(_conditions(setup))
    tables = _answers(_wanted(args), setup)
    if args.plot and {"growth", "training"} <= set(tables):
        plot(tables, args.plot)
    elif args.plot:
        say("--plot needs the questions growth and training.")
    return 0


def _lacking(device):
    """Say why torch cannot compute on a device; None if it can."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].rstrip(".")
    return None


def _setup(args, path):
    names, nationalities, _ = load_names(path)
    names, first = np.unique(names, return_index=True)
    y = np.unique(nationalities[first], return_inverse=True)[1]
    step = 20 if args.quick else 1
    return Setup(
        names=names[::step].tolist(),
        y=y[::step],
        repeats=1 if args.quick else 5,
        quick=args.quick,
        n_threads=args.threads,
        device=args.device,
    )


def _conditions(setup):
    """Say in a line how it is measured."""
    line = f"{setup.n_threads} thread(s), medians of {setup.repeats}"
    if not _on_processor(setup):
        line += f"; device {setup.device}"
        line += f", {torch.cuda.get_device_name(setup.device)}" * ("cuda" in setup.device)
    return line + "; QUICK" * setup.quick


def _on_processor(setup):
    return torch.device(setup.device).type == "cpu"


def _wanted(args):
    """List the questions, as of --only and --device."""
    wanted = [name for name in QUESTIONS if not args.only or any(t in name for t in args.only)]
    left_out = [] if _on_processor(args) else [name for name in wanted if name not in ON_DEVICE]
    if left_out:
        say(f"Left out, as they measure on the processor alone: {', '.join(left_out)}.")
    return [name for name in wanted if name not in left_out]


def _answers(wanted, setup):
    """Print the tables of the questions; give them too."""
    tables = {}
    with threads(setup.n_threads):
        for name in wanted:
            question = QUESTIONS[name]
            try:
                tables[name] = question(setup)
            except ModuleNotFoundError as error:
                say(f"{name} needs the package {error.name.partition('.')[0]}: {EXTRA}")
                continue
            print(f"\n## {name}\n\n{question.__doc__.splitlines()[0]}\n")
            print(table(*tables[name]), flush=True)
    return tables


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few names, one repeat")
    parser.add_argument("--threads", type=int, default=1, help="of every competitor (1)")
    on_device = " and ".join(ON_DEVICE)
    parser.add_argument("--device", default="cpu", help=f"where {on_device} compute (cpu)")
    parser.add_argument("--only", nargs="+", help=f"parts of {', '.join(QUESTIONS)}")
    parser.add_argument("--plot", type=Path, help="a PNG or SVG file to draw")
    parser.add_argument("--names", type=Path, help=f"names_train.csv.gz, if not {DATA}")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
