"""A clock for deletion: a jump of the machine's clock neither deletes everything nor keeps anything for years.

A clock that jumps is believed only after it has gone on steadily for an hour. Until then time goes on as the machine has
been running, so nothing becomes old in a moment. When the jump is believed, stores are told by how much, so that what
they keep stays exactly as old as it is. A clock that shows a day before `not_before` is never believed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

# Less than this is a clock that is being set, not one that is wrong.
TOLERANCE_SECONDS = 300.0
SETTLE_SECONDS = 3600.0
# Off for longer than this, or started with a clock that is ahead: nobody knows which.
LONG_OFF_SECONDS = 7 * 86_400.0


def running() -> float:
    """Seconds since the machine was started, those asleep included; no setting of the clock moves it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SteadyClock:
    """`time()` is what stores go by. `last_saved` is when anything was last written, 0 when that is not known.

    All times are Unix time in seconds. `on_set` is told by how many seconds stored times have to be moved. Safe to use
    from threads.
    """

    def __init__(
        self,
        not_before: float = 0.0,
        last_saved: float = 0.0,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = running,
    ) -> None:
        self.on_set: list[Callable[[float], object]] = []
        self._not_before, self._wall, self._steady = not_before, wall, steady
        self._lock = threading.Lock()
        self._mark = self._began = steady()
        self._base = wall()
        self._jumped: tuple[float, float] | None = None  # since when, and to what, the clock disagrees
        self._waits = bool(last_saved) and self._base - last_saved > LONG_OFF_SECONDS
        floor = max(not_before, last_saved)
        if self._base < floor - TOLERANCE_SECONDS:
            logger.warning("the clock of this machine is behind what was saved or built: it is not gone by for now")
            self._base = floor

    def time(self) -> float:
        """Unix time as far as it can be believed."""
        with self._lock:
            now, wall = self._steady(), self._wall()
            believed = self._base + now - self._mark
            off = wall - believed
            # In the first hour of a start that may have been ahead, a clock that is set is a clock that is set right.
            doubtful = not self.deletes() and wall >= self._not_before
            if abs(off) > TOLERANCE_SECONDS and not doubtful and not self._believes(now, wall):
                return believed
            settled = self._jumped is not None and abs(off) > TOLERANCE_SECONDS and not doubtful
            self._jumped = None
            self._base, self._mark = wall, now
        if settled:
            logger.warning("the clock of this machine was set by %d s, and is gone by from now on", round(off))
            for told in self.on_set:
                try:
                    told(off)
                except Exception as exc:  # one who cannot move its times must not keep the others from it
                    logger.error("stored times stay as they were: %s", exc.__class__.__name__)
        return wall

    def right(self) -> bool:
        """Whether the machine's clock shows a day that can be."""
        return self._wall() >= self._not_before

    def deletes(self) -> bool:
        """Whether what is too old may be deleted: an hour after a start that comes long after the last save."""
        return not self._waits or self._steady() - self._began >= SETTLE_SECONDS

    def _believes(self, now: float, wall: float) -> bool:
        if wall < self._not_before:
            self._jumped = None
            return False
        ahead = wall - now
        if self._jumped is None or abs(ahead - self._jumped[1]) > TOLERANCE_SECONDS:
            logger.warning("the clock of this machine has jumped: nothing is deleted for that within the next hour")
            self._jumped = (now, ahead)
        return now - self._jumped[0] >= SETTLE_SECONDS


def last_saved(folder: Path) -> float:
    """When a database in this folder was last written, 0 when there is none."""
    found = 0.0
    with contextlib.suppress(OSError):
        for path in folder.glob("*.sqlite*"):
            with contextlib.suppress(OSError):
                found = max(found, path.stat().st_mtime)
    return found
