"""Copying, printing, saving, reading aloud, and the card for the counter with its code, in a real browser."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from bot.channels.gate import RateLimit
from bot.languages import offered
from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
from bot.speech.interface import InterfaceTexts
from tests.browser.waiting import until
from tests.fakes.web_server import RunningServer, serve

TITLES = {"ar": {"german_course": "دورة ألمانية", "find_housing": "البحث عن سكن"},
          "de": {"german_course": "Deutschkurs", "find_housing": "Wohnung suchen"}}  # fmt: skip
VOICES = """
const said = window.said = [];
const voices = [{ lang: "ar-SA", name: "a", default: true, localService: true, voiceURI: "a" }];
window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
const synthesis = new EventTarget();
Object.assign(synthesis, {
    getVoices: () => (window.late ? [] : voices), cancel: () => said.push("cancel"), speak: (one) => said.push(one.text),
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    texts = InterfaceTexts(Catalogue.load(ROOT / "locales"))
    titles = lambda language: TITLES.get(language, TITLES["de"])  # noqa: E731
    with serve(limit=RateLimit(count=5000), languages=offered(), words=texts.web, topics=titles) as running:
        yield running


@pytest.fixture
def context(chromium: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    server.agent.messages.clear()
    server.agent.delay, server.agent.failure = 0.0, None
    card = {"id": "a", "name": "Volkshochschule Leipzig", "address": "Löhrstraße 3, 04105 Leipzig", "phone": "0341 1236000",
            "website": "https://www.vhs-leipzig.de/", "hours": "09:00"}  # fmt: skip
    server.agent.reply = {
        "text": "هناك دورات (Integrationskurs). اسأل عن السعر.", "language": "ar", "dir": "rtl", "topic": "german_course",
        "place": "Leipzig", "cards": [card], "choices": [{"title": "كم السعر؟", "payload": "/help"}],
    }  # fmt: skip
    opened = chromium.new_context(
        locale="ar", viewport={"width": 360, "height": 800}, reduced_motion="reduce", accept_downloads=True
    )
    opened.add_init_script(VOICES)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: RunningServer) -> Iterator[Page]:
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(server.url)
    opened.locator("wegweiser-chat textarea").fill("وين دورات؟ عندي ورقة من المكتب")
    opened.locator("wegweiser-chat textarea").press("Enter")
    expect(opened.locator("wegweiser-chat .card")).to_be_visible()
    yield opened
    assert problems == []


def opened_tools(page: Page) -> None:
    page.locator("wegweiser-chat .keep summary").click()
    expect(page.locator("wegweiser-chat .keep .copy")).to_be_visible()


def test_the_answer_is_copied_with_its_card_and_without_buttons(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened_tools(page)
    page.locator("wegweiser-chat .keep .copy").click()
    expect(page.locator("wegweiser-chat .keep [role=status]")).not_to_be_empty()
    text = page.evaluate("navigator.clipboard.readText()")
    for piece in (
        "(Integrationskurs)",
        "Volkshochschule Leipzig",
        "Löhrstraße 3",
        "0341 1236000",
        "https://www.vhs-leipzig.de/",
    ):
        assert piece in text
    assert "كم السعر" not in text and "Wegweiser:" not in text


def test_copying_works_without_the_clipboard_interface(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate(
        "document.addEventListener('copy', () => { window.taken = getSelection().toString() || document.activeElement.value; })"
    )
    opened_tools(page)
    page.locator("wegweiser-chat .keep .copy").click()
    expect(page.locator("wegweiser-chat .keep [role=status]")).not_to_be_empty()
    assert "Volkshochschule" in page.evaluate("window.taken || ''")


def test_printing_prints_this_answer_alone(page: Page) -> None:
    opened_tools(page)
    page.evaluate(
        """() => { new MutationObserver((rows) => rows.forEach((row) => row.addedNodes.forEach((node) => {
            if (node.tagName === "IFRAME") node.contentWindow.print = () => { window.printed = node.contentDocument; };
        }))).observe(document.body, { childList: true }); }"""
    )
    page.locator("wegweiser-chat .keep .print").click()
    until(page, "window.printed")
    html = page.evaluate(
        "[window.printed.documentElement.lang, window.printed.documentElement.dir, window.printed.body.innerText]"
    )
    assert html[:2] == ["ar", "rtl"]
    assert "Volkshochschule Leipzig" in html[2]
    assert "كم السعر" not in html[2], "no buttons"
    assert page.evaluate("window.printed.adoptedStyleSheets.length") == 1


def test_a_picture_is_saved(page: Page, tmp_path: Path) -> None:
    opened_tools(page)
    with page.expect_download() as download:
        page.locator("wegweiser-chat .keep .save_picture").click()
    assert download.value.suggested_filename == "wegweiser.png"
    file = tmp_path / "answer.png"
    download.value.save_as(file)
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    assert width == 1080 and height > 500
    assert len(data) > 10_000, "there is something on it"
    expect(page.locator("wegweiser-chat .keep [role=status]")).not_to_be_empty()


def test_reading_aloud_begins_and_stops(page: Page) -> None:
    opened_tools(page)
    button = page.locator("wegweiser-chat .aloud")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    said = [text for text in page.evaluate("window.said") if text != "cancel"]
    assert said[0].startswith("هناك دورات") and len(said) > 2, "sentence by sentence"
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.said.at(-1)") == "cancel"


def test_without_a_voice_there_is_no_button_until_one_comes(page: Page) -> None:
    page.evaluate("window.late = true")
    opened_tools(page)
    button = page.locator("wegweiser-chat .aloud")
    expect(button).to_be_hidden()
    page.evaluate("window.late = false; speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    expect(button).to_be_visible()


def scanned(page: Page, tmp_path: Path) -> str:
    """What a phone reads from the card's code."""
    assert shutil.which("zbarimg"), "zbar-tools is missing: run `make system`"
    file = tmp_path / "code.png"
    page.locator("wegweiser-chat .code svg").screenshot(path=file, animations="disabled")
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(file)], capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def test_the_card_says_it_in_both_languages(page: Page) -> None:
    page.locator("wegweiser-chat .counter").click()
    card = page.locator("wegweiser-chat .counter-card")
    for text in (
        "Ich spreche Arabisch.",
        "Deutschkurs",
        "دورة ألمانية",
        "Leipzig",
        "Volkshochschule Leipzig",
        "0341 1236000",
    ):
        expect(card).to_contain_text(text)
    expect(card.locator(".german").first).to_have_attribute("lang", "de")
    expect(card).not_to_contain_text("وين دورات")
    card.locator("input").nth(1).check()
    expect(card).to_contain_text("وين دورات؟ عندي ورقة من المكتب")
    expect(card).not_to_contain_text("Dolmetschen")
    card.locator("input").first.check()
    expect(card).to_contain_text("Dolmetschen")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.locator(".back").click()
    expect(page.locator("wegweiser-chat textarea")).to_be_visible()
    expect(page.locator("wegweiser-chat .counter")).to_be_focused()


def test_the_code_opens_the_card_on_another_device(
    page: Page, chromium: Browser, server: RunningServer, tmp_path: Path
) -> None:
    page.locator("wegweiser-chat .counter").click()
    page.locator("wegweiser-chat .counter-card input").nth(1).check()
    expect(page.locator("wegweiser-chat .counter-card blockquote")).to_be_visible()
    address = scanned(page, tmp_path)
    assert address.startswith(f"{server.url}/card#")
    assert len(address) < 1100
    seen: list[str] = []
    counsellor = chromium.new_context(locale="de")
    other = counsellor.new_page()
    other.on("request", lambda request: seen.append(request.url + (request.post_data or "")))
    other.goto(address)
    main = other.locator("main")
    for text in ("Ich spreche Arabisch.", "Deutschkurs", "دورة ألمانية", "وين دورات؟", "Volkshochschule Leipzig"):
        expect(main).to_contain_text(text)
    assert main.locator(".pair").first.locator("p").first.get_attribute("lang") == "de", "German first"
    assert other.url == f"{server.url}/card"
    assert [url for url in seen if "#" not in url and address.split("#")[1][:20] in url] == []
    assert other.title() == "Wegweiser"
    counsellor.close()


def test_long_words_still_fit_a_code(page: Page, tmp_path: Path) -> None:
    for number in range(3):
        page.locator("wegweiser-chat textarea").fill(
            f"{number} " + " ".join(f"كلمة{n * 7919 % 1009}" for n in range(60))
        )
        page.locator("wegweiser-chat textarea").press("Enter")
        expect(page.locator("wegweiser-chat .card")).to_have_count(number + 2)
    page.locator("wegweiser-chat .counter").click()
    page.locator("wegweiser-chat .counter-card input").nth(1).check()
    expect(page.locator("wegweiser-chat .counter-card blockquote")).to_have_count(3)
    address = scanned(page, tmp_path)
    assert re.fullmatch(r"http://127.0.0.1:\d+/card#[\w-]{50,1000}", address)


@pytest.mark.parametrize(
    "fragment", ["", "x", "AAAA", "A" * 5000, "%00", "<b>", "AXsib", "AHsibCI6MX0", "eyJsIjoiYXIifQ"]
)
def test_a_broken_code_says_so(chromium: Browser, server: RunningServer, fragment: str) -> None:
    context = chromium.new_context(locale="de")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{server.url}/card#{fragment}")
    expect(page.locator("main")).to_contain_text("wenn ihr Code gescannt wurde")
    assert problems == []
    context.close()


def test_nothing_of_an_emergency_is_on_the_card(page: Page, server: RunningServer) -> None:
    shelter = {"id": "b", "name": "Frauenhaus", "phone": "0341 0000"}
    crisis = {"text": "112", "language": "ar", "dir": "rtl", "topic": "emergency_violence", "cards": [shelter]}
    server.agent.reply = crisis
    page.locator("wegweiser-chat textarea").fill("يضربني")
    page.locator("wegweiser-chat textarea").press("Enter")
    expect(page.locator("wegweiser-chat .card")).to_have_count(2)
    page.locator("wegweiser-chat .counter").click()
    expect(page.locator("wegweiser-chat .counter-card")).to_contain_text("Volkshochschule Leipzig")
    expect(page.locator("wegweiser-chat .counter-card")).not_to_contain_text("Frauenhaus")


def fragment_of(given: dict[str, object]) -> str:
    """A card's data as it stands in an address, not deflated."""
    return base64.urlsafe_b64encode(b"\0" + json.dumps(given).encode()).decode().rstrip("=")


def test_a_hostile_card_shows_only_what_a_card_can_say(chromium: Browser, server: RunningServer) -> None:
    topics, words = ["constructor", "german_course", "<b>"], ["<img src=x onerror=alert(1)>"]
    given = {"l": "ar", "t": topics, "p": "Leip\u202ezig", "w": words, "s": [["A"]]}
    context = chromium.new_context(locale="de")
    page = context.new_page()
    page.goto(f"{server.url}/card#{fragment_of(given)}")
    main = page.locator("main")
    for text in ("Deutschkurs", "Leipzig", "<img src=x onerror=alert(1)>"):
        expect(main).to_contain_text(text)
    expect(main).not_to_contain_text("function")
    assert main.locator("img, b").count() == 0
    context.close()


def test_a_card_waits_for_the_network(chromium: Browser, server: RunningServer) -> None:
    context = chromium.new_context(locale="de")
    page = context.new_page()
    asked: list[str] = []

    def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/topics*", fail_once)
    page.goto(f"{server.url}/card#{fragment_of({'l': 'ar', 't': ['german_course']})}")
    expect(page.locator("main")).to_contain_text("Deutschkurs", timeout=10_000)
    assert len(asked) > 1
    context.close()


def test_an_empty_conversation_has_no_card(context: BrowserContext, server: RunningServer) -> None:
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("wegweiser-chat .bubble")).to_be_visible()
    page.locator("wegweiser-chat .counter").click()
    expect(page.locator("wegweiser-chat .counter-card .back")).to_be_visible()
    assert page.locator("wegweiser-chat .counter-card svg").count() == 0
