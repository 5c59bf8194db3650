"""The short form of `make chaos`, both layouts with a fixed seed; and that its judges see what they are there for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.settings import ROOT
from bot.speech.reply import Reply
from tests.fakes.web_server import serve
from tools.chaos import afterwards, kinds, people, report
from tools.chaos.cases import BUTTON, CRISIS, TYPED, Case, drawn, lead_of, plain
from tools.chaos.chats import FIRST_CHAT, Chat, Chats
from tools.chaos.folder import DataFolder
from tools.chaos.keeper import Kept
from tools.chaos.ledger import Fault, Ledger
from tools.chaos.making import MAKERS
from tools.chaos.people import Closing, People
from tools.chaos.schedule import draw
from tools.chaos.telegram import TroubledTelegram
from tools.chaos.upstreams import lied
from tools.chaos.wire import Wire
from tools.cluster.cluster import Member, programs

# Of faults; with the start, the questions before and the end it takes longer.
SECONDS = 30.0
SEED = 11
COURSE = Case(BUTTON, "en", "german_course", "leipzig", "Leipzig", payload='/german_course{"place": "leipzig"}')
HOUSE = "Ich suche dringend eine Wohnung für meine Familie Leipzig"


def ledger(told: list[str] | None = None) -> Ledger:
    return Ledger(SEED, "single", (told if told is not None else []).append)


def chaos(tmp_path: Path, *more: str) -> list[str]:
    short = ["--seed", str(SEED), "--rate", "4", "--people", "10", "--cases", "1", "--gap", "1", "4"]
    return [sys.executable, "tools/chaos/run.py", *short, "--json", str(tmp_path / "chaos.json"), *more]


@pytest.mark.parametrize("layout", ["single", "cluster"])
def test_everything_holds_under_faults(layout: str, tmp_path: Path) -> None:
    if layout == "cluster" and not all(programs().values()):
        pytest.skip("needs redis-server, postgresql and nginx")
    command = chaos(tmp_path, "--layout", layout, "--minutes", str(SECONDS / 60), "--card", str(tmp_path / "chaos.md"))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    [found] = json.loads((tmp_path / "chaos.json").read_text("utf-8"))["layouts"]
    assert found["violated"] == 0 and found["answered"] == sum(found["messages"].values()) > 30
    assert {"web", "form", "telegram"} <= set(found["messages"]) and found["kinds"][CRISIS] > 0
    assert len(found["faults"]) >= 5
    assert "| violations | 0 |" in (tmp_path / "chaos.md").read_text("utf-8")


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = chaos(tmp_path, "--layout", "single", "--minutes", "10", "--only", "freeze,disk-full,busy-cpu")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "answered rightly" in line:
            break
    time.sleep(4)
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    assert process.wait(120) == 1 and "stopped before its time" in rest and "VIOLATED" not in rest
    assert afterwards.left_behind(tmp_path) == [] and str(tmp_path) not in Path("/proc/mounts").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["chaos.json"]


def test_every_fault_can_be_made_and_is_told() -> None:
    assert set(MAKERS) == {kind.name for kind in kinds.KINDS}
    page = (ROOT / "docs" / "chaos.md").read_text("utf-8")
    assert [kind.name for kind in kinds.KINDS if f"`{kind.name}`" not in page] == []


def test_a_seed_is_a_schedule() -> None:
    here, left_out = kinds.possible("cluster", frozenset({"root"}))
    assert {kind.name for kind in left_out} == {"clock"} and all("cluster" in kind.layouts for kind in here)
    one = draw(here, 5, 900.0)
    assert one == draw(here, 5, 900.0) and one != draw(here, 6, 900.0)
    assert draw(here, 5, 100.0) == one[: len(draw(here, 5, 100.0))]
    assert len({planned.kind for planned in one[: len(here)]}) == len(here)
    assert all(earlier.at < later.at < 900 for earlier, later in pairwise(one))
    with pytest.raises(ValueError, match="no such fault: flod"):
        kinds.possible("single", frozenset(), frozenset({"flod"}))


def test_questions_are_the_same_for_a_seed_and_in_every_language() -> None:
    topics = ["doctor", "find_housing", "german_course", "school"]
    found = drawn(3, 2, topics)
    assert found == drawn(3, 2, topics) and found != drawn(4, 2, topics)
    assert len({case.language for case in found}) == 12
    assert {case.kind for case in found} == {TYPED, BUTTON, CRISIS}


@contextlib.contextmanager
def answering(content: bytes) -> Iterator[int]:
    """A server that answers every request of a connection with this."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
                await writer.drain()

    loop, ready, stopped, ports = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), list[int]()

    async def serve_until_stopped() -> None:
        async with await asyncio.start_server(one, "127.0.0.1", 0) as server:
            ports.append(server.sockets[0].getsockname()[1])
            ready.set()
            await stopped.wait()

    def run() -> None:
        loop.run_until_complete(serve_until_stopped())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()

    runner = threading.Thread(target=run, daemon=True)
    runner.start()
    assert ready.wait(20)
    yield ports[0]
    loop.call_soon_threadsafe(stopped.set)
    runner.join(10)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("mode", "meets"),
    [
        ("lose", httpx.RemoteProtocolError | httpx.ReadError),
        ("cut", httpx.RemoteProtocolError | httpx.ReadError),
        ("early", httpx.RemoteProtocolError),
        ("away", httpx.RemoteProtocolError | httpx.ReadError | httpx.ConnectError),
        ("silent", httpx.ReadTimeout),
    ],
)
async def test_a_wire_does_what_it_is_told(mode: str, meets: Any, anyio_backend: str) -> None:
    with answering(b"x" * 1000) as port:
        wire = Wire(port, random.Random(1))
        await wire.start()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=1.0) as http:
                assert len((await http.get(wire.url)).content) == 1000
                wire.mode = mode
                with pytest.raises(httpx.TransportError) as met:
                    await http.get(wire.url)
                assert isinstance(met.value, meets)
                assert mode in ("silent", "away") or wire.done[mode] == 1
                wire.mode = ""
                assert len((await http.get(wire.url)).content) == 1000
        finally:
            await wire.stop()


@pytest.mark.anyio
async def test_gigabytes_end_when_the_reader_hangs_up(anyio_backend: str) -> None:
    wire = Wire(1, random.Random(1))
    await wire.start()
    wire.mode = "endless"
    taken = 0
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http, http.stream("GET", wire.url) as answer:
        assert int(answer.headers["content-length"]) > 2**31
        async for part in answer.aiter_raw():
            taken += len(part)
            if taken > 2**20:
                break
    await wire.stop()
    assert wire._tasks == set()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def ask(url: str, cases: list[Case], book: Ledger, seconds: float = 1.0, rate: float = 20.0) -> None:
    """People who ask this for so long."""
    closing = Closing()
    talking = asyncio.create_task(People(url, book, cases, closing, 3, 2, rate).run())
    await asyncio.sleep(seconds)
    closing.begin(0.5)
    await talking


def by(reply: Reply) -> dict[str, Any]:
    return reply.to_dict()


RIGHT = Reply("A course.", "en", "ltr", topic="german_course", place="Leipzig")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (RIGHT, ""),
        (Reply("Ein Kurs.", "de", "ltr", topic="german_course"), "wrong language"),
        (Reply("A doctor.", "en", "ltr", topic="doctor"), "wrong conversation"),
        (Reply("A course.", "en", "ltr", topic="german_course", place="Dresden"), "wrong conversation"),
        (Reply("What is it about?", "en", "ltr"), "wrong conversation"),
    ],
)
async def test_people_see_a_wrong_answer(reply: Reply, rule: str, anyio_backend: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(people, "FORMS", 0)
    book = ledger()
    with serve() as server:
        server.agent.reply = by(reply)
        await ask(server.url, [COURSE], book)
    assert {row["rule"] for row in book.violations} == ({rule} if rule else set())
    assert all(message.answered for message in book.messages) and len(book.messages) > 3


@pytest.mark.anyio
@pytest.mark.parametrize(("text", "violated"), [("Call 112 now.", False), ("Take a rest.", True)])
async def test_people_see_an_emergency_without_its_number(
    text: str, violated: bool, anyio_backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(people, "FORMS", 0)
    monkeypatch.setattr(people, "CRISES", 10)
    book = ledger()
    with serve() as server:
        server.agent.reply = by(Reply(text, "en", "ltr", topic="emergency_medical"))
        danger = Case(CRISIS, "en", "emergency_medical", "", "", text="My father does not breathe any more")
        await ask(server.url, [danger], book)
    assert {row["rule"] for row in book.violations} == ({"crisis unanswered"} if violated else set())


@pytest.mark.anyio
async def test_people_begin_anew_only_after_faults_that_allow_it(anyio_backend: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(people, "FORMS", 0)
    case = Case(**{**vars(COURSE), "follow_lead": "x"})
    for effects, rules in ((frozenset(), {"began anew"}), (frozenset({kinds.FORGETS}), set())):
        book = ledger()
        book.begin(Fault("redis-killed", effects, time.monotonic()))
        with serve() as server:

            async def forgetful(message: Any, server: Any = server) -> None:
                known = "german_course" in (message.text or "")
                reply = RIGHT if known else Reply("What is it about?", "en", "ltr")
                await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply.to_dict()}})

            monkeypatch.setattr(people, "FOLLOW_UP", "/help")
            monkeypatch.setattr(server.agent, "handle_message", forgetful)
            await ask(server.url, [case], book)
        assert {row["rule"] for row in book.violations} == rules
        assert bool(book.anew) == (not rules)


@pytest.mark.anyio
async def test_people_send_again_and_see_when_no_answer_comes(anyio_backend: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(people, "FORMS", 0)
    told: list[str] = []
    book = ledger(told)
    typed = Case(TYPED, "de", "find_housing", "leipzig", "Leipzig", text=HOUSE)
    with serve() as server:
        server.agent.failure = RuntimeError("on purpose")
        await ask(server.url, [typed], book, seconds=1.5)
    assert {row["rule"] for row in book.violations} == {"no answer"}
    assert any(message.tries > 1 and message.why["500 internal"] > 1 for message in book.messages)
    assert "no answer" in told[0] and f"seed {SEED}" in told[0] and "web-1" in told[0]
    assert "Wohnung" not in "".join(told) + json.dumps(book.violations, ensure_ascii=False)


def test_a_failure_needs_a_code_and_says_when_to_try_again() -> None:
    talk: Any = people._Widget(SimpleNamespace(ledger=(book := ledger())), None, random.Random(1))  # type: ignore[arg-type]
    message = book.send("web", TYPED)
    busy = {"error": {"code": "busy", "message": "x"}}
    talk._refused(message, httpx.Response(503, json=busy, headers={"Retry-After": "2"}))
    assert book.violated == 0
    talk._refused(message, httpx.Response(503, json=busy))
    talk._refused(message, httpx.Response(502, text="Bad Gateway"))
    with pytest.raises(people.GaveUp):
        talk._refused(message, httpx.Response(404, json=busy))
    details = [row["detail"] for row in book.violations]
    assert details == ["status 503 without Retry-After", "status 502 without a code", "status 404 busy"]


def chats(api: TroubledTelegram, book: Ledger, cases: list[Case]) -> Chats:
    return Chats(api, None, book, cases, Closing(), 1, 1, 1.0)  # type: ignore[arg-type]


def test_repeats_in_telegram_are_counted_and_need_a_crash() -> None:
    course, doctor = (
        Case(**{**vars(COURSE), "topic": topic, "lead": f"about{topic}"}) for topic in ("course", "doctor")
    )
    for deaths, seen, rules in (
        (0, 1, set()),
        (0, 2, {"answered again"}),
        (1, 2, set()),
        (1, 3, {"answered again"}),
        (2, 3, set()),
    ):
        api, book = TroubledTelegram(random.Random(1)), ledger()
        found = chats(api, book, [course, doctor])
        chat = Chat(FIRST_CHAT, "en", [(course, book.send("telegram", BUTTON))])
        found.all.append(chat)
        if deaths:
            book.begin(Fault("kill", frozenset(), time.monotonic(), deaths=deaths, ended=time.monotonic()))
        api.shown[FIRST_CHAT] = [(time.monotonic(), "aboutcourse")] * seen
        book.answered(chat.asked[0][1])
        assert found.judge()["repeats"] == seen - 1
        assert {row["rule"] for row in book.violations} == rules
    api.shown[FIRST_CHAT] = [(0.0, "aboutcourse"), (0.0, "aboutdoctor")]
    found.judge()
    assert book.violations[-1]["rule"] == "wrong conversation"


def test_an_answer_may_begin_with_a_word_and_go_on_like_another_one_on_its_topic() -> None:
    asked, button = (Case(**{**vars(COURSE), "topic": "course", "lead": lead}) for lead in ("A1:alevel", "aboutcourse"))
    api, book = TroubledTelegram(random.Random(1)), ledger()
    found = chats(api, book, [asked, button])
    found.all.append(Chat(FIRST_CHAT, "en", [(asked, book.send("telegram", TYPED))]))
    api.shown[FIRST_CHAT] = [(time.monotonic(), "A1:alevel.aboutcourse")]
    assert found.judge()["repeats"] == 0 and book.violated == 0


def test_texts_in_logs_and_broken_stores_are_seen(tmp_path: Path) -> None:
    (tmp_path / "serve-0.log").write_text("a message came in\n", encoding="utf-8")
    layout: Any = SimpleNamespace(logs=[tmp_path / "serve-0.log"])
    book = ledger()
    afterwards.check_logs(layout, book, [HOUSE], ["a-conversation"])
    assert book.violated == 0
    for leaked in (HOUSE, json.dumps(HOUSE), "a-conversation"):
        (tmp_path / "serve-0.log").write_text(f"could not answer {leaked}\n", encoding="utf-8")
        afterwards.check_logs(layout, book, [HOUSE], ["a-conversation"])
    assert [row["rule"] for row in book.violations] == ["a text in a log"] * 3
    folder = DataFolder(tmp_path / "var", own_disk=False)
    path = folder.path / "conversations.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as link:
        link.execute("CREATE TABLE x (y)")
        link.executemany("INSERT INTO x VALUES (?)", [("z" * 500,)] * 200)
        link.commit()
    assert afterwards.integrity(path) == "ok"
    assert folder.overwrite(random.Random(1), whole=True) == path.name
    assert afterwards.integrity(path) != "ok"


def test_what_is_held_is_compared() -> None:
    before = {"serve-0": (400.0, 40), "serve-1": (400.0, 40)}
    assert afterwards.too_much(before, {"serve-0": (420.0, 50), "serve-1": (300.0, 10)}) == []
    told = afterwards.too_much(before, {"serve-0": (900.0, 400)})
    assert len(told) == 3 and "900 MB" in told[0] and "400 files" in told[1] and "does not run" in told[2]


def test_a_zombie_is_seen() -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    end = time.monotonic() + 60
    while not (found := afterwards.zombies([os.getpid()])) and time.monotonic() < end:
        time.sleep(0.05)
    assert found == [process.pid]
    process.wait()
    assert afterwards.zombies([os.getpid()]) == []


HEALTH = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.mark.anyio
async def test_a_keeper_starts_again_what_ended(tmp_path: Path, anyio_backend: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    member = Member("one", [sys.executable, "-S", "-c", HEALTH, str(port)], port, dict(os.environ), tmp_path)
    ended: list[int] = []
    kept = Kept(member, lambda _, code: ended.append(code))
    kept.keep()
    try:
        assert await kept.healthy(60)
        first = kept.pid
        assert kept.kill()
        while kept.pid in (0, first):
            await asyncio.sleep(0.05)
        assert await kept.healthy(60) and ended == []
        os.kill(kept.pid, signal.SIGKILL)  # not by the keeper
        while kept.starts < 3:
            await asyncio.sleep(0.05)
        assert ended == [-9]
        assert await kept.healthy(60)
        kept.few_files(2)()
        kept.signal(signal.SIGSTOP)
        assert await kept.end() == -signal.SIGTERM and kept.pid == 0
    finally:
        await kept.close()


def test_what_upstreams_lie_about_differs_from_the_truth() -> None:
    truth = json.loads((ROOT / "tests" / "contracts" / "hsds_feed" / "service_full.json").read_text("utf-8"))
    found = [lied(truth, random.Random(n)) for n in range(5)]
    assert all(one != truth and isinstance(one, dict) for one in found) and found[0] == lied(truth, random.Random(0))


def test_the_beginning_of_an_answer_is_the_same_however_it_is_set() -> None:
    reply = {"text": "\u200fDie  Schule\nist \u2068frei\u2069.\n\nMehr."}
    assert lead_of(reply) == "DieSchuleistfrei." == plain("Die Schule ist frei.")
    word = {"text": "IBAN:\n\nDie Nummer eines Kontos in Europa. Sie beginnt mit DE.\n\nJeder hat ein Recht."}
    assert lead_of(word) == plain("IBAN: Die Nummer eines Kontos in Europa.")


def test_the_page_shows_a_run(tmp_path: Path) -> None:
    book = ledger()
    book.answered(book.send("web", TYPED))
    book.begin(Fault("kill", frozenset(), time.monotonic(), deaths=1))
    row = report.summed(book, [], 60.0, {"repeats": 0, "healthy_after": 1.5})
    content = {"date": "2026-01-01", "commit": "x", "machine": "y", "seed": 1, "rate": 5.0, "layouts": [row]}
    page = tmp_path / "chaos.md"
    page.write_text("# Chaos\n", encoding="utf-8")
    report.page(page, content)
    report.page(page, content)
    text = page.read_text("utf-8")
    assert text.count("| violations | 0 |") == 1 and "| `kill` | kill -9 of a serving process | 1 |" in text
    assert "1 of 1 messages answered" in report.text(row)
