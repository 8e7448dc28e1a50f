"""The data of `benchmarks.accuracy`: which sets there are, of which sort and half.

The sets of strings are of six sorts. Half of each sort is for choosing skrnn's defaults, and
the other half judges them afterwards, so that the figures of the judging half say how well
the defaults do on data that they have not seen. Lists of tokens and series belong to neither
half. Nothing is downloaded. In: the loaders of `_choosing`, `_judging` and `_sequences`. Out:
`DataSet`. A package that is missing raises ModuleNotFoundError, a file that is missing
FileNotFoundError. Must not import skrnn's estimators.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from benchmarks import _choosing, _judging, _sequences


class Entry(NamedTuple):
    """A set in the plan."""

    half: str  # "choosing", "judging", or the sort of what belongs to neither
    sort: str
    load: Callable  # gives a DataSet


PLAN = {
    "article": Entry("choosing", "names", _choosing.article_names),
    "bundled": Entry("choosing", "names", _choosing.bundled_names),
    "words": Entry("choosing", "names", _choosing.words),
    "places": Entry("choosing", "names", _choosing.places),
    "identifiers": Entry("choosing", "names", _choosing.identifiers),
    "midwest": Entry("choosing", "repeats", _choosing.midwest),
    "jobs": Entry("choosing", "repeats", _choosing.jobs),
    "airfields": Entry("choosing", "codes", _choosing.airport_codes),
    "carriers": Entry("choosing", "codes", _choosing.carriers),
    "servers": Entry("choosing", "texts", _choosing.servers),
    "docstrings": Entry("choosing", "texts", _choosing.docstrings),
    "rings": Entry("choosing", "notations", _choosing.rings),
    "sounds": Entry("choosing", "notations", _choosing.pronunciations),
    "melting": Entry("choosing", "numbers", _choosing.melting_points),
    "logp": Entry("choosing", "numbers", _choosing.log_p),
    "latitude": Entry("choosing", "numbers", _choosing.latitudes),
    "companies": Entry("judging", "names", _judging.companies),
    "firstnames": Entry("judging", "names", _judging.first_names),
    "airports": Entry("judging", "names", _judging.airport_names),
    "ustowns": Entry("judging", "repeats", _judging.us_towns),
    "addresses": Entry("judging", "repeats", _judging.makers_towns),
    "unicode": Entry("judging", "codes", _judging.code_points),
    "phones": Entry("judging", "codes", _judging.phone_prefixes),
    "programs": Entry("judging", "texts", _judging.programs),
    "messages": Entry("judging", "texts", _judging.messages),
    "crawlers": Entry("judging", "texts", _judging.crawlers),
    "openings": Entry("judging", "notations", _judging.openings),
    "inventory": Entry("judging", "notations", _judging.inventory),
    "salaries": Entry("judging", "numbers", _judging.salaries),
    "boiling": Entry("judging", "numbers", _judging.boiling_points),
    "valences": Entry("judging", "numbers", _judging.valences),
    "functions": Entry("tokens", "tokens", _sequences.functions),
    "operators": Entry("tokens", "tokens", _sequences.operators),
    **{
        name: Entry("series", "series", partial(_sequences.series, name))
        for name in _sequences.SERIES
    },
}


def load(name, *args):
    """Load a set, and write into it where it is in the plan."""
    half, sort, loader = PLAN[name]
    return loader(*args)._replace(half=half, sort=sort)
