"""The routes below /staff."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.pages.page import add, without_cors
from bot.channels.web.protocol import Handler
from bot.channels.web.site import StaticFile
from bot.channels.web.staff.book import File, StaffBook, Unable
from bot.channels.web.staff.entrance import Access, Entrance, Visitor
from bot.channels.web.staff.page import (
    HEADERS,
    HERE,
    Desk,
    Page,
    Problem,
    Workers,
    document,
    inside,
    redirect,
)
from bot.channels.web.staff.sessions import FORM_COOKIE, FORM_SECONDS
from bot.channels.web.staff.wishes import MOST_LANGUAGES, goal_of, sheet_of

_REPORT = re.compile(r"(20\d\d-(?:0[1-9]|1[0-2]))\.(html|csv|trend\.csv|json)", re.ASCII)
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
WRONG = (
    "Die Anmeldung hat nicht geklappt. Bitte prüfen Sie das Passwort. "
    "Nach mehreren Versuchen müssen Sie eine Viertelstunde warten."
)


class _Rooms:
    """The handlers."""

    def __init__(self, book: StaffBook, access: Access, entrance: Entrance | None = None) -> None:
        self.book, self.desk = book, Desk(book, access, entrance)
        self.entrance = self.desk.entrance
        # Posters take seconds: whoever only looks something up does not wait for them.
        self._slow, self._quick = Workers("staff-posters"), Workers("staff-pages", 20)

    async def overview(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """All parts, and which of them are off."""
        return self.desk.show("overview.html", visitor, notes=self.book.notes)

    async def login(self, request: Request, visitor: Visitor | None) -> HTTPResponse:
        """The form of the login."""
        return redirect("/staff") if visitor else self._login_form(request.args.get("next", ""))

    async def enter(self, request: Request, visitor: Visitor | None, fields: dict[str, str]) -> HTTPResponse:
        """Log in with the password."""
        wanted = fields.get("next", "")
        cookie = await self.entrance.enter(request, fields.get("password", "")[:1000])
        if not cookie:
            return self._login_form(wanted, 403, WRONG)
        response = redirect(wanted if inside(wanted) else "/staff", {"Set-Cookie": cookie})
        response.headers.add("Set-Cookie", self.entrance.sessions.header(FORM_COOKIE, "", 0))
        return response

    def _login_form(self, wanted: str, status: int = 200, note: str = "") -> HTTPResponse:
        sessions, visitor = self.entrance.sessions, self.entrance.new_form_visitor()
        values = {"wanted": wanted if inside(wanted) else "", "form_token": sessions.token(visitor)}
        headers = {"Set-Cookie": sessions.header(FORM_COOKIE, sessions.signed(visitor), FORM_SECONDS)}
        access = self.desk.access
        return self.desk.show(
            "login.html",
            None,
            status,
            headers,
            note=note,
            by_password=bool(access.password),
            by_proxy=bool(access.header),
            **values,
        )

    async def logout(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """A button, for whoever comes by a link."""
        return self.desk.show("logout.html", visitor)

    async def leave(self, request: Request, visitor: Visitor, fields: dict[str, str]) -> HTTPResponse:
        """Log out."""
        if visitor.by_proxy:
            return self.desk.show("logout.html", visitor)
        return self.desk.show("left.html", None, headers={"Set-Cookie": await self.entrance.leave(visitor)})

    async def posters(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """The form of posters."""
        wish, _ = sheet_of(request, self.book)
        return self._posters(visitor, wish, on_first_look=not wish.sent)

    async def poster(self, request: Request, visitor: Visitor, kind: str) -> HTTPResponse:
        """A poster to look at or to print; the form once more when something is missing."""
        make = self.book.poster
        if make is None or kind not in ("html", "pdf"):
            raise _missing()
        wish, sheet = sheet_of(request, self.book)
        if sheet is not None:
            try:
                return document(await self._slow.run(make, sheet, kind), download=kind == "pdf")
            except Unable as exc:
                wish.faults.append(str(exc))
        elif not wish.sent:
            wish.faults.append("Bitte füllen Sie das Formular aus.")
        return self._posters(visitor, wish, 400)

    def _posters(self, visitor: Visitor, wish: Any, status: int = 200, on_first_look: bool = False) -> HTTPResponse:
        faults = [] if on_first_look else wish.faults
        values = {"book": self.book, "wish": wish, "faults": faults, "most": MOST_LANGUAGES}
        return self._part("posters", visitor, status, **values)

    async def months(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """The months there are reports of, the newest first."""
        months = await self._quick.run(self.book.months) if self.book.report and self.book.months else ()
        return self._part("report", visitor, months=[(m, month_name(m)) for m in sorted(months, reverse=True)])

    async def report(self, request: Request, visitor: Visitor, name: str) -> HTTPResponse:
        """The report of a month, shown or as data."""
        match = _REPORT.fullmatch(name)
        if self.book.report is None or self.book.months is None or match is None:
            raise _missing()
        month, kind = match.groups()
        if month not in await self._quick.run(self.book.months):
            raise Problem(404, "Für diesen Monat gibt es keinen Bericht.")
        return document(await self._quick.run(self.book.report, month, kind), download=kind != "html")

    async def link(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """A link to pass on, with its codes and its text."""
        wish, goal = goal_of(request, self.book)
        shared = None
        if goal is not None and self.book.link is not None:
            try:
                shared = await self._quick.run(self.book.link, goal)
            except Unable as exc:
                wish.faults.append(str(exc))
        status = 400 if wish.faults else 200
        return self._part("link", visitor, status, book=self.book, wish=wish, faults=wish.faults, shared=shared)

    async def qr(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """The code of a link as an SVG."""
        _, goal = goal_of(request, self.book)
        to = request.args.get("to", "")
        if self.book.link is None or self.book.qr is None or goal is None or to not in ("web", "telegram"):
            raise _missing()
        shared = await self._quick.run(self.book.link, goal)
        address = shared.web if to == "web" else shared.telegram
        if not address:
            raise _missing()
        svg = await self._quick.run(self.book.qr, address)
        name = "-".join(filter(None, ("qr", to, goal.topic, goal.place, goal.language))) + ".svg"
        return document(File(name, svg.encode(), "image/svg+xml"), download="save" in request.args)

    async def callbacks(self, request: Request, visitor: Visitor, note: str = "") -> HTTPResponse:
        """Who asks to be called."""
        rows = await self._quick.run(self.book.callbacks) if self.book.callbacks else ()
        return self._part("callbacks", visitor, rows=rows, note=note, can_end=self.book.done is not None)

    async def called(self, request: Request, visitor: Visitor, fields: dict[str, str]) -> HTTPResponse:
        """One request is answered."""
        if self.book.done is None:
            raise _missing()
        done = await self._quick.run(self.book.done, fields.get("id", "")[:100])
        note = (
            "Der Rückruf ist erledigt."
            if done
            else "Diesen Rückruf gibt es nicht mehr. Vielleicht hat ihn schon jemand erledigt."
        )
        return await self.callbacks(request, visitor, note)

    async def review(self, request: Request, visitor: Visitor) -> HTTPResponse:
        """How many messages wait to be looked at; their words are read with `wegweiser review` only."""
        queue = await self._quick.run(self.book.queue) if self.book.queue else None
        return self._part("review", visitor, queue=queue)

    async def missing(self, request: Request, visitor: Visitor, rest: str) -> HTTPResponse:
        """What is not there, besides the overview with a slash."""
        if not rest:
            return redirect("/staff")
        raise _missing()

    def _part(self, part: str, visitor: Visitor, status: int = 200, **values: Any) -> HTTPResponse:
        """A part's page, or that it is off."""
        values["note"] = values.get("note", "")
        if not self.book.has(part):
            return self.desk.show("part_off.html", visitor, 404, part=part, why=self.book.notes.get(part, ""))
        why = self.book.notes.get(part, "")
        return self.desk.show(f"{part}.html", visitor, status, part=part, why=why, **values)


def staff_blueprint(book: StaffBook, access: Access, entrance: Entrance | None = None) -> Blueprint:
    """The pages below /staff; without a password and a header of `access` they say how to switch them on.

    `entrance` may be one whose sessions hold at every process.
    """
    blueprint = Blueprint("staff")
    rooms = _Rooms(book, access, entrance)
    guarded = rooms.desk.guarded
    routes: dict[str, dict[str, Page]] = {
        "/staff": {"GET": rooms.overview},
        "/staff/logout": {"GET": rooms.logout, "POST": rooms.leave},
        "/staff/posters": {"GET": rooms.posters},
        "/staff/posters/<kind>": {"GET": rooms.poster},
        "/staff/report": {"GET": rooms.months},
        "/staff/report/<name>": {"GET": rooms.report},
        "/staff/link": {"GET": rooms.link},
        "/staff/link/qr": {"GET": rooms.qr},
        "/staff/callbacks": {"GET": rooms.callbacks, "POST": rooms.called},
        "/staff/review": {"GET": rooms.review},
        "/staff/<rest:path>": {"GET": rooms.missing},
    }
    for number, (path, handlers) in enumerate(routes.items()):
        add(blueprint, path, guarded(handlers), f"room{number}")
    add(blueprint, "/staff/login", guarded({"GET": rooms.login, "POST": rooms.enter}, public=True), "login")
    style = StaticFile((HERE / "staff.css").read_bytes(), "text/css; charset=utf-8")
    handler: Handler = partial(_style, style)
    blueprint.add_route(handler, "/staff/staff.css", methods=["GET", "HEAD"], name="style")
    without_cors(blueprint)
    return blueprint


async def _style(file: StaticFile, request: Request) -> HTTPResponse:
    return file.respond(request, {**HEADERS, "Cache-Control": "public, max-age=3600"})


def month_name(month: str) -> str:
    """ "2026-10" as "Oktober 2026"."""
    year, _, number = month.partition("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def _missing() -> Problem:
    return Problem(404, "Diese Seite gibt es nicht.")
