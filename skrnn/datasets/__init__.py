"""Bundled data sets."""

from skrnn.datasets._names import load_names

__all__ = ["load_names"]
