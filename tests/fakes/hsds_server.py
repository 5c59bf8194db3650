"""An HSDS feed on loopback: the published API of Open Referral 3.0 for services, and what real feeds do wrong.

A real HTTP server in a thread, with paging (`page`, `per_page`), `full`, `minimal`, `modified_after`, and
`/services/{id}`. Stricter than most feeds on purpose: a parameter that HSDS does not know is a 400.
"""

from __future__ import annotations

import json
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PARAMETERS = {
    "search", "page", "per_page", "format", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after",
    "minimal", "full",
}  # fmt: skip
LARGEST_PAGE, USUAL_PAGE = 500, 50
ENVELOPES = {
    "hsds": ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"),
    "oruk": ("totalElements", "totalPages", "number", "size", "first", "last", "", "content"),
}
# html, empty, truncated, cut, huge, garbage, shape, 404, 429, 500, slow: of any answer, or of those in `broken`.
# lying: one page is said to be all. grand: a hundred pages are said to be. endless: new records on every page.
# stuck: `page` is ignored. mute: nothing says which page is the last.
MODES = frozenset(
    ["", *"html empty truncated cut huge garbage shape 404 429 500 slow lying grand endless stuck mute".split()]
)
HUGE = 10 * 1024 * 1024


class FakeHsds:
    """`with FakeHsds(records) as feed`: the address is `feed.base`; `feed.requests` holds (path, query, headers).

    `mode` (one of MODES) may be changed at any time; `broken` limits it to these pages ("2") and ids.
    `envelope` is hsds or oruk; `honours_full` is False for servers that leave lists out whatever one asks.
    """

    def __init__(
        self, records: list[dict[str, Any]], *, envelope: str = "hsds", honours_full: bool = True, path: str = ""
    ) -> None:
        self.records, self.envelope, self.honours_full, self.path = deepcopy(records), envelope, honours_full, path
        self._mode = ""
        self.broken: set[str] = set()
        self.page_limit = LARGEST_PAGE
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self._released = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def mode(self) -> str:
        """What goes wrong, "" for nothing."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"no such mode: {mode}")
        self._mode = mode

    @property
    def host(self) -> str:
        """Host and port, as ids name them."""
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """The address to hand to a fetcher."""
        return f"http://{self.host}{self.path}"

    def __enter__(self) -> FakeHsds:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; after `stop` again on the same port."""
        self._released.clear()
        handler = type("Handler", (_Handler,), {"feed": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Be unreachable."""
        self._released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def wait(self) -> None:
        """What a slow answer waits for: the end of the server."""
        self._released.wait(5)

    def asked(self, path: str = "/services") -> list[dict[str, str]]:
        """The queries of all requests to one path."""
        return [query for name, query, _ in self.requests if name == self.path + path]

    def respond(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON value of a request in order."""
        name = unquote(path).removeprefix(self.path)
        if set(query) - PARAMETERS:
            return 400, {"error": "unknown parameter"}
        if name in ("", "/"):
            return 200, {"version": "3.0", "profile": "https://docs.openreferral.org/en/3.0/", "openapi_url": self.base}
        if name == "/services":
            return self._list(query)
        record = next((r for r in self.records if f"/services/{r.get('id')}" == name), None)
        return (200, record) if record is not None else (404, {"error": "no such service"})

    def broken_by(self, path: str, query: dict[str, str]) -> str:
        """The mode in which this request is answered."""
        what = query.get("page", "1") if path.endswith("/services") else path.rpartition("/")[2]
        return self.mode if not self.broken or what in self.broken else ""

    def _list(self, query: dict[str, str]) -> tuple[int, Any]:
        try:
            page, per_page = int(query.get("page", "1")), int(query.get("per_page", USUAL_PAGE))
        except ValueError:
            return 400, {"error": "page and per_page are numbers"}
        if page < 1 or per_page < 1:
            return 400, {"error": "page and per_page begin with 1"}
        found = [r for r in self.records if _changed_since(r, query.get("modified_after", ""))]
        per_page = min(per_page, self.page_limit)
        if query.get("minimal") == "true":
            found = [{k: r[k] for k in ("id", "last_modified") if k in r} for r in found]
        elif not (query.get("full") == "true" and self.honours_full):
            found = [_bare(r) for r in found]
        pages = max(1, -(-len(found) // per_page))
        at = 1 if self.mode == "stuck" else page
        contents = found[(at - 1) * per_page : at * per_page]
        last = at >= pages
        if self.mode == "endless":
            contents, last = [{**r, "id": f"{r.get('id')}-{page}"} for r in found[:per_page]], False
        elif self.mode in ("stuck", "grand"):
            last = False
        total, pages = {"lying": (len(contents), 1), "grand": (10_000, 100)}.get(self.mode, (len(found), pages))
        values = (total, pages, at, len(contents), at == 1, last, not contents, contents)
        answer = dict(zip(ENVELOPES[self.envelope], values, strict=True))
        answer.pop("", None)
        if self.mode == "mute":
            answer = {key: answer[key] for key in answer if key in ("contents", "content")}
        return 200, answer


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its one-to-one fields only, as lists without `full` hold it."""
    return {key: value for key, value in record.items() if not isinstance(value, list)}


def _changed_since(record: dict[str, Any], moment: str) -> bool:
    return not moment or str(record.get("last_modified") or "") >= moment


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    feed: FakeHsds

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.feed.requests.append((url.path, query, dict(self.headers)))
        mode = self.feed.broken_by(url.path, query)
        status, value = self.feed.respond(url.path, query)
        body = json.dumps(value).encode()
        if mode == "slow":
            self.feed.wait()
        if mode == "html":
            self._send(200, b"<!DOCTYPE html><title>Wartungsarbeiten</title>", "text/html; charset=utf-8")
        elif mode == "empty":
            self._send(200, b"")
        elif mode == "truncated":
            self._send(200, body[: len(body) // 2])
        elif mode == "cut":
            self._send(200, body[: len(body) // 2], length=len(body))
        elif mode == "huge":
            self._send(200, b'{"contents": [' + b"{}," * (HUGE // 3) + b"{}]}")
        elif mode == "garbage":
            self._send(200, b"\xff\xfe\x00\x80garbage")
        elif mode == "shape":
            self._send(200, b'{"error": "an object, but no page and no service"}')
        elif mode in ("404", "429", "500"):
            self._send(int(mode), b'{"error": "no"}', retry_after="3600" if mode == "429" else "")
        else:
            self._send(status, body)

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", length: int | None = None, retry_after: str = ""
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body) if length is None else length))
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the reader has hung up: too slow, or too much
        if length is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
