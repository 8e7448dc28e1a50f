"""From the parameters of an estimator to what a network and its training are made with.

In: an estimator, and the kind of rows it is to learn. Out: `Shape`, `Plan`, the range of
n-grams, the device; every "auto" is settled here, and what does not fit is refused.
"""

from numbers import Integral

import torch
from sklearn.utils._param_validation import Interval

from skrnn._forms import SYMBOLIC
from skrnn._pooling import POOLINGS
from skrnn._training import Plan
from skrnn._weights import Shape

POSITIVE = Interval(Integral, 1, None, closed="left")
AUTO = {  # what "auto" is: for strings and tokens, and for series of numbers
    "cell": ("rnn", "gru"),
    "bidirectional": (False, True),
    "pooling": (("mean", "bag"), ("last", "max")),
    "dropout": (0.6, 0.2),
}


def settled(estimator, name, kind):
    """Give a parameter, or what "auto" is for rows of this kind."""
    value = getattr(estimator, name)
    if isinstance(value, str) and value == "auto":
        return AUTO[name][kind not in SYMBOLIC]
    return value


def shape_of(estimator, reader, target):
    """Say what a network is made of."""
    kind = reader.kind
    return Shape(
        reader.width,
        estimator.nhidden,
        target.n_outputs,
        symbols=kind in SYMBOLIC,
        cell=settled(estimator, "cell", kind),
        activation=estimator.activation,
        bidirectional=settled(estimator, "bidirectional", kind),
        n_layers=estimator.n_layers,
        pooling=_poolings(estimator, kind),
        bias=estimator.bias,
    )


def _poolings(estimator, kind):
    given = settled(estimator, "pooling", kind)
    pooling = (given,) if isinstance(given, str) else tuple(given)
    if not pooling or len(set(pooling)) < len(pooling) or not set(pooling) <= set(POOLINGS):
        raise ValueError(
            f"{type(estimator).__name__} needs pooling to be one or several different ones of "
            f"{sorted(POOLINGS)}, got {given!r}."
        )
    return pooling


def ngram_range_of(estimator, kind):
    """Give the smallest and the largest n."""
    given = estimator.ngram_range
    if isinstance(given, str):  # "auto"
        return (1, 5) if kind == "strings" and estimator.analyzer == "char" else (1, 3)
    numbers = tuple(given)
    whole = len(numbers) == 2 and all(isinstance(n, Integral) for n in numbers)
    if not whole or not 1 <= numbers[0] <= numbers[1]:
        raise ValueError(
            f"{type(estimator).__name__} needs ngram_range to be (smallest n, largest n), "
            f"from 1 up, got {given!r}."
        )
    return numbers


def plan_of(estimator, kind, n):
    """Say how to train on n rows."""
    names = set(Plan.__dataclass_fields__) - {"batch_size", "max_iter", "dropout"}
    options = {name: getattr(estimator, name) for name in names}
    size, epochs = estimator.batch_size, estimator.max_iter
    size = min(64, max(8, n // 100)) if size == "auto" else size
    epochs = max(6, -(-500 // -(-n // size))) if epochs == "auto" else epochs
    dropout = settled(estimator, "dropout", kind)
    return Plan(batch_size=size, max_iter=epochs, dropout=dropout, **options)


def device_of(estimator):
    """Give the device, if this machine has it."""
    try:
        torch.empty(0, device=estimator.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{type(estimator).__name__} cannot compute on device={str(estimator.device)!r}: "
            f"{reason}."
        ) from None
    return torch.device(estimator.device)
