"""`make load`: the real server behind a Bot API on loopback that keeps Telegram's ceilings, under steady traffic.

Updates of 2,000 chats come by webhook at a steady rate; their texts are our test messages in twelve languages. Some chats
send two commands at once, whose answers must come in their order. Measured: the time from an update to the first
sendMessage in its chat, what was lost, what came in the wrong order, and how often the ceilings were hit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fakes.telegram_api import FakeTelegram  # noqa: E402
from tests.fakes.telegram_methods import ApiError  # noqa: E402
from tools.bench.processes import free_port  # noqa: E402

SECRET = "a secret of the load test"
CHATS = 2000
PAIR_SHARE = 0.05
LEFT_SECONDS = 60.0


class Ceilings(FakeTelegram):
    """Refuses with 429 what is past the ceilings, as Telegram does, and notes when what was accepted."""

    def __init__(self, per_second: int, chat_seconds: float) -> None:
        super().__init__()
        self.per_second, self.chat_seconds = per_second, chat_seconds
        self.window: deque[float] = deque()
        self.last: dict[int, float] = {}
        self.sent: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
        self.too_many = 0

    async def _call(self, request: web.Request) -> Any:
        """The calls of a busy day, taken as they are: what they hold is checked in the tests, not here."""
        name = request.match_info["method"]
        if name in ("getMe", "setWebhook"):
            return await super()._call(request)
        if name != "sendMessage":
            return True
        given = await request.post()
        return self._message(int(str(given["chat_id"])), str(given["text"]))

    def _message(self, chat: int, text: str) -> dict[str, Any]:
        now = time.monotonic()
        while self.window and now - self.window[0] >= 1.0:
            self.window.popleft()
        # a call that left on time can arrive a little early after one that was late
        if len(self.window) >= self.per_second or now - self.last.get(chat, -9.0) < self.chat_seconds * 0.9:
            self.too_many += 1
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        self.window.append(now)
        self.last[chat] = now
        self.sent[chat].append((now, text))
        self._next_message += 1
        about = {"id": chat, "type": "private", "first_name": "User"}
        return {
            "message_id": self._next_message,
            "from": self.me,
            "date": int(time.time()),
            "text": text,
            "chat": about,
        }


def messages() -> list[tuple[str, str]]:
    """(language, text) of our test messages."""
    rows = [
        json.loads(line)
        for path in sorted((ROOT / "tests" / "nlu").glob("*/*.jsonl"))
        for line in path.open(encoding="utf-8")
    ]
    return [(row["lang"], row["text"]) for row in rows if row["text"].strip()]


def update(number: int, chat: int, language: str, text: str) -> dict[str, Any]:
    """A private message as Telegram posts it."""
    user = {"id": chat, "is_bot": False, "first_name": "User", "language_code": language}
    message = {"message_id": number, "from": user, "date": int(time.time()), "text": text}
    return {"update_id": number, "message": {**message, "chat": {"id": chat, "first_name": "User", "type": "private"}}}


async def drive(fake: Ceilings, url: str, word: str, rate: float, seconds: float) -> dict[str, Any]:
    """Send updates at a steady rate, wait until all are answered, and say how it went."""
    texts, dice = messages(), random.Random(7)
    waiting: list[tuple[int, float]] = []
    pairs: list[tuple[int, float]] = []
    refused = 0
    number = 0
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=httpx.Limits(max_connections=100)) as client:

        async def post(row: dict[str, Any]) -> None:
            nonlocal refused
            headers = {"X-Telegram-Bot-Api-Secret-Token": word}
            while True:
                answer = await client.post(f"{url}/webhooks/telegram/webhook", json=row, headers=headers)
                if answer.status_code == 200:
                    return
                refused += 1
                await asyncio.sleep(1.0)

        tasks: list[asyncio.Task[None]] = []
        begun = time.monotonic()
        free = deque(dice.sample(range(1, CHATS + 1), CHATS))
        while time.monotonic() - begun < seconds:
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            chat = free.popleft()
            free.append(chat)
            now = time.monotonic()
            if dice.random() < PAIR_SHARE:
                pairs.append((chat, now))
                for command in ("/help", "/privacy"):
                    number += 1
                    await post(update(number, chat, "en", command))  # in this order, as Telegram sends them
            else:
                number += 1
                language, text = dice.choice(texts)
                waiting.append((chat, now))
                tasks.append(asyncio.create_task(post(update(number, chat, language, text))))
        await asyncio.gather(*tasks)
        lasted = time.monotonic() - begun
        end = time.monotonic() + LEFT_SECONDS
        while time.monotonic() < end and any(not answers(fake, chat, at) for chat, at in (*waiting, *pairs)):
            await asyncio.sleep(0.2)
        await asyncio.sleep(3.0)
    first = sorted(answers(fake, chat, at)[0][0] - at for chat, at in waiting if answers(fake, chat, at))
    lost = sum(not answers(fake, chat, at) for chat, at in waiting) + sum(
        len(answers(fake, c, at)) < 2 for c, at in pairs
    )
    return {
        "rate": rate,
        "seconds": round(lasted, 1),
        "updates": number,
        "lost": lost,
        "out of order": sum(wrong_order(fake, chat, at) for chat, at in pairs),
        "pairs": len(pairs),
        "messages": sum(map(len, fake.sent.values())),
        "refused by the webhook": refused,
        "429": fake.too_many,
        "first sendMessage ms": {f"p{p}": round(1000 * quantile(first, p)) for p in (50, 95, 99)},
    }


def answers(fake: Ceilings, chat: int, since: float) -> list[tuple[float, str]]:
    """What a chat was sent since a moment."""
    return [row for row in fake.sent.get(chat, ()) if row[0] >= since]


def wrong_order(fake: Ceilings, chat: int, since: float) -> bool:
    """True when the answer to the second command came before that to the first."""
    texts = [text for _, text in answers(fake, chat, since)]
    privacy = [i for i, text in enumerate(texts) if "your name" in text]
    return bool(privacy) and privacy[0] == 0


def quantile(values: list[float], percent: int) -> float:
    """The value below which so many per cent lie; 0 for none."""
    return values[min(len(values) - 1, len(values) * percent // 100)] if values else 0.0


async def run(rate: float, seconds: float, per_second: int, chat_seconds: float) -> dict[str, Any]:
    """One run with a server and a Bot API of its own."""
    fake = Ceilings(per_second, chat_seconds)
    await fake.start()
    with tempfile.TemporaryDirectory(prefix="wegweiser-load-") as folder:
        port = free_port()
        settings = {
            "PORT": port, "DATA_DIR": folder, "SECRET": SECRET, "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API": fake.api,
            "PUBLIC_URL": "https://bot.example.org", "TELEGRAM_PER_SECOND": per_second, "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WEGWEISER_")}
        env = clean | {f"WEGWEISER_{key}": str(value) for key, value in settings.items()}
        command = [sys.executable, "-m", "bot.cli", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            await ready(url, fake, server)
            found = await drive(fake, url, fake.webhook["secret_token"], rate, seconds)
        finally:
            server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait, 30)
            await fake.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found | {"server CPU seconds": round(used.ru_utime + used.ru_stime, 1), "server MB": used.ru_maxrss // 1024}


async def ready(url: str, fake: Ceilings, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server has its model and its webhook."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(1200):
            if server.poll() is not None:
                raise SystemExit("the server stopped; is there a model? run `make train`")
            try:
                if fake.webhook and (await client.get(f"{url}/health")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit("the server did not come up within two minutes")


def main() -> int:
    """Two runs: Telegram's own ceilings at 10 updates a second, raised ones at 30; 1 when one was lost or out of order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="length of each run")
    parser.add_argument("--json", default="", help="also write the figures to this file")
    given = parser.parse_args()
    rows = []
    for rate, per_second, chat_seconds in ((10.0, 30, 1.0), (30.0, 1000, 1.0)):
        rows.append(asyncio.run(run(rate, given.seconds, per_second, chat_seconds)))
        print(json.dumps(rows[-1]), flush=True)
    if given.json:
        Path(given.json).parent.mkdir(parents=True, exist_ok=True)
        Path(given.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["lost"] or row["out of order"] for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
