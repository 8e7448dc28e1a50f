"""The processes that train one network together, each with its own part of the examples.

In: values and tensors of this process. Out: those of all processes, or their sums. The processes
are the ranks of `torch.distributed`. Imports only torch.
"""

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")
TAG = 0x5C12  # of messages in the group of the user


class LostRankError(ConnectionError):
    """Raised on the ranks that are left when one of them has failed."""


class Group:
    """Some ranks; without a process group, this process alone.

    Every method has to be called by all of them, in the same order.
    """

    def __init__(self, who: str = "", group: Any = None) -> None:
        self.who, self._group = who, group
        self.size = 1 if group is None else dist.get_world_size(group)
        self.rank = 0 if group is None else dist.get_rank(group)

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, in their order."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        self._run(lambda group: dist.all_gather_object(values, value, group=group))
        return values

    def exchange(self, values: list[T]) -> list[T]:
        """Send value i to rank i; return what all ranks have sent to this one, in their order."""
        if self.size == 1:
            return values
        sent = [pickle.dumps(value) for value in values]
        sizes = torch.tensor([len(part) for part in sent])
        incoming = torch.empty_like(sizes)
        self._run(lambda group: dist.all_to_all_single(incoming, sizes, group=group))
        out = torch.frombuffer(bytearray().join(sent), dtype=torch.uint8)
        received = torch.empty(int(incoming.sum()), dtype=torch.uint8)
        splits = incoming.tolist(), sizes.tolist()
        self._run(lambda group: dist.all_to_all_single(received, out, *splits, group=group))
        return [pickle.loads(part.numpy().tobytes()) for part in received.split(splits[0])]

    def add(self, tensor: Tensor) -> None:
        """Add up the tensors of all ranks, in place."""
        if self.size > 1:
            self._run(lambda group: dist.all_reduce(tensor, group=group))

    def copy_first(self, tensor: Tensor) -> None:
        """Replace a tensor by that of rank 0, in place."""
        if self.size > 1:
            self._run(lambda group: dist.broadcast(tensor, group_src=0, group=group))

    def close(self) -> None:
        """Close the connections. Ranks that wait for this one then get an error."""
        group, self._group = self._group, None
        if group is not None:
            dist.destroy_process_group(group)

    def _run(self, collective: Callable[[Any], object]) -> None:
        try:
            collective(self._group)
            return
        except RuntimeError as error:
            reason = str(error)
        # after the block above, whose traceback would keep the group and its connections alive
        self.close()
        raise _lost_rank(self.who, reason)


ALONE = Group()


@contextmanager
def joined(who: str) -> Iterator[Group]:
    """Train with all ranks of the default process group of torch, if there is one."""
    together = dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
    if not together:
        yield ALONE
        return
    of_gpus = torch.cuda.is_available() and dist.is_nccl_available()
    try:
        _meet()
        group = Group(who, dist.new_group(backend="cpu:gloo,cuda:nccl" if of_gpus else "gloo"))
    except RuntimeError as error:
        raise _lost_rank(who, str(error)) from None
    try:
        yield group
    finally:
        group.close()


def _meet() -> None:
    """Wait for all ranks. Fail at once if one has died, for which `new_group` would wait long."""
    if "cpu:gloo" not in dist.get_backend_config():
        return
    ranks = [rank for rank in range(dist.get_world_size()) if rank != dist.get_rank()]
    sent = [dist.isend(torch.zeros(1), rank, tag=TAG) for rank in ranks]
    for rank in ranks:
        dist.recv(torch.zeros(1), rank, tag=TAG)
    for message in sent:
        if message is not None:
            message.wait()


def _lost_rank(who: str, reason: str) -> LostRankError:
    reason = re.sub(r"^\[\S+\] ?", "", reason).split(". ")[0]
    return LostRankError(
        f"{who}.fit needs all {dist.get_world_size()} ranks, but rank {dist.get_rank()} has lost "
        f"another one ({reason}): see what the others report, and start all of them again."
    )
