"""Messages the assistant did not get right, scrubbed, kept 30 days for a reviewer. Only when the operator opts in.

Kept are messages it asked back about, messages before a "that was no help", and, most valuable, messages after which
a person pressed one of the topics offered. Never kept: what may be about danger, violence or despair, anything else
in such a conversation, letters, long stories, buttons, locations, numbers for a call-back, tests.

No row names a conversation or a time. So that "forget me" reaches them, a row carries a keyed hash of the conversation
with a salt of its own, which tells nothing without the key and links no two rows; it is erased with the conversation,
at the latest a day after the retention. From then on a row belongs to nobody.

Several processes may take the messages of one conversation: what a row needs is in the tracker or in the store, so
that a button or a "delete" reaches the row wherever it was written. Only the words of the last message, which a rating
may come to, are known to the process alone that read them.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.keys import Keys
from bot.memory.backlog import Backlog
from bot.memory.review_store import ReviewAway, ReviewError, Sealing, Store, limits
from bot.memory.review_turns import (
    CRISES,
    LIKELY,
    LIKELY_BEFORE,
    NEVER,
    TRACE,
    TRACE_BEFORE,
    before_button,
    delicate,
    facts,
    intents,
    is_test,
)

logger = logging.getLogger(__name__)

# What one conversation may add while it is remembered, so that nobody fills the queue alone.
ROWS_EACH = 20
SECONDS = 600.0
CONVERSATIONS = 2_000
# A longer message tells a life, and a life is known without a name.
LONGEST = 400
LETTERS = 3
KINDS = ("not_understood", "rated_bad", "corrected")
# A message with one of these tells what only the person knows, or is not a question.
_ENTITIES = frozenset({"letter", "phone", "point", "person"})
_ACTS = frozenset({"delete_my_data", "human_handover", "privacy", "start_over", "insult"})
_ASKS_BACK = ("utter_clarify", "utter_clarify_open")
_PERSON = ("_handover_", "_callback_")


@dataclass
class _Last:
    """The last message of a conversation, scrubbed: in memory, for ten minutes.

    `written` and `seen`: timestamps of its event, and of the newest event that this process was told of.
    """

    at: float
    written: float
    seen: float
    text: str = ""
    language: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    kept: bool = False
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
    """The queue. `turn` belongs into the tracker store's `on_turn`, `forget` into its `on_forget`; neither waits for it.

    `place` is a file, or the URL of the PostgreSQL of all processes, where texts go through the `seal`. What is to be
    written waits while the database is away (bot/memory/backlog.py); ReviewError when a file cannot be used at all.
    """

    def __init__(
        self,
        place: Path | str,
        secret: bytes | Keys,
        rules: Rules,
        retention_hours: int = 24,
        today: Callable[[], date] = date.today,
        clock: Callable[[], float] = time.monotonic,
        seal: Sealing | None = None,
    ) -> None:
        self._rules, self._today, self._clock = rules, today, clock
        self._keys = Keys.of(secret)
        self._retention_hours = retention_hours
        self._last: OrderedDict[str, _Last] = OrderedDict()
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._store = Store(place, seal)
        self._backlog = Backlog("review queue", ReviewAway)
        self.writable = self._store.writable
        if self._store.shared:  # it may be away, and the assistant starts all the same
            self._backlog.add(self.sweep)
            self._backlog.add(self._store.renew)
        else:
            try:
                self._store.sweep(*limits(today(), retention_hours))
            except ReviewAway as exc:  # the disk does not take it now: that must not keep the assistant from starting
                logger.error("%s", exc)

    def turn(self, tracker: DialogueStateTracker) -> None:
        """Look at the turn that was just answered, and keep its message or the one before when there is a reason."""
        message = tracker.latest_message
        conversation = str(tracker.sender_id)
        if message is None or is_test(tracker, message):
            return
        if conversation in self._closed:
            return
        said = [event for event in tracker.events if isinstance(event, UserUttered)]
        self._notice(conversation, said)
        if any(delicate(event.parse_data, self._rules.never, LIKELY_BEFORE, TRACE_BEFORE) for event in said):
            self._close(conversation)
            return
        intent = str((message.intent or {}).get("name") or "")
        reply = facts(tracker)
        if intent == "feedback_bad":
            self._rated_bad(conversation)
        elif (message.text or "").startswith("/"):
            self._pressed(conversation, intent, tracker)
        else:
            self._said(conversation, message, intent, reply)

    def forget(self, conversation: str) -> None:
        """Erase all rows of a conversation and what is remembered of it, in every process."""
        self._last.pop(conversation, None)
        self._closed.pop(conversation, None)
        self._backlog.drop(conversation)
        self._backlog.add(partial(self._erase, conversation), conversation, kept=True)

    def rename(self, before: str, now: str) -> None:
        """The conversation `before` has the pseudonym `now` since the secret was changed."""
        self._backlog.add(partial(self._rename, before, now), now, kept=True)

    def sweep(self) -> None:
        """Delete rows after 30 days, erase tags after the retention, forget old last messages. It waits for the database."""
        self.trim()
        try:
            self._store.sweep(*limits(self._today(), self._retention_hours))
        except ReviewError as exc:  # the next one is in an hour
            logger.error("%s", exc)

    def trim(self) -> None:
        """Forget last messages that are over; to be called every minute."""
        self._trim(self._clock())

    def drain(self, seconds: float = 10.0) -> bool:
        """Wait until all is written; False when it is not by then."""
        return self._backlog.drain(seconds)

    def close(self) -> None:
        """Write what waits and let the database go."""
        self._backlog.close()
        self._store.close()

    def _erase(self, conversation: str) -> None:
        self._store.delete([number for number, _ in self._rows_of(conversation)])
        for mark in self._marks(conversation):
            self._store.open_conversation(mark)

    def _rename(self, before: str, now: str) -> None:
        for number, salt in self._rows_of(before):
            self._store.tag(number, self._tag(salt, now))
        if any([self._store.is_closed(mark) for mark in self._marks(before)]):
            self._store.close_conversation(self._marks(now)[0], self._today())

    def _rows_of(self, conversation: str) -> list[tuple[int, bytes]]:
        """Number and salt of the rows that a known secret has tagged with a conversation."""
        keys = self._keys.derived("review")
        return [
            (number, salt)
            for number, salt, tag in self._store.tags()
            if any([hmac.compare_digest(tag, _tagged(key, salt, conversation)) for key in keys])
        ]

    def _shut(self, conversation: str) -> None:
        self._erase(conversation)
        self._store.close_conversation(self._marks(conversation)[0], self._today())

    def _notice(self, conversation: str, said: list[UserUttered]) -> None:
        """Another process answered meanwhile, or the conversation began anew: then the message here is not the last."""
        last = self._last.get(conversation)
        if last is not None:
            if last.seen not in {event.timestamp for event in said[-2:]}:
                last.text = ""
            last.seen = float(said[-1].timestamp)

    def _close(self, conversation: str) -> None:
        """Keep nothing more of a conversation that came to danger, nor what was kept before it did."""
        if conversation not in self._closed:
            self._last.pop(conversation, None)
            self._backlog.drop(conversation)
            self._backlog.add(partial(self._shut, conversation), conversation, kept=True)
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
            or delicate(parsed, self._rules.never, LIKELY, TRACE)
        ):
            return
        if self._rules.urgent(text):
            self._close(conversation)
            return
        scrubbed = self._rules.scrub(text)
        if sum(map(str.isalpha, scrubbed)) < LETTERS:
            return
        ranking = tuple((n, round(c, 2)) for n, c in intents(parsed) if n not in CRISES and n != "nlu_fallback")[:3]
        written = float(message.timestamp)
        last = _Last(self._clock(), written, written, scrubbed, language, ranking)
        last.count = before.count if before is not None else 0
        self._trim(last.at)
        self._last[conversation] = last
        if says & set(_ASKS_BACK):
            self._keep(conversation, last, "not_understood")

    def _rated_bad(self, conversation: str) -> None:
        last = self._last.get(conversation)
        if last is not None and last.text and self._clock() - last.at <= SECONDS:
            self._keep(conversation, last, "rated_bad")

    def _pressed(self, conversation: str, intent: str, tracker: DialogueStateTracker) -> None:
        """A topic that the last answer offered says what the message before was about, if its row is kept."""
        message = tracker.latest_message
        written, offered = before_button(tracker)
        if intent not in offered or intent not in self._rules.topics or message is None or message.entities:
            return
        if message.timestamp - written <= SECONDS:
            for salt in self._salts(conversation, written):
                self._backlog.add(partial(self._store.change, salt, "corrected", intent), conversation)
        last = self._last.get(conversation)
        if last is not None and last.kept:
            last.text = ""  # done with; the number of rows is remembered

    def _keep(self, conversation: str, last: _Last, kind: str) -> None:
        """Write the row of a message, or say more of the one that is there."""
        salt = self._salts(conversation, last.written)[0]
        if last.kept:
            self._backlog.add(partial(self._store.change, salt, kind, ""), conversation)
            return
        if last.count >= ROWS_EACH:
            return
        day = self._today().isoformat()
        content = (last.language, last.text, kind, json.dumps(last.ranking), "", day)
        tag, marks = self._tag(salt, conversation), self._marks(conversation)
        last.kept = self._backlog.add(partial(self._store.add, content, salt, tag, marks), conversation)
        last.count += last.kept

    def _salts(self, conversation: str, written: float) -> list[bytes]:
        """A salt for one message, the same in every process; behind it that of the former secret."""
        return self._hashed("salt", f"{written!r} {conversation}".encode("utf-8", "replace"))

    def _marks(self, conversation: str) -> list[bytes]:
        """By which a closed conversation is known again; behind it that of the former secret."""
        return self._hashed("closed", conversation.encode("utf-8", "replace"))

    def _hashed(self, purpose: str, content: bytes) -> list[bytes]:
        whole = f"{purpose}\0".encode() + content
        return [hmac.digest(key, whole, "sha256")[:16] for key in self._keys.derived("review")]

    def _tag(self, salt: bytes, conversation: str) -> bytes:
        return _tagged(self._keys.derived("review")[0], salt, conversation)

    def _trim(self, now: float) -> None:
        while self._last:
            try:
                oldest = next(iter(self._last))
                if now - self._last[oldest].at <= SECONDS and len(self._last) < CONVERSATIONS:
                    break
            except (KeyError, RuntimeError, StopIteration):
                continue  # the sweep runs beside the answers: somebody else took it out
            self._last.pop(oldest, None)


def _tagged(key: bytes, salt: bytes, conversation: str) -> bytes:
    return hmac.digest(key, salt + conversation.encode("utf-8", "replace"), "sha256")[:16]
