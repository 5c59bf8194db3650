"""Faults of what is around: the wire, directories of others, Telegram, the machine, and those who are not people."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tools.chaos import unwelcome
from tools.growth.figures import free_mb

if TYPE_CHECKING:
    from tools.chaos.making import Scene

SHARE = (0.2, 0.8)
MOST_MB = 512.0
_BUSY = "while True: pass"
_LARGE = "import sys, time; held = b'x' * (int(sys.argv[1]) << 20); time.sleep(600)"


async def wire(scene: Scene) -> str:
    """The mode behind the hyphen, with a share of what passes."""
    line, mode = scene.layout.wire, scene.name.partition("-")[2]
    line.share, before = scene.dice.uniform(*SHARE), line.done[mode]
    line.mode = mode
    try:
        await scene.rest()
    finally:
        line.mode = ""
    return f"{line.done[mode] - before} times" if mode != "silent" else ""


async def upstream(scene: Scene) -> str:
    """Both directories fail."""
    told = scene.layout.upstreams.begin(scene.name, scene.dice)
    try:
        await scene.rest()
    finally:
        scene.layout.upstreams.end()
    return told


async def telegram(scene: Scene) -> str:
    """A share of the calls goes wrong."""
    api, mode = scene.layout.telegram, scene.name.partition("-")[2]
    before, api.share = api.troubles[mode], scene.dice.uniform(*SHARE)
    api.mode = mode
    try:
        await scene.rest()
    finally:
        api.mode = ""
    return f"{api.troubles[mode] - before} times"


async def twice(scene: Scene) -> str:
    """Updates come more than once."""
    scene.layout.telegram.twice = True
    try:
        await scene.rest()
    finally:
        scene.layout.telegram.twice = False
    return ""


async def disorder(scene: Scene) -> str:
    """Updates come in another order."""
    scene.layout.telegram.disorder = True
    try:
        await scene.rest()
    finally:
        scene.layout.telegram.disorder = False
    return ""


async def busy_cpu(scene: Scene) -> str:
    """A process that takes one core."""
    await _beside(scene, "-c", _BUSY)
    return ""


async def little_memory(scene: Scene) -> str:
    """A process that takes memory."""
    size = round(min(MOST_MB, free_mb() / 4))
    await _beside(scene, "-c", _LARGE, str(size))
    return f"{size} MB"


async def _beside(scene: Scene, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", *arguments)
    try:
        await scene.rest()
    finally:
        process.kill()
        await process.wait()


async def slow_loris(scene: Scene) -> str:
    """Requests that arrive one byte a second."""
    return await unwelcome.slow_loris(scene.layout.direct, scene.seconds)


async def connections(scene: Scene) -> str:
    """Connections that say nothing."""
    return await unwelcome.connections(scene.layout.direct, scene.seconds)


async def messages(scene: Scene) -> str:
    """Far more messages than a conversation may send."""
    return await unwelcome.messages(scene.layout.direct, scene.seconds, scene.refused)


async def bodies(scene: Scene) -> str:
    """Bodies of megabytes."""
    return await unwelcome.bodies(scene.layout.direct, scene.seconds, scene.refused)


MAKERS: dict[str, Callable[[Scene], Awaitable[str]]] = {
    **dict.fromkeys(("wire-lose", "wire-cut", "wire-early", "wire-delay", "wire-silent"), wire),
    **dict.fromkeys(
        (
            *("upstream-slow", "upstream-errors", "upstream-garbage", "upstream-endless", "upstream-lies"),
            "upstream-away",
        ),
        upstream,
    ),
    **dict.fromkeys(("telegram-429", "telegram-5xx", "telegram-slow", "telegram-lost"), telegram),
    "telegram-twice": twice,
    "telegram-disorder": disorder,
    "busy-cpu": busy_cpu,
    "little-memory": little_memory,
    "slow-loris": slow_loris,
    "connections": connections,
    "messages": messages,
    "bodies": bodies,
}
