"""Which sources are switched on, built from plain settings. A new source is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from actions.directory.geo import Gazetteer
from actions.directory.sources.port import Source

if TYPE_CHECKING:
    from actions.directory.sources.handbook import Handbook
    from actions.directory.sources.store import LastKnownGood


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Addresses of upstreams, empty for off, and where their last good answers are: a file, or a PostgreSQL URL."""

    store: Path | str
    integreat_url: str = ""
    hsds_urls: tuple[str, ...] = ()
    course_search_url: str = ""
    course_search_key: str = ""


def open_store(settings: SourceSettings) -> LastKnownGood | None:
    """The last good answers, one store for all who fetch; None when no source is switched on."""
    if not (settings.integreat_url or settings.hsds_urls or settings.course_search_url):
        return None
    from actions.directory.sources.store import LastKnownGood

    return LastKnownGood(settings.store)


def build_sources(
    settings: SourceSettings, gazetteer: Gazetteer, clock: Callable[[], datetime], store: LastKnownGood | None
) -> list[Source]:
    """The sources that have an address; none of them is asked yet."""
    if store is None:
        return []
    # Only who uses sources pays for their libraries.
    from actions.directory.sources.course_search import CourseSearchSource
    from actions.directory.sources.hsds import HsdsSource
    from actions.directory.sources.http import Fetcher
    from actions.directory.sources.integreat import IntegreatSource

    def utc() -> datetime:
        return clock().astimezone(timezone.utc)

    def fetcher(name: str, base: str, headers: dict[str, str] | None = None) -> Fetcher:
        return Fetcher(name, base, store, headers=headers, clock=utc)

    found: list[Source] = []
    if settings.integreat_url:
        found.append(IntegreatSource(fetcher("integreat", settings.integreat_url), gazetteer, clock))
    found.extend(HsdsSource(fetcher(f"hsds {url}", url), gazetteer, clock) for url in settings.hsds_urls)
    if settings.course_search_url:
        headers = {"X-API-Key": settings.course_search_key} if settings.course_search_key else {}
        base = settings.course_search_url
        found.append(CourseSearchSource(fetcher("course_search", base, headers), gazetteer, clock))
    return found


def build_handbook(
    settings: SourceSettings,
    gazetteer: Gazetteer,
    clock: Callable[[], datetime],
    store: LastKnownGood | None,
    built: Sequence[Source],
) -> Handbook | None:
    """Pages and events of the regions, when the CMS that has them is among the sources built."""
    if not settings.integreat_url or store is None:
        return None
    from actions.directory.sources.handbook import Handbook
    from actions.directory.sources.http import Fetcher
    from actions.directory.sources.integreat import IntegreatSource
    from actions.directory.sources.integreat_pages import LARGEST_BYTES, READ_SECONDS, IntegreatPages

    fetcher = Fetcher(
        "integreat pages",
        settings.integreat_url,
        store,
        largest=LARGEST_BYTES,
        read_seconds=READ_SECONDS,
        clock=lambda: clock().astimezone(timezone.utc),
    )
    calendar = next(source for source in built if isinstance(source, IntegreatSource))
    return Handbook(IntegreatPages(fetcher, gazetteer, clock), calendar)
