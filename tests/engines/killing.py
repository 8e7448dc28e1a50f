"""A function and a classifier that kill their worker process once, in the middle of the work.

Workers import this module. The file named by SKRNN_TESTS_KILLED says that it has been done.
"""

import os
import signal

from skrnn import BatchFunction, RNNClassifier

MIDDLE = 950  # the id of a row whose batch kills the worker


def kill_once():
    """Kill this process, if it is a worker and none has been killed."""
    if os.environ["SKRNN_TESTS_DRIVER"] == str(os.getpid()):
        return
    try:
        os.close(os.open(os.environ["SKRNN_TESTS_KILLED"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


class KillingFunction(BatchFunction):
    def __call__(self, batch):
        ids = batch["id"]
        if MIDDLE in (ids.to_pylist() if hasattr(ids, "to_pylist") else ids.to_list()):
            kill_once()
        return super().__call__(batch)


class KillingClassifier(RNNClassifier):
    def fit(self, X, y=None, **others):
        if self.nhidden == 16:
            kill_once()
        return super().fit(X, y, **others)
