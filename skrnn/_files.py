"""`save` and `load`: a fitted estimator as a file that holds data and no code."""

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

    The file holds data alone, so that `load` runs nothing of it, which `pickle` and `joblib`
    would do. It has the layout of the safetensors package, and a checksum.

    It is written beside an older file of that name, and takes its place at the end. Where saving
    fails or is interrupted, the older file stays as it was.

    Parameters
    ----------
    estimator : RNNEncoder, RNNClassifier, RNNRegressor or FixedEncoder
        A fitted estimator. Its parameters may be None, numbers, strings, lists, tuples, sets,
        dicts, arrays and `RandomState` instances, but no functions, and it may have no callbacks.
    path : str or PathLike
        The name of the file.
    dtype : {"float32", "float16"} or None, default=None
        The precision of the two tables `U_` and `G_`, if X was strings or tokens. None keeps every
        bit. "float16" halves most of the size of a file; its numbers have three digits, and `load`
        gives them as float32. The other arrays keep their precision.

    Raises
    ------
    TypeError
        If the estimator is of another class, or a parameter is of a type that no file can hold.
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If `path` is empty, or numbers of a table are too large for `dtype`.
    OSError
        If the file cannot be written. What was there before is then unchanged.

    See Also
    --------
    load : Loads the estimator.

    Notes
    -----
    Kept are all parameters and fitted attributes, what `set_output` has set, and requests of
    metadata. A `fit` with `warm_start=True` continues from the loaded estimator as it would from
    the saved one: the matrices are what it continues from, as no estimator keeps the state of its
    optimiser.

    Windows does not let a file be replaced that a process has loaded.

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
    """Refuse what is no fitted estimator of this library, or has what no file can hold."""
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
    """Return an error of the same class that says what could not be written."""
    sentence = OSError.__new__(type(error))
    sentence.args = (
        f"skrnn.save could not write {path!r} and left what was there unchanged: {error.strerror}.",
    )
    sentence.errno = error.errno
    return sentence


def load(path: str | os.PathLike[str]) -> Any:
    """Load an estimator that `save` has saved.

    Nothing in the file is run. Its checksum is compared first, which takes about a tenth of a
    second for 100 MB, and every part is checked. A checksum finds damage, but it does not say who
    wrote the file.

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
        If the file was not written by `save`, is damaged or cut off, or was written by a newer
        version; the message says which.
    OSError
        If the file cannot be read.

    See Also
    --------
    save : Saves an estimator.

    Notes
    -----
    The matrices are read-only views of the mapped file, so that several processes that load the
    same file share one copy of it in memory. To change one, assign another array. Replace such a
    file only as a whole, as `save` does, and do not write into it.

    Examples
    --------
    >>> import os, tempfile
    >>> import skrnn
    >>> path = os.path.join(tempfile.mkdtemp(), "letters.skrnn")
    >>> skrnn.save(skrnn.FixedEncoder(U="ordinal", W=2).fit(["abc"]), path)
    >>> skrnn.load(path).transform(["abc", "cab"]).ravel()
    array([4., 9.])
    """
    source = checked_path("skrnn.load", path)
    try:
        return from_file(*container.read(_mapped(source)))
    except BadFileError as error:
        raise ValueError(
            f"skrnn.load needs a file that skrnn.save wrote, got {source!r}, {error}."
        ) from error


def _mapped(path: str) -> mmap.mmap | bytes:
    """Map a file into memory, for this process alone to write to; an empty one cannot be."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
