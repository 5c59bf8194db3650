"""Writing that nobody waits for: an answer is never held up by a database, and a database may be away for a while."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.operations.metrics import STORE_FAULTS

logger = logging.getLogger(__name__)

MOST = 1_000
# Deletions are not given up for others; so many at once are a fault.
MOST_KEPT = 10_000
AGAIN_SECONDS = 1.0
CLOSE_SECONDS = 3.0


@dataclass(frozen=True, eq=False)
class _Work:
    run: Callable[[], object]
    owner: str
    kept: bool


class Backlog:
    """Pieces of work done one after another in a thread of its own, each again every second while it raises `away`.

    Work that raises anything else is logged and left. At most MOST pieces wait; then the oldest goes that is not
    `kept`. What waits when the process is killed is lost; when it ends, it is given CLOSE_SECONDS.
    """

    def __init__(self, name: str, away: type[Exception]) -> None:
        self._name, self._away = name, away
        self._waiting: deque[_Work] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._full = False

    def add(self, run: Callable[[], object], owner: str = "", kept: bool = False) -> bool:
        """Put work at the end; False when it cannot wait. `owner` is whom it is about, `kept` that it must not go."""
        with self._changed:
            if len(self._waiting) >= MOST and not self._make_room(kept):
                return False
            self._waiting.append(_Work(run, owner, kept))
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._changed.notify_all()
        return True

    def drop(self, owner: str) -> None:
        """Take out what waits about somebody, unless it is kept. What is being done at this moment is not stopped."""
        with self._changed:
            self._waiting = deque(work for work in self._waiting if work.kept or work.owner != owner)
            self._changed.notify_all()

    def drain(self, seconds: float = 10.0) -> bool:
        """Wait until all is done; False when it is not by then."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Finish what can be finished in so many seconds, and end the thread."""
        with self._changed:
            thread = self._thread
            if thread is None:
                return
            until = time.monotonic() + seconds
            self._changed.wait_for(lambda: not self._waiting, seconds)
            if self._waiting:
                logger.error("%s: %d pieces of work are lost at the end", self._name, len(self._waiting))
            self._closing = True
            self._waiting.clear()
            self._changed.notify_all()
        thread.join(max(0.1, until - time.monotonic()))
        self._thread = None
        atexit.unregister(self.close)

    def _make_room(self, kept: bool) -> bool:
        if not self._full:
            self._full = True
            logger.error("%s: too much waits for the database: the oldest is left out", self._name)
        oldest = next((work for work in self._waiting if not work.kept), None)
        if oldest is not None:
            self._waiting.remove(oldest)
            return True
        return kept and len(self._waiting) < MOST_KEPT

    def _work(self) -> None:
        failed = False
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                work = self._waiting[0]
            try:
                work.run()
            except self._away as exc:
                if not failed:
                    failed = True
                    STORE_FAULTS.labels(self._name.partition(" ")[0]).inc()
                    logger.error("%s: %s; it waits", self._name, exc)
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, AGAIN_SECONDS)
                continue
            except Exception as exc:  # one piece that cannot be done must not hold up the others
                logger.error("%s: left out: %s", self._name, exc.__class__.__name__)
            else:
                if failed:
                    logger.warning("%s: the database is back", self._name)
                failed = False
            with self._changed:
                if self._waiting and self._waiting[0] is work:
                    self._waiting.popleft()
                self._full = self._full and len(self._waiting) >= MOST
                self._changed.notify_all()
