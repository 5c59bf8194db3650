"""What became of every message, which faults there were, and what must hold."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.chaos.kinds import REPEAT

# So long after a fault what it causes may still show: a process takes over what another one had, copies are handed in.
AFTERWARDS = 30.0
FAULTS_TOLD = 8
VIOLATIONS_KEPT = 200


@dataclass
class Message:
    """One message of somebody: never its text. Times are those of `time.monotonic`; `why` are its failures by kind."""

    id: str
    channel: str
    kind: str
    sent: float
    answered: float | None = None
    tries: int = 0
    again: int = 0  # sent anew by the person, as another message
    seen: int = 0  # answers; more than one only where they cannot be recognised as the same
    why: Counter[str] = field(default_factory=Counter)


@dataclass
class Fault:
    """A fault that happened: when, how, and what people may notice of it."""

    name: str
    effects: frozenset[str]
    began: float
    resource: str = ""
    ended: float | None = None
    detail: str = ""
    deaths: int = 0  # serving processes that ended with it


class Ledger:
    """Written by those who talk and those who make faults. `tell` is called with a line for each violation."""

    def __init__(self, seed: int, layout: str, tell: Callable[[str], None]) -> None:
        self.seed, self.layout = seed, layout
        self.messages: list[Message] = []
        self.faults: list[Fault] = []
        self.violations: list[dict[str, Any]] = []
        self.violated = 0
        self.anew: Counter[str] = Counter()
        self.began = time.monotonic()
        self._tell = tell
        self._numbers: Counter[str] = Counter()

    def send(self, channel: str, kind: str) -> Message:
        """A new message, sent now."""
        self._numbers[channel] += 1
        message = Message(f"{channel}-{self._numbers[channel]}", channel, kind, time.monotonic())
        self.messages.append(message)
        return message

    def answered(self, message: Message) -> None:
        """The first answer to a message is there."""
        message.answered = time.monotonic()
        message.seen = 1

    def begin(self, fault: Fault) -> None:
        """A fault begins."""
        self.faults.append(fault)

    def excuse(self, effect: str, since: float) -> bool:
        """Whether a fault since then, or shortly before it, may have this effect."""
        return any(effect in fault.effects and _still(fault) >= since for fault in self.faults)

    def causes(self, since: float, until: float) -> tuple[int, int]:
        """How many serving processes ended while a message waited, and how many other faults allow a repeat."""
        near = [fault for fault in self.faults if fault.began <= until and _still(fault) >= since]
        return sum(fault.deaths for fault in near), sum(not f.deaths and REPEAT in f.effects for f in near)

    def under_way(self, *resources: str) -> bool:
        """Whether a fault of one of these resources goes on, or has just ended."""
        now = time.monotonic()
        return any(fault.resource in resources and _still(fault) >= now for fault in self.faults)

    def violate(self, rule: str, message: Message | None = None, detail: str = "") -> None:
        """Something does not hold. `detail` must hold nothing that a person wrote."""
        self.violated += 1
        now = time.monotonic()
        row = {
            "rule": rule, "detail": detail, "layout": self.layout, "seed": self.seed,
            "seconds": round(now - self.began, 1), "message": message.id if message else "",
            "sent": round(message.sent - self.began, 1) if message else None,
            "kind": message.kind if message else "", "tries": message.tries if message else 0,
            "faults": [self._told(fault) for fault in self._around(message)],
        }  # fmt: skip
        if len(self.violations) < VIOLATIONS_KEPT:
            self.violations.append(row)
        history = "; ".join(row["faults"]) or "none"
        sent = f", sent at {row['sent']} s" if message else ""
        self._tell(
            f"VIOLATED {rule}: {detail} ({row['message'] or 'no message'}, {row['kind'] or '-'}, "
            f"at {row['seconds']} s{sent}, seed {self.seed}, {self.layout}); faults: {history}"
        )

    def _around(self, message: Message | None) -> list[Fault]:
        """The last faults that had begun shortly after a message was sent; without a message those of now."""
        latest = message.sent + AFTERWARDS if message else float("inf")
        return [fault for fault in self.faults if fault.began <= latest][-FAULTS_TOLD:]

    def _told(self, fault: Fault) -> str:
        ended = f"{fault.ended - self.began:.1f}" if fault.ended is not None else "now"
        detail = f" ({fault.detail})" if fault.detail else ""
        return f"{fault.name}{detail} {fault.began - self.began:.1f}-{ended} s"


def _still(fault: Fault) -> float:
    """Until when what a fault causes may show."""
    return float("inf") if fault.ended is None else fault.ended + AFTERWARDS
