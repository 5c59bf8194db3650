"""The campaign of an address or of the widget reaches the assistant: API, demo page, light version, topic pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from bot.channels import gate
from bot.channels.web.limits import Limits
from tests.browser.conftest import CHROMIUM
from tests.fakes.page_server import PageServer, TopicAgent, buttons, hidden, serve_pages
from tests.fakes.web_client import Client, check_error
from tests.fakes.web_server import RunningServer

GIVEN = [
    ("aufnahme7", "aufnahme7"), ("a-2026-10", "a-2026-10"), ("test", "test"), ("x" * 20, "x" * 20), ("x" * 21, None),
    ("Aufnahme", None), ("a b", None), ("a_b", None), ("aufnahme7\n", None), ("<b>", None), ("é", None), ("", None),
    ("٧", None), ("\ud800", None),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), GIVEN)
def test_the_gate_lets_short_names_through(given: str, kept: str | None) -> None:
    message = gate.user_message("web-1", "web", None, text="x", campaign=given)  # type: ignore[arg-type]
    assert message.metadata == ({"campaign": kept} if kept else {})


@pytest.mark.parametrize("given", [None, 7, ["a"], {"a": 1}, True, b"a"])
def test_what_is_no_text_is_no_campaign(given: Any) -> None:
    assert gate.campaign_of(given) == ""


@pytest.mark.parametrize(("given", "kept"), GIVEN[:-1])
def test_the_api_takes_a_campaign(client: Client, given: str, kept: str | None) -> None:
    assert client.send(text="course", hint="de", campaign=given).status_code == 200
    assert client.send(payload='/inform{"place":"leipzig"}', campaign=given).status_code == 200
    assert [message.metadata.get("campaign") for message in client.agent.messages] == [kept, kept]
    assert client.agent.messages[0].metadata["hint"] == "de"


def test_none_is_no_campaign(client: Client) -> None:
    assert client.send(text="course", campaign=None).status_code == 200
    assert "campaign" not in client.agent.messages[0].metadata


@pytest.mark.parametrize("given", [7, ["aufnahme7"], {"name": "a"}, True])
def test_the_api_refuses_what_is_no_text(client: Client, given: Any) -> None:
    check_error(client.send(text="course", campaign=given), 400, "malformed")
    assert client.agent.messages == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    limits = Limits(gate.RateLimit(count=10_000))
    with serve_pages(tmp_path_factory.mktemp("campaign"), TopicAgent(), limits=limits) as running:
        yield running


@pytest.fixture
def http(pages: PageServer) -> Iterator[httpx.Client]:
    pages.agent.reset()
    with pages.client() as found:
        yield found


def told(pages: PageServer) -> list[str | None]:
    return [message.metadata.get("campaign") for message in pages.agent.messages]


@pytest.mark.parametrize("name", ["c", "campaign"])
def test_the_light_version_hands_it_on_with_the_first_press(pages: PageServer, http: httpx.Client, name: str) -> None:
    page = http.get("/m", params={"lang": "ar", "place": "leipzig", "topic": "find_housing", name: "aufnahme7"}).text
    assert (hidden(page)["via"], hidden(page)["lang"], hidden(page)["place"]) == ("aufnahme7", "ar", "leipzig")
    assert buttons(page, "choice") and all(value.startswith("/find_housing") for value in buttons(page, "choice"))
    assert 'c=aufnahme7" lang="de"' in page.replace("&amp;", "&"), "another language keeps it"
    answer = http.post("/m", data={**hidden(page), "text": "Wohnung"})
    assert answer.status_code == 200
    assert told(pages) == ["aufnahme7", "aufnahme7"], "with the town and with the question"
    assert "via" not in hidden(answer.text), "the conversation knows it now"


@pytest.mark.parametrize("press", [{"choice": "/doctor|Doctor"}, {"to": "de"}])
def test_every_press_can_be_the_first(pages: PageServer, http: httpx.Client, press: dict[str, str]) -> None:
    page = http.get("/m?lang=en&c=heim-a").text
    assert http.post("/m", data={**hidden(page), **press}).status_code == 200
    assert told(pages) == ["heim-a"]


def test_a_press_that_failed_keeps_it(pages: PageServer, http: httpx.Client) -> None:
    page = http.get("/m?lang=en&c=heim-a").text
    refused = http.post("/m", data={**hidden(page), "text": " "})
    assert refused.status_code == 400
    assert hidden(refused.text)["via"] == "heim-a"


@pytest.mark.parametrize("given", ["Heim A", '"><script>', "x" * 21, ""])
def test_anything_else_is_left_out(pages: PageServer, http: httpx.Client, given: str) -> None:
    page = http.get("/m", params={"lang": "en", "c": given}).text
    assert "via" not in hidden(page) and "<script" not in page
    http.post("/m", data={**hidden(page), "text": "Doctor", "via": given})
    assert told(pages) == [None]


def test_topic_pages_lead_on_with_it(http: httpx.Client) -> None:
    page = http.get("/t/find_housing?lang=de&place=leipzig&c=aufnahme7").text.replace("&amp;", "&")
    for path in ("/", "/m"):
        assert f'href="{path}?lang=de&topic=find_housing&place=leipzig&c=aufnahme7"' in page
    assert '<input type="hidden" name="c" value="aufnahme7">' in page
    assert 'rel="canonical"' in page and "c=aufnahme7" not in page.partition("</head>")[0]
    assert 'href="/t/find_housing?lang=ar&place=leipzig&c=aufnahme7"' in page
    listed = http.get("/t?lang=de&c=aufnahme7").text.replace("&amp;", "&")
    assert 'href="/t/find_housing?lang=de&c=aufnahme7"' in listed
    assert not re.search("[?;&]c=", http.get("/t/find_housing?lang=de&c=A+B").text)


@pytest.mark.parametrize("name", ["c", "campaign"])
def test_the_demo_page_and_the_widget_hand_it_on(server: RunningServer, name: str) -> None:
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("chromium is missing: `make system` installs it")
    server.agent.messages.clear()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{server.url}/?lang=ar&place=leipzig&topic=german_course&{name}=aufnahme7")
        chat = page.locator("wegweiser-chat")
        chat.locator('textarea[maxlength="2000"]').fill("course")
        chat.locator('textarea[maxlength="2000"]').press("Enter")
        chat.locator(".card").first.wait_for()
        address, attribute = page.url, chat.get_attribute("campaign")
        browser.close()
    assert attribute == "aufnahme7" and "aufnahme7" not in address
    first, *rest = server.agent.messages
    assert first.parse_data is not None and first.parse_data["entities"][0]["value"] == "leipzig"
    assert {message.metadata.get("campaign") for message in (first, *rest)} == {"aufnahme7"}
    assert first.metadata["hint"] == "ar"
