"""The programs of the section about Parquet, one for each process.

In: a folder with the models and the files. Out: `out.parquet` in it. Imports only what each program
needs, as that counts in its seconds and its memory.
"""

from pathlib import Path

ROWS_AT_ONCE = 1 << 16


def peak():
    """Give the megabytes that this process had at the most; Linux knows."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def applied(model, folder, data):
    """Apply a model with the command."""
    from skrnn.__main__ import main

    paths = [str(Path(folder, name)) for name in (model, data, "out.parquet")]
    if main(["predict", *paths[:2], "--x", "name", "--keep", "id", "--out", paths[2], "--quiet"]):
        raise RuntimeError("the command failed")


def of_scikit_learn(folder, data):
    """Apply the pipeline of scikit-learn; equal strings of a batch are computed once."""
    import joblib

    model = joblib.load(Path(folder, "peer.joblib"))

    def predict(strings):
        place = {}
        inverse = [place.setdefault(string, len(place)) for string in strings]
        p = model.predict_proba(list(place))
        best = p.argmax(axis=1)
        return model.classes_[best][inverse].tolist(), p.max(axis=1)[inverse]

    _stream(folder, data, predict)


def copied(folder, data):
    """Read, and write what is no prediction."""
    _stream(folder, data, lambda strings: (["Norway"] * len(strings), [0.0] * len(strings)))


def _stream(folder, data, predict):
    """Write what `predict` makes of each batch, with the columns that the command writes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [("id", pa.int64()), ("prediction", pa.string()), ("probability", pa.float64())]
    schema = pa.schema(fields)
    source = pq.ParquetFile(Path(folder, data), buffer_size=1 << 20, pre_buffer=False)
    with pq.ParquetWriter(Path(folder, "out.parquet"), schema) as writer:
        for batch in source.iter_batches(ROWS_AT_ONCE, columns=["id", "name"]):
            strings = batch.column("name").to_numpy(zero_copy_only=False).tolist()
            labels, p = predict(strings)
            arrays = [batch.column("id"), pa.array(labels), pa.array(p)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
