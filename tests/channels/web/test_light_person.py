"""A person talks in the light version: their messages come with the next page, and nothing typed is lost by looking."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from bot.channels import gate
from bot.channels.web import limits
from bot.channels.web.limits import Limits
from bot.channels.web.pages.links import addresses
from tests.fakes.counsellor import Counselled
from tests.fakes.page_server import SPOKEN, PageServer, TopicAgent, buttons, hidden, serve_pages


class Agent(Counselled, TopicAgent):
    """The pages' fake agent with a person behind it."""

    def reset(self) -> None:
        """As new."""
        super().reset()
        self.talking: set[str] = getattr(self, "talking", set())
        self.talking.clear()
        self.heard: list[str] = []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    allowed = Limits(gate.RateLimit(count=10_000))
    with serve_pages(tmp_path_factory.mktemp("light"), Agent(), limits=allowed) as running:
        yield running


@pytest.fixture
def agent(server: PageServer) -> Agent:
    server.agent.reset()
    return server.agent  # type: ignore[return-value]


@pytest.fixture
def http(server: PageServer, agent: Agent) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def post(http: httpx.Client, page: str, **fields: str) -> str:
    response = http.post("/m", data={**hidden(page), **fields})
    assert response.status_code == 200
    return response.text


def handed_over(http: httpx.Client, language: str = "en") -> str:
    page = http.get("/m", params={"lang": language}).text
    return post(http, page, choice="/human_handover|Talk to a person")


def stop(page: str) -> str:
    [choice] = [value for value in buttons(page, "choice") if value.startswith("/human_handover")]
    return choice


def test_a_conversation_with_a_person(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    assert "A person is reading. Please write in your own words." in page
    assert "look" in buttons(page, "do") and "http-equiv" not in page
    page = post(http, page, text="My letter")
    assert agent.heard == ["My letter"]
    assert "There was no answer" not in page and "<article" not in page
    agent.writes("Which letter?\n\nFrom whom?")
    page = post(http, page, do="look", text="half a sent")
    assert "Which letter?" in page and "From whom?" in page and ">A person writes:</h2>" in page
    assert ">half a sent</textarea>" in page, "looking loses nothing"
    assert 'role="alert"' not in page
    page = post(http, page, do="look", text="")
    assert "There are no new messages yet." in page and "Which letter?" in page, "what one answers to stays"
    page = post(http, page, choice=stop(page))
    assert "The assistant is back." in page
    assert "Which letter?" not in page and "look" not in buttons(page, "do")
    assert "A person is reading" not in page
    page = post(http, page, text="hallo")
    assert 'class="card"' in page


def test_the_last_words_of_a_person_are_shown_after_they_left(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    agent.writes("Goodbye")
    agent.leaves()
    page = post(http, page, do="look", text="")
    assert "Goodbye" in page and "look" not in buttons(page, "do")
    page = post(http, page, do="look", text="")
    assert "The assistant answers again." in page and "Goodbye" not in page


def test_they_come_with_any_page_and_a_reload_shows_them_again(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    agent.writes("Hello")
    changed = post(http, page, to="de")
    assert '<html lang="de"' in changed and "Hello" in changed
    assert "Hello" in post(http, page, to="de"), "the same page once more"
    assert len(agent.heard) == 1, "and the language was changed once"


def test_many_messages_at_once_are_all_shown_and_pages_stay_small(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    for number in range(8):
        agent.writes(f"message {number}.")
    page = post(http, page, do="look", text="")
    assert page.count("<article") == 8
    agent.writes("message 8.")
    page = post(http, page, do="look", text="")
    assert page.count("<article") == 5 and "message 8." in page
    assert len(page.encode()) < 10_000


def test_looking_without_pause_is_stopped(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    for _ in range(limits.READS):
        page = post(http, page, do="look", text="kept")
    stopped = http.post("/m", data={**hidden(page), "do": "look", "text": "kept"})
    assert stopped.status_code == 429 and ">kept</textarea>" in stopped.text
    assert "look" in buttons(stopped.text, "do")
    assert "A person is reading" in post(http, stopped.text, text="kept")


def test_deleting_empties_it(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    agent.writes("a secret")
    gone = post(http, page, do="delete")
    assert "secret" not in gone
    assert "secret" not in post(http, page, do="look", text="")


def test_another_conversation_sees_nothing(http: httpx.Client, agent: Agent) -> None:
    handed_over(http)
    agent.writes("a secret")
    other = http.get("/m", params={"lang": "en"}).text
    assert "secret" not in post(http, other, do="look", text="")


@pytest.mark.parametrize("after", ["xyzzy", "-1", "9" * 30, "<bdo>"])
def test_a_number_that_is_none(http: httpx.Client, agent: Agent, after: str) -> None:
    page = handed_over(http)
    agent.writes("Hello")
    shown = post(http, page, do="look", text="", after=after)
    assert "Hello" in shown and after not in shown


def test_markup_of_a_person_is_text(http: httpx.Client, agent: Agent) -> None:
    page = handed_over(http)
    agent.writes("<img src=x onerror=alert(1)> javascript:alert(1) https://www.leipzig.de/x?a=1&b=2 0341 1234567")
    page = post(http, page, do="look", text="")
    article = page[page.index("<article") : page.index("</article>")]
    assert "<img" not in article and "&lt;img" in article
    assert re.findall(r'href="([^"]*)"', article) == ["https://www.leipzig.de/x?a=1&amp;b=2"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://www.leipzig.de/amt.", []),
        ("http://www.leipzig.de:8080?x", []),
        ("https://www.leipzig.de@evil.example/", ["evil.example"]),
        ("https://lеipzig.de/", ["xn--lipzig-3of.de"]),
        ("https://EVIL.example/", ["evil.example"]),
        ("ftp://x.example javascript:alert(1) mailto:a@b.example", []),
    ],
)
def test_a_misleading_address_is_followed_by_its_host(text: str, shown: list[str]) -> None:
    assert re.findall(r"<b dir=\"ltr\">\((.*?)\)</b>", str(addresses(text))) == shown


@pytest.mark.parametrize("language", SPOKEN)
def test_every_language_has_its_direction(http: httpx.Client, agent: Agent, language: str) -> None:
    page = handed_over(http, language)
    agent.writes("Guten Tag")
    page = post(http, page, do="look", text="")
    direction = "rtl" if language in ("ar", "fa", "ps") else "ltr"
    assert f'<article lang="de" dir="auto">\n<h2 lang="{language}" dir="{direction}">' in page
