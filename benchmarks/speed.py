"""How fast skrnn trains and applies a net, beside what else one could write.

`python -m benchmarks.speed [--quick] [--threads 1] [--only TEXT ...] [--plot FILE]
[--names PATH]`

In: the article's names, and strings, tokens and series made of them or at random. Out: a
table for each question on stdout, progress on stderr, and a plot of cost against size. The
two of a pair are measured in turn in the same process with the same number of threads;
figures are medians. The peers are in `_nets.py`, `_peers.py` and `article.py`.
"""

import argparse
import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks._nets import Symbols, skorch_net
from benchmarks._report import DATA, EXTRA, load_names, split_rows, table, threads, versions
from benchmarks.article import ArticleRNN, cross_entropy, softmax
from skrnn import RNNClassifier
from skrnn.input.encoding import CodebookRule
from skrnn.input.ngram_vocabulary import NgramRule
from skrnn.input.samples import Samples
from skrnn.input.vocabulary import VocabularyRule
from skrnn.net import threads as sharing_of_threads
from skrnn.net.threads import MIN_SHARED_SIZE

ARTICLE_ACCURACY = 0.75
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
EPOCHS = 2
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


class Setup(NamedTuple):
    """What is the same for all questions."""

    names: list  # distinct
    y: np.ndarray  # (n,) numbers of the classes
    repeats: int  # of each measurement
    quick: bool
    n_threads: int

    @property
    def place(self):
        return {c: i for i, c in enumerate(sorted(set("".join(self.names))))}

    @property
    def n_classes(self):
        return int(self.y.max()) + 1

    def symbols(self, strings):
        return Symbols(strings, np.zeros(len(strings), dtype=np.int64), self.place)


def seconds(*things, repeats):
    """Call things in turn; give the median seconds of each."""
    times = [[] for _ in things]
    for i in range(repeats + 1):  # the first round is to warm up
        for thing, taken in zip(things, times):
            start = perf_counter()
            thing()
            if i:
                taken.append(perf_counter() - start)
    return [median(taken) for taken in times]


def same_work(cell, nhidden, batch_size, epochs=EPOCHS, **options):
    """Make a classifier that does the work of the peers' nets: one symbol a step, last state."""
    plain = dict(bidirectional=False, pooling="last", ngram_range=None, dropout=0)
    plain |= dict(solver="adam", learning_rate="constant", tol=0, alpha=0)
    plain |= dict(learning_rate_init=0.001, max_grad_norm=None, max_iter=epochs)
    plain |= dict(cell=cell, batch_size=batch_size, random_state=0)
    return RNNClassifier(nhidden, **plain | options)


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
        rows.append([f"{n:,} strings, n-grams to {largest}", f"{columns:,}", *_s(*taken)])
        _say("reading", rows[-1])
    return ["", "columns of U and G", "s"], rows


def training(setup):
    """Seconds of an epoch, reading the strings included for skrnn alone."""
    sizes = [("rnn", b, n) for b in (32, 64, 256) for n in (32, 100, 256)]
    sizes += [(cell, b, n) for cell in ("gru", "lstm") for b, n in ((64, 100), (256, 256))]
    if setup.quick:
        sizes = [("rnn", 64, 32), ("gru", 64, 32)]
    data = Symbols(setup.names, setup.y, setup.place)
    rows = []
    for cell, batch, nhidden in sizes:
        options = dict(nhidden=nhidden, batch_size=batch, epochs=EPOCHS)
        net = skorch_net(cell, len(setup.place), setup.n_classes, **options)
        model = same_work(cell, nhidden, batch)
        ours, peer, floor = seconds(
            partial(model.fit, setup.names, setup.y),
            partial(net.fit, data, y=None),
            products(sum(map(len, setup.names)), nhidden, GATES[cell]),
            repeats=setup.repeats,
        )
        taken = _s(ours / EPOCHS, peer / EPOCHS, floor)
        ratios = f"{peer / ours:.2f}", f"{floor * EPOCHS / ours:.2f}"
        rows.append([f"{cell}, batch {batch}, nhidden {nhidden}", *taken, *ratios])
        _say("training", rows[-1])
    head = ["epoch of", "skrnn s", "skorch s", "floor s", "times faster", "share of the floor"]
    return head, rows


def products(n_steps, nhidden, gates):
    """Make the three products of an epoch: forward, back through time, gradient of W."""
    h, W = torch.randn(n_steps, nhidden), torch.randn(nhidden, gates * nhidden)
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
        _say("reaching", [each[-1] for each in runs.values()])
    of_article = median(taken for taken, _ in runs[ARTICLE_LOOP])
    rows = []
    for name, each in runs.items():
        taken, accuracy = (median(column) for column in zip(*each))
        rows.append([name, *_s(taken), f"{accuracy:.3f}", f"{of_article / taken:.1f}"])
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


def applying(setup):
    """Seconds of predict, with the same nets; the peer's strings are tensors already."""
    ours = same_work("rnn", 100, 64, 1).fit(setup.names, setup.y)
    data = Symbols(setup.names, setup.y, setup.place)
    options = dict(nhidden=100, batch_size=64, epochs=1)
    net = skorch_net("rnn", len(setup.place), setup.n_classes, **options).fit(data, y=None)
    svc = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)), LinearSVC())
    svc.fit(setup.names, setup.y)
    rows = []
    sizes = [10**3, 10**4, 10**5, 10**6] if not setup.quick else [10**3]
    for n, times in [(n, times) for times in (1, 100) for n in sizes]:
        strings = made_up(setup.names, max(n // times, 1)) * times
        repeats = setup.repeats if n < 10**6 else 1
        taken = seconds(
            partial(ours.predict, strings),
            partial(net.predict, setup.symbols(strings)),
            partial(svc.predict, strings),
            repeats=repeats,
        )
        ratios = [f"{taken[1] / taken[0]:.1f}", f"{taken[2] / taken[0]:.1f}"]
        rows.append([f"{n:,}, each {times} times", *_s(*taken), *ratios])
        _say("applying", rows[-1])
    text = setup.names[0]
    one = seconds(lambda: ours.predict([text]), repeats=200)[0]
    rows.append(["one string", f"{one * 1000:.2f} ms", "", "", "", ""])
    default = RNNClassifier(max_iter=1, random_state=0).fit(setup.names, setup.y)
    one = seconds(lambda: default.predict([text]), repeats=200)[0]
    rows.append(["one string, default settings", f"{one * 1000:.2f} ms", "", "", "", ""])
    head = ["predict", "skrnn s", "skorch s", "TF-IDF s"]
    return [*head, "skorch / skrnn", "TF-IDF / skrnn"], rows


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
        rows.append([f"{len(strings):,} of {length:,}", *_us(fit / total, apply / total)])
        _say("lengths", rows[-1])
    return ["strings", "an epoch, µs a symbol", "predict, µs a symbol"], rows


def growth(setup):
    """Seconds and megabytes of predict for more and more strings of ten symbols, all distinct."""
    rows = []
    for n in (10**3, 10**4, 10**5, 10**6) if not setup.quick else (10**2, 10**3):
        code = f"from benchmarks.speed import growth_of; growth_of({n})"
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        taken, before, peak = (float(x) for x in result.stdout.split())
        rows.append([f"{10 * n:,}", *_s(taken), *_us(taken / (10 * n)), f"{peak - before:.0f}"])
        _say("growth", rows[-1])
    return ["symbols", "predict s", "µs a symbol", "MB above start"], rows


def growth_of(n):
    """Print the seconds of predict, and the megabytes of memory before and at the most."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    model = same_work("rnn", 100, 64, 1).fit(random_strings(rng, 1000, 10), np.arange(1000) % 2)
    strings = random_strings(rng, n, 10)
    model.predict(strings[:100])
    before = _megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
    start = perf_counter()
    model.predict(strings)
    print(perf_counter() - start, before, _megabytes("VmHWM"))


def _megabytes(name):
    """Read a figure of this process from Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


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
        _say("columns", rows[-1])
    return ["columns of U", "ms a step", "of that with 1,000"], rows


def searching(setup):
    """Seconds of a grid search with one worker and with two."""
    few = setup.names[:: 1 if not setup.quick else 20], setup.y[:: 1 if not setup.quick else 20]

    def search(n_jobs):
        grid = {"nhidden": [32, 64, 128]}
        GridSearchCV(RNNClassifier(random_state=0), grid, cv=3, n_jobs=n_jobs).fit(*few)

    one, two = seconds(partial(search, 1), partial(search, 2), repeats=max(1, setup.repeats // 2))
    rows = [["3 values of nhidden, 3 folds, refit", *_s(one, two), f"{one / two:.2f}"]]
    return ["GridSearchCV", "n_jobs=1 s", "n_jobs=2 s", "times faster"], rows


def beside(setup):
    """Seconds of fit and predict with default settings, and of importing."""
    half = setup.names[::2], setup.y[::2]
    other = setup.names[1::2]
    rows = []
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5))
    for name, model in (
        ("RNNClassifier()", RNNClassifier(random_state=0)),
        ("TF-IDF 1-5 + LinearSVC", make_pipeline(tfidf, LinearSVC())),
    ):
        fit = seconds(partial(model.fit, *half), repeats=setup.repeats)[0]
        predict = seconds(partial(model.predict, other), repeats=setup.repeats)[0]
        rows.append([name, *_s(fit, predict)])
        _say("beside", rows[-1])
    imports = [
        median(_import_seconds(line) for _ in range(setup.repeats))
        for line in ("import torch, sklearn.pipeline", "import skrnn")
    ]
    rows.append(["import torch, sklearn.pipeline", *_s(imports[0]), ""])
    rows.append(["import skrnn", *_s(imports[1]), ""])
    return [f"{len(half[0]):,} names", "fit or import s", "predict s"], rows


def _import_seconds(line):
    code = f"import time; t = time.perf_counter(); {line}; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)


def crowded(setup):
    """Seconds with small products in one thread or shared by all cores, beside busy programs."""
    n_cores = os.cpu_count()
    step = 60 if setup.quick else 3
    X, y = setup.names[::step], setup.y[::step]
    models = [RNNClassifier(max_iter=2, random_state=0) for _ in range(2)]
    rows = []
    for name, n_others in (("alone", 0), (f"beside {n_cores} busy programs", n_cores)):
        with busy(n_others), threads(n_cores):
            for what, method, given in (("fit", "fit", (X, y)), ("predict", "predict", (X,))):
                runs = (
                    partial(sharing, MIN_SHARED_SIZE, getattr(models[0], method), *given),
                    partial(sharing, 0, getattr(models[1], method), *given),
                )
                one, shared = seconds(*runs, repeats=min(3, setup.repeats))
                rows.append([f"{what}, {name}", *_s(one, shared), f"{shared / one:.2f}"])
                _say("crowded", rows[-1])
    return [f"{len(X):,} names", "one thread s", f"{n_cores} threads s", "times faster"], rows


def sharing(from_, run, *given):
    """Run with products shared by threads from so many multiplications on."""
    sharing_of_threads.MIN_SHARED_SIZE = from_
    try:
        return run(*given)
    finally:
        sharing_of_threads.MIN_SHARED_SIZE = MIN_SHARED_SIZE


@contextmanager
def busy(n):
    """Keep n other programs busy."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


QUESTIONS = {
    question.__name__: question
    for question in (
        reading,
        training,
        reaching,
        applying,
        lengths,
        growth,
        columns,
        searching,
        beside,
        crowded,
    )
}


def made_up(names, n):
    """Make n different strings of the beginnings and endings of names; first the names."""
    found = dict.fromkeys(names[:n])
    rng = np.random.default_rng(0)
    while len(found) < n:
        first, last = (rng.integers(len(names), size=n) for _ in range(2))
        for i, j in zip(first, last):
            found[names[i][:6] + names[j][-5:]] = None
            if len(found) == n:
                break
    return list(found)


def random_strings(rng, n, length):
    letters = rng.integers(97, 123, size=(n, length)).astype("<u4")
    return [row.tobytes().decode("utf-32-le") for row in letters]


def plot(tables, path):
    """Draw cost against size."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    _, rows = tables["growth"]
    symbols, taken = zip(*((int(r[0].replace(",", "")), float(r[1])) for r in rows))
    axes[0].loglog(symbols, taken, "o-", label="predict, all distinct")
    axes[0].loglog(
        symbols,
        [taken[-1] * s / symbols[-1] for s in symbols],
        ":",
        color="grey",
        label="linear",
    )
    axes[0].set(xlabel="symbols", ylabel="seconds", title="predict")
    axes[0].legend()
    _, rows = tables["training"]
    for name, column in (("skrnn", 1), ("skorch + torch", 2), ("three products", 3)):
        mine = [r for r in rows if r[0].startswith("rnn, batch 64")]
        sizes = [int(r[0].split()[-1]) for r in mine]
        axes[1].loglog(sizes, [float(r[column]) for r in mine], "o-", label=name)
    axes[1].set(xlabel="nhidden", ylabel="seconds an epoch", title="tanh RNN, batches of 64")
    axes[1].set_xticks(sizes, sizes)
    axes[1].minorticks_off()
    axes[1].legend()
    figure.savefig(path, dpi=120)


def main(argv=None):
    args = _arguments(argv)
    path = args.names or DATA
    if not path.is_file():
        print(f"benchmarks.speed measures on names, and there is no file {path}.", file=sys.stderr)
        return 2 if args.names else 0
    names, nationalities, _ = load_names(path)
    names, first = np.unique(names, return_index=True)
    y = np.unique(nationalities[first], return_inverse=True)[1]
    step = 20 if args.quick else 1
    repeats = 1 if args.quick else 5
    setup = Setup(names[::step].tolist(), y[::step], repeats, args.quick, args.threads)
    tables = {}
    print(versions())
    print(f"{args.threads} thread(s), medians of {repeats}" + ("; QUICK" if args.quick else ""))
    with threads(args.threads):
        for name, question in QUESTIONS.items():
            if args.only and not any(text in name for text in args.only):
                continue
            try:
                tables[name] = question(setup)
            except ModuleNotFoundError as error:
                print(f"{name} needs the package {error.name}: {EXTRA}", file=sys.stderr)
                continue
            print(f"\n## {name}\n\n{question.__doc__.splitlines()[0]}\n")
            print(table(*tables[name]), flush=True)
    if args.plot and {"growth", "training"} <= set(tables):
        plot(tables, args.plot)
    elif args.plot:
        print("--plot needs the questions growth and training.", file=sys.stderr)
    return 0


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few names, one repeat")
    parser.add_argument("--threads", type=int, default=1, help="of every competitor (1)")
    parser.add_argument("--only", nargs="+", help=f"parts of {', '.join(QUESTIONS)}")
    parser.add_argument("--plot", type=Path, help="a PNG or SVG file to draw")
    parser.add_argument("--names", type=Path, help=f"names_train.csv.gz, if not {DATA}")
    return parser.parse_args(argv)


def _s(*numbers):
    return [f"{x:.4g}" for x in numbers]


def _us(*numbers):
    return [f"{x * 1e6:.3g}" for x in numbers]


def _say(name, cells):
    print(f"{name}: {'  '.join(map(str, cells))}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
