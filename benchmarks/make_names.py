"""Make the bundled names, `skrnn/datasets/data/names.csv.gz`, from Faker.

`python -m benchmarks.make_names`

Needs the package Faker (MIT licence), whose version is written into the file's first
line. Every country is one of Faker's locales. The result depends on that version alone.
Out: the file, and a line that gives its size.
"""

import csv
import gzip
import io
from importlib import import_module, metadata
from pathlib import Path

LOCALES = {
    "Austria": "de_AT",
    "Azerbaijan": "az_AZ",
    "Croatia": "hr_HR",
    "Czechia": "cs_CZ",
    "Estonia": "et_EE",
    "Finland": "fi_FI",
    "France": "fr_FR",
    "India": "en_IN",
    "Indonesia": "id_ID",
    "Ireland": "ga_IE",
    "Italy": "it_IT",
    "Kenya": "en_KE",
    "Netherlands": "nl_NL",
    "Slovakia": "sk_SK",
    "South Africa": "zu_ZA",
    "Spain": "es_ES",
    "Sweden": "sv_SE",
    "United States": "en_US",
}
FILE = Path(__file__).resolve().parents[1] / "skrnn" / "datasets" / "data" / "names.csv.gz"


def last_names(locale):
    """Collect the distinct last names that Faker's provider of a locale draws from."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    lists = (getattr(provider, f"last_names{kind}", ()) for kind in ("", "_male", "_female"))
    return sorted({name for names in lists for name in names})


def make_csv():
    """Write all pairs, sorted, as the text of the CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Faker", metadata.version("faker")])
    for country, locale in LOCALES.items():
        writer.writerows([name, country] for name in last_names(locale))
    return text.getvalue()


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(gzip.compress(make_csv().encode("utf-8"), mtime=0))
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")
