"""
Names in their own script
=========================

Characters are characters: Cyrillic, Arabic, Han or Georgian letters need no setting, and no
transcription. One thing to watch: the same letter can be encoded in several ways.
"""

# %%
# Where scripts are shared
# ------------------------
# Names from `Faker <https://faker.readthedocs.io>`_ in twelve languages. Three of them are
# written in Cyrillic, two in Arabic letters, two in Devanagari, three in Han characters: there
# the script does not tell. The names are made of lists of parts, so names to test on share parts
# with those learned from, and accuracies are higher than they would be for people. (``pip install
# Faker`` to run it.)

import matplotlib.pyplot as plt
import numpy as np
from faker import Faker
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from skrnn import RNNClassifier
from skrnn.plots import ExplanationDisplay, SequenceMapDisplay, SymbolMapDisplay

LOCALES = {
    "Arabic": "ar_AA",
    "Bulgarian": "bg_BG",
    "Chinese": "zh_CN",
    "Georgian": "ka_GE",
    "Greek": "el_GR",
    "Hindi": "hi_IN",
    "Japanese": "ja_JP",
    "Nepali": "ne_NP",
    "Persian": "fa_IR",
    "Russian": "ru_RU",
    "Taiwanese": "zh_TW",
    "Ukrainian": "uk_UA",
}


def people(locale, n=400):
    made = Faker(locale)
    made.seed_instance(0)
    return {f"{made.first_name()} {made.last_name()}" for _ in range(n)}


pairs = sorted((name, tongue) for tongue, code in LOCALES.items() for name in people(code))
names, tongues = map(np.array, zip(*pairs))
X, X_test, y, y_test = train_test_split(names, tongues, stratify=tongues, random_state=0)
model = RNNClassifier(random_state=0).fit(X, y)
print(f"accuracy on {len(X_test)} other names: {model.score(X_test, y_test):.3f}")

# %%
figure, ax = plt.subplots(figsize=(6, 5.5), layout="constrained")
ConfusionMatrixDisplay.from_estimator(
    model, X_test, y_test, ax=ax, xticks_rotation="vertical", colorbar=False, cmap="Blues"
)

# %%
# Languages in the plane, by the vectors of their names.
SequenceMapDisplay.from_estimator(model, X_test, y_test)

# %%
# What tells two languages of one script apart
# --------------------------------------------
# The letters that speak for the language are red, those against it blue. In a notebook the browser
# writes them, right to left for scripts written that way.
found = "Руслан Фоменко", "Наина Осипова", "Янка Чупетловска"
ExplanationDisplay(model.explain(found[0]))

# %%
ExplanationDisplay(model.explain(found[1]))

# %%
ExplanationDisplay(model.explain(found[2]))

# %%
ExplanationDisplay(model.explain("مهدیس چنگیزی"))

# %%
ExplanationDisplay(model.explain("渡辺 直人"))

# %%
# The columns of U of Cyrillic letters. Only the recurrence reads these. Some letters are used by
# one of the three languages only: і, ї and є are Ukrainian, ы and э Russian. The n-grams know that
# as well, and have vectors of their own in G. A figure takes each letter from an installed font
# that has it; one that no font has is written as its number, such as U+65E5.
letters = [c for c in "абвгдежзийклмнопрстуфхцчшщъыьэюяєії" if c in model.vocabulary_]
SymbolMapDisplay.from_estimator(model, symbols=letters)

# %%
# One letter, written in two ways
# -------------------------------
# An accented letter may come as one character, or as a letter and an accent that follows it. They
# look alike; a model takes them for two different strings. Here it matters little, as the other
# letters of a name tell enough. But where data come from several sources it costs nothing to
# bring them to one form: ``unicodedata.normalize`` with "NFC" joins letters and accents, with
# "NFKC" it also makes plain letters of full-width ones.
import unicodedata

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def normalize(names, form="NFKC"):
    return np.array([unicodedata.normalize(form, name) for name in names])


def belief(model, X, y):
    """Give the mean probability of the language that it is."""
    return model.predict_proba(X)[np.arange(len(y)), np.searchsorted(model.classes_, y)].mean()


apart = normalize(X_test, "NFD")
changed = apart != X_test
print(f"{changed.sum()} of {len(apart)} names have accents that can be taken apart; of these")
print(f"as they were learned: {belief(model, X_test[changed], y_test[changed]):.3f}")
print(f"taken apart:          {belief(model, apart[changed], y_test[changed]):.3f}")
joined = make_pipeline(FunctionTransformer(normalize), RNNClassifier(random_state=0)).fit(X, y)
print(f"with a joining step:  {belief(joined, apart[changed], y_test[changed]):.3f}")

# %%
# A script that it has never seen
# -------------------------------
# All its letters are unknown. Little more than its length is known, so the probabilities are spread
# over several languages and say nothing. (An emoji is unknown too.)
for text, row in zip(["ኃይለ ሥላሴ", "😀"], model.predict_proba(["ኃይለ ሥላሴ", "😀"])):
    likeliest = np.argsort(-row)[:4]
    print(text, *(f"{model.classes_[i]} {row[i]:.2f}" for i in likeliest), sep="  ")
