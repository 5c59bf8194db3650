"""What the web channel refuses, always in the one error shape, and who may use it from where."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest

from bot.channels.web.protocol import MAX_BODY
from tests.fakes.web_client import LISTED, MESSAGES, Client, check_error


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
    assert response.headers.get_list("vary") == ["Origin"]
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
