"""`wegweiser serve` as people run it, with what goes wrong around it: disk, Telegram, other directories, files, model."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.operations.quarantine import quarantined
from bot.settings import ROOT, Settings
from tests.staying_up.disks import fill, read_only, small_disk
from tests.staying_up.stores import sound
from tests.staying_up.test_watchdog import Manager

QUESTION, FOLLOW_UP = "Deutschkurs in Leipzig", "Was kostet das?"
PATIENCE = 180.0


def until(done: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What it gives once it is true; a failure of the test when it is not in time."""
    end = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
    return found


@dataclass
class Server:
    """A running server and what is around it."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    data: Path
    manager: Manager | None = None

    def ready(self) -> dict[str, Any]:
        """What /ready says."""
        found: dict[str, Any] = httpx.get(f"{self.address}/ready", timeout=10).json()
        return found

    def failed(self) -> set[str]:
        """The checks that fail."""
        return set(self.ready()["failed"])

    def talk(self) -> Talk:
        """A new conversation."""
        return Talk(self, httpx.post(f"{self.address}/api/v1/conversations", json={}, timeout=30).json())


class Talk:
    """One conversation."""

    def __init__(self, server: Server, session: dict[str, str]) -> None:
        self._server, self._session, self._number = server, session, 0

    def say(self, text: str) -> dict[str, Any]:
        """The answer to a message."""
        self._number += 1
        headers = {"Authorization": f"Bearer {self._session['token']}"}
        body = {"conversation": self._session["conversation"], "id": f"m{self._number}", "text": text}
        got = httpx.post(f"{self._server.address}/api/v1/messages", json=body, headers=headers, timeout=60)
        assert got.status_code == 200, got.text
        found: dict[str, Any] = got.json()["replies"][0]
        return found

    def goes_on(self) -> None:
        """A question and a follow-up, which only a kept conversation can answer."""
        first = self.say(QUESTION)
        assert first["topic"] == "german_course" and first["cards"]
        assert self.say(FOLLOW_UP)["topic"] == "german_course"


@contextlib.contextmanager
def serving(folder: Path, data: Path, manager: Manager | None = None, **settings: str) -> Iterator[Server]:
    """A server with this data folder."""
    if not Settings().model.exists():
        pytest.skip("there is no model: `make train`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    model = folder / "model" / "wegweiser.tar.gz"
    model.parent.mkdir(parents=True)
    shutil.copy(Settings().model, model)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WEGWEISER_", "NOTIFY_", "WATCHDOG_"))}
    env |= {"WEGWEISER_PORT": str(port), "WEGWEISER_DATA_DIR": str(data), "WEGWEISER_MODEL": str(model), **settings}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", process, folder / "log", data, manager)

    def up() -> bool:
        assert process.poll() is None, server.log.read_text(errors="replace")[-3000:]
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{server.address}/ready", timeout=5).status_code == 200
        return False

    try:
        until(up, 400)  # on a machine that does much besides
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Neither Telegram nor another directory can be reached; the disk is small; systemd listens."""
    folder = tmp_path_factory.mktemp("lonely")
    manager = Manager(str(folder / "notify"))
    nowhere = "http://127.0.0.1:9"
    settings = {
        "WEGWEISER_TELEGRAM_TOKEN": "123456:abcdefghijklmnopqrst",
        "WEGWEISER_TELEGRAM_API": nowhere,
        "WEGWEISER_HSDS_URLS": f"{nowhere}/hsds",
        "WEGWEISER_INTEGREAT_URL": nowhere,
        "WEGWEISER_CALLBACKS": "on",
        "WEGWEISER_LEARN": "on",
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": "3000000",
    }
    # Room for what readiness wants besides what the stores take.
    with small_disk(folder / "disk", "80m") as disk, serving(folder, disk / "var", manager, **settings) as server:
        yield server
    manager.socket.close()


def test_alone_in_the_world_it_answers_and_is_ready(lonely: Server) -> None:
    until(lambda: lonely.ready() == {"status": "ready", "failed": []})
    lonely.talk().goes_on()
    assert httpx.get(f"{lonely.address}/health").json() == {"status": "ok"}


def test_systemd_hears_that_it_is_up_and_alive(lonely: Server) -> None:
    assert lonely.manager is not None
    heard = until(lonely.manager.heard)
    assert heard[0] == "READY=1"
    until(lambda: "WATCHDOG=1" in (lonely.manager.heard() if lonely.manager else []))
    lonely.process.send_signal(signal.SIGSTOP)  # nothing in it moves any more, the event loop neither
    tasks = Path(f"/proc/{lonely.process.pid}/task")
    try:
        # On a busy machine it takes a while until all its threads have heard.
        until(lambda: all(") T " in (task / "stat").read_text() for task in tasks.iterdir()))
        lonely.manager.heard()
        time.sleep(3)
        assert lonely.manager.heard() == []
    finally:
        lonely.process.send_signal(signal.SIGCONT)
    until(lambda: "WATCHDOG=1" in (lonely.manager.heard() if lonely.manager else []))


def test_on_a_full_disk_people_get_their_answers(lonely: Server) -> None:
    before = lonely.talk()
    before.goes_on()
    filler = fill(lonely.data)
    try:
        during = [lonely.talk() for _ in range(8)]
        for talk in during:
            talk.goes_on()
        assert before.say(FOLLOW_UP)["topic"] == "german_course", "and are known still"
        until(lambda: {"disk_room", "store_conversations", "store_counters"} <= lonely.failed())
        assert lonely.ready()["status"] == "degraded"
        assert httpx.get(f"{lonely.address}/ready").status_code == 200
    finally:
        filler.unlink()
    until(lambda: lonely.ready() == {"status": "ready", "failed": []})
    for talk in [before, *during]:
        assert talk.say(FOLLOW_UP)["topic"] == "german_course"
    files = sorted(lonely.data.glob("*.sqlite"))
    assert {"conversations.sqlite", "counters.sqlite", "telegram.sqlite"} <= {path.name for path in files}
    assert all(sound(path) for path in files) and quarantined(lonely.data) == []
    log = lonely.log.read_text(errors="replace")
    # a line for each outage, not for each message: a little room can come back in between
    outages = log.count("conversations cannot be written")
    assert 1 <= outages == log.count("conversations can be written again") <= len(during) and QUESTION not in log


def test_a_model_that_vanishes_is_told_and_missed_by_nobody(lonely: Server) -> None:
    model = lonely.log.parent / "model" / "wegweiser.tar.gz"
    elsewhere = model.with_name("elsewhere")
    model.rename(elsewhere)
    try:
        until(lambda: lonely.ready() == {"status": "degraded", "failed": ["model_current"]})
        lonely.talk().goes_on()
    finally:
        elsewhere.rename(model)
    until(lambda: lonely.ready()["status"] == "ready")


def test_it_says_that_it_ends(lonely: Server) -> None:
    assert lonely.manager is not None
    lonely.manager.heard()  # nobody else empties the socket
    lonely.process.send_signal(signal.SIGTERM)
    assert lonely.process.wait(60) == 0
    assert "STOPPING=1" in lonely.manager.heard()


def test_a_disk_that_takes_no_writes_with_damaged_files_on_it(tmp_path: Path) -> None:
    """The worst start: no secret, nothing can be written, and what is there is broken."""
    with small_disk(tmp_path / "disk", "80m") as disk:
        data = disk / "var"
        data.mkdir()
        for name in ("conversations", "counters", "telegram", "review"):
            (data / f"{name}.sqlite").write_bytes(b"not a database at all" * 1000)
        read_only(disk, True)
        with serving(tmp_path, data) as server:
            talk = server.talk()
            talk.goes_on()
            until(lambda: {"store_conversations", "store_counters"} <= server.failed())
            assert server.ready()["status"] == "degraded"
            log = server.log.read_text(errors="replace")
            assert "the secret cannot be kept" in log and "conversations cannot be written" in log
            read_only(disk, False)
            until(lambda: server.ready() == {"status": "ready", "failed": []})
            assert talk.say(FOLLOW_UP)["topic"] == "german_course", "nobody begins anew"
            aside = {found.name for found in quarantined(data)}
            assert {"conversations.sqlite", "counters.sqlite"} <= aside
            assert sound(data / "conversations.sqlite")
        assert server.process.returncode == 0
