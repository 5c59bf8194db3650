"""What every store of conversations does, wherever it keeps them: tells who listens, and forgets on request."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory.stored_events import pack, unpack

logger = logging.getLogger(__name__)


class Conversations(TrackerStore):
    """A store that keeps the last turns for `retention_hours` after the last message.

    `on_forget` is told the id of a conversation that asked to be forgotten, for all who keep something of it; what it
    returns is waited for where it can be. `on_rename` is told the former and the present id of a conversation whose
    pseudonym changes with the secret. `on_turn` is given the tracker after each answer, while the message is still in
    it, for those who count.
    """

    def __init__(self, domain: Domain, retention_hours: int = 24, event_broker: EventBroker | None = None) -> None:
        super().__init__(domain, event_broker)
        self.retention_seconds = retention_hours * 3600
        self.on_forget: list[Callable[[str], object]] = []
        self.on_rename: list[Callable[[str, str], object]] = []
        self.on_turn: list[Callable[[DialogueStateTracker], object]] = []

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the last turns, or delete the conversation when it asked to be forgotten."""
        sender = str(tracker.sender_id)
        self._tell(tracker)
        if tracker.get_slot("forget"):
            await self.delete(sender)
            await self._forget(sender)
            return
        await self._keep(sender, pack(tracker))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as it was after its last message, or None."""
        packed = await self._find(sender_id)
        return None if packed is None else unpack(sender_id, packed, self.domain)

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation at once."""
        raise NotImplementedError

    async def rename(self, before: str, now: str) -> None:
        """Bring a conversation and what is kept of it elsewhere under another id; one that is there already stays."""
        packed = await self._find(before)
        if packed is not None:
            if await self._find(now) is None:
                await self._keep(now, packed)
            await self.delete(before)
        for told in self.on_rename:
            try:
                told(before, now)
            except Exception as exc:  # one who cannot must not keep the others from it
                logger.error("something of a conversation keeps its former id: %s", exc.__class__.__name__)

    def sweep(self) -> int:
        """Delete what is older than the retention; returns how many conversations."""
        raise NotImplementedError

    async def _keep(self, sender: str, packed: bytes) -> None:
        raise NotImplementedError

    async def _find(self, sender: str) -> bytes | None:
        raise NotImplementedError

    def _tell(self, tracker: DialogueStateTracker) -> None:
        for told in self.on_turn:
            try:
                told(tracker)
            except Exception as exc:  # a number that is not counted must not cost the person the conversation
                logger.error("a turn could not be counted: %s", exc.__class__.__name__)

    async def _forget(self, sender: str) -> None:
        for told in self.on_forget:
            try:
                done = told(sender)
                if inspect.isawaitable(done):
                    await done
            except Exception as exc:  # one who cannot forget must not keep the others from it
                logger.error("something of a conversation is not forgotten: %s", exc.__class__.__name__)
