"""Inline mode, for staff: `@bot housing leipzig ar` yields an answer and cards to forward in that language."""

from __future__ import annotations

import hashlib
import logging

from telegram import InlineQuery, InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.channels.telegram.markup import LIMIT, Part, card_part, length, packed, reply_parts
from bot.channels.telegram.options import Desk
from bot.speech.reply import Reply

logger = logging.getLogger(__name__)
FEWEST_LETTERS = 4
MOST_LETTERS = 120
SECONDS_KEPT = 300
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def answer(query: InlineQuery, desk: Desk, language: str) -> None:
    """Offer the answer, a link that begins with its topic, and each card by itself."""
    text = query.query.strip()[:MOST_LETTERS]
    look_up = desk.options.look_up
    reply = await look_up(text) if look_up is not None and len(text) >= FEWEST_LETTERS else None
    found = [] if reply is None else results(reply, desk.options.share(reply))
    try:
        if found:
            await query.answer(found, cache_time=SECONDS_KEPT, is_personal=False)
        else:
            nothing = desk.texts("telegram_inline_none", language)
            await query.answer([_result("none", nothing, Part(nothing, nothing), html=False)], cache_time=SECONDS_KEPT)
    except TelegramError as exc:
        logger.info("An inline query could not be answered: %s", type(exc).__name__)


def results(reply: Reply, link: str = "") -> list[InlineQueryResultArticle]:
    """The whole answer as one message when it fits, else its text; a text with a link, if any; every card."""
    whole = packed(reply_parts(reply), reply.dir)
    found = [_result("answer", _title(reply.text), whole[0])] if whole else []
    if link:
        found.append(_result("link", _title(link), Part(link, link), link.rpartition("\n")[2], html=False))
    for card in reply.cards:
        part = card_part(card, reply.dir)
        if length(part.plain) <= LIMIT:
            found.append(_result(card.id, card.name, part, card.address))
    return found


def _result(key: str, title: str, part: Part, about: str = "", html: bool = True) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        part.html if html else part.plain,
        parse_mode=ParseMode.HTML if html else None,
        link_preview_options=_NO_PREVIEW,
    )
    name = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]  # Telegram takes 1 to 64 bytes
    return InlineQueryResultArticle(name, title[:100], content, description=about[:100] or None)


def _title(text: str) -> str:
    first = text.strip().split("\n")[0]
    return first if len(first) <= 100 else first[:99].rstrip() + "…"
