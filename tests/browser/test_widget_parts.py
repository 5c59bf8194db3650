"""The parts a widget loads when they are wanted, one by one: QR codes read by a scanner, paper, pictures, voices."""

from __future__ import annotations

import base64
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.waiting import until
from tests.fakes.web_server import RunningServer, serve

# A page of the site's own policy, without a widget.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self'"
BLANK = "<!doctype html><html lang=en><head><title>Parts</title></head><body><main>around</main></body></html>"
WORDS = {"copy": "Copy", "copied": "Copied.", "print": "Print", "save_picture": "Picture", "saved": "Saved.",
         "read_aloud": "Read", "stop_reading": "Stop"}  # fmt: skip
ARABIC = "اتصل على ٠ أو "
TIGRINYA = "ናይ ቋንቋ ትምህርቲ ኣበይ ኣሎ፧ "
# An answer in Arabic with a phone number, a German term and a link, put on the page with its buttons.
ANSWER = """async (words) => {
    const { h } = await import("/widget/replies.js");
    const { tools } = await import("/widget/tools.js");
    const bubble = h("div", { class: "bubble", lang: "ar", dir: "rtl" },
        h("p", { class: "text" }, h("span", { class: "sr" }, "Wegweiser: "), "اسأل عن (", h("span", { lang: "de", dir: "ltr" },
            "Integrationskurs"), ")."),
        h("ul", { class: "cards" }, h("li", { class: "card" }, h("h3", {}, h("bdi", {}, "Volkshochschule")),
            h("dl", {}, h("div", {}, h("dt", {}, "العنوان"), h("dd", {}, h("bdi", {}, "Löhrstraße 3, 04105 Leipzig")))),
            h("div", { class: "row" }, h("a", { class: "go", href: "tel:03411236000" }, "اتصال ", h("bdi", { dir: "ltr" }, "0341 1236000")),
                h("a", { class: "go", href: "https://www.vhs-leipzig.de/" }, "الموقع")))),
        h("div", { class: "row" }, h("button", {}, "زر")));
    document.body.append(bubble);
    bubble.append(h("details", { class: "keep", open: "open" }, h("summary", {}, "more"),
        tools({ text: "", language: "ar", dir: "rtl", words, element: bubble })));
}"""
# Voices that say nothing until the test ends an utterance.
VOICES = """
window.said = []; window.cancelled = 0;
window.voices = [{ lang: "ar_SA", localService: false, default: true }, { lang: "ar_SA", localService: true, default: false }];
window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
const synthesis = Object.assign(new EventTarget(), {
    getVoices: () => window.voices, cancel: () => { window.cancelled += 1; }, speak: (one) => window.said.push(one),
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: RunningServer) -> Iterator[Page]:
    """An empty page under the site's policy; fails on errors and on what the policy refuses."""
    context = chromium.new_context(viewport={"width": 360, "height": 640}, accept_downloads=True)
    context.add_init_script(VOICES)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
    opened.route("**/parts-test", lambda route: route.fulfill(body=BLANK, headers=headers))
    opened.goto(f"{server.url}/parts-test")
    yield opened
    assert problems == []
    context.close()


# --- QR codes --------------------------------------------------------------------------------------------------


def drawn(page: Page, payload: bytes, level: str | None = None) -> int:
    """Put the code of some bytes on the page, three pixels a module, and tell how many modules it has."""
    modules: int = page.evaluate(
        """async ([letters, level]) => {
            const { qrMatrix, qrImage } = await import("/widget/qr.js");
            const matrix = qrMatrix(Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0)), level || undefined);
            const image = qrImage(matrix, { card: "My card" });
            Object.assign(image.style, { display: "block", width: `${3 * (matrix.length + 8)}px` });
            document.body.replaceChildren(image);
            document.body.style.margin = "0";
            return matrix.length;
        }""",
        [base64.b64encode(payload).decode(), level],
    )
    return modules


def scanned(page: Page, tmp_path: Path) -> bytes:
    """What a scanner reads from the screen, byte by byte."""
    file = tmp_path / "code.png"
    page.locator("svg").screenshot(path=file)
    command = ["zbarimg", "--quiet", "--raw", "--oneshot", "-Sbinary", str(file)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).stdout


def payloads() -> list[bytes]:
    """Thirty of 1 to 1200 bytes: addresses, Arabic, Tigrinya and any bytes at all."""
    chance = random.Random(7)
    lengths = [1, 1200, *(chance.randint(2, 1199) for _ in range(28))]
    kinds = [
        lambda n: ("https://example.org/card#" + "Az09-_" * n).encode()[:n],
        lambda n: (ARABIC * n).encode()[: n // 2 * 2],
        lambda n: (TIGRINYA * n).encode()[:n],
        lambda n: chance.randbytes(n),
    ]
    return [kinds[index % 4](length) or b"\0" for index, length in enumerate(lengths)]


def test_a_scanner_reads_what_was_drawn(page: Page, tmp_path: Path) -> None:
    wrong = []
    for payload in payloads():
        drawn(page, payload)
        if scanned(page, tmp_path) != payload:
            wrong.append((len(payload), payload[:20]))
    assert wrong == []


@pytest.mark.parametrize(("level", "most"), [("M", 2331), ("L", 2953)])
def test_every_version_can_be_read(page: Page, tmp_path: Path, level: str, most: int) -> None:
    seen, length, wrong = set(), 1, []
    while len(seen) < 40 and length <= most:
        payload = random.Random(length).randbytes(length)
        modules = drawn(page, payload, level)
        if modules not in seen:
            seen.add(modules)
            if scanned(page, tmp_path) != payload:
                wrong.append((level, modules, length))
        length += 10 if length < 400 else 40
    largest = random.Random(1).randbytes(most)
    assert drawn(page, largest, level) == 177
    assert scanned(page, tmp_path) == largest
    seen.add(177)
    assert (seen, wrong) == (set(range(21, 178, 4)), [])


def test_level_l_makes_large_codes_coarser(page: Page) -> None:
    address = b"a" * 1000
    assert drawn(page, address) == drawn(page, address, "L") < drawn(page, address, "M")
    assert drawn(page, b"a" * 300) == drawn(page, b"a" * 300, "M")


def test_too_much_for_a_code(page: Page) -> None:
    error = page.evaluate(
        """async () => {
            const { qrMatrix } = await import("/widget/qr.js");
            try { qrMatrix(new Uint8Array(2954)); return "none"; } catch (problem) { return problem.name; }
        }"""
    )
    assert error == "RangeError"


def test_the_code_has_a_name(page: Page) -> None:
    drawn(page, b"hello")
    assert page.get_by_role("img", name="My card (QR)").count() == 1


# --- text, paper and pictures ----------------------------------------------------------------------------------


def test_the_text_of_a_bubble(page: Page) -> None:
    page.evaluate(ANSWER, WORDS)
    text = page.evaluate("""async () => (await import("/widget/tools.js")).plain(document.querySelector(".bubble"))""")
    assert text.split("\n") == [
        "اسأل عن (Integrationskurs).",
        "",
        "Volkshochschule",
        "العنوان: \u2068Löhrstraße 3, 04105 Leipzig\u2069",
        "اتصال \u20660341 1236000\u2069",
        "الموقع: \u2066https://www.vhs-leipzig.de/\u2069",
    ]


def test_a_browser_that_prints_the_page_around_shows_the_answer_alone(page: Page) -> None:
    page.evaluate(ANSWER, WORDS)
    page.evaluate(
        """new MutationObserver((rows) => rows.forEach((row) => row.addedNodes.forEach((node) => {
            if (node.tagName === "IFRAME") node.contentWindow.print = () => { window.printed = node; };
        }))).observe(document.body, { childList: true })"""
    )
    page.get_by_role("button", name="Print").click()
    until(page, "window.printed")
    inside = page.evaluate("[...window.printed.contentDocument.querySelectorAll('p')].map((p) => [p.dir, p.lang])")
    assert inside and all(pair == ["rtl", "ar"] for pair in inside)
    assert (
        page.evaluate("window.printed.contentWindow.getComputedStyle(window.printed.contentDocument.body).marginTop")
        == "0px"
    )
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "none"
    assert page.evaluate("getComputedStyle(window.printed).display") == "block"
    assert page.evaluate("getComputedStyle(window.printed).clipPath") == "none"
    assert page.evaluate("window.printed.clientHeight >= window.printed.contentDocument.documentElement.scrollHeight")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    until(page, "!document.querySelector('iframe')")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"


def pixels(page: Page, file: Path) -> dict[str, Any]:
    """Size of a picture, the colour of its corner, and how many dark pixels its halves have."""
    found: dict[str, Any] = page.evaluate(
        """async (letters) => {
            const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            const context = canvas.getContext("2d");
            context.drawImage(bitmap, 0, 0);
            const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
            const found = { width, height, corner: [...data.slice(0, 4)], left: 0, right: 0 };
            const top = height / 5; // the answer's first line
            for (let at = 0; at < width * top; at += 1) if (data[4 * at] < 100) found[at % width < width / 2 ? "left" : "right"] += 1;
            return found;
        }""",
        base64.b64encode(file.read_bytes()).decode(),
    )
    return found


def test_a_picture_of_an_arabic_answer_begins_on_the_right(page: Page, tmp_path: Path) -> None:
    page.evaluate(ANSWER, WORDS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture").click()
    file = tmp_path / "answer.png"
    download.value.save_as(file)
    found = pixels(page, file)
    assert found["width"] == 1080 and 400 < found["height"] < 2000
    assert found["corner"] == [255, 255, 255, 255]
    assert found["right"] > 200, "not blank"
    assert found["left"] < found["right"] / 2
    until(page, "document.querySelector('[role=status]').textContent === 'Saved.'")


def test_wrapping_keeps_numbers_together_and_breaks_long_words(page: Page) -> None:
    rows = page.evaluate(
        """async () => {
            const { wrapped } = await import("/widget/paper.js");
            const context = document.createElement("canvas").getContext("2d");
            context.font = "17px sans-serif";
            const text = "اسأل \\u2066Löhrstraße 112, 04105 Leipzig am Hauptbahnhof\\u2069 " + "x".repeat(90);
            return wrapped(context, text, "ar", 150).map((row) => [row, context.measureText(row).width]);
        }"""
    )
    assert len(rows) > 4
    assert [row for row, width in rows if width > 150] == []
    for row, _ in rows:
        assert row.count("\u2066") == row.count("\u2069"), "every line closes what it opens"
    joined = "".join(row.replace("\u2066", "").replace("\u2069", "").replace(" ", "") for row, _ in rows)
    assert joined == "اسألLöhrstraße112,04105LeipzigamHauptbahnhof" + "x" * 90


# --- reading aloud ---------------------------------------------------------------------------------------------


def reading(page: Page) -> Any:
    """The button, with the text under way."""
    page.evaluate(ANSWER, WORDS)
    button = page.get_by_role("button", name="Read")
    button.click()
    until(page, "window.said.length > 0")
    return page.locator("button.aloud")


def test_only_voices_of_the_device_read(page: Page) -> None:
    reading(page)
    assert page.evaluate("window.said.every((one) => one.voice.localService)")
    assert page.evaluate("window.said[0].lang") == "ar-SA"
    spoken = page.evaluate("window.said.map((one) => one.text).join(' ')")
    assert "https" not in spoken and "Volkshochschule" in spoken and "\u2066" not in spoken


def test_a_remote_voice_is_none(page: Page) -> None:
    page.evaluate("window.voices = [{ lang: 'ar-SA', localService: false }]")
    page.evaluate(ANSWER, WORDS)
    page.evaluate("speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    assert page.locator("button.aloud").count() == 0
    page.evaluate("window.voices = [{ lang: 'ar-SA', localService: true }]")
    page.evaluate("speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    assert page.locator("button.aloud").count() == 1


@pytest.mark.parametrize("event", ["end", "error"])
def test_the_button_is_itself_again_at_the_end(page: Page, event: str) -> None:
    button = reading(page)
    assert button.text_content() == "Stop"
    page.evaluate(f"window.said.at(-1).dispatchEvent(new Event('{event}'))")
    assert (button.text_content(), button.get_attribute("aria-pressed")) == ("Read", "false")


@pytest.mark.parametrize(
    "away",
    [
        "document.querySelector('.bubble').remove()",  # the conversation is deleted or left in a hurry
        "dispatchEvent(new Event('pagehide'))",
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' }); document.dispatchEvent(new Event('visibilitychange'))",
    ],
)
def test_silence_when_the_answer_is_gone(page: Page, away: str) -> None:
    reading(page)
    before = page.evaluate("window.cancelled")
    page.evaluate(away)
    until(page, "(before) => window.cancelled > before", arg=before)


def test_long_sentences_come_in_pieces(page: Page) -> None:
    pieces = page.evaluate(
        """async () => {
            const { sentences } = await import("/widget/speech.js");
            return sentences("One. Two! " + "word ".repeat(100) + ". " + "x".repeat(400) + " … ", "en");
        }"""
    )
    assert pieces[:2] == ["One.", "Two!"]
    assert max(map(len, pieces)) <= 180
    assert sum(piece.count("word") for piece in pieces) == 100
    assert sum(piece.count("x") for piece in pieces) == 400
