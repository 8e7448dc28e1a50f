"""Reading: X, y and weights in any supported form become numbers.

In: strings, token lists, tables and series in any form, y and weights. Out: `Samples`, then
`Sequences`, and `Target`. All error messages about X, y and weights are here. Imports numpy and
scikit-learn, not torch.
"""
