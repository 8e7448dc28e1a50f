"""
Names in any script
===================

Cyrillic, Arabic, Han and Georgian characters need no special setting and no transliteration. But
the same letter can be encoded in several ways, so normalize your data.
"""

# %%
# Languages that share a script
# -----------------------------
# The names are from `Faker <https://faker.readthedocs.io>`_, in twelve languages. Three of the
# languages are written in Cyrillic, two in Arabic, two in Devanagari and three in Han characters,
# so the script alone does not identify them. Faker combines names from lists of parts. Test names
# therefore share parts with training names, and the accuracy is higher than it would be for real
# people. (``pip install Faker`` to run this example.)

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
print(f"accuracy on {len(X_test)} test names: {model.score(X_test, y_test):.3f}")

# %%
figure, ax = plt.subplots(figsize=(6, 5.5), layout="constrained")
ConfusionMatrixDisplay.from_estimator(
    model, X_test, y_test, ax=ax, xticks_rotation="vertical", colorbar=False, cmap="Blues"
)

# %%
# A two-dimensional projection of the vectors of the names, coloured by language.
SequenceMapDisplay.from_estimator(model, X_test, y_test)

# %%
# What distinguishes two languages with the same script
# -----------------------------------------------------
# Letters that raise the score of the language are red, letters that lower it are blue. In a
# notebook the browser renders them, from right to left where the script requires it.
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
# The columns of U for Cyrillic letters, which only the recurrence reads. Some letters occur in
# only one of the three languages: і, ї and є in Ukrainian, ы and э in Russian. N-grams capture
# this as well, with their own vectors in G. Each letter is drawn with an installed font that
# contains it. A letter that no font contains is shown as its code point, such as U+65E5.
letters = [c for c in "абвгдежзийклмнопрстуфхцчшщъыьэюяєії" if c in model.vocabulary_]
SymbolMapDisplay.from_estimator(model, symbols=letters)

# %%
# Unicode normalization
# ---------------------
# An accented letter can be encoded as one character, or as a letter followed by a combining
# accent. Both look alike, but a model sees two different strings. Here it matters little, as the
# other letters of a name are informative enough. If your data come from several sources,
# normalize them: ``unicodedata.normalize`` with "NFC" composes letters and accents, and with
# "NFKC" it also converts full-width letters to normal ones.
import unicodedata

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def normalize(names, form="NFKC"):
    return np.array([unicodedata.normalize(form, name) for name in names])


def belief(model, X, y):
    """Give the mean probability of the true language."""
    return model.predict_proba(X)[np.arange(len(y)), np.searchsorted(model.classes_, y)].mean()


apart = normalize(X_test, "NFD")
changed = apart != X_test
print(f"{changed.sum()} of {len(apart)} names have accents that can be decomposed.")
print("Mean probability of the true language for these names:")
print(f"encoded as in training: {belief(model, X_test[changed], y_test[changed]):.3f}")
print(f"decomposed:             {belief(model, apart[changed], y_test[changed]):.3f}")
joined = make_pipeline(FunctionTransformer(normalize), RNNClassifier(random_state=0)).fit(X, y)
print(f"with normalization:     {belief(joined, apart[changed], y_test[changed]):.3f}")

# %%
# An unseen script
# ----------------
# All letters of such a name are unknown, so the model sees little more than its length. The
# probabilities are spread over several languages and carry no information. (An emoji is unknown
# too.)
for text, row in zip(["ኃይለ ሥላሴ", "😀"], model.predict_proba(["ኃይለ ሥላሴ", "😀"])):
    likeliest = np.argsort(-row)[:4]
    print(text, *(f"{model.classes_[i]} {row[i]:.2f}" for i in likeliest), sep="  ")
