"""Telegram's cloud with its troubles: asks to wait, fails, answers late or not at all, brings updates twice or in disorder."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fakes.telegram_api import FakeTelegram  # noqa: E402
from tests.fakes.telegram_methods import ApiError  # noqa: E402
from tools.chaos.cases import plain  # noqa: E402

MODES = frozenset({"", "429", "5xx", "slow", "lost"})
WAIT = 2  # seconds that Telegram asks to wait
SLOW = 12.0  # longer than the bot waits
WEBHOOK = "/webhooks/telegram/webhook"
_TREATED = ("send", "edit", "answer")


class TroubledTelegram(FakeTelegram):
    """`mode` is what goes wrong with a `share` of the calls; `twice` and `disorder` with updates on their way to the bot.

    `shown` are the texts a chat has received, as `plain` makes them, and when; `lost` counts messages of a chat whose
    answer to the bot was lost, so that it sends them again.
    """

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.mode, self.share = "", 0.5
        self.twice = self.disorder = False
        self.shown: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
        self.lost: Counter[int] = Counter()
        self.troubles: Counter[str] = Counter()
        self._dice = dice

    async def _call(self, request: web.Request) -> Any:
        mode = self.mode
        treated = request.match_info["method"].startswith(_TREATED) and self._dice.random() < self.share
        if not mode or not treated:
            return await super()._call(request)
        self.troubles[mode] += 1
        if mode == "429":
            raise ApiError(429, f"Too Many Requests: retry after {WAIT}", retry_after=WAIT)
        if mode == "5xx":
            raise ApiError(self._dice.choice((500, 502, 503)), "Internal Server Error")
        if mode == "slow":
            await asyncio.sleep(SLOW)
            raise ApiError(504, "Gateway Timeout")
        given = await request.post()
        result = await super()._call(request)
        if str(given.get("chat_id", "")).lstrip("-").isdecimal():
            self.lost[int(str(given["chat_id"]))] += 1
        if request.transport is not None:
            request.transport.abort()
        return result

    async def _sendMessage(self, parameters: dict[str, Any]) -> Any:
        result = await super()._sendMessage(parameters)
        self.shown[int(parameters["chat_id"])].append((time.monotonic(), plain(parameters["visible"])))
        return result

    async def _getUpdates(self, parameters: dict[str, Any]) -> Any:
        found = await super()._getUpdates(parameters)
        return [row for row in found for _ in range(2)] if self.twice else found


class Post:
    """Brings updates to the bot: they wait to be asked for, or go to `webhook`, again until they are taken."""

    def __init__(self, api: TroubledTelegram, webhook: str, dice: random.Random) -> None:
        self._api, self._webhook, self._dice = api, webhook, dice
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[dict[str, Any]] = []
        self._http = httpx.AsyncClient(trust_env=False, timeout=30)
        self.failures: Counter[str] = Counter()
        self.closed = False

    async def bring(self, update: dict[str, Any]) -> None:
        """Take an update to the bot; returns at once."""
        if not self._webhook:
            await self._api.push(update)
            return
        copies = self._dice.randint(2, 3) if self._api.twice else 1
        self._held += [update] * copies
        if self._api.disorder and len(self._held) < 4:
            self._start(self._release_later())
            return
        self._release()

    async def close(self) -> None:
        """Bring nothing any more."""
        self.closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    async def _release_later(self) -> None:
        await asyncio.sleep(2.0)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        if self._api.disorder:
            self._dice.shuffle(held)
        for update in held:
            self._start(self._deliver(update))

    async def _deliver(self, update: dict[str, Any]) -> None:
        while not self.closed:
            headers = {"X-Telegram-Bot-Api-Secret-Token": self._api.webhook.get("secret_token", "")}
            try:
                answer = await self._http.post(self._webhook, json=update, headers=headers)
                if answer.status_code == 200:
                    return
                self.failures[str(answer.status_code)] += 1
            except httpx.RequestError as exc:
                self.failures[type(exc).__name__] += 1
            await asyncio.sleep(self._dice.uniform(0.5, 1.5))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
