"""What all staff pages share: who may see them, forms with tokens, templates, headers, errors as pages."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.pages.links import tel
from bot.channels.web.pages.page import HEADERS as PAGE_HEADERS
from bot.channels.web.pages.page import HTML
from bot.channels.web.protocol import MAX_BODY, ApiError, Handler, Origins, form_fields, read_body
from bot.channels.web.staff.book import File, StaffBook, Unable
from bot.channels.web.staff.entrance import Access, Entrance, Visitor

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
FORM = "application/x-www-form-urlencoded"
PARTS = {
    "posters": "Plakate und Karten",
    "link": "Link zum Weitergeben",
    "report": "Bericht",
    "callbacks": "Rückrufe",
    "review": "Nicht verstandene Nachrichten",
}
HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": PAGE_HEADERS["Content-Security-Policy"]
    .replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    .replace("default-src 'self'", "default-src 'none'; style-src 'self'; img-src 'self'"),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
# A document that another part has made: it may look as it likes and do nothing.
DOCUMENT_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
# Only pages of ours, so that a login leads nowhere else.
_NEXT = re.compile(r"/staff(/[a-z]{1,20}(/[a-z0-9.-]{1,20})?)?(\?[A-Za-z0-9_=&%.+~-]{0,500})?", re.ASCII)
_PATIENCE = 50.0  # seconds; Sanic gives up after 60
Result = TypeVar("Result")
Page = Callable[..., Awaitable[HTTPResponse]]


class Problem(Exception):
    """Ends a request with a page that says this German sentence."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, dict(headers or {})


class Workers:
    """Threads for what takes long, so that answers to residents do not wait for it; a few tasks may queue."""

    def __init__(self, name: str, waiting: int = 6) -> None:
        self._name, self._waiting, self._now = name, waiting, 0
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """The result of a function; Problem when too much waits or it takes too long."""
        busy = Problem(503, "Gerade ist viel zu tun. Bitte versuchen Sie es gleich noch einmal.", {"Retry-After": "10"})
        if self._now >= self._waiting:
            raise busy
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, self._name)
        self._now += 1
        task = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        task.add_done_callback(self._finished)
        try:
            return await asyncio.wait_for(asyncio.shield(task), _PATIENCE)
        except asyncio.TimeoutError:
            raise busy from None

    def _finished(self, task: asyncio.Future[Any]) -> None:
        self._now -= 1
        if not task.cancelled():
            task.exception()  # whoever waited has gone; nobody else is to be told


class Desk:
    """Checks who comes in and fills the templates."""

    def __init__(self, book: StaffBook, access: Access, entrance: Entrance | None = None) -> None:
        self.book, self.access, self.entrance = book, access, entrance or Entrance(access)
        site = urlsplit(access.public_url)
        self._origins = Origins([f"{site.scheme}://{site.netloc}"] if site.netloc else [])
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(parts=PARTS, tel=tel, has=book.has)

    def show(
        self,
        template: str,
        visitor: Visitor | None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTTPResponse:
        """A page."""
        token = self.entrance.sessions.token(visitor.who) if visitor else ""
        known = {"visitor": visitor, "token": token, "part": "", "note": ""}
        text = self._templates.get_template(template).render({**known, **values})
        body = "\n".join(line for line in text.splitlines() if line.strip()).encode("utf-8", "replace")
        sent = {**HEADERS, "Content-Language": "de", **(headers or {})}
        return HTTPResponse(body, status=status, headers=sent, content_type=HTML)

    def guarded(self, handlers: Mapping[str, Page], public: bool = False) -> Handler:
        """One route for all methods. `public` handlers get everybody, others only who is logged in.

        A handler gets the request and the visitor; one for POST is called when origin and token are right, and gets
        the fields of the form besides.
        """

        async def handle(request: Request, **path: str) -> HTTPResponse:
            if request.stream is not None:
                request.stream.request_max_size = MAX_BODY  # also for bodies nobody reads
            visitor = None
            try:
                if not self.access.on:
                    return self.show("off.html", None, 404)
                visitor = await self.entrance.visitor(request)
                if visitor is None and not public:
                    return self.to_login(request)
                handler = handlers.get("GET" if request.method == "HEAD" else request.method)
                if handler is None:
                    allow = {"Allow": ", ".join([*handlers, "HEAD"])}
                    raise Problem(405, "Das geht auf dieser Seite nicht.", allow)
                if request.method != "POST":
                    return await handler(request, visitor, **path)
                return await handler(request, visitor, await self._form(request, visitor), **path)
            except Exception as exc:
                problem = problem_of(exc)
                return self.show("problem.html", visitor, problem.status, problem.headers, note=problem.text)

        return handle

    def to_login(self, request: Request) -> HTTPResponse:
        """Where to log in; from there back to this page."""
        wanted = request.path + (f"?{request.query_string}" if request.query_string else "")
        if request.method not in ("GET", "HEAD") or wanted == "/staff" or not inside(wanted):
            return redirect("/staff/login")
        return redirect(f"/staff/login?next={quote(wanted, safe='/')}")

    async def _form(self, request: Request, visitor: Visitor | None) -> dict[str, str]:
        """The fields of a form that was made for this session, or for this visitor of the login."""
        if not self._origins.permits(request) or request.headers.get("sec-fetch-site", "none") not in (
            *("same-origin", "none"),
        ):
            raise Problem(403, "Dieses Formular kam von einer anderen Website. Es wurde nichts geändert.")
        fields = await read_form(request)
        who = visitor.who if visitor else self.entrance.form_visitor(request)
        if not self.entrance.sessions.is_token(who, fields.get("token", "")):
            raise Problem(
                403, "Das Formular gilt nicht mehr. Bitte öffnen Sie die Seite neu und senden Sie es noch einmal."
            )
        return fields


def inside(path: str) -> bool:
    """Whether an address is one of the staff pages, so that one may be sent there."""
    return _NEXT.fullmatch(path) is not None


def redirect(path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """The browser asks for a page of ours next."""
    return HTTPResponse(status=303, headers={**HEADERS, "Location": path, **(headers or {})}, content_type=HTML)


def document(file: File, download: bool = False) -> HTTPResponse:
    """A finished file, shown or saved."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name).strip(".-")[:80] or "wegweiser"
    kind = "attachment" if download else "inline"
    headers = {**DOCUMENT_HEADERS, "Content-Disposition": f'{kind}; filename="{name}"'}
    return HTTPResponse(file.content, headers=headers, content_type=file.content_type)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of several with one name the first."""
    refused = Problem(400, "Das Formular kann nicht gelesen werden.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise refused
    body = await read_body(request)
    try:
        return form_fields(body)
    except ValueError:
        raise refused from None


def problem_of(exc: Exception) -> Problem:
    """What a page says of an exception, which is logged without its text when it is our fault."""
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, Unable):
        return Problem(400, str(exc))
    if isinstance(exc, ApiError):
        return Problem(exc.status, "Das Formular kann nicht gelesen werden.", exc.headers)
    if isinstance(exc, SanicException) and getattr(exc, "status_code", 500) < 500:
        return Problem(400, "Die Anfrage kann nicht gelesen werden.")
    frames = "".join(traceback.format_tb(exc.__traceback__)[-6:])
    logger.error("staff page: %s\n%s", type(exc).__name__, frames)
    return Problem(500, "Das hat nicht geklappt. Der Fehler liegt bei uns. Bitte versuchen Sie es noch einmal.")
