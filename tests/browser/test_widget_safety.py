"""Leaving in a hurry, waiting for a network, starting again: what a person in trouble relies on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from bot.channels.gate import RateLimit
from tests.fakes.web_server import RunningServer, serve

WEATHER = "https://www.dwd.de/"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(limit=RateLimit(count=1000)) as running:
        yield running


@pytest.fixture
def context(chromium: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    server.agent.messages.clear()
    server.agent.delay, server.agent.failure, server.agent.reply = 0.0, None, None
    opened = chromium.new_context(locale="en-GB", viewport={"width": 320, "height": 568}, reduced_motion="reduce")
    opened.route("https://www.dwd.de/**", lambda route: route.fulfill(body="Sunny", content_type="text/plain"))
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: RunningServer) -> Page:
    opened = context.new_page()
    opened.goto(server.url)
    expect(opened.get_by_text("Hello!")).to_be_visible()
    return opened


def ask(page: Page, text: str) -> None:
    page.locator("wegweiser-chat textarea").fill(text)
    page.locator("wegweiser-chat textarea").press("Enter")


def heard(server: RunningServer) -> list[str]:
    return [message.text or "" for message in server.agent.messages]


def gone(page: Page, server: RunningServer) -> None:
    """The weather is shown, nothing is kept, the way back does not lead here, and the server has deleted."""
    page.wait_for_url(WEATHER)
    page.go_back()
    assert not page.url.startswith(server.url), "the page is still in the history"
    page.goto(server.url)
    expect(page.get_by_text("Hello!")).to_be_visible()
    expect(page.get_by_role("log")).not_to_contain_text("a secret")
    assert "secret" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "/delete_my_data" in heard(server)


def test_the_button_leads_away(page: Page, server: RunningServer) -> None:
    ask(page, "a secret")
    expect(page.get_by_role("log")).to_contain_text("echo: a secret")
    page.get_by_role("button", name="Leave quickly").click()
    gone(page, server)


def test_escape_twice_leads_away(page: Page, server: RunningServer) -> None:
    ask(page, "a secret")
    expect(page.get_by_role("log")).to_contain_text("echo: a secret")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    gone(page, server)


def test_escape_once_and_slowly_does_not(page: Page, server: RunningServer) -> None:
    page.keyboard.press("Escape")
    page.wait_for_timeout(900)
    page.keyboard.press("Escape")
    ask(page, "still here")
    expect(page.get_by_role("log")).to_contain_text("echo: still here")
    assert page.url.startswith(server.url)


def test_leaving_works_while_an_answer_is_on_its_way(page: Page, server: RunningServer) -> None:
    server.agent.delay = 1.0
    ask(page, "a secret")
    page.get_by_role("button", name="Leave quickly").click()
    page.wait_for_url(WEATHER)
    assert "secret" not in page.content()


@pytest.mark.parametrize(
    ("exit", "leads"), [("https://www.dwd.de/kids", "kids"), ("javascript:alert(1)", "/"), ("x", "/")]
)
def test_another_way_out(page: Page, exit: str, leads: str) -> None:
    page.locator("wegweiser-chat").evaluate("(chat, url) => chat.setAttribute('exit', url)", exit)
    page.get_by_role("button", name="Leave quickly").click()
    page.wait_for_url("https://www.dwd.de/**")
    assert page.url.endswith(leads)


def test_a_link_with_a_topic_leaves_no_trace(context: BrowserContext, server: RunningServer) -> None:
    opened = context.new_page()
    opened.goto(f"{server.url}/?lang=en&topic=german_course&place=leipzig")
    expect(opened.get_by_role("button", name="Start with the topic of this page")).to_be_visible()
    assert opened.url == server.url + "/"
    assert opened.locator("wegweiser-chat").get_attribute("place") == "leipzig"
    assert "german" not in opened.title()


def test_without_a_network_a_message_waits(page: Page, context: BrowserContext, server: RunningServer) -> None:
    ask(page, "one")
    expect(page.get_by_role("log")).to_contain_text("echo: one")
    context.set_offline(True)
    ask(page, "two")
    ask(page, "three")
    expect(page.get_by_text("No connection.")).to_have_count(2)
    expect(page.get_by_role("log")).to_contain_text("three")
    context.set_offline(False)
    expect(page.get_by_role("log")).to_contain_text("echo: three", timeout=15_000)
    assert heard(server) == ["one", "two", "three"]
    expect(page.get_by_text("No connection.")).to_have_count(0)


def test_a_reload_in_the_middle_asks_once(page: Page, server: RunningServer) -> None:
    server.agent.delay = 1.5
    ask(page, "slow question")
    expect(page.locator("wegweiser-chat .typing")).to_contain_text("writing")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("echo: slow question", timeout=15_000)
    assert heard(server) == ["slow question"]


def test_a_server_that_starts_again_loses_nothing(chromium: Browser) -> None:
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    opened = context.new_page()
    with serve() as first:
        agent, port = first.agent, first.port
        opened.goto(first.url)
        ask(opened, "before")
        expect(opened.get_by_role("log")).to_contain_text("echo: before")
    ask(opened, "between")
    expect(opened.get_by_text("No connection.")).to_be_visible()
    with serve(port, agent) as again:
        expect(opened.get_by_role("log")).to_contain_text("echo: between", timeout=30_000)
        assert heard(again) == ["before", "between"]
        assert len({message.sender_id for message in agent.messages}) == 1
        context.close()


def test_typing_can_begin_before_the_words_are_here(context: BrowserContext, server: RunningServer) -> None:
    opened = context.new_page()
    held: list[Route] = []
    opened.route("**/api/v1/strings*", lambda route: held.append(route))
    opened.goto(server.url)
    ask(opened, "early")
    expect(opened.get_by_role("log")).to_contain_text("early")
    for route in held:
        route.continue_()
    opened.unroute("**/api/v1/strings*")
    expect(opened.get_by_role("log")).to_contain_text("echo: early")
    assert json.dumps(heard(server)) == '["early"]'
