"""How late the event loop is: what blocks it delays the answers of everybody."""

from __future__ import annotations

import asyncio
from collections import deque

EVERY_SECONDS = 0.5
WINDOW_SECONDS = 60.0


class Lag:
    """Measures while `run` runs; `worst` is the latest that a timer came within the last minute, in seconds."""

    def __init__(self, window: float = WINDOW_SECONDS) -> None:
        self._window = window
        self._seen: deque[tuple[float, float]] = deque()
        self._due = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Measure until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._due = self._loop.time() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            now = self._loop.time()
            self._seen.append((now, max(0.0, now - self._due)))
            while self._seen[0][0] < now - self._window:
                self._seen.popleft()

    def worst(self) -> float:
        """To be asked from any thread: counts also a loop that is standing still just now."""
        if self._loop is None:
            return 0.0
        late = [lag for _, lag in list(self._seen)]
        return max([*late, self._loop.time() - self._due, 0.0])
