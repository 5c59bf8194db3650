"""The topics as pages that can be read, printed, shared and found; safe use; accessibility; legal pages; the style."""

from __future__ import annotations

from functools import partial
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.pages.legal import paragraphs
from bot.channels.web.pages.page import (
    HEADERS,
    HERE,
    PUBLIC,
    Book,
    Printer,
    add,
    address,
    guarded,
    without_cors,
)
from bot.channels.web.pages.security_txt import PATH as SECURITY_TXT
from bot.channels.web.pages.security_txt import SecurityText
from bot.channels.web.protocol import Handler, Origins
from bot.channels.web.site import StaticFile

HELP = ("domestic_violence", "forced_marriage_trafficking")
# The parts of an article and the words above them.
HEADINGS = {
    "summary": "topic_short",
    "who": "topic_who",
    "cost": "topic_cost",
    "how": "topic_how",
    "documents": "topic_documents",
    "duration": "topic_duration",
    "rights": "topic_rights",
    "warning": "topic_warning",
}


class _Pages:
    """The handlers."""

    def __init__(self, book: Book) -> None:
        self.book, self.printer = book, Printer(book)

    async def topics(self, request: Request) -> HTTPResponse:
        """All topics, area by area."""
        return self._list(request, self.book.language(request))

    async def topic(self, request: Request, topic: str) -> HTTPResponse:
        """One topic, with what helps in the town of the address."""
        book, language = self.book, self.book.language(request)
        typed = request.args.get("place", "")[:80]
        page = await book.topics.page(topic, language, typed)
        if page is None:
            return self._list(request, language, missing=True)
        title = book.topics.title(topic, language)
        discreet = topic in book.discreet
        # A link to a page about violence shows in a chat what a link to all topics shows: others may look on.
        words = book.words(language)
        shown = (words["topics"], words["page_intro"], "website") if discreet else (title, page.description, "article")
        values: dict[str, Any] = {
            "page": page,
            "typed": typed,
            "headings": HEADINGS,
            # A page about violence does not say so in the list of open pages.
            "head": "" if discreet else title,
            "path": f"/t/{topic}",
            "shared": {**dict(zip(("title", "description", "type"), shown, strict=True)), "found": page.description},
            "cached": not discreet,
        }
        return self._respond(request, "topic.html", language, **values)

    async def safe(self, request: Request) -> HTTPResponse:
        """How to use this without being found out."""
        language = self.book.language(request)
        words = self.book.words(language)
        filled = {"leave": words["leave"], "delete": words["delete"], "time": self.book.kept(language)}
        names = ["safe_leave", "safe_delete", "safe_window", "safe_history", "safe_calls", "safe_device"]
        names += ["safe_telegram"] if self.book.telegram else []
        steps = [_fill(words[name], filled) for name in [*names, "safe_stored"]]
        return self._respond(request, "safe.html", language, steps=steps, topics=HELP, path="/safe", head="")

    async def accessibility(self, request: Request) -> HTTPResponse:
        """The statement on accessibility, in German and English whatever the language of the rest."""
        language = self.book.language(request)
        head = self.book.words(language)["accessibility"]
        return self._respond(request, "accessibility.html", language, path="/accessibility", head=head)

    async def legal(self, name: str, request: Request) -> HTTPResponse:
        """The imprint or the privacy notice, in German and English whatever the language of the rest."""
        book, language = self.book, self.book.language(request)
        operator = book.legal.operator
        both = ("de", "en")
        values: dict[str, Any] = {
            "legal": book.legal,
            "more": {code: paragraphs(operator, name, code) for code in both},
            "kept": {code: book.kept(code) for code in both},
            "confirmed": {code: book.day(operator.confirmed, code) for code in both}
            if operator and operator.confirmed
            else {},
            "head": book.words(language)[name],
        }
        return self._respond(request, f"{name}.html", language, path=f"/{name}", **values)

    def _list(self, request: Request, language: str, missing: bool = False) -> HTTPResponse:
        words = self.book.words(language)
        values: dict[str, Any] = {
            "areas": self.book.areas,
            "missing": missing,
            "path": "/t",
            "head": words["topics"],
            "shared": dict.fromkeys(("description", "found"), words["page_intro"])
            | {"title": words["topics"], "type": "website"},
        }
        return self._respond(request, "topics.html", language, 404 if missing else 200, **values)

    def _respond(
        self, request: Request, template: str, language: str, status: int = 200, cached: bool = True, **values: Any
    ) -> HTTPResponse:
        values = {**self._where(values["path"], language), "campaign": self.book.campaign(request), **values}
        # What is not kept is not shown either by whoever presses Back after leaving quickly.
        headers = {"Cache-Control": PUBLIC} if status == 200 and cached else {}
        return self.printer.respond(request, template, language, status, headers, **values)

    def _where(self, path: str, language: str) -> dict[str, Any]:
        """The addresses of a page in all languages, complete ones when it is known where the site is."""
        base = self.book.public_url.rstrip("/")
        return {
            "base": base,
            "canonical": base + address(path, lang=language),
            "alternates": {row["code"]: base + address(path, lang=row["code"]) for row in self.book.languages},
            "locale": self.book.locale(language),
        }


def pages_blueprint(book: Book) -> Blueprint:
    """The routes /t, /t/<topic>, /safe, /accessibility, /imprint, /privacy, the style /m.css, and security.txt."""
    blueprint = Blueprint("pages")
    pages = _Pages(book)
    routes: dict[str, Handler] = {
        "/t": pages.topics,
        "/t/<topic>": pages.topic,
        "/safe": pages.safe,
        "/accessibility": pages.accessibility,
        "/imprint": partial(pages.legal, "imprint"),
        "/privacy": partial(pages.legal, "privacy"),
        "/t/<rest:path>": partial(_missing, pages),
        "/m.css": partial(_style, StaticFile((HERE / "m.css").read_bytes(), "text/css; charset=utf-8")),
    }
    if book.legal.operator is not None and book.legal.operator.security_contact:
        routes[SECURITY_TXT] = SecurityText(book.legal.operator.security_contact, book.public_url, ("de", "en"))
    for number, (path, handler) in enumerate(routes.items()):
        handle = guarded({"GET": handler, "HEAD": handler}, pages.printer, Origins())
        add(blueprint, path, handle, f"page{number}")
    without_cors(blueprint)
    return blueprint


async def _missing(pages: _Pages, request: Request, rest: str) -> HTTPResponse:
    return await pages.topic(request, "")


async def _style(file: StaticFile, request: Request) -> HTTPResponse:
    return file.respond(request, {**HEADERS, "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400"})


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
