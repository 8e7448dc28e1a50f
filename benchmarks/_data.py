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
    title: str  # what is read: what is predicted


PLAN = {
    "article": Entry(
        "choosing", "names", _choosing.article_names, "Family names of the article: nationality"
    ),
    "bundled": Entry("choosing", "names", _choosing.bundled_names, "Bundled family names: country"),
    "words": Entry("choosing", "names", _choosing.words, "Words: language"),
    "places": Entry("choosing", "names", _choosing.places, "Towns: country"),
    "identifiers": Entry("choosing", "names", _choosing.identifiers, "Python identifiers: library"),
    "midwest": Entry("choosing", "repeats", _choosing.midwest, "Survey answers: region"),
    "jobs": Entry("choosing", "repeats", _choosing.jobs, "Job titles: department"),
    "airfields": Entry("choosing", "codes", _choosing.airport_codes, "US airport codes: state"),
    "carriers": Entry("choosing", "codes", _choosing.carriers, "Indian phone prefixes: carrier"),
    "servers": Entry("choosing", "texts", _choosing.servers, "Server logs: next template"),
    "docstrings": Entry("choosing", "texts", _choosing.docstrings, "Docstrings: library"),
    "rings": Entry("choosing", "notations", _choosing.rings, "Molecule names: number of rings"),
    "sounds": Entry("choosing", "notations", _choosing.pronunciations, "Phonemes: stress pattern"),
    "melting": Entry("choosing", "numbers", _choosing.melting_points, "SMILES: melting point"),
    "logp": Entry("choosing", "numbers", _choosing.log_p, "SMILES: log P"),
    "latitude": Entry("choosing", "numbers", _choosing.latitudes, "Towns: latitude"),
    "companies": Entry("judging", "names", _judging.companies, "Company names: country"),
    "firstnames": Entry("judging", "names", _judging.first_names, "First names: gender"),
    "airports": Entry("judging", "names", _judging.airport_names, "Airport names: country"),
    "ustowns": Entry("judging", "repeats", _judging.us_towns, "US towns: state"),
    "addresses": Entry("judging", "repeats", _judging.makers_towns, "Address lines: country"),
    "unicode": Entry("judging", "codes", _judging.code_points, "Code points: category"),
    "phones": Entry(
        "judging", "codes", _judging.phone_prefixes, "Chinese phone prefixes: province"
    ),
    "programs": Entry("judging", "texts", _judging.programs, "Application logs: next template"),
    "messages": Entry("judging", "texts", _judging.messages, "Error messages: error class"),
    "crawlers": Entry("judging", "texts", _judging.crawlers, "User agents: purpose"),
    "openings": Entry("judging", "notations", _judging.openings, "Chess openings: ECO code"),
    "inventory": Entry("judging", "notations", _judging.inventory, "SMILES: TSCA inventory"),
    "salaries": Entry("judging", "numbers", _judging.salaries, "Job titles: salary"),
    "boiling": Entry(
        "judging", "numbers", _judging.boiling_points, "Molecule names: boiling point"
    ),
    "valences": Entry("judging", "numbers", _judging.valences, "Words: sentiment"),
    "functions": Entry("tokens", "tokens", _sequences.functions, "Functions: module"),
    "operators": Entry("tokens", "tokens", _sequences.operators, "Lines of code: hidden operator"),
    **{
        name: Entry("series", "series", partial(_sequences.series, name), name)
        for name in _sequences.SERIES
    },
}


def load(name, *args):
    """Load a set, and write into it where it is in the plan."""
    entry = PLAN[name]
    return entry.load(*args)._replace(half=entry.half, sort=entry.sort)
