"""Every store that keeps an SQLite file, opened, filled and read in the same way."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

SECRET = b"a secret of at least thirty-two bytes"
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Kind:
    """`put(store, n)` keeps thing n and `has(store, n)` says whether it is there; `file` is its name in the folder."""

    name: str
    file: str
    open: Callable[[Path], Any]
    put: Callable[[Any, int], None]
    has: Callable[[Any, int], bool]


def _conversations(path: Path) -> Any:
    from rasa.shared.core.domain import Domain

    from bot.memory.tracker_store import SqliteTrackerStore

    return SqliteTrackerStore(Domain.empty(), path)


def _journal(path: Path) -> Any:
    from bot.channels.telegram.journal import Journal

    return Journal(path, SECRET)


def _desk(path: Path) -> Any:
    from bot.handover.desk import Desk

    return Desk(path, SECRET)


def _put_talk(desk: Any, n: int) -> None:
    desk.begin(f"web-{n}", f"ticket-{n}", "de")
    assert desk.put(f"web-{n}", "x" * 400)


def _callbacks(path: Path) -> Any:
    from bot.handover.callbacks import Callbacks

    return Callbacks(path, SECRET)


def _counters(path: Path) -> Any:
    from bot.memory.counters import Counters
    from bot.memory.database import file_url

    return Counters(file_url(path))


def _count(counters: Any, n: int) -> None:
    from bot.memory.counters import Counted

    counters.count(Counted(NOON, "web", "de", "answered", services=((f"service-{n}", False),)))
    assert counters.flush()


def _counted(counters: Any, n: int) -> bool:
    return (f"service-{n}", "fresh") in counters.month("2026-11")["services_shown"]


def _review(path: Path) -> Any:
    from bot.memory.review_store import Store

    return Store(path)


def _put_message(store: Any, n: int) -> None:
    content = ("de", f"message {n} " + "x" * 300, "rated_bad", "[]", "", "2999-01-01")
    store.add(content, n.to_bytes(16, "big"), b"t" * 16)


def _sources(path: Path) -> Any:
    from actions.directory.sources.store import LastKnownGood

    return LastKnownGood(path)


def _put_answer(store: Any, n: int) -> None:
    body = b"".join(f"{i * 7919 + n} ".encode() for i in range(200))
    store.put("up", f"/{n}", body, "", datetime.now(timezone.utc))


KINDS = (
    Kind(
        "conversations",
        "conversations.sqlite",
        _conversations,
        lambda store, n: store._replace(f"web-{n}", time.time(), b"turns " * 200),
        lambda store, n: store._select(f"web-{n}") is not None,
    ),
    Kind(
        "telegram",
        "telegram.sqlite",
        _journal,
        lambda store, n: store.take({"update_id": n + 1, "message": {"text": "x" * 300}}),
        lambda store, n: n + 1 in {row["update_id"] for row in store.pending()},
    ),
    Kind(
        "handover", "handover.sqlite", _desk, _put_talk, lambda store, n: store.get(f"web-{n}") is not None
    ),
    Kind(
        "callbacks",
        "callbacks.sqlite",
        _callbacks,
        lambda store, n: store.add(f"web-{n}", f"+49341{n:06}", "de", "leipzig", "housing"),
        lambda store, n: f"+49341{n:06}" in {row.number for row in store.list()},
    ),
    Kind("counters", "counters.sqlite", _counters, _count, _counted),
    Kind(
        "review",
        "review.sqlite",
        _review,
        _put_message,
        lambda store, n: any(row.text.startswith(f"message {n} ") for row in store.waiting()),
    ),
    Kind(
        "sources",
        "sources.sqlite",
        _sources,
        _put_answer,
        lambda store, n: store.get("up", f"/{n}", datetime.now(timezone.utc)) is not None,
    ),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong in a file."""
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        connection.close()
