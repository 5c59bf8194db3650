"""The whole assistant with its server, a Zammad and a Telegram on loopback, in one event loop."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sanic import Sanic

from actions.directory.hours import BERLIN
from bot.launcher import build_agent, build_app
from bot.settings import Settings
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.zammad_server import CUSTOMER, GROUP, SECRET, TOKEN, FakeZammad

OFFICE = "Beratung Musterstadt"
HOURS = "Mo-Fr 09:00-16:00"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=BERLIN)


class World:
    """What a test uses; `now` is the assistant's clock."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.zammad, self.telegram, self.now = FakeZammad(), FakeTelegram(), MONDAY
        self.folder, self._wanted = folder, settings
        self._updates = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the loop of the server."""
        return self.loop.run_until_complete(work)

    async def start(self) -> None:
        """Serve."""
        Sanic.test_mode = True
        await self.zammad.start()
        await self.telegram.start()
        zammad: dict[str, Any] = {
            "zammad_url": self.zammad.url, "zammad_token": TOKEN, "zammad_group": GROUP, "zammad_customer": CUSTOMER,
            "zammad_webhook_secret": SECRET, "handover_name": OFFICE, "handover_hours": HOURS,
        }  # fmt: skip
        if not self._wanted.pop("zammad", True):
            zammad = {}
        self.settings = dataclasses.replace(
            Settings.from_env({}), data_dir=self.folder, secret="handover-tests-secret", per_address=0,
            telegram_token=FakeTelegram.token, telegram_api=self.telegram.api, **zammad, **self._wanted,
        )  # fmt: skip
        self.agent = build_agent(self.settings, clock=lambda: self.now)
        self.relay = self.agent.relay
        if self.relay is not None and self.relay.courier is not None:
            self.relay.courier._pauses = (0.05,)
        app = build_app(self.settings, self.agent)
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        self.server = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
        await self.server.startup()
        await self.server.before_start()
        await self.server.after_start()
        port = sock.getsockname()[1]
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=40)

    async def stop(self) -> None:
        """End it."""
        await self.client.aclose()
        await self.server.before_stop()
        self.server.server.close()
        await self.server.after_stop()
        await self.telegram.stop()
        await self.zammad.stop()

    def conversation(self, language: str = "en") -> Web:
        """A new one on the web."""
        made = self.run(self.client.post("/api/v1/conversations", json={})).json()
        return Web(self, made["conversation"], made["token"], language)

    def push(self, update: dict[str, Any]) -> None:
        """An update of Telegram's."""
        self.run(self.telegram.push(update))

    def webhook(self, body: bytes, delivery: str = "", secret: str = SECRET) -> int:
        """Zammad calls; the status."""
        return int(self.run(self.zammad.call(str(self.client.base_url).rstrip("/"), body, delivery, secret)))

    def until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait for a condition."""
        self.run(_until(condition, seconds))

    def ticket(self) -> int:
        """The newest one."""
        return max(self.zammad.tickets)


class Web:
    """One conversation over HTTP."""

    def __init__(self, world: World, conversation: str, token: str, language: str) -> None:
        self.world, self.id, self.language = world, conversation, language
        self.headers = {"Authorization": f"Bearer {token}"}
        self._number = self._read = 0

    def send(self, text: str = "", payload: str = "", **more: Any) -> dict[str, Any]:
        """One message in, the whole answer out."""
        self._number += 1
        row: dict[str, Any] = {"conversation": self.id, "id": f"m{self._number}", "hint": self.language, **more}
        row |= {"payload": payload} if payload else {} if more else {"text": text}
        response = self.world.run(self.world.client.post("/api/v1/messages", json=row, headers=self.headers))
        assert response.status_code == 200, response.text
        return dict(response.json())

    def person(self, step: str) -> dict[str, Any]:
        """Press a button about persons."""
        return self.send(payload=f'/human_handover{{"person":"{step}"}}')

    def begin(self) -> int:
        """Agree; the ticket."""
        self.person("live")
        assert self.person("yes")["person"] is True
        return self.world.ticket()

    def read(self) -> list[dict[str, Any]]:
        """Replies that came by themselves since the last time; waits for the first."""
        url = f"/api/v1/conversations/{self.id}/messages?after={self._read}"
        found = self.world.run(self.world.client.get(url, headers=self.headers)).json()["messages"]
        self._read = max([self._read, *(row["number"] for row in found)])
        return [row["reply"] for row in found]

    @property
    def sender(self) -> str:
        """The pseudonym."""
        from bot.channels import gate

        return gate.conversation_id(self.world.settings.secret_bytes(), "web", self.id)


def texts(answer: dict[str, Any]) -> str:
    """All that was said."""
    return "\n".join(reply["text"] for reply in answer["replies"])


def payloads(answer: dict[str, Any]) -> list[str]:
    """All buttons."""
    return [choice["payload"] for reply in answer["replies"] for choice in reply.get("choices", ())]


async def _until(condition: Callable[[], Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[World]:
    """Serve until the block ends."""
    logging.getLogger("sanic.root").setLevel(logging.WARNING)
    made = World(folder, **settings)
    made.run(made.start())
    try:
        yield made
    finally:
        made.run(made.stop())
        made.loop.close()
