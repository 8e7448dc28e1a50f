"""The architecture of a network, and the sizes that follow from it.

In: the estimators' parameters. Out: `Architecture`. Imports the cells and windows.
"""

from typing import Any, NamedTuple

from skrnn.input.windows import Window
from skrnn.net.cells import make_cell


class Architecture(NamedTuple):
    """Describes a network; most names are those of the estimators' parameters."""

    n_inputs: int  # columns of U
    nhidden: int
    n_outputs: int
    symbols: bool  # x_t is the index of a column of U, else a window of numbers
    cell: str = "rnn"
    activation: str = "tanh"
    bidirectional: bool = False
    n_layers: int = 1  # 0 without a recurrence; `pooling` is then empty
    pooling: tuple[str, ...] = ("last",)
    bias: bool = True
    n_ngrams: int = 0  # columns of G
    ngram_size: int = 0  # rows of G
    window: Window = Window()  # how series are cut into windows

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as built-in types."""
        return {**self._asdict(), "window": tuple(self.window)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Architecture":
        """Return the architecture with the fields from `to_dict`."""
        return cls(**{**fields, "window": Window(*fields["window"])})

    @property
    def directions(self) -> int:
        """The number of directions: two if the network is bidirectional, else one."""
        return 1 + self.bidirectional

    @property
    def gate_rows(self) -> int:
        """The number of rows of W of one recurrence, for all gates."""
        return make_cell(self.cell, self.activation).gates * self.nhidden

    @property
    def input_rows(self) -> int:
        """The number of rows of U."""
        return self.directions * self.gate_rows if self.n_layers else 0

    @property
    def hidden_size(self) -> int:
        """The length of h, after pooling."""
        return len(self.pooling) * self.directions * self.nhidden

    @property
    def vector_size(self) -> int:
        """The length of the vector [h ; g]."""
        return self.hidden_size + self.ngram_size
