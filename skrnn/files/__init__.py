"""Files: values and arrays in the layout of safetensors, written in one step and checked when read.

No module here knows an estimator.
"""
