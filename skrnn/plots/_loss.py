"""A plot of the training loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from skrnn._docs import documented
from skrnn.plots._figure import AXES, Display, document_drawing, integer_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes


@documented(axes=AXES)
class LossCurveDisplay(Display):
    """The loss of each epoch, and the score on the validation set if there is one.

    Parameters
    ----------
    loss : list of float
        Loss of each epoch.
    validation_scores : list of float or None, default=None
        Validation score of each epoch.

    Attributes
    ----------
    {axes}
    score_ax_ : matplotlib Axes or None
        Axes of the validation scores, if there are any.

    See Also
    --------
    UnrollDisplay : Shows the states of one sequence.

    Examples
    --------
    >>> from skrnn import RNNClassifier
    >>> from skrnn.plots import LossCurveDisplay
    >>> model = RNNClassifier(4, max_iter=3).fit(["ab", "ba"], [0, 1])
    >>> len(LossCurveDisplay.from_estimator(model).loss)
    3
    """

    score_ax_: Axes | None

    def __init__(
        self, loss: Sequence[float], validation_scores: Sequence[float] | None = None
    ) -> None:
        self.loss, self.validation_scores = loss, validation_scores

    @classmethod
    @document_drawing("plot")
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any
    ) -> LossCurveDisplay:
        """Draw the loss curve of a fitted estimator.

        Parameters
        ----------
        estimator : fitted RNNEncoder, RNNClassifier or RNNRegressor
            Anything that has `loss_curve_`.
        {drawing}

        Returns
        -------
        display : LossCurveDisplay
            The display that was drawn.
        """
        check_is_fitted(estimator)
        if not hasattr(estimator, "loss_curve_"):
            raise ValueError(
                f"{cls.__name__} needs an estimator that learns by epochs, got "
                f"{type(estimator).__name__}."
            )
        return cls(estimator.loss_curve_, estimator.validation_scores_).plot(ax=ax, **kwargs)

    @document_drawing("plot")
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> LossCurveDisplay:
        """Draw the loss curve.

        Parameters
        ----------
        {drawing}

        Returns
        -------
        display : LossCurveDisplay
            The display itself.
        """
        ax = self._set_axes(ax, (5, 3.4))
        epochs = range(1, len(self.loss) + 1)
        marker = "o" if len(self.loss) <= 30 else None
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        options: dict[str, Any] = {"marker": marker, "markersize": 4}
        options |= {"color": "C0", "label": "loss"} | normalize_kwargs(kwargs, Line2D)
        lines = ax.plot(epochs, self.loss, **options)
        ax.set(xlabel="epoch", ylabel="loss")
        integer_ticks(ax.xaxis)
        self.score_ax_ = None
        if self.validation_scores is not None and len(self.validation_scores):
            self.score_ax_ = ax.twinx()
            scores = epochs[-len(self.validation_scores) :], self.validation_scores
            options |= {"color": "C1", "label": "validation score"}
            lines += self.score_ax_.plot(*scores, **options)
            self.score_ax_.set_ylabel("validation score")
            above = (0.5, 1)
            ax.legend(
                handles=lines, ncols=2, frameon=False, loc="lower center", bbox_to_anchor=above
            )
        return self
