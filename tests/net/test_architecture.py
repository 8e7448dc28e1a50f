"""The sizes that follow from what a network is made of."""

import pytest

from skrnn.net.architecture import Architecture


@pytest.mark.parametrize(
    "options, directions, rows, width, bag_scale",
    [
        ({}, 1, 7, 7, 1),
        ({"cell": "gru", "bidirectional": True}, 2, 21, 14, 1),
        ({"cell": "lstm", "pooling": ("last", "max", "mean")}, 1, 28, 21, 1),
        ({"pooling": ("mean", "bag"), "n_layers": 3}, 1, 7, 14, 32),
        ({"symbols": False, "pooling": ("bag",)}, 1, 7, 7, 1),
    ],
)
def test_sizes(options, directions, rows, width, bag_scale):
    architecture = Architecture(
        **{"n_inputs": 5, "nhidden": 7, "n_outputs": 2, "symbols": True, **options}
    )
    assert architecture.directions == directions and architecture.gate_rows == rows
    assert architecture.vector_size == width and architecture.bag_scale == bag_scale
