"""The form pages, the staff pages and what pages make of texts."""

from __future__ import annotations

from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any

from sanic.compat import Header

from bot.channels import gate
from bot.channels.web.pages import links
from bot.channels.web.pages.light import LightInput, _View
from bot.channels.web.pages.page import Book
from bot.channels.web.protocol import form_fields
from bot.channels.web.staff.book import Named, StaffBook
from bot.channels.web.staff.entrance import _cookie
from bot.channels.web.staff.page import inside
from bot.channels.web.staff.sessions import Sessions
from bot.channels.web.staff.wishes import goal_of, sheet_of
from bot.speech.reply import Card, Choice, Reply
from tools.fuzz.checks import markup, text_of
from tools.fuzz.registry import target
from tools.fuzz.targets.channels import INTENTS, LANGUAGES, SECRET, check_parsed, check_text

_TAGS = frozenset("html head meta title link body bdi div header main footer nav section article form input button textarea "
                  "label select option h1 h2 h3 ul ol li p a b span small details summary br dl dt dd hr em strong time".split())  # fmt: skip


class _Words(dict[str, str]):
    """A word for every key."""

    def __missing__(self, key: str) -> str:
        return f"[{key}]"


@lru_cache(maxsize=1)
def _light() -> LightInput:
    topics: Any = SimpleNamespace(
        knows=lambda topic: topic == "german_course", title=lambda topic, _: topic, place_name=lambda place, _: place
    )
    book = Book(
        languages=LANGUAGES,
        words=lambda language: _Words(),
        day=lambda stamp, _: stamp,
        number=lambda value, _: str(value),
        locale=lambda language: language,
        kept=lambda language: "24 h",
        topics=topics,
        areas=[],
        main=["german_course"],
        places=frozenset({"leipzig"}),
    )
    return LightInput(SECRET, INTENTS, book)


@target(share=3)
def light_form(data: bytes) -> None:
    """The body of POST /m: fields, then the messages of a press."""
    try:
        fields = form_fields(data)
    except ValueError:
        return
    assert len(fields) <= 20
    channel = _light()
    view = channel._new("de")
    view.place = fields.get("place", "") if fields.get("place") in channel._book.places else ""
    view.campaign = gate.campaign_of(fields.get("via"))
    try:
        asked = channel._read({**fields, "id": "x" * 16}, "light-0123", view)
    except gate.Refused:
        return
    assert 1 <= len(asked.messages) <= 2 and len(asked.shown) <= gate.MAX_CHARACTERS
    for message in asked.messages:
        if message.parse_data is None:
            check_text(message.text)
        else:
            check_parsed(message.parse_data)


@target(share=0.3)
def light_page(data: bytes) -> None:
    """The page of an answer in which every text is somebody else's."""
    text = text_of(data)
    card = Card(id=text, name=text, kind=text, address=text, phone=text, email=text, hours=text, languages=[text],
                website=text, map=text, route=text, cost=text, about=[text], note=text, source=text)  # fmt: skip
    row = {"url": text, "title": text, "date": "2026-10-05"}
    reply = Reply(text, "ar", "rtl", cards=[card], choices=[Choice(text, text)], links=[row], sources=[row])
    light = _light()
    view = _View("c" * 32, "t", "ar", asked=text, replies=[reply], text=text, written=[reply])
    html = light._printer.html("light.html", "ar", view=view, asks="", place_name=text)
    markup_of_page(html.decode("utf-8"))


def markup_of_page(html: str) -> None:
    """A whole page holds the elements of its template and no other."""
    from tools.fuzz.checks import _SCHEMES, _Markup

    reader = _Markup()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.tags:
        assert tag in _TAGS or tag == "!decl", f"an element {tag}"
        assert not any(name.startswith("on") or name == "style" for name in attributes), f"attributes of {tag}"
        for name in ("href", "src", "action"):
            to = str(attributes.get(name) or "")
            local = to.startswith(("/", "#", "?")) and not to.startswith("//")
            assert not to or local or to.lower().startswith(_SCHEMES), f"a {name}"


@target(share=3)
def page_links(data: bytes) -> None:
    """Texts with links made of their addresses and numbers."""
    text = text_of(data).encode("utf-8", "replace").decode()
    for made in (
        links.linked,
        links.addresses,
        partial(links.written, language="ar"),
        partial(links.written, language="de"),
    ):
        said = markup(str(made(text)))
        # Behind an address that may mislead stands its host.
        assert made is links.addresses or _same(said, text)
    for one in (links.web(text), links.tel(text), links.mail(text)):
        assert not one or one.lower().startswith(("http://", "https://", "tel:", "mailto:"))
    links.host(text)
    assert all(any(c.isdigit() for c in phone) for phone in links.phones(text))


def _same(said: str, text: str) -> bool:
    # A parser of HTML reads line ends and NUL in its own way.
    return _plain(said) == _plain(text)


def _plain(text: str) -> str:
    return "".join(text.replace("\x00", "").replace("\ufffd", "").split())


BOOK = StaffBook(
    sites=[Named("site-1", "Rathaus <b>"), Named("site-2", "Rathaus Süd")],
    places=[Named("leipzig", "Leipzig"), Named("landkreis-leipzig", "Landkreis Leipzig")],
    topics=[Named("german_course", "Deutschkurs")],
    poster_topics=[Named("german_course", "Deutschkurs")],
    languages=[Named("de", "Deutsch"), Named("ar", "Arabisch")],
    formats=[Named("a4", "A4")],
)


class _Query(dict[str, list[str]]):
    def getlist(self, name: str) -> list[str]:
        """As Sanic's."""
        return self.get(name, [])


@target(share=3)
def staff_wish(data: bytes) -> None:
    """The query of a poster or a link."""
    from urllib.parse import parse_qs

    given = parse_qs(text_of(data).encode("utf-8", "replace").decode(), errors="replace")
    request: Any = SimpleNamespace(args=_Query(given))
    _, sheet = sheet_of(request, BOOK)
    if sheet is not None:
        assert sheet.site in ("site-1", "site-2") and set(sheet.languages) <= {"de", "ar"} and sheet.format == "a4"
        assert len(sheet.campaign) <= 20
    wish, goal = goal_of(request, BOOK)
    assert all(len(value) <= 120 for values in wish.values.values() for value in values)
    if goal is not None:
        assert goal.place in ("", "leipzig", "landkreis-leipzig") and goal.topic in ("", "german_course")


@lru_cache(maxsize=1)
def _sessions() -> Sessions:
    return Sessions(SECRET, "$argon2id$", secure=True)


@target(share=3)
def staff_login(data: bytes) -> None:
    """Cookies, form tokens and the page one is sent to after the login."""
    text = text_of(data)
    request: Any = SimpleNamespace(headers=Header({"cookie": text.encode("latin-1", "replace").decode("latin-1")}))
    assert _sessions().checked(_cookie(request, "wegweiser_staff")) == ""
    assert not _sessions().is_token("somebody", text)
    if inside(text):
        assert text.startswith("/staff") and not text.startswith("//") and "\\" not in text and "\n" not in text
    form_or_nothing(data)


def form_or_nothing(data: bytes) -> None:
    """A form is read or refused."""
    try:
        form_fields(data)
    except ValueError:
        return
