"""The sections of `benchmarks.scale` about training on several ranks.

In: `Setup`, and the bundled names. Out: tables. `train` compares two ranks with one process at
the same total work. `estimate` says from the costs of one process, and of a sum over two, what
two ranks should take, and compares that with what they took. From the same costs it says what a
thousand million strings take on larger clusters.
"""

import pickle
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from benchmarks._report import say
from benchmarks._speed_memory import cost
from benchmarks._speed_setup import made_up, printed_by
from skrnn import RNNClassifier
from skrnn.datasets import load_names
from skrnn.input import ngrams
from skrnn.net.group import Group

NETS = {
    "default": {},
    "no n-grams, nhidden=256": {"nhidden": 256, "ngram_range": None},
}
SIZES = (64, 256, 1024, 4096)  # of batches, of all ranks together
N_EPOCHS = 3
# what the estimate takes for granted
N_STRINGS, RANKS_OF_A_MACHINE, ROWS_OF_A_RANK = 10**9, 16, 64  # rows of a batch
MAX_NGRAMS = 20_000
LATENCY, BYTES_A_SECOND = 30e-6, 10e9 / 8  # of a network between machines


class Fitted(NamedTuple):
    """What the fits of one rank took."""

    seconds: float  # of a fit, the median
    n_steps: int
    n_bytes: float  # of a step, in the mean
    sum_seconds: float  # for the sum of so many bytes over the ranks, and nothing else
    accuracy: float


def train(setup):
    """Compare two ranks with one process, at the same total work."""
    for net in NETS:
        rows = []
        for size in _sizes(setup):
            one, two = (_fit(setup, net, size, n) for n in (1, 2))
            ratio = one.seconds / two.seconds
            cells = [f"{one.seconds:.3g}", f"{two.seconds:.3g}", f"{ratio:.2f}", f"{ratio / 2:.2f}"]
            accuracies = [f"{one.accuracy:.3f}", f"{two.accuracy:.3f}"]
            rows.append([f"{size:,}", *cells, *accuracies])
            say(f"train: {net}  {'  '.join(rows[-1])}")
        head = ["batch size", "one s", "two ranks s", "times as fast", "efficiency"]
        n = len(_names(setup)[0])
        caption = f"{net}: fit of {n:,} names in {N_EPOCHS} epochs."
        yield caption, [*head, "training accuracy of one", "of two"], rows


def estimate(setup):
    """Hold an estimate against the measured seconds; then apply it to larger clusters."""
    net = "default"
    n, sizes = len(_names(setup)[0]), _sizes(setup)
    ones, twos = ([_fit(setup, net, size, n) for size in sizes] for n in (1, 2))
    of_step, of_row = _costs(ones, n * N_EPOCHS)
    rows = []
    for size, one, two in zip(sizes, ones, twos):
        by_one = seconds_of(n * N_EPOCHS, one.n_steps, of_row, of_step, 1)
        by_two = seconds_of(n * N_EPOCHS, two.n_steps, of_row, of_step, 2, two.sum_seconds)
        measured = [f"{t.seconds:.3g}" for t in (one, two)]
        message = f"{two.n_bytes / 1024:.0f}", f"{two.sum_seconds * 1e3:.2f}"
        rows.append(
            [f"{size:,}", *message, f"{by_one:.3g}", measured[0], f"{by_two:.3g}", measured[1]]
        )
    head = [
        "batch size",
        "kB a step",
        "ms to add up",
        "one: estimate s",
        "measured",
        "two: estimate s",
    ]
    caption = (
        f"Estimate and measurement: {of_row * 1e6:.1f} µs a string and epoch, "
        f"{of_step * 1e3:.2f} ms a step, and the seconds that two ranks take to add up."
    )
    yield caption, [*head, "measured"], rows
    yield from _clusters(setup, of_row, of_step)


def seconds_of(n_rows, n_steps, of_row, of_step, n_ranks, of_sum=0.0):
    """Estimate the seconds of a training: ranks share rows; each takes every step and waits."""
    return n_rows * of_row / n_ranks + n_steps * (of_step + of_sum)


def ring_seconds(n_bytes, n_ranks):
    """Estimate the seconds of a sum in a ring, from one machine to the next."""
    rounds = 2 * (n_ranks - 1)
    return rounds * (LATENCY + n_bytes / n_ranks / BYTES_A_SECOND)


def _costs(fits, n_rows):
    """Find the seconds of a step and of a row by least squares, from batches of all sizes."""
    A = np.array([[fit.n_steps, n_rows] for fit in fits], dtype=float)
    weight = 1 / np.array([fit.seconds for fit in fits])
    (of_step, of_row), *_ = np.linalg.lstsq(A * weight[:, None], np.ones(len(fits)), rcond=None)
    return of_step, of_row


def _clusters(setup, of_row, of_step):
    """Say what so many strings cost on 1, 8 and 64 machines."""
    applied, learning, ngrams = _of_a_string(setup)
    message = 4 * (_n_dense(setup) + MAX_NGRAMS * RNNClassifier().ngram_size)
    rows = []
    for n_machines in (1, 8, 64):
        n_ranks = n_machines * RANKS_OF_A_MACHINE
        n_steps = N_STRINGS / (ROWS_OF_A_RANK * n_ranks)
        of_sum = ring_seconds(message, n_ranks)
        epoch = seconds_of(N_STRINGS, n_steps, of_row, of_step, n_ranks, of_sum)
        a_machine = [N_STRINGS * n_bytes / n_machines / 1e9 for n_bytes in (learning, ngrams)]
        cells = [f"{N_STRINGS * applied / n_ranks / 60:.1f}", f"{epoch / 3600:.2f}"]
        cells += [
            f"{n_steps * of_sum / epoch:.0%}",
            *(f"{gigabytes:,.0f}" for gigabytes in a_machine),
        ]
        rows.append([str(n_machines), f"{n_ranks:,}", *cells])
    head = ["machines", "ranks", "to apply, minutes", "an epoch, hours", "of it to add up"]
    caption = (
        f"{N_STRINGS:,} strings on machines of {RANKS_OF_A_MACHINE} ranks, with a network of "
        f"10 Gbit/s and 30 µs. A batch has {ROWS_OF_A_RANK} rows of each rank, and with "
        f"max_features={MAX_NGRAMS:,} the gradient of a step has {message / 1e6:.1f} MB. To apply "
        f"takes {applied * 1e6:.1f} µs a string, learning holds {learning:,.0f} bytes of it, "
        f"and its counts of n-grams have {ngrams:,.0f} bytes."
    )
    yield caption, [*head, "GB held by a machine", "GB of n-grams sent by it"], rows


def _of_a_string(setup):
    """Measure for one string: seconds to apply, bytes of a fit, bytes of the counts of n-grams."""
    n = 10**4 if setup.quick else 10**5
    call = "from benchmarks._scale_training import learn_and_apply as f; f({})"
    few, many = (list(map(float, printed_by(call.format(m)))) for m in (n, 3 * n))
    return many[0], (many[1] - few[1]) * 2**20 / (2 * n), many[2]


def learn_and_apply(n):
    """Print the seconds to apply a net to a string, the megabytes of its fit on n strings, and
    the bytes of the counts of its n-grams, for one string."""
    torch.set_num_threads(1)
    X, _ = made_up(load_names(return_X_y=True)[0].tolist(), n)
    y = np.arange(n) % 2
    model = RNNClassifier(max_iter=1, max_features=MAX_NGRAMS, batch_size=1024, random_state=0)
    _, megabytes = cost(model.fit, X, y)
    start = perf_counter()
    model.predict(X)
    applied = (perf_counter() - start) / n
    joined = ngrams._Joined(ngrams._marked(X))
    counts = [joined.count(size, np.ones(n), marked=True) for size in range(1, 6)]
    print(applied, megabytes, len(pickle.dumps(counts)) / n)


def _sizes(setup):
    return SIZES[:2] if setup.quick else SIZES


def _n_dense(setup):
    model = _model("default", 64).fit(*(part[::20] for part in load_names(return_X_y=True)))
    return sum(getattr(model, f"{name}_").size for name in ("W", "U", "U_above", "V", "b", "c"))


def _names(setup):
    step = 20 if setup.quick else 1
    return tuple(part[::step].tolist() for part in load_names(return_X_y=True))


def _model(net, batch_size):
    return RNNClassifier(batch_size=batch_size, max_iter=N_EPOCHS, random_state=0, **NETS[net])


@cache
def _fit(setup, net, batch_size, n_ranks):
    """Fit on so many ranks, each with every n-th name; return what the slowest has measured."""
    with TemporaryDirectory() as folder:
        given = (n_ranks, folder, setup, net, batch_size)
        mp.spawn(_rank, args=given, nprocs=n_ranks)
        found = [pickle.loads(path.read_bytes()) for path in Path(folder).glob("rank*")]
    return max(found, key=lambda fitted: fitted.seconds)


def _rank(rank, n_ranks, folder, setup, net, batch_size):
    """Be one rank: write what the fits took to a file."""
    torch.set_num_threads(1)
    store = f"file://{folder}/store"
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=n_ranks)
    X, y = (part[rank::n_ranks] for part in _names(setup))
    some, labels = (part[::5] for part in _names(setup))  # of all ranks
    sent = _count_messages()
    taken = []
    for _ in range(setup.repeats + 1):  # the first to warm up
        sent.clear()
        dist.barrier()
        start = perf_counter()
        model = _model(net, batch_size).fit(X, y)
        taken.append(perf_counter() - start)
    n_steps = N_EPOCHS * -(-(len(_names(setup)[0])) // batch_size)
    n_bytes = 4 * float(np.mean(sent)) if sent else 0.0
    fitted = Fitted(
        median(taken[1:]), n_steps, n_bytes, _sum_seconds(n_bytes), model.score(some, labels)
    )
    Path(folder, f"rank{rank}").write_bytes(pickle.dumps(fitted))
    dist.destroy_process_group()


def _count_messages():
    """List the length of each gradient that this rank adds to those of the others."""
    sent, honest = [], Group.add

    def add(self, tensor):
        if self.size > 1 and tensor.dtype == torch.float32:
            sent.append(len(tensor))
        return honest(self, tensor)

    Group.add = add
    return sent


def _sum_seconds(n_bytes):
    """Measure the seconds to add up tensors of so many bytes, while nothing else is done."""
    if not n_bytes:
        return 0.0
    tensor, taken = torch.zeros(int(n_bytes / 4)), []
    for _ in range(100):
        start = perf_counter()
        dist.all_reduce(tensor)
        taken.append(perf_counter() - start)
    return median(taken)
