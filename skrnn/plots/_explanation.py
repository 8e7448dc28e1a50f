"""A picture of one sequence: what its symbols add to an output."""

import html

import numpy as np

from skrnn._docs import documented
from skrnn.plots._figure import (
    AXES,
    Display,
    drawn_with,
    families,
    label,
    label_steps,
    written,
)

ROW = 40  # letters of a row of the picture


@documented(axes=AXES)
class ExplanationDisplay(Display):
    r"""What each symbol of a sequence adds to the score of a class, as coloured letters.

    Parameters
    ----------
    explanation : Explanation
        What `explain` of a classifier or a regressor gives.

    Attributes
    ----------
    {axes}

    See Also
    --------
    UnrollDisplay : The states of one sequence.

    Examples
    --------
    >>> from skrnn import RNNClassifier
    >>> from skrnn.plots import ExplanationDisplay
    >>> model = RNNClassifier(4, max_iter=3).fit(["ab", "ba"], [0, 1])
    >>> display = ExplanationDisplay.from_estimator(model, "ab")
    >>> display.explanation.symbols
    ['a', 'b', '\x03']
    """

    def __init__(self, explanation):
        self.explanation = explanation

    @classmethod
    @drawn_with("imshow")
    def from_estimator(cls, estimator, x, label=None, *, ax=None, **kwargs):
        """Explain a score and draw what it is made of.

        Parameters
        ----------
        estimator : fitted RNNClassifier or RNNRegressor
            Anything that has `explain`.
        x : str, list of str, ndarray or None
            One sequence.
        label : object, default=None
            The class, or the number of an output of a regressor; None is the predicted
            class, or the first output.
        {drawing}

        Returns
        -------
        display : ExplanationDisplay
            The display that was drawn.
        """
        given = () if label is None else (label,)
        return cls(estimator.explain(x, *given)).plot(ax=ax, **kwargs)

    @drawn_with("imshow")
    def plot(self, ax=None, **kwargs):
        """Draw the letters on colours: red speaks for the class, blue against it.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : ExplanationDisplay
            The display itself.
        """
        found, letters = self.explanation, self._letters()
        n_rows = -(-len(letters) // ROW) or 1
        longest = max(map(len, map(label, found.symbols)), default=0)
        height = 1.1 + 0.4 * n_rows if letters else 1.5 + 0.07 * longest
        title = label(self._name()) + self._sum()
        width = max(2.6 + 0.32 * min(len(found.symbols), 30), 1.4 + 0.09 * len(title))
        ax = self._start(ax, (width, height))
        image = self._heat_map(ax, self._rows(n_rows), kwargs)
        self._write(ax, letters) if letters else label_steps(ax, found.symbols)
        ax.set_yticks([])
        ax.set_title(title, fontsize=10, parse_math=False, family=families(title))
        self.figure_.colorbar(image, ax=ax, label="adds")
        return self

    def _name(self):
        """Name the output: the class; "predicted" stands for a single number."""
        label = self.explanation.label
        return "predicted" if label is None else str(label)

    def _sum(self):
        """Write the score as the sum that it is."""
        found = self.explanation
        added = found.score - found.baseline
        sign = "-" if added < 0 else "+"
        form = ".3f" if abs(found.score) < 100 else ",.0f"
        return f": {found.score:{form}} = {found.baseline:{form}} {sign} {abs(added):{form}}"

    def _letters(self):
        """List what was read if it is characters, to be written in rows; else nothing."""
        symbols = self.explanation.symbols
        characters = all(isinstance(s, str | None) and len(s or "") <= 1 for s in symbols)
        return [label(symbol) for symbol in symbols] if characters else []

    def _rows(self, n_rows):
        """Lay the contributions out in rows, (n_rows, steps of a row)."""
        parts = self.explanation.contributions
        if n_rows == 1:
            return parts[None]
        rows = np.full(n_rows * ROW, np.nan)
        rows[: len(parts)] = parts
        return rows.reshape(n_rows, ROW)

    def _write(self, ax, letters):
        """Write the letters into their cells, white on dark ones."""
        most, family = self._largest(), families("".join(letters))
        size = {"ha": "center", "va": "center", "parse_math": False, "family": family}
        for i, (text, part) in enumerate(zip(letters, self.explanation.contributions)):
            long = len(text) > 2
            style = {"rotation": 90 if long else 0, "fontsize": 5 if long else 10}
            colour = "white" if abs(part) > 0.6 * most else "black"
            ax.text(i % ROW, i // ROW, text, color=colour, **size | style)
        ax.set_xticks([])

    def _largest(self):
        return float(np.abs(self.explanation.contributions).max(initial=0)) or 1.0

    def _repr_html_(self):
        """Write the letters on colours, for notebooks; joined, as some scripts need it."""
        found, most = self.explanation, self._largest()
        texts = [written(symbol) for symbol in found.symbols]
        gap = "0" if self._letters() else "0.3em"
        spans = "".join(
            f'<span style="background:{_rgba(part / most)};padding:0.1em {gap}" '
            f'title="{part:+.3f}">{html.escape(text)}</span>'
            for text, part in zip(texts, found.contributions)
        )
        title = html.escape(self._name() + self._sum())
        page = f'<div><small>{title}</small><br><span dir="auto">{spans}</span></div>'
        return page.encode("utf-8", "xmlcharrefreplace").decode()  # of half a character


def _rgba(share):
    """Red for what speaks for a class, blue against it; under black and white letters."""
    red, green, blue = (214, 96, 77) if share > 0 else (67, 147, 195)
    return f"rgba({red},{green},{blue},{0.6 * abs(share):.2f})"
