"""What this process does when more people write than it can answer: emergencies go first, and some others come again later.

All channels share one line. So many messages are worked on at once; others wait for a place. When too many wait, the
next one is refused at once, because an answer after half a minute helps nobody and a line without an end fills the memory.

An emergency is never refused. It has a lane of its own: it goes before everybody who waits, and some places are kept
for such messages alone, as some are for all others. Whoever floods the lane cannot fill the memory either: it is bounded,
and one conversation has one place in it. When even the lane is full, the channel says the emergency numbers at once
(`first_aid`), which needs neither the model nor a place. A flood then delays what stands below the numbers, not the numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from types import TracebackType

from bot.speech.reply import Reply

# A process answers about 100 messages a second on two cores (docs/performance.md), a slow machine a fifth of that. Who
# is let in by a slow one is still answered within the 25 seconds after which a channel says that it takes too long.
MOST = 25 * 20
# An action may wait 2.5 seconds for other directories: fewer places would leave the processor idle meanwhile. An
# emergency shares the processor with as many.
AT_ONCE = 64
# Places kept for emergencies, and for everybody else while emergencies wait.
KEPT = 16
# Text of a message, or "/" and the intent of a button, in; whether it goes first out.
Urgent = Callable[[str], bool]
# The same text and the language of the interface ("" when it is not known) in; the numbers to call out, None for none.
FirstAid = Callable[[str, str], "Reply | None"]


class Full(Exception):
    """There is no room for one more message; `urgent` says that it is one that should have gone first."""

    def __init__(self, urgent: bool) -> None:
        super().__init__("too many messages wait")
        self.urgent = urgent


class Shedding:
    """The line of one process. All methods belong into the server's event loop.

    `most` ordinary messages are worked on or wait, and as many urgent ones wait besides. Those of a channel that keeps
    them elsewhere and bounds them itself are `patient`: they wait and are never refused. `shed` counts who was refused.
    """

    def __init__(
        self,
        most: int = MOST,
        urgent: Urgent = lambda text: False,
        first_aid: FirstAid = lambda text, hint: None,
        *,
        at_once: int = AT_ONCE,
        kept: int = KEPT,
    ) -> None:
        self.urgent, self.first_aid = urgent, first_aid
        self._most, self._at_once, self._kept = most, min(at_once, most), min(kept, at_once, most)
        self._ordinary = self._hurried = 0  # worked on now
        self._impatient = 0  # ordinary ones that are worked on or wait, without the patient
        self._line: deque[asyncio.Future[None]] = deque()
        self._lane: deque[asyncio.Future[None]] = deque()
        self._senders: set[str] = set()  # whose message has a place in the lane
        self.shed = 0

    @property
    def waiting(self) -> int:
        """How many messages are worked on or wait."""
        return self._ordinary + self._hurried + len(self._line) + len(self._lane)

    @property
    def crowded(self) -> bool:
        """Whether the next ordinary message has to wait."""
        return bool(self._line or self._lane) or not self._has_place()

    @property
    def full(self) -> bool:
        """Whether the next ordinary message is refused."""
        return self._impatient >= self._most

    def check(self, text: str) -> None:
        """Full when a message would be refused now: asked before it is charged to anybody's allowance."""
        if self.full and not self.urgent(text):
            raise self._full(urgent=False)

    def turn(self, sender: str, text: str, *, urgent: bool | None = None, patient: bool = False) -> Turn:
        """The turn of one message, to be waited for by `async with`; Full when there is no room.

        `sender` is the conversation. Whether the message is urgent is found out from its text, when it matters,
        unless the caller knows.
        """
        return Turn(self, sender, text, urgent, patient)

    async def _enter(self, turn: Turn) -> None:
        crowded = self.crowded
        urgent = turn.urgent if turn.urgent is not None else crowded and self.urgent(turn.text)
        if urgent and turn.sender not in self._senders:
            await self._hurry(turn)
            return
        if self.full and not turn.patient:
            raise self._full(bool(urgent))
        self._impatient += not turn.patient
        try:
            if crowded:
                await self._wait(self._line)
            else:
                self._ordinary += 1
        except BaseException:
            self._impatient -= not turn.patient
            raise
        turn.holds(self._leave_line)

    async def _hurry(self, turn: Turn) -> None:
        if len(self._lane) >= self._most and not turn.patient:
            raise self._full(urgent=True)
        self._senders.add(turn.sender)
        try:
            if self._lane or not self._has_urgent_place():
                await self._wait(self._lane)
            else:
                self._hurried += 1
        except BaseException:
            self._senders.discard(turn.sender)
            raise
        turn.holds(self._leave_lane)

    async def _wait(self, line: deque[asyncio.Future[None]]) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                with contextlib.suppress(ValueError):  # passed over already
                    line.remove(place)
            elif line is self._line:  # its turn came at the moment at which it gave up
                self._ordinary -= 1
            else:
                self._hurried -= 1
            self._next()
            raise

    def _full(self, urgent: bool) -> Full:
        self.shed += 1
        return Full(urgent)

    def _leave_line(self, turn: Turn) -> None:
        self._ordinary -= 1
        self._impatient -= not turn.patient
        self._next()

    def _leave_lane(self, turn: Turn) -> None:
        self._hurried -= 1
        self._senders.discard(turn.sender)
        self._next()

    def _has_urgent_place(self) -> bool:
        return self._hurried < self._at_once and self._has_room()

    def _has_place(self) -> bool:
        return self._ordinary < (self._kept if self._lane else self._at_once) and self._has_room()

    def _has_room(self) -> bool:
        return self._ordinary + self._hurried < self._at_once + self._kept

    def _next(self) -> None:
        """Give free places to those who wait; who was cancelled a moment ago is passed over."""
        while self._lane and self._has_urgent_place():
            place = self._lane.popleft()
            if not place.done():
                self._hurried += 1
                place.set_result(None)
        while self._line and self._has_place():
            place = self._line.popleft()
            if not place.done():
                self._ordinary += 1
                place.set_result(None)


class Turn:
    """One message that waits for its turn and then has it until the block ends, or until `leave`."""

    def __init__(self, line: Shedding, sender: str, text: str, urgent: bool | None, patient: bool) -> None:
        self._shedding = line
        self.sender, self.text, self.urgent, self.patient = sender, text, urgent, patient
        self._leave: Callable[[Turn], None] | None = None

    async def __aenter__(self) -> Turn:
        await self._shedding._enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def holds(self, leave: Callable[[Turn], None]) -> None:
        """The turn has come; `leave` gives the place back."""
        self._leave = leave

    def leave(self) -> None:
        """Give the place to the next one: what is left to do, such as sending, takes time and no work."""
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave(self)
