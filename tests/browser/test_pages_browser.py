"""The light version without a script, the topic pages on a small phone and on paper, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from bot.channels.gate import RateLimit
from bot.channels.web.limits import Limits
from tests.fakes.page_server import SPOKEN, PageServer, TopicAgent, serve_pages

SMALL_PHONE: ViewportSize = {"width": 320, "height": 568}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with serve_pages(tmp_path_factory.mktemp("pages"), TopicAgent(), limits=Limits(RateLimit(count=10_000))) as running:
        yield running


@pytest.fixture(scope="module")
def context(chromium: Browser, server: PageServer) -> Iterator[BrowserContext]:
    """A phone without JavaScript."""
    opened = chromium.new_context(base_url=server.url, viewport=SMALL_PHONE, java_script_enabled=False, locale="en-GB")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: PageServer) -> Iterator[Page]:
    """A fresh page that asks nobody but the server and sets no cookie."""
    server.agent.reset()
    opened = context.new_page()
    foreign: list[str] = []
    opened.on("request", lambda request: None if request.url.startswith(server.url) else foreign.append(request.url))
    yield opened
    assert foreign == []
    assert context.cookies() == []
    opened.close()


def fits(page: Page) -> bool:
    """Whether nothing scrolls sideways; asked of the layout, as scripts of the page are off."""
    size = page.context.new_cdp_session(page).send("Page.getLayoutMetrics")["cssContentSize"]
    return bool(size["width"] <= SMALL_PHONE["width"])


@pytest.mark.parametrize(
    ("language", "direction", "question"),
    [("ar", "rtl", "أين أتعلم الألمانية؟"), ("de", "ltr", "Wo lerne ich Deutsch?")],
)
def test_a_conversation_without_a_script(
    page: Page, server: PageServer, language: str, direction: str, question: str
) -> None:
    page.goto(f"/m?lang={language}&topic=doctor&place=leipzig")
    assert page.title() == "Wegweiser"
    assert page.locator("html").get_attribute("dir") == direction
    page.locator("button[name=choice]").click()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("article")).to_have_attribute("dir", direction)
    assert page.url == f"{server.url}/m", "nothing of it in the address"
    assert fits(page)
    page.locator("button[name=choice]").first.click()
    assert server.agent.messages[-1].parse_data["intent"]["name"] == "ask_cost"
    page.locator("textarea").fill(question)
    page.locator("form", has=page.locator("textarea")).locator("button").click()
    expect(page.locator(".mine")).to_contain_text(question)
    asked = len(server.agent.messages)
    page.reload()
    expect(page.locator(".mine")).to_contain_text(question)
    assert len(server.agent.messages) == asked, "reloading the answer asks nobody"
    page.locator("button[name=do]").click()
    assert server.agent.messages[-1].parse_data["intent"]["name"] == "delete_my_data"
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(question)


def test_answers_are_not_kept_on_the_phone(page: Page, server: PageServer) -> None:
    page.goto("/m?lang=de&place=leipzig")
    page.locator("button[name=choice]").nth(0).click()
    page.locator("button[name=choice]").nth(1).click()
    expect(page.locator(".mine")).to_be_visible()
    # Whoever presses Back is asked whether the form is to be sent again, which asks the assistant nothing.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    assert len(server.agent.messages) == 2


def test_another_language(page: Page, server: PageServer) -> None:
    page.goto("/m?lang=de")
    page.get_by_role("link", name="Українська").click()
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    page.locator("button[name=choice]").first.click()
    page.get_by_role("button", name="فارسی / دری").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert server.agent.messages[-1].parse_data["entities"][0]["value"] == "fa"


def test_the_keyboard_alone(page: Page) -> None:
    page.goto("/m?lang=en")
    page.locator("textarea").focus()
    page.keyboard.type("Where can I learn German?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()


@pytest.mark.parametrize("language", SPOKEN)
def test_a_topic_fits_a_small_phone(page: Page, language: str) -> None:
    for path in ("/t/german_course", "/t/domestic_violence", "/t", "/safe", "/accessibility", "/m"):
        place = "&place=leipzig" if path.startswith("/t/") else ""
        page.goto(f"{path}?lang={language}{place}")
        assert fits(page), path


def test_the_town_form(page: Page) -> None:
    page.goto("/t/doctor?lang=en")
    page.get_by_label("Town or postal code").fill("04109")
    page.get_by_role("button", name="Show places").click()
    expect(page.get_by_role("heading", name="Places that help in Leipzig")).to_be_visible()
    assert page.url.endswith("/t/doctor?lang=en&place=04109#places")
    page.get_by_role("link", name="Ask your own question ·").click()
    expect(page.locator("button[name=choice]")).to_have_count(1)


def test_on_paper(page: Page) -> None:
    page.goto("/t/doctor?lang=de&place=leipzig")
    form, source = page.locator("form"), page.locator("section.soft li a").first
    expect(form).to_be_visible()
    page.emulate_media(media="print")
    expect(form).to_be_hidden()
    for gone in page.locator("nav, header, .ask").all():
        expect(gone).to_be_hidden()
    expect(page.locator(".card").first).to_be_visible()
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "section.soft li a"})["nodeId"]
    after = session.send("DOM.describeNode", {"nodeId": node})["node"]["pseudoElements"]
    assert [row["pseudoType"] for row in after] == ["after"], "the address stands behind the link"
    assert (source.get_attribute("href") or "").startswith("https://")


PAGES = ["/m", "/t", "/t/german_course?place=leipzig", "/t/emergency_medical", "/safe"]


@pytest.mark.parametrize(
    ("path", "language"),
    [*((path, code) for path in PAGES for code in ("de", "ar")), *((PAGES[2], code) for code in SPOKEN)],
)
def test_axe_finds_nothing_on_the_pages(chromium: Browser, server: PageServer, path: str, language: str) -> None:
    faultless(chromium, f"{server.url}{path}{'&' if '?' in path else '?'}lang={language}")


@pytest.mark.parametrize("path", ["/accessibility", "/t/nothing"])
@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_axe_finds_nothing_on_other_pages_and_in_other_looks(
    chromium: Browser, server: PageServer, path: str, look: dict[str, str]
) -> None:
    faultless(chromium, f"{server.url}{path}?lang=de", **look)
    faultless(chromium, f"{server.url}/t/find_housing?lang=ar&place=dresden", **look)


def test_axe_finds_nothing_in_an_answer(chromium: Browser, server: PageServer) -> None:
    server.agent.reset()
    context = chromium.new_context(viewport=SMALL_PHONE)
    opened = context.new_page()
    opened.goto(f"{server.url}/m?lang=ar&topic=german_course&place=leipzig")
    opened.locator("button[name=choice]").click()
    expect(opened.locator(".card").first).to_be_visible()
    assert violations(opened) == []
    context.close()


def faultless(chromium: Browser, url: str, **look: str) -> None:
    context = chromium.new_context(viewport=SMALL_PHONE, **look)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto(url)
    assert violations(opened) == []
    context.close()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds, of WCAG up to 2.2 AA and of good practice."""
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=rules).response["violations"]
    return [(row["id"], node["target"]) for row in found for node in row["nodes"]]
