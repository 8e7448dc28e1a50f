"""What a training is given to learn from."""

import pytest

from skrnn.net.network import Network
from skrnn.net.optimizer import Optimizer


@pytest.fixture
def seen(monkeypatch):
    """List what the net is given to learn from, without learning."""
    given, honest = [], Network.backpropagate
    monkeypatch.setattr(Optimizer, "step", lambda self, gradient, rate: None)
    monkeypatch.setattr(
        Network, "backpropagate", lambda net, one: given.append(one) or honest(net, one)
    )
    return given
