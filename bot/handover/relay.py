"""Between a conversation and the person who has it: passing on, staying silent, emergencies, and the way back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from rasa.shared.core.events import ConversationResumed
from rasa.shared.core.trackers import DialogueStateTracker

from bot.handover.callbacks import Callbacks
from bot.handover.courier import LOST, Courier
from bot.handover.delivery import Delivery, Sayings
from bot.handover.desk import Desk, Talk
from bot.handover.numbers import Found, Numbers
from bot.handover.pausing import chosen, no_persons, pause, resume, wipe, words_of
from bot.handover.port import Handover, HandoverError
from bot.handover.webhook import Heard

logger = logging.getLogger(__name__)
CRISIS = frozenset({"emergency_medical", "emergency_violence", "crisis_suicide", "crisis_near"})
FORGET, PERSON = "delete_my_data", "human_handover"
SWEEP_SECONDS = 3600.0
STOPPED = "Die Person spricht wieder mit dem Assistenten."
FORGOTTEN = "Die Person hat ihr Gespräch gelöscht. Bitte löschen Sie dieses Ticket, sobald es nicht mehr nötig ist."
IDLE = "Seit 72 Stunden hat niemand geschrieben. Der Assistent antwortet der Person wieder."
NOT_DELIVERED = "Diese Antwort hat die Person nicht erreicht."
NO_FILES = "Anhänge kommen bei der Person nicht an. Bitte schreiben Sie ihr, was darin steht."


class Out(Protocol):
    """The channel's end of the message that is being answered."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Show one message."""


class Relay:
    """Asked by Rasa's processor around every message. `urgent` finds crisis phrases; `question` knows topics.

    The desk alone decides whether a person has a conversation; Rasa's pause follows it.
    """

    def __init__(
        self,
        desk: Desk,
        numbers: Numbers,
        delivery: Delivery,
        sayings: Sayings,
        port: Handover | None,
        callbacks: Callbacks | None,
        urgent: Callable[[str], bool],
        question: Callable[[str], bool],
    ) -> None:
        self.desk, self.delivery, self.callbacks = desk, delivery, callbacks
        self._numbers, self._sayings, self._port = numbers, sayings, port
        self._urgent, self._question = urgent, question
        self.courier = Courier(desk, port, self._tell) if port is not None else None
        # What is said behind the answer to an emergency.
        self._both: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # what the processor asks
    def number_in(self, tracker: DialogueStateTracker, text: str) -> Found | None:
        """The phone number in an answer to the question for one."""
        if tracker.get_slot("awaiting") != "phone" or self.desk.talks(tracker.sender_id):
            return None
        return self._numbers.read(tracker.sender_id, text)

    def understood(self, tracker: DialogueStateTracker, parsed: dict[str, Any]) -> dict[str, Any]:
        """A bare yes to the question for a number asks for the number again."""
        if tracker.get_slot("awaiting") != "phone" or (parsed.get("intent") or {}).get("name") != "affirm":
            return parsed
        again = {"entity": "person", "value": "callback", "start": 0, "end": 0, "extractor": "button"}
        return parsed | {"intent": {"name": PERSON, "confidence": 1.0}, "entities": [again]}

    def is_question(self, intent: str) -> bool:
        """Whether what stands beside a number must be answered, too."""
        return intent in CRISIS or self._question(intent)

    async def before(self, tracker: DialogueStateTracker, output: Out) -> bool:
        """Pass the message on when a person has the conversation; True when the assistant answers it."""
        conversation, latest = str(tracker.sender_id), tracker.latest_message
        if not self.desk.talks(conversation):
            resume(tracker)
            if latest is not None and getattr(output, "group", False):
                no_persons(latest.entities)
            return True
        if latest is None:
            return False
        pause(tracker)
        text, intent = str(latest.text or ""), str((latest.intent or {}).get("name") or "")
        language = str(tracker.get_slot("language") or "")
        pressed = text.startswith("/") and not any(e.get("entity") == "point" for e in latest.entities)
        if intent == FORGET or (pressed and intent == PERSON and chosen(latest.entities) == "stop"):
            if intent == PERSON:
                self._end(conversation, STOPPED)
            resume(tracker)
            return True
        if pressed:
            if intent not in CRISIS:
                await self._show(output, conversation, language, "utter_handover_there")
                return False
            tracker.update(ConversationResumed())
            return True
        danger = intent in CRISIS or self._urgent(text)
        self.desk.touch(conversation, language)
        words = words_of(text, latest.entities)
        wipe(latest)
        if danger:
            if intent not in CRISIS:  # a phrase is enough here: the numbers are said, and what it is is asked
                latest.intent = latest.parse_data["intent"] = {"name": "crisis_near", "confidence": 1.0}
            # The numbers come first; whether the office has the message is no reason to wait with them.
            told = self.courier.take(conversation, words) if self.courier is not None else LOST
            self._both[conversation] = told or "utter_handover_both"
            tracker.update(ConversationResumed())
            return True
        told = await self.courier.pass_on(conversation, words) if self.courier is not None else LOST
        if told:
            await self._show(output, conversation, language, told)
        if self.desk.talks(conversation):
            return False
        resume(tracker)
        return True

    async def after(self, tracker: DialogueStateTracker, output: Out) -> None:
        """Stay silent from now on when a person has the conversation."""
        conversation = str(tracker.sender_id)
        both = self._both.pop(conversation, "")
        if both:
            await self._show(output, conversation, str(tracker.get_slot("language") or ""), both)
        talk = self.desk.get(conversation) if self.desk.talks(conversation) else None
        if talk is None:
            return
        chat = str(getattr(output, "address", "") or "")
        if chat and talk.chat != chat:
            self.desk.reach(conversation, chat)
        pause(tracker)

    # what the office's system tells
    async def hear(self, heard: Heard) -> None:
        """Bring a counsellor's words to the person, one after another, and end what was ended."""
        talk = self.desk.of_ref(heard.ref)
        if talk is None:
            return
        async with self._locks.setdefault(heard.ref, asyncio.Lock()):
            if heard.text:
                self.desk.touch(talk.conversation, answered=True)
                talk = self.desk.get(talk.conversation) or talk
                reply = self._sayings.person(talk.language, heard.text)
                if not await self.delivery(talk.conversation, reply, talk.chat):
                    await self._note(talk, NOT_DELIVERED)
            if heard.files:
                await self._note(talk, NO_FILES)
            if heard.ended and self._drop(talk.conversation) is not None:
                self._locks.pop(heard.ref, None)
                ended = self._sayings.say(talk.language, "utter_handover_ended", back=False)
                await self.delivery(talk.conversation, ended, talk.chat)

    # the rest of its life
    def forget(self, conversation: str) -> None:
        """The person had everything deleted."""
        self._numbers.forget(conversation)
        self._both.pop(conversation, None)
        if self.callbacks is not None:
            self.callbacks.forget(conversation)
        self._end(conversation, FORGOTTEN)

    def rename(self, before: str, now: str) -> None:
        """The conversation `before` has the pseudonym `now` since the secret was changed."""
        if self.callbacks is not None:
            self.callbacks.rename(before, now)
        if self.desk.talks(before):
            if self.courier is not None:
                self.courier.drop(before)
            self.desk.rename(before, now)
            if self.courier is not None:
                self.courier.start(now)

    def trim(self) -> None:
        """Drop numbers that were not taken; to be called every minute."""
        self._numbers.trim()

    def start(self) -> None:
        """With the server: deliver what an earlier run has left, and clear away every hour."""
        if self.courier is not None:
            self.courier.resume()
        self._background(self._sweep_on_time())

    def sweep(self) -> None:
        """End what has been idle, and forget what is past its time."""
        for talk in self.desk.idle():
            self._end(talk.conversation, IDLE)
        self.desk.sweep()
        if self.callbacks is not None:
            self.callbacks.sweep()

    async def aclose(self) -> None:
        """With the server; what waits stays in the files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.courier is not None:
            await self.courier.aclose()
        if self._port is not None:
            await self._port.aclose()

    async def _sweep_on_time(self) -> None:
        while True:
            self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def _show(self, output: Out, conversation: str, language: str, key: str) -> None:
        """In the answer to the message itself; it is no part of the dialogue."""
        reply = self._sayings.say(language, key, back=self.desk.talks(conversation))
        await output.send_response(conversation, {"text": reply.get("text", ""), "custom": {"reply": reply}})

    async def _tell(self, talk: Talk, key: str) -> None:
        """Apart from any message."""
        reply = self._sayings.say(talk.language, key, back=self.desk.talks(talk.conversation))
        await self.delivery(talk.conversation, reply, talk.chat)

    async def _note(self, talk: Talk, text: str) -> None:
        if self._port is not None:
            try:
                await self._port.note(talk.ref, text)
            except HandoverError as exc:
                logger.warning("a counsellor could not be told: %s", exc)

    def _end(self, conversation: str, note: str) -> None:
        """End it from our side, and tell the ticket."""
        talk = self._drop(conversation)
        if talk is not None and self._port is not None:
            self._locks.pop(talk.ref, None)
            self._background(self._close(self._port, talk, note))

    async def _close(self, port: Handover, talk: Talk, note: str) -> None:
        await self._note(talk, note)
        try:
            await port.close(talk.ref)
        except HandoverError as exc:
            logger.warning("a ticket could not be closed: %s", exc)

    def _drop(self, conversation: str) -> Talk | None:
        if self.courier is not None:
            self.courier.drop(conversation)
        return self.desk.end(conversation)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
