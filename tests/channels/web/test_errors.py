"""What the web channel refuses, always in the one error shape, and who may use it from where."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.channels.web.protocol import MAX_BODY
from tests.fakes.web_client import LISTED, MESSAGES, Client, check_error
from tests.fakes.web_server import RunningServer, serve


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing"),
        (b"{", "cut off"),
        (b"[]", "not an object"),
        (b'"text"', "a string"),
        (b'{"text": "\xff\xfe"}', "invalid UTF-8"),
        (b"[" * 60_000, "deep nesting"),
        (b'{"a": ' * 10_000, "deep nesting of objects"),
    ],
)
def test_malformed_bodies(client: Client, content: bytes, why: str) -> None:
    check_error(client.raw(content), 400, "malformed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "malformed"),
        ({"text": "a", "payload": "/help"}, "malformed"),
        ({"text": "a", "hint": 7}, "malformed"),
        ({"text": "a", "hint": 0}, "malformed"),
        ({"text": "a", "hint": []}, "malformed"),
        ({"text": ""}, "empty"),
        ({"text": " /// "}, "empty"),
        ({"text": "\x00"}, "empty"),
        ({"text": 7}, "not_text"),
        ({"text": ["a"]}, "not_text"),
        ({"payload": "/restart"}, "bad_payload"),
        ({"payload": "hello"}, "bad_payload"),
        ({"payload": {"intent": "help"}}, "bad_payload"),
        ({"location": {"lat": 91, "lon": 0}}, "bad_location"),
        ({"location": {"lat": "51", "lon": "12"}}, "bad_location"),
        ({"location": {"lat": 51}}, "bad_location"),
        ({"location": {"lat": True, "lon": 12}}, "bad_location"),
        ({"location": "Leipzig"}, "bad_location"),
        ({"text": "a", "id": ""}, "bad_id"),
        ({"text": "a", "id": 7}, "bad_id"),
        ({"text": "a", "id": None}, "bad_id"),
        ({"text": "a", "id": "x" * 65}, "bad_id"),
        ({"text": "a", "conversation": 7}, "bad_conversation"),
        ({"text": "a", "conversation": "../etc/passwd"}, "bad_conversation"),
    ],
)
def test_refused_messages(client: Client, body: dict[str, Any], code: str) -> None:
    check_error(client.send(**body), 400, code)
    assert client.agent.messages == []


def test_infinite_locations_are_refused(client: Client) -> None:
    start = '{"conversation": "' + client.conversation + '", "id": "n", "location": '
    for pair in ('{"lat": NaN, "lon": 1}', '{"lat": 1e999, "lon": 1}', '{"lat": %s, "lon": 1}' % ("9" * 400)):
        check_error(client.raw((start + pair + "}").encode()), 400, "bad_location")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic abc"}],
)
def test_wrong_token(client: Client, headers: dict[str, str]) -> None:
    response = client.send(headers=headers, text="hello")
    check_error(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    assert client.agent.messages == []


def test_token_bytes_that_are_not_ascii(client: Client) -> None:
    headers = {b"Authorization": b"Bearer \xff\xc3\xa4", b"Content-Type": b"application/json"}
    body = json.dumps({"conversation": client.conversation, "id": "1", "text": "a"}).encode()
    check_error(client.http.post(MESSAGES, content=body, headers=headers), 401, "unauthorized")


def test_unknown_conversation(client: Client) -> None:
    check_error(client.send(conversation="A" * 32, text="hello"), 401, "unauthorized")
    check_error(client.http.delete(f"/api/v1/conversations/{'A' * 32}", headers=client.headers), 401, "unauthorized")


def test_a_token_fits_one_conversation(client: Client) -> None:
    other = Client(client.server)
    check_error(client.send(headers=other.headers, text="hello"), 401, "unauthorized")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "https://listed.example.evil.example", "http://["]
)
def test_foreign_origins(client: Client, origin: str) -> None:
    response = client.send(headers={**client.headers, "Origin": origin}, text="hello")
    check_error(response, 403, "origin")
    assert "access-control-allow-origin" not in response.headers
    preflight = client.http.options(MESSAGES, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers
    assert client.agent.messages == []


def test_listed_origins(client: Client) -> None:
    response = client.send(headers={**client.headers, "Origin": LISTED}, text="hello")
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == LISTED
    assert response.headers.get_list("vary") == ["Origin, Accept-Encoding"]
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = client.http.options(MESSAGES, headers={"Origin": LISTED, **asked})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert preflight.headers["access-control-allow-methods"] == "POST"
    assert preflight.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    refused = client.send(headers={"Origin": LISTED}, text="hello")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, LISTED)


@pytest.mark.parametrize("origin", [None, LISTED])
def test_no_credentials_and_no_wildcard(client: Client, origin: str | None) -> None:
    headers = {**client.headers, **({"Origin": origin} if origin else {})}
    for response in (client.send(headers=headers, text="hello"), client.http.options(MESSAGES, headers=headers)):
        assert "access-control-allow-credentials" not in response.headers
        assert response.headers.get("access-control-allow-origin") == origin
        assert "set-cookie" not in response.headers


def test_the_own_host_is_no_foreign_origin(client: Client) -> None:
    response = client.send(headers={**client.headers, "Origin": client.server.url}, text="hello")
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("size", [MAX_BODY + 1, 2_000_000])
def test_large_bodies(client: Client, size: int) -> None:
    check_error(client.raw(b" " * size), 413, "too_large")
    check_error(client.http.post("/api/v1/conversations", content=b" " * size), 413, "too_large")


def test_large_bodies_without_a_length(client: Client) -> None:
    address = ("127.0.0.1", client.server.port)
    head = (
        f"POST {MESSAGES} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with contextlib.closing(socket.create_connection(address, timeout=10)) as connection:
        connection.sendall(head.encode())
        for _ in range(5):
            connection.sendall(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        assert b" 413 " in connection.recv(1000).split(b"\r\n")[0]


def test_a_body_of_exactly_the_limit(client: Client) -> None:
    body = json.dumps({"conversation": client.conversation, "id": "full", "text": "hello"}).encode()
    assert client.raw(body + b" " * (MAX_BODY - len(body))).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json(client: Client, content_type: str) -> None:
    check_error(client.raw(b"{}", content_type), 415, "not_json")


def test_json_with_a_charset(client: Client) -> None:
    body = json.dumps({"conversation": client.conversation, "id": "c", "text": "hello"}).encode()
    assert client.raw(body, "application/json; charset=utf-8").status_code == 200


def test_unknown_addresses_and_methods(client: Client) -> None:
    check_error(client.http.get("/api/v1/nothing"), 404, "not_found")
    check_error(client.http.post("/api/v1/a/b/c"), 404, "not_found")
    response = client.http.get(MESSAGES)
    check_error(response, 405, "method")
    assert response.headers["allow"] == "POST"


# what Sanic refuses before any route


def exchange(server: RunningServer, *sent: bytes) -> httpx.Response:
    """Send bytes over a socket of their own and read until the server closes it."""
    got = b""
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=10) as connection, contextlib.suppress(ConnectionError):
        for part in sent:
            connection.sendall(part)
        while part := connection.recv(65536):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return httpx.Response(int(status.split()[1]), headers=headers, content=body)


GET = b"GET /api/v1/strings HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 413, "too_large"),
        (GET + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 100) for n in range(100)) + b"\r\n", 413, "too_large"),
        (GET + b"X-Long: " + b"a" * 20_000, 413, "too_large"),
        (GET + b"no colon\r\n\r\n", 400, "malformed"),
        (b"geheim\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/3.7\r\n\r\n", 400, "malformed"),
        (GET + b"Content-Length: geheim\r\n\r\n", 400, "malformed"),
        (GET + b"Transfer-Encoding: geheim\r\n\r\n", 400, "malformed"),
        (GET + b"Content-Length: 1\r\nExpect: geheim\r\n\r\n", 417, "malformed"),
        (b"TRACE /api/v1/strings HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "method"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_giants_and_rubbish_are_refused_at_once(
    server: RunningServer, caplog: pytest.LogCaptureFixture, request_bytes: bytes, status: int, code: str
) -> None:
    started = time.monotonic()
    response = exchange(server, request_bytes)
    assert time.monotonic() - started < 3
    check_error(response, status, code)
    assert response.headers["x-content-type-options"] == "nosniff" and "geheim" not in response.text
    assert "geheim" not in logged(caplog)
    assert httpx.get(f"{server.url}/health").status_code == 200


@pytest.mark.parametrize(
    "line", [b"GET /?" + b"a" * 2_000_000, b"GET \xff\xfe HTTP/1.1\r\n\r\n", b"GET // HTTP/1.1\r\n\r\n"]
)
def test_the_server_goes_on_after_the_worst(server: RunningServer, line: bytes) -> None:
    """The line breaks before Sanic has answered; nobody else notices."""
    with contextlib.suppress(IndexError):  # no answer
        exchange(server, line, b"\r\n\r\n")
    assert httpx.get(f"{server.url}/health").status_code == 200


def test_many_small_headers_do_no_harm(client: Client) -> None:
    headers = {f"X-{number}": "a" for number in range(100)}
    assert client.send(headers={**client.headers, **headers}, text="hello").status_code == 200


def test_slow_bodies_are_cut_off(client: Client) -> None:
    """One byte now and then keeps no connection open for longer than the limit."""
    config = client.server.app.config
    head = f"POST {MESSAGES} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    before, config.REQUEST_TIMEOUT = config.REQUEST_TIMEOUT, 0.5
    try:
        with contextlib.closing(socket.create_connection(("127.0.0.1", client.server.port))) as connection:
            connection.settimeout(0.05)
            connection.sendall(head.encode())
            end, got, cut = time.monotonic() + 20, b"", False
            while not cut and time.monotonic() < end:
                try:
                    part = connection.recv(65536)
                    got, cut = got + part, not part
                except TimeoutError:
                    with contextlib.suppress(ConnectionError):
                        connection.sendall(b" ")
                except ConnectionError:  # our last byte crossed the answer, which was lost with the connection
                    cut = True
        assert cut
        assert not got or (b" 408 " in got.split(b"\r\n")[0] and b'"too_slow"' in got)
    finally:
        config.REQUEST_TIMEOUT = before


def test_silent_headers_are_cut_off(server: RunningServer) -> None:
    config = server.app.config
    before, config.REQUEST_TIMEOUT = config.REQUEST_TIMEOUT, 0.3
    try:
        response = exchange(server, GET)
    finally:
        config.REQUEST_TIMEOUT = before
    check_error(response, 408, "too_slow")


def test_addresses_outside_the_api(client: Client) -> None:
    check_error(client.http.get("/nothing"), 404, "not_found")
    check_error(client.http.post("/widget.js"), 405, "method")
    assert "GET" in client.http.post("/widget.js").headers["allow"]
    page = client.http.get("/<script>alert(1)</script>", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.text) == (404, "There is nothing at this address.")
    assert page.headers["content-type"].startswith("text/plain")


# what is written down


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that log records hold, whatever a formatter would show."""
    return "\n".join(
        f"{record.getMessage()} {vars(record)} {caplog.handler.format(record)}" for record in caplog.records
    )


@pytest.fixture
def wordy(caplog: pytest.LogCaptureFixture) -> Iterator[RunningServer]:
    """A server that logs as much as it can."""
    for name in ("", "sanic.root", "sanic.error", "sanic.access", "rasa", "rasa.core.run", "asyncio", "bot"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    with serve() as running:
        running.app.config.ACCESS_LOG = True
        yield running


def test_no_words_of_people_are_logged(wordy: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    secret = "geheimnis7f3a"
    client = Client(wordy)
    assert client.send(id=secret, text=f"my {secret}").status_code == 200
    bodies: list[dict[str, Any]] = [
        {"payload": f'/inform{{"place": "{secret}"}}'},
        {"payload": f"/{secret}"},
        {"location": secret},
        {"text": "a", "hint": secret},
        {"text": "a", "id": f"{secret} "},
        {"text": "a", "conversation": f"{secret}-{secret}"},
        {"text": {secret: secret}},
    ]
    for body in bodies:
        response = client.send(**body)
        assert response.status_code in (200, 400, 401)
        assert response.status_code == 200 or secret not in response.text
    for content in (f'{{"text": "{secret}"', f'"{secret}"', f"{secret}\xff"):
        check_error(client.raw(content.encode("latin-1")), 400, "malformed")
    check_error(client.raw(b"{}", f"text/{secret}"), 415, "not_json")
    check_error(client.send(headers={"Authorization": f"Bearer {secret}"}, text="a"), 401, "unauthorized")
    wordy.agent.failure = RuntimeError(secret)
    check_error(client.send(text=secret), 500, "internal")
    written = logged(caplog)
    assert "/api/v1/messages" in written and "RuntimeError" in written, "the test sees what is logged"
    assert any(record.name == "sanic.access" for record in caplog.records)
    assert secret not in written


def test_no_address_of_people_is_logged_or_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serve(per_address=5, trusted_proxies=("127.0.0.1",)) as running:
        for _ in range(2):
            httpx.post(f"{running.url}/api/v1/conversations", headers={"X-Forwarded-For": "203.0.113.77"})
    assert "203.0.113" not in logged(caplog)
