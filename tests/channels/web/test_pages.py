"""The topic pages, safe use and accessibility over real HTTP, from the real articles, directory and catalogue."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from actions.directory.hours import BERLIN
from actions.knowledge.model import STATUSES
from bot.channels.web.pages.links import linked, mail, phones, tel, web, written
from bot.channels.web.pages.topics import HEADINGS
from bot.speech.topic_page import CRISIS, TopicPage, og_locale
from bot.wiring import DISCREET, topic_pages
from tests.fakes.page_server import NOW, SPOKEN, PageServer, TopicAgent, serve_pages

PUBLIC = "https://wegweiser.example"
VOID = {"meta", "link", "input", "br"}


@pytest.fixture(scope="module")
def agent() -> TopicAgent:
    return TopicAgent()


@pytest.fixture(scope="module")
def server(agent: TopicAgent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with serve_pages(tmp_path_factory.mktemp("pages"), agent, public_url=PUBLIC) as running:
        yield running


@pytest.fixture
def http(server: PageServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def write(agent: TopicAgent, topic: str, language: str = "en", typed: str = "") -> TopicPage:
    page = asyncio.run(topic_pages(agent).page(topic, language, typed))
    assert page is not None
    return page


def said(page: TopicPage) -> list[str]:
    return [line.text for section in [*page.sections, page.simple] if section for line in section.lines]


class Balanced(HTMLParser):
    """Fails on a tag that is closed in the wrong place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} has an attribute twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"{tag} in {self.open}"


@pytest.mark.parametrize("language", SPOKEN)
def test_every_topic_in_every_language(http: httpx.Client, agent: TopicAgent, language: str) -> None:
    direction = "rtl" if language in ("ar", "fa", "ps") else "ltr"
    for topic, article in agent.resources.knowledge.articles.items():
        response = http.get(f"/t/{topic}", params={"lang": language, "place": "leipzig"})
        assert response.status_code == 200
        text = response.text
        assert f'<html lang="{language}" dir="{direction}">' in text
        title, found = agent.nlg.catalogue.text(article.title, language)
        assert found == language
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", text)
        assert heading is not None and re.sub(r"[\u2066\u2069]", "", heading[1]) == _escaped(title)
        assert text.count('class="card"') >= 1
        assert text.count("<li>") >= len(article.parts["summary"])
        assert "{" not in re.sub(r'value="[^"]*"', "", text), "everything is filled in"
        parser = Balanced()
        parser.feed(text)
        assert parser.open == []


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")


def test_an_easy_box_and_the_parts_under_their_headings(http: httpx.Client) -> None:
    text = http.get("/t/german_course?lang=en&place=leipzig").text
    assert 'class="easy"' in text and "In simple words" in text
    order = ["The most important", "In simple words", "Who is it for?", "What does it cost?", "What do I have to do?"]
    assert [text.index(heading) for heading in order] == sorted(text.index(heading) for heading in order)
    assert "(for: Recognised refugee)" in text
    assert "Places that help in Leipzig" in text
    assert 'href="/?lang=en&amp;topic=german_course&amp;place=leipzig"' in text
    assert 'href="/m?lang=en&amp;topic=german_course&amp;place=leipzig"' in text
    assert 'href="/t/literacy_course?lang=en&amp;place=leipzig"' in text
    assert "This is information, not legal advice." in text
    assert re.search(r'<li><a href="https://[^"]+" rel="noreferrer" dir="ltr">[\w.-]+</a>\s+· [\w ,]*20\d\d', text)
    assert "undated" not in text


def test_every_part_has_a_heading(agent: TopicAgent) -> None:
    used = {part for article in agent.resources.knowledge.articles.values() for part in article.parts}
    assert used <= set(HEADINGS)


def test_local_sentences_only_with_their_place(agent: TopicAgent) -> None:
    article = agent.resources.knowledge.articles["german_course"]
    local = [s for s in article.parts["cost"] if s.area == "Dresden"]
    assert local
    assert local[0].text not in said(write(agent, "german_course"))
    assert local[0].text not in said(write(agent, "german_course", typed="Leipzig"))
    assert local[0].text in said(write(agent, "german_course", typed="Dresden"))


def test_the_page_says_what_the_assistant_says(agent: TopicAgent) -> None:
    """No sentence that a conversation would not say, none withdrawn, each marked with whom it is for."""
    for topic, article in agent.resources.knowledge.articles.items():
        page = write(agent, topic)
        allowed = {s.text: s for name in HEADINGS for s in article.part(name)}
        allowed |= {s.text: s for s in article.easy()}
        assert set(said(page)) == set(allowed)
        for section in [*page.sections, page.simple]:
            for line in section.lines if section else ():
                assert bool(line.statuses) is bool(allowed[line.text].statuses), line


def test_every_status_has_a_name(agent: TopicAgent) -> None:
    pages = topic_pages(agent)
    assert set(STATUSES) == set(pages.rules.statuses)


def test_what_has_expired_is_owned_up_to(agent: TopicAgent) -> None:
    dated = [
        (topic, statement.expires)
        for topic, article in agent.resources.knowledge.articles.items()
        for statement in article.part("summary") + article.part("cost")
        if statement.expires
    ]
    topic, last = dated[0]
    day = datetime.fromisoformat(last).replace(hour=12, tzinfo=BERLIN)
    try:
        agent.resources.clock = lambda: day
        before = [section.note for section in write(agent, topic).sections]
        agent.resources.clock = lambda: day + timedelta(days=1)
        after = [section.note for section in write(agent, topic).sections]
    finally:
        agent.resources.clock = lambda: NOW
    assert len([note for note in after if note]) > len([note for note in before if note])
    assert any("was sure only until" in note and str(day.year) in note for note in after)


def test_records_half_believed_give_no_number(agent: TopicAgent) -> None:
    """Low confidence: the name and the website, nothing that can be dialled; and never before a sure one."""
    low = {s.id for s in agent.resources.directory.services.values() if s.confidence == "low"}
    assert low
    seen = [card for topic in agent.resources.knowledge.articles for card in write(agent, topic, typed="Leipzig").cards]
    assert all(not (card.phone or card.email or card.hours) for card in seen if card.id in low)


@pytest.mark.parametrize("language", [code for code in SPOKEN if code != "en"])
def test_a_draft_says_so(http: httpx.Client, agent: TopicAgent, language: str) -> None:
    text = http.get(f"/t/doctor?lang={language}").text
    note, _ = agent.nlg.catalogue.text(agent.nlg.responses["utter_draft"][0]["text"], language)
    assert (note in text) is (language in agent.resources.drafts)
    if language in agent.resources.drafts:
        assert '<a href="/t/doctor?lang=de" hreflang="de">' in text


def test_a_sentence_without_translation_is_marked(agent: TopicAgent) -> None:
    article = agent.resources.knowledge.articles["doctor"]
    msgid = article.parts["summary"][0].text
    kept = agent.nlg.catalogue._texts["ar"].pop(msgid)
    try:
        page = write(agent, "doctor", "ar")
    finally:
        agent.nlg.catalogue._texts["ar"][msgid] = kept
    line = page.sections[0].lines[0]
    assert (line.language, line.dir) == ("en", "ltr")
    assert page.sections[0].lines[1].language == "ar"
    assert len(page.notes) == 1


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("leipzig", "leipzig"), ("Leipzig ", "leipzig"), ("LEIPZIG", "leipzig"), ("04109", "leipzig"),
        ("04109 Leipzig", "leipzig"), ("لايبزيغ", "leipzig"), ("Лейпциг", "leipzig"), ("Leipzig, Sachsen", "leipzig"),
        ("Pirna", "pirna"), ("landkreis-goerlitz", "landkreis-goerlitz"),
    ],
)  # fmt: skip
def test_towns_as_they_are_typed(http: httpx.Client, typed: str, place: str) -> None:
    text = http.get("/t/doctor", params={"lang": "de", "place": typed}).text
    assert f"place={place}&" in text.replace('"', "&") or f"place={place}" in text
    assert "Wir kennen diesen Ort nicht" not in text


@pytest.mark.parametrize(
    "typed", ["Atlantis", "99999", "12345", "deutschland", "<script>alert(1)</script>", "x" * 5000, "\x00"]
)
def test_unknown_towns(http: httpx.Client, agent: TopicAgent, typed: str) -> None:
    response = http.get("/t/doctor", params={"lang": "de", "place": typed})
    assert response.status_code == 200
    words = "We do not know this town. Please write it another way, or the postal code."
    assert agent.nlg.catalogue.text(words, "de")[0] in response.text
    assert "<script" not in response.text
    assert 'class="card"' in response.text, "what helps everywhere is shown"


def test_a_name_of_several_towns_offers_the_others(http: httpx.Client) -> None:
    text = http.get("/t/doctor?lang=de&place=Neustadt").text
    assert "Neustadt in Sachsen" in text
    assert re.search(r'href="/t/doctor\?lang=de&amp;place=neustadt-vogtland#places">Neustadt/Vogtland<', text)


def test_where_nothing_helps_counselling_does(agent: TopicAgent) -> None:
    page = write(agent, "driving_licence", typed="Leipzig")
    assert page.elsewhere == agent.resources.knowledge.articles["migration_counselling"].title
    assert page.cards


@pytest.mark.parametrize("topic", sorted(CRISIS))
@pytest.mark.parametrize("language", ["de", "ar"])
def test_in_danger_the_numbers_come_first(http: httpx.Client, topic: str, language: str) -> None:
    text = http.get(f"/t/{topic}?lang={language}").text
    main = text[text.index("<h1") :]
    first = re.search(r'href="tel:(\d+)"', main)
    assert first is not None and first[1] in ("110", "112")
    assert first.start() < main.index("<h2>")
    cards = main[main.index('id="places"') : main.index("<form")]
    shown = cards.split('class="card"')[1:]
    assert shown and all('<a href="tel:' in card for card in shown)


def test_open_graph_and_languages(http: httpx.Client) -> None:
    text = http.get("/t/doctor?lang=ar&place=leipzig").text
    assert f'<link rel="canonical" href="{PUBLIC}/t/doctor?lang=ar">' in text
    found = dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', text))
    assert found == {code: f"{PUBLIC}/t/doctor?lang={code}" for code in SPOKEN} | {"x-default": f"{PUBLIC}/t/doctor"}
    graph = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', text))
    assert graph["type"] == "article" and graph["locale"] == "ar_EG" and graph["url"] == f"{PUBLIC}/t/doctor?lang=ar"
    described = re.search(r'<meta name="description" content="([^"]+)">', text)
    assert described is not None and described[1] == graph["description"] and 20 < len(described[1]) <= 260
    menu = re.findall(r'<a href="/t/doctor\?lang=(\w+)&amp;place=leipzig" lang="(\w+)"', text)
    assert menu == [(code, code) for code in SPOKEN]


def test_without_a_public_address_there_is_no_og_url(agent: TopicAgent, tmp_path: Path) -> None:
    with serve_pages(tmp_path, agent) as running:
        text = httpx.get(f"{running.url}/t/doctor?lang=de").text
    assert "og:url" not in text and "og:title" in text
    assert '<link rel="canonical" href="/t/doctor?lang=de">' in text


def test_locales() -> None:
    found = {code: og_locale(code) for code in SPOKEN}
    assert all(re.fullmatch(r"[a-z]{2}_[A-Z]{2}", locale) for locale in found.values()), found
    assert found["de"] == "de_DE"


def test_a_page_on_violence_has_a_neutral_title(http: httpx.Client, agent: TopicAgent) -> None:
    for topic in agent.resources.knowledge.articles:
        title = re.search(r"<title>(.*?)</title>", http.get(f"/t/{topic}?lang=de").text)
        assert title is not None
        assert (title[1] == "Wegweiser") is (topic in DISCREET)


def test_all_topics(http: httpx.Client, agent: TopicAgent) -> None:
    response = http.get("/t?lang=uk")
    topics = re.findall(r'href="/t/(\w+)\?lang=uk"', response.text)
    assert sorted(topics) == sorted(agent.resources.knowledge.articles)
    assert response.text.count('<ul class="area">') == 9


@pytest.mark.parametrize("path", ["/t/nothing", "/t/../x", "/t/doctor/x", "/t/%3Cb%3E", "/t/" + "x" * 3000])
def test_an_unknown_topic_lists_all(http: httpx.Client, path: str) -> None:
    response = http.get(path + "?lang=de")
    assert response.status_code == 404
    if path != "/t/../x":
        assert response.text.count('href="/t/') >= 60 and "<b>/" not in response.text
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/t", "/t/doctor", "/safe", "/accessibility"])
def test_caching_methods_and_headers(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.headers["cache-control"] == "public, max-age=300"
    assert {"Accept-Encoding", "Accept-Language"} <= {name.strip() for name in response.headers["vary"].split(",")}
    assert "form-action 'self'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers and "<script" not in response.text and "style=" not in response.text
    head = http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    again = http.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = http.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.text == response.text and plain.headers["etag"] != response.headers["etag"]
    assert http.post(path, data={"a": "b"}).status_code == 405
    assert http.options(path).status_code == 405
    for link in ('href="tel:112"', 'href="tel:110"', 'href="https://www.dwd.de/" rel="noreferrer"'):
        assert link in response.text


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("?lang=fr", "de", "fr"),
        ("?lang=xx", "tr,de", "tr"),
        ("", "pl,ru;q=0.5", "ru"),
        ("", "", "en"),
        ("?lang=", "zz", "en"),
    ],
)
def test_the_language_of_a_page(http: httpx.Client, query: str, header: str, language: str) -> None:
    text = http.get("/t/doctor" + query, headers={"Accept-Language": header}).text
    assert f'<html lang="{language}"' in text


@pytest.mark.parametrize("language", SPOKEN)
def test_safe_use(http: httpx.Client, agent: TopicAgent, language: str) -> None:
    text = http.get(f"/safe?lang={language}").text
    assert "<title>Wegweiser</title>" in text
    for name in ("{leave}", "{delete}", "{time}"):
        assert name not in text
    for msgid in ("Leave quickly", "Delete this conversation"):
        assert _escaped(agent.nlg.catalogue.text(msgid, language)[0]) in text[text.index("<ul") :]
    for topic in ("domestic_violence", "forced_marriage_trafficking"):
        assert f'href="/t/{topic}?lang={language}"' in text
    assert "/hide" not in text, "there is no Telegram here"


def test_accessibility_is_honest_and_leaves_blanks(http: httpx.Client) -> None:
    text = http.get("/accessibility?lang=ar").text
    german, english = text[text.index('<section id="de" lang="de"') :].split('<section id="en" lang="en"')
    for part, words in (
        (
            german,
            (
                "teilweise vereinbar",
                "EN 301 549",
                "BITV 2.0",
                "12b",
                "Selbstbewertung",
                "keinem wirklichen Screenreader",
            ),
        ),
        (english, ("partly compatible", "EN 301 549", "BITV 2.0", "12b", "self-assessment", "real screen reader")),
    ):
        for word in words:
            assert word in part, word
        assert len(re.findall(r"<b>\[[^\]]+\]</b>", part)) == 12
        assert not re.search(r"mailto:|tel:\d{4}|@", part)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Call 112 now.", ["tel:112"]),
        ("It costs 112 euros: €112, § 110, 110,50, 112 EUR", []),
        ("116 117, 116117 or 0341 123-4567", ["tel:116117", "tel:116117", "tel:03411234567"]),
        ("+49 (0)341 123456", ["tel:+49341123456"]),
        ("See https://a.example/x?y=1. Or javascript:alert(1)", ["https://a.example/x?y=1"]),
        ("Straße 5, 04109 Leipzig, 2026", []),
        ('<b>https://a.example/"onclick=x</b>', ["https://a.example/"]),
    ],
)
def test_links_in_text(text: str, links: list[str]) -> None:
    assert re.findall(r'href="([^"]*)"', linked(text)) == links
    assert "<b>" not in linked(text)


def test_german_words_are_marked() -> None:
    marked = str(written("Ask the office (\u2066Sozialamt\u2069), § 3 (2026).", "ar"))
    assert marked == 'Ask the office (<span lang="de" dir="ltr">\u2066Sozialamt\u2069</span>), § 3 (2026).'
    assert "<span" not in written("Das Amt (Sozialamt)", "de")


def test_addresses() -> None:
    assert [web(url) for url in ("javascript:alert(1)", "data:x", "http://[", "//x", "https:")] == [""] * 5
    assert web("https://a.example/") == "https://a.example/"
    assert tel("+49 (0) 341/12 34") == "tel:+493411234"
    assert phones("0341 1; 0341 2, or none") == ["0341 1", "0341 2"]
    assert mail('a b"@x.example') == "mailto:a%20b%22@x.example"
