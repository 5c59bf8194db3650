"""What must hold once the faults are over: health, whole stores, memory and files as before, nobody's words in a log."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from tools.chaos.keeper import Kept
from tools.chaos.layouts import Layout, Several, Single
from tools.chaos.ledger import Ledger
from tools.growth.figures import open_files, rss_mb

# A process may hold so much more than before the faults: a takeover, caches, pages that the allocator keeps.
MEMORY_FACTOR, MEMORY_MORE_MB = 1.4, 80.0
FILES_MORE = 32
# Of a text that must not be in a log; shorter ones could be there by chance.
CANARY = 24


def footprint(layout: Layout) -> dict[str, tuple[float, int]]:
    """Megabytes and open files of every process that runs."""
    found = {}
    for kept in layout.kept:
        with contextlib.suppress(OSError, KeyError):
            if kept.pid:
                found[kept.name] = (rss_mb(kept.pid), open_files(kept.pid))
    return found


def too_much(before: dict[str, tuple[float, int]], now: dict[str, tuple[float, int]]) -> list[str]:
    """Which processes hold more than they may."""
    told = []
    for name, (memory, files) in before.items():
        if name not in now:
            told.append(f"{name} does not run")
            continue
        if now[name][0] > MEMORY_FACTOR * memory + MEMORY_MORE_MB:
            told.append(f"{name} holds {now[name][0]:.0f} MB, before the faults {memory:.0f} MB")
        if now[name][1] > files + FILES_MORE:
            told.append(f"{name} has {now[name][1]} files open, before the faults {files}")
    return told


def zombies(pids: Iterable[int]) -> list[int]:
    """Processes below these that have ended and that nobody has waited for."""
    above = set(pids)
    found, parents = [], {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(stat.parent.name)] = (int(fields[1]), fields[0])
    for pid, (parent, state) in parents.items():
        while parent not in above and parent in parents:
            parent = parents[parent][0]
        if state == "Z" and parent in above:
            found.append(pid)
    return sorted(found)


def left_behind(folder: Path) -> list[int]:
    """Processes that still run with something of this folder among their arguments or settings."""
    mark, found = str(folder).encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark in (process / "cmdline").read_bytes() + (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


def check_stores(layout: Layout, ledger: Ledger) -> None:
    """Every store opens and is whole; to be asked while the processes have ended, or before."""
    if isinstance(layout, Single):
        for path in layout.data.files():
            told = integrity(path)
            if told != "ok":
                ledger.violate("a store is broken", None, f"{path.name}: {told}")
    if isinstance(layout, Several):
        try:
            if layout.cluster.redis.ask("PING") != b"+PONG":
                ledger.violate("a store is broken", None, "Redis does not answer")
            engine = sa.create_engine(layout.cluster.database.url)
            with engine.connect() as link:
                tables = sa.inspect(link).get_table_names()
                for table in tables:
                    link.execute(sa.text(f'SELECT count(*) FROM "{table}"'))
            engine.dispose()
        except (sa.exc.SQLAlchemyError, OSError) as exc:
            ledger.violate("a store is broken", None, type(exc).__name__)


def integrity(path: Path) -> str:
    """What SQLite says of a file: "ok", or what is wrong."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as link:
            return str(link.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.Error as exc:
        return type(exc).__name__


def check_logs(layout: Layout, ledger: Ledger, texts: Iterable[str], names: Iterable[str]) -> int:
    """Nothing that a person wrote, and no conversation, chat or token, in any log; how many bytes were searched."""
    wanted = [text[:CANARY] for text in texts if len(text) >= CANARY]
    marks = {*wanted, *(json.dumps(text).strip('"') for text in wanted), *filter(None, names)}
    searched = 0
    for path in layout.logs:
        content = path.read_bytes()
        searched += len(content)
        if any(mark.encode() in content for mark in marks):
            ledger.violate("a text in a log", None, path.name)
    return searched


def last_words(kept: Kept) -> str:
    """The end of a process's log."""
    return kept.member.tail(8)
