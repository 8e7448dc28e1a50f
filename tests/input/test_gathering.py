"""What a process alone gathers."""

from skrnn.input.gathering import alone


def test_a_process_alone_gathers_its_value():
    assert alone("value") == ["value"]
