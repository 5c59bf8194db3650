"""The life of the connection to Telegram: connect, poll or register the webhook, retry, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder, BaseUpdateProcessor, ContextTypes, TypeHandler

from bot.channels.telegram.flood import Flood
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.leader import Leader
from bot.channels.telegram.shape import sound, unbroken
from bot.channels.telegram.updates import ALLOWED, place_of

logger = logging.getLogger(__name__)

Handle = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]
POLL_SECONDS = 25
GRACE_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
IDLE_PAUSE = 0.1
# Calls at the same time; more wait for a free connection. httpcore looks at every open one for each call.
POOL, POOL_SECONDS = 12, 30.0


def build(
    token: str, api: str, inbox: Inbox, handle: Handle, order: BaseUpdateProcessor, flood: Flood
) -> Application[Any, Any, Any, Any, Any, Any]:
    """An Application without updater and job queue: we feed its queue, and Rasa's APScheduler is too old for it."""
    application = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{api}/bot")
        .base_file_url(f"{api}/file/bot")
        .updater(None)
        .update_queue(inbox)
        .job_queue(None)
        .concurrent_updates(order)
        .rate_limiter(flood)
        .connection_pool_size(POOL)
        .pool_timeout(POOL_SECONDS)
        .build()
    )
    application.add_handler(TypeHandler(Update, handle))
    application.add_error_handler(_on_error)
    return application


async def _on_error(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    logger.error("An update failed: %s", place_of(context.error) if context.error else "unknown")


def read_update(row: Any, bot: Bot) -> Update | None:
    """An update from its JSON; None when this version cannot read it, so that one bad update stops nobody."""
    if not sound(row):
        logger.warning("An update could not be read: it has not the form that Telegram promises")
        return None
    try:
        return Update.de_json(unbroken(row), bot)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError) as exc:
        logger.warning("An update could not be read: %s", place_of(exc))
        return None


class Connection:
    """Keeps one Application connected in the background; Telegram being away never stops the server.

    Polls itself instead of using python-telegram-bot's Updater, which gives up for good when the token is
    refused once and asks again without a pause for an update it cannot read. Of several processes the leader polls, or
    registers the webhook; every one answers what it takes.
    """

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        inbox: Inbox,
        intake: Intake,
        leader: Leader,
        webhook: tuple[str, str] | None = None,
        announce: Callable[[Bot], Awaitable[None]] | None = None,
    ) -> None:
        self.application = application
        self._inbox = inbox
        self._intake = intake
        self._leader = leader
        self._webhook = webhook
        self._announce = announce
        self._offset = 0
        self._opened = False
        self._trouble: str | None = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether Telegram was reached when it was last called."""
        return self._trouble is None

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self._leader.start()
        self._task = asyncio.create_task(self._run(), name="telegram connection")

    async def stop(self) -> None:
        """Stop taking updates, finish those taken for at most ten seconds, close the connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._offset and self._leader.leading:
            await _within(3.0, self._get_updates(timeout=0))  # confirms what was taken
        await self._leader.stop()
        self._intake.drain()
        if self.application.running:
            await _within(GRACE_SECONDS, self.application.stop())
        if not self.application.running:
            await self.application.shutdown()
        # the Application skips this when it never got through to Telegram
        await self.application.bot.shutdown()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._connect()
                await self._leader.won()
                await self._register()
                if self._webhook is not None:
                    self._well()
                    return
                while self._leader.leading:
                    await self._poll_as_leader()
                    pause = FIRST_PAUSE
            except RetryAfter as exc:
                seconds = exc.retry_after if isinstance(exc.retry_after, int) else exc.retry_after.total_seconds()
                await asyncio.sleep(seconds)
            except Exception as exc:
                if isinstance(exc, Conflict):
                    self._leader.doubt()
                self._ill(exc)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _connect(self) -> None:
        await self.application.initialize()
        if not self.application.running:
            await self.application.start()
        if not self._opened:
            self._opened = True
            await self._intake.open(self._take_up)

    def _take_up(self, row: dict[str, Any]) -> bool:
        """Answer what was taken in earlier; False when it cannot be read."""
        update = read_update(row, self.application.bot)
        if update is not None:
            self._inbox.put_nowait(update)
        return update is not None

    async def _register(self) -> None:
        bot = self.application.bot
        if self._webhook is not None:
            url, secret = self._webhook
            await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED)
        else:
            await bot.delete_webhook()
        if self._announce is not None:
            try:
                await self._announce(bot)
                self._announce = None
            except TelegramError as exc:
                logger.warning("Telegram did not take the command menu: %s", type(exc).__name__)

    async def _poll_as_leader(self) -> None:
        """Poll once, and stop when another process leads."""
        poll, lost = asyncio.create_task(self._poll()), asyncio.create_task(self._leader.lost())
        try:
            await asyncio.wait({poll, lost}, return_when=asyncio.FIRST_COMPLETED)
            if poll.done():
                poll.result()
                self._well()
        finally:
            poll.cancel()
            lost.cancel()
            await asyncio.gather(poll, lost, return_exceptions=True)

    async def _poll(self) -> None:
        rows = await self._get_updates(timeout=POLL_SECONDS)
        if not rows:
            await asyncio.sleep(IDLE_PAUSE)  # for servers that do not hold the call
        left = {int(row["update_id"]) for row in rows}
        end = max(left, default=0) + 1
        for row, update in self._in_order([(row, read_update(row, self.application.bot)) for row in rows]):
            if update is not None:
                await self._inbox.room(update)
                if await self._intake.take(row):
                    self._inbox.put_nowait(update)
            left.discard(int(row["update_id"]))
            self._offset = min(left, default=end)  # what is before it is confirmed with the next call

    def _in_order(
        self, found: list[tuple[dict[str, Any], Update | None]]
    ) -> list[tuple[dict[str, Any], Update | None]]:
        """As they came; emergencies first when there is not room for all."""
        if self._inbox.waiting + len(found) <= self._inbox.size:
            return found
        return sorted(found, key=lambda pair: pair[1] is None or not self._inbox.is_urgent(pair[1]))

    async def _get_updates(self, timeout: int) -> list[dict[str, Any]]:
        """Updates as JSON: `Bot.get_updates` would parse all at once and drop a batch for one bad update."""
        wanted: dict[str, Any] = {"timeout": timeout, "allowed_updates": ALLOWED}
        if self._offset:
            wanted["offset"] = self._offset
        # private in python-telegram-bot, whose version is pinned; `do_api_request` warns at every call
        rows: Any = await self.application.bot._post("getUpdates", wanted, read_timeout=timeout + 10)
        return list(rows)

    def _well(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            logger.info("Telegram is connected by %s", "webhook" if self._webhook else "polling")

    def _ill(self, exc: Exception) -> None:
        """One line when something goes wrong, none while it stays the same."""
        reason = self._reason(exc)
        if reason != self._trouble:
            self._trouble = reason
            logger.warning("Telegram: %s; trying again in the background", reason)

    def _reason(self, exc: Exception) -> str:
        # messages of these errors can hold the token or the address with the token
        if isinstance(exc, InvalidToken):
            return "the bot token (WEGWEISER_TELEGRAM_TOKEN) is refused"
        if isinstance(exc, Conflict):
            return "another program takes this bot's updates"
        if isinstance(exc, BadRequest):
            return "the webhook is refused; WEGWEISER_PUBLIC_URL must be a public https address"
        if isinstance(exc, TelegramError):
            return f"{urlsplit(self.application.bot.base_url).hostname} is not reachable ({type(exc).__name__})"
        return f"unexpected {place_of(exc)}"


async def _within(seconds: float, work: Awaitable[Any]) -> None:
    try:
        await asyncio.wait_for(work, seconds)
    except (asyncio.TimeoutError, TelegramError) as exc:
        logger.warning("Telegram: not finished while stopping (%s)", type(exc).__name__)
