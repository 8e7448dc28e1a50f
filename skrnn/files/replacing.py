"""Replace a file atomically: at any time it is either the complete older or the complete new one.

In: a path, and a function that writes the content. Out: the file. Imports only the standard
library.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from secrets import token_hex
from typing import BinaryIO


def checked_path(who: str, path: object) -> str:
    """Return a path as a string, after checking that it can be the path of a file."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{who} needs path to be a str or a PathLike, got {path!r}.")
    text = os.fspath(path)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"{who} needs path to name a file, got {text!r}.")
    return text


def replace(path: str, write: Callable[[BinaryIO], None]) -> None:
    """Write a temporary file in the same folder, then replace the older file with it.

    After any failure the older file is unchanged, and the temporary file is removed.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not (os.path.isfile(target) and os.access(target, os.W_OK)):
        kind = "it is read-only" if os.path.isfile(target) else "it is no regular file"
        raise PermissionError(None, kind)
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".skrnn-{token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Make the new name survive a loss of power, where the system supports it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
