"""What a process itself remembers of conversations that all processes share, for the time Redis is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

# A person who comes back later than this while Redis is away begins anew. As long it is remembered, too, that a
# conversation was forgotten: a process that was cut off must not bring it back.
COPY_SECONDS = 3600
CONVERSATIONS = 10_000
BYTES = 48 * 1024 * 1024
_DIGITS = 16
HEADER = 2 * _DIGITS


@dataclass(frozen=True)
class Kept:
    """A conversation as it is stored. Times are microseconds since 1970, and strictly later with each save.

    `since` is when it was last forgotten, as far as was known; 0 for never. `version` is when it was saved.
    `packed` is empty when it was forgotten at that moment.
    """

    since: int
    version: int
    packed: bytes = b""

    @property
    def forgotten(self) -> bool:
        """Whether nothing but the time of its end is kept."""
        return not self.packed

    def to_bytes(self) -> bytes:
        """The two times in 16 digits each, then the turns."""
        return b"%016d%016d%b" % (self.since, self.version, self.packed)

    @classmethod
    def from_bytes(cls, content: bytes) -> Kept:
        """ValueError when it is none."""
        return cls(int(content[:_DIGITS]), int(content[_DIGITS:HEADER]), content[HEADER:])

    def outlives(self, other: Kept) -> bool:
        """Whether this is what remains of both: what began after the last forgetting, and of that the later."""
        return (self.since, self.version) >= (other.since, other.version)


@dataclass(frozen=True)
class _Copy:
    kept: Kept
    used: float
    waiting: bool


class Copies:
    """The last conversations this process read or wrote, for an hour after their last use; the oldest go first.

    Those that `wait` are not in Redis yet.
    """

    def __init__(self) -> None:
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._bytes = 0
        self._waiting = 0

    def __len__(self) -> int:
        return len(self._copies)

    @property
    def waiting(self) -> int:
        """How many wait to be handed in."""
        return self._waiting

    def get(self, sender: str) -> Kept | None:
        """The copy, forgotten ones too; None when there is none any more."""
        copy = self._copies.get(sender)
        if copy is not None and copy.used < time.time() - COPY_SECONDS:
            self._drop(sender)
            return None
        return None if copy is None else copy.kept

    def put(self, sender: str, kept: Kept, waiting: bool = False) -> None:
        """Remember what is stored now, or what `waiting` would be."""
        self._drop(sender)
        self._copies[sender] = _Copy(kept, time.time(), waiting)
        self._bytes += len(kept.packed)
        self._waiting += waiting
        while len(self._copies) > CONVERSATIONS or self._bytes > BYTES:
            self._drop(next(iter(self._copies)))
        self.trim()

    def trim(self) -> None:
        """Drop what is over: nobody may come back to a conversation, nor write in another."""
        limit = time.time() - COPY_SECONDS
        while self._copies:
            oldest = next(iter(self._copies))
            if self._copies[oldest].used >= limit:
                break
            self._drop(oldest)

    def handed_in(self, sender: str, kept: Kept) -> None:
        """This very copy waits no more."""
        copy = self._copies.get(sender)
        if copy is not None and copy.waiting and copy.kept == kept:
            self._copies[sender] = replace(copy, waiting=False)
            self._waiting -= 1

    def outlived(self, sender: str, kept: Kept) -> None:
        """Redis holds something that outlives this copy: it is not worth keeping."""
        copy = self._copies.get(sender)
        if copy is not None and copy.kept == kept:
            self._drop(sender)

    def all(self) -> Iterator[tuple[str, Kept]]:
        """Every copy, those that wait first."""
        rows = list(self._copies.items())
        for waits in (True, False):
            yield from ((sender, copy.kept) for sender, copy in rows if copy.waiting is waits)

    def _drop(self, sender: str) -> None:
        copy = self._copies.pop(sender, None)
        if copy is not None:
            self._bytes -= len(copy.kept.packed)
            self._waiting -= copy.waiting
