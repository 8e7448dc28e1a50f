"""The section of `benchmarks.scale` about applying a model from Parquet to Parquet.

In: `Setup`, and the bundled names. Out: a table of strings a second, and of memory at the most,
for `python -m skrnn predict` with two models and for TF-IDF with logistic regression. Each has a
process of its own, in which it reads, computes and writes the same batches; they are in
`_scale_programs.py`.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from benchmarks._report import say
from skrnn.datasets import load_names

ROOT = Path(__file__).resolve().parents[1]
ROWS_OF_A_GROUP = 1 << 20
PROGRAMS = {  # lines of Python, with the folder of the files and the file to read
    "RNNClassifier()": "applied('plain.skrnn', {folder!r}, {data!r})",
    'RNNClassifier(cell="rnn", ngram_range=None)': "applied('rnn.skrnn', {folder!r}, {data!r})",
    "TF-IDF char_wb 1-4 + logistic regression": "of_scikit_learn({folder!r}, {data!r})",
    "reading and writing alone": "copied({folder!r}, {data!r})",
}


def apply(setup):
    """Apply saved models to a Parquet file, and to another with a tenth of its rows."""
    n = setup.rows if not setup.quick else 5000
    with TemporaryDirectory() as folder:
        share = _write_strings(Path(folder, "all.parquet"), n)
        _write_strings(Path(folder, "some.parquet"), n // 10)
        _fit(folder, 20 if setup.quick else 1)
        rows = []
        for name, program in PROGRAMS.items():
            _, some = _run(program.format(folder=folder, data="some.parquet"))
            taken, peak = _run(program.format(folder=folder, data="all.parquet"))
            rows.append([name, taken, n / taken, peak, some])
            say(f"apply: {name}  {taken:.1f} s  {peak:.0f} MB")
    rate = {name: each for name, _, each, *_ in rows}
    peer = rate["TF-IDF char_wb 1-4 + logistic regression"]
    cells = [
        [name, f"{taken:.1f}", f"{each:,.0f}", f"{each / peer:.2f}", f"{peak:.0f}", f"{some:.0f}"]
        for name, taken, each, peak, some in rows
    ]
    caption = (
        f"{n:,} strings, of which {share:.0%} are distinct, from Parquet to Parquet: each program "
        "from its start to its end, once, and the most memory that it had."
    )
    tenth = f"MB, {n // 10:,} strings"
    yield caption, ["", "seconds", "strings a second", "times as fast", "MB", tenth], cells


def _write_strings(path, n):
    """Write names, each second one with a number behind it; give the share that is distinct."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, _ = load_names(return_X_y=True)
    rng = np.random.default_rng(0)
    hashes = np.empty(n, dtype=np.int64)
    schema = pa.schema([("id", pa.int64()), ("name", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n, ROWS_OF_A_GROUP):
            ids = range(start, min(start + ROWS_OF_A_GROUP, n))
            drawn = names[rng.integers(len(names), size=len(ids))]
            some = [f"{name} {i}" if i % 2 else str(name) for i, name in zip(ids, drawn)]
            hashes[ids.start : ids.stop] = list(map(hash, some))
            writer.write_table(pa.table([pa.array(ids), pa.array(some)], schema=schema))
    return len(np.unique(hashes)) / n


def _fit(folder, step):
    """Fit the models on the names, and save them in the folder."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from skrnn import RNNClassifier, save

    X, y = (values[::step] for values in load_names(return_X_y=True))
    plain = RNNClassifier(random_state=0).fit(X, y)
    save(plain, Path(folder, "plain.skrnn"))
    save(plain.set_params(cell="rnn", ngram_range=None).fit(X, y), Path(folder, "rnn.skrnn"))
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), dtype=np.float32)
    peer = make_pipeline(tfidf, LogisticRegression(C=5, max_iter=1000)).fit(X, y)
    joblib.dump(peer, Path(folder, "peer.joblib"))


def _run(call):
    """Run a line in a process of its own; give its seconds, and megabytes at the most."""
    code = f"from benchmarks._scale_programs import *; {call}; print(peak())"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # of torch, and of Arrow
    start = perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return perf_counter() - start, float(run.stdout)
