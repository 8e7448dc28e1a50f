"""The questions of `benchmarks.speed` about reading strings and applying a net.

In: `Setup`. Out: the head and the rows of a table, for each question.
"""

from functools import partial

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks._nets import Symbols, skorch_net
from benchmarks._speed_setup import (
    figures,
    made_up,
    micro,
    progress,
    random_strings,
    same_work,
    seconds,
)
from skrnn import RNNClassifier, RNNEncoder
from skrnn.input.encoding import CodebookRule
from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.samples import Samples
from skrnn.input.vocabulary import VocabularyRule
from skrnn.net.prefixes import levels

DEFAULT = "default settings"
TIMED = ("skrnn", "skorch", "TF-IDF", "floor")


def reading(setup):
    """Seconds of reading a million strings of ten characters into columns of U and G."""
    n = 10**6 if not setup.quick else 10**4
    strings = random_strings(np.random.default_rng(0), n, 10)
    rows = []
    for largest in (1, 3, 5):
        rule = CodebookRule(VocabularyRule(""), NgramRule((1, largest)))
        known = rule.find(Samples("strings", setup.names), np.ones(len(setup.names)))
        read = partial(known.encode, Samples("strings", strings))
        taken = seconds(read, repeats=min(setup.repeats, 3))
        columns = len(known.vocabulary) + len(known.ngrams)
        rows.append([f"{n:,} strings, n-grams to {largest}", f"{columns:,}", *figures(*taken)])
        progress("reading", rows[-1])
    return ["", "columns of U and G", "s"], rows


def applying(setup):
    """Seconds of predict; the floor is the products that the tree of prefixes leaves.

    There is one product in single precision for each level of the tree of all distinct strings:
    the states of its nodes and W, (n_nodes, nhidden) and (nhidden, gates * nhidden). The first
    level has none, as h_0 is zero. The strings of skorch's net are tensors already.
    """
    ours, theirs = _fitted_nets(setup)
    svc = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)), LinearSVC())
    svc.fit(setup.names, setup.y)
    sizes = [10**3, 10**4, 10**5, 10**6] if not setup.quick else [10**3]
    plan = [("rnn", n, times) for times in (1, 100) for n in sizes]
    plan += [(name, sizes[:3][-1], 1) for name in ("gru", DEFAULT)]
    rows = []
    for name, n, times in plan:
        strings = made_up(setup.names, max(n // times, 1))[0] * times
        runs = {"skrnn": partial(ours[name].predict, strings)}
        if name in theirs:
            runs["skorch"] = partial(theirs[name].predict, setup.symbols(strings))
        runs["TF-IDF"] = partial(svc.predict, strings)
        runs["floor"] = level_products(ours[name], strings, setup.device)
        repeats = setup.repeats if n < 10**6 else 1
        taken = seconds(*runs.values(), repeats=repeats, device=setup.device)
        what = "distinct" if times == 1 else f"each {times} times"
        rows.append([f"{name}, {n:,}, {what}", *_compared(dict(zip(runs, taken)))])
        progress("applying", rows[-1])
    rows += _one_string(setup, ours)
    head = ["predict", "skrnn s", "skorch s", "TF-IDF s", "floor s"]
    return [*head, "skorch / skrnn", "TF-IDF / skrnn", "share of the floor"], rows


def _fitted_nets(setup):
    """Fit what is applied, for an epoch: {name: ours} and {name: skorch's}."""
    data, ours, theirs = Symbols(setup.names, setup.y, setup.place), {}, {}
    options = dict(nhidden=100, batch_size=64, epochs=1, device=setup.device)
    for cell in ("rnn", "gru"):
        ours[cell] = same_work(cell, 100, 64, 1, device=setup.device)
        theirs[cell] = skorch_net(cell, len(setup.place), setup.n_classes, **options)
        theirs[cell].fit(data, y=None)
    ours[DEFAULT] = RNNClassifier(max_iter=1, random_state=0, device=setup.device)
    for model in ours.values():
        model.fit(setup.names, setup.y)
    return ours, theirs


def level_products(model, strings, device):
    """Make the products of W and the states of the nodes of each level but the first."""
    samples = model._check_fitted_X(strings)
    distinct = samples.take(samples.unique()[0])
    sequences = model._codebook.encode(model._analyzer.documents(distinct))
    n_nodes = [len(level.steps) for level in levels(sequences)][1:]
    most, (n_rows, nhidden) = max(n_nodes, default=0), model.W_.shape
    W = torch.randn(nhidden, n_rows, device=device)
    h, a = (torch.randn(most, size, device=device) for size in (nhidden, n_rows))

    def run():
        for n in n_nodes:
            torch.mm(h[:n], W, out=a[:n])

    return run


def _compared(taken):
    """Write the seconds of each and the ratios; blank where something was not measured."""
    cells = [f"{taken[name]:.4g}" if name in taken else "" for name in TIMED]
    ratios = [f"{taken[x] / taken['skrnn']:.1f}" if x in taken else "" for x in TIMED[1:3]]
    return [*cells, *ratios, f"{taken['floor'] / taken['skrnn']:.2f}"]


def _one_string(setup, ours):
    """Measure a list of one name, in milliseconds."""
    encoder = RNNEncoder(max_iter=1, random_state=0, device=setup.device)
    encoder.fit(setup.names, setup.y)
    calls = {name: model.predict for name, model in ours.items()}
    calls[f"{DEFAULT}, RNNEncoder.transform"] = encoder.transform
    runs = [partial(call, setup.names[:1]) for call in calls.values()]
    repeats = 200 if not setup.quick else 20
    taken = seconds(*runs, repeats=repeats, device=setup.device)
    return [
        [f"{name}, a list of one name", f"{1000 * x:.2f} ms", *[""] * 6]
        for name, x in zip(calls, taken)
    ]


def lengths(setup):
    """Microseconds a symbol, for the same number of symbols in fewer and longer strings."""
    total = 10**6 if not setup.quick else 10**5
    rng = np.random.default_rng(0)
    rows = []
    for length in (10, 100, 1000, 10_000):
        strings = random_strings(rng, total // length, length)
        y = np.arange(len(strings)) % 2
        model = same_work("rnn", 100, 64, 1)
        fit = seconds(partial(model.fit, strings, y), repeats=1)[0]
        apply = seconds(partial(model.predict, strings), repeats=setup.repeats)[0]
        rows.append([f"{len(strings):,} of {length:,}", *micro(fit / total, apply / total)])
        progress("lengths", rows[-1])
    return ["strings", "an epoch, µs a symbol", "predict, µs a symbol"], rows
