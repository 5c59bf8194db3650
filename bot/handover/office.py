"""What actions ask of the office: a person who writes here, and a call-back."""

from __future__ import annotations

import logging

from bot.channels.gate import RateLimit
from bot.handover.callbacks import Callbacks
from bot.handover.delivery import Delivery
from bot.handover.desk import Desk
from bot.handover.numbers import Numbers
from bot.handover.port import Handover, HandoverError
from bot.handover.summary import Summary

logger = logging.getLogger(__name__)
# Conversations with persons at the same time, and openings of one conversation an hour.
MOST_OPEN, AN_HOUR = 300, 4
# What somebody who sends a number agrees to have passed on with it.
AGREED = ("language", "place", "topic")
LIVE = (
    "Eine Person möchte hier schreiben. Sie hat zugestimmt, dass diese Angaben und ihre weiteren Nachrichten an Sie "
    "gehen. Ihre Antworten liest sie im Chat; interne Notizen nicht. Der Assistent schweigt, bis Sie das Ticket "
    "schließen oder die Person zurückgeht; nur bei einem Notfall nennt er die Notrufnummern. Die Person schreibt "
    "vielleicht nicht Deutsch."
)
CALL = "Eine Person möchte angerufen werden. Sie hat zugestimmt, dass diese Angaben an Sie gehen.\nTelefon: {number}"


class Office:
    """The office behind the assistant; without `port` nobody writes here, without `callbacks` no numbers are kept."""

    def __init__(
        self,
        desk: Desk,
        numbers: Numbers,
        summary: Summary,
        delivery: Delivery,
        port: Handover | None = None,
        callbacks: Callbacks | None = None,
    ) -> None:
        self._desk, self._numbers, self._summary, self._delivery = desk, numbers, summary, delivery
        self._port, self._callbacks = port, callbacks
        self._rate = RateLimit(AN_HOUR, 3600.0)

    @property
    def takes_numbers(self) -> bool:
        """Whether anybody can be called back."""
        return self._port is not None or self._callbacks is not None

    def live(self, conversation: str) -> bool:
        """Whether a person can write with this conversation."""
        return self._port is not None and self._delivery.reaches(conversation)

    async def open(self, conversation: str, matter: dict) -> bool:  # type: ignore[type-arg]
        """A ticket with the summary; from then on the desk has the conversation. False when it did not work."""
        if self._port is None or not self.live(conversation):
            return False
        if self._desk.talks(conversation):
            return True
        if self._desk.count() >= MOST_OPEN or not self._rate.allows(conversation):
            return False
        ref = await self._ticket(self._port, matter, LIVE)
        if not ref:
            return False
        self._desk.begin(conversation, ref, str(matter.get("language") or "de"))
        return True

    async def call_back(self, conversation: str, matter: dict) -> bool:  # type: ignore[type-arg]
        """Hand the number of the latest message to the office, or keep it for its staff."""
        number = self._numbers.take(conversation)
        if not number or not self._delivery.reaches(conversation):
            return False
        matter = {name: matter.get(name) for name in AGREED}
        if self._port is not None and self._rate.allows(conversation):
            if await self._ticket(self._port, matter, CALL.format(number=number), "Rückruf"):
                return True
        if self._callbacks is None:
            return False
        named = [str(matter.get(name) or "") for name in AGREED]
        return self._callbacks.add(conversation, number, *named)

    async def _ticket(self, port: Handover, matter: dict, how: str, kind: str = "") -> str:  # type: ignore[type-arg]
        language = str(matter.get("language") or "")
        note = self._summary.write(matter, how)
        try:
            return await port.open(note, language, self._summary.title_place(matter), kind)
        except HandoverError as exc:
            logger.warning("a person could not be asked: %s", exc)
            return ""
