"""Choose the precision in which a network is applied.

In: an `Architecture`, a device. Out: a dtype. Whether a row has the same bits at any position in
blocks of any size depends on the processor and the libraries, so this is tested once per process.
Imports torch.
"""

from functools import lru_cache

import torch
from torch import Tensor

from skrnn.net.architecture import Architecture
from skrnn.net.frozen import FrozenNetwork, can_share_prefixes
from skrnn.net.inference import REFERENCE_BATCH_SIZE
from skrnn.net.network import Network
from skrnn.net.products import BLOCKS
from skrnn.net.threads import limit_threads, threads_for


def precision(architecture: Architecture, device: torch.device) -> torch.dtype:
    """Return the lowest precision in which a row does not depend on the other rows."""
    if device.type == "mps":  # has no double precision
        return torch.float32
    if not can_share_prefixes(architecture):
        return torch.float64
    alike = architecture._replace(n_inputs=1, n_ngrams=0)  # U x_t does not use this precision
    n_threads = threads_for(REFERENCE_BATCH_SIZE, architecture)
    independent = rows_are_independent(alike, device, n_threads)
    return torch.float32 if independent else torch.float64


@lru_cache(maxsize=64)
@limit_threads(1)
def rows_are_independent(architecture: Architecture, device: torch.device, n_threads: int) -> bool:
    """Test whether random rows have the same bits in any order, in blocks of all sizes."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator).to(device)

    network, n = Network(architecture, device=device), BLOCKS[0]
    network.weights.dense.copy_(draw(len(network.weights.dense)))
    frozen = FrozenNetwork(network)
    z, h, v = (
        draw(n, width)
        for width in (architecture.gate_rows, architecture.nhidden, architecture.vector_size)
    )

    def compute(rows: Tensor) -> list[Tensor]:
        found = [] if not frozen.directions else frozen.try_step(z[rows], h[rows])
        return [*found, frozen.scores(v[rows])]

    whole = compute(torch.arange(n, device=device))
    blocks = [torch.randperm(n, generator=generator)[:size].to(device) for size in 2 * BLOCKS]
    return all(
        torch.equal(part, all_rows[rows])
        for rows in blocks
        for part, all_rows in zip(compute(rows), whole)
    )
