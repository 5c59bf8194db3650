"""The staff pages in a real browser without JavaScript: log in, print a poster, pass on a link, read a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sanic import Sanic

from actions.directory.hours import BERLIN
from bot.channels.web.pages.topics import pages_blueprint
from bot.channels.web.site import site_blueprint
from bot.handover.callbacks import Callbacks
from bot.memory.counters import Counted, Counters
from bot.settings import Settings
from bot.staff_wiring import staff_pages
from bot.wiring import page_book
from tests.fakes.page_server import SECRET, TopicAgent
from tests.fakes.running import running
from tests.fakes.staff_server import PASSWORD, hashed

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL_PHONE: ViewportSize = {"width": 320, "height": 568}
SITE = "Volkshochschule Leipzig"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real parts: directory, words, posters, links, a month that was counted, a number to call back."""
    Sanic.test_mode = True
    folder = tmp_path_factory.mktemp("staff")
    settings = dataclasses.replace(
        Settings(), data_dir=folder, secret=SECRET.decode(), staff_password=hashed(), learn=True,
        **{"public_url": "http://wegweiser.example", "telegram_name": "WegweiserBot"},
    )  # fmt: skip
    agent: Any = TopicAgent()
    agent.counters = counted(folder)
    callbacks = Callbacks(folder / "callbacks.sqlite", SECRET, topic=lambda topic: "Wohnung")
    assert callbacks.add("light-1", "+493411234567", "ar", "leipzig", "find_housing")
    agent.relay = type("Relay", (), {"callbacks": callbacks})()
    app = Sanic("staff-browser")
    for blueprint in (site_blueprint(), pages_blueprint(page_book(settings, agent)), staff_pages(settings, agent)):
        app.blueprint(blueprint)
    app.ctx.agent = agent
    with running(app) as port:
        yield f"http://127.0.0.1:{port}"


def counted(folder: Path) -> Counters:
    """A month in which German courses were asked about, in two languages."""
    counters = Counters(f"sqlite:///{folder / 'counters.sqlite'}")
    for number in range(40):
        moment = datetime(2026, 9, 1 + number % 28, 10, tzinfo=BERLIN)
        language = "ar" if number % 2 else "uk"
        counters.count(Counted(moment, "web", language, "answered", "german_course", True, "leipzig"))
    counters.flush()
    return counters


@pytest.fixture(scope="module")
def context(chromium: Browser, server: str) -> Iterator[BrowserContext]:
    opened = chromium.new_context(base_url=server, java_script_enabled=False, locale="de-DE", accept_downloads=True)
    page = opened.new_page()
    page.goto("/staff/report")
    page.get_by_label("Passwort des Personalbereichs").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(f"{server}/staff/report")
    page.close()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: str) -> Iterator[Page]:
    """A page that is logged in and asks nobody but the server."""
    opened = context.new_page()
    foreign: list[str] = []
    opened.on("request", lambda request: None if request.url.startswith(server) else foreign.append(request.url))
    yield opened
    assert foreign == []
    opened.close()


def test_a_poster_as_pdf(page: Page, tmp_path: Path) -> None:
    page.goto("/staff")
    page.get_by_role("link", name="Plakate und Karten").first.click()
    page.get_by_label("Standort").fill(SITE)
    page.get_by_role("checkbox", name="Arabisch").check()
    page.get_by_label("Format").select_option(label="Plakat A4")
    page.get_by_label("Kampagne").fill("test-plakat")
    with page.expect_download(timeout=50_000) as download:
        page.get_by_role("button", name="PDF herunterladen").click()
    assert download.value.suggested_filename == "wegweiser-test-plakat-a4-ar.pdf"
    saved = tmp_path / "poster.pdf"
    download.value.save_as(saved)
    assert saved.read_bytes().startswith(b"%PDF-")


def test_a_poster_to_look_at(page: Page, server: str) -> None:
    page.goto("/staff/posters")
    page.get_by_label("Standort").fill(SITE)
    page.get_by_role("checkbox", name="Ukrainisch").check()
    page.get_by_role("button", name="Vorschau").click(timeout=50_000)
    expect(page.locator("svg").first).to_be_visible(timeout=50_000)
    assert page.url.startswith(f"{server}/staff/posters/html?")


def test_what_is_missing_is_said_and_what_is_there_stays(page: Page) -> None:
    page.goto("/staff/posters")
    page.get_by_label("Standort").fill("Volkshochschule")
    page.get_by_role("checkbox", name="Arabisch").check()
    page.get_by_role("button", name="PDF herunterladen").click()
    expect(page.get_by_role("alert")).to_contain_text("Mehrere passen")
    expect(page.get_by_role("group", name="Gemeint ist vielleicht")).to_contain_text(SITE)
    expect(page.get_by_role("checkbox", name="Arabisch")).to_be_checked()
    assert page.get_by_label("Standort").input_value() == "Volkshochschule"


def test_a_link_with_its_codes(page: Page) -> None:
    page.goto("/staff/link")
    page.get_by_label("Thema").select_option(value="find_housing")
    page.get_by_label("Ort").fill("Leipzig")
    page.get_by_label("Sprache").select_option(value="ar")
    page.get_by_role("button", name="Link erstellen").click()
    text = page.get_by_label("Text zum Kopieren").input_value()
    assert "http://wegweiser.example/?lang=ar&topic=find_housing&place=leipzig" in text
    assert "https://t.me/WegweiserBot?start=l-ar_p-leipzig_t-find-housing" in text
    for code in page.get_by_role("img").all():
        box = code.bounding_box()
        assert box is not None and box["width"] > 100
        loaded = page.request.get(code.get_attribute("src") or "")
        assert loaded.ok and loaded.text().startswith("<svg")
    assert page.get_by_role("img").count() == 2


def test_a_report(page: Page) -> None:
    page.goto("/staff/report")
    page.get_by_role("link", name="Ansehen, September 2026").click()
    expect(page.locator("h1")).to_contain_text("September 2026")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="Zahlen (CSV), September 2026").click()
    assert download.value.suggested_filename == "wegweiser-2026-09-counts.csv"


PAGES = (
    *(
        "/staff",
        "/staff/posters",
        "/staff/posters/pdf?site=Volkshochschule&language=ar",
        "/staff/report",
        "/staff/link",
    ),
    *("/staff/link?topic=doctor&place=Leipzig&language=ar", "/staff/callbacks", "/staff/review", "/staff/logout"),
    "/staff/nothing",
)


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(
    chromium: Browser, context: BrowserContext, server: str, path: str, look: dict[str, str]
) -> None:
    opened = chromium.new_context(base_url=server, storage_state=context.storage_state(), viewport=SMALL_PHONE, **look)  # type: ignore[arg-type]
    page = opened.new_page()
    page.goto(path)
    assert violations(page) == []
    opened.close()


@pytest.mark.parametrize("path", ["/staff/login", "/imprint", "/privacy"])
def test_axe_finds_nothing_before_the_login(chromium: Browser, server: str, path: str) -> None:
    opened = chromium.new_context(base_url=server, viewport=SMALL_PHONE)
    page = opened.new_page()
    page.goto(f"{path}?lang=de")
    assert violations(page) == []
    opened.close()


def test_a_call_back(page: Page) -> None:
    page.goto("/staff/callbacks")
    expect(page.get_by_role("link", name="+493411234567")).to_be_visible()
    page.get_by_role("button", name="Erledigt: +493411234567").click()
    expect(page.get_by_role("alert")).to_contain_text("erledigt")
    expect(page.locator("main")).not_to_contain_text("1234567")


def test_logging_out(context: BrowserContext, page: Page, server: str) -> None:
    """The last test: nobody is logged in after it."""
    page.goto("/staff")
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("heading", name="Sie sind abgemeldet")).to_be_visible()
    assert context.cookies() == []
    page.goto("/staff/callbacks")
    expect(page.get_by_label("Passwort des Personalbereichs")).to_be_visible()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds, and whether the page scrolls sideways."""
    page.wait_for_load_state("load")
    found = Axe().run(page, options=RULES).response["violations"]
    rows = [(row["id"], node["target"]) for row in found for node in row["nodes"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    return rows + ([("too wide", [str(width)])] if width > SMALL_PHONE["width"] else [])
