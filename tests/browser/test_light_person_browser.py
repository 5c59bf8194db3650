"""The light version while a person talks, in a real browser without a script: looked at by axe, used by the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_widget_access import faultless
from tests.fakes.counsellor import Counselled
from tests.fakes.page_server import TopicAgent, buttons, hidden, serve_pages


class Agent(Counselled, TopicAgent):
    """The pages' fake agent with a person behind it."""


@pytest.mark.parametrize("language", ["en", "ar"])
def test_looking_for_messages(chromium: Browser, tmp_path: Path, language: str) -> None:
    agent = Agent()
    with serve_pages(tmp_path, agent) as server, server.client() as http:
        begun = http.get("/m", params={"lang": language}).text
        answered = http.post("/m", data={**hidden(begun), "choice": "/human_handover|x"}).text
        assert "look" in buttons(answered, "do")
        agent.writes("Welcher Brief? https://a@b.example/", choices=[{"title": "x", "payload": "/help"}])
        # axe is a script of the test's own: the page has none, and its policy would stop one
        context = chromium.new_context(bypass_csp=True, viewport={"width": 320, "height": 700})
        page = context.new_page()
        page.route("**/start", lambda route: route.fulfill(body=answered, content_type="text/html; charset=utf-8"))
        page.goto(f"{server.url}/start")
        page.locator("textarea").fill("half a sentence")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("button[value=look]")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("article")).to_contain_text("Welcher Brief?")
        expect(page.locator("textarea")).to_have_value("half a sentence")
        assert page.url == f"{server.url}/m", "nothing of it stands in the address"
        faultless(page, language)
        context.close()
