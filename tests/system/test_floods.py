"""`wegweiser serve` under attack: whoever floods it fills nothing, and an emergency is answered all the while.

The server is the real one, with room for few: eight messages and 120 connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.languages import languages
from bot.settings import ROOT
from bot.wiring import urgent

CRISIS = ROOT / "tests" / "crisis"
LANGUAGES = sorted(code for code, language in languages().items() if language.trained)
NUMBERS = re.compile(r"\b11[02]\b")
WEBHOOK = "/webhooks/telegram/webhook"
# Ours, so that nothing is asked of Telegram itself.
NOWHERE = "http://127.0.0.1:9"
# What a flood may cost for good; the caches of what was asked are in it.
MOST_MEGABYTES = 150


@dataclass
class Server:
    """A process that serves, and how to meet it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def megabytes(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def connections(self) -> int:
        """Its open sockets, with the few that it holds for itself."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        links = []
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                links.append(os.readlink(path))
        return sum(link.startswith("socket:") for link in links)

    def ask(self, text: str, **more: Any) -> httpx.Response:
        """One message of a new conversation."""
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as http:
            opened = http.post("/api/v1/conversations").json()
            body = {"conversation": opened["conversation"], "id": "m", "text": text, **more}
            return http.post("/api/v1/messages", json=body, headers={"Authorization": f"Bearer {opened['token']}"})

    def is_well(self) -> None:
        """It answers as ever."""
        answer = self.ask("Wo kann ich in Leipzig Deutsch lernen?", hint="de")
        assert answer.status_code == 200 and answer.json()["replies"][0]["cards"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("floods")
    env = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    env |= {
        "WEGWEISER_PORT": str(port), "WEGWEISER_DATA_DIR": str(folder / "var"),
        "WEGWEISER_PER_ADDRESS": "0", "WEGWEISER_MAX_WAITING": "8", "WEGWEISER_MAX_CONNECTIONS": "120",
        "WEGWEISER_TELEGRAM_TOKEN": "123456:TEST-token_of_nobody", "WEGWEISER_TELEGRAM_API": NOWHERE,
        "WEGWEISER_PUBLIC_URL": "https://wegweiser.example.org",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
        found = Server(port, process, folder / "log")
        try:
            until(lambda: process.poll() is not None or healthy(found), 120)
            assert process.poll() is None, found.log.read_text(errors="replace")[-3000:]
            found.is_well()
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(60)
    assert ended == 0
    assert "Traceback" not in found.log.read_text(errors="replace")


def healthy(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/health", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        time.sleep(0.2)
        return False


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def dial(server: Server, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30, source_address=(source, 0))


def exchange(server: Server, *sent: bytes) -> bytes:
    """What comes back for some bytes, until the server closes or nothing more comes for a second."""
    got = b""
    with dial(server) as connection, contextlib.suppress(ConnectionError, TimeoutError):
        for part in sent:
            connection.sendall(part)
        connection.settimeout(1.0)
        while part := connection.recv(65536):
            got += part
    return got


def test_three_hundred_slow_connections_stop_nobody(server: Server) -> None:
    before = server.megabytes()
    slow = []
    for number in range(300):
        connection = dial(server, f"127.0.0.{1 + number % 10}")
        connection.sendall(b"POST /api/v1/messages HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        slow.append(connection)
    try:
        assert server.connections() <= 120 + 20
        for connection in slow[::20]:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"a")
        server.is_well()  # from one of the same addresses
        assert server.megabytes() - before < MOST_MEGABYTES
    finally:
        for connection in slow:
            connection.close()
    until(lambda: server.connections() < 30)


HEAD = b"GET /api/v1/strings HTTP/1.1\r\nHost: a\r\n"
POST = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
ATTACKS = {
    "a negative length": (b"400", POST % b"/api/v1/messages" + b"Content-Length: -5\r\n\r\nabc"),
    "a negative length elsewhere": (b"400", HEAD + b"Content-Length: -5\r\n\r\nabc"),
    "ten thousand headers": (b"413", HEAD + b"".join(b"X-%d: a\r\n" % number for number in range(10_000)) + b"\r\n"),
    "a line of a megabyte": (b"413", b"GET /?" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n"),
    "five megabytes for Telegram": (
        b"413", POST % WEBHOOK.encode() + b"Content-Length: 5000000\r\n\r\n", b"a" * 200_000,
    ),
    "chunks without an end": (
        b"413", POST % b"/api/v1/messages" + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b" " * 0x4000 + b"\r\n",
        *([b"4000\r\n" + b" " * 0x4000 + b"\r\n"] * 8),
    ),
    "chunks of a gigabyte": (
        b"413", POST % b"/api/v1/messages" + b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n" + b"a" * 1000,
    ),
    "more than was announced": (b"400", HEAD + b"Content-Length: 1\r\n\r\n" + b"a" * 1000 + b"\r\n\r\n"),
    "another expectation": (b"417", HEAD + b"Content-Length: 1\r\nExpect: 200-ok\r\n\r\n"),
    "an upgrade": (b"200", HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    "an upgrade to HTTP/2": (b"200", HEAD + b"Upgrade: h2c\r\nHTTP2-Settings: AAMA\r\nConnection: Upgrade\r\n\r\n"),
    "HTTP/1.0": (b"200", b"GET /api/v1/strings HTTP/1.0\r\n\r\n"),
    "HTTP/2 at once": (b"400", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS": (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_requests_that_are_none_are_refused_and_nobody_notices(server: Server, attack: str) -> None:
    status, *sent = ATTACKS[attack]
    got = exchange(server, *sent)
    if attack == "more than was announced":
        assert got.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 400 " in got, "the rest is no second request"
    elif got or status in (b"200", b"400"):  # a reset can overtake what was said to who sends too much
        assert got.split(b" ")[1:2] == [status] * bool(status), got[:200]
    assert httpx.get(f"{server.url}/health", timeout=20, trust_env=False).status_code == 200


def test_a_body_is_asked_for_when_it_is_expected(server: Server) -> None:
    body = b'{"conversation": 5}'
    head = POST % b"/api/v1/messages" + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    with dial(server) as connection:
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_the_webhook_without_its_secret_stays_shut(server: Server) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as http:
        answers = [http.post(WEBHOOK, json={"update_id": number}, headers=headers) for number in range(150)
                   for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "0" * 64})]  # fmt: skip
    assert {answer.status_code for answer in answers} == {403}


def crisis_texts() -> list[tuple[str, str]]:
    """Of every language a message in which the phrases find an emergency."""
    found = []
    for code in LANGUAGES:
        rows = [json.loads(line) for line in (CRISIS / f"{code}.jsonl").read_text("utf-8").splitlines() if line.strip()]
        told = [
            row["text"]
            for row in rows
            if row["intent"] in ("emergency_medical", "emergency_violence", "crisis_suicide")
        ]
        texts = [text for text in told if urgent(text)][:1]
        assert texts, code
        found += [(code, text) for text in texts]
    return found


@dataclass
class Flood:
    """Ordinary messages from many conversations, as fast as they are taken or refused."""

    url: str
    calm: bool = False

    async def run(self, http: httpx.AsyncClient, said: list[httpx.Response]) -> None:
        """One client, until it is calm; a new conversation for every message, as a machine would do it."""
        number = 0
        while not self.calm:
            opened = (await http.post("/api/v1/conversations")).json()
            number += 1
            body = {
                "conversation": opened["conversation"],
                "id": "f",
                "text": f"Kurs {number} in Leipzig",
                "hint": "uk",
            }
            headers = {"Authorization": f"Bearer {opened['token']}"}
            said.append(await http.post("/api/v1/messages", json=body, headers=headers))
            if said[-1].status_code != 200:
                await asyncio.sleep(0.1)


async def flooded(url: str, texts: list[tuple[str, str]]) -> tuple[list[httpx.Response], list[httpx.Response]]:
    """The answers to emergencies, told one after another during a flood; and what the flood was told."""
    said: list[httpx.Response] = []
    limits = httpx.Limits(max_connections=60, max_keepalive_connections=60)
    flood = Flood(url)
    async with (
        httpx.AsyncClient(base_url=url, timeout=60, limits=limits, trust_env=False) as http,
        httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, transport=_from("127.0.0.77")) as person,
    ):
        crowd = [asyncio.create_task(flood.run(http, said)) for _ in range(25)]
        while sum(answer.status_code == 503 for answer in said) < 10:
            await asyncio.sleep(0.05)
            assert not any(task.done() for task in crowd)
        answers = []
        for code, text in texts:
            opened = (await person.post("/api/v1/conversations")).json()
            body = {"conversation": opened["conversation"], "id": "c", "text": text, "hint": code}
            headers = {"Authorization": f"Bearer {opened['token']}"}
            answers.append(await person.post("/api/v1/messages", json=body, headers=headers))
        before = sum(answer.status_code == 503 for answer in said)
        while sum(answer.status_code == 503 for answer in said) < before + 5:  # it is still a flood
            await asyncio.sleep(0.05)
        flood.calm = True
        await asyncio.gather(*crowd)
    return answers, said


def _from(address: str) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(local_address=address)


def test_emergencies_in_all_languages_are_answered_in_a_flood(server: Server) -> None:
    before, texts = server.megabytes(), crisis_texts()
    assert {code for code, _ in texts} == set(LANGUAGES) and len(LANGUAGES) == 12
    answers, said = asyncio.run(flooded(server.url, texts))
    for (code, text), answer in zip(texts, answers, strict=True):
        assert answer.status_code == 200, (code, text, answer.text)
        reply = answer.json()["replies"][0]
        assert NUMBERS.search(reply["text"]), (code, text, reply)
    statuses = Counter(answer.status_code for answer in said)
    assert set(statuses) <= {200, 503} and statuses[200] and statuses[503] > 10, statuses
    for answer in said:
        if answer.status_code == 503:
            error = answer.json()["error"]
            assert error["code"] == "busy" and 5 <= int(answer.headers["retry-after"]) <= 10
            assert re.search("[а-я]", error["message"]) and NUMBERS.search(error["message"]), "in her language"
    server.is_well()
    until(lambda: server.connections() < 30)
    assert server.megabytes() - before < MOST_MEGABYTES
