"""Takes over a new model while people are talking: no restart, no lost message, no conversation begun anew."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import weakref
from typing import TYPE_CHECKING, Any

from bot.rasa_compat.lasting import give_back
from bot.release.checking import held, stamp
from bot.release.manifest import ReleaseError, print_of
from bot.settings import Settings

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.processor import MessageProcessor

    from bot.rasa_compat.reading_process import Reading
    from bot.release.checking import Stamp

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
# Longer than any answer takes.
OLD_SECONDS = 60.0


class Takeover:
    """Watches the model's files and exchanges the agent's processor when another good model lies there.

    Messages under way end with the old model. A model that may not be loaded, lacks something or fails its trial is
    refused: that is logged once, and the old one goes on. SIGHUP asks at once, also for one that was refused.
    `loaded` is the SHA-256 of the archive the agent was loaded from, by default of the one that lies there now;
    `reading` the process that reads, if there is one.
    """

    def __init__(
        self,
        agent: Agent,
        settings: Settings,
        loaded: str = "",
        every: float = EVERY_SECONDS,
        reading: Reading | None = None,
    ) -> None:
        self._agent, self._settings, self._every = agent, settings, every
        self._reading = reading
        self.loaded = loaded or print_of(settings.model).sha256
        self.refused = ""  # why, while the model that lies there is refused
        self._seen: Stamp | None = None
        self._told: Stamp | None = None
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to watch, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._watch())
        if _has_terminal():
            return  # closing the terminal sends SIGHUP, and shall end the server
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread
            self._loop.add_signal_handler(signal.SIGHUP, self.ask)

    def ask(self) -> None:
        """Look at once."""
        self._asked.set()

    async def stop(self) -> None:
        """End watching; a model that is just being loaded is not taken over any more."""
        if self._task is None:
            return
        if self._loop is not None:
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                self._loop.remove_signal_handler(signal.SIGHUP)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _watch(self) -> None:
        before: Stamp | None = None
        while True:
            now = await asyncio.to_thread(stamp, self._settings)
            asked = self._asked.is_set()
            self._asked.clear()
            # Files that are still being written change between two looks.
            if asked or (now == before and now != self._seen):
                self._seen = now
                await self.look()
            before = now
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._every)

    async def look(self) -> bool:
        """Take over the model that lies there; False when it is the one in use, or is refused."""
        lies_there = await asyncio.to_thread(stamp, self._settings)
        try:
            old = await self._take()
        except Exception as exc:  # whatever is wrong with the new model, the old one goes on
            old = None
            self.refused = str(exc) if isinstance(exc, ReleaseError) else f"it cannot be loaded ({type(exc).__name__})"
            if lies_there != self._told:
                logger.error("the model at %s is refused, the old one goes on: %s", self._settings.model, self.refused)
            self._told = lies_there
        else:
            self.refused = ""
        if self._reading is not None:
            self._reading.forget_spares()
        await _free(old)
        return old is not None

    async def _take(self) -> Leftover | None:
        """What was in use before; None when the model in use lies there."""
        from bot.release.trial import examine

        fresh, sha256 = await asyncio.to_thread(self._load)
        if fresh is None:
            return None
        await examine(fresh)
        old = Leftover(self._exchange(fresh))
        self.loaded = sha256
        if self._reading is not None:
            self._reading.renew(fresh.reading.copy)  # type: ignore[attr-defined]
        logger.info("a new model was taken over (SHA-256 %s…)", sha256[:12])
        return old

    def _load(self) -> tuple[MessageProcessor | None, str]:
        """The new model, checked, beside the old one; None when it is the one in use."""
        from bot.rasa_compat.reading_process import ModelCopy
        from bot.rasa_compat.runner import dialogue_alone
        from bot.release.trial import check_knowledge

        agent = self._agent
        running = agent.processor
        assert running is not None and agent.domain is not None  # a server without a model does not start
        with held(self._settings) as checked:
            if checked.sha256 == self.loaded:
                return None, checked.sha256
            with dialogue_alone() if self._reading is not None else contextlib.nullcontext():
                fresh = type(running)(
                    model_path=str(checked.path),
                    tracker_store=agent.tracker_store,
                    lock_store=agent.lock_store,
                    action_endpoint=agent.action_endpoint,
                    generator=agent.nlg,
                    http_interpreter=agent.http_interpreter,
                )
            if self._reading is not None:
                copy = ModelCopy(checked.path, checked.sha256)
                fresh.reading = self._reading.of(copy)  # type: ignore[attr-defined]
        check_knowledge(checked.contents, fresh.domain, agent.domain)
        return fresh, checked.sha256

    def _exchange(self, fresh: MessageProcessor) -> MessageProcessor:
        """As Rasa's `Agent.load_model` does, in one step of the event loop; gives the old processor."""
        agent = self._agent
        old = agent.processor
        assert old is not None
        # Who talks with a person, and the pieces of messages, belong to the conversations and not to the model.
        for name in ("person", "fragments"):
            if hasattr(old, name):
                setattr(fresh, name, getattr(old, name))
        agent.processor = fresh
        agent.domain = fresh.domain
        agent.tracker_store.domain = fresh.domain
        return old


class Leftover:
    """A model that is not used any more, watched without keeping it alive."""

    def __init__(self, processor: MessageProcessor) -> None:
        self._processor = weakref.ref(processor)
        nodes: dict[str, Any] = getattr(processor.graph_runner, "_instantiated_nodes", {})
        components = [getattr(node, "_component", None) for node in nodes.values()]
        self._components = [weakref.ref(component) for component in components if component is not None]

    def answers(self) -> bool:
        """Whether messages are still under way in it."""
        return self._processor() is not None

    def remains(self) -> bool:
        """Whether a part of it is still in memory."""
        return self.answers() or any(component() is not None for component in self._components)


async def _free(old: Leftover | None) -> None:
    """Give the memory of the old or the refused model back, once the messages under way have been answered."""
    loop = asyncio.get_running_loop()
    end = loop.time() + OLD_SECONDS
    while old is not None and old.answers() and loop.time() < end:
        await asyncio.sleep(0.1)
    if gc.get_freeze_count():  # the server never looks through what lasts (bot/launcher.py), so also not through these
        if old is not None and old.remains():
            # A circle in it: looking through everything for that stops every answer for 0.3 s.
            gc.unfreeze()
        gc.collect()
        gc.freeze()
    give_back()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
