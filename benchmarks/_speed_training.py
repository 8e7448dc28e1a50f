"""The questions of `benchmarks.speed` about training: an epoch, a step, the article's accuracy.

In: `Setup`. Out: the head and the rows of a table, for each question.
"""

from functools import partial
from statistics import median
from time import perf_counter

import numpy as np
import torch

from benchmarks._nets import Symbols, skorch_net
from benchmarks._report import split_rows
from benchmarks._speed_setup import EPOCHS, figures, progress, same_work, seconds
from benchmarks.article import ArticleRNN, cross_entropy, softmax
from skrnn import RNNClassifier

ARTICLE_ACCURACY = 0.75
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
ARTICLE_LOOP = "article's loop, batches of 32"
HASTY = {  # fits of one epoch, or two
    "RNNClassifier(max_iter=2)": dict(max_iter=2),
    "RNNClassifier(max_iter=1)": dict(max_iter=1),
    "RNNClassifier(64, max_iter=1, ngram_range=(1, 3), batch_size=128, learning_rate_init=0.008, "
    "dropout=0.3, ngram_dropout=0)": dict(
        nhidden=64,
        max_iter=1,
        ngram_range=(1, 3),
        batch_size=128,
        learning_rate_init=0.008,
        dropout=0.3,
        ngram_dropout=0,
    ),
}


def training(setup):
    """Seconds of an epoch, reading the strings included for skrnn alone."""
    sizes = [("rnn", b, n) for b in (32, 64, 256) for n in (32, 100, 256)]
    sizes += [(cell, b, n) for cell in ("gru", "lstm") for b, n in ((64, 100), (256, 256))]
    if setup.quick:
        sizes = [("rnn", 64, 32), ("gru", 64, 32)]
    data, device = Symbols(setup.names, setup.y, setup.place), setup.device
    rows = []
    for cell, batch, nhidden in sizes:
        options = dict(nhidden=nhidden, batch_size=batch, epochs=EPOCHS, device=device)
        net = skorch_net(cell, len(setup.place), setup.n_classes, **options)
        model = same_work(cell, nhidden, batch, device=device)
        ours, peer, floor = seconds(
            partial(model.fit, setup.names, setup.y),
            partial(net.fit, data, y=None),
            products(sum(map(len, setup.names)), nhidden, GATES[cell], device),
            repeats=setup.repeats,
            device=device,
        )
        taken = figures(ours / EPOCHS, peer / EPOCHS, floor)
        ratios = f"{peer / ours:.2f}", f"{floor * EPOCHS / ours:.2f}"
        rows.append([f"{cell}, batch {batch}, nhidden {nhidden}", *taken, *ratios])
        progress("training", rows[-1])
    head = ["epoch of", "skrnn s", "skorch s", "floor s", "times faster", "share of the floor"]
    return head, rows


def products(n_steps, nhidden, gates, device):
    """Make the three products of an epoch: forward, back through time, gradient of W."""
    h = torch.randn(n_steps, nhidden, device=device)
    W = torch.randn(nhidden, gates * nhidden, device=device)
    a, dh, dW = h @ W, torch.empty_like(h), torch.empty_like(W)

    def run():
        torch.mm(h, W, out=a)
        torch.mm(a, W.T, out=dh)
        torch.mm(h.T, a, out=dW)

    return run


def reaching(setup):
    """Seconds until the accuracy on a fifth of the article's names is 0.75, or twelve epochs."""
    split = split_rows(setup.names, setup.y, 0)
    good_enough = ARTICLE_ACCURACY if not setup.quick else 0.1
    runs = {ARTICLE_LOOP: [], **{name: [] for name in HASTY}}
    for seed in range(1 if setup.quick else setup.repeats):
        runs[ARTICLE_LOOP].append(article_until(split, seed, good_enough))
        for name, options in HASTY.items():
            start = perf_counter()
            model = RNNClassifier(random_state=seed, **options).fit(split.X, split.y)
            taken = perf_counter() - start
            runs[name].append((taken, model.score(split.X_val, split.y_val)))
        progress("reaching", [each[-1] for each in runs.values()])
    of_article = median(taken for taken, _ in runs[ARTICLE_LOOP])
    rows = []
    for name, each in runs.items():
        taken, accuracy = (median(column) for column in zip(*each))
        rows.append([name, *figures(taken), f"{accuracy:.3f}", f"{of_article / taken:.1f}"])
    return ["to 0.75 on the article's names", "s", "accuracy", "times faster"], rows


def article_until(split, seed, accuracy, most=12):
    """Train the article's loop, without its metrics in the time, until it is good enough."""
    y, y_val = torch.as_tensor(split.y), torch.as_tensor(split.y_val)
    model = ArticleRNN(
        sorted(set("".join(split.X + split.X_val))), np.arange(int(y.max()) + 1), seed
    )
    optimizer = torch.optim.Adam(model.matrices, lr=0.001)
    total, longest = 0.0, max(map(len, split.X))
    for _ in range(most):
        start = perf_counter()
        for i in range(0, len(split.X) - 31, 32):
            loss = cross_entropy(
                softmax(model.forward(model.onehot(split.X[i : i + 32], longest))), y[i : i + 32]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += perf_counter() - start
        found = float((torch.as_tensor(model.predict(split.X_val)) == y_val).double().mean())
        if found >= accuracy:
            break
    return total, found


def columns(setup):
    """Milliseconds of a training step, by the number of columns of U."""
    rng = np.random.default_rng(0)
    n = 6400 if not setup.quick else 640
    rows, first = [], None
    for size in (30, 1000, 3000, 100_000) if not setup.quick else (30, 1000):
        tokens = [f"t{i}" for i in range(size)]
        X = [[tokens[i] for i in row] for row in rng.integers(size, size=(n, 10))]
        y = np.arange(n) % 2

        models = (same_work("rnn", 100, 64, e, vocabulary=tokens) for e in (1, 5))
        one, more = seconds(*(partial(m.fit, X, y) for m in models), repeats=setup.repeats)
        step = (more - one) / 4 / (n / 64) * 1000
        first = step if size == 1000 else first
        rows.append([f"{size:,}", f"{step:.2f}", f"{step / first:.2f}" if first else ""])
        progress("columns", rows[-1])
    return ["columns of U", "ms a step", "of that with 1,000"], rows
