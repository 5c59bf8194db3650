"""The fake Bot API, a fake agent and a running Rasa server with the Telegram channel."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import rasa.core.run
import yaml
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.channels.telegram import channel as channel_module
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.channel import SECRET_HEADER, WEBHOOK_PATH, TelegramInput
from bot.channels.telegram.options import Desk, Options
from bot.speech.reply import Card, Choice, Reply
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer
from tests.fakes.telegram_api import FakeTelegram

HERE = Path(__file__).parent
STRINGS = yaml.safe_load(Path(channel_module.__file__).with_name("strings.yml").read_text("utf-8"))["strings"]
INTENTS = frozenset(
    {"greet", "help", "change_language", "delete_my_data", "inform", "german_course", "privacy", "repeat"}
    | {"find_housing", "doctor", "residence_permit", "work_permit", "migration_counselling"}
)
SECRET = b"a secret of the tests"
CHAT = 700001
# A poll, as Telegram sends it.
POLL = {
    "id": "1", "question": "x?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
    "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
}  # fmt: skip
# As fast as the fake answers; the limits have tests of their own.
OPTIONS = Options(
    data_dir=Path("/nonexistent"),
    per_second=0,
    chat_seconds=0,
    places=frozenset({"leipzig"}),
    topics=frozenset({"german_course"}),
    private_topics=frozenset({"doctor", "emergency_medical"}),
    discreet_topics=frozenset({"domestic_violence"}),
    urgent_topics=frozenset({"emergency_medical"}),
)


def texts(key: str, language: str) -> str:
    """The channel's sentences; the language is put in front to be seen in tests."""
    return f"[{language}] {STRINGS[key]}"


def sample_updates() -> list[dict[str, Any]]:
    """The recorded updates: start, text, location, voice, button, edit, blocked."""
    rows: list[dict[str, Any]] = json.loads((HERE / "telegram_updates.json").read_text("utf-8"))
    return rows


def text_update(
    number: int, text: str | None = None, chat: int = CHAT, language: str | None = "en", **more: Any
) -> dict:
    """A private message."""
    user = {"id": chat, "is_bot": False, "first_name": "User"} | ({"language_code": language} if language else {})
    message = {"message_id": number, "from": user, "date": int(time.time()),
               "chat": {"id": chat, "first_name": "User", "type": "private"}, **more}  # fmt: skip
    return {"update_id": number, "message": message | ({"text": text} if text is not None else {})}


class Kept(dict[str, str]):
    """Where buttons of the tests keep long payloads."""

    def keep_payload(self, key: str, payload: str) -> None:
        """Remember it."""
        self[key] = payload

    def payload(self, key: str) -> str:
        """Find it."""
        return self.get(key, "")


BUTTONS = Buttons(SECRET, Kept())


def button_update(number: int, payload: str, chat: int = CHAT, signed: bool = True) -> dict[str, Any]:
    """A pressed button with a payload of ours."""
    data = BUTTONS.data(payload) if signed else payload
    message = text_update(number, "…", chat)["message"]
    query = {"id": f"q{number}", "from": message["from"], "message": message, "chat_instance": "-3242", "data": data}
    return {"update_id": number, "callback_query": query}


class EchoAgent:
    """Answers every message with a Reply that repeats it; `reply` `wait` or `error` can be set."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []
        self.reply: Reply | None = None
        self.wait: Callable[[UserMessage], Awaitable[Any]] | None = None
        self.error: Exception | None = None

    async def handle_message(self, message: UserMessage) -> None:
        """Rasa's entry point."""
        if self.wait is not None:
            await self.wait(message)
        self.messages.append(message)
        if self.error is not None:
            raise self.error
        reply = self.reply or Reply(
            text=f"You wrote: {message.text}",
            language="en",
            dir="ltr",
            cards=[Card(id="a", name="Amt <A>", address="Theaterstr. 6, Dresden", map="https://osm.example/?q=a&b=c")],
            choices=[Choice("Help", "/help"), Choice("Courses", "/german_course"), Choice("Delete", "/delete_my_data")],
        )
        out = {"text": reply.text, "custom": {"reply": reply.to_dict()}}
        await message.output_channel.send_response(message.sender_id, out)


class Running:
    """A server in this event loop with the channel, its agent and an HTTP client."""

    def __init__(self, telegram: FakeTelegram, agent: EchoAgent, channel: TelegramInput, client: httpx.AsyncClient):
        self.telegram, self.agent, self.channel, self.client = telegram, agent, channel, client

    @property
    def desk(self) -> Desk:
        """What the channel answers with."""
        desk = self.channel._desk
        assert desk is not None
        return desk

    async def post(self, update: Any, secret: str | None = None, **kwargs: Any) -> httpx.Response:
        """What Telegram does with a webhook."""
        headers = {SECRET_HEADER: self.channel.webhook_secret if secret is None else secret}
        body = kwargs or {"content": json.dumps(update)}  # in ASCII, so that half a character can be written
        return await self.client.post(WEBHOOK_PATH, headers=headers, **body)


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait for a condition, fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def serve(telegram: FakeTelegram, agent: EchoAgent, **settings: Any) -> AsyncIterator[Running]:
    """Run the channel in Rasa's server until the block ends."""
    Sanic.test_mode = True
    options = settings.pop("options", None) or dataclasses.replace(OPTIONS, data_dir=telegram.folder)
    settings = {"token": telegram.token, "secret": SECRET, "intents": INTENTS, "texts": texts, **settings}
    settings["options"] = options
    channel = TelegramInput(api=telegram.api, **settings)
    app = rasa.core.run.configure_app([channel], enable_api=False, use_uvloop=False)
    app.ctx.agent = agent
    # Sanic reads port 0 as its default port, which is taken when two run
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    port = server.server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        try:
            yield Running(telegram, agent, channel, client)
        finally:
            await server.before_stop()
            server.server.close()
            await server.after_stop()


@pytest.fixture
def anyio_backend() -> str:
    """Sanic runs on asyncio."""
    return "asyncio"


@pytest.fixture
async def telegram(anyio_backend: str, tmp_path: Path) -> AsyncIterator[FakeTelegram]:
    """A Telegram that is up; its bot keeps its files in a folder of the test."""
    fake = FakeTelegram()
    fake.folder = tmp_path
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def agent() -> EchoAgent:
    """The assistant behind the channel."""
    return EchoAgent()


@pytest.fixture
async def polling(telegram: FakeTelegram, agent: EchoAgent) -> AsyncIterator[Running]:
    """The channel polls."""
    async with serve(telegram, agent) as running:
        await until(lambda: running.channel.connection and running.channel.connection.application.running)
        yield running


@pytest.fixture
async def hooked(telegram: FakeTelegram, agent: EchoAgent) -> AsyncIterator[Running]:
    """The channel has a webhook."""
    async with serve(telegram, agent, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        yield running


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    """One Redis for all tests of the channel."""
    if redis_server.programs() is None and not os.environ.get("CI"):
        pytest.skip("redis-server is not on this machine")
    with redis_server.running() as server:
        yield server


@pytest.fixture
def redis_up(redis_process: RedisServer) -> RedisServer:
    """The Redis, running and empty."""
    redis_process.start()
    redis_process.empty()
    return redis_process
