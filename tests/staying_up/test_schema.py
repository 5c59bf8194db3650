"""Versions of stores: files of before are brought up, newer ones refused, a step that fails changes nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.cli import main
from bot.memory.database import Database, file_url
from bot.operations.quarantine import quarantined
from bot.operations.schema import NewerSchema, Schema, SchemaError, UpgradeFailed, check_file, upgrade, version_of
from bot.operations.sqlite_file import SqliteFile
from tests.fakes import postgres
from tests.staying_up.stores import BY_NAME, SECRET, Kind

# What the program made before there were versions, word for word.
BEFORE = {
    "conversations": """
        CREATE TABLE conversations (sender TEXT PRIMARY KEY, updated REAL NOT NULL, events BLOB NOT NULL);
        CREATE INDEX conversations_updated ON conversations(updated);
    """,
    "telegram": """
        CREATE TABLE updates (
            id INTEGER PRIMARY KEY, taken REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, content BLOB
        );
        CREATE TABLE buttons (key TEXT PRIMARY KEY, payload TEXT NOT NULL);
        CREATE TABLE sent (chat TEXT NOT NULL, message INTEGER NOT NULL, at REAL NOT NULL);
        CREATE INDEX sent_chat ON sent (chat);
    """,
    "handover": """
        CREATE TABLE talks (
            conversation TEXT PRIMARY KEY, ref TEXT NOT NULL UNIQUE, since REAL NOT NULL, active REAL NOT NULL,
            answered INTEGER NOT NULL DEFAULT 0, language TEXT NOT NULL, chat BLOB
        );
        CREATE TABLE outbox (id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, taken REAL NOT NULL, content BLOB);
        CREATE TABLE seen (id TEXT PRIMARY KEY, at REAL NOT NULL);
    """,
    "callbacks": "CREATE TABLE callbacks (id TEXT PRIMARY KEY, taken REAL NOT NULL, content BLOB NOT NULL);",
    "counters": """
        CREATE TABLE counters (
            month VARCHAR(7) NOT NULL, name VARCHAR(40) NOT NULL, "row" VARCHAR(80) NOT NULL,
            "column" VARCHAR(80) NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (month, name, "row", "column")
        );
    """,
    "review": """
        CREATE TABLE messages (
            id INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL, ranking TEXT NOT NULL,
            chosen TEXT NOT NULL, day TEXT NOT NULL, salt BLOB, tag BLOB, PRIMARY KEY (id)
        );
        CREATE TABLE closed (mark BLOB NOT NULL, day TEXT NOT NULL, PRIMARY KEY (mark));
    """,
    "sources": """
        CREATE TABLE answers (
            upstream TEXT, request TEXT, fetched REAL, etag TEXT, body BLOB, version INTEGER,
            PRIMARY KEY (upstream, request)
        );
    """,
}


def sealed(purpose: str, value: object) -> bytes:
    from bot.handover.sealed import Seal

    return Seal(SECRET, purpose).close(value)


def rows_before(name: str) -> tuple[str, tuple[object, ...]]:
    """A row as it was written then: thing 7 of tests/staying_up/stores.py."""
    now = time.time()
    update = {"update_id": 8, "message": {"text": "x"}}
    return {
        "conversations": ("INSERT INTO conversations VALUES (?, ?, ?)", ("web-7", now, b"turns")),
        "telegram": ("INSERT INTO updates VALUES (?, ?, 0, ?)", (8, now, sealed("telegram-journal", update))),
        "handover": ("INSERT INTO talks VALUES (?, ?, ?, ?, 0, 'de', NULL)", ("web-7", "ticket-7", now, now)),
        "callbacks": (
            "INSERT INTO callbacks VALUES (?, ?, ?)",
            ("k", now, sealed("callbacks", ["web-7", "+49341000007", "de", "leipzig", "housing"])),
        ),
        "counters": (
            "INSERT INTO counters VALUES ('2026-11', 'services_shown', ?, ?, 1)",
            ("service-7", "fresh"),
        ),
        "review": (
            "INSERT INTO messages VALUES (?, 'de', ?, 'rated_bad', '[]', '', '2999-01-01', ?, ?)",
            (7, "message 7 ", b"s" * 16, b"t" * 16),
        ),
        "sources": ("INSERT INTO answers VALUES ('up', '/7', ?, '', ?, 1)", (now, zlib.compress(b"[1]"))),
    }[name]


@pytest.mark.parametrize("journal_mode", ["WAL", "DELETE"])
def test_a_file_from_before_there_were_versions_goes_on(kind: Kind, journal_mode: str, tmp_path: Path) -> None:
    path = tmp_path / kind.file
    old = sqlite3.connect(path)
    old.execute(f"PRAGMA journal_mode={journal_mode}")
    old.executescript(BEFORE[kind.name])
    old.execute(*rows_before(kind.name))
    old.commit()
    assert version_of(old) == 0
    old.close()
    store = kind.open(path)
    assert kind.has(store, 7)
    kind.put(store, 11)
    assert kind.has(store, 11)
    store.close()
    new = sqlite3.connect(path)
    assert version_of(new) >= 1
    new.close()
    again = kind.open(path)
    assert kind.has(again, 7) and kind.has(again, 11)
    again.close()
    assert quarantined(tmp_path) == []


def test_a_new_file_is_what_an_old_one_becomes(kind: Kind, tmp_path: Path) -> None:
    """The steps from before and the tables of now lead to the same."""
    shapes = []
    for folder in ("old", "new"):
        path = tmp_path / folder / kind.file
        path.parent.mkdir()
        if folder == "old":
            old = sqlite3.connect(path)
            old.executescript(BEFORE[kind.name])
            old.close()
        store = kind.open(path)
        kind.put(store, 1)
        store.close()
        found = sqlite3.connect(path)
        names = [
            row[0]
            for row in found.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        ]
        columns = {name: [row[1:4] for row in found.execute(f"PRAGMA table_info({name})")] for name in names}
        shapes.append((names, columns, version_of(found)))
        found.close()
    assert shapes[0] == shapes[1]


def test_a_file_of_a_newer_version_is_refused_and_left_alone(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / kind.file
    store = kind.open(path)
    kind.put(store, 1)
    store.close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    if kind.name == "sources":  # can be fetched again
        store = kind.open(path)
        assert not kind.has(store, 1)
        store.close()
        return
    with pytest.raises(NewerSchema, match=rf"`{kind.name}` has version 99.*start the newer program again"):
        store = kind.open(path)
        kind.has(store, 1)
    assert path.read_bytes() == before and quarantined(tmp_path) == []


def test_the_command_says_so_instead_of_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot import launcher

    store = BY_NAME["counters"].open(tmp_path / "counters.sqlite")
    BY_NAME["counters"].put(store, 1)
    store.close()
    newer = sqlite3.connect(tmp_path / "counters.sqlite")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    monkeypatch.setenv("WEGWEISER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(
        launcher, "serve", lambda settings: BY_NAME["counters"].open(tmp_path / "counters.sqlite").months()
    )
    assert main(["serve"]) == 1
    said = capsys.readouterr().err
    assert "`counters` has version 99" in said and "Traceback" not in said


def test_the_journal_of_telegram_is_looked_at_before_the_server_runs(tmp_path: Path) -> None:
    from bot.channels.telegram.journal import SCHEMA

    path = tmp_path / "telegram.sqlite"
    check_file(path, SCHEMA)
    BY_NAME["telegram"].open(path).close()
    check_file(path, SCHEMA)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(NewerSchema):
        check_file(path, SCHEMA)
    path.write_bytes(b"not a database at all" * 100)
    check_file(path, SCHEMA)  # that is for who opens it


FIRST = "CREATE TABLE things (name TEXT PRIMARY KEY); CREATE INDEX things_name ON things (name);"
SECOND = "ALTER TABLE things ADD COLUMN colour TEXT; UPDATE things SET colour = 'a;b';"


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def test_steps_are_made_in_order_and_once(tmp_path: Path) -> None:
    one = opened(tmp_path / "x")
    assert upgrade(one, Schema("things", (FIRST,))) == 1
    one.execute("INSERT INTO things VALUES ('n')")
    made: list[int] = []
    schema = Schema("things", (FIRST, SECOND, lambda connection: made.append(connection.total_changes)))
    assert upgrade(one, schema) == 2 and version_of(one) == 3
    assert one.execute("SELECT * FROM things").fetchall() == [("n", "a;b")]
    assert upgrade(one, schema) == 0 and len(made) == 1
    one.close()


@pytest.mark.parametrize("fault", ["INSERT INTO nowhere VALUES (1);", "CREATE TABLE things (x);"])
def test_a_step_that_fails_leaves_the_version_before(fault: str, tmp_path: Path) -> None:
    one = opened(tmp_path / "x")
    upgrade(one, Schema("things", (FIRST,)))
    one.execute("INSERT INTO things VALUES ('n')")
    with pytest.raises(
        UpgradeFailed, match="step 3 of the store `things` cannot be made: the store is left at version 2"
    ):
        upgrade(one, Schema("things", (FIRST, SECOND, f"CREATE TABLE more (x); UPDATE things SET name = 'm'; {fault}")))
    assert version_of(one) == 2 and not one.in_transaction
    assert one.execute("SELECT * FROM things").fetchall() == [("n", "a;b")]
    assert one.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    assert upgrade(one, Schema("things", (FIRST, SECOND, "CREATE TABLE more (x);"))) == 1
    one.close()


def test_a_file_whose_step_fails_is_not_put_aside(tmp_path: Path) -> None:
    SqliteFile(tmp_path / "x", Schema("things", (FIRST,))).close()
    with pytest.raises(SchemaError):
        SqliteFile(tmp_path / "x", Schema("things", (FIRST, "INSERT INTO nowhere VALUES (1);")))
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    SqliteFile(tmp_path / "x", Schema("things", (FIRST,))).close()


def test_processes_that_open_an_old_file_at_once_make_each_step_once(tmp_path: Path) -> None:
    one = opened(tmp_path / "x")
    one.execute("PRAGMA journal_mode=WAL")
    upgrade(one, Schema("things", (FIRST,)))
    one.close()
    begin, made, faults = threading.Barrier(6), [], []

    def work() -> None:
        mine = opened(tmp_path / "x")
        begin.wait()
        try:
            upgrade(mine, Schema("things", (FIRST, lambda c: made.append(c.execute(SECOND.partition(";")[0])))))
        except Exception as exc:
            faults.append(exc)
        mine.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and len(made) == 1


TABLES = sa.MetaData()
sa.Table("things", TABLES, sa.Column("name", sa.Text, primary_key=True), sa.Column("colour", sa.Text))
OLD_TABLES = sa.MetaData()
sa.Table("things", OLD_TABLES, sa.Column("name", sa.Text, primary_key=True))
GROWN = (("ALTER TABLE things ADD COLUMN colour TEXT", "ALTER TABLE wegweiser_things ADD COLUMN colour TEXT"),)
BROKEN = (*GROWN, ("INSERT INTO nowhere VALUES (1)", "INSERT INTO nowhere VALUES (1)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return file_url(tmp_path / "things.sqlite")
    address: str = request.getfixturevalue("postgres_server").url
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS wegweiser_things, wegweiser_schema"))
    engine.dispose()
    return address


def noted(database: Database) -> int:
    with database.begin() as connection:
        query = (
            "SELECT version FROM wegweiser_schema WHERE store = 'things'" if database.shared else "PRAGMA user_version"
        )
        return int(connection.execute(sa.text(query)).scalar() or 0)


def put(database: Database, name: str) -> None:
    with database.begin() as connection:
        connection.execute(database.insert(database.table("things")).values(name=name))


def test_tables_are_brought_up_in_both_databases(url: str) -> None:
    old = Database(url, OLD_TABLES)
    put(old, "a")
    assert noted(old) == 1
    old.close()
    new = Database(url, TABLES, upgrades=GROWN)
    put(new, "b")
    assert noted(new) == 2 and new.writable()
    with new.begin() as connection:
        assert connection.execute(sa.select(new.table("things")).order_by("name")).all() == [("a", None), ("b", None)]
    new.close()
    again = Database(url, TABLES, upgrades=GROWN)
    assert noted(again) == 2
    again.close()
    with pytest.raises(NewerSchema, match="`things` has version 2"):
        put(Database(url, OLD_TABLES), "c")


def test_new_tables_are_of_the_newest_version(url: str) -> None:
    new = Database(url, TABLES, upgrades=GROWN)
    put(new, "a")
    assert noted(new) == 2
    new.close()


def test_a_step_that_fails_changes_nothing_in_both_databases(url: str) -> None:
    old = Database(url, OLD_TABLES)
    put(old, "a")
    broken = Database(url, TABLES, upgrades=BROKEN)
    with pytest.raises(UpgradeFailed):
        put(broken, "b")
    assert not broken.writable()
    broken.close()
    put(old, "c")
    assert noted(old) in (1, 2), "each step of a file is whole; those of PostgreSQL come all together"
    assert old.shared is False or noted(old) == 1
    old.close()


def test_tables_of_postgres_from_before_there_were_versions(postgres_server: postgres.Postgres) -> None:
    engine = sa.create_engine(postgres_server.url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS wegweiser_things, wegweiser_schema"))
        connection.execute(sa.text("CREATE TABLE wegweiser_things (name TEXT PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO wegweiser_things VALUES ('a')"))
    engine.dispose()
    new = Database(postgres_server.url, TABLES, upgrades=GROWN)
    put(new, "b")
    assert noted(new) == 2
    new.close()
