"""Load a model in the processes of an engine, from a file or from pickled bytes.

In: a path or an estimator. Out: a `File` or a `Pickle`, which an engine sends to its processes. A
process loads the model once, whatever number of copies it receives.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from skrnn._files import load_with_digest
from skrnn.files.replacing import checked_path

WHO = "skrnn.BatchFunction"
MODELS_AT_ONCE = 4  # models that a process keeps


@dataclass(frozen=True)
class File:
    """A file with a known content, at the same path for all processes."""

    path: str
    digest: str

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> File:
        """Return the file at a path, with its current content."""
        path = os.path.abspath(checked_path(WHO, path))
        return cls(path, _load(path, *_stamp(path))[1])

    def load(self) -> Any:
        """Return the estimator; raise an error if the content of the file has changed."""
        estimator, digest = _load(self.path, *_stamp(self.path))
        if digest != self.digest:
            raise ValueError(
                f"{WHO} needs the file that it was made with, and {self.path!r} now holds "
                "another model: make a new function, and save each model under its own name."
            )
        return estimator

    def __str__(self) -> str:
        return repr(self.path)


@dataclass(frozen=True)
class Pickle:
    """A pickled estimator; a process unpickles those with the same digest only once."""

    digest: str
    content: bytes = field(compare=False)
    what: str = field(compare=False)

    @classmethod
    def of(cls, estimator: Any) -> Pickle:
        """Pickle an estimator as it is now."""
        try:
            content = pickle.dumps(estimator)
        except Exception as error:  # any error of a part of the estimator
            raise TypeError(
                f"{WHO} needs a model that can be pickled, got a {type(estimator).__name__} that "
                f"cannot be ({' '.join(str(error).split())}): define its functions at the top of a "
                "module."
            ) from error
        digest = hashlib.sha256(content).hexdigest()
        return cls(digest, content, type(estimator).__name__)

    def load(self) -> Any:
        """Return the estimator."""
        return _unpickle(self)

    def __str__(self) -> str:
        return self.what


def _stamp(path: str) -> tuple[int, int]:
    """Return the time and the size of a file, which change if it is replaced."""
    try:
        found = os.stat(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{WHO} needs the file of the model on every machine that computes, and there is no "
            f"{path!r} here: save it where all can read it, or pass the estimator itself."
        ) from error
    return found.st_mtime_ns, found.st_size


@lru_cache(MODELS_AT_ONCE)
def _load(path: str, modified: int, size: int) -> tuple[Any, str]:
    """Load the model of a file, and its digest; `modified` and `size` identify the content."""
    return load_with_digest(path)


@lru_cache(MODELS_AT_ONCE)
def _unpickle(source: Pickle) -> Any:
    return pickle.loads(source.content)
