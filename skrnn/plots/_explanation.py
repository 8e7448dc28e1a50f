"""A plot of the contributions of the symbols of one sequence."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from skrnn._docs import documented
from skrnn.plots._figure import (
    AXES,
    Display,
    document_drawing,
    families,
    label,
    label_steps,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from skrnn._predictor import Explanation

LETTERS_PER_ROW = 40


class _Explains(Protocol):
    """A fitted estimator that has `explain`."""

    def explain(self, x: Any, label: Any = ..., /) -> Explanation: ...


@documented(axes=AXES)
class ExplanationDisplay(Display):
    r"""The contribution of each symbol of a sequence to a score, as coloured letters.

    A notebook shows the figure that `plot` and `from_estimator` draw. Without a figure,
    `ExplanationDisplay(explanation)` at the end of a cell is shown as coloured text.

    Parameters
    ----------
    explanation : Explanation
        The result of `explain` of a classifier or a regressor.

    Attributes
    ----------
    {axes}

    See Also
    --------
    UnrollDisplay : Shows the states of one sequence.

    Examples
    --------
    >>> from skrnn import RNNClassifier
    >>> from skrnn.plots import ExplanationDisplay
    >>> model = RNNClassifier(4, max_iter=3).fit(["ab", "ba"], [0, 1])
    >>> display = ExplanationDisplay.from_estimator(model, "ab")
    >>> display.explanation.symbols
    ['a', 'b']
    """

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation

    @classmethod
    @document_drawing("imshow")
    def from_estimator(
        cls,
        estimator: _Explains,
        x: Any,
        label: Any = None,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> ExplanationDisplay:
        """Explain a score or a predicted number, and draw the contributions.

        Parameters
        ----------
        estimator : fitted RNNClassifier or RNNRegressor
            Anything that has `explain`.
        x : str, list of str, ndarray or None
            One sequence.
        label : object, default=None
            The class, or the number of an output of a regressor. None is the predicted class,
            or the first output.
        {drawing}

        Returns
        -------
        display : ExplanationDisplay
            The display that was drawn.
        """
        explanation = estimator.explain(x) if label is None else estimator.explain(x, label)
        return cls(explanation).plot(ax=ax, **kwargs)

    @document_drawing("imshow")
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> ExplanationDisplay:
        """Draw the letters on colours: red for the class, blue against it.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : ExplanationDisplay
            The display itself.
        """
        symbols, letters = self.explanation.symbols, self._letters()
        n_rows = -(-len(letters) // LETTERS_PER_ROW) or 1
        longest = max(map(len, map(label, symbols)), default=0)
        height = 1.1 + 0.4 * n_rows if letters else 1.5 + 0.07 * longest
        title = label(self._name()) + self._sum_text()
        width = max(2.6 + 0.32 * min(len(symbols), 30), 1.4 + 0.09 * len(title))
        ax = self._set_axes(ax, (width, height))
        image = self._heat_map(ax, self._rows(n_rows), kwargs)
        self._write(ax, letters) if letters else label_steps(ax, symbols)
        ax.set_yticks([])
        ax.set_title(title, fontsize=10, parse_math=False, family=families(title))
        self.figure_.colorbar(image, ax=ax, label="adds")
        return self

    def _name(self) -> str:
        """Return the name of the class, or "predicted" for a single number."""
        label = self.explanation.label
        return "predicted" if label is None else str(label)

    def _sum_text(self) -> str:
        """Return the score as a sum of the baseline and the contributions."""
        score, baseline = self.explanation.score, self.explanation.baseline
        added = score - baseline
        sign = "-" if added < 0 else "+"
        form = ".3f" if abs(score) < 100 else ",.0f"
        return f": {score:{form}} = {baseline:{form}} {sign} {abs(added):{form}}"

    def _letters(self) -> list[str]:
        """Return the labels of the symbols if these are characters, else an empty list."""
        symbols = self.explanation.symbols
        characters = all(isinstance(s, str | None) and len(s or "") <= 1 for s in symbols)
        return [label(symbol) for symbol in symbols] if characters else []

    def _rows(self, n_rows: int) -> NDArray[Any]:
        """Arrange the contributions in rows, (n_rows, steps per row)."""
        contributions: NDArray[Any] = self.explanation.contributions
        if n_rows == 1:
            return contributions[None]
        rows = np.full(n_rows * LETTERS_PER_ROW, np.nan)
        rows[: len(contributions)] = contributions
        return rows.reshape(n_rows, LETTERS_PER_ROW)

    def _write(self, ax: Axes, letters: Sequence[str]) -> None:
        """Write the letters into their cells, in white where the cell is dark."""
        largest, family = self._largest(), families("".join(letters))
        common: dict[str, Any] = {"ha": "center", "va": "center", "parse_math": False}
        for i, (text, contribution) in enumerate(zip(letters, self.explanation.contributions)):
            row, column = divmod(i, LETTERS_PER_ROW)
            long = len(text) > 2
            style = {"rotation": 90 if long else 0, "fontsize": 5 if long else 10}
            colour = "white" if abs(contribution) > 0.6 * largest else "black"
            ax.text(column, row, text, color=colour, family=family, **common | style)
        ax.set_xticks([])

    def _largest(self) -> float:
        """Return the largest absolute contribution; 1 if all are zero."""
        return float(np.abs(self.explanation.contributions).max(initial=0)) or 1.0

    def _repr_html_(self) -> str | None:
        """Return coloured letters as HTML, without gaps, because some scripts join letters.

        If the display was drawn, a notebook shows the figure, so this returns None.
        """
        if hasattr(self, "figure_"):
            return None
        explanation, largest = self.explanation, self._largest()
        texts = [visible(symbol) for symbol in explanation.symbols]
        gap = "0" if self._letters() else "0.3em"
        spans = "".join(
            f'<span style="background:{_rgba(contribution / largest)};padding:0.1em {gap}" '
            f'title="{contribution:+.3f}">{html.escape(text)}</span>'
            for text, contribution in zip(texts, explanation.contributions)
        )
        title = html.escape(self._name() + self._sum_text())
        line = f'<span dir="auto" style="overflow-wrap:anywhere">{spans}</span>'
        page = f"<div><small>{title}</small><br>{line}</div>"
        return page.encode("utf-8", "xmlcharrefreplace").decode()  # for lone surrogates


def _rgba(share: float) -> str:
    """Return red for a positive and blue for a negative share, pale enough for black text."""
    red, green, blue = (214, 96, 77) if share > 0 else (67, 147, 195)
    return f"rgba({red},{green},{blue},{0.6 * abs(share):.2f})"
