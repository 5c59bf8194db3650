"""Answers kept by client message id, so that a message sent twice is handled once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from bot.channels.web.limits import Toll

FORGET_ID = "\0forget"  # of deleting a conversation; no client can send this id
Key = tuple[str, str]
Work = Callable[[], Coroutine[Any, Any, bytes]]


class Late(Exception):
    """Another process handles the message and has not answered in time."""


class Answers(Protocol):
    """Where answers are kept, and messages that are being handled."""

    def get(self, sender: str, message_id: str) -> asyncio.Task[bytes] | None:
        """The attempt of this process that is known under this id, None when there is none."""

    async def begin(self, sender: str, message_id: str, work: Work, toll: Toll) -> asyncio.Task[bytes]:
        """Have the message handled by `work` unless it is or was already; the toll is paid once a message.

        Its ApiError is raised here or by the task; Late by the task when another process takes too long over it.
        """

    def forget(self, sender: str) -> Awaitable[None] | None:
        """Drop all answers of a conversation; what is given back may be waited for, and runs also when it is not."""


class _Attempt:
    """One message being handled, or its answer."""

    def __init__(self, task: asyncio.Task[bytes], began: float) -> None:
        self.task, self.began = task, began
        self.size = 0  # bytes of the answer
        self.dropped = False  # goes as soon as it is done


class Replays:
    """The last answers of this process, unfinished ones included: at most `size`, together at most `most_bytes`.

    Handling runs as its own task: a client that gives up waiting and asks again with the same id
    meets the first attempt. Failed attempts are dropped and may be tried again. An answer is dropped
    `seconds` after its message came: nobody asks for it later, and it tells what a person asked.
    """

    def __init__(self, size: int = 1000, most_bytes: int = 8 * 1024 * 1024, seconds: float = 600.0) -> None:
        self._attempts: OrderedDict[Key, _Attempt] = OrderedDict()
        self._size, self._most_bytes, self._seconds = size, most_bytes, seconds
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._attempts)

    @property
    def kept_bytes(self) -> int:
        """Bytes of all finished answers."""
        return self._bytes

    def get(self, sender: str, message_id: str) -> asyncio.Task[bytes] | None:
        """The attempt known under this id, None when it is new."""
        attempt = self._attempts.get((sender, message_id))
        return attempt.task if attempt else None

    async def begin(self, sender: str, message_id: str, work: Work, toll: Toll) -> asyncio.Task[bytes]:
        """See Answers."""
        await toll.pay()
        return self.get(sender, message_id) or self.start(sender, message_id, work())

    def start(self, sender: str, message_id: str, work: Coroutine[Any, Any, bytes]) -> asyncio.Task[bytes]:
        """Run `work` and remember it under this id."""
        key = (sender, message_id)
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        attempt = self._attempts[key] = _Attempt(task, loop.time())
        if len(self._attempts) > self._size:
            self._drop_oldest()
        task.add_done_callback(lambda _: self._done(key, attempt))
        self._arm(loop)
        return task

    def forget(self, sender: str) -> None:
        """Drop everything of one conversation; what is unfinished goes as soon as it is done."""
        for key in [key for key in self._attempts if key[0] == sender]:
            self.drop(*key)

    def drop(self, sender: str, message_id: str) -> None:
        """Do not keep one answer; an unfinished attempt is still met until it is done."""
        attempt = self._attempts.get((sender, message_id))
        if attempt is not None:
            attempt.dropped = True
            if attempt.task.done():
                self._drop((sender, message_id))

    def finished(self) -> list[tuple[str, str, float, bytes]]:
        """Conversation, id, age in seconds and answer of all that is kept."""
        known = [(key, attempt) for key, attempt in self._attempts.items() if attempt.size]
        return [(*key, attempt.task.get_loop().time() - attempt.began, attempt.task.result()) for key, attempt in known]

    def _done(self, key: Key, attempt: _Attempt) -> None:
        task = attempt.task
        answer = None if task.cancelled() or task.exception() is not None else task.result()
        if self._attempts.get(key) is not attempt:
            return
        if answer is None or attempt.dropped or len(answer) > self._most_bytes:
            self._drop(key)
            return
        attempt.size = len(answer)
        self._bytes += attempt.size
        while self._bytes > self._most_bytes:
            self._drop_oldest()

    def _drop(self, key: Key) -> None:
        self._bytes -= self._attempts.pop(key).size

    def _drop_oldest(self) -> None:
        """Finished answers go first: an unfinished one is still somebody's only copy."""
        finished = (key for key, attempt in self._attempts.items() if attempt.task.done())
        self._drop(next(finished, next(iter(self._attempts))))

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer, for the oldest attempt."""
        if self._timer is None and self._attempts:
            oldest = next(iter(self._attempts.values()))
            self._timer = loop.call_at(oldest.began + self._seconds, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        for key, attempt in list(self._attempts.items()):
            if attempt.began + self._seconds > loop.time():
                break
            attempt.dropped = True
            if attempt.task.done():
                self._drop(key)
            else:  # looked at again with the next ones
                attempt.began = loop.time()
                self._attempts.move_to_end(key)
        self._arm(loop)
