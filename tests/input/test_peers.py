"""What a process alone gathers and receives."""

from skrnn.input.peers import ALONE


def test_a_process_alone_has_its_own_values():
    assert ALONE.size == 1
    assert ALONE.gather("value") == ["value"] == ALONE.exchange(["value"])
