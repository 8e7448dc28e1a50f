"""Ranks for tests: threads that share the fit of a network, and processes that share any."""

import pickle
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from skrnn.net.group import Group


class ThreadGroup(Group):
    """A rank that is a thread, and meets the others at a barrier."""

    def __init__(self, rank, places, barrier):
        super().__init__("Who")
        self.rank, self.size, self.places, self.barrier = rank, len(places), places, barrier

    def gather(self, value):
        self.places[self.rank] = value
        self.barrier.wait()
        values = list(self.places)
        self.barrier.wait()
        return values

    def exchange(self, values):
        return [row[self.rank] for row in self.gather(values)]

    def add(self, tensor):
        tensor.copy_(torch.stack(self.gather(tensor.clone())).sum(0))

    def copy_first(self, tensor):
        tensor.copy_(self.gather(tensor.clone())[0])


def in_threads(n, function):
    """Call `function(group)` as each of n ranks; return what they return."""
    barrier, places = threading.Barrier(n, timeout=60), [None] * n

    def call(rank):
        try:
            return function(ThreadGroup(rank, places, barrier))
        except threading.BrokenBarrierError:
            raise ConnectionError("another rank has failed") from None
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(n) as pool:
        futures = [pool.submit(call, rank) for rank in range(n)]
    errors = [error for error in (future.exception() for future in futures) if error]
    first = [error for error in errors if not isinstance(error, ConnectionError)]
    if first:
        raise first[0]
    return [future.result() for future in futures]


class Processes:
    """Some ranks of gloo that do as they are told, until `close`."""

    def __init__(self, n, path):
        context = mp.get_context("spawn")
        self.tasks = [context.SimpleQueue() for _ in range(n)]
        self.answers = [context.SimpleQueue() for _ in range(n)]
        self.processes = [
            context.Process(target=_serve, args=(rank, n, str(path), task, answer), daemon=True)
            for rank, (task, answer) in enumerate(zip(self.tasks, self.answers))
        ]
        for process in self.processes:
            process.start()

    def run(self, function, *arguments):
        """Call `function(*arguments[rank])` as each rank; return the values, or the errors."""
        self.start(function, *arguments)
        return [self.answer(rank) for rank in range(len(self.tasks))]

    def start(self, function, *arguments):
        for task, given in zip(self.tasks, arguments):
            task.put(pickle.dumps((function, given)))

    def answer(self, rank):
        """Return what a rank has returned, or its error, as text with the name of its class."""
        return pickle.loads(self.answers[rank].get())

    def close(self):
        for process in self.processes:
            process.kill()
            process.join()


class Failure(Exception):
    """What went wrong in a rank: its text is the class and the message."""


def _serve(rank, n, path, tasks, answers):
    torch.set_num_threads(1)
    warnings.simplefilter("error")
    dist.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=n)
    while True:
        function, arguments = pickle.loads(tasks.get())
        try:
            answer = function(*arguments)
        except Exception as error:
            traceback.print_exc()
            answer = Failure(f"{type(error).__name__}: {error}")
        answers.put(pickle.dumps(answer))
