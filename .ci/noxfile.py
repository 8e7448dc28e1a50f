"""Run the tests on every Python and with every set of versions: `nox -f .ci/noxfile.py`.

`newest` runs on Python 3.10, 3.11, 3.12 and 3.13 with the versions in constraints.txt, `oldest` on
3.11 with the oldest that pyproject.toml allows, which are in constraints-oldest.txt. A Python that
is not installed is a failure. To run less, name sessions, and pass arguments to pytest after `--`::

    nox -f .ci/noxfile.py -s newest-3.12 oldest -- tests/input/test_forms.py

Each session has its own environment in .ci/.nox; with a torch built for GPUs it takes several
gigabytes.
"""

from pathlib import Path

import nox

ROOT = Path(__file__).parent.parent
nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True


def run_tests(session, constraints):
    """Install the package in place with the versions of a file of constraints, and run pytest."""
    session.chdir(ROOT)
    session.install("-c", f".ci/{constraints}", "-e", ".[tests]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=["3.10", "3.11", "3.12", "3.13"])
def newest(session):
    """Run the tests with the newest versions that go together."""
    run_tests(session, "constraints.txt")


@nox.session(python="3.11")
def oldest(session):
    """Run the tests with the oldest versions that pyproject.toml allows."""
    run_tests(session, "constraints-oldest.txt")
