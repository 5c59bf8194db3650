"""Messages the assistant did not get right, scrubbed, kept 30 days for a reviewer. Only when the operator opts in.

Kept are messages it asked back about, messages before a "that was no help", and, most valuable, messages after which
a person pressed one of the topics offered. Never kept: what may be about danger, violence or despair, anything else
in such a conversation, letters, long stories, buttons, locations, numbers for a call-back, tests.

No row names a conversation or a time. So that "forget me" reaches them, a row carries a keyed hash of the conversation
with a salt of its own, which tells nothing without the key and links no two rows; it is erased with the conversation,
at the latest a day after the retention. From then on a row belongs to nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory.review_store import Store

DAYS = 30
# What one conversation may add while it is remembered, so that nobody fills the queue alone.
ROWS_EACH = 20
SECONDS = 600.0
CONVERSATIONS = 2_000
# A longer message tells a life, and a life is known without a name.
LONGEST = 400
LETTERS = 3
KINDS = ("not_understood", "rated_bad", "corrected")
TEST = "test"
CRISES = frozenset({"crisis_suicide", "emergency_medical", "emergency_violence", "crisis_near"})
# Danger, violence and despair. `rejection` is with them: who is to leave tells what he fled from, and some despair.
# `police_safety` reports offences, `unaccompanied_minor` children, `addiction` and `mental_health` illness.
NEVER = CRISES | {
    *("domestic_violence", "forced_marriage_trafficking", "hate_crime", "lgbtiq", "women_girls", "mental_health"),
    *("extremism_help", "rejection", "police_safety", "unaccompanied_minor", "addiction", "discrimination"),
}
# Probability from which such a topic is likely: in a message itself, and in an earlier one of its conversation.
LIKELY, LIKELY_BEFORE = 0.05, 0.15
# The same for the three crises together.
TRACE, TRACE_BEFORE = 0.02, 0.08
# A message with one of these tells what only the person knows, or is not a question.
_ENTITIES = frozenset({"letter", "phone", "point", "person"})
_ACTS = frozenset({"delete_my_data", "human_handover", "privacy", "start_over", "insult"})
_ASKS_BACK = ("utter_clarify", "utter_clarify_open")
_PERSON = ("_handover_", "_callback_")


@dataclass
class _Last:
    """The last message of a conversation, scrubbed: in memory, for ten minutes."""

    at: float
    text: str = ""
    language: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    offered: frozenset[str] = frozenset()
    row: int | None = None
    count: int = 0


@dataclass(frozen=True)
class Rules:
    """What the queue needs of the assistant: the scrubber, the crisis phrases, languages and topics."""

    scrub: Callable[[str], str]
    urgent: Callable[[str], bool]
    languages: Collection[str]
    topics: Collection[str]
    never: Collection[str] = field(default=NEVER)


class ReviewQueue:
    """The queue in SQLite. `turn` belongs into the tracker store's `on_turn`, `forget` into its `on_forget`."""

    def __init__(
        self,
        path: Path,
        secret: bytes,
        rules: Rules,
        retention_hours: int = 24,
        today: Callable[[], date] = date.today,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules, self._today, self._clock = rules, today, clock
        self._key = hmac.new(secret, b"review", hashlib.sha256).digest()
        self._tag_days = -(-retention_hours // 24)
        self._last: OrderedDict[str, _Last] = OrderedDict()
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._store = Store(path)
        self.sweep()

    def turn(self, tracker: DialogueStateTracker) -> None:
        """Look at the turn that was just answered, and keep its message or the one before when there is a reason."""
        message = tracker.latest_message
        conversation = str(tracker.sender_id)
        if message is None or self._is_test(tracker, message):
            return
        if conversation in self._closed:
            return
        said = [event for event in tracker.events if isinstance(event, UserUttered)]
        if any(self._delicate(event.parse_data, LIKELY_BEFORE, TRACE_BEFORE) for event in said):
            self._close(conversation)
            return
        intent = str((message.intent or {}).get("name") or "")
        reply = _facts(tracker)
        if intent == "feedback_bad":
            self._rated_bad(conversation, reply)
        elif (message.text or "").startswith("/"):
            self._pressed(conversation, intent, message.entities or [])
        else:
            self._said(conversation, message, intent, reply)

    def forget(self, conversation: str) -> None:
        """Erase all rows of a conversation and what is remembered of it."""
        self._last.pop(conversation, None)
        self._closed.pop(conversation, None)
        mine = [i for i, salt, tag in self._store.tags() if hmac.compare_digest(tag, self._tag(salt, conversation))]
        self._store.delete(mine)

    def sweep(self) -> None:
        """Delete rows after 30 days, erase tags after the retention, forget old last messages."""
        today = self._today()
        self._store.sweep(today - timedelta(days=DAYS), today - timedelta(days=self._tag_days))
        self._trim(self._clock())

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def _close(self, conversation: str) -> None:
        """Keep nothing more of a conversation that came to danger, nor what was kept before it did."""
        if conversation not in self._closed:
            self.forget(conversation)
            self._closed[conversation] = None
        self._closed.move_to_end(conversation)
        while len(self._closed) > CONVERSATIONS:
            self._closed.popitem(last=False)

    def _said(self, conversation: str, message: UserUttered, intent: str, reply: dict[str, Any]) -> None:
        parsed = message.parse_data or {}
        text, language = str(message.text or ""), str((parsed.get("language") or {}).get("name") or "")
        before = self._last.pop(conversation, None)
        says = {str(block.get("say") or "") for block in reply.get("blocks") or ()}
        if (
            not reply  # nothing was answered: a person of an office is reading, or it was a greeting
            or language not in self._rules.languages
            or len(text) > LONGEST
            or intent in _ACTS
            or any(entity.get("entity") in _ENTITIES for entity in parsed.get("entities") or ())
            or any(say.partition("_")[2].startswith(_PERSON) for say in says)
            or self._delicate(parsed, LIKELY, TRACE)
        ):
            return
        if self._rules.urgent(text):
            self._close(conversation)
            return
        scrubbed = self._rules.scrub(text)
        if sum(map(str.isalpha, scrubbed)) < LETTERS:
            return
        ranking = tuple((n, round(c, 2)) for n, c in _ranking(parsed) if n not in CRISES and n != "nlu_fallback")[:3]
        last = _Last(self._clock(), scrubbed, language, ranking, count=before.count if before is not None else 0)
        self._trim(last.at)
        self._last[conversation] = last
        if says & set(_ASKS_BACK):
            last.offered = _offered(reply)
            self._keep(conversation, last, "not_understood")

    def _rated_bad(self, conversation: str, reply: dict[str, Any]) -> None:
        last = self._fresh(conversation)
        if last is not None:
            self._keep(conversation, last, "rated_bad")
            last.offered = _offered(reply)

    def _pressed(self, conversation: str, intent: str, entities: list[dict[str, Any]]) -> None:
        last = self._fresh(conversation)
        if last is None:
            return
        if intent in last.offered and intent in self._rules.topics and not entities:
            self._keep(conversation, last, "corrected", intent)
            last.text = ""  # done with; the number of rows is remembered
        last.offered = frozenset()

    def _fresh(self, conversation: str) -> _Last | None:
        last = self._last.get(conversation)
        return last if last is not None and last.text and self._clock() - last.at <= SECONDS else None

    def _keep(self, conversation: str, last: _Last, kind: str, chosen: str = "") -> None:
        """Write the row of a message, or say more of the one that is there."""
        if last.row is not None:
            self._store.change(last.row, kind, chosen)
            return
        if last.count >= ROWS_EACH:
            return
        salt = secrets.token_bytes(16)
        day = self._today().isoformat()
        content = (last.language, last.text, kind, json.dumps(last.ranking), chosen, day)
        last.row = self._store.add(content, salt, self._tag(salt, conversation))
        last.count += 1

    def _tag(self, salt: bytes, conversation: str) -> bytes:
        return hmac.new(self._key, salt + conversation.encode("utf-8", "replace"), hashlib.sha256).digest()[:16]

    def _delicate(self, parsed: dict[str, Any] | None, likely: float, trace: float) -> bool:
        """Whether a message may be about danger, violence or despair."""
        parsed = parsed or {}
        ranking = [*_ranking(parsed), *_ranking({"intent_ranking": [parsed.get("intent") or {}]})]
        paths = parsed.get("crisis_paths") or {}
        return (
            str((parsed.get("intent") or {}).get("name") or "") in self._rules.never
            or any(name in self._rules.never and confidence >= likely for name, confidence in ranking)
            or bool(paths.get("phrase"))
            or float(paths.get("classifier") or 0.0) >= trace
        )

    @staticmethod
    def _is_test(tracker: DialogueStateTracker, message: UserUttered) -> bool:
        campaign = tracker.slots.get("campaign")
        named = (message.metadata or {}).get("campaign"), campaign.value if campaign is not None else None
        return TEST in named or str(tracker.sender_id).startswith(("cli-", "warm-"))

    def _trim(self, now: float) -> None:
        while self._last:
            oldest = next(iter(self._last))
            if now - self._last[oldest].at <= SECONDS and len(self._last) < CONVERSATIONS:
                break
            del self._last[oldest]


def _ranking(parsed: dict[str, Any]) -> list[tuple[str, float]]:
    rows = parsed.get("intent_ranking") or []
    return [(str(row.get("name") or ""), float(row.get("confidence") or 0.0)) for row in rows]


def _facts(tracker: DialogueStateTracker) -> dict[str, Any]:
    """The facts of the reply to the latest message."""
    for event in reversed(list(tracker.events)):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            return dict(((event.data or {}).get("custom") or {}).get("facts") or {})
    return {}


def _offered(reply: dict[str, Any]) -> frozenset[str]:
    """Topics on the buttons of a reply."""
    payloads = (str(choice.get("payload") or "") for choice in reply.get("choices") or ())
    return frozenset(p[1:] for p in payloads if p.startswith("/") and "{" not in p)
