"""`wegweiser forget`: retention by hand."""

from __future__ import annotations

import sqlite3

from bot.settings import Settings


def main(settings: Settings, everything: bool) -> int:
    """Delete conversations past their retention, or all; prints how many."""
    import time

    path = settings.data_dir / "conversations.sqlite"
    if not path.exists():
        print("0 conversations deleted")
        return 0
    limit = time.time() + 1 if everything else time.time() - settings.retention_hours * 3600
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        count = connection.execute("DELETE FROM conversations WHERE updated < ?", (limit,)).rowcount
    connection.execute("VACUUM")
    connection.close()
    print(f"{count} conversations deleted")
    return 0
