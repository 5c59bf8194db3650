"""The queue of corrections, in a file as in PostgreSQL: the same from outside, and nobody waits for the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy

from bot.directory_tools import main as command
from bot.directory_tools import shared_corrections
from bot.directory_tools.corrections import Correction, Corrections, CorrectionsAway, open_corrections
from bot.directory_tools.shared_corrections import SharedCorrections
from bot.settings import Settings
from tests.fakes import postgres
from tests.fakes.frozen_postgres import frozen

DAY = date(2026, 11, 28)
KNOWN = {"a-b", "integreat:12"}


@pytest.fixture
def url(postgres_server: postgres.Postgres) -> str:
    """A database without the table."""
    engine = sqlalchemy.create_engine(postgres_server.url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS wegweiser_corrections"))
    engine.dispose()
    return postgres_server.url


@pytest.fixture(params=["file", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    address = request.getfixturevalue("url") if request.param == "postgresql" else ""
    return Settings(data_dir=tmp_path / "var", database_url=address)


@pytest.fixture
def queue(settings: Settings) -> Iterator[Corrections | SharedCorrections]:
    found = open_corrections(settings, KNOWN)
    yield found
    if isinstance(found, SharedCorrections):
        found.close()


def entries(queue: Corrections | SharedCorrections) -> list[Correction]:
    assert isinstance(queue, Corrections) or queue.drain()
    return queue.entries()


def test_settings_choose_the_place(settings: Settings, queue: Corrections | SharedCorrections) -> None:
    assert isinstance(queue, SharedCorrections) is bool(settings.database_url)
    assert queue.report("a-b", "phone", DAY)
    assert entries(queue) == [Correction("a-b", "phone", "2026-11-28", 1)]
    assert (settings.data_dir / "corrections.jsonl").exists() is not bool(settings.database_url)


def test_the_same_is_counted_up_in_its_place(queue: Corrections | SharedCorrections) -> None:
    for what in ("phone", "hours", "phone", "phone"):
        assert queue.report("a-b", what, DAY)
    assert queue.report("a-b", "phone", date(2026, 11, 29))
    assert entries(queue) == [
        Correction("a-b", "phone", "2026-11-28", 3),
        Correction("a-b", "hours", "2026-11-28", 1),
        Correction("a-b", "phone", "2026-11-29", 1),
    ]


@pytest.mark.parametrize(
    ("service_id", "what"), [("c", "phone"), ("a-b", "name"), ("a-b\n", "phone"), ("", "phone"), (None, "phone"), ("a-b", None)]
)  # fmt: skip
def test_unknown_ids_and_fields_are_refused(service_id: str, what: str, queue: Corrections | SharedCorrections) -> None:
    assert queue.report(service_id, what, DAY) is False
    assert entries(queue) == []


def test_done_takes_out_one_line(queue: Corrections | SharedCorrections) -> None:
    for what in ("phone", "hours", "closed"):
        queue.report("a-b", what, DAY)
    assert len(entries(queue)) == 3
    assert queue.done(2) == Correction("a-b", "hours", "2026-11-28", 1)
    assert [entry.what for entry in queue.entries()] == ["phone", "closed"]
    assert [queue.done(number) for number in (0, -1, 3)] == [None, None, None]


def test_two_queues_at_once_lose_nothing(url: str) -> None:
    """The table is made by whoever comes first."""
    queues = [SharedCorrections(url, KNOWN) for _ in range(4)]
    begin = threading.Barrier(len(queues))

    def work(queue: SharedCorrections) -> None:
        begin.wait()
        for _ in range(15):
            assert queue.report("a-b", "phone", DAY)
            assert queue.report("integreat:12", "hours", DAY)

    threads = [threading.Thread(target=work, args=(queue,)) for queue in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for queue in queues:
        assert queue.drain()
        queue.close()
    assert sorted(entry.count for entry in queues[0].entries()) == [60, 60]


def test_a_full_queue_takes_nothing_new_but_counts_on(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared_corrections, "MOST", 2)
    queue = SharedCorrections(url, KNOWN)
    for what in ("phone", "hours", "closed", "phone"):
        queue.report("a-b", what, DAY)
    assert [(entry.what, entry.count) for entry in entries(queue)] == [("phone", 2), ("hours", 1)]
    assert "the queue of corrections is full" in caplog.text
    queue.close()


def test_what_is_reported_while_the_database_is_away_is_not_lost(
    url: str, postgres_server: postgres.Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    queue = SharedCorrections(url, KNOWN)
    assert queue.report("a-b", "phone", DAY)
    assert queue.drain()
    postgres_server.stop()
    try:
        begun = time.monotonic()
        for _ in range(50):
            assert queue.report("a-b", "phone", DAY)
        assert time.monotonic() - begun < 0.5
        with pytest.raises(CorrectionsAway, match="cannot be used"):
            queue.entries()
        assert not queue.drain(0.1)
    finally:
        postgres_server.start()
    assert entries(queue) == [Correction("a-b", "phone", "2026-11-28", 51)]
    assert "a-b" not in caplog.text
    queue.close()


def test_a_database_that_froze_is_given_up_and_tried_again(
    url: str, postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_corrections, "PATIENCE", 0.3)
    queue = SharedCorrections(url, KNOWN)
    assert queue.report("a-b", "phone", DAY) and queue.drain()
    with frozen(postgres_server):
        assert queue.report("a-b", "hours", DAY)
        begun = time.monotonic()
        with pytest.raises(CorrectionsAway):
            queue.entries()
        assert time.monotonic() - begun < 2
    assert [entry.what for entry in entries(queue)] == ["phone", "hours"]
    queue.close()


def test_what_waits_is_written_when_the_process_ends(url: str) -> None:
    queue = SharedCorrections(url, KNOWN)
    for _ in range(20):
        queue.report("a-b", "phone", DAY)
    queue.close()
    reader = SharedCorrections(url)
    assert reader.entries() == [Correction("a-b", "phone", "2026-11-28", 20)]
    reader.close()


def test_the_command_says_that_the_database_is_away() -> None:
    """As an error of the directory, which the command prints as one sentence."""
    queue = SharedCorrections("postgresql://nobody@127.0.0.1:9/x")
    with pytest.raises(command.DirectoryError) as told:
        queue.done(1)
    assert str(told.value) == "the database cannot be used (OperationalError)"
