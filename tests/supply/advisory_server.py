"""PyPI's JSON pages and OSV's API on loopback, with advisories that a test sets."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Advisories:
    """What the server knows. `pages`: version pages; `newest`: only the page of the newest version."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.newest: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self.osv: dict[tuple[str, str], list[str]] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.page_size = 1000
        self.status = 200
        self.raw: bytes | None = None
        self.asked: list[str] = []

    def get(self, path: str) -> Any:
        """The content of a page, None when there is none."""
        parts = path.strip("/").split("/")
        if parts[0] == "pypi" and len(parts) == 4:
            found = self.pages.get((parts[1], parts[2]))
            return None if found is None else {"info": {"version": parts[2]}, "vulnerabilities": found}
        if parts[0] == "pypi" and parts[1] in self.newest:
            version, found = self.newest[parts[1]]
            return {"info": {"version": version}, "vulnerabilities": found}
        if parts[:2] == ["v1", "vulns"]:
            return self.records.get(parts[2])
        return None

    def batch(self, body: dict[str, Any]) -> Any:
        """OSV's answer to many questions, in pages."""
        results = []
        for query in body["queries"]:
            assert query["package"]["ecosystem"] == "PyPI"
            ids = self.osv.get((query["package"]["name"], query["version"]), [])
            start = int(query.get("page_token", "0"))
            shown = ids[start : start + self.page_size]
            result: dict[str, Any] = {"vulns": [{"id": i, "modified": "2026-01-01T00:00:00Z"} for i in shown]}
            if start + self.page_size < len(ids):
                result["next_page_token"] = str(start + self.page_size)
            results.append(result if shown else {})
        return {"results": results}


@contextlib.contextmanager
def advisory_server(known: Advisories) -> Iterator[str]:
    """The address of a running server; both databases are behind it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known.asked.append(self.path)
            self._answer(known.get(self.path))

        def do_POST(self) -> None:
            known.asked.append(self.path)
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._answer(known.batch(body) if self.path == "/v1/querybatch" else None)

        def _answer(self, content: Any) -> None:
            raw = known.raw if known.raw is not None else json.dumps(content).encode()
            self.send_response(404 if content is None and known.raw is None and known.status == 200 else known.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    runner = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    runner.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        runner.join(10)
        server.server_close()
