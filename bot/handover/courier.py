"""Brings what people write to the office's system, in order; when that is away, again and again for half an hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.handover.desk import Desk, Talk
from bot.handover.port import Handover, HandoverError

logger = logging.getLogger(__name__)
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
LONGEST_SECONDS = 1800.0
# How long the person's own request waits to hear whether the message arrived.
PATIENCE = 3.0
SENT, DELAYED, LOST, GONE = "", "utter_handover_delayed", "utter_handover_lost", "utter_handover_ended"
# A conversation and the key of what its person is to be told.
Tell = Callable[[Talk, str], Awaitable[None]]


class Courier:
    """One task a conversation with messages that wait; what becomes known later is told through `tell`."""

    def __init__(self, desk: Desk, port: Handover, tell: Tell, pauses: Sequence[float] = PAUSES) -> None:
        self._desk, self._port, self._tell, self._pauses = desk, port, tell, pauses
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asking: dict[str, asyncio.Future[str]] = {}
        self._failing: set[str] = set()

    def take(self, conversation: str, text: str) -> str:
        """Take a message and wait for nothing; LOST when too many wait already, else SENT."""
        if not self._desk.put(conversation, text):
            return LOST
        self.start(conversation)
        return SENT

    async def pass_on(self, conversation: str, text: str) -> str:
        """Take a message and try at once; the key of what the person is told now, SENT when there is nothing to tell."""
        if conversation in self._failing:
            return self.take(conversation, text)  # told already that it takes longer
        if not self._desk.put(conversation, text):
            return LOST
        asking = self._asking[conversation] = asyncio.get_running_loop().create_future()
        self.start(conversation)
        await asyncio.wait({asking}, timeout=PATIENCE)
        self._asking.pop(conversation, None)
        return asking.result() if asking.done() else SENT

    def start(self, conversation: str) -> None:
        """Go on with the messages of a conversation, unless that is under way."""
        running = self._tasks.get(conversation)
        if running is None or running.done():
            self._tasks[conversation] = asyncio.get_running_loop().create_task(self._run(conversation))

    def resume(self) -> None:
        """Take up what an earlier run of the server has left."""
        for conversation in self._desk.undelivered():
            self.start(conversation)

    def drop(self, conversation: str) -> None:
        """Nothing more is brought for this conversation."""
        task = self._tasks.pop(conversation, None)
        if task is not None and task is not _current():
            task.cancel()
        self._failing.discard(conversation)

    async def aclose(self) -> None:
        """Stop; what waits is in the desk's file."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, conversation: str) -> None:
        pauses = iter(self._pauses)
        while (talk := self._desk.get(conversation)) is not None:
            waiting = self._desk.next(conversation)
            if waiting is None:
                break
            number, age, text = waiting
            try:
                if text:
                    await self._port.send(talk.ref, text)
            except HandoverError as exc:
                if exc.gone:
                    self._desk.end(conversation)
                    await self._say(talk, GONE)
                    break
                if exc.again and age < LONGEST_SECONDS:
                    if conversation not in self._failing:
                        self._failing.add(conversation)
                        await self._say(talk, DELAYED)
                    await asyncio.sleep(next(pauses, self._pauses[-1]))
                    continue
                logger.warning("a message to a person was given up: %s", exc)
                self._desk.delivered(number)
                await self._say(talk, LOST)
                continue
            self._desk.delivered(number)
            self._failing.discard(conversation)
            pauses = iter(self._pauses)
            self._answer(conversation, SENT)
        self._failing.discard(conversation)
        if self._tasks.get(conversation) is _current():
            del self._tasks[conversation]

    async def _say(self, talk: Talk, key: str) -> None:
        """In the answer to the message when its request still waits, else on its own."""
        if not self._answer(talk.conversation, key):
            await self._tell(talk, key)

    def _answer(self, conversation: str, key: str) -> bool:
        asking = self._asking.get(conversation)
        if asking is None or asking.done():
            return False
        asking.set_result(key)
        return True


def _current() -> asyncio.Task[None] | None:
    return asyncio.current_task()
