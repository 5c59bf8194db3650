"""Counters in a real SQLite file and in a real PostgreSQL: nothing lost, nothing twice, nothing about a person."""

from __future__ import annotations

import logging
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from actions.directory.hours import BERLIN
from bot.memory import counters as module
from bot.memory.counters import TABLES, Counted, Counters, CountersError, months_ago
from bot.operations.quarantine import quarantined
from tests.fakes import postgres
from tests.fakes.frozen_postgres import frozen

MOMENT = datetime(2026, 10, 25, 8, 59, tzinfo=BERLIN)
QUESTION = Counted(
    MOMENT, "web", "ar", "answered", topic="find_housing", new_question=True, district="landkreis-goerlitz",
    campaign="aufnahme7", services=(("vhs", False), ("caritas", True)),
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'counters.sqlite'}"
    found: str = request.getfixturevalue("postgres_server").url
    opened = Counters(found)
    opened.drop_before("9999-12")
    opened.close()
    return found


@pytest.fixture
def counters(url: str) -> Iterator[Counters]:
    opened = Counters(url)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "counters.sqlite"


def total(found: dict[str, dict[tuple[str, str], int]], table: str = "messages_language") -> int:
    return sum(found[table].values())


def test_one_question_is_counted_in_every_table(counters: Counters) -> None:
    counters.count(replace(QUESTION, missing=True))
    found = counters.month("2026-10")
    assert list(found) == list(TABLES)
    assert found == {
        "questions_language": {("find_housing", "ar"): 1},
        "questions_district": {("find_housing", "landkreis-goerlitz"): 1},
        "questions_channel": {("find_housing", "web"): 1},
        "questions_campaign": {("find_housing", "aufnahme7"): 1},
        "messages_language": {("answered", "ar"): 1},
        "messages_channel": {("answered", "web"): 1},
        "messages_hour": {("answered", "08"): 1},
        "messages_day": {("answered", "2026-10-25"): 1},
        "services_missing": {("find_housing", "landkreis-goerlitz"): 1},
        "services_stale": {("find_housing", "landkreis-goerlitz"): 1},
        "services_shown": {("vhs", "fresh"): 1, ("caritas", "stale"): 1},
    }


def test_a_follow_up_is_a_message_and_no_question(counters: Counters) -> None:
    counters.count(QUESTION)
    counters.count(replace(QUESTION, new_question=False, missing=True))
    found = counters.month("2026-10")
    assert (total(found), total(found, "questions_language"), total(found, "services_stale")) == (2, 1, 1)
    assert found["services_missing"] == {}
    assert found["services_shown"][("vhs", "fresh")] == 2


def test_what_is_not_known_is_called_unknown(counters: Counters) -> None:
    counters.count(replace(QUESTION, language="", channel="", district="", campaign=""))
    found = counters.month("2026-10")
    for name in ("language", "district", "channel", "campaign"):
        assert found[f"questions_{name}"] == {("find_housing", "unknown"): 1}


def test_a_question_moves_to_its_district_when_the_town_is_told(counters: Counters) -> None:
    counters.count(replace(QUESTION, district="", services=()))
    counters.flush()
    counters.count(replace(QUESTION, new_question=False, placed=True, missing=True))
    found = counters.month("2026-10")
    assert found["questions_district"] == {("find_housing", "landkreis-goerlitz"): 1}
    assert found["services_missing"] == found["services_stale"] == {("find_housing", "landkreis-goerlitz"): 1}
    assert found["questions_language"] == {("find_housing", "ar"): 1}


def test_a_question_of_last_month_that_is_placed_now_leaves_no_negative_number(counters: Counters) -> None:
    counters.count(replace(QUESTION, new_question=False, placed=True))
    assert counters.month("2026-10")["questions_district"] == {("find_housing", "landkreis-goerlitz"): 1}


def test_tests_are_not_counted(counters: Counters) -> None:
    counters.count(replace(QUESTION, campaign="test"))
    assert counters.months() == []


def test_numbers_add_up_over_flushes_and_processes(url: str) -> None:
    for number in range(3):
        opened = Counters(url)
        for _ in range(10):
            opened.count(QUESTION)
            if number:
                assert opened.flush()
        opened.close()
    reader = Counters(url)
    assert total(reader.month("2026-10")) == 30
    reader.close()


def test_months_are_apart_and_follow_berlin(counters: Counters) -> None:
    last = datetime(2026, 10, 31, 23, 59, 59, tzinfo=BERLIN)
    for moment in (last, last + timedelta(seconds=1), datetime(2025, 1, 1, tzinfo=BERLIN)):
        counters.count(replace(QUESTION, moment=moment))
    assert counters.months() == ["2025-01", "2026-10", "2026-11"]
    assert [total(counters.month(month)) for month in ("2025-01", "2026-10", "2026-11", "2026-12")] == [1, 1, 1, 0]


def test_old_months_go(counters: Counters) -> None:
    for year in (2022, 2023, 2026):
        counters.count(replace(QUESTION, moment=MOMENT.replace(year=year)))
    counters.flush()
    assert months_ago(MOMENT, 36) == "2023-10"
    assert counters.drop_before(months_ago(MOMENT, 36)) > 0
    assert counters.months() == ["2023-10", "2026-10"]


@pytest.mark.parametrize(
    ("months", "expected"), [(0, "2026-10"), (9, "2026-01"), (10, "2025-12"), (36, "2023-10"), (120, "2016-10")]
)
def test_months_before(months: int, expected: str) -> None:
    assert months_ago(MOMENT, months) == expected


@pytest.mark.parametrize("month", ["", "2026-13", "2026-00", "2026", "2026-1", "2026-10-01", "२०२६-१०", "x' OR 1=1 --"])
def test_what_is_no_month_is_refused(counters: Counters, month: str) -> None:
    with pytest.raises(ValueError, match="a month is written like"):
        counters.month(month)
    with pytest.raises(ValueError, match="a month is written like"):
        counters.drop_before(month)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\x00b", "ab"),
        ("\ud800", "unknown"),
        ("\u202e\n", "unknown"),
        ("x" * 500, "x" * 80),
        ("'); DROP TABLE counters; --", "'); DROP TABLE counters; --"),
        ("Görlitz/Zhořelec", "Görlitz/Zhořelec"),
    ],
)
def test_no_value_stops_the_counting(counters: Counters, given: str, kept: str) -> None:
    counters.count(replace(QUESTION, campaign=given))
    assert counters.flush()
    assert counters.month("2026-10")["questions_campaign"] == {("find_housing", kept): 1}


def test_counting_while_others_flush_loses_nothing(counters: Counters) -> None:
    done = threading.Event()

    def count() -> None:
        for _ in range(500):
            counters.count(QUESTION)

    def flush() -> None:
        while not done.is_set():
            counters.flush()

    counting = [threading.Thread(target=count) for _ in range(4)]
    flushing = [threading.Thread(target=flush) for _ in range(2)]
    for thread in (*counting, *flushing):
        thread.start()
    for thread in counting:
        thread.join()
    done.set()
    for thread in flushing:
        thread.join()
    found = counters.month("2026-10")
    assert {total(found, name) for name in ("messages_day", "questions_district", "services_stale")} == {2000}
    assert total(found, "services_shown") == 4000


def test_two_processes_count_into_one_database(url: str) -> None:
    script = f"""
from tests.memory.test_counters import QUESTION
from bot.memory.counters import Counters
counters = Counters({url!r})
for _ in range(40):
    counters.count(QUESTION)
    while not counters.flush():
        pass
counters.close()
"""
    root = Path(__file__).parents[2]
    running = [subprocess.Popen([sys.executable, "-c", script], cwd=root) for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    reader = Counters(url)
    assert total(reader.month("2026-10")) == 120
    reader.close()


def test_nothing_but_five_columns_is_stored(file: Path) -> None:
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    opened.close()
    connection = sqlite3.connect(file)
    (columns,) = [[row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in tables(connection)]
    assert columns == ["month", "name", "row", "column", "n"]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {row[0] for row in connection.execute("SELECT DISTINCT name FROM counters")} <= set(TABLES)


def tables(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_a_locked_file_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    assert opened.flush()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened.count(replace(QUESTION, campaign="secret-campaign"))
    with caplog.at_level(logging.DEBUG):
        assert not opened.flush()
        assert not opened.flush()
    assert "counters could not be written: OperationalError" in caplog.text
    assert "secret-campaign" not in caplog.text and "find_housing" not in caplog.text
    opened.count(QUESTION)
    other.execute("ROLLBACK")
    assert opened.flush()
    assert total(opened.month("2026-10")) == 3
    opened.close()


def test_a_full_disk_loses_nothing(file: Path) -> None:
    """The kernel refuses every byte beyond the limit, as a full disk does."""
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    assert opened.flush()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, limits[1]))
    try:
        opened.count(QUESTION)
        assert not opened.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    opened.count(QUESTION)
    assert opened.flush()
    assert total(opened.month("2026-10")) == 3
    opened.close()


def test_a_damaged_file_is_put_aside_and_what_waits_is_written(file: Path) -> None:
    file.write_bytes(b"this is no database, and has never been one. " * 200)
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    assert opened.flush() and total(opened.month("2026-10")) == 1
    assert [found.name for found in quarantined(file.parent)] == [file.name]
    opened.close()


def test_a_file_that_is_none_stops_nothing(file: Path) -> None:
    file.mkdir()
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    assert not opened.flush()
    for ask in (opened.months, lambda: opened.month("2026-10"), lambda: opened.drop_before("2026-10")):
        with pytest.raises(CountersError) as told:
            ask()
        assert "find_housing" not in str(told.value)
    file.rmdir()
    assert opened.flush(), "the file was put right: what waited is written"
    assert total(opened.month("2026-10")) == 1
    opened.close()


def test_what_waits_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 100)
    file.mkdir()
    opened = Counters(f"sqlite:///{file}")
    for number in range(500):
        opened.count(replace(QUESTION, campaign=f"c{number}"))
        if number % 100 == 0:
            assert not opened.flush()
    assert len(opened._waiting) == 100
    assert "too many numbers wait" in caplog.text
    file.rmdir()
    found = opened.month("2026-10")
    assert found["messages_language"] == {("answered", "ar"): 500}, "numbers that waited already still grow"
    opened.close()


def test_made_up_campaigns_cannot_fill_the_table(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can put a name into a link; the one of the office stays, and no question is lost."""
    monkeypatch.setattr(module, "MOST_CAMPAIGNS", 5)
    opened = Counters(url)
    opened.count(QUESTION)
    for part in range(3):  # also over flushes, restarts and processes
        for number in range(100):
            opened.count(replace(QUESTION, campaign=f"c{part}-{number}"))
        opened.flush()
        opened.close()
        opened = Counters(url)
    opened.count(QUESTION)
    opened.count(replace(QUESTION, campaign=""))
    opened.count(replace(QUESTION, campaign="next", moment=MOMENT + timedelta(days=31)))
    found = opened.month("2026-10")["questions_campaign"]
    assert len(found) == 5 + 2 and found["find_housing", "aufnahme7"] == 2
    assert found["find_housing", module.OTHER] == 300 - 4 and found["find_housing", module.UNKNOWN] == 1
    assert sum(found.values()) == 303
    assert opened.month("2026-11")["questions_campaign"] == {("find_housing", "next"): 1}
    opened.close()


def test_a_database_that_is_away_for_a_while(postgres_server: postgres.Postgres) -> None:
    opened = Counters(postgres_server.url)
    opened.drop_before("9999-12")
    opened.count(QUESTION)
    assert opened.flush()
    postgres_server.stop()
    opened.count(QUESTION)
    assert not opened.flush()
    with pytest.raises(CountersError):
        opened.months()
    postgres_server.start()
    opened.count(QUESTION)
    assert opened.flush()
    postgres_server.stop()
    postgres_server.start()
    opened.count(QUESTION)
    assert opened.flush(), "a restart between two flushes is not noticed"
    assert total(opened.month("2026-10")) == 4
    opened.close()


def test_a_database_that_froze_is_given_up_and_nothing_is_lost(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    opened = Counters(postgres_server.url)
    opened.drop_before("9999-12")
    with frozen(postgres_server):
        opened.count(QUESTION)
        begun = time.monotonic()
        assert not opened.flush()
        assert time.monotonic() - begun < 2
    opened.count(QUESTION)
    assert opened.flush()
    assert total(opened.month("2026-10")) == 2
    opened.close()


def test_processes_open_one_empty_database_at_once(postgres_server: postgres.Postgres) -> None:
    engine = sqlalchemy.create_engine(postgres_server.url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS wegweiser_counters"))
    engine.dispose()
    opened = [Counters(postgres_server.url) for _ in range(6)]
    begin = threading.Barrier(len(opened))
    written: list[bool] = []

    def count(counters: Counters) -> None:
        counters.count(QUESTION)
        begin.wait()
        written.append(counters.flush())

    threads = [threading.Thread(target=count, args=(counters,)) for counters in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == [True] * len(opened)
    assert total(opened[0].month("2026-10")) == len(opened)
    for counters in opened:
        counters.close()


@pytest.mark.parametrize("url", ["", "counters.sqlite", "mysql://user:hunter2@localhost/x", "sqlite+none:///x"])
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL") as told:
        Counters(url)
    assert "hunter2" not in str(told.value)


def test_closing_twice_writes_once(file: Path) -> None:
    opened = Counters(f"sqlite:///{file}")
    opened.count(QUESTION)
    opened.close()
    opened.close()
    assert total(opened.month("2026-10")) == 1
