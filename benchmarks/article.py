"""The training loops of Terence Parr's article, and skrnn on the same names.

`python -m benchmarks.article [--quick] [--seeds 3] [--threads 1] [--data PATH]`

The loops of "An RNN built with matrices and trained with SGD" (https://explained.ai/rnn/)
are re-made here in the work they do: W, U and V in float64 without biases, one-hot
vectors filled character by character, torch's Adam. In: `names_train.csv.gz`. Out: one
table on stdout, progress on stderr. Every competitor has the split of the seed and the
same number of threads; the competitors take turns within a seed.
"""

import argparse
import sys
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from benchmarks._report import (
    DATA,
    clock,
    load_names,
    positive,
    say,
    score,
    split_rows,
    table,
    threads,
    versions,
)
from skrnn import RNNClassifier, RNNEncoder

NHIDDEN, RATE, EPOCHS = 100, 0.001, 12
BATCHES = "article, batches"
BATCHES_ALONE = "article, batches, without metrics"
RECORDS = "article, one record, 1 epoch"
SAME = "RNNClassifier, article's settings"
SAME_RECORDS = "RNNClassifier, one record, 1 epoch"
DEFAULTS = "RNNClassifier, defaults"
SHORT = "RNNClassifier, 3 epochs"
FOREST = "RNNEncoder + random forest, defaults"
PEER = {  # each row of the table, and the row that its time is compared with
    BATCHES: BATCHES,
    BATCHES_ALONE: BATCHES,
    SAME: BATCHES,
    DEFAULTS: BATCHES,
    SHORT: BATCHES,
    FOREST: BATCHES,
    RECORDS: RECORDS,
    SAME_RECORDS: RECORDS,
}
NOTES = """\
Seconds are of fit, the median over the seeds; "CPU" is the processor time in them, which
is less where other programs hold the machine. "Times faster" compares the seconds with
those of the article's loop of the same kind, batches (with metrics) or one record (without).
Metrics: after each epoch the article scores its training and its validation rows anew.
RNNClassifier at the article's settings scores the validation rows after each epoch (not
in the one-record run); it computes in float32, shuffles, keeps the last, short batch,
and merges equal rows into one of more weight, so that its epoch has fewer steps."""


class ArticleRNN:
    """The article's matrices, and the loop that trains them.

    W : (nhidden, nhidden);  U : (nhidden, n_chars);  V : (n_classes, nhidden)
    """

    def __init__(self, characters, classes, seed):
        generator = torch.Generator().manual_seed(seed)
        self.column = {c: j for j, c in enumerate(characters)}
        self.classes = classes
        self.W = torch.eye(NHIDDEN, dtype=torch.float64)
        self.U = _normal(NHIDDEN, len(characters), generator)
        self.V = _normal(len(classes), NHIDDEN, generator)
        self.matrices = [self.W, self.U, self.V]
        for matrix in self.matrices:
            matrix.requires_grad_()
        self.seconds = self.metric_seconds = 0.0

    def fit(self, split, batch_size, epochs):
        """Train, without shuffling and without the last incomplete batch."""
        y, y_val = (torch.tensor(np.searchsorted(self.classes, y)) for y in (split.y, split.y_val))
        optimizer = torch.optim.Adam(self.matrices, lr=RATE)
        start = clock()
        for epoch in range(1, epochs + 1):
            self._epoch(split.X, y, batch_size, optimizer)
            before = clock()
            metrics = *self._metrics(split.X, y), *self._metrics(split.X_val, y_val)
            say(
                "    epoch {}: loss {:.4f}, accuracy {:.4f}; "
                "validation loss {:.4f}, accuracy {:.4f}".format(epoch, *metrics)
            )
            self.metric_seconds = self.metric_seconds + clock() - before
        self.seconds = clock() - start
        return self

    def _epoch(self, X, y, batch_size, optimizer):
        longest = max(map(len, X))
        for i in range(0, len(X) - batch_size + 1, batch_size):
            batch = X[i : i + batch_size]
            length = len(batch[0]) if batch_size == 1 else longest
            p = softmax(self.forward(self.onehot(batch, length)))
            loss = cross_entropy(p, y[i : i + batch_size])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def onehot(self, names, length):
        """Encode names, padded on the left with zero vectors: (batch, length, n_chars)."""
        x = torch.zeros(len(names), length, len(self.column), dtype=torch.float64)
        for i, name in enumerate(names):
            for t, c in enumerate(name, start=length - len(name)):
                x[i, t, self.column[c]] = 1
        return x

    def forward(self, x):
        """Give o = V h_T of every name of a batch: (batch, n_classes)."""
        h = torch.zeros(NHIDDEN, len(x), dtype=torch.float64)
        for t in range(x.shape[1]):
            h = torch.tanh(self.W @ h + self.U @ x[:, t].T)  # (nhidden, batch)
        return (self.V @ h).T

    @torch.no_grad()
    def _metrics(self, X, y):
        p = softmax(self.forward(self.onehot(X, max(map(len, X)))))
        return cross_entropy(p, y).item(), (p.argmax(1) == y).double().mean().item()

    @torch.no_grad()
    def predict(self, X):
        o = self.forward(self.onehot(X, max(map(len, X))))
        return self.classes[o.argmax(1).numpy()]


def softmax(o):
    e = torch.exp(o)  # (batch, n_classes)
    return e / e.sum(1, keepdim=True)


def cross_entropy(p, y):
    return -torch.log(p[torch.arange(len(y)), y]).mean()


def article_batches(split, seed, epochs):
    model = _article(split, seed).fit(split, 32, epochs or EPOCHS)
    predicted = model.predict(split.X_val)
    alone = model.seconds - model.metric_seconds
    return {BATCHES: (predicted, model.seconds), BATCHES_ALONE: (predicted, alone)}


def article_records(split, seed, epochs):
    model = _article(split, seed).fit(split, 1, 1)
    return {RECORDS: (model.predict(split.X_val), model.seconds - model.metric_seconds)}


def same_settings(split, seed, epochs):
    model = _at_article_settings(seed, 32, epochs or EPOCHS)
    return _timed(SAME, model, split, X_val=split.X_val, y_val=split.y_val)


def same_records(split, seed, epochs):
    return _timed(SAME_RECORDS, _at_article_settings(seed, 1, 1), split)


def defaults(split, seed, epochs):
    return _timed(DEFAULTS, RNNClassifier(random_state=seed, **_at_most(epochs)), split)


def short(split, seed, epochs):
    return _timed(SHORT, RNNClassifier(random_state=seed, **_at_most(epochs or 3)), split)


def forest(split, seed, epochs):
    encoder = RNNEncoder(random_state=seed, **_at_most(epochs))
    trees = RandomForestClassifier(n_jobs=1, random_state=seed)
    return _timed(FOREST, Pipeline([("h", encoder), ("forest", trees)]), split)


COMPETITORS = (
    article_batches,
    same_settings,
    defaults,
    short,
    forest,
    article_records,
    same_records,
)


def measure(names, nationalities, seeds, epochs=None, n=None):
    """Let the competitors take turns within each seed; give the scores of every row.

    Without `epochs` each has its own number: the article's, or the default.
    """
    scores = {name: [] for name in PEER}
    for seed in seeds:
        split = split_rows(names, nationalities, seed, n)
        if seed == seeds[0]:
            _warm_up(split)
        for competitor in COMPETITORS[:: -1 if seed % 2 else 1]:
            for name, (predicted, seconds) in competitor(split, seed, epochs).items():
                scores[name].append(score(split.y_val, predicted, seconds))
                accuracy = scores[name][-1].accuracy
                say(f"seed {seed}: {name}: {accuracy:.4f}, {seconds[0]:.2f} s")
    return scores


def show(scores, seeds):
    """Print the table."""
    seconds = {name: np.median([s.seconds for s in each], axis=0) for name, each in scores.items()}
    rows = []
    for name, each in scores.items():
        figures = [*(s.accuracy for s in each), mean(s.accuracy for s in each)]
        figures.append(mean(s.macro_f1 for s in each))
        times = [*seconds[name], seconds[PEER[name]][0] / seconds[name][0]]
        rows.append([name, *(f"{x:.4f}" for x in figures), *(f"{x:.2f}" for x in times)])
    head = ["", *(f"seed {seed}" for seed in seeds), "mean accuracy", "macro-F1"]
    print(table([*head, "seconds", "CPU", "times faster"], rows))


def main(argv=None):
    args = _arguments(argv)
    path = args.data or DATA
    if not path.is_file():
        say(f"benchmarks.article measures on names_train.csv.gz, and there is no file {path}.")
        return 2 if args.data else 0
    names, nationalities, n_dropped = load_names(path)
    seeds = range(1 if args.quick else args.seeds)
    epochs, n = (2, 2000) if args.quick else (None, None)
    with threads(args.threads):
        scores = measure(names, nationalities, seeds, epochs, n)
    split = split_rows(names, nationalities, 0, n)
    print(versions())
    print(
        f"{args.threads} thread(s), seeds {[*seeds]}, {len(split.X)} rows to train on and "
        f"{len(split.X_val)} to validate on ({n_dropped} rows 'To The First Page' dropped), "
        f"article: batches of 32, {epochs or EPOCHS} epochs"
        + (f"; QUICK: no fit has more than {epochs} epochs\n" if epochs else "\n")
    )
    show(scores, seeds)
    print(f"\n{NOTES}")
    return 0


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.article", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="1 seed, 2 epochs, 2,000 rows")
    parser.add_argument("--seeds", type=positive, default=3, help="number of splits (3)")
    parser.add_argument("--threads", type=positive, default=1, help="of every competitor (1)")
    parser.add_argument("--data", type=Path, help=f"names_train.csv.gz, if not {DATA}")
    return parser.parse_args(argv)


def _article(split, seed):
    characters = sorted(set("".join(split.X + split.X_val)))
    return ArticleRNN(characters, np.unique(split.y), seed)


def _at_article_settings(seed, batch_size, epochs):
    """Say all that shapes the training, so that no change of a default can change it."""
    network = dict(nhidden=NHIDDEN, cell="rnn", activation="tanh", pooling="last", init="article")
    network |= dict(bias=False, bidirectional=False, n_layers=1)
    reading = dict(analyzer="char", ngram_range=None, min_df=1, max_features=None)
    noise = dict(dropout=0, alpha=0, max_grad_norm=None)
    training = dict(solver="adam", learning_rate="constant", learning_rate_init=RATE)
    training |= dict(batch_size=batch_size, max_iter=epochs, tol=0, n_iter_no_change=epochs)
    training |= dict(early_stopping=False, class_weight=None)
    return RNNClassifier(**network, **reading, **noise, **training, random_state=seed)


def _at_most(epochs):
    return {"max_iter": epochs} if epochs else {}


def _timed(name, model, split, **options):
    start = clock()
    model.fit(split.X, split.y, **options)
    seconds = clock() - start
    return {name: (model.predict(split.X_val), seconds)}


def _warm_up(split):
    """Run everything once on a few rows: first uses import and allocate."""
    say("warm-up")
    few = split._replace(X=split.X[:100], y=split.y[:100], X_val=split.X[:100], y_val=split.y[:100])
    for competitor in COMPETITORS:
        competitor(few, seed=0, epochs=1)


def _normal(n_rows, n_columns, generator):
    return torch.randn(n_rows, n_columns, generator=generator, dtype=torch.float64)


if __name__ == "__main__":
    sys.exit(main())
