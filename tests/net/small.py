"""Small nets and sequences of each kind, for the tests of the net."""

import numpy as np
import torch

from skrnn.input.samples import Samples
from skrnn.input.sequences import from_arrays
from skrnn.input.vocabulary import Vocabulary, VocabularyRule
from skrnn.net.architecture import Architecture
from skrnn.net.batches import pack
from skrnn.net.network import Network

DOUBLE = torch.float64
WORDS = ["katze", "cat", "", "act", "a", None, "cat", "hat", "katzekatze"]
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
EVERYTHING = ("last", "mean", "max", "bag")


def learn(documents, ngram_range):
    """Make a vocabulary of all n-grams of documents."""
    rule = VocabularyRule("Who", ngram_range=ngram_range)
    kind = "strings" if any(isinstance(d, str) for d in documents) else "tokens"
    return rule.find(Samples(kind, documents), np.ones(len(documents)))


def symbols():
    vocabulary = Vocabulary("acehktz")
    return vocabulary.encode(WORDS), {"n_inputs": len(vocabulary), "symbols": True}


def ngrams():
    vocabulary = learn(WORDS[:4], (1, 3))
    return vocabulary.encode(WORDS), {"n_inputs": len(vocabulary), "symbols": True}


def series():
    rng = np.random.default_rng(0)
    lengths = [5, 3, 0, 3, 1, 7, 2, 0, 3]
    arrays = [rng.normal(size=(n, 2)) for n in lengths]
    return from_arrays(arrays), {"n_inputs": 2, "symbols": False}


def pieces(sequences):
    """Cut `Sequences` into one tensor a sequence."""
    return torch.as_tensor(sequences.values).split(sequences.lengths.tolist())


def network(kind="cross_entropy", **shape):
    n_outputs = 2 if kind == "squared_error" else 3
    net = Network(Architecture(nhidden=4, n_outputs=n_outputs, **shape), loss=kind, dtype=DOUBLE)
    generator = torch.Generator().manual_seed(0)
    for part in (net.weights.dense, net.weights.table[: net.architecture.n_inputs]):
        part.copy_(torch.randn(part.shape, generator=generator, dtype=DOUBLE) / 2)
    return net


def parameters(net):
    """Give copies of all parameters that autograd follows, by their names."""
    copies = {name: view.clone().requires_grad_() for name, view in net.weights.views.items()}
    U = net.weights.table[: net.architecture.n_inputs].T / net.architecture.bag_scale
    copies["U"] = U.clone().requires_grad_()
    return copies


def by_name(net, gradient):
    """Give the gradient of each matrix; of U, those of the columns that were not read are zero."""
    U = torch.zeros_like(net.weights.table)
    U[slice(None) if gradient.rows is None else gradient.rows] = gradient.table
    U = U[: net.architecture.n_inputs].T * net.architecture.bag_scale
    return {**net.weights.views_of(gradient.dense), "U": U}


def single_batch(net, sequences):
    n, n_columns = len(sequences), net.architecture.n_inputs if net.architecture.symbols else None
    packed = pack(sequences, np.arange(n), np.zeros(n, dtype=int))
    (batch,) = packed.batches(DOUBLE, "cpu", n_columns)
    return batch, packed.order


VARIANTS = [
    {},
    {"pooling": ("mean", "bag")},
    {"pooling": ("max",)},
    {"pooling": EVERYTHING},
    {"bidirectional": True, "pooling": EVERYTHING},
    {"n_layers": 3},
    {"n_layers": 2, "bidirectional": True, "pooling": EVERYTHING},
]


def states_of(net, values, state=None):
    """Unroll one sequence with the fast code, from a state if one is given: every h_t."""
    values = torch.tensor(values)[:, None]
    ((recurrence,),) = net.layers
    z = net.embed(values) / net.weights.table_scale + recurrence.b
    return net.cell.unroll(z, recurrence.W, [1] * len(values), state)[0][0]
