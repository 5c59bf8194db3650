"""What all pages share: the words handed in, the language asked for, templates, headers, errors as pages."""

from __future__ import annotations

import gzip
import hashlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import gate
from bot.channels.web.pages import links
from bot.channels.web.pages.legal import Legal
from bot.channels.web.protocol import MAX_BODY, METHODS, ApiError, Handler, Origins
from bot.channels.web.site import HEADERS as SITE_HEADERS

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
EXIT = "https://www.dwd.de/"  # the weather: what anybody may look at
PUBLIC = "public, max-age=300"
# Forms go to ourselves. A browser that sends no referrer at all calls the origin of a form "null", and we check it.
HEADERS = {
    **SITE_HEADERS,
    "Content-Security-Policy": SITE_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    "Referrer-Policy": "same-origin",
}
_WORTH_PACKING = 500


class Topics(Protocol):
    """The pages of the topics (bot/speech/topic_page.py)."""

    def knows(self, topic: str) -> bool:
        """True when there is a page for this topic."""

    def title(self, topic: str, language: str) -> str:
        """What a topic is called; "" for an unknown one."""

    def place_name(self, place_id: str, language: str) -> str:
        """A place as readers of the language write it; "" for an unknown one."""

    async def page(self, topic: str, language: str, typed: str = "") -> Any:
        """All that a topic's page shows, None for an unknown topic."""


@dataclass(frozen=True)
class Book:
    """What the pages need of the assistant, handed in by the composition root.

    `languages` are rows of code, name and dir; `words(language)` the interface's words; `day` an ISO date in words;
    `number` a number of kilometres; `locale` the Open Graph locale; `kept` how long a conversation is kept, in words.
    `areas` are the topics area by area, `main` those to begin with, `places` the ids a link may carry.
    Topics of `discreet` never stand in a page's title. `public_url` is where the site is, "" when that is not known.
    `legal` is for the imprint and the privacy notice.
    """

    languages: Sequence[Mapping[str, str]]
    words: Callable[[str], Mapping[str, str]]
    day: Callable[[str, str], str]
    number: Callable[[float, str], str]
    locale: Callable[[str], str]
    kept: Callable[[str], str]
    topics: Topics
    areas: Sequence[Sequence[str]]
    main: Sequence[str]
    places: frozenset[str]
    discreet: frozenset[str] = frozenset()
    telegram: bool = False
    public_url: str = ""
    legal: Legal = field(default_factory=Legal)

    def known(self, tag: str) -> str:
        """Our code for a BCP 47 tag such as `de-AT`, "" when we do not speak it."""
        codes = {row["code"].lower(): row["code"] for row in self.languages}
        tag = tag.strip().lower()
        return codes.get(tag) or codes.get(tag.partition("-")[0], "")

    def language(self, request: Request) -> str:
        """The language a page is wanted in: `lang` of the address, else the browser's, else English."""
        named = self.known(request.args.get("lang", "")[:20])
        wishes = [row.partition(";") for row in request.headers.get("accept-language", "")[:400].split(",")]
        wishes.sort(key=lambda wish: -_weight(wish[2]))
        spoken = (self.known(tag) for tag, _, weight in wishes if _weight(weight) > 0)
        return named or next(filter(None, spoken), "") or self.known("en") or self.languages[0]["code"]

    def place(self, request: Request) -> str:
        """The id of a place in the address, "" when there is none or it is not known."""
        place = request.args.get("place", "")
        return place if place in self.places else ""

    def campaign(self, request: Request) -> str:
        """The campaign in the address, `c` on posters; "" when there is none."""
        return gate.campaign_of(request.args.get("c") or request.args.get("campaign"))


class Trouble(Exception):
    """Ends a request with a page; `word` is the key of what it says."""

    def __init__(self, status: int, word: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(word)
        self.status, self.word, self.headers = status, word, dict(headers or {})


class Printer:
    """Fills templates."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._directions = {row["code"]: row["dir"] for row in book.languages}
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        helpers = (
            links.written,
            links.linked,
            links.addresses,
            links.web,
            links.host,
            links.tel,
            links.phones,
            links.mail,
        )
        self._templates.globals.update({helper.__name__: helper for helper in helpers}, address=address, exit=EXIT)

    def html(self, template: str, language: str, **values: Any) -> bytes:
        """A page in one language."""
        book = self.book
        known = {
            "language": language,
            "dir": self._directions[language],
            "t": book.words(language),
            "languages": book.languages,
            "day": lambda stamp: book.day(stamp, language),
            "number": lambda value: book.number(value, language),
            "title_of": lambda topic: book.topics.title(topic, language),
        }
        text = self._templates.get_template(template).render({**known, **values})
        return "\n".join(line for line in text.splitlines() if line.strip()).encode("utf-8", "replace")

    def respond(
        self,
        request: Request,
        template: str,
        language: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTTPResponse:
        """The page as a response: packed when the client can unpack; kept by nobody unless `headers` say otherwise."""
        body = self.html(template, language, **values)
        sent = {**HEADERS, "Cache-Control": "no-store", "Content-Language": language, **(headers or {})}
        sent["Vary"] = "Accept-Encoding, Accept-Language"
        packed = len(body) > _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", "")
        if sent["Cache-Control"] == PUBLIC and status == 200:
            sent["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}{"-gz" if packed else ""}"'
            if sent["ETag"] in request.headers.get("if-none-match", ""):
                return HTTPResponse(status=304, headers=sent)
        if packed:
            sent["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 6, mtime=0)
        return HTTPResponse(body, status=status, headers=sent, content_type=HTML)

    def trouble(self, request: Request, problem: Trouble) -> HTTPResponse:
        """The page of an error."""
        language = self.book.language(request)
        words = self.book.words(language)
        values = {"note": words[problem.word]}
        return self.respond(request, "trouble.html", language, problem.status, problem.headers, **values)


def guarded(handlers: Mapping[str, Handler], printer: Printer, origins: Origins) -> Handler:
    """One route for all methods: checks the origin, picks the handler and makes a page of every error."""

    async def handle(request: Request, **path: str) -> HTTPResponse:
        if request.stream is not None:
            request.stream.request_max_size = MAX_BODY  # also for bodies nobody reads
        try:
            handler = handlers.get(request.method)
            if handler is None:
                raise Trouble(405, "refused", {"Allow": ", ".join(handlers)})
            if request.method == "POST" and not origins.permits(request):
                raise Trouble(403, "refused")
            return await handler(request, **path)
        except Trouble as problem:
            return printer.trouble(request, problem)
        except Exception as exc:
            return printer.trouble(request, trouble_of(exc))

    return handle


def add(blueprint: Blueprint, path: str, handle: Handler, name: str) -> None:
    """A route whose body arrives bit by bit, for every method."""
    blueprint.add_route(handle, path, methods=METHODS, name=name, stream=True)


def without_cors(blueprint: Blueprint) -> None:
    """Nobody else's script reads these pages; Rasa's own CORS extension would answer OPTIONS before any route."""

    @blueprint.middleware("response")
    async def strip(request: Request, response: HTTPResponse) -> HTTPResponse | None:
        for name in [name for name in response.headers if name.lower().startswith("access-control-")]:
            response.headers.pop(name, None)
        if request.method != "OPTIONS":
            return None
        return HTTPResponse(status=405, headers={**HEADERS, "Allow": "GET, HEAD, POST", "Cache-Control": "no-store"})


def address(path: str, **query: str) -> str:
    """A path with what is given of the query."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def trouble_of(exc: Exception) -> Trouble:
    """What a page says of an exception, which is logged without its text when it is our fault."""
    if isinstance(exc, ApiError):
        return Trouble(exc.status, "refused", exc.headers)
    if isinstance(exc, SanicException) and getattr(exc, "status_code", 500) < 500:
        return Trouble(400, "refused")
    # Exception texts may quote the person: only the kind and the place are logged.
    frames = "".join(traceback.format_tb(exc.__traceback__)[-6:])
    logging.getLogger(__name__).error("web page: %s\n%s", type(exc).__name__, frames)
    return Trouble(500, "no_answer")


def _weight(parameters: str) -> float:
    """The weight of a language in Accept-Language, 1 when none is given."""
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
