"""Forward passes over batches, as in training, but without a gradient.

In: a `Network` and `Sequences`. Out: batches; vectors; the states of one sequence. Imports numpy
and torch.
"""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from skrnn.input.sequences import Indices, Sequences
from skrnn.net.batches import Batch, move, pack
from skrnn.net.network import Network
from skrnn.net.threads import limit_threads

NUMBERS_AT_ONCE = 1 << 23  # largest number of embeddings or scores in memory
REFERENCE_BATCH_SIZE = 32  # the number of threads is chosen as for such a batch


def rows_at_once(n_numbers: int) -> int:
    """Return the number of rows to process together, with `n_numbers` per row in memory."""
    return max(1, NUMBERS_AT_ONCE // max(1, n_numbers))


@limit_threads(1)
def unroll(network: Network, sequence: Sequences) -> Tensor:
    """Return all h_t of the top layer for a single sequence, (T, directions * nhidden)."""
    return network.forward(one_batch(network, sequence, np.zeros(1, dtype=np.int64))).h


def one_batch(network: Network, sequences: Sequences, rows: Indices) -> Batch:
    """Return the given rows, longest first, as one batch."""
    sequences = network.architecture.window.cut(sequences)
    (_, batch), *_ = _batches(network, sequences, rows, np.zeros(len(rows), dtype=np.int64))
    return batch


def read_by_batches(network: Network, sequences: Sequences, out: Tensor) -> None:
    """Write the pooled states of all sequences to `out`, without sharing prefixes."""
    sequences = network.architecture.window.cut(sequences)
    longest_first = np.argsort(-sequences.lengths, kind="stable")
    n_steps = rows_at_once(network.architecture.input_rows)
    batch = np.cumsum(sequences.lengths[longest_first]) // n_steps
    batch = np.cumsum(np.diff(batch, prepend=batch[:1]) > 0)
    for rows, cut in _batches(network, sequences, longest_first, batch):
        out[rows] = network.hidden_vectors(network.forward(cut))


def _batches(
    network: Network, sequences: Sequences, rows: Indices, batch: Indices
) -> Iterator[tuple[Tensor, Batch]]:
    """Yield batches of the given rows, with the rows of each batch."""
    packed, like = pack(sequences, rows, batch), network.weights.dense
    order = move(rows[packed.order], None, like.device).split(packed.sizes)
    return zip(order, packed.batches(like.dtype, like.device))
