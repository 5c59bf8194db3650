"""The demo page, the widget's file and the health check."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.endpoint import agent_ready
from bot.channels.web.protocol import Origins, answer

WIDGET = Path(__file__).parent / "widget"
# path on the site, file, type
FILES = (
    ("/", "page.html", "text/html; charset=utf-8"),
    ("/widget.js", "widget.js", "text/javascript; charset=utf-8"),
    ("/page.js", "page.js", "text/javascript; charset=utf-8"),
    ("/page.css", "page.css", "text/css; charset=utf-8"),
    ("/icon.svg", "icon.svg", "image/svg+xml"),
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


class StaticFile:
    """One small file held in memory, plain and compressed, with its ETag."""

    def __init__(self, path: Path, content_type: str) -> None:
        self.plain = path.read_bytes()
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


def site_blueprint(allowed_origins: tuple[str, ...] = ()) -> Blueprint:
    """Routes of the site; listed origins may load the widget as a module from their own pages."""
    blueprint = Blueprint("site")
    origins = Origins(allowed_origins)

    for path, name, content_type in FILES:
        _add_file(blueprint, path, StaticFile(WIDGET / name, content_type), origins)

    @blueprint.route("/health", methods=["GET", "HEAD"])
    async def health(request: Request) -> HTTPResponse:
        """Live and ready; says nothing about the machine."""
        ready = agent_ready(request)
        return answer({"status": "ok" if ready else "starting"}, 200 if ready else 503, HEADERS)

    return blueprint


def _add_file(blueprint: Blueprint, path: str, file: StaticFile, origins: Origins) -> None:
    age = "no-cache" if path == "/" else "public, max-age=300, stale-while-revalidate=86400"

    async def serve(request: Request) -> HTTPResponse:
        cross = origins.headers(request) if path == "/widget.js" else {}
        return file.respond(request, {**HEADERS, **cross, "Cache-Control": age})

    blueprint.add_route(serve, path, methods=["GET", "HEAD"], name="file" + path.replace("/", "_").replace(".", "_"))
