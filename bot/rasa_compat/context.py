"""What a message is read with: the conversation's language, and the pieces sent just before it.

Rasa parses every message alone: its NLU components see neither tracker nor earlier messages. `parse_message` of the
processor is where both meet, so this subclass takes its place (`bot.rasa_compat.patches`).
"""

from __future__ import annotations

import copy
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory.fragments import Fragments, Pieces
from bot.nlu.reader import read


class PhoneNumber(Protocol):
    """A phone number that was asked for: what may be known of it, and what stood beside it."""

    @property
    def value(self) -> str:
        """Its last digits, or why it is none."""

    @property
    def rest(self) -> str:
        """The words around it."""


class Elsewhere(Protocol):
    """A process that reads messages (bot/rasa_compat/reading_process.py)."""

    async def read(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """The parse data of a message."""


class Person(Protocol):
    """What has to be asked around a message where people can talk to a person (bot/handover/relay.py)."""

    def number_in(self, tracker: DialogueStateTracker, text: str) -> PhoneNumber | None:
        """The phone number in an answer to the question for one."""

    def understood(self, tracker: DialogueStateTracker, parsed: dict[str, Any]) -> dict[str, Any]:
        """The parse data, changed where the message answers the question for a number."""

    def is_question(self, intent: str) -> bool:
        """Whether what stands beside a number must be answered, too."""

    async def before(self, tracker: DialogueStateTracker, output: Any) -> bool:
        """True when the assistant answers the message."""

    async def after(self, tracker: DialogueStateTracker, output: Any) -> None:
        """Once it has answered, or has left it to the person."""


# Below this probability a message may be a piece of a longer one.
SURE = 0.6
# A joined reading must be this much likelier than the piece alone.
MARGIN = 0.1
OPENINGS = frozenset({"greet", "inform"})


class ContextProcessor(MessageProcessor):
    """Parses a message with its context; what is passed on for that is not stored with the message.

    `person` is set where people can talk to a person, `reading` where another process reads.
    """

    person: Person | None = None
    reading: Elsewhere | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fragments: Pieces = Fragments()

    async def parse_message(
        self, message: UserMessage, tracker: DialogueStateTracker | None = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """Parse data of the message alone, or of the pieces before it and the message, when that is clearer."""
        if tracker is None:
            return await self._read(message, tracker, only_output_properties)
        known, given = message.sender_id, str(message.text or "")
        number = self.person.number_in(tracker, given) if self.person is not None else None
        if number is not None:
            # Rasa logs and tracks the text of a message: the number ends here.
            message.text = ""
            return await self._read_beside(number, message, tracker)
        seen = copy.copy(message)
        seen.metadata = {**(message.metadata or {}), "conversation": tracker.get_slot("language") or ""}
        parsed = await self._read(seen, tracker, only_output_properties)
        before = await self.fragments.before(known) if _confidence(parsed) < SURE else ""
        if before:
            seen.text = f"{before} {given}"
            joined = await self._read(seen, tracker, only_output_properties)
            if _name(joined) != FALLBACK and _confidence(joined) >= _confidence(parsed) + MARGIN:
                parsed = joined | {"text": given}
        if _confidence(parsed) < SURE or _name(parsed) in OPENINGS:
            await self.fragments.add(known, given)
        else:
            await self.fragments.clear(known)
        return parsed if self.person is None else self.person.understood(tracker, parsed)

    async def _read(
        self, message: UserMessage, tracker: DialogueStateTracker | None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """Parse data of one text."""
        if self.reading is not None and only_output_properties:
            return await self.reading.read(str(message.text or ""), message.metadata or {})
        work = super().parse_message(message, tracker, only_output_properties)
        return dict(await read(partial(_finished, work)))

    async def _read_beside(
        self, number: PhoneNumber, message: UserMessage, tracker: DialogueStateTracker
    ) -> dict[str, Any]:
        """Parse data of an answer with a phone number; a question beside the number is the intent."""
        entity = {"entity": "phone", "value": number.value, "start": 0, "end": 0, "extractor": "phone"}
        parsed: dict[str, Any] = {}
        if any(character.isalpha() for character in number.rest):
            seen = copy.copy(message)
            seen.text = number.rest
            seen.metadata = {**(message.metadata or {}), "conversation": tracker.get_slot("language") or ""}
            parsed = await self._read(seen, tracker)
        if self.person is not None and self.person.is_question(_name(parsed)):
            return parsed | {"text": "", "entities": [*parsed["entities"], entity]}
        intent = {"name": "inform", "confidence": 1.0}
        return {"text": "", "intent": intent, "intent_ranking": [intent], "entities": [entity], "language": None}

    async def _run_prediction_loop(self, output_channel: OutputChannel, tracker: DialogueStateTracker) -> None:
        """A message is for the person who has the conversation, or for the assistant."""
        if self.person is None:
            await super()._run_prediction_loop(output_channel, tracker)
            return
        if await self.person.before(tracker, output_channel):
            await super()._run_prediction_loop(output_channel, tracker)
        await self.person.after(tracker, output_channel)


def _finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine of Rasa's that waits for nothing: it asks no NLU server."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise RuntimeError("reading a message waited for something")


def _name(parsed: dict[str, Any]) -> str:
    return str((parsed.get("intent") or {}).get("name") or "")


def _confidence(parsed: dict[str, Any]) -> float:
    """Probability of the likeliest intent, also where the decision was to ask back."""
    ranking = parsed.get("intent_ranking") or [parsed.get("intent") or {}]
    return max((float(r.get("confidence") or 0.0) for r in ranking if r.get("name") != FALLBACK), default=0.0)
