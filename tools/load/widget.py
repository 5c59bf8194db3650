"""`make bench`: how long until one can type into the widget on a slow connection, beside a page that needs nothing.

A real Chromium on loopback, slowed down by the DevTools protocol to 400 kbit/s and 400 ms a round trip (WebPageTest's
"Slow 3G") and to a quarter of its processor. Time counts from the end of the HTML to a visible, empty field; the
baseline is the same page with a module of one line.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot import rasa_compat  # noqa: E402

rasa_compat.install()

from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from bot.languages import offered  # noqa: E402
from bot.speech.catalogue import Catalogue  # noqa: E402
from bot.speech.interface import InterfaceTexts  # noqa: E402
from tests.fakes.web_server import serve  # noqa: E402

NETWORK = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER = 4
SEEN = """
const look = () => {
    const field = document.querySelector("wegweiser-chat")?.shadowRoot?.querySelector("textarea");
    if (field && field.checkVisibility()) window.usable = performance.now();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
WAITED = "window.usable - performance.getEntriesByType('navigation')[0].responseEnd"
NOTHING = """
customElements.define("wegweiser-chat", class extends HTMLElement {
    connectedCallback() { this.attachShadow({ mode: "open" }).append(document.createElement("textarea")); }
});
"""


def milliseconds(browser: Browser, url: str, language: str, nothing: bool) -> float:
    """One first visit with an empty cache."""
    context = browser.new_context(locale=language, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.add_init_script(SEEN)
    if nothing:
        page.route("**/widget.js", lambda route: route.fulfill(body=NOTHING, content_type="text/javascript"))
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="commit")
    page.locator("wegweiser-chat textarea").wait_for(timeout=60_000)
    while not page.evaluate("Boolean(window.usable)"):  # the policy forbids to wait for a function
        page.wait_for_timeout(20)
    found = float(page.evaluate(WAITED))
    context.close()
    return found


def main() -> int:
    """Medians of some first visits in a few languages, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--json", default="")
    given = parser.parse_args()
    texts = InterfaceTexts(Catalogue.load(ROOT / "locales"))
    rows: dict[str, Any] = {}
    with serve(languages=offered(), words=texts.web) as server, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        for language, nothing in (("en", True), ("en", False), ("ar", False), ("ti", False)):
            runs = [milliseconds(browser, server.url, language, nothing) for _ in range(given.visits)]
            rows["nothing" if nothing else language] = round(statistics.median(runs))
        browser.close()
    rows["ratio"] = round(rows["en"] / rows["nothing"], 2)
    print(json.dumps({"until one can type, ms": rows}))
    if given.json:
        Path(given.json).parent.mkdir(parents=True, exist_ok=True)
        Path(given.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
