"""Read X, y and weights in any supported form, and convert them to numbers.

In: strings, token lists, tables and series in any form, y and weights. Out: `Samples`, then
`Sequences`, and `Target`. All error messages about X, y and weights are in this package. Imports
numpy and scikit-learn, but not torch.
"""
