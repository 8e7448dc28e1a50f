"""Settings of all tests: full conformance checks, one thread, and small data."""

import os

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
