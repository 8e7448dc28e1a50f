"""What users hold, read: X, y and weights become numbers.

In: strings, token lists, tables and series in any form, y and weights. Out: `Samples`, then
`Sequences`, and `Target`. Every message about X, y and weights is here. Knows numpy and
scikit-learn, not torch.
"""
