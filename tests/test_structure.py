"""The packages and what each may import, and what `import skrnn` loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "skrnn"
PACKAGES = {  # what the modules of a package may import, beside the standard library and each other
    "input": {"numpy", "scipy", "sklearn"},
    "net": {
        "numpy", "torch", "skrnn.input.peers", "skrnn.input.sequences", "skrnn.input.windows",
    },
    "files": {"numpy", "torch"},
    "datasets": {"numpy", "sklearn", "pandas"},
    "plots": {
        "numpy", "sklearn", "matplotlib", "skrnn._docs", "skrnn._predictor.Explanation",
        "skrnn.input.values", "skrnn.input.messages", "skrnn.input.ngrams",
    },
    "engines": {"numpy", "sklearn", "pandas", "polars", "pyarrow", "skrnn"},
    "command": {"numpy", "scipy", "sklearn", "torch", "pyarrow", "skrnn"},
    "": {  # the top
        "numpy", "scipy", "sklearn", "torch", "typing_extensions", "onnx", "skrnn",
    },
}  # fmt: skip
LAYERS = [  # of the top: a module imports those of layers below its own, and the packages
    {"_docs"},
    {"_parameters", "_progress"},
    {"_configuration", "_base"},
    {"_learner", "_fixed"},
    {"_encoder"},
    {"_predictor"},
    {"_classifier", "_regressor"},
    {"_onnx"},
    {"_state"},
    {"_files"},
    {"__init__"},
    {"__main__"},
]
LAYER = {module: layer for layer, modules in enumerate(LAYERS) for module in modules}
FILES = sorted(ROOT.rglob("*.py"))


def module_of(path):
    """Give the parts of a module's name below skrnn: ["net", "cells"], ["_base"]."""
    return list(path.relative_to(ROOT).with_suffix("").parts)


def package_of(path):
    parts = module_of(path)
    return parts[0] if len(parts) > 1 else ""


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """List the absolute names of all modules that a file imports, wherever it does."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name, allowed):
    """Say whether a dotted name is one of the allowed ones or below it."""
    return any(f"{name}.".startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: ".".join(module_of(path)))
def test_a_package_imports_what_it_may(path):
    package = package_of(path)
    own = {f"skrnn.{package}"} if package else set()
    for name in imports(path):
        if name.split(".")[0] not in sys.stdlib_module_names:
            assert within(name, PACKAGES[package] | own), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_at_the_top_imports_lower_layers(path):
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "skrnn" and parts[1] not in PACKAGES:
            other = parts[1] if parts[1] in LAYER else "__init__"
            assert LAYER[other] < LAYER[path.stem], f"{path.name} imports {name}"


@pytest.mark.parametrize("package", ["input", "net", "files", "plots", "engines", "command"])
def test_a_package_has_no_circle(package):
    """Each pass takes away the modules that import none of those that are left."""
    left = {
        path.stem: {
            name.split(".")[2] for name in imports(path) if within(name, [f"skrnn.{package}"])
        }
        for path in (ROOT / package).glob("*.py")
    }
    while free := [stem for stem, others in left.items() if not others & set(left)]:
        for stem in free:
            del left[stem]
    assert not left


def test_every_module_has_a_layer_and_a_docstring():
    assert {path.stem for path in ROOT.glob("*.py")} == set(LAYER)
    assert {package_of(path) for path in FILES} == set(PACKAGES)
    for path in FILES:
        assert ast.get_docstring(tree_of(path)), path.name


def test_tests_mirror_the_packages():
    for package in ("input", "net", "files"):
        modules = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
        folder = Path(__file__).parent / package
        tested = {path.stem.removeprefix("test_") for path in folder.glob("test_*.py")}
        assert tested <= modules, f"tests of no module of {package}: {tested - modules}"
        assert modules <= tested, f"modules of {package} without tests: {modules - tested}"


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
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                lengths.append((length, f"{path.name}:{node.name}"))
    lengths.sort()
    assert lengths[-1][0] <= 50, lengths[-3:]
    assert lengths[int(len(lengths) * 0.9)][0] <= 20
    assert lengths[len(lengths) // 2][0] <= 7
