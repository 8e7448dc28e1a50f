"""`RNNEncoder`: learns vectors [h ; g] of sequences."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar, Literal

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils._param_validation import StrOptions

from skrnn._docs import ATTRIBUTES, NOTES, documented
from skrnn._learner import BaseLearner
from skrnn._parameters import PARAMETERS, REFERENCES
from skrnn.input.sequences import Array
from skrnn.input.targets import TargetKind


@documented(parameters=PARAMETERS, attributes=ATTRIBUTES, notes=NOTES, references=REFERENCES)
@dataclass(eq=False, repr=False)
class RNNEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseLearner):
    """Learn order-aware vectors of strings and other sequences from a target y.

    The vector of a sequence x_1 ... x_T is the concatenation [h ; g]. h is pooled from the states
    of a recurrence such as ::

        h_0 = 0,    h_t = f(W h_{t-1} + U x_t + b)

    where x_t is one-hot for symbols, so that U x_t is a column of U. For series, x_t contains the
    numbers of one step, or of a window of several steps. g represents the n-grams of the sequence,
    wherever they occur: it is the sum of their columns of G, divided by the square root of T.
    Series have no g.

    All matrices are learned together with a linear output layer o = V [h ; g] + c, by minibatch
    SGD [1]_. The loss is the cross entropy if y contains classes, or the squared error if it
    contains numbers; `target_type` determines which. Sequences of different lengths are trained
    without padding.

    Parameters
    ----------
    {parameters}
    target_type : {"auto", "classification", "regression"}, default="auto"
        Whether y contains classes (or several labels) or numbers. "auto" uses
        `sklearn.utils.multiclass.type_of_target`, which takes whole numbers for classes, even as
        floats.

    Attributes
    ----------
    {attributes}
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels, if y contained classes. If y had several columns, their numbers.

    See Also
    --------
    RNNClassifier : Predicts classes from the same vectors.
    RNNRegressor : Predicts numbers from the same vectors.

    Notes
    -----
    {notes}

    References
    ----------
    {references}

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn import RNNEncoder
    >>> names = ["tanaka", "suzuki", "sato", "smith", "jones", "brown"] * 5
    >>> country = ["jp", "jp", "jp", "uk", "uk", "uk"] * 5
    >>> encoder = RNNEncoder(nhidden=16, random_state=0)
    >>> encoder.fit_transform(names, country).shape
    (30, 144)
    >>> forest = RandomForestClassifier(random_state=0)
    >>> model = make_pipeline(encoder, forest).fit(names, country)
    >>> model.predict(["tanaka", "jones"]).tolist()
    ['jp', 'uk']
    """

    _: KW_ONLY
    target_type: Literal["auto", "classification", "regression"] = "auto"

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseLearner._parameter_constraints,
        "target_type": [StrOptions({"auto", "classification", "regression"})],
    }

    @property
    def _target_kind(self) -> TargetKind | None:  # type: ignore[override]
        return None if self.target_type == "auto" else self.target_type

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.V_.shape[1])

    def transform(self, X: Any) -> Array:
        """Return the vector of each row.

        Parameters
        ----------
        X : array-like
            Sequences in the same form as in `fit`.

        Returns
        -------
        vectors : ndarray of shape (n_samples, n_poolings * n_directions * nhidden + ngram_size)
            The vectors [h ; g], with as many columns as `V_`. They are float32 for strings and
            tokens, and have the dtype of X for numbers.

        Raises
        ------
        ValueError
            If a state is too large for a number, which can happen with activation="relu".
        """
        return self._vectors(X)


def encoder_of(estimator: BaseLearner) -> RNNEncoder:
    """Make a fitted `RNNEncoder` that uses the arrays of another fitted estimator."""
    learned: Literal["classification", "regression"] = (
        "regression" if estimator.target_type_ == "regression" else "classification"
    )
    encoder = RNNEncoder(target_type=learned, **estimator.get_params())
    fitted = {name: value for name, value in vars(estimator).items() if name.endswith("_")}
    for name in ("_codebook", "_architecture"):
        fitted[name] = getattr(estimator, name)
    fitted["_analyzer"] = replace(estimator._analyzer, who="RNNEncoder")
    encoder.__dict__.update(fitted)
    return encoder
