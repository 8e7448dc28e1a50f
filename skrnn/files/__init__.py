"""Files: values and arrays in the layout of safetensors, replaced atomically and checked when read.

No module in this package depends on an estimator.
"""
