"""The network: the equation, its gradient, training and prediction.

In: `Sequences` of numbers, targets and weights. Out: matrices, vectors, scores. Imports torch and
numpy, but not scikit-learn, and does not handle strings. From `skrnn.input` it imports only
`sequences` and `windows`.
"""
