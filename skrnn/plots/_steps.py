"""Pictures of one sequence: its states, and what its symbols add to a score."""

import html

import numpy as np

from skrnn._docs import documented
from skrnn.plots._figure import AXES, Display, drawn_with, families, label, written


@documented(axes=AXES)
class UnrollDisplay(Display):
    """The states h_t of one sequence, a column for each step.

    Parameters
    ----------
    h : ndarray of shape (n_steps, n_units)
        The states, as `unroll` gives them.
    symbols : list
        What was read at each step.

    Attributes
    ----------
    {axes}
    im_ : matplotlib AxesImage
        The heat map.

    See Also
    --------
    ExplanationDisplay : What each symbol adds to a score.

    Examples
    --------
    >>> from skrnn import FixedEncoder
    >>> from skrnn.plots import UnrollDisplay
    >>> encoder = FixedEncoder(W=2).fit(["cat", "act"])
    >>> display = UnrollDisplay.from_estimator(encoder, "cat")
    >>> display.h.shape
    (3, 3)
    """

    def __init__(self, h, symbols):
        self.h, self.symbols = h, symbols

    @classmethod
    @drawn_with("imshow")
    def from_estimator(cls, estimator, x, *, ax=None, **kwargs):
        """Unroll a sequence and draw it.

        Parameters
        ----------
        estimator : fitted estimator of skrnn
            Anything that has `unroll`.
        x : str, list of str, ndarray or None
            One sequence.
        {drawing}

        Returns
        -------
        display : UnrollDisplay
            The display that was drawn.
        """
        return cls(*estimator.unroll(x)).plot(ax=ax, **kwargs)

    @drawn_with("imshow")
    def plot(self, ax=None, **kwargs):
        """Draw the heat map.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : UnrollDisplay
            The display itself.
        """
        n_steps, n_units = self.h.shape
        ax = self._start(ax, (min(3 + 0.3 * n_steps, 12), min(1.8 + 0.06 * n_units, 6)))
        most = np.abs(self.h).max(initial=0) or 1.0
        options = {"cmap": "RdBu_r", "vmin": -most, "vmax": most, "aspect": "auto"}
        self.im_ = ax.imshow(self.h.T, **options | {"interpolation": "nearest"} | kwargs)
        _label_steps(ax, self.symbols)
        ax.set(ylabel="unit of h")
        ax.yaxis.get_major_locator().set_params(integer=True)
        self.figure_.colorbar(self.im_, ax=ax, label="$h_t$")
        return self

    def animate(self, *, interval=400, **kwargs):
        """Draw one state after another.

        Parameters
        ----------
        interval : int, default=400
            Milliseconds of each step.
        **kwargs : dict
            Passed on to matplotlib's `imshow`.

        Returns
        -------
        animation : matplotlib FuncAnimation
            In a notebook, show it with `IPython.display.HTML(animation.to_jshtml())`; or
            `save` it.
        """
        self.plot(**kwargs)
        from matplotlib.animation import FuncAnimation

        def draw(t):
            seen = np.where(np.arange(len(self.h))[:, None] <= t, self.h, np.nan)
            self.im_.set_data(seen.T)
            return (self.im_,)

        return FuncAnimation(self.figure_, draw, frames=len(self.h), interval=interval)


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
        found = self.explanation
        ax = self._start(ax, (min(2.6 + 0.32 * len(found.symbols), 12), 1.5))
        most = self._largest()
        options = {"cmap": "RdBu_r", "vmin": -most, "vmax": most, "aspect": "auto"}
        image = ax.imshow(found.contributions[None], **options | kwargs)
        _label_steps(ax, found.symbols)
        ax.set_yticks([])
        title = f"{label(str(found.label))}: score {found.score:.2f}"
        ax.set_title(title, fontsize=10, parse_math=False, family=families(title))
        self.figure_.colorbar(image, ax=ax, label="adds")
        return self

    def _largest(self):
        return float(np.abs(self.explanation.contributions).max(initial=0)) or 1.0

    def _repr_html_(self):
        """Write the letters on colours, for notebooks; joined, as some scripts need it."""
        found, most = self.explanation, self._largest()
        texts = [written(symbol) for symbol in found.symbols]
        gap = "0" if max(map(len, texts)) == 1 else "0.3em"
        spans = "".join(
            f'<span style="background:{_rgba(part / most)};padding:0.1em {gap}" '
            f'title="{part:+.3f}">{html.escape(text)}</span>'
            for text, part in zip(texts, found.contributions)
        )
        title = f"{html.escape(str(found.label))}: score {found.score:.2f}"
        page = f'<div><small>{title}</small><br><span dir="auto">{spans}</span></div>'
        return page.encode("utf-8", "xmlcharrefreplace").decode()  # of half a character


def _rgba(share):
    """Red for what speaks for a class, blue against it; under black and white letters."""
    red, green, blue = (214, 96, 77) if share > 0 else (67, 147, 195)
    return f"rgba({red},{green},{blue},{0.6 * abs(share):.2f})"


def _label_steps(ax, symbols):
    """Write symbols under the columns; of many, numbers."""
    if len(symbols) > 60 or not all(isinstance(s, str | None) for s in symbols):
        ax.set_xlabel("t")
        return
    labels = [label(symbol) for symbol in symbols]
    ax.set_xticks(range(len(symbols)), labels, family=families("".join(labels)))
    for text in ax.get_xticklabels():
        text.set_rotation(90 if len(text.get_text()) > 2 else 0)
        text.set_parse_math(False)
    ax.tick_params(axis="x", length=0)
