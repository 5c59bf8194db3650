"""What is told to operators, connected to the parts that know it: turns, messages, sources, queues, readiness."""

from __future__ import annotations

import logging
import platform
import shutil
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.operations import metrics
from bot.operations.endpoint import Endpoint
from bot.operations.lag import Lag
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from actions.resources import Resources
    from bot.memory.counters import Counted

logger = logging.getLogger(__name__)
# Outcomes of bot/memory/turns.py as they are told: an emergency must not be found by what is missing from the others.
_OUTCOMES = {
    "answered": "answered",
    "crisis": "answered",
    "asked_back": "asked_back",
    "not_understood": "not_understood",
}
_ON_TOPIC = frozenset({"answered", "asked_back"})


def listen(settings: Settings, refresh: Callable[[], None]) -> Endpoint | None:
    """The endpoint that settings ask for, None for none; LaunchError when it cannot be."""
    from bot.launcher import LaunchError

    if not settings.metrics:
        return None
    show()
    try:
        return Endpoint(settings.metrics, refresh)
    except OSError as exc:
        raise LaunchError(
            f"WEGWEISER_METRICS: {settings.metrics} cannot be listened on ({exc.strerror}): choose another host or port"
        ) from exc


@cache
def show() -> None:
    """Fill the closed lists from our own files, let every series begin at 0, and add what the process needs."""
    from prometheus_client import GCCollector, ProcessCollector, disable_created_metrics

    from bot.languages import languages

    disable_created_metrics()  # the time at which a series began would tell when its first event was
    metrics.LANGUAGE.allow(code for code, language in languages().items() if language.trained)
    metrics.AREA.allow(areas().values())
    for labelled in metrics.LABELLED:
        labelled.show()
    ProcessCollector(registry=metrics.REGISTRY)
    GCCollector(registry=metrics.REGISTRY)
    metrics.BUILD_INFO.labels(_version("wegweiser"), platform.python_version(), _version("rasa")).set(1)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def areas() -> dict[str, str]:
    """Topic to its area: an area is a file of articles."""
    from actions.knowledge.loader import read_rows

    files = sorted((ROOT / "data" / "articles").glob("*.yml"))
    return {row["topic"]: file.stem for file in files for row in read_rows(file, "articles")}


def turn_counted(counted: Counted) -> None:
    """Count a turn once it was answered; nothing of the campaign "test", which says nothing about people."""
    from bot.memory.counters import TEST

    if counted.campaign == TEST:
        return
    metrics.OUTCOMES.labels(_OUTCOMES.get(counted.outcome, "conversation")).inc()
    area = areas().get(counted.topic, "") if counted.outcome in _ON_TOPIC else ""
    metrics.count_subject(counted.language, area, counted.outcome == "crisis")


def watched(answer: Callable[[Any], Any], urgent: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Rasa's `handle_message`, counted and timed; `urgent` says of a message that failed whether it was an emergency."""

    async def handle_message(message: Any) -> Any:
        channel = str(message.input_channel or "")
        metrics.MESSAGES.labels(channel, kind_of(message)).inc()
        metrics.LAST_MESSAGE_TIMESTAMP.labels(channel).set(int(time.time()))
        metrics.UNDER_WAY.inc()
        began = time.perf_counter()
        try:
            return await answer(message)
        except Exception:
            metrics.OUTCOMES.labels("failed").inc()
            if urgent(message):
                metrics.CRISIS_FAILED.inc()
            raise
        finally:
            metrics.UNDER_WAY.dec()
            metrics.ANSWER_SECONDS.labels(channel).observe(time.perf_counter() - began)

    handle_message.watched = answer  # type: ignore[attr-defined]  # so that nobody counts twice
    return handle_message


def kind_of(message: Any) -> str:
    """text, button or location."""
    if message.parse_data is None:
        return "text"
    extractors = {entity.get("extractor") for entity in message.parse_data.get("entities") or ()}
    return "location" if "location" in extractors else "button"


def is_urgent(message: Any) -> bool:
    """Whether a message tells of an emergency, by its button or by the phrases in it."""
    from bot.wiring import URGENT, urgent

    if message.parse_data is not None:
        return (message.parse_data.get("intent") or {}).get("name") in URGENT
    try:
        return urgent(str(message.text or ""))
    except Exception as exc:  # it has failed already, and is counted as that
        logger.error("a message that failed could not be looked at: %s", exc.__class__.__name__)
        return False


def watch(app: Any, settings: Settings, agent: Any, channels: Iterable[Any]) -> None:
    """Have a server that is about to run count and tell; nothing is opened before it runs."""
    agent.handle_message = watched(getattr(agent.handle_message, "watched", agent.handle_message), is_urgent)
    lag = Lag()
    telegram = next((channel for channel in channels if hasattr(channel, "inbox")), None)
    resources = getattr(agent, "resources", None)

    def refresh() -> None:
        metrics.LOOP_LAG_SECONDS.set(lag.worst())
        metrics.TELEGRAM_WAITING.set(telegram.inbox.waiting if telegram is not None else 0)
        tell_queue(agent)
        tell_sources(resources)
        tell_disk(settings.data_dir)
        tell_model(agent, settings.model)
        tell_readiness(app)

    _serve(app, settings, lag, refresh)


def watch_actions(app: Any, settings: Settings, resources: Resources) -> None:
    """The same for a server of actions: its sources, its event loop and the process."""
    lag = Lag()

    def refresh() -> None:
        metrics.LOOP_LAG_SECONDS.set(lag.worst())
        tell_sources(resources)
        tell_disk(settings.data_dir)

    _serve(app, settings, lag, refresh)


def _serve(app: Any, settings: Settings, lag: Lag, refresh: Callable[[], None]) -> None:
    if not settings.metrics:
        return

    @app.signal("http.lifecycle.response")
    async def count(response: Any, **_: Any) -> None:
        metrics.HTTP.labels(f"{response.status // 100}xx").inc()

    app.add_task(lag.run())
    app.register_listener(partial(_open, settings, refresh), "before_server_start")
    app.register_listener(_close, "after_server_stop")


async def _open(settings: Settings, refresh: Callable[[], None], app: Any, _: Any) -> None:
    app.ctx.metrics = listen(settings, refresh)


async def _close(app: Any, _: Any) -> None:
    if app.ctx.metrics is not None:
        app.ctx.metrics.close()


def tell_queue(agent: Any) -> None:
    """How many messages are in line, over all channels."""
    line = getattr(agent, "shedding", None)
    if line is not None:
        metrics.WAITING.set(line.waiting)


def tell_sources(resources: Any) -> None:
    """How the sources are, by their kind and, of several feeds, their number: never by their address."""
    if resources is None or resources.sources is None:
        return
    upstreams = [*resources.sources.sources, getattr(resources.handbook, "_pages", None)]
    feeds = 0
    for upstream in upstreams:
        health = getattr(upstream, "health", None)
        if health is None:
            continue
        name = getattr(upstream, "name", "integreat_pages")
        if name.startswith("hsds"):
            feeds += 1
            name = f"hsds_{feeds}"
        metrics.SOURCE.allow([name])
        if health.up is not None:
            metrics.UPSTREAM_UP.labels(name).set(int(health.up))
        if health.newest is not None:
            metrics.UPSTREAM_AGE_SECONDS.labels(name).set(max(0.0, time.time() - health.newest.timestamp()))


def tell_disk(folder: Path) -> None:
    """Room where the data lie."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return
    metrics.DATA_FREE_BYTES.set(usage.free)
    metrics.DATA_SIZE_BYTES.set(usage.total)


def tell_model(agent: Any, model: Path) -> None:
    """Which model answers, and whether another one that lies there is refused."""
    takeover = getattr(agent, "takeover", None)
    if takeover is None:
        return
    metrics.MODEL_INFO.clear()
    metrics.MODEL_INFO.labels(takeover.loaded[:12]).set(1)
    metrics.MODEL_REFUSED.set(int(bool(takeover.refused)))
    try:
        metrics.MODEL_TIMESTAMP.set(int(model.stat().st_mtime))
    except OSError:
        return


def tell_readiness(app: Any) -> None:
    """What the last check of readiness found."""
    readiness = getattr(app.ctx, "readiness", None)
    if readiness is None:
        return
    for name, passed in readiness.results().items():
        metrics.CHECK.allow([name])
        metrics.READY.labels(name).set(int(passed))
