"""What an answer is worth: a real one, one without the cards that were due, a question back, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.quality.bench_messages import FOLLOW_UP, Ask

REAL, NO_CARDS, FALLBACK, EMPTY, REFUSED = "real", "no cards", "fallback", "empty", "not 200"
# What stock's action_clarify says when its classifier is not sure (NOT_SURE of tools/stock/actions.py).
STOCK_FALLBACK = "I am not sure what you mean. Is it one of these?"
VERDICTS = (REAL, NO_CARDS, FALLBACK, EMPTY, REFUSED)


@dataclass(frozen=True)
class Judged:
    """`verdict`; whether topic and place are the ones asked about, None where that cannot be told."""

    verdict: str
    topic: bool | None = None
    place: bool | None = None


def judge_stock(ask: Ask, status: int, body: bytes, names: dict[str, str]) -> Judged:
    """An answer of stock's REST channel."""
    if status != 200:
        return Judged(REFUSED)
    rows: list[dict[str, Any]] = json.loads(body)
    texts = [str(row["text"]) for row in rows if row.get("text")]
    custom: dict[str, Any] = {}
    for row in rows:
        custom |= row.get("custom") or {}
    cards = bool(custom.get("cards"))
    if STOCK_FALLBACK in texts:
        return Judged(FALLBACK)
    return _judged(ask, bool(texts), cards, custom.get("topic") or "", custom.get("place") == ask.place)


def judge_wegweiser(ask: Ask, status: int, body: bytes, names: dict[str, str]) -> Judged:
    """An answer of our web API; `names` are the German names of the places, as replies have them."""
    if status != 200:
        return Judged(REFUSED)
    replies: list[dict[str, Any]] = json.loads(body)["replies"]
    texts = [str(reply["text"]) for reply in replies if reply.get("text")]
    cards = any(reply.get("cards") for reply in replies)
    # Only when it is not sure does it offer a person among topics and show nothing else.
    asked_back = bool(texts) and not any(reply.get("part") or reply.get("cards") for reply in replies)
    offers = [choice["payload"] for reply in replies for choice in reply.get("choices") or ()]
    if asked_back and "/human_handover" in offers:
        return Judged(FALLBACK)
    last = replies[-1] if replies else {}
    place = str(last.get("place") or "").partition(" (")[0] == names[ask.place].partition(" (")[0]
    return _judged(ask, bool(texts), cards, str(last.get("topic") or ""), place)


def _judged(ask: Ask, said: bool, cards: bool, topic: str, place: bool) -> Judged:
    if not said and not cards:
        return Judged(EMPTY)
    if ask.kind == FOLLOW_UP:
        return Judged(REAL, None, place)
    return Judged(REAL if cards else NO_CARDS, topic == ask.intent, place)
