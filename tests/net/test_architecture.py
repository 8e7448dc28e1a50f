"""The sizes that follow from what a network is made of."""

import pytest

from skrnn.net.architecture import Architecture


@pytest.mark.parametrize(
    "options, directions, gate_rows, input_rows, hidden, width",
    [
        ({}, 1, 7, 7, 7, 7),
        ({"cell": "gru", "bidirectional": True}, 2, 21, 42, 14, 14),
        ({"cell": "lstm", "pooling": ("last", "max", "mean")}, 1, 28, 28, 21, 21),
        ({"pooling": ("mean", "last"), "n_layers": 3}, 1, 7, 7, 14, 14),
        ({"n_ngrams": 9, "ngram_size": 4}, 1, 7, 7, 7, 11),
        ({"n_ngrams": 9, "ngram_size": 4, "n_layers": 0, "pooling": ()}, 1, 7, 0, 0, 4),
        ({"cell": "gru", "bidirectional": True, "ngram_size": 5}, 2, 21, 42, 14, 19),
    ],
)
def test_sizes(options, directions, gate_rows, input_rows, hidden, width):
    architecture = Architecture(
        **{"n_inputs": 5, "nhidden": 7, "n_outputs": 2, "symbols": True, **options}
    )
    assert architecture.directions == directions and architecture.gate_rows == gate_rows
    assert architecture.input_rows == input_rows
    assert architecture.hidden_size == hidden and architecture.vector_size == width
