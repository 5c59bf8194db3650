"""The checks of a server that serves (bot/operations/readiness.py), put together from its parts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import count
from typing import Any

from bot.operations import quarantine
from bot.operations.readiness import AsyncCheck, Check, Readiness
from bot.operations.watchdog import Watchdog
from bot.settings import Settings

TOPIC, PLACE = "german_course", "leipzig"
SWEEP_SECONDS = 3600.0
# How long a sign of a Redis that takes writes stays in it.
SIGN_SECONDS = 60


def watch_readiness(app: Any, settings: Settings, agent: Any, channels: Iterable[Any]) -> None:
    """Have a server check itself while it runs, answer /ready, and tell systemd."""
    if getattr(agent, "resources", None) is None:
        return
    app.ctx.readiness = readiness = build_readiness(settings, agent, channels)
    watchdog = Watchdog(readiness.loop_alive)
    app.add_task(readiness.run())
    app.add_task(_sweep_quarantine(settings))

    async def started(_: Any, __: Any) -> None:
        watchdog.start()

    async def stopping(_: Any, __: Any) -> None:
        watchdog.stop()

    app.register_listener(started, "after_server_start")
    app.register_listener(stopping, "before_server_stop")


def build_readiness(settings: Settings, agent: Any, channels: Iterable[Any]) -> Readiness:
    """The checks of this process; each names the part it is about."""
    numbers = count()

    async def parse() -> bool:
        # Another number each time: what was read before is remembered, and would prove nothing.
        parsed = await agent.parse_message(f"Deutschkurs Leipzig {next(numbers) % 1000}")
        return bool((parsed.get("intent") or {}).get("name"))

    return Readiness(
        loaded=agent.is_ready,
        parse=parse,
        answer=lambda: can_answer(agent),
        folder=settings.data_dir,
        others=_others(agent, list(channels)),
    )


def can_answer(agent: Any) -> bool:
    """Whether facts and words make an answer with a card; no store is touched, and nobody upstream is asked."""
    from actions.directory.query import Query
    from actions.turn import card_facts

    resources = agent.resources
    now = resources.clock()
    article = resources.knowledge.article(TOPIC)
    query = Query(topic=TOPIC, place=resources.gazetteer.get(PLACE), language="de", limit=1)
    found = resources.directory.search(query, now)
    if article is None or not found:
        return False
    facts = {"cards": [card_facts(found[0], resources)], "speak": "de", "now": now.isoformat()}
    reply = agent.nlg.speak({**facts, "blocks": [{"statements": [article.title], "bullets": False}]})
    return bool(reply.text and reply.cards)


def _others(agent: Any, channels: list[Any]) -> dict[str, Check | AsyncCheck]:
    """Stores, Telegram and the model's file, as far as there are any."""
    checks: dict[str, Check | AsyncCheck] = {}
    shared = getattr(agent, "shared", None)
    if shared is not None:

        async def redis() -> bool:
            await shared.run(lambda client: client.set(shared.key("readiness"), b"1", ex=SIGN_SECONDS))
            return True

        checks["store_redis"] = redis
    relay = getattr(agent, "relay", None)
    stores = {
        "conversations": getattr(agent, "conversations", None),
        "counters": getattr(agent, "counters", None),
        "review": getattr(agent, "review", None),
        "sources": agent.resources.answers,
        "handover": getattr(relay, "desk", None),
        "callbacks": getattr(relay, "callbacks", None),
    }
    for name, store in stores.items():
        if hasattr(store, "writable"):
            checks[f"store_{name}"] = store.writable
    telegram = next((channel for channel in channels if channel.name() == "telegram"), None)
    if telegram is not None:

        async def journal() -> bool:  # in the event loop, where the journal is used
            return telegram.journal is None or telegram.journal.writable()

        async def connected() -> bool:
            return bool(telegram.connected)

        checks["store_telegram"], checks["telegram_connected"] = journal, connected
    takeover = getattr(agent, "takeover", None)
    if takeover is not None:
        checks["model_current"] = lambda: not takeover.refused
    return checks


async def _sweep_quarantine(settings: Settings) -> None:
    """What lies aside may hold what people asked: it stays no longer than a conversation would."""
    while True:
        await asyncio.to_thread(quarantine.sweep, settings.data_dir, settings.retention_hours * 3600.0)
        await asyncio.sleep(SWEEP_SECONDS)
