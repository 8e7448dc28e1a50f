"""Settings of all tests: full conformance checks, one thread, small data, and what was tried."""

import os
from collections import Counter

os.environ["SCIPY_ARRAY_API"] = "1"  # else scikit-learn skips check_array_api_input

import numpy as np
import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def words():
    """Two languages that differ in the order of their letters alone: 'ab...' and 'ba...'."""
    rng = np.random.default_rng(0)
    stems = ["".join(rng.choice(list("xyz"), rng.integers(1, 5))) for _ in range(120)]
    names = [("ab" if i % 2 else "ba") + stem for i, stem in enumerate(stems)]
    return names, np.array(["one" if i % 2 else "two" for i in range(120)])


TRIED = Counter()  # how much of what the tests of this run have tried
OF_BAD_INPUT = ("test_bad_input.py", "test_bad_parameters.py")


@pytest.fixture(scope="session")
def tried():
    """A function that counts what a test has tried, for the end of the run."""
    return lambda what, n: TRIED.update({what: n})


def pytest_terminal_summary(terminalreporter):
    """Say how much was tried."""
    passed = [report.location[0] for report in terminalreporter.stats.get("passed", [])]
    bad = sum(path.endswith(OF_BAD_INPUT) for path in passed)
    counts = {"cases of bad input and of its neighbours passed": bad, **TRIED}
    for what, n in counts.items():
        if n:
            terminalreporter.write_line(f"{n:,} {what}")
