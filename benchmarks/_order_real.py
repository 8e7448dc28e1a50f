"""Tasks of `benchmarks.order` whose strings are real.

In: a random generator and a number of rows. Out: a list of str and an array of labels, of
str, in about equal shares. The strings come from Python's standard library and from
installed packages; a package that is missing raises ModuleNotFoundError. Nothing is
downloaded.
"""

import csv
import importlib.util
import re
import sysconfig
from functools import lru_cache, partial
from importlib import import_module, metadata
from pathlib import Path

import numpy as np

from benchmarks._order_rules import CLOSING, halves, is_balanced, open_brackets, pick, some, until
from benchmarks._sequences import LEFT_OUT
from benchmarks.make_names import LOCALES, last_names
from skrnn import datasets


def code_brackets(rng, n):
    """Do the brackets of a line of code match, or was one of them moved?

    Source: Python's standard library, lines of 20 to 60 characters without strings, with at
    least two pairs of brackets.
    """
    lines = [line for line in _code() if sum(c in CLOSING for c in line) > 1]
    return halves(rng, n, partial(pick, lines), partial(_moved, lines=lines))


def open_bracket(rng, n):
    """Which bracket is to be closed next, where a line of code is cut off: (, [ or none?

    Source: Python's standard library, lines of 20 to 60 characters without strings. The last
    five characters before the cut are no brackets.
    """
    kinds = ["(", "[", "none"]
    y = rng.permutation(np.resize(kinds, n))
    return [_cut(rng, kind) for kind in y], y


def name_order(rng, n):
    """Is a person's given name first, or the family name? Any two names of a country.

    Source: the package Faker, MIT licence, of the countries of the bundled names.
    """
    y = rng.permutation(np.resize(["given", "family"], n))
    return [_person(rng, kind == "given") for kind in y], y


def sorted_names(rng, n):
    """Are two family names in alphabetical order? Source: the names that skrnn carries."""
    names = [name for name in datasets.load_names(return_X_y=True)[0].tolist() if name.isalpha()]
    up, down = partial(_two_names, names=names, rising=True), partial(_two_names, names=names)
    return halves(rng, n, up, down)


def versions(rng, n):
    """Is the first of two versions older? Half of the pairs have the same first number.

    Source: the versions of the installed packages and those that their metadata mention, so
    that another environment has other ones.
    """
    return halves(rng, n, partial(_versions, rising=True), partial(_versions, rising=False))


def cas(rng, n):
    """Is a CAS number, as 2715-68-6, valid? If not, a digit was changed or two exchanged.

    The last digit is a check digit. Source: the package chemicals, MIT licence.
    """
    numbers = _cas_numbers()
    return halves(rng, n, partial(pick, numbers), partial(_mistyped, numbers=numbers))


def is_cas(text):
    """Say whether the last digit of a CAS number is what the others require."""
    *digits, check = (int(c) for c in text if c != "-")
    return sum(i * d for i, d in enumerate(reversed(digits), start=1)) % 10 == check


@lru_cache(maxsize=1)
def _code():
    """Read the lines of the standard library that have brackets and no strings, each once."""
    root = Path(sysconfig.get_paths()["stdlib"])
    lines = set()
    for file in sorted(root.rglob("*.py")):
        if not LEFT_OUT & set(file.relative_to(root).with_suffix("").parts):
            lines |= {line.strip() for line in file.read_text(encoding="utf-8").splitlines()}
    return sorted(line for line in lines if 20 <= len(line) <= 60 and _is_code(line))


def _is_code(line):
    return re.search(r"[]()[{}]", line) and not re.search(r"[\"'#\\]", line) and is_balanced(line)


def _moved(rng, lines):
    """Move one bracket of a line to another place, so that brackets no longer match."""

    def make():
        line = pick(lines, rng)
        i = rng.choice([i for i, c in enumerate(line) if c in "()[]{}"])
        rest = line[:i] + line[i + 1 :]
        j = rng.integers(len(rest) + 1)
        return rest[:j] + line[i] + rest[j:]

    return until(lambda line: not is_balanced(line), make)


def _cut(rng, kind):
    """Cut a line off where a bracket of this kind is the last open one."""

    def make():
        line = pick(_code(), rng)
        return line[: rng.integers(10, len(line) + 1)]

    return until(lambda x: not re.search(r"[]()[{}]", x[-5:]) and _innermost(x) == kind, make)


def _innermost(text):
    return (open_brackets(text) or ["none"])[-1]


def _person(rng, given_first):
    given, family = _people()[rng.integers(len(LOCALES))]
    names = [pick(given, rng), pick(family, rng)]
    return " ".join(names if given_first else names[::-1])


@lru_cache(maxsize=1)
def _people():
    """List the given names and the family names of each country."""
    return [(_given_names(locale), last_names(locale)) for locale in LOCALES.values()]


def _given_names(locale):
    provider = import_module(f"faker.providers.person.{locale}").Provider
    lists = (getattr(provider, f"first_names{kind}", ()) for kind in ("", "_male", "_female"))
    return sorted({name for names in lists if not isinstance(names, property) for name in names})


def _two_names(rng, names, rising=False):
    two = until(lambda two: two[0] != two[1], lambda: [pick(names, rng), pick(names, rng)])
    return " ".join(sorted(two, key=str.lower, reverse=not rising))


def _versions(rng, rising):
    two = until(lambda two: _parts(two[0]) != _parts(two[1]), lambda: _two_versions(rng))
    return " ".join(sorted(two, key=_parts, reverse=not rising))


def _two_versions(rng):
    first, near = pick(_known_versions(), rng), rng.random() < 0.5
    return first, until(
        lambda second: not near or _parts(first)[0] == _parts(second)[0],
        lambda: pick(_known_versions(), rng),
    )


def _parts(version):
    """Give the numbers of a version, filled with zeros: 1.2 is 1.2.0."""
    parts = [int(part) for part in version.split(".")]
    return parts + [0] * (4 - len(parts))


@lru_cache(maxsize=1)
def _known_versions():
    found = set()
    for package in metadata.distributions():
        for text in (package.version or "", *(package.requires or [])):
            found |= set(re.findall(r"(?<![\w.])\d+(?:\.\d+){1,3}(?![\w.])", text))
    return sorted(found)


def _mistyped(rng, numbers):
    return until(lambda text: not is_cas(text), lambda: _slip(rng, pick(numbers, rng)))


def _slip(rng, number):
    """Change a digit, or exchange two that stand side by side."""
    digits = [c for c in number if c != "-"]
    i = rng.integers(len(digits) - 1)
    if rng.random() < 0.5:
        digits[i] = some(rng, "0123456789", 1)
    else:
        digits[i : i + 2] = digits[i + 1], digits[i]
    return f"{''.join(digits[:-3])}-{''.join(digits[-3:-1])}-{digits[-1]}"


@lru_cache(maxsize=1)
def _cas_numbers():
    """Read the registered numbers of the substances that `chemicals` knows."""
    found = importlib.util.find_spec("chemicals")
    if found is None:
        raise ModuleNotFoundError("No module named 'chemicals'", name="chemicals")
    file = Path(found.origin).parent / "Identifiers" / "chemical identifiers pubchem large.tsv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return sorted({row[1] for row in rows})
