"""The sets of tokens and of series of `benchmarks.accuracy`: one short function a set.

In: Python's own standard library, and the series that ship inside aeon. Out: `DataSet`.
Must not import skrnn.
"""

import ast
import io
import re
import sysconfig
import tokenize
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks._loading import DataSet, at_most, folder_of, shuffled

LEFT_OUT = set(  # of the standard library: not in every Python, or no code to speak of
    "test tests site-packages dist-packages idlelib lib2to3 tkinter turtledemo distutils "
    "ensurepip __pycache__ pydoc_data encodings".split()
)


def functions(n_modules=20, per_module=500):
    """Functions as tokens. Source: Python's standard library, PSF licence."""
    rows = {}  # each list of tokens once
    for module, lines in _library_functions():
        tokens = tuple(token for line in lines for token in line)
        if 10 <= len(tokens) <= 100:
            rows.setdefault(tokens, module)
    modules = [module for module, _ in Counter(rows.values()).most_common(n_modules)]
    rows = shuffled((list(tokens), m) for tokens, m in rows.items() if m in modules)
    X, y = zip(*at_most(rows, per_module))
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
    rows = shuffled((list(tokens), operator) for tokens, operator in rows.items())
    X, y = zip(*at_most(rows, per_operator))
    note = "tokens of a line with an operator hidden -> operator, of Python's standard library"
    return DataSet(list(X), np.array(y), "tokens", "classification", note)


def series(name):
    """A set of the UCR or UEA archive. Source: the package aeon (BSD), which carries it."""
    from aeon.datasets import load_from_ts_file

    folder = folder_of("aeon") / "datasets" / "data" / name
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
