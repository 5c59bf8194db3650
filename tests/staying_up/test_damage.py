"""Damaged files: put aside, a new one is used, the operator is told, and what lies aside goes on time."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import time
from datetime import date
from pathlib import Path

import pytest

from bot.memory import forget
from bot.operations import quarantine
from bot.operations.metrics import QUARANTINED
from bot.settings import Settings
from tests.staying_up.stores import BY_NAME, Kind, sound

MANY = 120


def filled(kind: Kind, folder: Path, many: int = MANY) -> Path:
    path = folder / kind.file
    store = kind.open(path)
    for n in range(many):
        kind.put(store, n)
    store.close()
    assert path.stat().st_size > 20_000 and not Path(f"{path}-wal").exists(), "all is in the file itself"
    return path


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(30_000))


def text(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)


def short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def header(path: Path) -> None:
    path.write_bytes(b"SQLite format 9\0" + path.read_bytes()[16:])


def form(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[18:20] = b"\x09\x09"
    path.write_bytes(content)


def catalogue(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:400] = b"\xff" * 300
    path.write_bytes(content)


DAMAGES = (garbage, text, short, header, form, catalogue)


def series(name: str) -> float:
    return float(QUARANTINED.labels(name)._value.get())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_stops_nobody(kind: Kind, damage, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    path = filled(kind, tmp_path)
    damage(path)
    before = series(kind.name)
    store = kind.open(path)
    kind.put(store, 5000) if kind.name != "counters" else store.flush()
    if kind.name == "counters":  # opened when it is first used
        kind.put(store, 5000)
    assert kind.has(store, 5000) and not kind.has(store, 3)
    store.close()
    assert sound(path)
    aside = quarantine.quarantined(tmp_path)
    if kind.name == "sources":  # can be fetched again, and is about nobody
        assert aside == []
    else:
        assert [found.name for found in aside] == [kind.file]
        assert aside[0].path.name == f"{kind.file}.corrupt-{date.today().isoformat()}"
        assert aside[0].path.stat().st_mode & 0o077 == 0
        assert series(kind.name) == before + 1
    warned = [record for record in caplog.records if record.levelno >= logging.WARNING and "damaged" in record.message]
    assert len(warned) == 1, caplog.text


def test_a_page_that_is_broken_deep_inside_is_found_when_it_is_read(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "CHECKED_BYTES", 0)
    path = filled(kind, tmp_path)
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    path.write_bytes(content)
    store = kind.open(path)
    for n in (1, MANY // 2, MANY - 1):
        try:
            kind.has(store, n)
        except Exception as exc:  # stores of SQLAlchemy say it once; who asks tries again
            assert "cannot be" in str(exc)
    kind.put(store, 5000)
    assert kind.has(store, 5000)
    store.close()
    assert sound(path)
    assert kind.name == "sources" or [found.name for found in quarantine.quarantined(tmp_path)] == [kind.file]


def test_an_empty_file_is_a_new_one(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / kind.file
    path.touch()
    store = kind.open(path)
    kind.put(store, 1)
    assert kind.has(store, 1)
    store.close()
    assert quarantine.quarantined(tmp_path) == []


def test_the_log_beside_a_damaged_file_goes_with_it(tmp_path: Path) -> None:
    kind = BY_NAME["telegram"]
    path = filled(kind, tmp_path)
    garbage(path)
    Path(f"{path}-wal").write_bytes(b"w" * 5000)
    Path(f"{path}-shm").write_bytes(b"s" * 100)
    aside = quarantine.put_aside(path, date(2026, 11, 3))
    assert aside is not None
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        f"telegram.sqlite.corrupt-2026-11-03{end}" for end in ("", "-shm", "-wal")
    ]


def test_only_some_are_kept_and_none_for_long(tmp_path: Path) -> None:
    for number in range(quarantine.KEPT + 2):
        path = tmp_path / "conversations.sqlite"
        path.write_bytes(b"x" * (1000 + number))
        aside = quarantine.put_aside(path, date(2026, 11, 3))
        assert aside is not None
        os.utime(aside, (number, number))
    found = quarantine.quarantined(tmp_path)
    assert len(found) == quarantine.KEPT
    assert {row.size for row in found} == {1002, 1003, 1004}, "the newest stay"
    assert {row.day for row in found} == {"2026-11-03"}
    assert quarantine.sweep(tmp_path, 3600, now=3600 + 3.5) == 2
    assert len(quarantine.quarantined(tmp_path)) == 1
    assert quarantine.clear(tmp_path) == 1 and list(tmp_path.iterdir()) == []
    assert quarantine.quarantined(tmp_path / "nothing") == []


def test_forget_by_hand_reaches_what_lies_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data_dir=tmp_path)
    for name, age in (("old", 25 * 3600), ("new", 3600)):
        aside = tmp_path / f"{name}.sqlite.corrupt-2026-11-03"
        aside.write_bytes(b"x")
        os.utime(aside, (time.time() - age,) * 2)
    assert forget.main(settings, everything=False) == 0
    assert [found.name for found in quarantine.quarantined(tmp_path)] == ["new.sqlite"]
    assert forget.main(settings, everything=True) == 0
    assert quarantine.quarantined(tmp_path) == []
    (tmp_path / "conversations.sqlite").write_bytes(b"not a database at all" * 100)
    assert forget.main(settings, everything=True) == 1
    assert "not a database" in capsys.readouterr().err


def test_other_faults_are_no_damage(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.sqlite")
    with pytest.raises(sqlite3.OperationalError) as told:
        connection.execute("SELECT nothing FROM nowhere")
    connection.close()
    assert not quarantine.is_damage(told.value) and not quarantine.of_the_disk(told.value)
    assert not quarantine.is_damage(ValueError("malformed"))
    assert quarantine.of_the_disk(sqlite3.OperationalError("database or disk is full"))


def test_rasa_gets_its_conversation_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    """Rasa's FailSafeTrackerStore would keep the tracker with all its words in memory, for ever, and never read it."""
    import asyncio

    from rasa.core.tracker_store import FailSafeTrackerStore
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.memory.tracker_store import SqliteTrackerStore

    path = filled(BY_NAME["conversations"], tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xee" * (len(content) - 4096)
    quarantine_bytes, quarantine.CHECKED_BYTES = quarantine.CHECKED_BYTES, 0
    try:
        path.write_bytes(content)
        store = SqliteTrackerStore(Domain.empty(), path)
    finally:
        quarantine.CHECKED_BYTES = quarantine_bytes
    safe = FailSafeTrackerStore(store)

    async def talk() -> DialogueStateTracker | None:
        assert await safe.retrieve("web-1") is None
        tracker = DialogueStateTracker.from_events("web-1", [UserUttered("hello", {"name": "greet"})], [])
        await safe.save(tracker)
        return await safe.retrieve("web-1")

    found = asyncio.run(talk())
    assert found is not None and found.latest_message is not None and found.latest_message.intent["name"] == "greet"
    assert safe._fallback_tracker_store is None, "nothing went into Rasa's own store"
    store.close()
