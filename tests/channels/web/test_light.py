"""The light channel over real HTTP: forms in, small pages out, nothing asked twice, nothing typed in an address."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot.channels import gate
from bot.channels.web.limits import Limits
from bot.channels.web.pages.light import FORM
from bot.channels.web.pages.page import HERE
from bot.channels.web.shared_replays import SharedReplays
from bot.memory.shared import Shared
from tests.fakes import redis_server
from tests.fakes.page_server import SECRET, SPOKEN, PageServer, TopicAgent, buttons, hidden, serve_pages

LARGEST = 15 * 1024


@pytest.fixture(scope="module")
def agent() -> TopicAgent:
    return TopicAgent()


@pytest.fixture(scope="module")
def server(agent: TopicAgent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    limit = gate.RateLimit(count=10_000)
    with serve_pages(tmp_path_factory.mktemp("light"), agent, limits=Limits(limit), patience=0.5) as running:
        yield running


@pytest.fixture
def http(server: PageServer) -> Iterator[httpx.Client]:
    server.agent.reset()
    with server.client() as client:
        yield client


def begin(http: httpx.Client, lang: str = "de", **query: str) -> str:
    response = http.get("/m", params={"lang": lang, **query})
    assert response.status_code == 200
    return response.text


def post(http: httpx.Client, page: str, **fields: str) -> httpx.Response:
    return http.post("/m", data={**hidden(page), **fields})


def test_a_question_is_answered(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http, place="leipzig")
    response = post(http, page, text="Wo lerne ich <b>Deutsch</b>?")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers and "<script" not in response.text
    text = response.text
    assert "Wo lerne ich &lt;b&gt;Deutsch&lt;/b&gt;?" in text
    assert text.count('class="card"') == 3
    noted, message = agent.messages
    assert noted.parse_data["entities"][0]["value"] == "leipzig"
    assert (message.text, message.input_channel) == ("Wo lerne ich <b>Deutsch</b>?", "light")
    assert message.metadata == {"hint": "de"}
    assert message.sender_id == gate.conversation_id(SECRET, "light", hidden(page)["c"])
    assert "place" not in hidden(text), "the town is told once"


def test_cards_say_what_is_known_and_lead_on(http: httpx.Client) -> None:
    page = begin(http, "en", place="leipzig")
    doctor = post(http, page, choice='/doctor{"place": "leipzig"}|Doctor').text
    assert re.search(r'<a href="tel:\+49\d+">Call <bdi dir="ltr">\+49', doctor)
    assert re.search(r"<b>(Open|Closed) now</b>", doctor)
    assert 'href="https://www.openstreetmap.org/' in doctor and "travelmode=transit" in doctor
    asylum = post(http, page, choice='/asylum_procedure{"place": "leipzig"}|Asylum').text
    for word in ("Address", "Opening hours", "Languages", "Cost"):
        assert f"<dt>{word}</dt>" in asylum, word
    assert re.search(r"Checked: [\w ,]*20\d\d", asylum)
    assert re.search(r'<a href="https?://[^"]+" rel="noreferrer">Source</a>', asylum)
    sources = asylum[asylum.index("<details") :]
    assert re.search(r'<li><a href="https?://[^"]+" rel="noreferrer" dir="ltr">[\w.-]+</a>', sources)


def test_numbers_in_an_answer_can_be_called(http: httpx.Client) -> None:
    text = post(http, begin(http, "ti", topic="emergency_medical"), choice="/emergency_medical|112").text
    answer = text[text.index("<article") : text.index("</article")]
    assert '<a href="tel:112" dir="ltr">112</a>' in answer and 'href="tel:116117"' in answer


def test_a_choice_is_answered_and_named(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http, place="dresden", topic="doctor")
    [choice] = buttons(page, "choice")
    assert choice.startswith('/doctor{"place": "dresden"}|')
    text = post(http, page, choice=choice).text
    assert agent.messages[0].parse_data["intent"]["name"] == "doctor"
    assert choice.partition("|")[2] in text
    assert any(value.startswith("/ask_cost|") for value in buttons(text, "choice"))


@pytest.mark.parametrize("query", [{"place": "atlantis"}, {"topic": "restart"}, {"topic": "<i>x"}, {"place": "'\""}])
def test_what_an_address_asks_for_is_checked(http: httpx.Client, query: dict[str, str]) -> None:
    page = begin(http, **query)
    assert len(buttons(page, "choice")) == 6 and "place" not in hidden(page)
    assert not any(value in page for value in query.values())


def test_a_page_asks_once(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http)
    agent.delay = 0.2
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: post(http, page, text="hallo"), range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(agent.messages) == 1
    agent.delay = 0.0
    assert post(http, page, text="hallo").status_code == 200
    assert len(agent.messages) == 1, "reloading the answer"
    post(http, page, choice="/doctor|Arzt")
    assert len(agent.messages) == 2, "going back and choosing something else"


def test_a_slow_answer_is_met_again(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http)
    agent.delay = 1.0
    late = post(http, page, text="hallo du")
    assert late.status_code == 503 and late.headers["retry-after"]
    assert ">hallo du</textarea>" in late.text, "the text is kept"
    for _ in range(8):
        again = post(http, late.text, text="hallo du")
        if again.status_code == 200:
            break
    assert again.status_code == 200 and 'class="card"' in again.text
    assert len(agent.messages) == 1


def test_a_broken_agent_leaks_nothing(http: httpx.Client, agent: TopicAgent, caplog: pytest.LogCaptureFixture) -> None:
    agent.failure = RuntimeError("my secret illness")
    with caplog.at_level(logging.DEBUG):
        response = post(http, begin(http), text="geheime Krankheit")
    assert response.status_code == 500
    assert "secret illness" not in response.text + caplog.text and "Krankheit" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert ">geheime Krankheit</textarea>" in response.text
    agent.failure = None
    assert post(http, response.text, text="geheime Krankheit").status_code == 200, "a failure is not kept"


def test_changing_the_language(http: httpx.Client, agent: TopicAgent) -> None:
    answer = post(http, begin(http), text="hallo").text
    assert buttons(answer, "to") == SPOKEN
    changed = post(http, answer, to="ar").text
    assert '<html lang="ar" dir="rtl">' in changed and hidden(changed)["lang"] == "ar"
    assert hidden(changed)["c"] == hidden(answer)["c"]
    message = agent.messages[-1]
    assert message.parse_data["entities"][0]["value"] == "ar"
    assert message.parse_data["intent"]["name"] == "change_language"


def test_an_answer_in_another_language_is_marked(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http)
    sender = gate.conversation_id(SECRET, "light", hidden(page)["c"])
    agent.slots[sender] = {"language": "fa", "place": "leipzig"}
    answer = post(http, page, text="hallo").text
    assert '<html lang="de" dir="ltr">' in answer and '<article lang="fa" dir="rtl">' in answer
    assert '<dt><bdi lang="de">' in answer, "words of the interface inside it"


def test_deleting(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http)
    answer = post(http, page, text="hallo").text
    gone = post(http, answer, do="delete")
    assert gone.status_code == 200 and "gelöscht" in gone.text and "hallo" not in gone.text
    assert agent.messages[-1].parse_data["intent"]["name"] == "delete_my_data"
    assert agent.messages[-1].sender_id == agent.messages[0].sender_id
    assert hidden(gone.text)["c"] != hidden(page)["c"]
    post(http, page, text="hallo")
    assert len(agent.messages) == 3, "the kept answer is gone too"


def test_rate_limit(agent: TopicAgent, tmp_path: Path) -> None:
    agent.reset()
    with (
        serve_pages(tmp_path, agent, limits=Limits(gate.RateLimit(count=1, seconds=60))) as running,
        running.client() as http,
    ):
        page = begin(http, "uk")
        answer = post(http, page, text="привіт").text
        stopped = post(http, answer, text="ще раз")
        assert stopped.status_code == 429 and stopped.headers["retry-after"] == "60"
        assert (
            running.agent.nlg.catalogue.text("Too many messages at once. Please wait a minute.", "uk")[0]
            in stopped.text
        )
        assert ">ще раз</textarea>" in stopped.text
        assert post(http, page, text="привіт").status_code == 200, "a repeated page costs nothing"
        assert post(http, begin(http), text="hallo").status_code == 200, "others are not affected"
        assert post(http, answer, do="delete").status_code == 200, "deleting has its own allowance"


def test_a_foreign_signature_begins_anew(http: httpx.Client, agent: TopicAgent) -> None:
    mine, other = begin(http), begin(http)
    response = post(http, mine, s=hidden(other)["s"], text="hallo")
    assert response.status_code == 403
    assert ">hallo</textarea>" in response.text
    assert hidden(response.text)["c"] != hidden(mine)["c"]
    assert agent.messages == []
    assert post(http, response.text, text="hallo").status_code == 200


def test_a_token_of_the_web_channel_is_none_here(http: httpx.Client, agent: TopicAgent) -> None:
    page = begin(http)
    token = hmac.new(SECRET, f"token:web:{hidden(page)['c']}".encode(), hashlib.sha256).hexdigest()
    assert post(http, page, s=token, text="hallo").status_code == 403
    assert agent.messages == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://["])
def test_other_websites_may_not_post(http: httpx.Client, agent: TopicAgent, origin: str) -> None:
    page = begin(http)
    response = http.post("/m", data={**hidden(page), "text": "hallo"}, headers={"Origin": origin})
    assert response.status_code == 403 and "text/html" in response.headers["content-type"]
    assert agent.messages == []
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": ""}, 400),
        ({"text": " \u200f\x00 "}, 400),
        ({"choice": "/restart|x"}, 400),
        ({"choice": '/inform{"place": {"$ne": 1}}|x'}, 400),
        ({"choice": "|"}, 400),
        ({"id": "../../x", "text": "a"}, 403),
        ({"c": "ü" * 30, "text": "a"}, 403),
        ({"c": "a" * 5000, "text": "a"}, 403),
        ({"s": "\ud83d", "text": "a"}, 403),
        ({"text": "a" * 90_000}, 413),
    ],
)
def test_bad_input_is_a_page(http: httpx.Client, agent: TopicAgent, fields: dict[str, str], status: int) -> None:
    page = begin(http)
    body = urlencode({**hidden(page), **fields}, errors="surrogatepass")
    response = http.post("/m", content=body, headers={"Content-Type": FORM})
    assert response.status_code == status
    assert response.text.startswith("<!doctype html>") and 'role="alert"' in response.text
    assert agent.messages == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"\xff\xfe\x00", FORM, 403),
        (b"a=1&" * 500, FORM, 400),
        (b"--x", "multipart/form-data; boundary=x", 415),
    ],
)
def test_bad_bodies_are_pages(http: httpx.Client, body: bytes, kind: str, status: int) -> None:
    response = http.post("/m", content=body, headers={"Content-Type": kind})
    assert response.status_code == status and "<h1" in response.text


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("DELETE", 405), ("OPTIONS", 405), ("HEAD", 200)])
def test_methods(http: httpx.Client, method: str, status: int) -> None:
    response = http.request(method, "/m")
    assert response.status_code == status
    if method == "HEAD":
        assert response.content == b""
    else:
        assert "POST" in response.headers["allow"]


def test_what_lies_below_is_not_found(http: httpx.Client) -> None:
    assert http.get("/m/x").status_code == 404


def test_headers(http: httpx.Client) -> None:
    response = http.get("/m")
    policy = response.headers["content-security-policy"]
    assert "form-action 'self'" in policy and "unsafe" not in policy and "default-src 'self'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin", "with no-referrer browsers post an origin of null"
    style = http.get("/m.css")
    assert "max-age" in style.headers["cache-control"] and style.headers["content-type"].startswith("text/css")
    assert http.get("/m.css", headers={"If-None-Match": style.headers["etag"]}).status_code == 304


def test_the_language_of_the_browser(http: httpx.Client) -> None:
    page = http.get("/m", headers={"Accept-Language": "xx, de;q=0.3, fa-AF;q=0.8, ar;q=0"})
    assert '<html lang="fa" dir="rtl">' in page.text
    assert '<html lang="en" dir="ltr">' in http.get("/m", headers={"Accept-Language": ",;q=x"}).text


@pytest.mark.parametrize("language", SPOKEN)
def test_pages_are_small(http: httpx.Client, agent: TopicAgent, language: str) -> None:
    """Every topic with its cards in Leipzig, style included, before compression."""
    style = (HERE / "m.css").stat().st_size
    assert style <= 3 * 1024
    sizes = {"begin": len(begin(http, language).encode())}
    cards = 0
    for topic in agent.resources.knowledge.articles:
        page = begin(http, language, topic=topic, place="leipzig")
        response = post(http, page, choice=buttons(page, "choice")[0])
        assert response.status_code == 200
        sizes[topic] = len(response.content)
        cards = max(cards, response.text.count('class="card"'))
    assert cards == 3
    largest = max(sizes, key=sizes.__getitem__)
    assert sizes[largest] + style <= LARGEST, f"{largest}: {sizes[largest]}"


@pytest.mark.skipif(redis_server.programs() is None, reason="needs redis-server (deploy/debian-packages.txt)")
def test_a_form_sent_to_two_processes(agent: TopicAgent, tmp_path: Path) -> None:
    """The answers of both are in one Redis; the agent behind them is the same one here, as it takes long to make."""
    agent.reset()
    with (
        redis_server.running() as redis,
        serve_pages(tmp_path, agent, replays=SharedReplays(Shared.open(redis.url), SECRET)) as one,
        serve_pages(tmp_path, agent, replays=SharedReplays(Shared.open(redis.url), SECRET)) as other,
        one.client() as http,
        other.client() as elsewhere,
    ):
        fields = {**hidden(begin(http)), "text": "hallo"}
        with ThreadPoolExecutor(4) as pool:
            pages = list(pool.map(lambda n: (http, elsewhere)[n % 2].post("/m", data=fields), range(4)))
        assert {page.status_code for page in pages} == {200}
        assert all("hallo" in page.text for page in pages)
        assert len(agent.messages) == 1
        gone = elsewhere.post("/m", data={**fields, "do": "delete"})
        assert gone.status_code == 200 and "gelöscht" in gone.text
        http.post("/m", data=fields)
        assert [message.text for message in agent.messages] == ["hallo", "/delete_my_data", "hallo"]
