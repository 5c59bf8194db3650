"""Telegram: updates of all kinds with a bot that checks what goes out, start links, buttons, markup."""

from __future__ import annotations

import asyncio
import html
import re
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.channels import gate
from bot.channels.telegram import media
from bot.channels.telegram.buttons import MOST_BYTES, Buttons
from bot.channels.telegram.connection import read_update
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.inline import results
from bot.channels.telegram.intake import chat_in
from bot.channels.telegram.markup import LIMIT, Part, length, packed, reply_parts, text_parts
from bot.channels.telegram.options import Desk, Options
from bot.channels.telegram.start import MOST, Start, StartError, read_start
from bot.channels.telegram.updates import Updates
from bot.keys import Keys
from bot.speech.reply import Card, Choice, Reply
from tools.fuzz.checks import json_of, markup, text_of
from tools.fuzz.registry import target
from tools.fuzz.targets.channels import INTENTS, SECRET, check_parsed, check_text

PLACES, TOPICS = frozenset({"leipzig", "landkreis-leipzig"}), frozenset({"german_course", "find_housing"})
TAGS = frozenset({"b", "a"})
_LINK = re.compile(r'<a href="(https?://[^"<>]*)">')


class Kept(dict[str, str]):
    """Where long payloads are kept."""

    def keep_payload(self, key: str, payload: str) -> None:
        """Remember it."""
        self[key] = payload
        while len(self) > 1000:
            del self[next(iter(self))]

    def payload(self, key: str) -> str:
        """Find it."""
        return self.get(key, "")


def check_part(part: Part) -> None:
    """A message is short enough, its HTML is ours alone, and it says what its plain twin says."""
    assert 0 < length(part.plain) <= LIMIT, "too long for Telegram"
    said = markup(part.html, TAGS)
    assert all(
        tag == "<b>" or tag in ("</b>", "</a>") or _LINK.fullmatch(tag) for tag in re.findall(r"<[^<>]*>", part.html)
    )
    assert _bare(said) in _bare(part.plain) or "http" in part.plain or "🚌" in part.html


def _bare(text: str) -> str:
    return "".join(c for c in html.unescape(text) if c.isalnum())


class Bot:
    """As far as an answer needs one; nothing leaves the process."""

    username, id, defaults = "wegweiser_bot", 4242, None

    async def send_message(self, chat_id: int, text: str, **options: Any) -> Any:
        """Checked as Telegram would."""
        if options.get("parse_mode"):
            markup(text, TAGS)
        assert text.strip() and length(html.unescape(text)) <= 2 * LIMIT
        rows = getattr(options.get("reply_markup"), "inline_keyboard", ())
        assert all(
            len(str(b.callback_data or "").encode()) <= MOST_BYTES and b.text.strip() for row in rows for b in row
        )
        return SimpleNamespace(message_id=1)

    async def get_file(self, file_id: str, **_: Any) -> Any:
        """A short voice."""

        async def content() -> bytearray:
            return bytearray(b"OggS")

        return SimpleNamespace(file_size=4, download_as_bytearray=content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        async def called(*_: Any, **__: Any) -> Any:
            return True

        return called


async def _deliver(message: Any) -> None:
    if message.parse_data is None:
        check_text(message.text)
    else:
        check_parsed(message.parse_data)
    assert re.fullmatch(r"telegram-[0-9a-f]{32}", message.sender_id)
    assert set(message.metadata) <= {"hint", "campaign"}
    reply = Reply(f"You wrote: {message.text}", "ar", "rtl", choices=[Choice(message.text or "x", "/help")])
    await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply.to_dict()}})


class _Quiet:
    """Intake, notes and buckets that let everything through and keep nothing."""

    async def begin(self, update_id: int) -> int:
        return 0

    async def take(self, charges: Any) -> float:
        return 0.0

    async def take_sent(self, chat: str) -> tuple[list[int], bool]:
        return [], True

    async def first_time(self, name: str) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any, **__: Any) -> None:
            return None

        return nothing


@lru_cache(maxsize=1)
def _desk() -> tuple[Desk, Updates, asyncio.AbstractEventLoop]:
    async def hear(content: bytes, language: str) -> str:
        return content.decode("latin-1")

    options = Options(Path("/nonexistent"), places=PLACES, topics=TOPICS, transcribe=hear)
    quiet: Any = _Quiet()
    desk = Desk(
        keys=Keys.of(SECRET),
        texts=lambda key, language: f"{key} in {language}",
        options=options,
        intake=quiet,
        notes=quiet,
        buckets=quiet,
        buttons=Buttons(SECRET, Kept()),
        inbox=Inbox(),
    )
    return desk, Updates(_deliver, INTENTS | TOPICS, desk), asyncio.new_event_loop()


@target(share=0.6, is_json=True)
def telegram_update(data: bytes) -> None:
    """An update as Telegram posts it: what can be read is answered, the rest is left out."""
    row = json_of(data)
    if not isinstance(row, dict):
        return
    chat_in(row)
    bot: Any = Bot()
    update = read_update(row, bot)
    if update is None:
        return
    _, updates, loop = _desk()
    loop.run_until_complete(updates._answer(update, SimpleNamespace(bot=bot)))  # type: ignore[arg-type]
    if update.message is not None:
        assert media.answer_to(update.message) == "" or media.answer_to(update.message).startswith("telegram_")


@target(share=5)
def start_link(data: bytes) -> None:
    """The data of a /start link."""
    found = read_start(text_of(data), frozenset({"ar", "de"}), PLACES, TOPICS)
    assert found.language in ("", "ar", "de") and (not found.place or found.place in PLACES)
    assert not found.topic or found.topic in TOPICS
    assert not found.campaign or gate.campaign_of(found.campaign) == found.campaign
    assert len(found.data) <= MOST
    again = read_start(found.data, frozenset({"ar", "de"}), PLACES, TOPICS)
    assert again == found
    try:
        assert len(Start(campaign=text_of(data)).data) <= MOST
    except StartError:
        return


@lru_cache(maxsize=1)
def _buttons() -> Buttons:
    return Buttons(SECRET, Kept())


@target(share=5)
def callback_data(data: bytes) -> None:
    """The data of a pressed button: nobody makes one of ours, and ours come back as they were."""
    text = text_of(data)
    assert _buttons().payload(text) == ""
    text = text.strip()  # as ours are written
    try:
        parsed = gate.parse_payload(text, INTENTS)
    except gate.Refused:
        return
    written = _buttons().data(text)
    assert len(written.encode()) <= MOST_BYTES
    again = gate.parse_payload(_buttons().payload(written), INTENTS)
    assert again["intent"] == parsed["intent"]


@target(share=1.5)
def telegram_markup(data: bytes) -> None:
    """Messages of a reply in which every text is somebody else's."""
    text = text_of(data)
    direction = "rtl" if data[:1] > b"\x7f" else "ltr"
    for part in text_parts(text, direction):
        check_part(part)
        assert "<" not in part.html
    row = {"url": text, "title": text, "date": text[:20]}
    web = {"url": "https://e.example/" + text[:50].replace("\n", " "), "title": text}
    card = Card(id=text, name=text or "x", kind=text, address=text, phone=text, email=text, hours=text, languages=[text],
                website=web["url"], map=web["url"], route=text, cost=text, about=[text], note=text, source=web["url"])  # fmt: skip
    reply = Reply(
        text or "x", "ar", direction, cards=[card, card], links=[row, web], sources=[row, {**web, "date": "2026"}]
    )
    parts = reply_parts(reply)
    for part in [*parts, *packed(parts, direction)]:
        markup(part.html, TAGS)
        assert length(part.plain) <= LIMIT
    for result in results(reply, text):
        assert len(result.title) <= 100 and len(result.id) == 16
