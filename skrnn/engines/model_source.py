"""Where the processes of an engine find a model: in a file, or in bytes that come with a task.

In: a path or an estimator. Out: something small to pickle, that loads the estimator: once in each
process, however many copies of it arrive there.
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
MODELS_AT_ONCE = 4  # that a process keeps


@dataclass(frozen=True)
class File:
    """A file of a certain content, at the same place for all processes."""

    path: str
    digest: str

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> File:
        """Return the file of `skrnn.save` that is there now."""
        path = os.path.abspath(checked_path(WHO, path))
        return cls(path, _load(path, *_stamp(path))[1])

    def load(self) -> Any:
        """Return the estimator, of the file as it was."""
        estimator, digest = _load(self.path, *_stamp(self.path))
        if digest != self.digest:
            raise ValueError(
                f"{WHO} needs the file that it was made with, and {self.path!r} holds another "
                "model now: make a new one, and save each model under a name of its own."
            )
        return estimator

    def __str__(self) -> str:
        return repr(self.path)


@dataclass(frozen=True)
class Pickle:
    """A pickled estimator; of two with the same digest, a process unpickles one."""

    digest: str
    content: bytes = field(compare=False)
    what: str = field(compare=False)

    @classmethod
    def of(cls, estimator: Any) -> Pickle:
        """Pickle an estimator as it is now."""
        try:
            content = pickle.dumps(estimator)
        except Exception as error:  # whatever a part of it raises
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
    """Return what tells a file from one that takes its place."""
    try:
        found = os.stat(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{WHO} needs the file of the model on every machine that computes, and there is no "
            f"{path!r} here: save it where all can read it, or give the estimator and not a path."
        ) from error
    return found.st_mtime_ns, found.st_size


@lru_cache(MODELS_AT_ONCE)
def _load(path: str, modified: int, size: int) -> tuple[Any, str]:
    """Load the model of a file, and its digest; `modified` and `size` say which content it is."""
    return load_with_digest(path)


@lru_cache(MODELS_AT_ONCE)
def _unpickle(source: Pickle) -> Any:
    return pickle.loads(source.content)
