"""What the estimators that learn share: parameters, and fit from raw X and y to matrices.

validate -> drop rows of zero weight -> encode -> merge equal rows -> train -> set what
ends in an underscore.
"""

import warnings
from collections.abc import Iterable
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from skrnn import _training
from skrnn._alphabet import UNKNOWN
from skrnn._applying import contributions
from skrnn._docs import FIT, documented
from skrnn._forms import SYMBOLIC
from skrnn._network import Network
from skrnn._optimizer import SOLVERS
from skrnn._outputs import GRADE, LOSS, Scales, Units, class_weights
from skrnn._pooling import POOLINGS
from skrnn._progress import CallbackSupportMixin, Progress
from skrnn._reading import once
from skrnn._sequences import merge
from skrnn._settings import POSITIVE, device_of, ngram_range_of, plan_of, shape_of
from skrnn._targets import check_known_target, check_target, check_weight
from skrnn._values import short
from skrnn._vectors import BaseVectors, known_of, undone_on_failure

MATRICES = ("W_", "U_", "U_above_", "V_", "b_", "c_")


class Explanation(NamedTuple):
    """What each step of a sequence adds to an output, the score of a class or a number."""

    contributions: np.ndarray  # (n_steps,)
    symbols: list
    label: Any
    score: float
    baseline: float


class BaseRNN(CallbackSupportMixin, BaseVectors):
    """Base of the estimators that learn; each says by `_target_kind` what y has to be."""

    _target_kind = None  # "classification", "regression", or None: as y is

    _parameter_constraints = {
        "nhidden": [POSITIVE],
        "cell": [StrOptions({"auto", "rnn", "gru", "lstm"})],
        "activation": [StrOptions({"tanh", "relu"})],
        "bidirectional": ["boolean", StrOptions({"auto"})],
        "n_layers": [POSITIVE],
        "pooling": [StrOptions({"auto", *POOLINGS}), tuple, list],
        "init": [StrOptions({"identity", "orthogonal", "article"})],
        "bias": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "embedding_dropout": [Interval(Real, 0, 1, closed="left")],
        "symbol_dropout": [Interval(Real, 0, 1, closed="left")],
        "analyzer": [StrOptions({"char", "word"}), callable],
        "lowercase": ["boolean"],
        "ngram_range": [tuple, list, StrOptions({"auto"})],
        "min_df": [POSITIVE, Interval(RealNotInt, 0, 1, closed="both")],
        "max_features": [POSITIVE, None],
        "vocabulary": [Iterable, None],
        "max_length": [POSITIVE, None],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "solver": [StrOptions(set(SOLVERS))],
        "learning_rate": [StrOptions(set(_training.SCHEDULES))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [StrOptions({"auto"}), POSITIVE],
        "max_iter": [StrOptions({"auto"}), POSITIVE],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "max_grad_norm": [Interval(Real, 0, None, closed="neither"), None],
        "shuffle": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [POSITIVE],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "warm_start": ["boolean"],
        "device": [str, torch.device],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        nhidden=128,
        *,
        cell="auto",
        activation="tanh",
        bidirectional="auto",
        n_layers=1,
        pooling="auto",
        init="identity",
        bias=True,
        dropout="auto",
        embedding_dropout=0.0,
        symbol_dropout=0.3,
        analyzer="char",
        lowercase=True,
        ngram_range="auto",
        min_df=1,
        max_features=100_000,
        vocabulary=None,
        max_length=None,
        class_weight=None,
        solver="adam-adagrad",
        learning_rate="onecycle",
        learning_rate_init=0.004,
        batch_size="auto",
        max_iter="auto",
        alpha=0.0,
        max_grad_norm=1.0,
        shuffle=True,
        tol=1e-4,
        n_iter_no_change=10,
        early_stopping=False,
        validation_fraction=0.1,
        warm_start=False,
        device="cpu",
        random_state=None,
        verbose=0,
    ):
        self.nhidden = nhidden
        self.cell = cell
        self.activation = activation
        self.bidirectional = bidirectional
        self.n_layers = n_layers
        self.pooling = pooling
        self.init = init
        self.bias = bias
        self.dropout = dropout
        self.embedding_dropout = embedding_dropout
        self.symbol_dropout = symbol_dropout
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.ngram_range = ngram_range
        self.min_df = min_df
        self.max_features = max_features
        self.vocabulary = vocabulary
        self.max_length = max_length
        self.class_weight = class_weight
        self.solver = solver
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.alpha = alpha
        self.max_grad_norm = max_grad_norm
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @documented(parameters=FIT)
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None, X_val=None, y_val=None):
        """Learn W, U, V, b and c by minibatch SGD.

        Parameters
        ----------
        {parameters}
        """
        progress = Progress(self, X, y, sample_weight)
        with undone_on_failure(self):
            self._fit(X, y, sample_weight, X_val, y_val, progress)
        progress.ends()
        return self

    def _fit(self, X, y, sample_weight, X_val, y_val, progress):
        again = self.warm_start and hasattr(self, "W_")
        rows = self._check_X(X, reset=not again, fitted=self.input_type_ if again else None)
        if again:
            self._check_width(rows, self.U_.shape[1])
        target = check_target(self, y, len(rows.values), self._target_kind)
        weight = check_weight(self, sample_weight, len(rows.values))
        kept = np.flatnonzero(weight)  # rows of zero weight must not shape anything
        rows, target, weight = rows.take(kept), target.take(kept), weight[kept]
        self._check_target(target, again)

        rows, which = once(rows)
        counts = np.bincount(which, np.ceil(np.round(weight, 9)))  # of fractions, rows
        ngrams, limits = ngram_range_of(self, rows.kind), (self.min_df, self.max_features)
        if again and rows.kind in SYMBOLIC:
            alphabet = self._alphabet
        else:
            alphabet = self._alphabet_of(rows, counts, ngrams, *limits)
        reader = self._reader_of(rows, alphabet)
        values, ids = np.unique(target.values, axis=0, return_inverse=True)
        which, ids, weight = merge(which, ids, weight)
        train = _training.Examples(reader.encode(rows), which, values[ids], weight)
        validation = self._check_validation(X_val, y_val, reader, target)
        self._train(reader, target, train, validation, again, progress)

    def _check_target(self, target, again):
        """Refuse a single class, and what a warm start does not know."""
        who, classes = type(self).__name__, target.classes
        if self._target_kind == "classification" and len(classes) < 2:
            raise ValueError(
                f"{who} needs at least two classes in y, got one class: {short(classes[0])}."
            )
        old = getattr(self, "classes_", None)
        if again and not np.array_equal(classes, old):
            raise ValueError(
                f"{who} with warm_start=True needs y to be {_listed(old)}, as in the last fit, "
                f"got {_listed(classes)}: set warm_start=False to start anew."
            )

    def _check_validation(self, X_val, y_val, reader, target):
        """Read a validation set of the user's own."""
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            given, lacking = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ValueError(
                f"{type(self).__name__} got {given} without {lacking}: give both or neither."
            )
        rows = self._check_X(X_val, reset=False, fitted=reader.kind, name="X_val")
        self._check_width(rows, reader.width, "X_val")
        sequences, which = reader.read(rows)
        known = check_known_target(self, y_val, len(which), target)
        return _training.Examples(sequences, which, known.values, np.ones(len(which)))

    def _train(self, reader, target, train, validation, again, progress):
        """Train a network on examples, and take over what it has learned."""
        n_outputs = train.target.shape[1] if train.target.ndim == 2 else len(target.classes)
        shape = shape_of(self, reader.kind, reader.width, n_outputs)
        scales = self._scales(target, train, shape)
        train, validation = scales.into(train), validation and scales.into(validation)
        if self.class_weight is not None:
            train = self._weigh_classes(train, target)
        random = check_random_state(self.random_state)
        generator = torch.Generator().manual_seed(int(random.randint(2**31 - 1)))
        network = self._start(reader, target, shape, scales, generator, again)
        if self.early_stopping and validation is None:
            train, validation = self._hold_out(train, generator)
        plan = plan_of(self, reader.kind, len(train.rows))
        before = self.loss_curve_ if again else []

        def learned(history):
            return self._learned(reader, target, scales, network, history, before)

        progress.begins(plan.max_iter)
        try:
            history = _training.fit(
                network,
                train,
                plan,
                generator,
                validation=validation,
                score=GRADE[target.kind],
                begins=progress.epoch_begins,
                ends=lambda history: progress.epoch_ends(history, lambda: learned(history)),
            )
        except (FloatingPointError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "without overflow" not in str(error):
                raise  # that is what torch says of a step size beyond single precision
            raise ValueError(
                f"{type(self).__name__} needs a finite loss, but {error}: lower "
                f"learning_rate_init, set max_grad_norm, or scale X."
            ) from None
        if history.interrupted:
            warnings.warn(
                f"{type(self).__name__}.fit was interrupted in epoch {len(history.losses) + 1}; "
                "the best epoch so far is kept.",
                stacklevel=2,
            )
        self._set_fitted(learned(history))

    def _weigh_classes(self, train, target):
        who = type(self).__name__
        if target.kind == "multilabel":
            raise ValueError(
                f"{who} has class_weight for one label a row, got several columns of y."
            )
        if target.kind == "regression":
            raise ValueError(
                f"{who} needs class_weight=None where y is numbers, got {self.class_weight!r}."
            )
        factor = class_weights(who, self.class_weight, target.classes, train.target, train.weight)
        return train._replace(weight=train.weight * factor)

    def _scales(self, target, train, shape):
        """Measure the numbers among x and y; a bag of x does not know b, hence no mean of x."""
        x = y = None
        if not shape.symbols:
            centre = self.bias and "bag" not in shape.pooling
            x = Units.of(train.sequences.values, centre=centre)
        if target.kind == "regression":
            y = Units.of(train.target, train.weight)
        return Scales(x, y)

    def _start(self, reader, target, shape, scales, generator, again):
        """Make the network that training starts from."""
        network = Network(shape, loss=LOSS[target.kind], device=device_of(self))
        if not again:
            network.initialize(self.init, generator, silent=[UNKNOWN] if reader.alphabet else [])
            return network
        old, alphabet = self._fitted_shape, reader.alphabet
        same = shape._replace(bias=old.bias) == old
        if not same or (alphabet and alphabet.ngram_range != ngram_range_of(self, reader.kind)):
            raise ValueError(
                f"{type(self).__name__} with warm_start=True needs nhidden, cell, activation, "
                "bidirectional, n_layers, pooling and ngram_range to stay what they were in the "
                "last fit: set warm_start=False to start anew."
            )
        return network.load(scales.undo(self._arrays()))

    def _hold_out(self, train, generator):
        who, n = type(self).__name__, len(train.rows)
        if n < 2:
            raise ValueError(
                f"{who} needs two different rows for early_stopping=True, got n_samples={n}."
            )
        return _training.hold_out(train, self.validation_fraction, generator)

    def _learned(self, reader, target, scales, network, history, before):
        """Name everything that a fitted estimator has; `before` are the losses of a warm start."""
        losses = [*before, *history.losses]
        matrices = zip(MATRICES, scales.apply(network.arrays()))
        classes = {} if target.kind == "regression" else {"classes_": target.classes}
        return {
            **known_of(reader),
            "target_type_": target.kind,
            **classes,
            "_fitted_shape": network.shape,
            **dict(matrices),
            "n_iter_": len(losses),
            "loss_curve_": losses,
            "loss_": losses[-1],
            "best_loss_": min(losses),
            "validation_scores_": history.scores or None,
            "best_validation_score_": max(history.scores, default=None),
        }

    def _arrays(self):
        return [getattr(self, name) for name in MATRICES]

    def _device(self):
        return device_of(self)

    def _explain(self, x, output, label):
        """Share an output among the symbols of one sequence."""
        sequence, symbols = self._read_one(x)
        parts, score, baseline = contributions(self._network(), sequence, output)
        return Explanation(parts.cpu().numpy(), symbols, label, score, baseline)

    def _scores(self, X):
        """Give o = V h + c of each distinct row, (n, n_outputs), and which of these each is."""
        scores, which, _ = self._apply(X, lambda h: h @ self.V_.T.astype(h.dtype) + self.c_)
        return scores, which


def _listed(classes):
    return "numbers" if classes is None else f"the classes {short(classes.tolist())}"
