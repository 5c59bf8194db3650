"""Backups hold what they should, nothing readable, and come back; with the real age."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import stat
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.cli import main
from bot.memory.counters import Counted, Counters
from bot.quality import backup as module
from bot.quality.backup import backup, dump, restore
from bot.settings import Settings

CANARY = "canary-9f27d1"
pytestmark = pytest.mark.skipif(shutil.which("age") is None, reason="age is missing: `make system` installs it")


class Key:
    """A pair of keys of age."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / name
        done = subprocess.run(["age-keygen", "-o", str(self.file)], capture_output=True, text=True, check=True)
        self.public = (done.stderr or done.stdout).split("Public key:")[1].split()[0]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return Key(tmp_path_factory.mktemp("keys"), "ours")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """An installation with something in every file."""
    folder, legal, goals = tmp_path / "var", tmp_path / "legal", tmp_path / "goals.yml"
    given = Settings(data_dir=folder, legal_dir=legal, goals=goals)
    secret = given.secret_bytes()
    assert secret
    counters = Counters(f"sqlite:///{folder / 'counters.sqlite'}")
    counters.count(counted("doctor"))
    assert counters.flush()
    legal.mkdir()
    (legal / "operator.yml").write_text(f"name: {CANARY}\n")
    goals.write_text(f"goals: {CANARY}\n")
    (folder / "corrections.jsonl").write_text(f'{{"id": "{CANARY}"}}\n')
    for name in ("conversations", "telegram", "handover", "callbacks", "review", "sources"):
        (folder / f"{name}.sqlite").write_text(f"{CANARY}-{name}")
    yield given
    counters.close()


def counted(topic: str) -> Counted:
    moment = datetime(2026, 11, 23, 10, tzinfo=timezone.utc)
    return Counted(moment=moment, channel="web", language="en", outcome="answered", topic=topic, new_question=True)


def names_in(archive: Path, key: Key) -> list[str]:
    plain = subprocess.run(["age", "-d", "-i", str(key.file), str(archive)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(plain)) as found:
        return sorted(found.getnames())


def test_there_and_back(settings: Settings, key: Key, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more, to = tmp_path / "wegweiser.env", tmp_path / "backup.tar.age"
    more.write_text(f"WEGWEISER_PORT=5005 # {CANARY}\n")
    assert backup(settings, to, [key.public], [more]) == 0, capsys.readouterr().err
    content = to.read_bytes()
    assert CANARY.encode() not in content and b"doctor" not in content and settings.secret_bytes() not in content
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert names_in(to, key) == [
        "corrections.jsonl", "counters.sql", "restored/goals.yml", "restored/legal", "restored/legal/operator.yml",
        "restored/wegweiser.env",
    ]  # fmt: skip
    new = Settings(data_dir=tmp_path / "new")
    assert restore(new, to, key.file) == 0, capsys.readouterr().err
    assert (new.data_dir / "corrections.jsonl").read_text() == (settings.data_dir / "corrections.jsonl").read_text()
    assert CANARY in (new.data_dir / "restored/legal/operator.yml").read_text()
    assert CANARY in (new.data_dir / "restored/wegweiser.env").read_text()
    url = "sqlite:///{}"
    before, after = (Counters(url.format(s.data_dir / "counters.sqlite")) for s in (settings, new))
    assert after.month("2026-11") == before.month("2026-11") and before.months() == ["2026-11"]
    after.count(counted("doctor"))
    assert after.flush()
    for counters in (before, after):
        counters.close()


def test_nothing_plain_reaches_a_disk(
    settings: Settings, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While age runs, every file that this process has open for writing, and every file that is there, is looked at."""
    seen: list[bytes] = []
    names = set(tmp_path.rglob("*"))

    def look(*_: object) -> str:
        for path in set(tmp_path.rglob("*")) - names:
            if path.is_file():
                seen.append(path.read_bytes())
        return dumped

    dumped = dump(settings.data_dir / "counters.sqlite")
    monkeypatch.setattr(module, "dump", look)
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    assert backup(settings, tmp_path / "b.age", [key.public]) == 0
    assert seen and not any(CANARY.encode() in content or b"CREATE TABLE" in content for content in seen)


def test_a_wrong_key_fails_clearly_and_changes_nothing(
    settings: Settings, key: Key, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to, new = tmp_path / "b.age", Settings(data_dir=tmp_path / "new")
    assert backup(settings, to, [key.public]) == 0
    other = Key(tmp_path, "other")
    capsys.readouterr()
    assert restore(new, to, other.file) == 1
    assert "no identity matched" in capsys.readouterr().err
    half = tmp_path / "half.age"
    half.write_bytes(to.read_bytes()[:-200])
    assert restore(new, half, key.file) == 1
    assert "wegweiser restore: age failed" in capsys.readouterr().err
    flipped = bytearray(to.read_bytes())
    flipped[-100] ^= 1
    half.write_bytes(bytes(flipped))
    assert restore(new, half, key.file) == 1
    assert "age failed" in capsys.readouterr().err
    assert list(new.data_dir.iterdir()) == []
    assert restore(settings, to, key.file) == 1, "an installation that is there is not overwritten"
    assert "counters.sqlite" in capsys.readouterr().err


def test_an_archive_of_somebody_else_writes_nothing(
    key: Key, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = Settings(data_dir=tmp_path / "new")
    for name, kind in (("../evil", tarfile.REGTYPE), ("/evil", tarfile.REGTYPE), ("secret", tarfile.REGTYPE),
                       ("restored/link", tarfile.SYMTYPE), ("restored/../../evil", tarfile.REGTYPE)):  # fmt: skip
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            row = tarfile.TarInfo(name)
            row.type, row.linkname = kind, "/etc"
            archive.addfile(row, io.BytesIO(b""))
        done = subprocess.run(["age", "-r", key.public], input=packed.getvalue(), capture_output=True, check=True)
        (tmp_path / "evil.age").write_bytes(done.stdout)
        assert restore(new, tmp_path / "evil.age", key.file) == 1
        assert "not made by" in capsys.readouterr().err
        assert list(new.data_dir.iterdir()) == [] and not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("recipients", "said"),
    [([], "--recipient"), (["age1nonsense"], "age failed: "), (["--output=/tmp/x"], "age failed: ")],
)
def test_what_is_wrong_is_said_and_no_file_stays(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], recipients: list[str], said: str
) -> None:
    assert backup(settings, tmp_path / "b.age", recipients) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("b.age*"))


def test_without_age_it_says_what_to_install(
    settings: Settings, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert backup(settings, tmp_path / "b.age", [key.public]) == 1
    assert "apt-get install age" in capsys.readouterr().err
    assert not (tmp_path / "b.age").exists()


def test_nothing_is_overwritten_and_everything_named_is_there(
    settings: Settings, key: Key, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "b.age"
    to.write_bytes(b"the one of yesterday")
    assert backup(settings, to, [key.public]) == 1
    assert to.read_bytes() == b"the one of yesterday"
    assert backup(settings, tmp_path / "c.age", [key.public], [tmp_path / "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_numbers_are_of_one_moment_while_they_are_counted(tmp_path: Path) -> None:
    """Two rows that are always written together are always together in a copy."""
    path, stop = tmp_path / "c.sqlite", threading.Event()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA user_version=7")
        connection.execute("CREATE TABLE n (name TEXT PRIMARY KEY, n INTEGER)")
        connection.execute("INSERT INTO n VALUES ('a', 0), ('b', 0)")
        connection.commit()

    def write() -> None:
        with closing(sqlite3.connect(path, timeout=30)) as writer:
            while not stop.is_set():
                with writer:
                    writer.execute("UPDATE n SET n = n + 1")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [dump(path) for _ in range(20)]
    finally:
        stop.set()
        thread.join()
    for text in copies:
        with closing(sqlite3.connect(":memory:")) as copy:
            copy.executescript(text)
            (a,), (b,) = copy.execute("SELECT n FROM n ORDER BY name").fetchall()
            assert a == b
            assert copy.execute("PRAGMA user_version").fetchone() == (7,)


def test_the_commands(
    settings: Settings, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("WEGWEISER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WEGWEISER_DATA_DIR", str(settings.data_dir))
    to = str(tmp_path / "b.age")
    assert main(["backup", "--to", to, "--recipient", key.public, "--with", str(settings.legal_dir)]) == 0
    assert "counters.sqlite" in capsys.readouterr().out
    monkeypatch.setenv("WEGWEISER_DATA_DIR", str(tmp_path / "new"))
    assert main(["restore", "--from", to, "--identity", str(key.file)]) == 0
    assert sorted(os.listdir(tmp_path / "new")) == ["corrections.jsonl", "counters.sqlite", "restored"]
