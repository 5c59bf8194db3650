"""The last words of a conversation that were not yet a question: in memory, for a minute, never written down.

People type one question in several sends: "hello", "I have a problem with", "my landlord". Each is answered at once;
what the pieces mean together is only seen when the last one is read with those before it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

SECONDS = 60.0
PIECES = 4
CHARACTERS = 300
CONVERSATIONS = 5_000


class Fragments:
    """Up to four pieces a conversation, each forgotten after a minute; the oldest conversations go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pieces: OrderedDict[str, list[tuple[float, str]]] = OrderedDict()

    def before(self, conversation: str) -> str:
        """What was said within the last minute and is not yet answered, as one text; empty when nothing was."""
        now = self._clock()
        fresh = [(at, text) for at, text in self._pieces.get(conversation, ()) if now - at <= SECONDS]
        if not fresh:
            self._pieces.pop(conversation, None)
        return " ".join(text for _, text in fresh)

    def add(self, conversation: str, text: str) -> None:
        """Remember a piece that was no question by itself."""
        now = self._clock()
        kept = [(at, t) for at, t in self._pieces.pop(conversation, []) if now - at <= SECONDS]
        self._pieces[conversation] = [*kept, (now, text[:CHARACTERS])][-PIECES:]
        while len(self._pieces) > CONVERSATIONS:
            self._pieces.popitem(last=False)
        # Nobody may come back to a conversation: its words go with the next piece of any other.
        while self._pieces:
            oldest = next(iter(self._pieces))
            if now - self._pieces[oldest][-1][0] <= SECONDS:
                break
            del self._pieces[oldest]

    def clear(self, conversation: str) -> None:
        """Forget the pieces: the question was understood."""
        self._pieces.pop(conversation, None)
