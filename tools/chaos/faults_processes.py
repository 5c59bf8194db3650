"""Faults of our own processes: killed, frozen, restarted, with a wrong clock, without files, with another model."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.models import parts_of, repacked
from tools.chaos.keeper import Kept, children, send
from tools.chaos.layouts import MODEL, Several

if TYPE_CHECKING:
    from tools.chaos.making import Scene

DAYS = (-400, -2, 2, 400)
FILES = 3
AFTER_START = (0.5, 6.0)
OTHER = "other.tar.gz"


def libfaketime() -> Path | None:
    """Debian's library that makes a process see another time, None when it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


async def kill(scene: Scene) -> str:
    """kill -9."""
    kept = scene.dice.choice(scene.layout.serving)
    scene.fault.deaths += kept.kill()
    await scene.rest()
    await scene.back(kept)
    return kept.name


async def kill_twice(scene: Scene) -> str:
    """kill -9, and again while it starts."""
    kept = scene.dice.choice(scene.layout.serving)
    scene.fault.deaths += kept.kill()
    starts = kept.starts
    while kept.starts == starts and not scene.stopped():
        await asyncio.sleep(0.1)
    await scene.rest(scene.dice.uniform(*AFTER_START))
    scene.fault.deaths += kept.kill()
    await scene.back(kept)
    return kept.name


async def freeze(scene: Scene) -> str:
    """It stands still, then goes on as if nothing had been."""
    return await _freeze(scene, scene.dice.choice(scene.layout.serving))


async def restart(scene: Scene) -> str:
    """One after the other, as for a new release."""
    codes = []
    for kept in scene.layout.serving:
        codes.append(await kept.end())
        kept.again()
        await scene.back(kept)
    if any(code not in (0, None) for code in codes):
        scene.ledger.violate("ended in order", None, f"exit status after SIGTERM: {codes}")
    return f"exit {codes}"


async def clock(scene: Scene) -> str:
    """The wall clock is days off; its steady one is right, as on a machine."""
    library, days = libfaketime(), scene.dice.choice(DAYS)
    kept = scene.dice.choice(scene.layout.serving)
    off = {"LD_PRELOAD": str(library), "FAKETIME": f"{days:+d}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    await _restarted_with(kept, scene, off | {"DONT_FAKE_MONOTONIC": "1"})
    await scene.rest()
    await _restarted_with(kept, scene, {})
    return f"{kept.name}, {days:+d} days"


async def few_files(scene: Scene) -> str:
    """Hardly any file or connection more may be opened."""
    kept = scene.dice.choice(scene.layout.serving)
    back = kept.few_files(FILES)
    try:
        await scene.rest()
    finally:
        back()
    await scene.back(kept)
    return kept.name


async def kill_actions(scene: Scene) -> str:
    """kill -9 of the action server."""
    kept = scene.layout.others[0]
    kept.kill()
    await scene.rest()
    await scene.back(kept)
    return kept.name


async def freeze_actions(scene: Scene) -> str:
    """The action server stands still."""
    return await _freeze(scene, scene.layout.others[0])


async def kill_nginx(scene: Scene) -> str:
    """A worker of nginx is killed; nginx starts another one."""
    return await _to_worker(scene, (signal.SIGKILL,))


async def freeze_nginx(scene: Scene) -> str:
    """A worker of nginx stands still; the others go on."""
    return await _to_worker(scene, (signal.SIGSTOP, signal.SIGCONT))


async def model_new(scene: Scene) -> str:
    """Another model, of the same content, is taken over; then the first one again."""
    other = scene.layout.model.with_name(OTHER)
    if not other.exists():
        await asyncio.to_thread(lambda: repacked(parts_of(MODEL), other, lambda name, raw: raw))
    await asyncio.to_thread(_put, other, scene.layout.model)
    await scene.rest()
    await asyncio.to_thread(_put, MODEL, scene.layout.model)
    return "and the first one again"


async def model_broken(scene: Scene) -> str:
    """Half of a model: refused by those who serve, and nobody can start meanwhile."""
    part = scene.layout.model.with_name("broken")
    size = MODEL.stat().st_size
    with MODEL.open("rb") as file:
        part.write_bytes(file.read(scene.dice.randrange(1, size)))
    os.replace(part, scene.layout.model)
    try:
        await scene.rest()
    finally:
        await asyncio.to_thread(_put, MODEL, scene.layout.model)
    return "and the first one again"


def _put(source: Path, target: Path) -> None:
    """As a delivery does: whole, at once."""
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)


async def _freeze(scene: Scene, kept: Kept) -> str:
    pid = kept.pid
    send(pid, signal.SIGSTOP)
    try:
        await scene.rest()
    finally:
        send(pid, signal.SIGCONT)
    await scene.back(kept)
    return kept.name


async def _restarted_with(kept: Kept, scene: Scene, environment: dict[str, str]) -> None:
    await kept.end()
    kept.changed(**environment)
    kept.again()
    await scene.back(kept)


async def _to_worker(scene: Scene, numbers: tuple[signal.Signals, ...]) -> str:
    assert isinstance(scene.layout, Several)
    workers = children(scene.layout.others[-1].pid)
    if not workers:
        return "no worker"
    pid = scene.dice.choice(sorted(workers))
    send(pid, numbers[0])
    try:
        await scene.rest()
    finally:
        if len(numbers) > 1:
            send(pid, numbers[1])
    return f"one of {len(workers)}"


MAKERS: dict[str, Callable[[Scene], Awaitable[str]]] = {
    "kill": kill,
    "kill-twice": kill_twice,
    "freeze": freeze,
    "restart": restart,
    "clock": clock,
    "few-files": few_files,
    "kill-actions": kill_actions,
    "freeze-actions": freeze_actions,
    "kill-nginx": kill_nginx,
    "freeze-nginx": freeze_nginx,
    "model-new": model_new,
    "model-broken": model_broken,
}
