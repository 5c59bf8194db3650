"""Answers kept by client message id, so that a message sent twice is handled once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

Answer = list[dict[str, Any]]


class Replays:
    """The last `size` answers of this process, unfinished ones included.

    Handling runs as its own task: a client that gives up waiting and asks again with the same id
    meets the first attempt. Failed attempts are dropped and may be tried again.
    """

    def __init__(self, size: int = 1000) -> None:
        self._tasks: OrderedDict[tuple[str, str], asyncio.Task[Answer]] = OrderedDict()
        self._size = size

    def get(self, sender: str, message_id: str) -> asyncio.Task[Answer] | None:
        """The attempt known under this id, None when it is new."""
        return self._tasks.get((sender, message_id))

    def start(self, sender: str, message_id: str, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """Run `work` and remember it under this id."""
        key = (sender, message_id)
        task = asyncio.ensure_future(work)
        self._tasks[key] = task
        if len(self._tasks) > self._size:
            self._drop_oldest()
        task.add_done_callback(lambda done: self._drop_failed(key, done))
        return task

    def forget(self, sender: str) -> None:
        """Drop everything of one conversation."""
        for key in [key for key in self._tasks if key[0] == sender]:
            del self._tasks[key]

    def _drop_oldest(self) -> None:
        """Finished answers go first: an unfinished one is still somebody's only copy."""
        oldest = next((key for key, task in self._tasks.items() if task.done()), next(iter(self._tasks)))
        del self._tasks[oldest]

    def _drop_failed(self, key: tuple[str, str], task: asyncio.Task[Answer]) -> None:
        failed = task.cancelled() or task.exception() is not None
        if failed and self._tasks.get(key) is task:
            del self._tasks[key]
