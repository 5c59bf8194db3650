"""Kill -9 in the middle of a batch: the real server, the real model, a Bot API on loopback.

No question is lost, no chat is answered out of order, and at most the one answer in flight comes twice.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.settings import ROOT
from tests.channels.telegram.conftest import text_update
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
CHATS = range(701, 713)
# A command and words of its answer.
QUESTIONS = {"/help": "in your own words", "/privacy": "your name", "/language": "Which language"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Server:
    """`wegweiser serve` with a webhook, on the same port and folder each time it starts."""

    def __init__(self, telegram: FakeTelegram, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        given = {
            "PORT": self.port, "DATA_DIR": folder, "SECRET": "a secret of the crash test", "LOG_LEVEL": "INFO",
            "TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API": telegram.api, "PUBLIC_URL": "https://bot.example.org",
        }  # fmt: skip
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
        self.env = clean | {f"WEGWEISER_{key}": str(value) for key, value in given.items()}
        self.telegram, self.log = telegram, folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self.telegram.webhook = {}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "bot.cli", "serve"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)
        for _ in range(1200):
            if self.telegram.webhook:
                return
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            await asyncio.sleep(0.1)
        pytest.fail("the server did not come up")

    async def post(self, client: httpx.AsyncClient, update: dict) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.telegram.webhook["secret_token"]}
        url = f"http://127.0.0.1:{self.port}/webhooks/telegram/webhook"
        assert (await client.post(url, json=update, headers=headers)).status_code == 200

    def stop(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)


async def test_a_crash_in_the_middle_loses_nothing(tmp_path: Path, anyio_backend: str) -> None:
    telegram = FakeTelegram()
    await telegram.start()
    server = Server(telegram, tmp_path)
    updates = [
        text_update(100 * n + chat, command, chat=chat) for n, command in enumerate(QUESTIONS, 1) for chat in CHATS
    ]
    try:
        await server.start()
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            await asyncio.gather(*(server.post(client, u) for u in updates[: len(CHATS)]))
            for update in updates[len(CHATS) :]:
                await server.post(client, update)
            while len(telegram.messages()) < len(CHATS) // 2:
                await asyncio.sleep(0.01)
            server.stop(signal.SIGKILL)
            before = len(telegram.messages())
            assert before < len(updates)
            await server.start()
            for update in updates[: len(CHATS)]:
                await server.post(client, update)  # Telegram may send again what it was told we have
            for _ in range(600):
                if all(len(answers(telegram, chat)) >= len(QUESTIONS) for chat in CHATS):
                    break
                await asyncio.sleep(0.1)
        assert server.stop(signal.SIGTERM) == 0
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop(signal.SIGKILL)
        await telegram.stop()
    repeated = 0
    for chat in CHATS:
        asked = [command for command, _ in answers(telegram, chat)]
        again = len(asked) - len(dict.fromkeys(asked))
        assert again <= 1, (chat, asked)
        assert list(dict.fromkeys(asked)) == list(QUESTIONS), (chat, asked)
        repeated += again
    assert "of the last run are answered now" in server.log.read_text(errors="replace")
    assert telegram.refused == []
    print(f"{before} messages before the crash, {repeated} answers repeated after it")


def answers(telegram: FakeTelegram, chat: int) -> list[tuple[str, str]]:
    """The commands whose answers a chat got, in the order they came."""
    said = [m["visible"] for m in telegram.messages(chat)]
    return [(command, text) for text in said for command, words in QUESTIONS.items() if words in text]
