"""The Telegram channel inside Rasa's server: polling, or a webhook when the server has a public address."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sqlite3
from functools import partial
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.commands import announce_commands
from bot.channels.telegram.connection import Connection, build, read_update
from bot.channels.telegram.flood import Flood
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.journal import Journal
from bot.channels.telegram.options import Desk, Moved, Options, Texts
from bot.channels.telegram.parts import Parts, alone, together
from bot.channels.telegram.person import deliver
from bot.channels.telegram.updates import Deliver, Updates
from bot.channels.telegram.urgency import finder
from bot.keys import Keys
from bot.memory.shared import Shared

logger = logging.getLogger(__name__)
WEBHOOK_PATH = "/webhooks/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY = 1024 * 1024
TIDY_SECONDS = 60.0


class TelegramInput(InputChannel):
    """One bot in this process. Polls unless `public_url` is given. With `shared` it is one of several processes.

    `secret` makes the conversation ids, the webhook's secret token, the signatures of buttons and the key of the
    journal, so it must stay the same over restarts, and in all processes. When it was changed, `moved` is told the former
    and the present pseudonym of a chat before its message is answered.
    """

    def __init__(
        self,
        token: str,
        secret: bytes | Keys,
        intents: frozenset[str],
        texts: Texts,
        options: Options,
        api: str = "https://api.telegram.org",
        public_url: str = "",
        shared: Shared | None = None,
    ) -> None:
        self._token = token
        self._keys = keys = Keys.of(secret)
        self._intents = intents
        self._texts = texts
        self._options = options
        self._api = api.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._shared = shared
        self.webhook_secret = keys.derived("telegram-webhook")[0].hex()
        self.moved: Moved | None = None
        self.inbox = Inbox()
        self.connection: Connection | None = None
        self._parts: Parts | None = None
        self._desk: Desk | None = None
        self._tidying: asyncio.Task[None] | None = None

    @property
    def journal(self) -> Journal | None:
        """The journal on disk while the bot runs; of one of several processes it holds what came while Redis was away."""
        return self._parts.journal if self._parts is not None else None

    @property
    def connected(self) -> bool:
        """Whether Telegram was reached when it was last called."""
        return self.connection is not None and self.connection.connected

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in the webhook's path."""
        return "telegram"

    def blueprint(self, on_new_message: Deliver) -> Blueprint:
        """The webhook route and the hooks that start and stop the bot with the server."""
        blueprint = Blueprint("telegram_channel", __name__)

        @blueprint.post("/webhook")
        async def webhook(request: Request) -> HTTPResponse:
            return await self._webhook(request)

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: Any) -> None:
            self._start(on_new_message)
            self._tidying = loop.create_task(self._tidy())

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: Any) -> None:
            if self._tidying is not None:
                self._tidying.cancel()
            if self.connection is not None:
                await self.connection.stop()
                self.connection = None
            if self._parts is not None:
                await self._parts.close()
                self._parts = None

        return blueprint

    def forget(self, conversation: str) -> None:
        """Forget the numbers of our messages in a chat whose person had everything deleted."""
        if self._parts is not None:
            self._parts.notes.forget(conversation)
            self._parts.journal.erase()

    async def deliver(self, conversation: str, reply: dict[str, Any], chat: str) -> bool:
        """Bring a person's answer to a chat; False when that is not possible."""
        if self.connection is None or self._desk is None:
            return False
        return await deliver(self.connection.application.bot, self._desk, chat, conversation, reply)

    async def _tidy(self) -> None:
        """What was answered goes from the log beside the journal, too; after each answer this would be too slow."""
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            if self._parts is not None:
                try:
                    self._parts.journal.erase()
                except sqlite3.Error as exc:
                    logger.warning("The journal could not be tidied: %s", type(exc).__name__)

    async def _move(self, before: str, now: str) -> None:
        if self._parts is not None:
            self._parts.journal.rename(before, now)
        if self.moved is not None:
            await self.moved(before, now)

    def _start(self, on_new_message: Deliver) -> None:
        for name in ("httpx", "httpcore", "telegram"):
            # below WARNING they write addresses with the token, and what people wrote
            library = logging.getLogger(name)
            library.setLevel(max(library.level, logging.WARNING))
        self.inbox = inbox = Inbox(self.inbox.size)
        options, keys = self._options, self._keys
        if self._shared is None:
            parts = alone(options.data_dir, keys, inbox)
        else:
            parts = together(self._shared, self._token, options.data_dir, keys, inbox)
        self._parts = parts
        buttons = Buttons(keys, parts.notes)
        inbox.is_urgent = finder(options.shedding.urgent, buttons)
        self._desk = Desk(
            keys, self._texts, options, parts.intake, parts.notes, parts.buckets, buttons, inbox, self._move
        )
        updates = Updates(on_new_message, self._intents, self._desk)
        webhook = (self._public_url + WEBHOOK_PATH, self.webhook_secret) if self._public_url else None
        flood = Flood(options.per_second, options.chat_seconds, parts.moments)
        self.connection = Connection(
            build(self._token, self._api, inbox, updates.handle, parts.order, flood),
            inbox,
            parts.intake,
            parts.leader,
            webhook,
            partial(announce_commands, texts=self._texts),
        )
        self.connection.start()

    async def _webhook(self, request: Request) -> HTTPResponse:
        """Take one update in and return at once; the answer follows by a call of our own."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self.webhook_secret.encode()):
            return _status(403, "forbidden")
        if len(request.body) > MAX_BODY:
            return _status(413, "too large")
        try:
            row = request.json
        except InvalidUsage:
            row = None
        if not isinstance(row, dict) or not _is_number(row.get("update_id")):
            return _status(400, "not an update")
        if self.connection is None or self._parts is None or not self.connection.application.running:
            return _status(503, "not ready")
        update = read_update(row, self.connection.application.bot)
        if update is None:
            # accepted, or Telegram would send it again for a day
            return _status(200, "ok")
        if not self.inbox.takes(update):
            return _status(503, "busy")
        if await self._parts.intake.take(row):
            self.inbox.put_nowait(update)
        return _status(200, "ok")


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _status(status: int, word: str) -> HTTPResponse:
    return json({"status": word}, status=status)
