"""The handbook waits no longer than it may, and what came too late is there for the next question."""

from __future__ import annotations

import asyncio

from actions.directory.sources.handbook import Handbook
from actions.directory.sources.integreat_pages import PageLink
from actions.directory.sources.port import Wanted

PAGE = PageLink("Abfall", "https://x.de/abfall", "de", "", "Grimma")
WANTED = Wanted("", None, "de")


class Slow:
    """Pages that need `seconds` the first time, and a calendar that fails."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.finished, self.closed = seconds, 0, False

    async def find(self, wanted: Wanted, words: list[str], limit: int = 2) -> list[PageLink]:
        seconds, self.seconds = self.seconds, 0.0
        await asyncio.sleep(seconds)
        self.finished += 1
        return [PAGE]

    async def happenings(self, wanted: Wanted, limit: int = 3) -> list:
        raise RuntimeError("broken")

    async def close(self) -> None:
        self.closed = True


def test_too_late_is_nothing_now_and_goes_on() -> None:
    async def run() -> None:
        upstream = Slow(0.05)
        handbook = Handbook(upstream, upstream)
        assert await handbook.pages(WANTED, ["abfall"], 0.0) == []
        await asyncio.sleep(0.2)
        assert upstream.finished == 1
        assert await handbook.pages(WANTED, ["abfall"], 1.0) == [PAGE]

    asyncio.run(run())


def test_what_fails_is_nothing() -> None:
    async def run() -> None:
        upstream = Slow(0.0)
        assert await Handbook(upstream, upstream).events(WANTED, 1.0) == []

    asyncio.run(run())


def test_closing_stops_what_is_under_way() -> None:
    async def run() -> None:
        upstream = Slow(60.0)
        handbook = Handbook(upstream, upstream)
        assert await handbook.pages(WANTED, ["abfall"], 0.01) == []
        await handbook.close()
        await asyncio.sleep(0)
        assert upstream.closed and upstream.finished == 0

    asyncio.run(run())
