"""The staff pages over real HTTP, with a book of small functions behind them."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import httpx
from sanic import Sanic

from bot.channels.web.site import site_blueprint
from bot.channels.web.staff.book import CallBack, File, Goal, Named, Queue, Shared, Sheet, StaffBook, Unable
from bot.channels.web.staff.entrance import Access, Entrance
from bot.channels.web.staff.password import make_hash
from bot.channels.web.staff.routes import staff_blueprint
from tests.fakes.running import running

SECRET = b"a secret of at least thirty-two bytes"
PASSWORD = "drei blaue Züge fahren"
LANGUAGES = tuple(Named(code, name) for code, name in (("de", "Deutsch"), ("ar", "Arabisch"), ("uk", "Ukrainisch")))
SITES = (
    Named("ea-dresden", "Erstaufnahme Dresden, Hamburger Straße"),
    Named("ea-leipzig", "Erstaufnahme Leipzig-Mockau"),
    Named("vhs", "Volkshochschule Leipzig"),
)


@lru_cache
def hashed(password: str = PASSWORD) -> str:
    """The hash of a password, made once."""
    return make_hash(password)


class Office:
    """What stands behind the pages, and what it was asked for."""

    def __init__(self) -> None:
        self.sheets: list[tuple[Sheet, str]] = []
        self.waiting = [
            CallBack("c1", "0341 1234567", (("Sprache", "Arabisch"), ("Thema", "<b>Wohnung</b>"))),
            CallBack("c2", "0351 7654321", (("Sprache", "Ukrainisch"),)),
        ]
        self.failure: Exception | None = None

    def book(self, **changes: Any) -> StaffBook:
        """All parts on; `changes` replace fields."""
        book = StaffBook(
            sites=SITES,
            places=(Named("leipzig", "Leipzig"), Named("dresden", "Dresden")),
            topics=(Named("german_course", "Deutschkurs"), Named("doctor", "Arzt")),
            poster_topics=(Named("doctor", "Arzt"),),
            languages=LANGUAGES,
            formats=(Named("a4", "A4"), Named("strips", "Abreißzettel")),
            poster=self.poster,
            months=lambda: ["2026-09", "2026-10"],
            report=lambda month, kind: File(f"bericht-{month}.{kind}", f"{kind} {month}".encode(), "text/plain"),
            link=self.link,
            qr=lambda address: f'<svg xmlns="http://www.w3.org/2000/svg"><title>{len(address)}</title></svg>',
            callbacks=lambda: self.waiting,
            done=self.done,
            queue=lambda: Queue(12, (("Sprachen", (("Arabisch", 7), ("Deutsch", 5))),)),
        )
        return dataclasses.replace(book, **changes)

    def poster(self, sheet: Sheet, kind: str) -> File:
        """Not a poster, but what would be on one."""
        if self.failure is not None:
            raise self.failure
        self.sheets.append((sheet, kind))
        return File(
            f"plakat {sheet.site}.{kind}", b"%PDF-1.7 fake", "application/pdf" if kind == "pdf" else "text/html"
        )

    def link(self, goal: Goal) -> Shared:
        """A web address only."""
        if goal.campaign == "zu-lang":
            raise Unable("Der Link ist zu lang.")
        return Shared(f"https://w.example/?topic={goal.topic}&place={goal.place}", "", f"Fragen zu {goal.topic} <hier>")

    def done(self, id: str) -> bool:
        """One call less."""
        before = len(self.waiting)
        self.waiting = [row for row in self.waiting if row.id != id]
        return len(self.waiting) < before


@dataclasses.dataclass
class StaffServer:
    """Where it listens, and what stands behind it."""

    office: Office
    port: int

    @property
    def url(self) -> str:
        """The address of the site."""
        return f"http://127.0.0.1:{self.port}"

    def browser(self, **headers: str) -> Browser:
        """Somebody who has just opened a browser."""
        return Browser(self.url, headers)

    def staff(self) -> Browser:
        """Somebody who is logged in."""
        browser = self.browser()
        assert browser.log_in().status_code == 303
        return browser


class Browser(httpx.Client):
    """Keeps cookies, names its own origin when it posts, follows nothing by itself."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        super().__init__(base_url=url, timeout=30, headers={"Origin": url, **headers}, trust_env=False)

    def log_in(self, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Open the form and send it."""
        token = token_of(self.get("/staff/login").text)
        return self.post("/staff/login", data={"token": token, "password": password, **fields})

    def log_out(self) -> httpx.Response:
        """Press the button."""
        return self.post("/staff/logout", data={"token": token_of(self.get("/staff").text)})


def token_of(page: str) -> str:
    """The token of a page's form."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found is not None, page
    return found[1]


@contextlib.contextmanager
def serve_staff(
    password: str = PASSWORD,
    book: dict[str, Any] | None = None,
    entrance: Callable[[Access], Entrance] | None = None,
    **access: Any,
) -> Iterator[StaffServer]:
    """Run the pages in a thread of its own; `book` changes the book, `access` goes to Access."""
    Sanic.test_mode = True
    office = Office()
    app = Sanic("staff")
    app.config.ACCESS_LOG = False
    app.blueprint(site_blueprint(public_url=access.get("public_url", "")))
    entry = Access(SECRET, hashed(password) if password else "", **access)
    app.blueprint(staff_blueprint(office.book(**(book or {})), entry, entrance(entry) if entrance else None))
    app.ctx.agent = None
    with running(app) as port:
        yield StaffServer(office, port)
