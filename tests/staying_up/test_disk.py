"""A disk that is full or takes no writes: people get answers, nothing is broken, and all is written once there is room."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest

from bot.channels.telegram.journal_files import OwnFile
from bot.memory.tracker_store import SCHEMA
from bot.operations import sqlite_file
from bot.operations.quarantine import quarantined
from bot.operations.sqlite_file import SqliteFile
from bot.settings import Settings
from bot.shared_wiring import build_store
from tests.staying_up.disks import fill, read_only, small_disk
from tests.staying_up.stores import BY_NAME, SECRET, Kind, sound

# Stores that wait with what they cannot write, instead of keeping it in memory themselves.
WAITING = ("counters", "review", "sources")
MEMORY = tuple(name for name in BY_NAME if name not in WAITING)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that failed is tried again at once."""
    monkeypatch.setattr(sqlite_file, "RETRY_SECONDS", 0.0)


def put_many(kind: Kind, store: object, start: int, many: int = 60) -> int:
    """How many could be put; a call-back that cannot be kept is refused."""
    return sum(kind.put(store, n) is not False for n in range(start, start + many))


@pytest.mark.parametrize("name", MEMORY)
def test_a_disk_that_fills_up_loses_nothing(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kind = BY_NAME[name]
    with small_disk(tmp_path / "disk", "512k") as disk:
        path = disk / kind.file
        store = kind.open(path)
        kind.put(store, 1)
        filler = fill(disk)
        caplog.clear()
        taken = put_many(kind, store, 100)
        assert kind.has(store, 1), "what was there before can still be read"
        if name == "callbacks":
            # Some fit into the log that is there already; nobody is promised more than is kept.
            assert taken < 60 and store.list() and len(store.list()) == taken + 1
        else:
            assert taken == 60 and kind.has(store, 100) and kind.has(store, 159)
        assert not store.writable()
        warned = [
            row for row in caplog.records if row.levelno == logging.WARNING and "cannot be written" in row.message
        ]
        assert len(warned) == 1, "one clear warning"
        filler.unlink()
        assert store.writable()
        kind.put(store, 500)
        store.close()
        assert sound(path) and quarantined(disk) == []
        again = kind.open(path)
        assert kind.has(again, 1) and kind.has(again, 500)
        assert name == "callbacks" or (kind.has(again, 100) and kind.has(again, 159))
        again.close()


@pytest.mark.parametrize("name", WAITING)
def test_what_can_wait_waits_for_room(name: str, tmp_path: Path) -> None:
    kind = BY_NAME[name]
    with small_disk(tmp_path / "disk", "512k") as disk:
        path = disk / kind.file
        store = kind.open(path)
        kind.put(store, 1)
        filler = fill(disk)
        failed = 0
        for n in range(100, 400):
            try:
                kind.put(store, n)
            except Exception:  # what the queue does about it: bot/memory/backlog.py
                failed += 1
        assert name != "sources" or kind.has(store, 1)
        assert not store.writable()
        filler.unlink()
        assert store.writable()
        kind.put(store, 900)
        assert kind.has(store, 1) and kind.has(store, 900)
        if name == "counters":
            assert failed and kind.has(store, 399), "numbers wait in memory"
        store.close()
        assert sound(path) and quarantined(disk) == []


@pytest.mark.parametrize("name", MEMORY)
def test_a_disk_that_takes_no_writes_at_the_start(name: str, tmp_path: Path) -> None:
    kind = BY_NAME[name]
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / kind.file
        store = kind.open(path)
        kind.put(store, 1)
        store.close()
        read_only(disk, True)
        store = kind.open(path)
        assert kind.has(store, 1), "what is on the disk can be read"
        put_many(kind, store, 100)
        assert name == "callbacks" or kind.has(store, 100)
        assert not store.writable()
        read_only(disk, False)
        assert store.writable()
        store.close()
        again = kind.open(path)
        assert kind.has(again, 1) and (name == "callbacks" or kind.has(again, 100))
        again.close()


def test_what_was_deleted_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    """Also when the file could not be read while it could not be written."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / "conversations.sqlite"
        file = SqliteFile(path, SCHEMA)
        for n in range(3):
            file.execute("INSERT INTO conversations VALUES (?, 1, ?)", (f"web-{n}", b"x"))
        # A crash leaves the log: then a disk that takes no writes cannot be read safely.
        for end in ("", "-wal"):
            (tmp_path / f"copy{end}").write_bytes(Path(f"{path}{end}").read_bytes())
        file.close()
        for end in ("", "-wal"):
            Path(f"{path}{end}").write_bytes((tmp_path / f"copy{end}").read_bytes())
        read_only(disk, True)
        file = SqliteFile(path, SCHEMA)
        assert not file.kept and file.execute("SELECT * FROM conversations").fetchall() == []
        file.execute("DELETE FROM conversations WHERE sender = ?", ("web-1",))
        file.execute("INSERT INTO conversations VALUES (?, 2, ?)", ("web-9", b"y"))
        read_only(disk, False)
        assert file.writable() and file.kept
        names = [row[0] for row in file.execute("SELECT sender FROM conversations ORDER BY sender")]
        assert names == ["web-0", "web-2", "web-9"]
        file.close()


def test_too_much_in_memory_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "MOST_BYTES", 2 * 1024 * 1024)
    kind = BY_NAME["conversations"]
    with small_disk(tmp_path / "disk", "64k") as disk:
        read_only(disk, True)
        store = kind.open(disk / kind.file)
        monkeypatch.setattr(store, "_replace", lambda s, u, p: store._connection.execute(
            "INSERT INTO conversations VALUES (?, ?, ?) ON CONFLICT(sender) DO UPDATE SET updated = excluded.updated", (s, u, p)
        ))  # fmt: skip
        for n in range(4000):
            store._replace(f"web-{n}", float(n), b"x" * 3000)
        assert kind.has(store, 3999) and not kind.has(store, 0)
        store.close()


def test_a_lock_that_lasts_loses_no_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds the file: Rasa gets no error, the next message sees this one, and it is written later."""
    kind = BY_NAME["conversations"]
    path = tmp_path / kind.file
    store = kind.open(path)
    store._connection.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def run() -> None:
        await store._keep("web-1", b"turns")
        await store._keep("web-2", b"turns")
        await store.delete("web-2")
        assert await store._find("web-1") == b"turns" and await store._find("web-2") is None

    asyncio.run(run())
    assert other.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
    other.execute("ROLLBACK")
    asyncio.run(store._keep("web-3", b"turns"))
    assert [row[0] for row in other.execute("SELECT sender FROM conversations ORDER BY sender")] == ["web-1", "web-3"]
    other.close()
    store.close()


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    from bot.launcher import LaunchError

    with small_disk(tmp_path / "disk") as disk:
        read_only(disk, True)
        settings = Settings(data_dir=disk / "var")
        secret = settings.secret_bytes()
        assert len(secret) == 64 and settings.secret_bytes() == Settings(data_dir=disk / "var").secret_bytes() == secret
        store = build_store(settings, None)
        asyncio.run(store._keep("web-1", b"turns"))
        assert asyncio.run(store._find("web-1")) == b"turns"
        read_only(disk, False)
        assert store.writable()  # type: ignore[attr-defined]
        assert settings.secret_bytes() == secret, "a key does not change while it is used"
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match="cannot be written"):
        build_store(Settings(data_dir=tmp_path / "file"), None)


def test_a_full_disk_leaves_no_empty_secret_in_use(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        settings = Settings(data_dir=disk)
        assert len(settings.secret_bytes()) == 64 and settings.secret_bytes() == settings.secret_bytes()


def test_a_journal_of_several_processes_on_a_disk_that_takes_no_writes(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        read_only(disk, True)
        own = OwnFile(disk, SECRET)
        own.gather()
        assert own.journal.take({"update_id": 1}) and not own.journal.take({"update_id": 1})
        own.close()
