"""The rooms and what each may import, and what `import skrnn` loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "skrnn"
RANKS = [
    {"_values", "_docs", "datasets"},
    {"_forms", "_sequences", "_trie", "_targets", "_outputs", "_cells", "_pooling", "_losses"},
    {"_rows", "_alphabet", "_layout", "_prefixes", "_recurrence", "_weights"},
    {"_reading", "_network"},
    {"_optimizer", "_applying"},
    {"_training"},
    {"_settings", "_vectors", "_progress"},
    {"_hyperparameters"},
    {"_base"},
    {"_encoder", "_fixed"},
    {"_predictor"},
    {"_classifier", "_regressor", "plots"},
    {"__init__"},
    {"__main__"},
]
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms}
LIBRARIES = {  # what a room may know beside the standard library
    "_values": {"numpy"},
    "_docs": set(),
    "datasets": {"numpy", "sklearn", "pandas"},
    "_forms": {"numpy", "scipy"},
    "_rows": {"numpy", "sklearn"},
    "_targets": {"numpy", "sklearn"},
    "_outputs": {"numpy"},
    "_sequences": {"numpy"},
    "_trie": {"numpy"},
    "_alphabet": {"numpy"},
    "_layout": {"numpy"},
    "_prefixes": {"numpy"},
    "_reading": {"numpy"},
    "_cells": {"torch"},
    "_pooling": {"torch"},
    "_recurrence": {"torch"},
    "_losses": {"torch"},
    "_weights": {"numpy", "torch"},
    "_network": {"torch"},
    "_hyperparameters": {"sklearn", "torch"},
    "_predictor": {"numpy", "sklearn"},
    "_applying": {"numpy", "torch"},
    "_optimizer": {"torch"},
    "_training": {"numpy", "torch"},
    "_settings": {"sklearn", "torch"},
    "_progress": {"sklearn"},
    "_vectors": {"numpy", "sklearn", "torch"},
    "_base": {"numpy", "sklearn", "torch"},
    "_encoder": {"sklearn"},
    "_fixed": {"numpy", "sklearn"},
    "_classifier": {"numpy", "scipy", "sklearn"},
    "_regressor": {"sklearn"},
    "plots": {"numpy", "sklearn", "matplotlib"},
    "__init__": set(),
    "__main__": {"joblib", "numpy", "sklearn"},
}
FILES = sorted(ROOT.rglob("*.py"))


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path):
    """List the absolute names of all modules that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_lower_rooms_and_its_libraries(path):
    room = room_of(path)
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "skrnn":
            other = rest[0] if rest[0] in RANK else "__init__"
            assert RANK[other] < RANK[room] or other == room, f"{path.name} imports {name}"
        elif top not in sys.stdlib_module_names:
            assert top in LIBRARIES[room], f"{path.name} imports {name}"


def test_every_room_has_a_rank_and_a_docstring():
    assert {room_of(path) for path in FILES} == set(RANK) == set(LIBRARIES)
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.name


def test_import_loads_nothing_but_torch_and_scikit_learn():
    code = """if True:
        import sys, torch, sklearn.pipeline
        before = set(sys.modules)
        import skrnn
        print(*{name.split(".")[0] for name in set(sys.modules) - before})"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split()) - set(sys.stdlib_module_names)
    assert loaded <= {"skrnn", "numpy", "scipy", "sklearn", "torch"}


def test_functions_fit_a_glance():
    lengths = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                lengths.append((length, f"{path.name}:{node.name}"))
    lengths.sort()
    assert lengths[-1][0] <= 50, lengths[-3:]
    assert lengths[int(len(lengths) * 0.9)][0] <= 25
    assert lengths[len(lengths) // 2][0] <= 8
