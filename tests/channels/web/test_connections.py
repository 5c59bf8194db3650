"""Connections as attackers hold them: slow, many, lying about lengths; somebody else is answered meanwhile."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from bot.channels.web import connections
from bot.channels.web.connections import Door, limit_connections
from bot.channels.web.limits import Addresses
from tests.fakes.web_client import Client
from tests.fakes.web_server import RunningServer, serve

GET = b"GET /api/v1/strings HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /api/v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@pytest.fixture
def small() -> Iterator[RunningServer]:
    """A server for twelve connections, three of one address."""
    with serve() as running:
        limit_connections(running.app, 12)
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server that waits for a request for 0.4 seconds."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.4)
    with serve() as running:
        yield running


def door(server: RunningServer) -> Door:
    found: Door = server.app.ctx.door
    return found


def dial(server: RunningServer, source: str = "127.0.0.1") -> socket.socket:
    """A connection from an address of this machine."""
    found = socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(source, 0))
    return found


def read(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            got += part
    return got


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def is_well(server: RunningServer) -> bool:
    return httpx.get(f"{server.url}/health", timeout=20).status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: -5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 1_0\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Content-Length: \xd9\xa5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ],
)
@pytest.mark.parametrize("begin", [GET, POST], ids=["GET", "POST"])
def test_a_length_that_lies_is_refused(small: RunningServer, begin: bytes, head: bytes) -> None:
    """With Sanic's own reader the first of these stops the server for good."""
    with dial(small) as connection:
        connection.sendall(begin + head + b"\r\nabc")
        assert read(connection).startswith(b"HTTP/1.1 400 ")
    assert is_well(small)


def test_right_lengths_are_read(small: RunningServer) -> None:
    with dial(small) as connection:
        for head, body in (
            (b"Content-Length: 3\r\n", b"abc"),
            (b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n0\r\n\r\n"),
        ):
            connection.sendall(GET + head + b"\r\n" + body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [GET, b"GET /?" + b"a" * 100, POST + b"Content-Length: 5000\r\n\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\n"],
    ids=["head", "line", "body", "chunks"],
)
def test_time_does_not_grow_with_every_byte(quick: RunningServer, sent: bytes) -> None:
    with dial(quick) as connection:
        connection.settimeout(0.05)
        connection.sendall(sent)
        began, got, cut = time.monotonic(), b"", False
        drip = b"1\r\na\r\n" if b"chunked" in sent else b"a"
        while not cut and time.monotonic() < began + 60:
            try:
                part = connection.recv(65536)
                got, cut = got + part, not part
            except TimeoutError:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(drip)
            except ConnectionError:
                cut = True
    assert cut, "it was held open for as long as bytes came"
    assert not got or b" 408 " in got.split(b"\r\n")[0]


def test_who_says_nothing_at_all_is_not_waited_for(quick: RunningServer) -> None:
    with dial(quick) as connection:
        assert read(connection) == b""
    until(lambda: len(door(quick)) == 0)


def test_who_wants_a_web_socket_has_no_more_time(quick: RunningServer) -> None:
    with dial(quick) as connection:
        connection.sendall(POST + b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 9\r\n\r\n")
        assert b" 408 " in read(connection).split(b"\r\n")[0]


def test_a_rest_that_nobody_reads_holds_nothing_open(quick: RunningServer) -> None:
    quick.app.config.KEEP_ALIVE_TIMEOUT = 0.4
    with dial(quick) as connection:
        connection.settimeout(0.05)
        connection.sendall(GET + b"Content-Length: 60000\r\n\r\n")
        end, cut = time.monotonic() + 60, False
        while not cut and time.monotonic() < end:
            try:
                cut = not connection.recv(65536)
            except TimeoutError:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"a")
            except ConnectionError:
                cut = True
    assert cut


def test_the_first_one_that_waits_for_nothing_gives_way(small: RunningServer) -> None:
    slow = [dial(small, f"127.0.0.{number // 3 + 2}") for number in range(12)]
    for connection in slow:
        connection.sendall(GET)
    until(lambda: len(door(small)) == 12)
    with dial(small, "127.0.0.99") as connection:
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert read(connection).startswith(b"HTTP/1.1 200 ")
    assert read(slow[0]) == b"" and len(door(small)) <= 12
    assert door(small).dropped == 1
    slow[1].sendall(b"\r\n")
    assert slow[1].recv(1000).startswith(b"HTTP/1.1 200 "), "the others are still there"
    for connection in slow:
        connection.close()
    until(lambda: len(door(small)) == 0)


def test_one_address_has_a_share(small: RunningServer) -> None:
    for _ in range(10):
        slow = [dial(small, "127.0.0.2") for _ in range(10)]
        for connection in slow:
            connection.sendall(GET)
        until(lambda: door(small).dropped % 10 == 7 or len(door(small)) == 3)
        assert len(door(small)) <= 3
        with dial(small, "127.0.0.2") as connection:  # a person behind the same address
            connection.sendall(GET + b"Connection: close\r\n\r\n")
            assert read(connection).startswith(b"HTTP/1.1 200 ")
        for connection in slow:
            connection.close()
        until(lambda: len(door(small)) == 0)


def test_who_is_being_answered_is_never_cut_off(small: RunningServer) -> None:
    small.agent.delay = 2.0
    client = Client(small)
    client.http.close()
    body = b'{"conversation": "%s", "id": "%d", "text": "hello"}'
    waiting = []
    for number in range(3):
        content = body % (client.conversation.encode(), number)
        head = POST + b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (client.token.encode(), len(content))
        waiting.append(dial(small))
        waiting[-1].sendall(head + content)
    until(lambda: len(small.agent.messages) == 3)
    with dial(small) as fourth:
        said = read(fourth)
    assert said == connections.REFUSAL and b"112 or 110" in said
    assert door(small).refused == 1
    for connection in waiting:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.close()


def test_behind_a_trusted_proxy_nobody_is_counted(small: RunningServer) -> None:
    limit_connections(small.app, 12, ("127.0.0.0/8",))
    held = [dial(small) for _ in range(8)]
    until(lambda: len(door(small)) == 8)
    assert door(small).dropped == 0
    for connection in held:
        connection.close()


def test_networks_are_counted_as_everywhere() -> None:
    addresses = Addresses(("10.0.0.0/8",))
    assert addresses.counted("2001:db8:0:1::1") == addresses.counted("2001:db8:0:1:ffff::2")
    assert addresses.counted("2001:db8:0:1::1") != addresses.counted("2001:db8:0:2::1")
    assert addresses.counted("10.1.2.3") == b"" != addresses.counted("nonsense")


def test_pipelined_requests_are_answered_one_after_another(small: RunningServer) -> None:
    with dial(small) as connection:
        health = b"GET /health HTTP/1.1\r\nHost: a\r\n"
        connection.sendall((health + b"\r\n") * 1999 + health + b"Connection: close\r\n\r\n")
        got = read(connection)
    assert got.count(b"HTTP/1.1 200 ") == 2000
    assert is_well(small)


def test_connections_that_come_and_go_leave_nothing(small: RunningServer) -> None:
    for _ in range(400):
        with dial(small) as connection:
            connection.sendall(b"x" * 100)
    until(lambda: len(door(small)) == 0)
    assert door(small)._of == {} and is_well(small)


@pytest.mark.parametrize("sent", [GET, POST + b"Content-Length: 5000\r\n\r\nabc"], ids=["head", "body"])
def test_who_is_still_asking_does_not_hold_a_server_up_that_ends(
    small: RunningServer, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """The answer that is under way still comes; Sanic waits for both as long."""
    monkeypatch.setattr(connections, "LAST_SECONDS", 0.2)
    small.agent.delay = 1.5
    client = Client(small)
    client.http.close()
    content = b'{"conversation": "%s", "id": "1", "text": "hello"}' % client.conversation.encode()
    head = POST + b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (client.token.encode(), len(content))
    with dial(small) as asked, dial(small) as asking:
        asking.sendall(sent)
        asked.sendall(head + content)
        until(lambda: small.agent.messages and len(door(small)) == 2)
        until(lambda: sum(visit.gives_way for visit in door(small)._all) == 1)
        for visit in list(door(small)._all):
            visit.loop.call_soon_threadsafe(visit.close_if_idle)
        assert read(asking) == b""
        assert asked.recv(65536).startswith(b"HTTP/1.1 200 ")
