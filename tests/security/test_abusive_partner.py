"""Somebody who may look at the phone: what shows in a chat list, in a cache and in a preview of a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from bot.languages import languages
from bot.wiring import DISCREET, URGENT
from tests.fakes.page_server import TopicAgent, serve_pages

SPOKEN = [code for code, language in languages().items() if language.trained]


@pytest.fixture(scope="module")
def agent() -> TopicAgent:
    return TopicAgent()


@pytest.fixture(scope="module")
def http(agent: TopicAgent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("var")
    with serve_pages(folder, agent, "https://wegweiser.example") as running, running.client() as client:
        yield client


def test_violence_is_among_what_is_discreet() -> None:
    assert {"domestic_violence", "forced_marriage_trafficking", "emergency_violence", "lgbtiq"} <= DISCREET


@pytest.mark.parametrize("topic", sorted(DISCREET))
def test_a_page_about_violence_is_kept_by_no_cache(http: httpx.Client, topic: str) -> None:
    """Back after leaving quickly asks the server again, and a cache on the phone has nothing."""
    answer = http.get(f"/t/{topic}?lang=de&place=leipzig")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert http.get("/t/doctor").headers["cache-control"] != "no-store"


@pytest.mark.parametrize("language", SPOKEN)
def test_the_preview_of_a_link_says_nothing(http: httpx.Client, agent: TopicAgent, language: str) -> None:
    neutral = http.get(f"/t?lang={language}").text
    for topic in sorted(DISCREET):
        text = http.get(f"/t/{topic}?lang={language}").text
        for name in ("title", "description", "type"):
            tag = re.compile(rf'<meta property="og:{name}" content="([^"]*)">')
            shown, usual = tag.search(text), tag.search(neutral)
            assert shown is not None and usual is not None and shown[1] == usual[1], (topic, name)
        assert "<title>Wegweiser</title>" in text
        found = re.search(r'<meta name="description" content="([^"]+)">', text)
        assert found is not None and found[1] != usual[1]  # whoever searches for help finds it


def test_every_page_offers_the_way_out(http: httpx.Client) -> None:
    for path in ("/t", "/t/domestic_violence", "/safe", "/m", "/privacy"):
        assert 'class="leave" href="https://www.dwd.de/" rel="noreferrer"' in http.get(path).text


def test_a_conversation_is_kept_by_no_cache_and_leaks_into_no_address(http: httpx.Client) -> None:
    answer = http.get("/m?lang=de")
    assert answer.headers["cache-control"] == "no-store" and "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "same-origin"
    assert '<form method="post"' in answer.text and 'method="get"' not in answer.text


def test_urgent_topics_are_never_shared_as_links() -> None:
    assert {"emergency_violence", "emergency_medical", "crisis_suicide"} == URGENT
