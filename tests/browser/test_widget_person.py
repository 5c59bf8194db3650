"""A person talks in the widget, in a real browser: shown, read out, after a reload, without a network, hidden, ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.channels.gate import RateLimit
from bot.languages import languages, offered
from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
from bot.speech.interface import InterfaceTexts
from tests.browser.test_widget_access import RULES
from tests.fakes.counsellor import Counselled
from tests.fakes.web_server import FakeAgent, RunningServer, serve

MESSAGES = re.compile(r"/messages\?after=")
READS = "A person is reading. Please write in your own words."
LANGUAGES = [code for code, language in languages().items() if language.trained]


class Agent(Counselled, FakeAgent):
    """The web channel's fake agent with a person behind it."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    words = InterfaceTexts(Catalogue.load(ROOT / "locales")).web
    with serve(agent=Agent(), limit=RateLimit(count=5000), languages=offered(), words=words) as running:
        yield running


@pytest.fixture
def agent(server: RunningServer) -> Any:
    found: Any = server.agent
    found.messages.clear()
    found.heard.clear()
    found.talking.clear()
    return found


@pytest.fixture
def context(chromium: Browser, agent: Any) -> Iterator[BrowserContext]:
    opened = chromium.new_context(locale="en-GB", viewport={"width": 320, "height": 568}, reduced_motion="reduce")
    opened.route("https://www.dwd.de/**", lambda route: route.fulfill(body="Sunny", content_type="text/plain"))
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: RunningServer) -> Page:
    return start(context, server, "en")


def start(context: BrowserContext, server: RunningServer, language: str) -> Page:
    opened = context.new_page()
    opened.goto(f"{server.url}/?lang={language}")
    expect(opened.locator("wegweiser-chat")).to_have_attribute("lang", language)
    expect(opened.locator("wegweiser-chat .bubble")).to_be_visible()
    return opened


def ask(page: Page, text: str) -> None:
    page.locator("wegweiser-chat textarea").fill(text)
    page.locator("wegweiser-chat textarea").press("Enter")


def hand_over(page: Page) -> None:
    """The button as the assistant offers it, and its answer."""
    page.locator("wegweiser-chat").evaluate("chat => chat._send('Talk to a person', { payload: '/human_handover' })")
    expect(page.locator("wegweiser-chat .person .reads")).not_to_be_empty()


def hide(page: Page, hidden: bool) -> None:
    """As when another tab is in front; headless browsers show all of them."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def until(page: Page, condition: Callable[[], bool]) -> None:
    """What happens outside the page, or within the widget's script, within ten seconds."""
    for _ in range(500):
        if condition():
            return
        page.wait_for_timeout(20)  # lets the browser's events come in meanwhile
    raise AssertionError("did not happen")


def until_readers(page: Page, agent: Any, count: int) -> None:
    until(page, lambda: agent.readers == count)


def test_a_person_writes_and_is_answered(page: Page, agent: Any) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    ask(page, "hello")
    expect(page.get_by_role("log")).to_contain_text("echo: hello")
    assert not [url for url in requests if MESSAGES.search(url) or "person.js" in url], "costs nothing without a person"
    hand_over(page)
    expect(page.locator("wegweiser-chat .person [role=status]")).to_have_text(READS)
    ask(page, "My letter")
    expect(page.locator("wegweiser-chat .mine").last).to_contain_text("My letter")
    agent.writes("Which <b>letter</b>?")
    theirs = page.locator("wegweiser-chat .theirs")
    expect(theirs).to_have_count(1)
    expect(theirs.locator(".who")).to_have_text("A person writes:")
    expect(theirs.locator(".text")).to_have_text("Which <b>letter</b>?")
    expect(page.get_by_text("There was no answer.")).to_have_count(0)
    assert agent.heard == ["My letter"]
    ask(page, "This one")
    agent.writes("Danke")
    expect(theirs).to_have_count(2)
    expect(page.locator("wegweiser-chat .typing")).to_be_empty()
    assert agent.heard == ["My letter", "This one"]


def test_what_a_person_writes_is_read_out_once(page: Page, agent: Any) -> None:
    hand_over(page)
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
    agent.writes("Guten Tag")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    page.locator("wegweiser-chat select").select_option("de")
    expect(page.locator("wegweiser-chat")).to_have_attribute("lang", "de")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    spoken = [text for text in page.evaluate("window.spoken") if "Guten Tag" in text]
    assert len(spoken) == 1 and spoken[0].startswith("A person writes:")


def test_a_reload_loses_and_repeats_nothing(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes("before")
    theirs = page.locator("wegweiser-chat .theirs .text")
    expect(theirs).to_have_text(["before"])
    page.locator("wegweiser-chat textarea").fill("half a sentence")
    page.goto("about:blank")
    until_readers(page, agent, 0)
    agent.writes("meanwhile")
    page.go_back()
    expect(theirs).to_have_text(["before", "meanwhile"])
    expect(page.locator("wegweiser-chat .theirs .who").first).to_have_text("A person writes:")
    expect(page.locator("wegweiser-chat textarea")).to_have_value("half a sentence")
    agent.writes("after")
    expect(theirs).to_have_text(["before", "meanwhile", "after"])


def test_without_a_network_it_goes_on_later(page: Page, context: BrowserContext, agent: Any) -> None:
    hand_over(page)
    until_readers(page, agent, 1)
    context.set_offline(True)
    hide(page, True)  # breaks the request that waits; an open one survives Chromium's switch
    hide(page, False)
    expect(page.locator("wegweiser-chat .reads")).to_contain_text("No connection.", timeout=15_000)
    ask(page, "typed offline")
    expect(page.locator("wegweiser-chat .failed")).to_be_visible()
    agent.writes("meanwhile")
    context.set_offline(False)
    expect(page.locator("wegweiser-chat .theirs .text")).to_have_text(["meanwhile"], timeout=15_000)
    expect(page.locator("wegweiser-chat .reads")).to_have_text(READS)
    expect(page.locator("wegweiser-chat .failed")).to_have_count(0)
    expect(page.locator("wegweiser-chat .typing")).to_be_empty()
    assert agent.heard == ["typed offline"]


def test_a_hidden_tab_rests_and_catches_up(page: Page, agent: Any) -> None:
    hand_over(page)
    until_readers(page, agent, 1)
    hide(page, True)
    until_readers(page, agent, 0)
    agent.writes("one")
    agent.writes("two")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("new Promise(done => setTimeout(done, 1500))")  # longer than any pause between two requests
    assert asked == [], "nobody asks while nobody looks"
    hide(page, False)
    expect(page.locator("wegweiser-chat .theirs .text")).to_have_text(["one", "two"])


def test_back_to_the_assistant(page: Page, agent: Any) -> None:
    hand_over(page)
    page.locator("wegweiser-chat textarea").fill("not yet sent")
    page.get_by_role("button", name="Back to the assistant").click()
    expect(page.get_by_role("log")).to_contain_text("The assistant is back.")
    expect(page.locator("wegweiser-chat .person")).to_have_count(0)
    expect(page.locator("wegweiser-chat textarea")).to_have_value("not yet sent")
    until_readers(page, agent, 0)
    ask(page, "hello")
    expect(page.get_by_role("log")).to_contain_text("echo: hello")
    assert not agent.talking


def test_the_person_leaves(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes("Goodbye")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    until_readers(page, agent, 1)
    agent.leaves()
    expect(page.get_by_text("The assistant answers again.")).to_be_visible()
    expect(page.locator("wegweiser-chat .person")).to_have_count(0)
    page.reload()
    expect(page.locator("wegweiser-chat .theirs .who")).to_have_text("A person writes:")
    expect(page.locator("wegweiser-chat .person")).to_have_count(0)
    assert agent.readers == 0


def test_a_second_conversation_with_a_person_repeats_nothing(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes("first")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    page.get_by_role("button", name="Back to the assistant").click()
    expect(page.locator("wegweiser-chat .person")).to_have_count(0)
    hand_over(page)
    agent.writes("second")
    expect(page.locator("wegweiser-chat .theirs .text")).to_have_text(["first", "second"])


def test_deleting_ends_it(page: Page, agent: Any) -> None:
    hand_over(page)
    [conversation] = agent.talking
    agent.writes("a secret")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    page.get_by_role("button", name="Delete this conversation").click()
    expect(page.get_by_text("The conversation has been deleted.")).to_be_visible()
    expect(page.locator("wegweiser-chat .theirs, wegweiser-chat .person")).to_have_count(0)
    until_readers(page, agent, 0)
    assert not agent.talking
    assert agent.there(lambda: agent.channel._mailbox.since(conversation)) == []
    assert "secret" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_leaving_in_a_hurry_ends_it(page: Page, agent: Any, server: RunningServer) -> None:
    hand_over(page)
    agent.writes("a secret")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    page.locator("wegweiser-chat textarea").fill("a secret too")
    page.get_by_role("button", name="Leave quickly").click()
    page.wait_for_url("https://www.dwd.de/")
    until_readers(page, agent, 0)
    page.goto(server.url)
    expect(page.get_by_text("Hello!")).to_be_visible()
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(0)
    expect(page.locator("wegweiser-chat textarea")).to_have_value("")
    assert "secret" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_only_web_addresses_lead_anywhere(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes(
        "javascript:alert(1) data:text/html,x mailto:a@b.example 0341 1234567 https://www.leipzig.de/amt. "
        "https://www.leipzig.de@evil.example/ https://l\u0435ipzig.de/"
    )
    links = page.locator("wegweiser-chat .theirs a")
    expect(links).to_have_count(3)
    assert [link.get_attribute("rel") for link in links.all()] == ["noopener noreferrer"] * 3
    assert links.first.get_attribute("href") == "https://www.leipzig.de/amt"
    expect(page.locator("wegweiser-chat .theirs b")).to_have_text(["(evil.example)", "(xn--lipzig-3of.de)"])


def test_directions_follow_the_text(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes("سلام، چه کمکی؟", language="fa")
    agent.writes("Guten Tag")
    text = page.locator("wegweiser-chat .theirs .text")
    expect(text).to_have_count(2)
    expect(text.first).to_have_css("direction", "rtl")
    expect(text.last).to_have_css("direction", "ltr")
    expect(page.locator("wegweiser-chat .theirs").first).to_have_attribute("lang", "fa")


def test_a_reader_further_up_is_not_torn_away(page: Page, agent: Any) -> None:
    hand_over(page)
    agent.writes("long\n" * 60)
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    page.locator("wegweiser-chat .log").evaluate("log => { log.scrollTop = 100; }")
    agent.writes("more")
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(2)
    assert page.locator("wegweiser-chat .log").evaluate("log => log.scrollTop") == 100


def test_the_conversation_is_lost_on_the_server(page: Page, context: BrowserContext, agent: Any) -> None:
    """A new secret of the server: nobody asks for ever."""
    context.route(MESSAGES, lambda route: route.fulfill(status=401, json={"error": {"code": "unauthorized"}}))
    page.locator("wegweiser-chat").evaluate("chat => chat._send('Talk to a person', { payload: '/human_handover' })")
    expect(page.get_by_role("log")).to_contain_text("A person will read this.")
    until(page, lambda: page.locator("wegweiser-chat").evaluate("chat => chat.store.state.person === false"))
    expect(page.locator("wegweiser-chat .person")).to_have_count(0)


def test_a_full_server_is_asked_again(page: Page, context: BrowserContext, agent: Any) -> None:
    refused: list[str] = []

    def refuse_twice(route: Any) -> None:
        if len(refused) >= 2:
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {"code": "busy"}})

    context.route(MESSAGES, refuse_twice)
    hand_over(page)
    agent.writes("at last")
    expect(page.locator("wegweiser-chat .theirs .text")).to_have_text(["at last"], timeout=15_000)
    assert len(refused) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(chromium: Browser, server: RunningServer, agent: Any, language: str) -> None:
    options = {"viewport": {"width": 320, "height": 900}, "reduced_motion": "reduce"}
    context = chromium.new_context(locale=language, color_scheme="dark" if language in "deti" else "light", **options)  # type: ignore[arg-type]
    page = start(context, server, language)
    hand_over(page)
    agent.writes("Guten Tag https://www.leipzig.de/ https://a@b.example/", choices=[{"title": "x", "payload": "/help"}])
    expect(page.locator("wegweiser-chat .theirs")).to_have_count(1)
    result = Axe().run(page, options=RULES)
    found = [(row["id"], node["target"]) for row in result.response["violations"] for node in row["nodes"]]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("wegweiser-chat .back").evaluate("button => button.getBoundingClientRect().height") >= 44
    context.close()
