"""What it costs to go beyond one process: a search on Dask workers, and what comes with it.

`python -m benchmarks.scale [--quick] [--rows N] [--only {search,apply} ...]`

In: the bundled names. Out: tables for each section on stdout, progress on stderr. A section is a
function of `Setup` in a module `_scale_*.py`; it yields tables, each as a caption, the head and
the rows, and is listed in `SECTIONS`. Every process computes with one thread.
"""

import argparse
import sys

from benchmarks._report import say, table, threads, versions
from benchmarks._scale_parquet import apply
from benchmarks._scale_search import search
from benchmarks._scale_setup import Setup
from benchmarks._scale_training import estimate, train

SECTIONS = {section.__name__: section for section in (search, apply, train, estimate)}
EXTRA = 'pip install "skrnn[engines]"'


def main(argv=None):
    args = _arguments(argv)
    setup = Setup(quick=args.quick, repeats=1 if args.quick else 3, rows=args.rows)
    print(versions())
    print(f"1 thread in each process, medians of {setup.repeats}" + "; QUICK" * setup.quick)
    with threads(1):
        for name in args.only or SECTIONS:
            _print(name, setup)
    return 0


def _print(name, setup):
    """Print the tables of a section."""
    print(f"\n## {name}", flush=True)
    try:
        for caption, head, rows in SECTIONS[name](setup):
            print(f"\n{caption}\n\n{table(head, rows)}", flush=True)
    except ModuleNotFoundError as error:
        package = error.name.partition(".")[0]
        print(f"\nskipped: needs the package {package}: {EXTRA}")
        say(f"{name} needs the package {package}: {EXTRA}")


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small data, one repeat")
    parser.add_argument("--rows", type=int, default=10**7, help="of the section apply (10^7)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="sections to run (all)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
