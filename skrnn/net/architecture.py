"""The architecture of a network, and the sizes that follow from it.

In: the estimators' parameters. Out: `Architecture`. Imports only the cells.
"""

from typing import NamedTuple

from skrnn.net.cells import make_cell

BAG_SCALE = 32.0  # how much larger a bag of symbols is than what the recurrence reads of them


class Architecture(NamedTuple):
    """What a network is made of; most names are those of the estimators' parameters."""

    n_inputs: int  # columns of U
    nhidden: int
    n_outputs: int
    symbols: bool  # x_t is the numbers of k columns of U, n_inputs for none (else d numbers)
    cell: str = "rnn"
    activation: str = "tanh"
    bidirectional: bool = False
    n_layers: int = 1
    pooling: tuple[str, ...] = ("last",)
    bias: bool = True

    @property
    def directions(self) -> int:
        """One, or two if it is bidirectional."""
        return 1 + self.bidirectional

    @property
    def gate_rows(self) -> int:
        """The rows of W of one recurrence: its gates, one below the other."""
        return make_cell(self.cell, self.activation).gates * self.nhidden

    @property
    def vector_size(self) -> int:
        """The length of the vector of a sequence."""
        return len(self.pooling) * self.directions * self.nhidden

    @property
    def bag_scale(self) -> float:
        """The factor of U x_t in a bag of symbols; 1 if there is none."""
        return BAG_SCALE if self.symbols and "bag" in self.pooling else 1.0
