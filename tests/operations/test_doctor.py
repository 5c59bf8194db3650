"""`wegweiser doctor` on installations with real faults: files, ports, stores, servers; it says what to do and no secret."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.operations import inspection
from bot.operations.inspection import FAULT, NOTE, OK, Finding
from bot.quality.doctor import main, schemas
from bot.quality.reach import _clock, reach
from bot.settings import Settings
from tests.fakes import postgres, redis_server
from tests.operations.test_preflight import start

TOKEN = "123456:abcdefghijklmnopqrstuvwxyz012345678"


def levels(found: Any) -> dict[str, str]:
    """What was found, by its words."""
    return {finding.what: finding.level for finding in found}


def only(found: Any, word: str) -> Finding:
    (finding,) = [finding for finding in found if word in finding.what]
    return finding


@contextlib.contextmanager
def web(status: int = 200, body: bytes = b"{}", date: float | None = None) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that answers all alike; its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response_only(status)
            self.send_header("Date", formatdate(date or time.time(), usegmt=True))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


# On the machine


def test_a_folder_that_is_fine(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert set(levels(inspection.data_folder(Settings(data_dir=tmp_path))).values()) == {OK}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    finding = only(inspection.data_folder(Settings(data_dir=tmp_path)), "mode 755")
    assert finding.level == NOTE and finding.do == f"chmod 700 {tmp_path}"


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert set(levels(inspection.data_folder(Settings(data_dir=tmp_path / "var"))).values()) == {NOTE}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    finding = only(inspection.data_folder(Settings(data_dir=file)), "cannot be written")
    assert finding.level == FAULT and "WEGWEISER_DATA_DIR" in finding.do


def test_little_room_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((500, NOTE), (10, FAULT)):
        usage = type("Usage", (), {"free": free * 1024 * 1024})()
        monkeypatch.setattr(inspection.shutil, "disk_usage", lambda _, usage=usage: usage)
        assert only(inspection.data_folder(Settings(data_dir=tmp_path)), "MB left").level == level


def made(path: Path, version: int = 1, rows: int = 3000) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE conversations (sender TEXT PRIMARY KEY, content BLOB)")
        connection.executemany(
            "INSERT INTO conversations VALUES (?, ?)", [(f"{i:040}", bytes(100)) for i in range(rows)]
        )
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    path.chmod(0o600)
    return path


def test_a_sound_database(tmp_path: Path) -> None:
    made(tmp_path / "conversations.sqlite")
    (finding,) = inspection.databases(tmp_path, {"conversations": 1})
    assert finding == Finding(OK, "conversations.sqlite is sound (version 1)")


@pytest.mark.parametrize("damage", ["middle", "head", "cut"])
def test_a_broken_database(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path / "conversations.sqlite")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        at = 0 if damage == "head" else len(content) // 2
        content[at : at + 4096] = os.urandom(4096)
    path.write_bytes(content)
    finding = only(inspection.databases(tmp_path, {}), "conversations.sqlite")
    assert finding.level == FAULT and "damaged" in finding.what and finding.do


def test_versions_of_databases(tmp_path: Path) -> None:
    made(tmp_path / "handover.sqlite", version=9, rows=1)
    made(tmp_path / "callbacks.sqlite", version=0, rows=1)
    found = list(inspection.databases(tmp_path, {"handover": 1, "callbacks": 1}))
    assert only(found, "handover").level == FAULT and "newer program" in only(found, "handover").do
    assert only(found, "callbacks").level == OK and "brought up to 1" in only(found, "callbacks").what


def test_a_database_that_others_can_read(tmp_path: Path) -> None:
    made(tmp_path / "counters.sqlite", rows=1).chmod(0o644)
    assert only(inspection.databases(tmp_path, {}), "read by other users").do.startswith("chmod 600")


def test_what_was_put_aside_is_named(tmp_path: Path) -> None:
    from bot.operations.quarantine import put_aside

    put_aside(made(tmp_path / "conversations.sqlite", rows=1))
    assert only(inspection.aside(tmp_path), "put aside").level == NOTE


def test_the_versions_this_program_reads() -> None:
    found = schemas()
    assert {"conversations", "handover", "callbacks"} <= set(found) and min(found.values()) >= 1


@pytest.mark.parametrize(
    ("content", "mode", "level"), [("x" * 64, 0o600, OK), ("x" * 64, 0o644, FAULT), ("", 0o600, FAULT), ("x", 0o600, FAULT)]
)  # fmt: skip
def test_the_secret(tmp_path: Path, content: str, mode: int, level: str) -> None:
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(mode)
    (finding,) = inspection.secret(Settings(data_dir=tmp_path))
    assert finding.level == level and (finding.do or level == OK)


def test_no_secret_yet(tmp_path: Path) -> None:
    assert next(inspection.secret(Settings(data_dir=tmp_path))).level == NOTE
    assert next(inspection.secret(Settings(secret="x" * 20))).level == OK
    assert list(tmp_path.iterdir()) == []


def test_a_port_with_us_with_another_and_free() -> None:
    with web() as (address, asked):
        finding = only(inspection.port(Settings(port=int(address.rpartition(":")[2]))), "answers")
        assert finding.level == OK and asked == ["/health"]
    with web(status=503) as (address, _):
        assert only(inspection.port(Settings(port=int(address.rpartition(":")[2]))), "not ready").level == NOTE
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert only(inspection.port(Settings(port=port)), "cannot be used").level == FAULT
    assert only(inspection.port(Settings(port=port)), "is free").level == OK


@pytest.mark.parametrize(
    ("settings", "word", "level"),
    [
        ({}, "PUBLIC_URL is not set", NOTE),
        ({"public_url": "http://w.example"}, "is not https", NOTE),
        ({"public_url": "http://w.example", "telegram_token": TOKEN}, "webhook does not work", FAULT),
        ({"public_url": "https://w.example"}, "no proxy is trusted", NOTE),
        ({"public_url": "https://w.example", "trusted_proxies": ("127.0.0.1/32",)}, "people reach it", OK),
    ],
)
def test_how_people_reach_it(settings: dict[str, Any], word: str, level: str) -> None:
    assert only(inspection.public(Settings(**settings)), word).level == level


def test_metrics_without_a_login_on_all_addresses() -> None:
    assert only(inspection.numbers(Settings(metrics="0.0.0.0:1")), "without a login").level == NOTE
    assert only(inspection.numbers(Settings()), "nobody can watch").level == NOTE


def test_a_wrong_clock(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert next(inspection.clock(settings)).level == OK
    finding = next(inspection.clock(settings, now=1_000_000_000.0))
    assert finding.level == FAULT and "days newer" in finding.what
    assert _clock([300.0, -1.0, 299.0])[0].level == NOTE and _clock([-9000.0])[0].level == FAULT
    assert _clock([3.0])[0].level == OK and _clock([]) == []


def test_packages_against_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("httpx==0.28.1 \\\n    --hash=sha256:x\nnot-installed==1.0\n")
    assert set(levels(inspection.versions(lock)).values()) == {OK}
    lock.write_text("httpx==9.9.9 \\\n")
    assert "httpx 0.28.1 instead of 9.9.9" in only(inspection.versions(lock), "lock").what
    lock.write_text("rasa==9.9.9\n")
    assert only(inspection.versions(lock), "rasa").level == FAULT


def test_backups(tmp_path: Path) -> None:
    assert next(inspection.backups(tmp_path)).level == NOTE
    file = tmp_path / "wegweiser-2026-11-01.tar.age"
    file.write_text("")
    assert next(inspection.backups(tmp_path)).level == OK
    finding = next(inspection.backups(tmp_path, now=time.time() + 90 * 86400))
    assert finding.level == NOTE and "90 days old" in finding.what


# Of others


def test_a_wrong_redis_address_and_a_real_one() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = probe.getsockname()[1]
    settings = Settings(redis_url=f"redis://:hunter2@127.0.0.1:{dead}/0", secret="x" * 20)
    (finding,) = reach(settings)
    assert finding.level == FAULT and "Redis cannot be used" in finding.what and "WEGWEISER_REDIS_URL" in finding.do
    assert "hunter2" not in str(finding)
    if redis_server.programs() is None:
        pytest.skip("redis-server is not installed")
    with redis_server.running() as server:
        assert reach(Settings(redis_url=server.url, secret="x" * 20)) == [Finding(OK, "Redis answers")]


def test_a_server_that_takes_connections_and_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        settings = Settings(
            redis_url=f"redis://127.0.0.1:{port}/0",
            database_url=f"postgresql://w:hunter2@127.0.0.1:{port}/w",
            actions_url=f"http://127.0.0.1:{port}",
            telegram_token=TOKEN,
            telegram_api=f"http://127.0.0.1:{port}",
        )
        began = time.monotonic()
        found = reach(settings)
        assert time.monotonic() - began < 60
    assert [finding.level for finding in found] == [FAULT, FAULT, FAULT, NOTE]
    assert "hunter2" not in str(found) and TOKEN not in str([str(finding) for finding in found])


@pytest.mark.parametrize(
    ("status", "body", "level", "word"),
    [
        (200, b'{"ok": true, "result": {"username": "WegweiserBot"}}', OK, "@WegweiserBot"),
        (200, b'{"ok": true, "result": {"username": "OtherBot"}}', FAULT, "@OtherBot"),
        (401, b'{"ok": false}', FAULT, "refuses the token"),
        (502, b"{}", NOTE, "status 502"),
        (200, b"no json", NOTE, "cannot be reached"),
    ],
)
def test_telegram(status: int, body: bytes, level: str, word: str) -> None:
    with web(status, body) as (address, asked):
        settings = Settings(telegram_token=TOKEN, telegram_api=address, telegram_name="wegweiserbot")
        (finding,) = reach(settings)
    assert asked == [f"/bot{TOKEN}/getMe"]
    assert finding.level == level and word in finding.what and TOKEN not in str(finding)


def test_directories_of_others_and_action_servers() -> None:
    with web(404) as (address, _):
        settings = Settings(integreat_url=address, hsds_urls=(address,), actions_url=address)
        found = reach(settings)
    assert [finding.level for finding in found] == [FAULT, OK, OK]
    with web(500) as (address, _):
        (finding,) = reach(Settings(course_search_url=address))
    assert finding.level == NOTE and "status 500" in finding.what and "7 days" in finding.do


# The command


def test_it_is_for_people_and_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        data_dir=tmp_path, model=tmp_path / "none", secret="geheimes-wort-1", zammad_url="https://u:geheim@z.example"
    )
    assert main(settings) == 1
    text = capsys.readouterr().out
    assert "geheim" not in text and "FAULT no model at" in text and "WEGWEISER_SECRET = (set)" in text
    rows = [line for line in text.splitlines() if line.split(" ")[0] in (FAULT, NOTE, OK)]
    order = [line.split(" ")[0] for line in rows]
    assert order == sorted(order, key=[FAULT, NOTE, OK].index), "what is worst comes first"
    assert all(": " in line for line in rows if line.startswith("FAULT")), "a fault comes with what to do"
    assert main(settings, as_json=True) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["ok"] is False and shown["settings"]["WEGWEISER_SECRET"]["value"] == "(set)"
    assert {"level": FAULT, "what": f"no model at {tmp_path / 'none'}", "do": "run `make train`"} in shown["findings"]


def test_it_goes_on_with_wrong_settings(tmp_path: Path) -> None:
    done = start("doctor", "--json", PORT="x", SECRET="short", DATA_DIR=tmp_path, MODEL=tmp_path / "none")
    assert done.returncode == 1, done.stderr
    faults = [row["what"] for row in json.loads(done.stdout)["findings"] if row["level"] == FAULT]
    assert any(what.startswith("WEGWEISER_PORT") for what in faults)
    assert any(what.startswith("WEGWEISER_SECRET") for what in faults) and any("no model" in what for what in faults)


def test_it_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(tmp_path / "conversations.sqlite", rows=1)
    before = path.read_bytes()
    main(Settings(data_dir=tmp_path, model=tmp_path / "none"))
    capsys.readouterr()
    assert path.read_bytes() == before
    assert {file.name.split("-")[0] for file in tmp_path.iterdir()} == {"conversations.sqlite"}


def test_a_real_postgresql() -> None:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.running() as server:
        assert reach(Settings(database_url=server.url)) == [Finding(OK, "PostgreSQL answers")]
