"""What the commands share: errors that the user can correct, notes to stderr, and fitting."""

import sys
import warnings
from typing import Any

from skrnn.input.messages import printable

PROG = "python -m skrnn"


class UserError(Exception):
    """An error that the user can correct; its message says how."""


def need(condition: object, what: str) -> None:
    """Raise a `UserError` unless the condition holds."""
    if not condition:
        raise UserError(f"needs {what}")


def note(text: str, quiet: bool = False) -> None:
    """Write a line to stderr, unless `quiet`."""
    if not quiet:
        print(f"{PROG}: {printable(text)}", file=sys.stderr, flush=True)


def fit(name: str, model: Any, x: Any, y: Any) -> None:
    """Fit a model; raise `KeyboardInterrupt` if Ctrl-C has stopped the fit early."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", r"\w+\.fit was interrupted")
            model.fit(x, y)
    except (ValueError, ConnectionError) as error:  # the latter where another rank is lost
        raise UserError(f"cannot fit {name}: {' '.join(str(error).split())}") from error
    except UserWarning as warning:
        if "was interrupted" in str(warning):
            raise KeyboardInterrupt from None
        raise
