"""What holds for every answer of the server: security headers, and short errors that quote nobody."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Sanic
from sanic.exceptions import MethodNotSupported, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, text

from bot.channels.web.protocol import ApiError, error, problem_of

# For answers that set none of their own: data, which no browser has to show or frame.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR = 365 * 24 * 3600
# What old browsers understand of frame-ancestors; a list of websites cannot be said to them.
_FRAMING = {"'none'": "DENY", "'self'": "SAMEORIGIN"}
_MALFORMED = ("malformed", "The request cannot be read.")
_INTERNAL = ("internal", "Something went wrong on our side. Please try again.")
_SAID = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method", "This method is not supported here."),
    408: ("too_slow", "The request took too long to arrive."),
    413: ("too_large", "The request is too large."),
    503: ("busy", "The answer takes longer than usual. Please try again."),
}


def protect(blueprint: Blueprint, public_url: str = "") -> None:
    """Have the app that takes this blueprint send the headers and the errors.

    Strict transport security is asked for only where `public_url` is https: a town's test server has no certificate.
    """
    headers = dict(HEADERS)
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"

    # A signal, because middleware does not see what other middleware answers.
    @blueprint.signal("http.lifecycle.response")
    async def add_headers(response: HTTPResponse, **_: Any) -> None:
        given = response.headers
        for name, value in headers.items():
            given.setdefault(name, value)
        if given.get("Access-Control-Allow-Origin") == "*":
            given["Cross-Origin-Resource-Policy"] = "cross-origin"
        if "X-Frame-Options" not in given:
            framing = _FRAMING.get(_ancestors(given["Content-Security-Policy"]))
            if framing:
                given["X-Frame-Options"] = framing

    @blueprint.listener("before_server_start")
    async def answer_errors(app: Sanic, _: Any) -> None:
        app.error_handler.add(Exception, _refuse)


def _ancestors(policy: str) -> str:
    found = (part.strip().partition(" ") for part in policy.split(";"))
    return next((value.strip() for name, _, value in found if name == "frame-ancestors"), "")


def _refuse(request: Request, exc: Exception) -> HTTPResponse:
    """What no route of ours has answered. Headers that cannot be read come as exceptions of any kind."""
    unread = 400 if request.method == "NONE" else 500
    status = exc.status_code if isinstance(exc, SanicException) else unread
    if status == 500:
        problem_of(exc)  # writes down where it happened
    code, message = _SAID.get(status, _MALFORMED if status < 500 else _INTERNAL)
    headers = {"Allow": exc.headers["Allow"]} if isinstance(exc, MethodNotSupported) else {}
    if status == 503:
        headers["Retry-After"] = "5"
    if "text/html" in request.headers.get("accept", ""):
        return text(message, status, {**headers, "Cache-Control": "no-store"})
    return error(ApiError(status, code, message, headers))
