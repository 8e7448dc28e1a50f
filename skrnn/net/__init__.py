"""The net: the equation, its gradient, its training, and its predictions.

In: `Sequences` of numbers, targets and weights. Out: matrices, vectors, scores. Imports torch and
numpy; no strings, no scikit-learn. Of `skrnn.input` it imports only `sequences`.
"""
