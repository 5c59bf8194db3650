"""An Integreat CMS on loopback: answers captured from a real one (CMS 2026.10.0), its errors, and ways to fail.

As the real one: a path without its last slash is a 301 with an empty body, an unknown region or language a 404
with JSON, a bad `on_map` a 400; no ETag, no Cache-Control. Stricter on purpose: an unknown parameter is a 400.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

CONTRACTS = Path(__file__).parents[1] / "contracts" / "integreat"
PREFIX = "/api/v3/"
PARAMETERS = {"locations": {"on_map"}, "children": {"depth", "url", "id"}, "events": {"combine_recurring"}}
TRUTH = {"0", "1", "true", "false"}
# Ways to fail: status, headers, body.
FAILURES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "html": (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html><body>Wartungsarbeiten</body></html>"),
    "html without type": (200, {"Content-Type": "application/json"}, b"<html><body>Wartungsarbeiten</body></html>"),
    "empty": (200, {}, b""),
    "truncated": (200, {}, b'[{"id": 1, "title": "Migrationsbera'),
    "huge": (200, {}, b"[" + b'"x",' * 2_500_000 + b'"x"]'),
    "object": (200, {}, b"{}"),
    "404": (404, {}, b'{"error": "This region is archived."}'),
    "404 html": (404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>"),
    "429": (429, {"Retry-After": "3600"}, b'{"error": "Too many requests. Please try again later."}'),
    "500": (500, {}, b'{"error": "Es ist ein unerwarteter Fehler aufgetreten."}'),
}


def contract(name: str) -> Any:
    """A captured answer or a sample."""
    return json.loads((CONTRACTS / f"{name}.json").read_text(encoding="utf-8"))


class IntegreatServer:
    """What a test sets and looks at.

    `regions` is the list of regions; `lists` the other answers by "region/language/name". A region and language
    that is visible but has no list answers []. `mode` is "" or a way to fail ("slow": no answer before the end),
    for paths that end in `failing`; `requests` are the requests so far as (path with query, headers).
    """

    def __init__(self) -> None:
        self.regions: list[Any] = contract("regions")
        self.lists: dict[str, Any] = {
            "landkreisleipzig/de/locations": contract("locations_de"),
            "landkreisleipzig/ar/locations": contract("locations_ar"),
            "landkreisleipzig/uk/locations": contract("locations_uk"),
            "landkreisleipzig/ar/children": contract("children_ar"),
            "landkreisleipzig/de/location-categories": contract("location_categories_de"),
        }
        # As captured: this list fails on a server that answers everything else.
        self.broken = {"landkreisleipzig/de/pages"}
        self.mode, self.failing = "", ""
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()
        self.url = ""

    def paths(self) -> list[str]:
        """The paths with query in the order in which they were asked for."""
        return [target for target, _ in self.requests]

    def fails(self, target: str) -> bool:
        """Whether the mode holds for this request."""
        return bool(self.mode) and urlsplit(target).path.endswith(self.failing)

    def answer(self, target: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        parts = urlsplit(target)
        if self.fails(target):
            return FAILURES[self.mode]
        if not parts.path.startswith(PREFIX):
            return FAILURES["404 html"]
        if not parts.path.endswith("/"):
            return 301, {"Content-Type": "text/html; charset=utf-8", "Location": f"{parts.path}/"}, b""
        names = [unquote(name) for name in parts.path.removeprefix(PREFIX).rstrip("/").split("/")]
        return self._listed(names, dict(parse_qsl(parts.query, keep_blank_values=True)))

    def _listed(self, names: list[str], query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if names[0] == "regions" and len(names) == 1:
            return self._json(self.regions)
        region = next((r for r in self.regions if isinstance(r, dict) and r.get("path") == names[0]), None)
        if region is None:
            return 404, {}, json.dumps(contract("unknown_region")).encode()
        if len(names) == 2 and names[1] == "languages":
            return self._json(region["languages"])
        if len(names) != 3:
            return FAILURES["404 html"]
        if names[1] not in [language["code"] for language in region["languages"]]:
            return 404, {}, json.dumps(contract("unknown_language")).encode()
        if set(query) - PARAMETERS.get(names[2], set()):
            return 400, {}, b'{"error": "the fake knows no such parameter"}'
        if query.get("on_map", "1") not in TRUTH:
            return 400, {}, json.dumps(contract("bad_parameter")).encode()
        key = "/".join(names)
        if key in self.broken:
            return 500, {}, json.dumps(contract("pages_server_error")).encode()
        if names[2] == "locations" and query.get("on_map") in {"1", "true"}:
            return self._json(contract("locations_de_on_map"))
        return self._json(self.lists.get(key, []))

    @staticmethod
    def _json(value: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, json.dumps(value).encode()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Every request."""
        cms = self.server.cms
        cms.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if cms.mode == "slow" and urlsplit(self.path).path.endswith(cms.failing):
            cms.released.wait(5)
            self.close_connection = True
            return
        status, extra, body = cms.answer(self.path)
        self.send_response(status)
        standard = {"Content-Type": "application/json", "Vary": "Accept-Language, Cookie, origin, Accept-Encoding"}
        for name, value in {**standard, **extra, "Content-Length": str(len(body))}.items():
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
    cms: IntegreatServer


@contextmanager
def serve() -> Iterator[IntegreatServer]:
    """Run the CMS in a thread; it ends with the block."""
    cms = IntegreatServer()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.cms = cms
    cms.url = f"http://127.0.0.1:{server.server_address[1]}"
    runner = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    runner.start()
    try:
        yield cms
    finally:
        cms.released.set()
        server.shutdown()
        server.server_close()
        runner.join(5)
