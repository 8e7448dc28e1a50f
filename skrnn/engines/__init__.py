"""A fitted estimator as a function that engines such as Dask, Ray Data and Spark call."""
