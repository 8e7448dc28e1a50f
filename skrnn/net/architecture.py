"""The architecture of a network, and the sizes that follow from it.

In: the estimators' parameters. Out: `Architecture`. Imports the cells and windows.
"""

from typing import Any, NamedTuple

from skrnn.input.windows import Window
from skrnn.net.cells import make_cell


class Architecture(NamedTuple):
    """What a network is made of; most names are those of the estimators' parameters."""

    n_inputs: int  # columns of U
    nhidden: int
    n_outputs: int
    symbols: bool  # x_t is the number of a column of U (else a window of numbers)
    cell: str = "rnn"
    activation: str = "tanh"
    bidirectional: bool = False
    n_layers: int = 1  # 0 for no recurrence, and then without a pooling
    pooling: tuple[str, ...] = ("last",)
    bias: bool = True
    n_ngrams: int = 0  # columns of G
    ngram_size: int = 0  # rows of G
    window: Window = Window()  # the steps of series that x_t holds

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, without a class of this package."""
        return {**self._asdict(), "window": tuple(self.window)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Architecture":
        """Return the architecture of which `to_dict` gave the fields."""
        return cls(**{**fields, "window": Window(*fields["window"])})

    @property
    def directions(self) -> int:
        """One, or two if it is bidirectional."""
        return 1 + self.bidirectional

    @property
    def gate_rows(self) -> int:
        """The rows of W of one recurrence: its gates, one below the other."""
        return make_cell(self.cell, self.activation).gates * self.nhidden

    @property
    def input_rows(self) -> int:
        """The rows of U."""
        return self.directions * self.gate_rows if self.n_layers else 0

    @property
    def hidden_size(self) -> int:
        """The length of what is pooled from the states of a sequence."""
        return len(self.pooling) * self.directions * self.nhidden

    @property
    def vector_size(self) -> int:
        """The length of the vector of a sequence, which V reads."""
        return self.hidden_size + self.ngram_size
