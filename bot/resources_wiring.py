"""What actions work with, put together from settings: the same in a process that serves and in an action server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
        resources = Resources.load(DATA, clock or berlin_now, spoken, upstreams(settings), limits)
        resources.drafts = frozenset(code for code in spoken if code not in MASTERS and is_draft(code))
        resources.report = open_corrections(settings, resources.directory).report
    except (ValueError, OSError, KeyError) as exc:
        raise LaunchError(f"data cannot be read: {exc}") from exc
    return resources


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
