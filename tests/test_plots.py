"""The displays: what they draw, and that they can be read."""

import re
import subprocess
import sys
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from numpydoc.validate import validate

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor, plots
from skrnn.plots import _figure

WORDS, Y = ["anna", "otto", "hannah", "bob"] * 4, list("abab") * 4


@pytest.fixture(autouse=True)
def agg():
    mpl.use("Agg")
    yield
    mpl.pyplot.close("all")


@pytest.fixture(scope="module")
def model():
    return RNNClassifier(5, max_iter=3, random_state=0).fit(WORDS, Y)


def drawn(display):
    """Draw for good, where a missing glyph is warned of; give all texts of the axes."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        display.figure_.canvas.draw()
    assert display.ax_.figure is display.figure_
    return [text.get_text() for text in display.ax_.findobj(mpl.text.Text) if text.get_text()]


def test_unroll_shows_every_state_under_its_symbol(model):
    display = plots.UnrollDisplay.from_estimator(model, "otto")
    np.testing.assert_array_equal(display.im_.get_array(), model.unroll("otto")[0].T)
    labels = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert labels == ["o", "t", "t", "o"]
    drawn(display)
    drawn(plots.UnrollDisplay.from_estimator(model, "a very long text " * 10))
    drawn(plots.UnrollDisplay.from_estimator(FixedEncoder().fit([[1.0, 2.0]]), [1.0, 2.0]))


def test_unroll_animates_step_by_step(model):
    display = plots.UnrollDisplay(*model.unroll("otto"))
    animation = display.animate()
    animation._func(1)
    seen = np.ma.filled(display.im_.get_array(), np.nan)
    assert np.isnan(seen[:, 2:]).all() and not np.isnan(seen[:, :2]).any()
    animation._draw_was_started = True  # it is not to be saved


def test_labels_of_every_script_can_be_seen():
    words = ["日本語", "محمد", "😀 ok", "naïve", "\t\ud800x"] * 2
    model = RNNClassifier(6, max_iter=1, random_state=0).fit(words, list("abcde") * 2)
    drawn(plots.UnrollDisplay.from_estimator(model, "日😀م b\t"))
    drawn(plots.ExplanationDisplay.from_estimator(model, "日😀م b\t"))
    drawn(plots.SymbolMapDisplay.from_estimator(model))
    drawn(plots.SequenceMapDisplay.from_estimator(model, words, np.array(words)))


def test_symbol_map_has_the_symbols(model):
    display = plots.SymbolMapDisplay.from_estimator(model)
    assert display.symbols == sorted(set("".join(WORDS)))
    assert {"a", "o"} <= set(drawn(display))
    few = plots.SymbolMapDisplay.from_estimator(model, symbols=["a", "h", "b"])
    assert few.points.shape == (3, 2) and few.symbols == ["a", "h", "b"] and "h" in drawn(few)
    with pytest.raises(ValueError, match=r"needs symbols to be keys of vocabulary_, got 'an'\.$"):
        plots.SymbolMapDisplay.from_estimator(model, symbols=["a", "an"])
    alone = RNNClassifier(cell=None, max_iter=1).fit(WORDS, Y)
    with pytest.raises(ValueError, match="needs at least two symbols and two units, got 6 and 0"):
        plots.SymbolMapDisplay.from_estimator(alone)
    tokens = RNNEncoder(5, max_iter=1).fit([["in", "out"], ["out", "off"]], [0, 1])
    assert plots.SymbolMapDisplay.from_estimator(tokens).symbols == ["in", "off", "out"]
    assert len(plots.SymbolMapDisplay.from_estimator(model, most=2).symbols) == 2


def test_distances_in_the_map_are_those_of_the_columns():
    U = np.array([[0.0, 3.0, 0.0], [0.0, 0.0, 4.0]])
    encoder = FixedEncoder(U=U).fit(["abc"])
    points = plots.SymbolMapDisplay.from_estimator(encoder).points
    assert np.linalg.norm(points[1] - points[2]) == pytest.approx(5)


@pytest.mark.parametrize("n_classes", [2, 18, 19, 200])
def test_sequence_map_names_its_classes(model, n_classes):
    X = [word + str(i) for i, word in enumerate(WORDS * 25)]
    y = np.array([f"class {i % n_classes}" for i in range(len(X))])
    display = plots.SequenceMapDisplay.from_estimator(model, X, y)
    texts = drawn(display)
    named = [text for text in texts if text.startswith("class")]
    assert len(named) == (n_classes if n_classes <= 18 else 17)
    assert ("others" in texts) == (n_classes > 18)
    n_points = sum(len(c.get_offsets()) for c in display.ax_.collections)
    assert n_points == len(X)


def test_sequence_map_of_numbers_and_of_nothing(model):
    y = np.linspace(0, 1, len(WORDS))
    regressor = RNNRegressor(5, max_iter=1).fit(WORDS, y)
    drawn(plots.SequenceMapDisplay.from_estimator(regressor, WORDS, y))
    display = plots.SequenceMapDisplay.from_estimator(model.encoder_, WORDS)
    drawn(display)
    assert display.y is None


def test_loss_curve_with_and_without_scores(model):
    display = plots.LossCurveDisplay.from_estimator(model)
    assert display.ax_.lines[0].get_ydata().tolist() == model.loss_curve_
    assert display.score_ax_ is None
    watched = RNNClassifier(5, max_iter=3).fit(WORDS, Y, X_val=WORDS, y_val=Y)
    display = plots.LossCurveDisplay.from_estimator(watched)
    assert list(display.score_ax_.lines[0].get_ydata()) == watched.validation_scores_
    drawn(display)


def test_explanation_is_drawn_and_written(model):
    display = plots.ExplanationDisplay.from_estimator(model, "otto", "b")
    found = model.explain("otto", "b")
    np.testing.assert_array_equal(display.ax_.images[0].get_array()[0], found.contributions)
    added = f"+ {found.score - found.baseline:.3f}"
    assert f"b: {found.score:.3f} = {found.baseline:.3f} {added}" in drawn(display)
    assert drawn(display)[:4] == ["o", "t", "t", "o"]
    text = plots.ExplanationDisplay(model.explain("<o>"))._repr_html_()
    assert "&lt;" in text and text.count("<span style") == 3


def test_a_notebook_shows_an_explanation_once(model):
    display = plots.ExplanationDisplay(model.explain("otto"))
    assert "<span" in display._repr_html_()
    display.plot()
    assert display._repr_html_() is None  # the notebook shows the figure
    assert plots.ExplanationDisplay.from_estimator(model, "otto")._repr_html_() is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_are_drawn_without_letters(dtype):
    X = np.random.default_rng(0).normal(size=(20, 6)).astype(dtype)
    series = [x[:, None] for x in X]
    for rows in (X, series):
        model = RNNClassifier(4, max_iter=1, random_state=0).fit(rows, [0, 1] * 10)
        drawn(plots.UnrollDisplay.from_estimator(model, rows[0]))
        display = plots.ExplanationDisplay.from_estimator(model, rows[0])
        drawn(display)
        written = plots.ExplanationDisplay(display.explanation)._repr_html_()
        assert written.count("<span style") == 6


@pytest.mark.parametrize("d", [1, 2])
def test_windows_are_drawn_as_columns_and_explained_step_by_step(d):
    series = list(np.random.default_rng(0).normal(size=(20, 30, d)))
    model = RNNClassifier(4, max_iter=1, window=(9, 3), random_state=0).fit(series, [0, 1] * 10)
    display = plots.UnrollDisplay.from_estimator(model, series[0])
    assert display.im_.get_array().shape == (2 * 4, 8) and len(display.symbols) == 8
    assert "t" in drawn(display)
    explained = plots.ExplanationDisplay.from_estimator(model, series[0])
    assert explained.ax_.images[0].get_array().shape == (1, 30)
    drawn(explained)
    written = plots.ExplanationDisplay(explained.explanation)._repr_html_()
    assert written.count("<span style") == 30
    drawn(plots.UnrollDisplay.from_estimator(model, series[0][:2]))


def test_dollars_and_underlines_are_letters():
    words = ["$\\foo$", "_x"] * 4
    model = RNNClassifier(4, analyzer=str.split, max_iter=1).fit(words, words)
    drawn(plots.UnrollDisplay.from_estimator(model, "$\\foo$"))
    drawn(plots.ExplanationDisplay.from_estimator(model, "_x", "$\\foo$"))
    drawn(plots.SymbolMapDisplay.from_estimator(model))
    texts = drawn(plots.SequenceMapDisplay.from_estimator(model, words, words, color="red"))
    assert set(words) <= set(texts)


def test_given_axes_are_used(model):
    figure, axes = mpl.pyplot.subplots(1, 2)
    display = plots.LossCurveDisplay.from_estimator(model, ax=axes[1])
    assert display.ax_ is axes[1] and display.figure_ is figure


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plots.SymbolMapDisplay.from_estimator(FixedEncoder().fit([[1.0, 2.0]])),
            "SymbolMapDisplay needs an estimator that was fitted on strings or tokens, got one "
            "fitted on numbers.",
        ),
        (
            lambda: plots.SequenceMapDisplay.from_estimator(FixedEncoder().fit(["aa"]), ["a"]),
            "SequenceMapDisplay needs at least two sequences and two units, got 1 and 1.",
        ),
        (
            lambda: plots.SymbolMapDisplay.from_estimator(FixedEncoder().fit(["aa"])),
            "SymbolMapDisplay needs at least two symbols and two units, got 1 and 1.",
        ),
        (
            lambda: plots.SymbolMapDisplay.from_estimator(FixedEncoder().fit(["a"]), symbols=["z"]),
            "SymbolMapDisplay needs symbols to be keys of vocabulary_, got 'z'.",
        ),
        (
            lambda: plots.LossCurveDisplay.from_estimator(FixedEncoder().fit(["a"])),
            "LossCurveDisplay needs an estimator that learns by epochs, got FixedEncoder.",
        ),
        (
            lambda: plots.SequenceMapDisplay.from_estimator(RNNClassifier(), WORDS),
            "This RNNClassifier instance is not fitted yet. Call 'fit' with appropriate arguments "
            "before using this estimator.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message


def test_without_matplotlib_a_sentence_says_what_to_install():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from skrnn import FixedEncoder\n"
        "from skrnn.plots import UnrollDisplay\n"
        "try: UnrollDisplay.from_estimator(FixedEncoder().fit(['ab']), 'ab')\n"
        "except ImportError as error: print(error)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "UnrollDisplay.plot needs matplotlib: pip install matplotlib\n"


METHODS = {"UnrollDisplay": ["animate"]}
NAMES = [
    name
    for kind in plots.__all__
    for name in (kind, *(f"{kind}.{m}" for m in ("from_estimator", "plot", *METHODS.get(kind, []))))
]
LEFT_OUT = {"ES01", "EX01", "SA01", "GL01", "RT02"}  # for the reasons in test_docstrings


@pytest.mark.parametrize("name", NAMES)
def test_numpydoc(name):
    errors = [e for e in validate(f"skrnn.plots.{name}")["errors"] if e[0] not in LEFT_OUT]
    assert errors == []


def test_fonts_are_asked_in_their_order(monkeypatch):
    fonts = {"DejaVu Sans": {"a"}, "Second": {"b", "c"}, "Third": {"c"}}
    files = {name: frozenset(map(ord, letters)) for name, letters in fonts.items()}
    monkeypatch.setattr(_figure, "_fonts", lambda: files)
    monkeypatch.setattr(_figure, "_charmap", lambda file: file)
    monkeypatch.setattr(_figure, "_family", _figure._family.__wrapped__)
    assert _figure.families("cab") == ["DejaVu Sans", "Second"]
    assert _figure.label("abd") == "abU+0064"


def test_a_notebook_shows_letters_of_all_scripts_as_they_are():
    words = ["日本語", "محمد", "x\ud800"] * 2
    model = RNNClassifier(6, max_iter=1, random_state=0).fit(words, ["أ", "b", "c"] * 2)
    page = "".join(plots.ExplanationDisplay(model.explain(word))._repr_html_() for word in words)
    assert all(f">{letter}</span>" in page for letter in "日本語محمدx")
    assert page.count('dir="auto"') == len(words)
    assert ">&#55296;</span>" in page and page.isprintable()
    tokens = RNNClassifier(6, max_iter=1).fit([["in", "out"], ["out", "off"]], [0, 1])
    assert "padding:0.1em 0.3em" in plots.ExplanationDisplay(tokens.explain(["in"]))._repr_html_()


def test_sequence_map_of_given_vectors_and_of_whole_numbers(model):
    h = model.encoder_.transform(WORDS)
    display = plots.SequenceMapDisplay.from_predictions(h, Y)
    expected = plots.SequenceMapDisplay.from_estimator(model, WORDS, Y)
    np.testing.assert_array_equal(display.points, expected.points)
    for y, got in (
        ([1, 2], "one y for each row, got 16 rows and 2 y"),
        (h, "one column of y, got"),
    ):
        with pytest.raises(ValueError, match=f"^SequenceMapDisplay needs {got}"):
            plots.SequenceMapDisplay.from_predictions(h, y)
    lengths = [len(word) for word in WORDS]
    regressor = RNNRegressor(5, max_iter=1).fit(WORDS, lengths)
    assert plots.SequenceMapDisplay.from_estimator(regressor, WORDS, lengths).y.dtype == float


def test_long_strings_are_written_in_rows(model):
    text = "ottoanna" * 12
    display = plots.ExplanationDisplay.from_estimator(model, text)
    assert display.ax_.images[0].get_array().shape == (3, 40)
    assert "".join(drawn(display)).startswith(text)
    found = display.explanation.contributions
    np.testing.assert_array_equal(display.ax_.images[0].get_array().ravel()[:96], found)
    labels = plots.UnrollDisplay.from_estimator(model, text).ax_.get_xticklabels()
    assert "".join(t.get_text() for t in labels) == text


def test_a_single_predicted_number_is_called_so():
    regressor = RNNRegressor(5, max_iter=1, random_state=0).fit(WORDS, [1e5, 2e5, 3e5, 4e5] * 4)
    display = plots.ExplanationDisplay.from_estimator(regressor, "otto")
    assert any(re.match(r"predicted: \d+,\d+ = ", text) for text in drawn(display))
    assert ">predicted: " in plots.ExplanationDisplay(display.explanation)._repr_html_()


def test_what_cannot_be_seen_is_written():
    symbols = ["\x00", "\u202e", "\u200d", "\n", "", None, "y\nz", "x" * 100]
    assert [_figure.label(symbol) for symbol in symbols] == [
        "U+0000", "U+202E", "U+200D", "↵", "ε", "∅", "y↵z", "x" * 23 + "…",
    ]  # fmt: skip
    assert _figure.visible("\u202e") == "U+202E" and _figure.visible("\u200d") == "\u200d"


def test_missing_and_mixed_classes_are_shown(model):
    y = ["a", None, np.nan, "b"] * 4
    display = plots.SequenceMapDisplay.from_estimator(model, WORDS, y)
    assert {"a", "b", "missing"} <= set(drawn(display))
    assert {"1", "b"} <= set(
        drawn(plots.SequenceMapDisplay.from_estimator(model, WORDS, [1, "b"] * 8))
    )
    gaps = np.where(np.arange(16) % 3, 1.5, np.nan)
    display = plots.SequenceMapDisplay.from_estimator(model, WORDS, gaps)
    drawn(display)
    assert sum(len(dots.get_offsets()) for dots in display.ax_.collections) == 16


def test_keywords_of_matplotlib_win(model):
    h, numbers = model.encoder_.transform(WORDS), np.linspace(0, 1, 16)
    norm = mpl.colors.CenteredNorm()
    assert plots.UnrollDisplay.from_estimator(model, "otto", norm=norm).im_.norm is norm
    drawn(plots.ExplanationDisplay.from_estimator(model, "otto", norm=norm))
    line = plots.LossCurveDisplay(np.ones(3), np.ones(3)).plot(label="mine", c="red").ax_.lines[0]
    assert line.get_label() == "mine" and line.get_color() == "red"
    display = plots.SymbolMapDisplay.from_estimator(model, symbols=np.array(["a", "b"]), size=5)
    assert display.ax_.texts[0].get_size() == 5
    for y in (None, Y, numbers):
        for colour in ({"c": "red"}, {"color": "red"}):
            drawn(plots.SequenceMapDisplay.from_predictions(h, y, **colour))
    with pytest.raises(ValueError, match=r"needs symbols to be keys of vocabulary_, got \['a'\]"):
        plots.SymbolMapDisplay.from_estimator(model, symbols=["b", ["a"]])


def test_a_series_of_no_steps_is_drawn():
    model = RNNClassifier(4, max_iter=1).fit([np.ones((3, 2)), np.zeros((2, 2))], [0, 1])
    display = plots.ExplanationDisplay(model.explain(np.ones((0, 2))))
    assert "<span" in display._repr_html_()
