"""How much vectors that were learned from y overstate themselves, and what helps.

`python -m benchmarks.leakage [--quick] [--splits 3] [--names PATH]`

A forest that is fitted on the rows that the encoder has learned from sees vectors that
know the answers. In: the names of `_choosing.py`. Out: for each set a table of what the
forest's own estimate (out of bag, on the training rows) says, what held-out rows say, and
the gap between the two. "Halves" fits the encoder on one half of the training rows and the
forest on the other. "Stacking" gives the forest class scores that scikit-learn's
StackingClassifier makes out of fold. TF-IDF with an SVD never sees y.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from benchmarks._choosing import article_names, bundled_names, words
from benchmarks._report import DATA, split_rows, table, versions
from skrnn import RNNClassifier, RNNEncoder


def forest(seed):
    return RandomForestClassifier(oob_score=True, n_jobs=2, random_state=seed)


def same_rows(split, seed, make):
    """Fit the encoder and the forest on the same rows; give both estimates."""
    encoder = make(seed).fit(split.X, split.y)
    trees = forest(seed).fit(encoder.transform(split.X), split.y)
    return trees.oob_score_, trees.score(encoder.transform(split.X_val), split.y_val)


def halves(split, seed):
    """Fit the encoder on every second row and the forest on the others."""
    encoder = RNNEncoder(random_state=seed).fit(split.X[::2], split.y[::2])
    trees = forest(seed).fit(encoder.transform(split.X[1::2]), split.y[1::2])
    return trees.oob_score_, trees.score(encoder.transform(split.X_val), split.y_val)


def stacking(split, seed):
    """Fit the forest on scores out of fold, from five classifiers."""
    rnn = RNNClassifier(random_state=seed)
    stack = StackingClassifier([("rnn", rnn)], forest(seed), stack_method="decision_function")
    stack.fit(split.X, split.y)
    return stack.final_estimator_.oob_score_, stack.score(split.X_val, split.y_val)


def encoder_with(**parameters):
    return lambda split, seed: same_rows(
        split, seed, lambda seed: RNNEncoder(random_state=seed, **parameters)
    )


def without_y(split, seed):
    def make(seed):
        tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
        return make_pipeline(tfidf, TruncatedSVD(100, random_state=seed))

    return same_rows(split, seed, make)


COMPETITORS = {
    "RNNEncoder()": encoder_with(),
    "RNNEncoder(dropout=0, ngram_dropout=0)": encoder_with(dropout=0, ngram_dropout=0),
    "RNNEncoder(ngram_dropout=0.6)": encoder_with(ngram_dropout=0.6),
    "RNNEncoder(min_df=3)": encoder_with(min_df=3),
    "Halves": halves,
    "Stacking": stacking,
    "TF-IDF, SVD": without_y,
}


def compare(name, data, n_splits, n):
    """Print the table of one data set."""
    rows = []
    for competitor, measure in COMPETITORS.items():
        splits = (split_rows(data.X, data.y, seed, n) for seed in range(n_splits))
        figures = [measure(split, seed) for seed, split in enumerate(splits)]
        own, held_out = np.mean(figures, axis=0)
        rows.append([competitor, f"{own:.3f}", f"{held_out:.3f}", f"{own - held_out:.3f}"])
        print(f"{name}: {'  '.join(rows[-1])}", file=sys.stderr, flush=True)
    print(f"\n## {name}\n\n{data.note}\n")
    print(table(["", "out of bag", "held out", "gap"], rows), flush=True)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="benchmarks.leakage", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="1 split, 1,500 rows")
    parser.add_argument("--splits", type=int, default=3, help="number of splits (3)")
    parser.add_argument("--names", type=Path, default=DATA, help="names_train.csv.gz")
    args = parser.parse_args(argv)
    print(versions())
    loaders = {"article": lambda: article_names(args.names)}
    for name, load in (loaders | {"bundled": bundled_names, "words": words}).items():
        try:
            data = load()
        except (FileNotFoundError, ModuleNotFoundError) as error:
            print(f"\n## {name}\n\nskipped: {error}")
            continue
        compare(name, data, 1 if args.quick else args.splits, 1500 if args.quick else None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
