"""Small nets and sequences of each kind, for the tests of the net."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from reference import Sample

from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.samples import Samples
from skrnn.input.sequences import Examples, from_arrays
from skrnn.input.vocabulary import Vocabulary
from skrnn.input.windows import Window
from skrnn.net import trainer, training
from skrnn.net.architecture import Architecture
from skrnn.net.batches import pack
from skrnn.net.network import Network
from skrnn.net.optimizer import Optimizer
from skrnn.net.precision import precision
from skrnn.net.training import TrainingPlan

DOUBLE = torch.float64
CPU = torch.device("cpu")
WORDS = ["katze", "cat", "", "act", "a", None, "cat", "hat", "katzekatze"]
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
EVERYTHING = ("last", "mean", "max")
STEP_BY_STEP = Window()


def symbols():
    """Sequences without n-grams."""
    vocabulary = Vocabulary("acehktz")
    return vocabulary.encode(WORDS), {"n_inputs": len(vocabulary), "symbols": True}


def ngrams():
    """Sequences with n-grams, and a last one that has none which are known."""
    words = [*WORDS, "é"]
    rule = NgramRule((2, 3))
    vocabulary = rule.find(Samples("strings", WORDS[:4]), np.ones(4))
    sequences, inputs = Vocabulary("acehktz").encode(words), symbols()[1]
    sequences = replace(sequences, ngrams=vocabulary.encode(words))
    return sequences, {**inputs, "n_ngrams": len(vocabulary), "ngram_size": 3}


def series():
    rng = np.random.default_rng(0)
    lengths = [5, 3, 0, 3, 1, 7, 2, 0, 3]
    arrays = [rng.normal(size=(n, 2)) for n in lengths]
    return from_arrays(arrays), {"n_inputs": 2, "symbols": False}


def windows():
    """Series that are read by windows: longer and shorter ones, and two without a step."""
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(n, 2)) for n in (13, 5, 0, 4, 1, 10, 3, 0, 9)]
    return from_arrays(arrays), {"n_inputs": 8, "symbols": False, "window": Window(4, 3)}


def whitened():
    """The same, for a net that whitens the steps of a window."""
    sequences, inputs = windows()
    A = np.random.default_rng(1).normal(size=(4, 4))
    return sequences, {**inputs, "whitening": A + A.T}


def pieces(sequences):
    """Cut `Sequences` into samples for the reference."""
    values = torch.as_tensor(sequences.values).split(sequences.lengths.tolist())
    ngrams = sequences.ngrams
    if ngrams is None:
        return [Sample(x) for x in values]
    columns = np.split(ngrams.columns, np.cumsum(ngrams.counts)[:-1])
    return [Sample(x, tuple(c.tolist()), s) for x, c, s in zip(values, columns, ngrams.scale)]


def network(kind="cross_entropy", whitening=None, **shape):
    n_outputs = 2 if kind == "squared_error" else 3
    architecture = Architecture(nhidden=4, n_outputs=n_outputs, **shape)
    net = Network(architecture, loss=kind, whitening=whitening, dtype=DOUBLE)
    generator = torch.Generator().manual_seed(0)
    for part in (net.weights.dense, net.weights.U, net.weights.G):
        part.copy_(torch.randn(part.shape, generator=generator, dtype=DOUBLE) / 2)
    return net


def skip_unless_rows_are_independent(architecture):
    """Single precision is used, and promises equal bits, only where the processor allows."""
    if precision(architecture, CPU) != torch.float32:
        pytest.skip("in single precision a row depends on its block on this machine")


def parameters(net):
    """Give copies of all parameters that autograd follows, by their names."""
    matrices = {**net.weights.views, "U": net.weights.U.T, "G": net.weights.G.T}
    p = {name: matrix.clone().requires_grad_() for name, matrix in matrices.items()}
    return p if net.whitening is None else {**p, "P": net.whitening}


def whole_table(table, gradient):
    """Give the gradient of a matrix; those of the columns that were not read are zero."""
    whole = torch.zeros_like(table)
    if gradient is not None:
        whole[slice(None) if gradient.rows is None else gradient.rows] = gradient.values
    return whole.T


def by_name(net, gradient):
    """Give the gradient of each matrix."""
    tables = {
        "U": whole_table(net.weights.U, gradient.U),
        "G": whole_table(net.weights.G, gradient.G),
    }
    return {**net.weights.views_of(gradient.dense), **tables}


def single_batch(sequences, window=STEP_BY_STEP):
    """Make one batch of all sequences; give it and their order."""
    n = len(sequences)
    packed = pack(window.cut(sequences), np.arange(n), np.zeros(n, dtype=int))
    (batch,) = packed.batches(DOUBLE, CPU, readers=True)
    return batch, packed.order


NONE = {"n_layers": 0, "pooling": ()}  # no recurrence
VARIANTS = [
    {},
    {"pooling": ("mean", "last")},
    {"pooling": ("max",)},
    {"pooling": EVERYTHING},
    {"bidirectional": True, "pooling": EVERYTHING},
    {"n_layers": 3},
    {"n_layers": 2, "bidirectional": True, "pooling": EVERYTHING},
]


def states_of(net, values, state=None):
    """Unroll one sequence with the fast code, from a state if one is given: every h_t."""
    ((recurrence,),) = net.layers
    z = net.embed(torch.tensor(values)) + recurrence.b
    return net.cell.unroll(z, recurrence.W, [1] * len(values), state)[0][0]


def plan(**options):
    return TrainingPlan(
        **{
            "solver": "sgd",
            "learning_rate": "onecycle",
            "learning_rate_init": 1.0,
            "batch_size": 4,
            "max_iter": 2,
            "adaptive": False,
            "alpha": 0.0,
            "dropout": (0.0, 0.0),
            "ngram_dropout": 0.0,
            "max_grad_norm": 1.0,
            "tol": 0.0,
            "n_iter_no_change": 10,
            "early_stopping": False,
            **options,
        }
    )


def task(data=ngrams, **options):
    """A net and nine examples, or ten with n-grams."""
    sequences, inputs = data()
    n = len(sequences)
    weight = np.arange(1.0, n + 1)
    examples = Examples(sequences, np.arange(n), np.arange(n) % 3, weight)
    return network(**inputs, **options), examples


def run_epoch(net, examples, options, seed=0, rate=lambda done: 1.0):
    """Go through an epoch; give its loss."""
    optimizer = Optimizer(options.solver, net.weights, alpha=0.0, max_grad_norm=None)
    generator = torch.Generator().manual_seed(seed)
    return training.epoch(net, optimizer, examples, options, generator, rate)


def fit(net, examples, options, **given):
    return trainer.fit(net, examples, options, torch.Generator().manual_seed(0), **given)
