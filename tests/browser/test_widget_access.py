"""Accessibility: axe-core in every state and language, the keyboard alone, what a screen reader is told, looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.channels.gate import RateLimit
from bot.languages import languages, offered
from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
from bot.speech.interface import InterfaceTexts
from tests.fakes.web_server import RunningServer, serve

LANGUAGES = {code: item for code, item in languages().items() if item.trained}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TALL = {"width": 320, "height": 900}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    texts = InterfaceTexts(Catalogue.load(ROOT / "locales"))
    topics = {"german_course": "Deutschkurs"}
    options = {"topics": lambda language: topics}
    with serve(limit=RateLimit(count=5000), languages=offered(), words=texts.web, **options) as running:
        yield running


def opened(chromium: Browser, server: RunningServer, language: str, **options: object) -> tuple[BrowserContext, Page]:
    server.agent.messages.clear()
    server.agent.delay, server.agent.failure, server.agent.reply = 0.0, None, None
    context = chromium.new_context(locale=language, viewport=TALL, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server.url}/?lang={language}")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", language)
    expect(page.locator("wegweiser-chat .bubble")).to_be_visible()
    return context, page


def faultless(page: Page, state: str) -> None:
    page.wait_for_load_state("load")  # while a page is still read, its last links have no room yet
    page.evaluate("document.fonts.ready.then(() => true)")
    result = Axe().run(page, options=RULES)
    found = [
        (row["id"], node["target"], node.get("failureSummary", "")[:300])
        for row in result.response["violations"]
        for node in row["nodes"]
    ]
    assert found == [], state
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state}: fits 320 pixels"


def ask(page: Page, text: str) -> None:
    page.locator("wegweiser-chat textarea").fill(text)
    page.locator("wegweiser-chat textarea").press("Enter")


def answer(server: RunningServer, language: str) -> None:
    """The next answers are in this language: a card with everything, choices, sources, a German word."""
    server.agent.reply = {
        "text": "… (Aufenthaltstitel) 112", "language": language, "dir": LANGUAGES[language].direction, "asks": "place",
        "topic": "german_course", "place": "Leipzig",
        "cards": [{"id": "a", "name": "VHS", "kind": "x", "address": "Löhrstraße 3, Leipzig", "phone": "0341 1236000",
                   "email": "a@vhs.example", "hours": "Mo 9-12", "open_now": True, "languages": ["x"], "cost": "0 €",
                   "website": "https://vhs.example/", "map": "https://osm.example/", "distance_km": 1.2,
                   "checked": "2026-10", "note": "x", "source": "https://vhs.example/s", "about": ["x"]},
                  {"id": "b", "name": "Amt", "open_now": False}],
        "choices": [{"title": "x", "payload": "/help"}],
        "sources": [{"id": "a", "url": "https://www.bamf.de/kurse", "date": "2026-10-05"}],
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_state(chromium: Browser, server: RunningServer, language: str) -> None:
    context, page = opened(chromium, server, language)
    faultless(page, "start")
    answer(server, language)
    ask(page, "x")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    page.locator("wegweiser-chat .sources summary").click()
    page.locator("wegweiser-chat .keep summary").click()
    expect(page.locator("wegweiser-chat .keep button").first).to_be_visible()
    faultless(page, "an answer, everything open")
    server.agent.delay = 0.8
    ask(page, "y")
    expect(page.locator("wegweiser-chat .dots")).to_be_visible()
    faultless(page, "waiting")
    expect(page.locator("wegweiser-chat .dots")).to_have_count(0)
    server.agent.delay, server.agent.failure = 0.0, RuntimeError("x")
    ask(page, "z")
    expect(page.locator("wegweiser-chat .failed")).to_be_visible()
    faultless(page, "failed")
    server.agent.failure = None
    page.locator("wegweiser-chat .counter").click()
    expect(page.locator("wegweiser-chat .sheet")).to_be_visible()
    faultless(page, "the card for the counter")
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "look", [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"colour": "yellow"}, {"size": 3}]
)
def test_axe_finds_nothing_in_any_look(
    chromium: Browser, server: RunningServer, language: str, look: dict[str, str]
) -> None:
    wanted = dict(look)
    colour, size = wanted.pop("colour", None), int(wanted.pop("size", 0))
    context, page = opened(chromium, server, language, **wanted)
    if colour:
        page.locator("wegweiser-chat").evaluate("(chat, value) => chat.setAttribute('colour', value)", colour)
        expect(page.locator("wegweiser-chat")).to_have_attribute("style", re.compile("--_light"))
    for _ in range(size):
        page.locator("wegweiser-chat .larger").click()
    answer(server, language)
    ask(page, "x")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    faultless(page, str(look))
    context.close()


@pytest.mark.parametrize("colour", ["#ffff00", "navy", "rgb(0 200 0)", "white", "black", "#888"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_colour_of_an_office_can_be_read(
    chromium: Browser, server: RunningServer, colour: str, scheme: str
) -> None:
    context, page = opened(chromium, server, "en", color_scheme=scheme)
    page.locator("wegweiser-chat").evaluate("(chat, value) => chat.setAttribute('colour', value)", colour)
    expect(page.locator("wegweiser-chat")).to_have_attribute("style", re.compile("--_light"))
    faultless(page, colour)
    context.close()


def test_no_colour_is_left_alone(chromium: Browser, server: RunningServer) -> None:
    context, page = opened(chromium, server, "en")
    chat = page.locator("wegweiser-chat")
    for value in ("url(https://x.example/)", "var(--x)", "12", "red;background:blue"):
        chat.evaluate("(chat, value) => chat.setAttribute('colour', value)", value)
        expect(page.locator("wegweiser-chat .send")).to_have_css("background-color", "rgb(154, 63, 28)")
    context.close()


def focused(page: Page) -> str:
    """Class or tag of what has the focus inside the widget."""
    return str(page.evaluate(
        "(() => { const it = document.activeElement.shadowRoot?.activeElement;"
        " return it ? (it.className || it.tagName.toLowerCase()) : ''; })()"
    ))  # fmt: skip


def test_everything_is_reached_and_used_by_the_keyboard_alone(chromium: Browser, server: RunningServer) -> None:
    context, page = opened(chromium, server, "en")
    answer(server, "en")
    order = []
    for _ in range(20):
        page.keyboard.press("Tab")
        here = focused(page)
        order.append(here)
        if here == "textarea":
            break
    assert order[-11:] == [
        "leave", "select", "smaller", "larger", "counter", "delete", "log", "choice", "a", "textarea",
    ][-11:]  # fmt: skip
    page.keyboard.type("where")
    page.keyboard.press("Enter")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    assert focused(page) == "textarea", "the focus stays where one writes"
    page.keyboard.press("Tab")
    assert focused(page) == "send"
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("wegweiser-chat .keep[open], wegweiser-chat .sources[open]")).to_have_count(1)
    page.locator("wegweiser-chat .counter").focus()
    page.keyboard.press("Enter")
    expect(page.locator("wegweiser-chat .sheet")).to_be_focused()
    context.close()


def test_what_a_screen_reader_is_told(chromium: Browser, server: RunningServer) -> None:
    context, page = opened(chromium, server, "en")
    answer(server, "ar")
    ask(page, "where")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "ar")
    page.locator("wegweiser-chat select").select_option("en")
    chat = page.locator("wegweiser-chat")
    expect(chat).to_match_aria_snapshot(
        """
        - heading "Conversation" [level=2]
        - button "Leave quickly"
        - combobox "Language"
        - button "Smaller text"
        - button "Larger text"
        - button "My card for the counter"
        - button "Delete this conversation"
        - log "Conversation"
        - status
        - textbox "Your question"
        - button "Send"
        """
    )
    bubble = page.locator("wegweiser-chat .bubble[lang=ar]")
    assert bubble.first.get_attribute("dir") == "rtl"
    term = bubble.locator(".text span[lang=de]")
    expect(term.first).to_have_text("Aufenthaltstitel")
    assert term.first.get_attribute("dir") == "ltr"
    assert bubble.locator(".text .sr").first.text_content() == "Wegweiser: "
    context.close()


def test_what_is_new_is_announced_once(chromium: Browser, server: RunningServer) -> None:
    """A live region speaks what is added while it is on; drawing anew happens while it is off."""
    context, page = opened(chromium, server, "en")
    page.evaluate(
        """() => {
            window.spoken = [];
            const log = document.querySelector("wegweiser-chat").shadowRoot.querySelector("[role=log]");
            new MutationObserver((rows) => {
                if (log.getAttribute("aria-live") !== "polite") return;
                for (const row of rows) for (const node of row.addedNodes) window.spoken.push(node.textContent);
            }).observe(log, { childList: true });
        }"""
    )
    ask(page, "hello")
    expect(page.get_by_role("log")).to_contain_text("echo: hello")
    page.locator("wegweiser-chat select").select_option("de")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "de")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    spoken = page.evaluate("window.spoken")
    assert sum("echo: hello" in text for text in spoken) == 1
    context.close()


def test_larger_text_stays_and_fits(chromium: Browser, server: RunningServer) -> None:
    context, page = opened(chromium, server, "en")
    size = "parseFloat(getComputedStyle(document.querySelector('wegweiser-chat').shadowRoot.querySelector('.text')).fontSize)"
    before = page.evaluate(size)
    while page.locator("wegweiser-chat .larger").is_enabled():
        page.locator("wegweiser-chat .larger").click()
    assert page.evaluate(size) == pytest.approx(2 * before)
    answer(server, "en")
    ask(page, "where")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    faultless(page, "twice as large on 320 pixels")
    page.reload()
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    assert page.evaluate(size) == pytest.approx(2 * before)
    assert page.locator("wegweiser-chat .larger").is_disabled()
    context.close()


def test_a_page_at_200_per_cent(chromium: Browser, server: RunningServer) -> None:
    """Zoomed to 200 % a window of 640 pixels has 320; text alone enlarged by the browser must fit, too."""
    context, page = opened(chromium, server, "de")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    answer(server, "de")
    ask(page, "x")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_the_corner_opens_and_closes(chromium: Browser, server: RunningServer) -> None:
    context, page = opened(chromium, server, "en")
    page.evaluate(
        """() => {
            const chat = document.createElement("wegweiser-chat");
            chat.setAttribute("position", "corner");
            document.querySelector("wegweiser-chat").replaceWith(chat);
        }"""
    )
    opener = page.get_by_role("button", name="Open the assistant")
    expect(opener).to_have_attribute("aria-expanded", "false")
    faultless(page, "closed")
    opener.click()
    expect(page.locator("wegweiser-chat textarea")).to_be_focused()
    faultless(page, "open")
    page.keyboard.press("Escape")
    expect(page.locator("wegweiser-chat textarea")).to_be_hidden()
    expect(opener).to_be_focused()
    context.close()
