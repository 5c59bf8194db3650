"""`wegweiser forget`: retention by hand."""

from __future__ import annotations

import math
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from bot.memory.database import missing_file
from bot.memory.review_store import ReviewError, Store, limits, review_url
from bot.operations import quarantine
from bot.settings import Settings


def main(settings: Settings, everything: bool, elsewhere: Callable[[bool], int] | None = None) -> int:
    """Delete conversations past their retention, or all, with what was kept to learn from them; prints how many.

    `elsewhere` deletes those that are not in a file, and returns how many; a ConnectionError is told. 1 when a
    database cannot be reached: then what it holds is still there.
    """
    faults: list[str] = []
    count = 0
    try:
        count = _in_file(settings, everything)
    except sqlite3.Error as exc:
        faults.append(f"conversations cannot be deleted ({exc}): a damaged file is put aside at the next start")
    # What was put aside as damaged cannot be searched: it goes as a whole.
    aside = settings.data_dir
    quarantine.clear(aside) if everything else quarantine.sweep(aside, settings.retention_hours * 3600.0)
    if elsewhere is not None:
        try:
            count += elsewhere(everything)
        except ConnectionError as exc:
            faults.append(f"conversations cannot be reached: {exc}")
    print(f"{count} conversations deleted")
    try:
        messages = _to_learn_from(settings, everything)
        if messages:
            print(f"{messages} messages to learn from deleted")
    except ReviewError as exc:
        faults.append(str(exc))
    for fault in faults:
        print(f"wegweiser forget: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _in_file(settings: Settings, everything: bool) -> int:
    import time

    path = Path(settings.data_dir / "conversations.sqlite")
    if not path.exists():
        return 0
    limit = math.inf if everything else time.time() - settings.retention_hours * 3600
    with closing(sqlite3.connect(path)) as connection:
        with connection:
            connection.execute("PRAGMA secure_delete=ON")
            count = connection.execute("DELETE FROM conversations WHERE updated < ?", (limit,)).rowcount
        connection.execute("VACUUM")
        # A server that runs keeps the log beside the file, which holds what was deleted.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return int(count)


def _to_learn_from(settings: Settings, everything: bool) -> int:
    """Messages past their 30 days, or all that still belong to a conversation. Tags past the retention go in any case."""
    url = review_url(settings)
    if missing_file(url) is not None:
        return 0
    store = Store(url)
    try:
        count = store.forget_conversations() if everything else 0
        return count + store.sweep(*limits(date.today(), settings.retention_hours))
    finally:
        store.close()
