"""What actions work with, put together from settings: the same in a process that serves and in an action server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timezone
from typing import TYPE_CHECKING

from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from actions.directory.sources.registry import SourceSettings
    from actions.resources import Resources

DATA = ROOT / "data"


def build_resources(settings: Settings, clock: Callable[[], datetime] | None = None) -> Resources:
    """Knowledge, directory, sources and the queue of corrections; LaunchError names data that cannot be read."""
    from actions.directory.freshness import Limits
    from actions.resources import Resources, berlin_now
    from bot.directory_tools.corrections import open_corrections
    from bot.languages import languages
    from bot.launcher import LaunchError
    from bot.speech.messages import MASTERS, is_draft

    try:
        limits = Limits(settings.old_months, settings.very_old_months)
        spoken = frozenset(code for code, language in languages().items() if language.trained)
        earliest = [datetime.min.replace(tzinfo=timezone.utc)]

        def no_earlier() -> datetime:
            """The time in Saxony, and never one from before the directory was made: what is old must not look new."""
            return max(berlin_now(), earliest[0])

        resources = Resources.load(DATA, clock or no_earlier, spoken, upstreams(settings), limits)
        earliest[0] = not_before(resources)
        if clock is None:
            resources.directory.knows_time = lambda: berlin_now() >= earliest[0]
        resources.drafts = frozenset(code for code in spoken if code not in MASTERS and is_draft(code))
        resources.report = open_corrections(settings, resources.directory).report
    except (ValueError, OSError, KeyError) as exc:
        raise LaunchError(f"data cannot be read: {exc}") from exc
    return resources


def not_before(resources: Resources) -> datetime:
    """A moment that is certainly over: the newest check of an embedded record. A clock that is behind it is wrong."""
    from actions.directory.hours import BERLIN

    return datetime.combine(resources.directory.newest_check(), time.min, BERLIN)


def upstreams(settings: Settings) -> SourceSettings:
    """The sources of services that settings switch on."""
    from actions.directory.sources.registry import SourceSettings

    return SourceSettings(
        store=settings.database_url or settings.data_dir / "sources.sqlite",
        integreat_url=settings.integreat_url,
        hsds_urls=settings.hsds_urls,
        course_search_url=settings.course_search_url,
        course_search_key=settings.course_search_key,
    )
