"""The habits of the HTTP API: one error shape, bounded JSON bodies, explicit origins."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import traceback
import zlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.gate import Refused
from bot.operations import metrics

logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
WORTH_PACKING = 1000  # bytes
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


# Codes of what is counted as refused, and why.
_REASONS = {
    "too_many": "rate",
    **dict.fromkeys(("too_large", "too_slow"), "size"),
    **dict.fromkeys(("malformed", "not_json", "empty", "not_text", "bad_payload", "bad_location", "bad_id"), "content"),
    "origin": "origin",
    **dict.fromkeys(("unauthorized", "bad_conversation"), "token"),
}


class ApiError(Exception):
    """Ends a request; code and message are safe to show to whoever sent it."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


Say = Callable[[Request, ApiError], str]


def encode(body: Any) -> bytes:
    """JSON as it is sent; broken halves of characters become question marks."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """A JSON response that nobody caches unless `headers` say otherwise."""
    return _json(encode(body), status, headers)


def packed(request: Request, data: bytes, headers: dict[str, str] | None = None) -> HTTPResponse:
    """JSON of `encode`, compressed when that saves time on a slow line and the client can unpack it."""
    headers = {**(headers or {}), "Vary": "Accept-Encoding"}
    if len(data) > WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        data = _gzipped(data)
        headers["Content-Encoding"] = "gzip"
    return _json(data, 200, headers)


def _gzipped(data: bytes) -> bytes:
    """As gzip.compress, without its file object; level 4 is a few bytes longer and takes three quarters of the time."""
    packer = zlib.compressobj(4, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def cacheable(request: Request, body: Any) -> HTTPResponse:
    """JSON that anybody may keep for five minutes; 304 when the client has it already."""
    data = encode(body)
    tag = 'W/"' + hashlib.sha256(data).hexdigest()[:20] + '"'
    headers = {"Cache-Control": "public, max-age=300", "ETag": tag}
    if tag.removeprefix("W/") in request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers={**headers, "Vary": "Accept-Encoding"})
    return packed(request, data, headers)


def _json(data: bytes, status: int, headers: dict[str, str] | None) -> HTTPResponse:
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return HTTPResponse(data, status=status, headers=sent, content_type="application/json")


def error(problem: ApiError, message: str = "") -> HTTPResponse:
    """The one error shape of the API; `message` replaces the problem's own."""
    body = {"error": {"code": problem.code, "message": message or problem.message}}
    return answer(body, problem.status, problem.headers)


class Origins:
    """Which web pages may use the API: the server's own and those listed, never everybody."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    def listed(self, request: Request) -> str | None:
        """The request's origin when it is on the list."""
        origin = request.headers.get("origin")
        return origin if origin is not None and origin.lower() in self._allowed else None

    def permits(self, request: Request) -> bool:
        """True without an Origin header, from the same host and from the list."""
        origin = request.headers.get("origin")
        if origin is None or self.listed(request) is not None:
            return True
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(host) and host == request.headers.get("host", "").lower()

    def headers(self, request: Request, methods: Iterable[str] = ()) -> dict[str, str]:
        """CORS headers for a listed origin; `methods` are given for a preflight."""
        headers = {"Vary": "Origin"}
        origin = self.listed(request)
        if origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "Retry-After"
            if methods:
                headers["Access-Control-Allow-Methods"] = ", ".join(methods)
                headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
                headers["Access-Control-Max-Age"] = "600"
        return headers


async def read_body(request: Request) -> bytes:
    """The body of a streaming route, at most 64 KiB within Sanic's REQUEST_TIMEOUT: refused while it arrives."""
    try:
        await asyncio.wait_for(request.receive_body(), request.app.config.REQUEST_TIMEOUT)
    except PayloadTooLarge as exc:
        raise ApiError(413, "too_large", "The message is too large.") from exc
    except asyncio.TimeoutError as exc:
        if request.stream is not None:  # the rest is not waited for
            request.stream.keep_alive, request.stream.request_body = False, None
        raise ApiError(408, "too_slow", "The message took too long to arrive.") from exc
    return bytes(request.body or b"")


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object a client sent."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "not_json", "Please send JSON.")
    return json_object(await read_body(request))


def json_object(content: bytes) -> dict[str, Any]:
    """The object that bytes of JSON say; ApiError for anything else, however deep or long it is.

    Of two equal keys the later one counts.
    """
    malformed = ApiError(400, "malformed", "The request is not valid JSON.")
    try:
        body = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise malformed from None
    if not isinstance(body, dict):
        raise malformed
    return body


def form_fields(content: bytes) -> dict[str, str]:
    """The fields of a form, of several with one name the first; ValueError for more than twenty."""
    rows = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20, errors="replace")
    return dict(reversed(rows))


def guarded(handlers: dict[str, Handler], origins: Origins, say: Say | None = None) -> Handler:
    """One route for all methods: checks the origin, picks the handler and shapes every error.

    `say` may put an error's message into the person's own words; "" keeps the English one.
    """

    async def handle(request: Request, **path: str) -> HTTPResponse:
        if request.stream is not None:
            request.stream.request_max_size = MAX_BODY  # also for bodies nobody reads
        try:
            if not origins.permits(request):
                raise ApiError(403, "origin", "This website may not use the assistant.")
            handler = handlers.get(request.method)
            if handler is None:
                allow = {"Allow": ", ".join(handlers)}
                raise ApiError(405, "method", "This method is not supported here.", allow)
            return await handler(request, **path)
        except Exception as exc:
            found = problem_of(exc)
            if found.code in _REASONS:
                metrics.REFUSED.labels("web", _REASONS[found.code]).inc()
            return error(found, say(request, found) if say else "")

    return handle


def problem_of(exc: Exception) -> ApiError:
    """What the client is told; faults of ours are logged without their text."""
    if isinstance(exc, ApiError):
        return exc
    if isinstance(exc, Refused):
        return ApiError(400, exc.code, str(exc))
    if isinstance(exc, SanicException) and getattr(exc, "status_code", 500) < 500:
        return ApiError(400, "malformed", "The request cannot be read.")
    # Exception texts may quote the person: only the kind and the place are logged.
    frames = "".join(traceback.format_tb(exc.__traceback__)[-6:])
    logger.error("web channel: %s\n%s", type(exc).__name__, frames)
    return ApiError(500, "internal", "Something went wrong on our side. Please try again.")
