"""The database of several processes: where it is, who makes its tables, and how long a statement may take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.memory import forget
from bot.memory.counters import Counters
from bot.memory.database import AWAY, Database, database_url, missing_file
from bot.memory.review_store import FILE, Store, review_url
from bot.settings import Settings
from bot.staff.report import command
from bot.staff.report.names import Names
from tests.fakes import postgres
from tests.fakes.frozen_postgres import frozen

TABLES = sa.MetaData()
sa.Table(
    "things",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    info={"storage": "autovacuum_vacuum_threshold = 50"},
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'things.sqlite'}"
    found: str = request.getfixturevalue("postgres_server").url
    run(found, "DROP TABLE IF EXISTS wegweiser_things")
    return found


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def put(database: Database, name: str) -> None:
    with database.begin() as connection:
        connection.execute(database.insert(database.table("things")).values(name=name).on_conflict_do_nothing())


def names(database: Database) -> set[str]:
    with database.begin() as connection:
        return set(connection.execute(sa.select(database.table("things").c.name)).scalars())


def test_settings_choose_the_place(tmp_path: Path) -> None:
    alone = Settings(data_dir=tmp_path)
    assert database_url(alone, "x.sqlite") == f"sqlite:///{tmp_path}/x.sqlite"
    assert missing_file(database_url(alone, "x.sqlite")) == tmp_path / "x.sqlite"
    (tmp_path / "x.sqlite").touch()
    assert missing_file(database_url(alone, "x.sqlite")) is None
    several = Settings(data_dir=tmp_path, database_url="postgresql://a@b/c")
    assert database_url(several, "x.sqlite") == "postgresql://a@b/c"
    assert missing_file("postgresql://a@b/c") is None


def test_tables_are_made_by_whoever_comes_first(url: str) -> None:
    databases = [Database(url, TABLES) for _ in range(6)]
    begin = threading.Barrier(len(databases))
    faults: list[Exception] = []

    def work(number: int) -> None:
        begin.wait()
        try:
            put(databases[number], str(number))
        except Exception as exc:
            faults.append(exc)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(databases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert names(databases[0]) == {str(n) for n in range(len(databases))}
    for database in databases:
        database.close()


def test_who_may_use_a_table_need_not_be_allowed_to_make_it(postgres_server: postgres.Postgres) -> None:
    owner = Database(postgres_server.url, TABLES)
    put(owner, "a")
    run(
        postgres_server.url,
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "DROP ROLE IF EXISTS guest",
        "CREATE ROLE guest LOGIN",
        "GRANT SELECT, INSERT ON wegweiser_things TO guest",
    )
    guest = Database(postgres_server.url.replace("wegweiser@", "guest@"), TABLES)
    put(guest, "b")
    assert names(owner) >= {"a", "b"}
    owner.close()
    guest.close()
    run(postgres_server.url, "REVOKE ALL ON wegweiser_things FROM guest", "DROP ROLE guest")


def test_a_server_that_froze_or_is_away_is_given_up(postgres_server: postgres.Postgres) -> None:
    database = Database(postgres_server.url, TABLES, patience=0.3)
    put(database, "a")
    with frozen(postgres_server):
        begun = time.monotonic()
        with pytest.raises(AWAY):
            put(database, "b")
        assert time.monotonic() - begun < 2
    put(database, "c")
    postgres_server.stop()
    with pytest.raises(AWAY):
        put(database, "d")
    postgres_server.start()
    put(database, "e")
    assert names(database) >= {"a", "c", "e"}
    database.close()


def test_a_statement_that_waits_for_another_is_given_up(postgres_server: postgres.Postgres) -> None:
    database = Database(postgres_server.url, TABLES, patience=0.3)
    put(database, "a")
    other = Database(postgres_server.url, TABLES)
    with other.begin() as connection:
        connection.execute(sa.text("LOCK TABLE wegweiser_things IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(AWAY):
            put(database, "b")
    put(database, "c")
    assert "c" in names(database)
    database.close()
    other.close()


def test_errors_repeat_no_values(url: str) -> None:
    database = Database(url, TABLES)
    with pytest.raises(sa.exc.IntegrityError) as told, database.begin() as connection:
        for _ in range(2):
            connection.execute(database.table("things").insert().values(name="secret words"))
    assert "secret words" not in str(told.value).replace(str(told.value.orig), "")
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(data_dir=tmp_path)
    address: str = request.getfixturevalue("postgres_server").url
    for opened in (Store(address),):
        opened.clear()
        opened.forget_conversations()
        opened.close()
    return Settings(data_dir=tmp_path, database_url=address)


def test_forget_by_hand_reaches_what_is_learnt_from(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(review_url(settings))
    row = ("de", "a", "rated_bad", "[]", "")
    store.add((*row, "2020-01-01"), b"1" * 16, b"t" * 16)
    store.add((*row, "2999-01-01"), b"2" * 16, b"t" * 16)
    assert forget.main(settings, everything=False) == 0
    assert capsys.readouterr().out == "0 conversations deleted\n1 messages to learn from deleted\n"
    assert [found.day for found in store.waiting()] == ["2999-01-01"]
    assert forget.main(settings, everything=True) == 0
    assert capsys.readouterr().out == "0 conversations deleted\n1 messages to learn from deleted\n"
    assert store.waiting() == []
    store.close()


def test_forget_by_hand_leaves_what_belongs_to_nobody(settings: Settings) -> None:
    store = Store(review_url(settings))
    number = store.add(("de", "a", "rated_bad", "[]", "", "2999-01-01"), b"1" * 16, b"t" * 16)
    with store._database.begin() as connection:
        connection.execute(store._messages.update().values(salt=None, tag=None))
    assert forget.main(settings, everything=True) == 0
    assert [found.id for found in store.waiting()] == [number]
    store.close()


def _away(_: bool) -> int:
    raise ConnectionError("Redis is away")


@pytest.mark.parametrize(
    ("elsewhere", "code", "out"), [(lambda everything: 7 if everything else 3, 0, "7"), (_away, 1, "0")]
)
def test_forget_by_hand_elsewhere(
    elsewhere: Callable[[bool], int], code: int, out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert forget.main(Settings(data_dir=tmp_path), True, elsewhere) == code
    said = capsys.readouterr()
    assert said.out == f"{out} conversations deleted\n"
    assert ("Redis is away" in said.err) is bool(code)


def test_forget_by_hand_while_the_database_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = Settings(data_dir=tmp_path, database_url="postgresql://nobody:hunter2@127.0.0.1:9/x")
    assert forget.main(away, everything=True) == 1
    said = capsys.readouterr()
    assert "cannot be used (OperationalError)" in said.err and "hunter2" not in said.err
    assert not (tmp_path / FILE).exists()


def test_the_report_reads_the_database(
    postgres_server: postgres.Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.quality.bench_report import simulated

    settings = Settings(data_dir=tmp_path, database_url=postgres_server.url)
    two = [Counters(command.counters_url(settings)) for _ in range(2)]
    for number, counted in enumerate(simulated(400, "2020-05")):
        two[number % 2].count(counted)
    for counters in two:
        counters.close()
    assert command.main(settings, "2020-05", "", names=Names) == 0
    assert capsys.readouterr().out.startswith("Mai 2020: 400 Nachrichten")
    away = Settings(data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:9/x")
    assert command.main(away, "2020-05", "", names=Names) == 1
    assert "nicht lesbar" in capsys.readouterr().err
