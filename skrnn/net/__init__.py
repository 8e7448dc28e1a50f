"""The net: the equation, its gradient, its training, and what it makes of sequences.

In: `Sequences` of numbers, targets and weights. Out: matrices, vectors, scores. Knows torch and
numpy; no strings, no scikit-learn. Of `skrnn.input` it knows `sequences` alone.
"""
