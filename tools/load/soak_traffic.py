"""People of a soak: they come, ask some questions over the web API and leave; some stay, some have all forgotten."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.quality.bench_messages import Ask, Workload
from tools.bench.http_client import Connection

FORGET_SHARE, STAY_SHARE = 0.05, 0.10
LEAVE, STAY = (3, 6), (20, 60)
CLIENTS = 32
# A conversation may send 20 messages a minute.
SECONDS_BETWEEN = 60 / 18
FORGET = "/delete_my_data"
REMEMBERED = 1000
FAULTS_TOLD = 5


@dataclass
class Visitor:
    """One place among those who talk at the same time; empty until somebody comes, and again when they leave."""

    conversation: str = ""
    token: str = ""
    left: int = 0
    forgets: bool = False
    sent: int = 0
    asks: list[Ask] = field(default_factory=list)


class People:
    """`size` conversations at the same time, and what became of their messages. The same seed gives the same people.

    `stored_as` is the id under which the server keeps a conversation.
    """

    def __init__(self, port: int, work: Workload, size: int, stored_as: Callable[[str], str], seed: int = 7) -> None:
        self.port, self.work, self.stored_as = port, work, stored_as
        self.waiting: deque[Visitor] = deque(Visitor() for _ in range(size))
        self.size = size
        self.latencies: list[float] = []
        self.sent = self.answered = self.errors = self.came = self.forgotten = self.late = 0
        self.told: list[str] = []
        self.forgotten_last: deque[str] = deque(maxlen=REMEMBERED)
        self._dice = random.Random(seed)
        self._number = 0
        self._last: OrderedDict[str, float] = OrderedDict()

    async def as_many_as_possible(self, seconds: float, clients: int) -> float:
        """Messages a second that so many clients get answered, each sending when the last answer is there."""
        until, before = time.monotonic() + seconds, self.answered

        async def client() -> None:
            connection = Connection("127.0.0.1", self.port)
            while time.monotonic() < until:
                await self._one(connection, time.monotonic())
            await connection.close()

        await asyncio.gather(*(client() for _ in range(clients)))
        return (self.answered - before) / seconds

    async def steadily(self, rate: float, seconds: float) -> None:
        """So many messages a second, whether or not the last ones are answered; waits for all answers.

        Latency counts from the moment a message was due. ValueError when the conversations would be refused for haste.
        """
        if self.size / rate < SECONDS_BETWEEN:
            raise ValueError(f"{rate:g} messages a second need {rate * SECONDS_BETWEEN:.0f} conversations at least")
        due: asyncio.Queue[float | None] = asyncio.Queue()
        clients = [asyncio.create_task(self._client(due)) for _ in range(CLIENTS)]
        begun, number = time.monotonic(), 0
        while (at := begun + number / rate) < begun + seconds:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            due.put_nowait(at)
            number += 1
        for _ in clients:
            due.put_nowait(None)
        await asyncio.gather(*clients)

    def written_within(self, seconds: float) -> int:
        """How many conversations that were not forgotten had a message in the last so many seconds."""
        limit = time.monotonic() - seconds
        while self._last and next(iter(self._last.values())) < limit:
            self._last.popitem(last=False)
        return len(self._last)

    async def _client(self, due: asyncio.Queue[float | None]) -> None:
        connection = Connection("127.0.0.1", self.port)
        while (at := await due.get()) is not None:
            await self._one(connection, at)
        await connection.close()

    async def _one(self, connection: Connection, due: float) -> None:
        """The next message of whoever has waited longest."""
        visitor = self.waiting.popleft() if self.waiting else None
        if visitor is None:  # all of them wait for an answer
            self.late += 1
            return
        self.sent += 1
        try:
            if not visitor.conversation:
                await self._come(connection, visitor)
            status, body = await self._say(connection, visitor)
            replies = json.loads(body)["replies"] if status == 200 else []
            if not any(reply.get("text") or reply.get("cards") for reply in replies):
                raise ValueError(f"no answer: {status}")
        except (OSError, asyncio.TimeoutError, EOFError, ValueError, KeyError) as exc:
            self.errors += 1
            if len(self.told) < FAULTS_TOLD:
                self.told.append(f"{exc.__class__.__name__}: {exc}")
            self._leave(visitor)
        else:
            self.answered += 1
            self.latencies.append(time.monotonic() - due)
            if visitor.left <= 0:
                self._leave(visitor)
        self.waiting.append(visitor)

    async def _come(self, connection: Connection, visitor: Visitor) -> None:
        status, body = await connection.post("/api/v1/conversations", {})
        if status != 201:
            raise ValueError(f"a conversation was refused: {status}")
        opened: dict[str, Any] = json.loads(body)
        chance = self._dice.random()
        visitor.conversation, visitor.token = opened["conversation"], opened["token"]
        visitor.forgets = chance < FORGET_SHARE
        span = STAY if FORGET_SHARE <= chance < FORGET_SHARE + STAY_SHARE else LEAVE
        visitor.left, visitor.sent, visitor.asks = self._dice.randint(*span), 0, []
        self.came += 1

    async def _say(self, connection: Connection, visitor: Visitor) -> tuple[int, bytes]:
        visitor.left -= 1
        visitor.sent += 1
        sender = self.stored_as(visitor.conversation)
        body: dict[str, Any] = {"conversation": visitor.conversation, "id": str(visitor.sent)}
        forgetting = visitor.forgets and visitor.left <= 0
        if forgetting:
            answer = await connection.post("/api/v1/messages", body | {"payload": FORGET}, visitor.token)
            self._last.pop(sender, None)
            self.forgotten += 1
            self.forgotten_last.append(sender)
            return answer
        if not visitor.asks:
            visitor.asks = self.work.conversation(self._number)
            self._number += 1
        ask = visitor.asks.pop(0)
        given = {"hint": ask.language} | ({"text": ask.text} if ask.text else {"payload": ask.payload})
        self._last[sender] = time.monotonic()
        self._last.move_to_end(sender)
        return await connection.post("/api/v1/messages", body | given, visitor.token)

    def _leave(self, visitor: Visitor) -> None:
        visitor.conversation, visitor.token, visitor.left = "", "", 0
