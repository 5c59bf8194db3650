"""The directory for other systems: a read-only HSDS 3.0 API below /hsds, described in docs/hsds-api.md."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, stream

from bot.channels.web.hsds_openapi import openapi
from bot.channels.web.hsds_parameters import LISTS, Asked, read_flag, read_query
from bot.channels.web.protocol import METHODS, ApiError, Handler, Origins, answer, guarded

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/3.0/"
JSON, NDJSON = "application/json", "application/x-ndjson"
# A longer list of lines is written bit by bit, without an ETag.
AT_ONCE = 2000
_BIT = 100
_WORTH_PACKING = 1000


class Feed(Protocol):
    """What the API serves (actions/directory/hsds_query.py); rows are the feed's own affair."""

    def problem(self, filters: Mapping[str, Any]) -> str:
        """Why these filters cannot be applied, or ""."""

    def find(self, resource: str, filters: Mapping[str, Any], now: datetime) -> list[Any]:
        """All rows of a list that fit."""

    def page(self, resource: str, rows: Sequence[Any], form: str, number: int, size: int, now: datetime) -> bytes:
        """One page as JSON."""

    def write(self, resource: str, rows: Sequence[Any], form: str, now: datetime) -> list[bytes]:
        """Each row as JSON."""

    def one(self, resource: str, identifier: str, form: str, now: datetime) -> bytes | None:
        """One object as JSON, None when there is none."""


class _Everyone(Origins):
    """Public data: every website may read it."""

    def permits(self, request: Request) -> bool:
        return True


class _Api:
    """The handlers. Writing runs in one thread at a time, so that conversations are answered meanwhile."""

    def __init__(self, feed: Feed, clock: Callable[[], datetime], public_url: str) -> None:
        self._feed, self._clock, self._public_url = feed, clock, public_url.rstrip("/")
        self._turn = asyncio.Semaphore(1)

    async def root(self, request: Request) -> HTTPResponse:
        """What this API is."""
        about = {
            "version": VERSION,
            "profile": PROFILE,
            "openapi_url": f"{self._base(request)}/openapi.json",
            "description": "Services for refugees and migrants in Saxony, from the directory of Wegweiser.",
            "publisher": "Wegweiser contributors",
            "license": "https://creativecommons.org/licenses/by/4.0/",
        }
        return self._tagged(request, answer(about).body or b"")

    async def openapi(self, request: Request) -> HTTPResponse:
        """The description of this API."""
        return self._tagged(request, answer(openapi(self._base(request))).body or b"")

    async def several(self, resource: str, request: Request) -> HTTPResponse:
        """A page of a list, or all of it as lines of JSON."""
        asked = read_query(resource, request.args)
        problem = self._feed.problem(asked.filters)
        if problem:
            raise ApiError(400, "malformed", problem)
        now = self._clock()
        rows = await self._aside(self._feed.find, resource, asked.filters, now)
        if asked.ndjson:
            return await self._lines(request, resource, rows, asked, now)
        size = asked.per_page or max(1, len(rows))
        return await self._aside(self._page, request, resource, rows, asked.form, asked.page, size, now)

    async def one(self, resource: str, request: Request, identifier: str) -> HTTPResponse:
        """One object with all that belongs to it."""
        whole = resource == "organizations" and read_flag("full_service", request.args)
        form = "full_service" if whole else "full"
        body = await self._aside(self._feed.one, resource, identifier, form, self._clock())
        if body is None:
            raise ApiError(404, "not_found", "There is nothing with this id.")
        return self._tagged(request, body)

    def _page(self, request: Request, *what: Any) -> HTTPResponse:
        return self._tagged(request, self._feed.page(*what))

    async def _lines(
        self, request: Request, resource: str, rows: Sequence[Any], asked: Asked, now: datetime
    ) -> HTTPResponse:
        async def lines(some: Sequence[Any]) -> bytes:
            written = await self._aside(self._feed.write, resource, some, asked.form, now)
            return b"".join(line + b"\n" for line in written)

        if len(rows) <= AT_ONCE:
            body = await lines(rows)
            return await self._aside(self._tagged, request, body, NDJSON)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        if request.method == "HEAD":
            return HTTPResponse(headers=headers, content_type=NDJSON)

        async def write(response: Any) -> None:
            for start in range(0, len(rows), _BIT):
                await response.write(await lines(rows[start : start + _BIT]))

        return stream(write, headers=headers, content_type=NDJSON)  # type: ignore[return-value]

    async def _aside(self, work: Callable[..., Any], *what: Any) -> Any:
        async with self._turn:
            return await asyncio.to_thread(work, *what)

    def _base(self, request: Request) -> str:
        return f"{self._public_url or f'{request.scheme}://{request.host}'}/hsds"

    @staticmethod
    def _tagged(request: Request, body: bytes, content_type: str = JSON) -> HTTPResponse:
        """The body with its ETag, packed when the client can unpack; 304 when the client has it."""
        packed = len(body) > _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}{"-gz" if packed else ""}"'
        headers = {"Cache-Control": "public, max-age=300", "ETag": tag, "Vary": "Accept-Encoding"}
        headers["X-Content-Type-Options"] = "nosniff"
        held = request.headers.get("if-none-match", "")
        if tag in held or held.strip() == "*":
            return HTTPResponse(status=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 6, mtime=0)
        return HTTPResponse(body, headers=headers, content_type=content_type)


def hsds_blueprint(feed: Feed, clock: Callable[[], datetime], public_url: str = "") -> Blueprint:
    """All routes below /hsds. Without `public_url` the address of the request stands in `openapi_url`."""
    blueprint = Blueprint("hsds", url_prefix="/hsds")
    api = _Api(feed, clock, public_url)
    routes: dict[str, Handler] = {"": api.root, "/openapi.json": api.openapi}
    for resource in LISTS:
        routes[f"/{resource}"] = partial(api.several, resource)
        routes[f"/{resource}/<identifier>"] = partial(api.one, resource)
    for number, (path, handler) in enumerate(routes.items()):
        handle = guarded({"GET": handler, "HEAD": handler}, _Everyone())
        # Spelt out both ways: with a slash at the end an address would go to the rest below.
        for end in ("", "/"):
            name = f"route{number}{'slash' if end else ''}"
            blueprint.add_route(handle, path + end, methods=METHODS, name=name, stream=True, strict_slashes=True)
    blueprint.add_route(
        guarded(dict.fromkeys(METHODS, _unknown), _Everyone()),
        "/<path:path>",
        methods=METHODS,
        name="rest",
        stream=True,
    )

    # A response middleware, because Rasa's own CORS extension answers OPTIONS before any route.
    @blueprint.middleware("response")
    async def for_everyone(request: Request, response: HTTPResponse) -> HTTPResponse | None:
        preflight = request.method == "OPTIONS"
        response = empty() if preflight else response
        response.headers.pop("Access-Control-Allow-Credentials", None)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
        if preflight:
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
        return response if preflight else None

    return blueprint


async def _unknown(request: Request, **_: str) -> HTTPResponse:
    raise ApiError(404, "not_found", "There is nothing at this address.")
