"""What the commands share: errors that the user can correct, and notes to stderr."""

import sys

from skrnn.input.messages import printable

PROG = "python -m skrnn"


class UserError(Exception):
    """An error that the user can correct; its message says how."""


def need(condition: object, what: str) -> None:
    """Refuse what the user has given, unless the condition holds."""
    if not condition:
        raise UserError(f"needs {what}")


def note(text: str) -> None:
    """Write a line to stderr."""
    print(f"{PROG}: {printable(text)}", file=sys.stderr, flush=True)
