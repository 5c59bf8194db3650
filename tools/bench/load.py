"""The load generator: a process of its own that holds conversations in a closed loop and writes what it saw as JSON.

So many clients, each of whom sends the next message when the answer to the last one is there. Both engines get the same
conversations in the same order; whoever is quicker gets further. What the generator itself costs is reported, too.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import resource
import sys
import time
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.quality.bench_messages import KINDS, Ask, Workload  # noqa: E402
from tools.bench.answers import VERDICTS, judge_stock, judge_wegweiser  # noqa: E402
from tools.bench.http_client import Connection  # noqa: E402
from tools.bench.processes import cpu_seconds  # noqa: E402

MOST_FAULTS = 200


class Load:
    """One run against one server; counts only messages sent and answered within the measured time."""

    def __init__(self, engine: str, port: int, work: Workload, first: int) -> None:
        self.engine, self.port, self.work = engine, port, work
        self.judge = judge_stock if engine == "stock" else judge_wegweiser
        self.names = dict(work.places)
        self.numbers = itertools.count(first)
        self.begun = self.ended = float("inf")
        self.times: dict[str, array[float]] = {kind: array("d") for kind in KINDS}
        self.verdicts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self.topics: Counter[bool] = Counter()
        self.places: Counter[bool] = Counter()
        self.faults: Counter[str] = Counter()
        self.conversations = 0

    async def client(self) -> None:
        """Hold one conversation after the other until the time is over."""
        connection = Connection("127.0.0.1", self.port)
        try:
            while time.monotonic() < self.ended:
                try:
                    await self._converse(connection, next(self.numbers))
                except (OSError, asyncio.TimeoutError, EOFError, ValueError, KeyError) as exc:
                    self.faults[exc.__class__.__name__] += 1
                    if self.faults.total() > MOST_FAULTS:
                        return
                    await asyncio.sleep(0.05)
        finally:
            await connection.close()

    async def _converse(self, connection: Connection, number: int) -> None:
        self.conversations += 1
        conversation, token = f"bench-{number}", ""
        if self.engine != "stock":
            status, body = await connection.post("/api/v1/conversations", {})
            if status != 201:
                raise ValueError(f"a conversation was refused: {status}")
            opened = json.loads(body)
            conversation, token = opened["conversation"], opened["token"]
        for index, ask in enumerate(self.work.conversation(number)):
            start = time.monotonic()
            if start >= self.ended:
                return
            if self.engine == "stock":
                message = {"sender": conversation, "message": ask.text or ask.payload}
                status, body = await connection.post("/webhooks/rest/webhook", message)
            else:
                given = {"text": ask.text} if ask.text else {"payload": ask.payload}
                message = {"conversation": conversation, "id": str(index), "hint": ask.language, **given}
                status, body = await connection.post("/api/v1/messages", message, token)
            self._count(ask, start, time.monotonic(), status, body)

    def _count(self, ask: Ask, start: float, end: float, status: int, body: bytes) -> None:
        if start < self.begun or end > self.ended:
            return
        self.times[ask.kind].append(end - start)
        judged = self.judge(ask, status, body, self.names)
        self.verdicts[ask.kind][judged.verdict] += 1
        if judged.topic is not None:
            self.topics[judged.topic] += 1
        if judged.place is not None:
            self.places[judged.place] += 1

    async def run(self, clients: int, warm: float, seconds: float, sessions: list[int]) -> dict[str, Any]:
        """Warm up, measure, and say how it went; `sessions` are the server's processes."""
        self.ended = time.monotonic() + warm + seconds
        tasks = [asyncio.create_task(self.client()) for _ in range(clients)]
        await asyncio.sleep(warm)
        self.begun, before, own = time.monotonic(), cpu_seconds(sessions), _own_cpu()
        await asyncio.sleep(max(0.0, self.ended - time.monotonic()))
        used, mine = cpu_seconds(sessions) - before, _own_cpu() - own
        lasted = time.monotonic() - self.begun
        await asyncio.wait(tasks, timeout=35.0)
        for task in tasks:
            task.cancel()
        return self._figures(clients, lasted, used, mine)

    def _figures(self, clients: int, lasted: float, used: float, mine: float) -> dict[str, Any]:
        every = sorted(itertools.chain.from_iterable(self.times.values()))
        real = sum(counted["real"] for counted in self.verdicts.values())
        return {
            "clients": clients,
            "seconds": round(lasted, 2),
            "begun": self.begun,
            "messages": len(every),
            "per_second": round(len(every) / lasted, 2),
            "real_per_second": round(real / lasted, 2),
            **_quantiles(every),
            "cpu_seconds": round(used, 2),
            "per_cpu_second": round(len(every) / used, 2) if used else None,
            "generator_cpu_share": round(mine / lasted, 3),
            "conversations": self.conversations,
            "repeated": max(0, next(self.numbers) - self.work.conversations),
            "topic_right": _share(self.topics),
            "place_right": _share(self.places),
            "faults": dict(self.faults),
            "kinds": {
                kind: {
                    "n": len(self.times[kind]),
                    **_quantiles(sorted(self.times[kind])),
                    "answers": {verdict: self.verdicts[kind][verdict] for verdict in VERDICTS},
                }
                for kind in KINDS
            },
        }


def _quantiles(values: list[float]) -> dict[str, float | None]:
    """Milliseconds of sorted seconds."""

    def at(percent: int) -> float | None:
        return round(1000 * values[min(len(values) - 1, len(values) * percent // 100)], 2) if values else None

    return {f"p{percent}_ms": at(percent) for percent in (50, 95, 99)}


def _share(counted: Counter[bool]) -> float | None:
    return round(counted[True] / counted.total(), 4) if counted else None


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Run once; 1 when no message was answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["stock", "wegweiser"], required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workload", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first conversation")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--warm", type=float, default=8.0, help="seconds before the measured time")
    parser.add_argument("--seconds", type=float, default=45.0)
    parser.add_argument("--sessions", default="", help="process ids of the server's sessions, separated by commas")
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    sessions = [int(part) for part in given.sessions.split(",") if part]
    load = Load(given.engine, given.port, Workload.read(given.workload), given.first)
    found = asyncio.run(load.run(given.clients, given.warm, given.seconds, sessions))
    given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if found["messages"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
