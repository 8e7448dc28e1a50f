"""Measurements that print their own tables; `python -m benchmarks.article`."""
