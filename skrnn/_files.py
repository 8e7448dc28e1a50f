"""`save` and `load`: a fitted estimator as a file that contains data and no code."""

from __future__ import annotations

import mmap
import os
from functools import partial
from typing import Any, Literal

from sklearn.exceptions import NotFittedError

from skrnn._state import CLASSES, from_file, to_file
from skrnn.files import container
from skrnn.files.container import BadFileError
from skrnn.files.replacing import checked_path, replace


def save(
    estimator: Any,
    path: str | os.PathLike[str],
    *,
    dtype: Literal["float32", "float16"] | None = None,
) -> None:
    """Save a fitted estimator of this library to a file.

    The file contains data and no code, so `load` runs nothing from it, unlike `pickle` and
    `joblib`. It has the layout of the safetensors package, and a checksum.

    An older file of the same name is replaced only when the new one is complete. If saving fails
    or is interrupted, the older file stays unchanged.

    Parameters
    ----------
    estimator : RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder
        A fitted estimator. Its parameters may be None, numbers, strings, lists, tuples, sets,
        dicts, arrays and `RandomState` instances, but not functions. It must not have callbacks.
    path : str or PathLike
        The name of the file.
    dtype : {"float32", "float16"} or None, default=None
        The precision of the tables `U_` and `G_`, if X contained strings or tokens. None keeps
        every bit. "float16" halves the size of these tables, which are most of the file. Their
        numbers then have three digits, and `load` returns them as float32. The other arrays keep
        their precision.

    Raises
    ------
    TypeError
        If the estimator is of another class, or a parameter is of a type that cannot be saved.
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If `path` is empty, or if a table contains numbers that are too large for `dtype`.
    OSError
        If the file cannot be written. An older file is then unchanged.

    See Also
    --------
    load : Loads an estimator.

    Notes
    -----
    The file contains all parameters and fitted attributes, the `set_output` configuration and the
    metadata requests. A `fit` with `warm_start=True` continues from the loaded estimator as it
    would from the saved one: it starts from the matrices, because a fitted estimator does not keep
    the state of the optimizer.

    On Windows, a file cannot be replaced while a process has it loaded.

    Examples
    --------
    >>> import os, tempfile
    >>> import skrnn
    >>> names = ["tanaka", "suzuki", "smith", "jones"] * 5
    >>> model = skrnn.RNNClassifier(nhidden=16, random_state=0)
    >>> model = model.fit(names, ["jp", "jp", "uk", "uk"] * 5)
    >>> path = os.path.join(tempfile.mkdtemp(), "model.skrnn")
    >>> skrnn.save(model, path)
    >>> skrnn.load(path).predict(["tanaka", "jones"]).tolist()
    ['jp', 'uk']
    """
    target = checked_path("skrnn.save", path)
    if dtype not in (None, "float32", "float16"):
        raise ValueError(
            f'skrnn.save needs dtype to be None, "float32" or "float16", got {dtype!r}.'
        )
    _check_estimator(estimator)
    texts, arrays = to_file(estimator, dtype)
    try:
        from_file(texts, arrays)
    except BadFileError as error:
        raise ValueError(
            f"skrnn.save needs an estimator that can be loaded again, got one {error}"
        ) from error
    try:
        replace(target, partial(container.write, texts=texts, arrays=arrays))
    except OSError as error:
        raise _not_written(target, error) from error


def _check_estimator(estimator: Any) -> None:
    """Raise an error unless this is a fitted estimator of this library that can be saved."""
    name = type(estimator).__name__
    if CLASSES.get(name) is not type(estimator):
        given = estimator.__name__ if isinstance(estimator, type) else f"an instance of {name}"
        given = f"the class {given}" if isinstance(estimator, type) else given
        *some, last = CLASSES
        raise TypeError(
            f"skrnn.save needs a fitted {', '.join(some)} or {last}, got {given}: save pipelines, "
            "subclasses and other estimators with skops.io.dump or joblib.dump."
        )
    if not hasattr(estimator, "W_"):
        raise NotFittedError(
            f"skrnn.save needs a fitted estimator, and this {name} is not: call its fit first."
        )
    estimator._validate_params()
    if "_skl_callbacks" in vars(estimator):
        raise TypeError(
            f"skrnn.save needs an estimator without callbacks, as a file holds no code, and this "
            f"{name} has some: call its set_callbacks() first, which removes them."
        )


def _not_written(path: str, error: OSError) -> OSError:
    """Return an error of the same class that names the file."""
    sentence = OSError.__new__(type(error))
    sentence.args = (
        f"skrnn.save could not write {path!r} and left what was there unchanged: {error.strerror}.",
    )
    sentence.errno = error.errno
    return sentence


def load(path: str | os.PathLike[str]) -> Any:
    """Load an estimator from a file that `save` wrote.

    Nothing in the file is run. The checksum is compared first, which takes about a tenth of a
    second for 100 MB. Then every part is validated. A checksum detects damage, but does not show
    who wrote the file.

    Parameters
    ----------
    path : str or PathLike
        The name of the file.

    Returns
    -------
    estimator : RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder
        The fitted estimator.

    Raises
    ------
    ValueError
        If the file was not written by `save`, is damaged or truncated, or was written by a newer
        version. The message says which.
    OSError
        If the file cannot be read.

    See Also
    --------
    save : Saves an estimator.

    Notes
    -----
    The matrices are read-only views of the memory-mapped file, so processes that load the same
    file share one copy of it in memory. To change a matrix, assign a new array. Replace a file that
    is in use only as a whole, as `save` does; do not write into it.

    Examples
    --------
    >>> import os, tempfile
    >>> import skrnn
    >>> path = os.path.join(tempfile.mkdtemp(), "letters.skrnn")
    >>> skrnn.save(skrnn.FixedEncoder(U="ordinal", W=2).fit(["abc"]), path)
    >>> skrnn.load(path).transform(["abc", "cab"]).ravel()
    array([4., 9.])
    """
    return load_with_digest(path)[0]


def load_with_digest(path: str | os.PathLike[str]) -> tuple[Any, str]:
    """Return the estimator of a file, and the SHA-256 of the file."""
    source = checked_path("skrnn.load", path)
    try:
        content = _mapped(source)
        return from_file(*container.read(content)), container.digest_of(content)
    except BadFileError as error:
        raise ValueError(
            f"skrnn.load needs a file that skrnn.save wrote, got {source!r}, {error}."
        ) from error


def _mapped(path: str) -> mmap.mmap | bytes:
    """Map a file into memory, privately. Return b"" for an empty file, which cannot be mapped."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
