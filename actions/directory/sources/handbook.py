"""What a region tells people itself beside its places: pages for long-tail questions, and events of the days to come."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from actions.directory.admission import carries, one_line, web_address
from actions.directory.sources.integreat_events import Happening
from actions.directory.sources.integreat_pages import PageLink
from actions.directory.sources.port import Wanted

Found = TypeVar("Found")
PAGES, EVENTS = 2, 3
# Letters of a title that are shown.
TITLE = 200


class Pages(Protocol):
    """What finds pages."""

    async def find(self, wanted: Wanted, words: list[str], limit: int = PAGES) -> list[PageLink]:
        """The best pages for these words."""

    async def close(self) -> None:
        """Close the connections."""


class Calendar(Protocol):
    """What knows events."""

    async def happenings(self, wanted: Wanted, limit: int = EVENTS) -> list[Happening]:
        """The next events near the place asked about."""


class Handbook:
    """Both within the time that is left for a message; what comes later is there for the next question.

    Nobody waits for it beyond that, and nothing it does wrong stops an answer.
    """

    def __init__(self, pages: Pages, calendar: Calendar) -> None:
        self._pages, self._calendar = pages, calendar
        self._under_way: set[asyncio.Task[Any]] = set()

    async def pages(self, wanted: Wanted, words: list[str], seconds: float) -> list[PageLink]:
        """Pages for these words, which never leave this process; at most `seconds` long."""
        found = await self._within(self._pages.find(wanted, words), seconds) or []
        shown = (replace(page, title=one_line(page.title, TITLE), region=one_line(page.region)) for page in found)
        return [page for page in shown if _fit(page.title, page.url)]

    async def events(self, wanted: Wanted, seconds: float) -> list[Happening]:
        """The next events near the place asked about; at most `seconds` long."""
        found = await self._within(self._calendar.happenings(wanted), seconds) or []
        shown = (replace(event, title=one_line(event.title, TITLE), place=_place(event.place)) for event in found)
        return [event for event in shown if _fit(event.title, event.url)]

    async def _within(self, work: Coroutine[Any, Any, Found], seconds: float) -> Found | None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        done, _ = await asyncio.wait({task}, timeout=max(0.0, seconds))
        return task.result() if done and task.exception() is None else None

    async def close(self) -> None:
        """Stop what is under way and close connections."""
        for task in list(self._under_way):
            task.cancel()
        await self._pages.close()


def _fit(title: str, url: str) -> bool:
    """Whether a link may be shown: a number or an address in its title would look like one of ours."""
    return bool(title) and not carries(title) and web_address(url) == url


def _place(text: str) -> str:
    place = one_line(text, TITLE)
    return "" if carries(place) else place
