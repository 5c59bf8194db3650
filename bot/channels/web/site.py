"""The demo page, the page for iframes, the widget's files and the health check."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.edge import protect
from bot.channels.web.endpoint import agent_ready
from bot.channels.web.first_words import filled
from bot.channels.web.protocol import Origins, answer
from bot.operations.readiness import NOT_READY, READY

WIDGET = Path(__file__).parent / "widget"
SCRIPT = "text/javascript; charset=utf-8"
# path on the site, file, type
FILES = (
    ("/", "page.html", "text/html; charset=utf-8"),
    ("/embed", "embed.html", "text/html; charset=utf-8"),
    ("/card", "card.html", "text/html; charset=utf-8"),
    ("/widget.js", "widget.js", SCRIPT),
    ("/page.js", "page.js", SCRIPT),
    ("/page.css", "page.css", "text/css; charset=utf-8"),
    ("/icon.svg", "icon.svg", "image/svg+xml"),
    # what the widget loads when it is wanted
    *((f"/widget/{path.name}", f"parts/{path.name}", SCRIPT) for path in sorted((WIDGET / "parts").glob("*.js"))),
)
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self'"
# The rest comes from edge.py.
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
# What other websites load or frame; scripts still need CORS, which only listed origins get.
_SHARED = re.compile(r"/(widget.*|icon\.svg|embed)")
_ORIGIN = re.compile(r"https?://[\w.\-\[\]:]+", re.A)


class StaticFile:
    """One small file held in memory, plain and compressed, with its ETag."""

    def __init__(self, content: bytes, content_type: str) -> None:
        self.plain = content
        self.packed = gzip.compress(self.plain, 9, mtime=0)
        self.tag = hashlib.sha256(self.plain).hexdigest()[:20]
        self.content_type = content_type

    def respond(self, request: Request, headers: dict[str, str]) -> HTTPResponse:
        """The file, 304 when the client has it already."""
        packed = "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{self.tag}-gz"' if packed else f'"{self.tag}"'
        headers = {**headers, "ETag": tag, "Vary": ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))}
        if tag in request.headers.get("if-none-match", ""):
            return HTTPResponse(status=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return HTTPResponse(self.packed if packed else self.plain, headers=headers, content_type=self.content_type)


def site_blueprint(
    allowed_origins: tuple[str, ...] = (), public_url: str = "", first: dict[str, Any] | None = None
) -> Blueprint:
    """Routes of the site; listed origins may load the widget as a module and frame /embed.

    `first` are the words that stand in the module itself (first_words.py).
    The app that takes the blueprint sends the headers of edge.py with every answer, also of other routes.
    """
    blueprint = Blueprint("site")
    protect(blueprint, public_url)
    origins = Origins(allowed_origins)
    # A source of a policy ends at a blank or semicolon: only plain origins go in.
    framing = " ".join(origin.rstrip("/") for origin in allowed_origins if _ORIGIN.fullmatch(origin.rstrip("/")))

    for path, name, content_type in FILES:
        headers = dict(HEADERS)
        if path == "/embed" and framing:
            headers["Content-Security-Policy"] += f" {framing}"
        content = (WIDGET / name).read_bytes()
        if path == "/widget.js":
            content = filled(content, first or {})
        _add_file(blueprint, path, StaticFile(content, content_type), origins, headers)

    @blueprint.route("/health", methods=["GET", "HEAD"])
    async def health(request: Request) -> HTTPResponse:
        """Live and ready; says nothing about the machine."""
        ready = agent_ready(request)
        return answer({"status": "ok" if ready else "starting"}, 200 if ready else 503)

    @blueprint.route("/ready", methods=["GET", "HEAD"])
    async def ready(request: Request) -> HTTPResponse:
        """Whether messages are answered, and what is not well; names of checks only."""
        readiness = getattr(request.app.ctx, "readiness", None)
        if readiness is None:
            status, failed = (READY if agent_ready(request) else NOT_READY), []
        else:
            status, failed = readiness.status()
        return answer({"status": status, "failed": failed}, 503 if status == NOT_READY else 200)

    return blueprint


def _add_file(blueprint: Blueprint, path: str, file: StaticFile, origins: Origins, headers: dict[str, str]) -> None:
    page = file.content_type.startswith("text/html")
    headers["Cache-Control"] = "no-cache" if page else "public, max-age=300, stale-while-revalidate=86400"
    if _SHARED.fullmatch(path):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    async def serve(request: Request) -> HTTPResponse:
        cross = origins.headers(request) if path.startswith("/widget") else {}
        return file.respond(request, {**headers, **cross})

    blueprint.add_route(serve, path, methods=["GET", "HEAD"], name="file" + path.replace("/", "_").replace(".", "_"))
