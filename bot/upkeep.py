"""What a server does besides answering: it begins and ends what runs beside it, forgets on time, writes its numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.keys import Keys
    from bot.memory.conversations import Conversations
    from bot.memory.counters import Counters
    from bot.memory.review_queue import ReviewQueue

FLUSH_SECONDS = 5.0


def attach(app: Any, agent: Any) -> None:
    """Have a Sanic app do it for an agent; what the agent has not got is left out."""
    resources: Any = getattr(agent, "resources", None)
    reading: Any = getattr(agent, "reading", None)
    takeover: Any = getattr(agent, "takeover", None)
    counters: Any = getattr(agent, "counters", None)

    async def close_sources(_: Any, __: Any) -> None:
        for upstream in (resources.handbook, resources.sources):
            if upstream is not None:
                await upstream.close()

    async def let_go(_: Any, __: Any) -> None:
        """Nobody is answered any more: the action servers and Redis are let go."""
        from bot.wiring import disconnect

        await disconnect(agent)

    async def watch_reading(_: Any, __: Any) -> None:
        """The process that reads is kept going."""
        await reading.watch()

    async def leave_reading(_: Any, __: Any) -> None:
        await reading.close()

    async def watch_model(_: Any, __: Any) -> None:
        """A new model is taken over while people are answered."""
        takeover.start()

    async def leave_model(_: Any, __: Any) -> None:
        await takeover.stop()

    async def close_counters(_: Any, __: Any) -> None:
        """The last numbers are written once nobody is answered any more."""
        await asyncio.to_thread(counters.close)

    if resources is not None:
        app.register_listener(close_sources, "before_server_stop")
    app.register_listener(let_go, "after_server_stop")
    if reading is not None:
        app.register_listener(watch_reading, "before_server_start")
        app.register_listener(leave_reading, "after_server_stop")
    if takeover is not None:
        app.register_listener(watch_model, "after_server_start")
        app.register_listener(leave_model, "before_server_stop")
    if counters is not None:
        app.add_task(write_numbers(counters))
        app.register_listener(close_counters, "after_server_stop")
    for store in (agent.conversations, *(getattr(agent, name, None) for name in ("keys", "review", "counters"))):
        if store is not None:
            app.add_task(forget_on_time(store))
    app.add_task(trim_on_time(agent))


async def write_numbers(counters: Counters) -> None:
    """Write what was counted every few seconds; a database that is slow or away delays nobody's answer."""
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await asyncio.to_thread(counters.flush)


async def forget_on_time(store: Conversations | ReviewQueue | Counters | Keys) -> None:
    """Delete what is past its time every hour, however quiet the server is."""
    while True:
        await asyncio.sleep(3600)
        await asyncio.to_thread(store.sweep)


async def trim_on_time(agent: Any) -> None:
    """Every minute, drop words and numbers in memory that are over, however quiet the server is."""
    while True:
        await asyncio.sleep(60)
        pieces = getattr(getattr(agent, "processor", None), "fragments", None)
        for part in (pieces, getattr(agent, "review", None), getattr(agent, "relay", None)):
            if part is not None:
                part.trim()
