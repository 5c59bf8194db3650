"""A real server at its most talkative, with parts that fail: nothing of what people write reaches its output."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.settings import ROOT
from tests.channels.telegram.conftest import text_update
from tests.fakes.page_server import hidden
from tests.fakes.telegram_api import FakeTelegram

CHAT = 7_415_926_535
CANARIES = {
    "web": "periwinkle lighthouse carpenter", "pages": "tangerine windmill plumber", "telegram": "indigo lantern fisherman",
    "reading": "scarlet anchor librarian", "action": "crimson teapot gardener", "speech": "amber violin shepherd",
    "store": "copper kettle astronaut", "address": "cobaltpaddlewheel", "header": "vermilionhammock",
    "body": "turquoisewheelbarrow", "name": "Quintessa Hollowbrook",
}  # fmt: skip
NUMBER = "0341 555 0147"
SECRETS = ("555 0147", "5550147", str(CHAT), FakeTelegram.token.partition(":")[2])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Server:
    """`wegweiser serve` with every switch that makes a library say more."""

    def __init__(self, folder: Path, telegram: FakeTelegram, form: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log"
        given = {
            "PORT": self.port, "DATA_DIR": folder / "var", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": form, "LEARN": "on",
            "CALLBACKS": "on", "TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API": telegram.api, "PER_ADDRESS": 0,
            "PUBLIC_URL": "https://bot.example.org", "INTEGREAT_URL": "http://127.0.0.1:9",
            "SECRET": "the secret of the talkative server",
        }  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEGWEISER_")}
        more = {
            "LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG", "LOG_LEVEL_MATPLOTLIB": "DEBUG", "SANIC_DEBUG": "true",
            "SANIC_ACCESS_LOG": "true", "RASA_TELEMETRY_DEBUG": "true", "PYTHONASYNCIODEBUG": "1", "HTTPX_LOG_LEVEL": "trace",
            "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default",
        }  # fmt: skip
        self.env = kept | more | {f"WEGWEISER_{name}": str(value) for name, value in given.items()}
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, telegram: FakeTelegram) -> None:
        script = str(Path(__file__).with_name("talkative.py"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, script], cwd=ROOT, env=self.env, stdout=log, stderr=log)
        for _ in range(3000):
            if telegram.webhook:
                return
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            await asyncio.sleep(0.1)
        pytest.fail("the server did not come up")

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


async def on_the_web(client: httpx.AsyncClient) -> None:
    opened = (await client.post("/api/v1/conversations", json={})).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    written = [
        f"I need a German course in Leipzig, {CANARIES['web']}", f"My name is {CANARIES['name']}",
        *(f"Where is a doctor, break the {where}, {CANARIES[where]}" for where in ("reading", "action", "speech", "store")),
    ]  # fmt: skip
    for number, text in enumerate(written):
        body = {"conversation": opened["conversation"], "id": f"m{number}", "text": text}
        answer = await client.post("/api/v1/messages", json=body, headers=headers)
        assert answer.status_code in (200, 500, 503), answer.text
    for number, payload in enumerate(("/feedback_bad", '/human_handover{"person":"callback"}')):
        body = {"conversation": opened["conversation"], "id": f"p{number}", "payload": payload}
        await client.post("/api/v1/messages", json=body, headers=headers)
    body = {"conversation": opened["conversation"], "id": "n", "text": f"It is {NUMBER}"}
    await client.post("/api/v1/messages", json=body, headers=headers)
    # what is refused
    words = {"X-Note": CANARIES["header"], "Authorization": f"Bearer {CANARIES['header']}"}
    await client.post("/api/v1/messages", json=body, headers=words)
    await client.post("/api/v1/messages", content=f'{{"text": "{CANARIES["body"]}'.encode(), headers=headers)
    await client.post("/api/v1/messages", json={**body, "payload": f"/{CANARIES['body']}"}, headers=headers)
    for path in ("/api/v1/", "/m/", "/", "/webhooks/", "/staff/", "/hsds/services/"):
        await client.get(f"{path}{CANARIES['address']}", params={"q": CANARIES["address"]})
    await client.request("BREW", f"/{CANARIES['address']}")


async def without_a_script(client: httpx.AsyncClient) -> None:
    begun = await client.get("/m", params={"lang": "en"})
    for where in ("", "break the action, ", "break the reading, "):
        fields = {**hidden(begun.text), "id": f"page-{len(where):03}-of-the-test"}
        await client.post("/m", data={**fields, "text": f"Where is a doctor, {where}{CANARIES['pages']}"})


async def raw_bytes(port: int) -> None:
    """Requests that are none."""
    for content in (
        f"GET /{CANARIES['address']} \r\n\r\n",
        f"{CANARIES['header']}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{CANARIES['header']}\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(content.encode())
        await writer.drain()
        await asyncio.wait_for(reader.read(4096), 30)
        writer.close()


async def on_telegram(client: httpx.AsyncClient, telegram: FakeTelegram) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.webhook["secret_token"]}

    async def post(update: Any) -> int:
        return (await client.post("/webhooks/telegram/webhook", json=update, headers=headers)).status_code

    words = CANARIES["telegram"]
    telegram.script("sendMessage", 400, f"Bad Request: can't parse {words}")
    for number, where in enumerate(
        ("", "break the reading, ", "break the action, ", "break the speech, ", "break the store, "), 1
    ):
        assert await post(text_update(number, f"Where is a doctor, {where}{words}", chat=CHAT)) == 200
    assert await post(text_update(10, f"/start {words}", chat=CHAT)) == 200
    assert await post({"update_id": 11, "message": {"text": words}}) == 200  # none that PTB can read
    assert await post({"update_id": words}) == 400
    for _ in range(600):
        if len([m for m in telegram.messages(CHAT)]) >= 5:
            return
        await asyncio.sleep(0.1)
    pytest.fail("Telegram got no answers")


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_words_of_people_in_the_output(tmp_path: Path, anyio_backend: str, form: str) -> None:
    telegram = FakeTelegram()
    await telegram.start()
    server = Server(tmp_path, telegram, form)
    try:
        await server.start(telegram)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=60) as client:
            await on_the_web(client)
            await without_a_script(client)
            await raw_bytes(server.port)
            await on_telegram(client, telegram)
        assert server.stop() == 0
    finally:
        server.stop()
        await telegram.stop()
    said = server.log.read_text("utf-8", errors="replace")
    low = said.lower()
    assert [where for where, words in CANARIES.items() if words.lower() in low] == []
    assert [number for number, secret in enumerate(SECRETS) if secret.lower() in low] == []
    # It did speak, at every level, and of every failure: kind and place.
    for words in (
        "RuntimeError",
        "talkative.py",
        "serving on",
        "debug",
        "httpcore",
        "rasa.core.processor",
        "telegram.ext",
    ):
        assert words.lower() in low, words
