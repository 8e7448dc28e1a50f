"""Load the bundled data set of family names by country."""

from __future__ import annotations

import csv
import gzip
import io
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from sklearn.utils import Bunch

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

DESCR = """\
Family names by country
-----------------------

{n} pairs of a family name and a country, from {countries} countries whose languages are
written in the Latin script. Names are spelled as in their source. Each name occurs at most once
per country, but may occur in several countries.

Source: the lists of last names of the Python package Faker, version {version}, MIT licence,
copyright 2012 Daniele Faraglia and the contributors of Faker
(https://github.com/joke2k/faker). In a copy of the repository,
`python -m benchmarks.make_names` creates the file.
"""


@overload
def load_names(*, return_X_y: Literal[False] = False, as_frame: bool = False) -> Bunch: ...


@overload
def load_names(
    *, return_X_y: Literal[True], as_frame: Literal[False] = False
) -> tuple[NDArray[np.str_], NDArray[np.str_]]: ...


@overload
def load_names(
    *, return_X_y: Literal[True], as_frame: Literal[True]
) -> tuple[pd.DataFrame, pd.Series]: ...


@overload
def load_names(*, return_X_y: bool, as_frame: bool = False) -> Bunch | tuple[Any, Any]: ...


def load_names(
    *, return_X_y: bool = False, as_frame: bool = False
) -> Bunch | tuple[NDArray[np.str_], NDArray[np.str_]] | tuple[pd.DataFrame, pd.Series]:
    """Load family names and their countries.

    Parameters
    ----------
    return_X_y : bool, default=False
        Whether to return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Whether data and target are pandas objects. Needs pandas.

    Returns
    -------
    names : :class:`~sklearn.utils.Bunch`
        A dictionary with the attributes

        data : ndarray of shape (14910,) of str, or DataFrame with the column "name"
            Family names.
        target : ndarray of shape (14910,) of str, or Series "country"
            Countries.
        target_names : ndarray of shape (18,)
            Sorted names of the countries.
        frame : DataFrame with both columns, or None
            Only with `as_frame=True`.
        DESCR : str
            Source, version and licence of the data.
        filename : str
            Path of the file.
    (data, target) : tuple, if `return_X_y` is true
        The data and the target.

    Examples
    --------
    >>> from skrnn.datasets import load_names
    >>> names, countries = load_names(return_X_y=True)
    >>> names[0].item(), countries[0].item()
    ('Achleitner', 'Austria')
    """
    file = resources.files(__package__) / "data" / "names.csv.gz"
    with file.open("rb") as raw, gzip.open(raw) as packed:
        version, *lines = csv.reader(io.TextIOWrapper(packed, encoding="utf-8"))
    data, target = np.array(lines).T
    countries = np.unique(target)
    descr = DESCR.format(n=f"{len(data):,}", countries=len(countries), version=version[1])
    frame = None
    if as_frame:
        import pandas as pd

        frame = pd.DataFrame({"name": data, "country": target})
        data, target = frame[["name"]], frame["country"]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=countries,
        frame=frame,
        DESCR=descr,
        filename=str(file),
    )
