"""The widget in a real browser, against the real page, policy and API with a fake agent behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, ViewportSize, expect

from bot.channels.gate import RateLimit
from tests.fakes.web_server import RunningServer, serve

SMALL_PHONE: ViewportSize = {"width": 320, "height": 568}
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(limit=RateLimit(count=1000)) as running:
        yield running


@pytest.fixture
def context(chromium: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    agent = server.agent
    agent.messages.clear()
    agent.delay, agent.failure, agent.ready, agent.reply = 0.0, None, True, None
    opened = chromium.new_context(locale="en-GB", viewport=SMALL_PHONE, reduced_motion="reduce")
    opened.add_init_script(VIOLATIONS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: RunningServer) -> Iterator[Page]:
    """The demo page on a small phone; fails on console errors, policy violations and foreign requests."""
    opened = context.new_page()
    problems: list[str] = []
    allowed: list[str] = []
    opened.allowed = allowed  # type: ignore[attr-defined]
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda request: problems.append(request.url) if _foreign(request, server) else None)
    opened.goto(server.url)
    expect(field(opened)).to_be_visible()
    yield opened
    assert opened.evaluate("window.violations") == []
    assert [text for text in problems if not any(part in text for part in allowed)] == []


def _foreign(request: Request, server: RunningServer) -> bool:
    return not request.url.startswith(server.url)


def field(page: Page) -> Any:
    """Where people type."""
    return page.locator("wegweiser-chat textarea")


def ask(page: Page, text: str) -> None:
    """Type and press Enter."""
    field(page).fill(text)
    field(page).press("Enter")


def log(page: Page) -> Any:
    """The conversation."""
    return page.get_by_role("log")


def test_the_page_loads(page: Page) -> None:
    assert page.title() == "Wegweiser: your guide in Saxony"
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(log(page)).to_contain_text("Hello!")
    expect(page.get_by_role("link", name="Simple version")).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "fits 320 pixels"


def test_ask_with_the_keyboard_alone(page: Page, server: RunningServer) -> None:
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.tagName") == "TEXTAREA":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle")
    assert outline == "solid", "the focus is visible"
    page.keyboard.type("hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("again")
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("echo: hello again")
    assert server.agent.messages[0].metadata == {"hint": "en"}
    expect(field(page)).to_have_value("")


def test_cards_choices_and_sources(page: Page, server: RunningServer) -> None:
    ask(page, "a course")
    card = page.locator("wegweiser-chat .card")
    expect(card).to_contain_text("Volkshochschule Leipzig")
    for text in ("Open now", "Löhrstraße 112", "1.3 km away", "Checked: October 2026", "Ask before you go.", "Arabic"):
        expect(card).to_contain_text(text)
    assert card.get_by_role("link", name="Call").get_attribute("href") == "tel:03411236000"
    assert card.get_by_role("link", name="Website").get_attribute("rel") == "noopener noreferrer"
    assert card.get_by_role("link", name="Map").count() == 0, "a javascript: address is no link"
    sources = page.locator("wegweiser-chat details.sources")
    expect(sources.get_by_role("link")).to_be_hidden()
    sources.locator("summary").click()
    expect(sources.get_by_role("link", name="bamf.de")).to_be_visible()
    page.get_by_role("button", name="What does it cost?").click()
    expect(log(page)).to_contain_text("echo: /help")
    assert server.agent.messages[-1].parse_data["intent"]["name"] == "help"


def test_everything_to_tap_is_large_enough(page: Page) -> None:
    ask(page, "a course")
    expect(page.locator("wegweiser-chat .card")).to_be_visible()
    page.locator("wegweiser-chat .sources summary").click()
    targets = page.locator("wegweiser-chat").locator("button, select, textarea, summary, .go, .sources a, .soft a")
    sizes = [target.bounding_box() for target in targets.all() if target.is_visible()]
    assert len(sizes) > 6
    assert [box for box in sizes if box is None or box["height"] < 44] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "fits 320 pixels"


def test_arabic_runs_from_right_to_left(page: Page) -> None:
    ask(page, "أين أتعلم الألمانية؟")
    bubble = page.locator("wegweiser-chat .bubble[lang=ar]").last
    expect(bubble).to_contain_text("جواب")
    assert bubble.get_attribute("dir") == "rtl"
    expect(page.locator("wegweiser-chat")).to_have_attribute("dir", "rtl")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("button", name="إرسال")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("دليلك في ساكسونيا")
    send, text = page.locator("wegweiser-chat .send").bounding_box(), field(page).bounding_box()
    assert send and text and send["x"] < text["x"], "the button is on the left"
    assert page.locator("wegweiser-chat .mine .text").get_attribute("dir") == "auto"


def test_language_menu(page: Page, server: RunningServer) -> None:
    menu = page.get_by_label("Language")
    assert menu.locator("option").all_text_contents() == ["Deutsch", "English", "العربية"]
    menu.select_option("ar")
    expect(page.locator("wegweiser-chat")).to_have_attribute("dir", "rtl")
    assert server.agent.messages == [], "before a conversation nothing is sent"
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    assert server.agent.messages[0].metadata == {"hint": "ar"}
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "ar")
    menu = page.locator("wegweiser-chat select")
    menu.select_option("de")
    expect(log(page)).to_contain_text("echo: /change_language de")
    expect(page.locator("wegweiser-chat")).to_have_attribute("dir", "ltr")


def test_reload_keeps_the_conversation(page: Page, context: BrowserContext, server: RunningServer) -> None:
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    page.reload()
    expect(log(page)).to_contain_text("echo: hello")
    ask(page, "more")
    expect(log(page)).to_contain_text("echo: more")
    assert len({message.sender_id for message in server.agent.messages}) == 1
    other = context.new_page()
    other.goto(server.url)
    expect(field(other)).to_be_visible()
    expect(log(other)).not_to_contain_text("echo: hello")
    other.close()


def test_retry_after_a_failure(page: Page, server: RunningServer) -> None:
    page.allowed.append("status of 500")  # type: ignore[attr-defined]
    server.agent.failure = RuntimeError("broken")
    ask(page, "hello there")
    expect(page.locator("wegweiser-chat .failed")).to_contain_text("Not sent.")
    expect(page.locator("wegweiser-chat .mine")).to_contain_text("hello there")
    page.reload()
    server.agent.failure = None
    page.get_by_role("button", name="Try again").click()
    expect(log(page)).to_contain_text("echo: hello there")
    expect(page.locator("wegweiser-chat .failed")).to_have_count(0)
    assert page.locator("wegweiser-chat .mine").count() == 1


def test_retry_without_a_network_never_asks_twice(page: Page, server: RunningServer) -> None:
    page.allowed.extend(["ERR_FAILED"])  # type: ignore[attr-defined]

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/v1/messages", lose_the_answer)
    ask(page, "hello")
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    page.unroute("**/api/v1/messages")
    retry.click()
    expect(log(page)).to_contain_text("echo: hello")
    assert len(server.agent.messages) == 1


def test_an_unknown_token_starts_a_new_conversation(page: Page) -> None:
    page.allowed.append("status of 401")  # type: ignore[attr-defined]
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    page.evaluate("document.querySelector('wegweiser-chat').store.state.token = 'old'")
    ask(page, "still here")
    expect(log(page)).to_contain_text("echo: still here")


def test_typing_is_shown(page: Page, server: RunningServer) -> None:
    server.agent.delay = 0.6
    ask(page, "hello")
    status = page.locator("wegweiser-chat .typing")
    expect(status).to_contain_text("Wegweiser is writing")
    expect(log(page)).to_contain_text("echo: hello")
    expect(status).to_be_empty()


def test_delete(page: Page, server: RunningServer) -> None:
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    first = server.agent.messages[-1].sender_id
    page.get_by_role("button", name="Delete this conversation").click()
    expect(log(page)).to_contain_text("The conversation has been deleted.")
    expect(log(page)).not_to_contain_text("echo: hello")
    deletion = server.agent.messages[-1]
    assert (deletion.parse_data["intent"]["name"], deletion.sender_id) == ("delete_my_data", first)
    assert "hello" not in page.evaluate("JSON.stringify({...sessionStorage})")
    ask(page, "new")
    expect(log(page)).to_contain_text("echo: new")
    assert server.agent.messages[-1].sender_id != first


def test_delete_is_tried_again(page: Page, server: RunningServer) -> None:
    page.allowed.append("status of 500")  # type: ignore[attr-defined]
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    server.agent.failure = RuntimeError("broken")
    page.get_by_role("button", name="Delete this conversation").click()
    expect(log(page)).to_contain_text("not yet from the server")
    expect(log(page)).not_to_contain_text("echo: hello")
    server.agent.failure = None
    page.get_by_role("button", name="Try again").click()
    expect(log(page)).to_contain_text("The conversation has been deleted.")
    expect(log(page)).not_to_contain_text("not yet from the server")


def test_location_is_rounded_on_the_device(context: BrowserContext, page: Page, server: RunningServer) -> None:
    context.grant_permissions(["geolocation"], origin=server.url)
    context.set_geolocation({"latitude": 51.339712, "longitude": 12.373189})
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "messages" in request.url else None)
    ask(page, "where")
    page.get_by_role("button", name="Use my location").click()
    expect(log(page)).to_contain_text("echo: /inform 51.34,12.37")
    assert '"location":{"lat":51.34,"lon":12.37}' in sent[-1]


def test_location_refused(context: BrowserContext, page: Page) -> None:
    context.clear_permissions()
    ask(page, "where")
    page.get_by_role("button", name="Use my location").click()
    expect(log(page)).to_contain_text("You can write the town or the postal code.")


def test_text_is_only_text(page: Page, server: RunningServer) -> None:
    server.agent.reply = {
        "text": "<img src=x onerror=alert(1)> Call 112 or 116 117, https://www.sachsen.de/. It costs 110 €, at Hauptstraße 112.",
        "language": "en",
        "dir": "ltr",
    }
    ask(page, "<b>bold</b>")
    expect(log(page)).to_contain_text("<img src=x onerror=alert(1)>")
    expect(log(page)).to_contain_text("<b>bold</b>")
    links = page.locator("wegweiser-chat .bubble .text a").all()
    assert [a.get_attribute("href") for a in links] == ["tel:112", "tel:116117", "https://www.sachsen.de/"]


def test_languages_to_choose_from(page: Page, server: RunningServer) -> None:
    choices = [{"title": "العربية", "payload": '/change_language{"service_language": "ar"}'}]
    server.agent.reply = {"text": "Which?", "language": "en", "dir": "ltr", "asks": "language", "choices": choices}
    ask(page, "another language")
    button = page.get_by_role("button", name="العربية")
    assert (button.get_attribute("lang"), button.get_attribute("dir")) == ("ar", "rtl")
    server.agent.reply = None
    button.click()
    expect(log(page)).to_contain_text("echo: /change_language ar")
    expect(page.locator("wegweiser-chat")).to_have_attribute("dir", "rtl")


def test_the_interface_follows_the_answers(page: Page) -> None:
    page.get_by_label("Language").select_option("de")
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "de")
    ask(page, "again")
    expect(log(page)).to_contain_text("echo: again")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "en")


def test_place_and_topic_of_the_page(page: Page, server: RunningServer) -> None:
    page.evaluate(
        """() => {
            const chat = document.createElement("wegweiser-chat");
            chat.setAttribute("place", "leipzig");
            chat.setAttribute("topic", "german_course");
            chat.setAttribute("lang", "de");
            document.querySelector("wegweiser-chat").replaceWith(chat);
        }"""
    )
    page.get_by_role("button", name="Start with the topic of this page").click()
    expect(log(page)).to_contain_text("Here is a course.")
    expect(log(page)).not_to_contain_text("/inform")
    said = [(message.text, message.metadata) for message in server.agent.messages]
    assert said == [("/inform", {"hint": "de"}), ("/german_course", {"hint": "de"})]


def test_the_log_is_announced_but_not_read_again(page: Page) -> None:
    ask(page, "hello")
    expect(log(page)).to_contain_text("echo: hello")
    expect(log(page)).to_have_attribute("aria-live", "polite")
    page.get_by_label("Language").select_option("de")
    expect(log(page)).to_have_attribute("aria-live", "polite")
    assert page.locator("wegweiser-chat [role=log]").get_attribute("tabindex") == "0"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_contrast(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    ask(page, "a course")
    expect(page.locator("wegweiser-chat .card")).to_be_visible()
    for selector in (".mine .text", ".card h3", ".soft", ".sign", ".choice", ".send", ".go", "summary", ".warn"):
        colours = page.locator(f"wegweiser-chat {selector}").first.evaluate(_COLOURS)
        assert _contrast(*colours) >= 4.5, (selector, colours)


_COLOURS = """(element) => {
    const text = getComputedStyle(element).color;
    let shown = element;
    while (getComputedStyle(shown).backgroundColor === "rgba(0, 0, 0, 0)") shown = shown.parentNode.host || shown.parentElement;
    return [text, getComputedStyle(shown).backgroundColor];
}"""


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = ((part / 12.92) if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_without_javascript_there_is_another_way(chromium: Browser, server: RunningServer) -> None:
    context = chromium.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(server.url)
    expect(opened.get_by_text("In an emergency")).to_be_visible()
    expect(opened.get_by_role("link", name="simple version", exact=True)).to_have_attribute("href", "/m")
    context.close()


def test_while_the_server_starts_one_can_type_already(context: BrowserContext, server: RunningServer) -> None:
    opened = context.new_page()
    tries: list[str] = []

    def starting(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.fulfill(status=503, json={"error": {"code": "not_ready", "message": "Not yet."}})
        else:
            route.continue_()

    opened.route("**/api/v1/strings*", starting)
    opened.goto(server.url)
    expect(field(opened)).to_be_visible()
    expect(log(opened)).to_contain_text("Hello!")
    assert len(tries) == 2
    opened.close()


def test_when_too_many_write_the_emergency_numbers_are_said(context: BrowserContext, server: RunningServer) -> None:
    opened = context.new_page()
    tries: list[str] = []

    def crowded(route: Route) -> None:
        tries.append(route.request.url)
        error = {"code": "busy", "message": "of the server"}
        route.fulfill(status=503, headers={"Retry-After": "0.1"}, json={"error": error})

    opened.route("**/api/v1/messages", crowded)
    opened.goto(server.url)
    field(opened).fill("hello")
    field(opened).press("Enter")
    expect(log(opened)).to_contain_text("In an emergency call 112 or 110.", timeout=60_000)
    expect(opened.get_by_role("button", name="Try again")).to_be_visible()
    assert len(tries) == 3
    opened.close()
