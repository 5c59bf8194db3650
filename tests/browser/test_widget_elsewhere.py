"""The widget on other websites: as a module under a strict policy, and in a frame; only where it is listed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.channels.gate import RateLimit
from tests.fakes.web_server import RunningServer, serve


class Town(HTTPServer):
    """Another website on loopback: one page under a policy of its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), TownPage)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.body, self.policy = "", ""


class TownPage(BaseHTTPRequestHandler):
    """Gives the town's page."""

    def do_GET(self) -> None:
        """The page, whatever the path."""
        town = cast(Town, self.server)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", town.policy)
        self.end_headers()
        self.wfile.write(f"<!doctype html><html lang=en><title>Town</title><body><main>{town.body}</main>".encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


def running(town: Town) -> Town:
    threading.Thread(target=town.serve_forever, daemon=True).start()
    return town


@pytest.fixture(scope="module")
def towns() -> Iterator[tuple[Town, Town]]:
    """One that is listed, one that is not."""
    listed, foreign = running(Town()), running(Town())
    yield listed, foreign
    listed.shutdown()
    foreign.shutdown()


@pytest.fixture(scope="module")
def server(towns: tuple[Town, Town]) -> Iterator[RunningServer]:
    with serve(limit=RateLimit(count=1000), allowed_origins=(towns[0].origin,)) as started:
        yield started


@pytest.fixture
def context(chromium: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    server.agent.messages.clear()
    server.agent.delay, server.agent.failure, server.agent.reply = 0.0, None, None
    opened = chromium.new_context(locale="en-GB")
    yield opened
    opened.close()


def elsewhere(context: BrowserContext, server: RunningServer, town: Town, body: str) -> tuple[Page, list[str]]:
    """A page of another website whose policy allows our server and nothing else; and what the browser refused."""
    town.policy = f"default-src 'none'; script-src {server.url}; connect-src {server.url}; frame-src {server.url}"
    town.body = body
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(town.origin)
    return page, refused


def test_a_listed_website_needs_two_lines(
    context: BrowserContext, server: RunningServer, towns: tuple[Town, Town]
) -> None:
    lines = f'<script type="module" src="{server.url}/widget.js"></script><wegweiser-chat lang="en"></wegweiser-chat>'
    page, refused = elsewhere(context, server, towns[0], lines)
    page.locator("wegweiser-chat textarea").fill("a course")
    page.locator("wegweiser-chat textarea").press("Enter")
    expect(page.locator("wegweiser-chat .card")).to_be_visible()
    page.locator("wegweiser-chat .keep summary").click()
    expect(page.locator("wegweiser-chat .keep button").first).to_be_visible()
    assert context.cookies() == []
    assert [text for text in refused if "favicon" not in text] == []


def test_another_website_cannot_use_it(
    context: BrowserContext, server: RunningServer, towns: tuple[Town, Town]
) -> None:
    lines = f'<script type="module" src="{server.url}/widget.js"></script><wegweiser-chat><p>Words</p></wegweiser-chat>'
    page, refused = elsewhere(context, server, towns[1], lines)
    expect(page.get_by_text("Words")).to_be_visible()
    assert page.evaluate("customElements.get('wegweiser-chat') === undefined")
    assert any("CORS" in text for text in refused)


def test_a_frame_on_a_listed_website(context: BrowserContext, server: RunningServer, towns: tuple[Town, Town]) -> None:
    frame = f'<iframe src="{server.url}/embed?lang=ar&topic=german_course" title="Wegweiser" width="360" height="600"></iframe>'
    page, _ = elsewhere(context, server, towns[0], frame)
    inside = page.frame_locator("iframe")
    inside.locator("textarea").fill("a course")
    inside.locator("textarea").press("Enter")
    expect(inside.locator(".card")).to_be_visible()
    box = inside.locator("wegweiser-chat").bounding_box()
    assert box and box["height"] > 500, "the widget fills its frame"


def test_no_frame_on_another_website(context: BrowserContext, server: RunningServer, towns: tuple[Town, Town]) -> None:
    page, refused = elsewhere(
        context, server, towns[1], f'<iframe src="{server.url}/embed" title="Wegweiser"></iframe>'
    )
    page.wait_for_timeout(300)
    assert any("frame-ancestors" in text for text in refused)
    assert page.frame_locator("iframe").locator("textarea").count() == 0
