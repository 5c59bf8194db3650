"""The agency's course search on loopback, as far as it is documented: HAL pages from 0, codes, and its errors.

Stricter than the original on purpose: an unknown parameter or code is a 400, so that a typing error of ours shows.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATH = "/pc/v1/bildungsangebot"
PAGE_SIZE = 20
KEY = "a-public-id"
PLACE = r"[^_,]+(_\d{5})?_\d{1,2}\.\d+_\d{2}\.\d+"  # longitude first
ALLOWED = {
    "systematiken": "MC|MB|A8|MQ",
    "orte": f"{PLACE}(,{PLACE})*",
    "umkreis": "Bundesweit|25|50|100|150|200",
    "sprachniveau": r"MC 01 [1-5]",
    "sort": "basc",
    "page": r"\d+",
}
# Ways to fail: status, headers, body.
FAILURES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "html": (200, {"Content-Type": "text/html"}, b"<html><body>Wartungsarbeiten</body></html>"),
    "empty": (200, {}, b""),
    "truncated": (200, {}, b'{"_embedded": {"termine": [{"id": 1, "ang'),
    "huge": (200, {}, b'{"_embedded": {"termine": [' + b'"x",' * 2_500_000 + b'"x"]}}'),
    "list": (200, {}, b"[]"),
    "error object": (200, {}, b'{"messages": [{"code": "EINGABEPARAMETER_FEHLERHAFT"}]}'),
    "404": (404, {}, b""),
    "403": (403, {}, b""),
    "429": (429, {"Retry-After": "3600"}, b""),
    "500": (500, {}, b"{}"),
}


class CourseServer:
    """What a test sets and looks at.

    `courses` are records by kind (MB, MC, ...); `mode` is "" or a way to fail, from page `broken_from` on ("slow":
    no answer before the end); `body` goes in the place of any answer;
    `requests` are the requests so far as (path with query, headers).
    """

    def __init__(self) -> None:
        self.courses: dict[str, list[Any]] = {}
        self.mode, self.broken_from, self.body = "", 0, b""
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()
        self.url = ""

    def pages_asked(self) -> list[str]:
        """The page numbers in the order in which they were asked for."""
        return [dict(parse_qsl(urlsplit(target).query))["page"] for target, _ in self.requests]

    def answer(self, target: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        query = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if headers.get("x-api-key") != KEY:
            return 403, {}, b""
        if self.body:
            return 200, {}, self.body
        if self.mode and int(query.get("page", "0")) >= self.broken_from:
            return FAILURES[self.mode]
        if urlsplit(target).path != PATH:
            return 404, {}, b""
        if any(name not in ALLOWED or not re.fullmatch(ALLOWED[name], value) for name, value in query.items()):
            error = {"messages": [{"code": "EINGABEPARAMETER_FEHLERHAFT"}], "logref": "2f6fe"}
            return 400, {}, json.dumps(error).encode()
        return 200, {}, json.dumps(self.page(query), ensure_ascii=False).encode()

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """One page of what fits the query, sorted by the day it begins; `_embedded` is absent when it is empty."""
        found = self.courses.get(query["systematiken"], [])
        if "sprachniveau" in query:
            found = [c for c in found if query["sprachniveau"] in _codes(c)]
        if "sort" in query:
            found = sorted(found, key=_beginning)
        number = int(query.get("page", "0"))
        part = found[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]
        total = -(-len(found) // PAGE_SIZE)
        links = {"self": {"href": PATH}, "first": {"href": f"{PATH}?page=0&size={PAGE_SIZE}"}}
        if number + 1 < total:
            links["next"] = {"href": f"{PATH}?page={number + 1}&size={PAGE_SIZE}"}
        return {
            **({"_embedded": {"termine": part}} if part else {}),
            "_links": links,
            "page": {"size": PAGE_SIZE, "totalElements": len(found), "totalPages": total, "number": number},
            "aggregations": {
                "ANZAHL_GESAMT": {"COUNT": len(found)},
                "KURSART": [],
                "BEGINNTERMIN": {"1": {"id": 1}},
                "BILDUNGSGUTSCHEIN": "BILDUNGSGUTSCHEIN",
            },
        }


def _codes(course: Any) -> list[str]:
    return [row["codeNr"] for row in course["angebot"].get("systematiken") or []]


def _beginning(course: Any) -> int:
    value = course.get("beginn") if isinstance(course, dict) else None
    return int(value) if str(value).isdigit() else 0


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Every request."""
        course_server = self.server.courses
        headers = {name.lower(): value for name, value in self.headers.items()}
        course_server.requests.append((self.path, headers))
        if course_server.mode == "slow":
            course_server.released.wait(5)
            self.close_connection = True
            return
        status, extra, body = course_server.answer(self.path, headers)
        self.send_response(status)
        for name, value in {"Content-Type": "application/hal+json", **extra, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # who found it too large has gone
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    courses: CourseServer


@contextmanager
def serve() -> Iterator[CourseServer]:
    """Run the search in a thread; it ends with the block."""
    courses = CourseServer()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.courses = courses
    courses.url = f"http://127.0.0.1:{server.server_address[1]}"
    runner = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    runner.start()
    try:
        yield courses
    finally:
        courses.released.set()
        server.shutdown()
        server.server_close()
        runner.join(5)
