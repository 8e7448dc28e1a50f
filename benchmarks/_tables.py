"""The tables of `benchmarks.tables`, each with its columns of strings as they are.

In: files beside the repository, or inside an installed package. Out: `Table`. A package that is
missing raises ModuleNotFoundError, a file that is missing FileNotFoundError. Must not import
skrnn.
"""

import sqlite3
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from benchmarks._loading import folder_of
from benchmarks._report import DATA

MANY = 40  # more different strings than this: a column of strings, no category; skrub's limit too
FOLDER = DATA.parent
FILMS = """
    SELECT Title, Year, Runtime, omdb.Rating AS Rated, Genre, Released, Director, Writer, "Cast",
        Language, Country, Production, BoxOffice
    FROM omdb JOIN tomatoes USING (ID) WHERE BoxOffice >= 1000 ORDER BY ID"""


class Table(NamedTuple):
    """A data frame, and what is to be predicted from it."""

    X: Any  # a pandas.DataFrame
    y: np.ndarray  # (n,) of str or float
    task: str  # "classification" or "regression"
    note: str  # what it is, where it comes from, and what was left out
    dates: tuple = ()  # the columns of dates, which are strings, too

    @property
    def texts(self):
        """Name the columns with many different strings."""
        return [name for name in self._strings if self.X[name].nunique() > MANY]

    @property
    def categories(self):
        """Name the columns with few different strings."""
        return [name for name in self._strings if self.X[name].nunique() <= MANY]

    @property
    def numbers(self):
        """Name the columns of numbers."""
        return [*self.X.select_dtypes("number")]

    @property
    def _strings(self):
        strings = self.X.select_dtypes(exclude="number")
        return [name for name in strings if name not in self.dates]


def salaries(path):
    """The employees of Montgomery County, Maryland: public data."""
    import pandas as pd

    frame = pd.read_csv(path)
    note = "Employees of a county -> salary, of employee_salaries.csv.gz; no column left out"
    dates = ("date_first_hired",)
    return _table(frame, "current_annual_salary", "regression", note, dates)


def survey(path):
    """A public survey: what people call their part of the country."""
    import pandas as pd

    given_away = ["RespondentID", "In_what_ZIP_code_is_your_home_located"]
    frame = pd.read_csv(path).drop(columns=given_away)
    note = (
        "Answers of people -> census region, of midwest_survey.csv.gz; "
        "the ZIP code, which tells the region, and the number of the person left out"
    )
    return _table(frame, "Census_Region", "classification", note)


def films():
    """Films and their sales. Source: the package bokeh_sampledata, data of Wikidata, CC0."""
    import pandas as pd

    file = folder_of("bokeh_sampledata") / "_data" / "movies.db"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        frame = pd.read_sql(FILMS, database)
    frame["log sales"] = np.log10(frame.pop("BoxOffice"))
    note = (
        "Films -> logarithm of the dollars that they made, 1000 or more, of bokeh_sampledata; "
        "reviews and awards left out"
    )
    return _table(frame, "log sales", "regression", note, ("Released",))


def loaders(folder=FOLDER):
    """Give a loader for each table, {name: load()}, with their files in such a folder."""
    return {
        "salaries": partial(salaries, folder / "employee_salaries.csv.gz"),
        "survey": partial(survey, folder / "midwest_survey.csv.gz"),
        "films": films,
    }


def _table(frame, target, task, note, dates=()):
    return Table(frame.drop(columns=target), frame[target].to_numpy(), task, note, dates)
