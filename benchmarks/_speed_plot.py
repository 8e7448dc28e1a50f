"""The picture of `benchmarks.speed`.

In: the tables of the questions growth and training. Out: a file.
"""


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
