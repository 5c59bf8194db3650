"""`wegweiser serve` as people run it: a real process, real HTTP, the real page in Debian's Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.settings import ROOT

CHROMIUM = Path("/usr/bin/chromium")
SLEEP_AR = "لا أستطيع النوم منذ الحرب، أسكن قرب كيمنتس"
OPEN_AR = "هل هو مفتوح الآن؟"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("serve")
    env = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    env |= {"WEGWEISER_PORT": str(port), "WEGWEISER_DATA_DIR": str(folder / "var"), "WEGWEISER_LOG_LEVEL": "DEBUG"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx.get(f"{address}/health", timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.3)
        else:
            pytest.fail((folder / "log").read_text(errors="replace")[-3000:])
        yield address, folder, process
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def ask(address: str, session: dict, text: str, number: int) -> dict:
    headers = {"Authorization": f"Bearer {session['token']}"}
    body = {"conversation": session["conversation"], "id": f"m{number}", "text": text}
    answer = httpx.post(f"{address}/api/v1/messages", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["replies"][0]


def test_page_and_health(server):
    address, _, _ = server
    page = httpx.get(f"{address}/")
    assert page.status_code == 200 and "wegweiser-chat" in page.text
    assert httpx.head(f"{address}/").status_code == 200
    assert httpx.get(f"{address}/health").json() == {"status": "ok"}
    assert httpx.get(f"{address}/widget.js").headers["content-type"].startswith("text/javascript")


def test_rasas_own_interfaces_are_closed(server):
    address, _, _ = server
    for path in ("/model", "/conversations/x/tracker", "/webhooks/rest/webhook", "/status", "/domain"):
        assert httpx.get(f"{address}{path}").status_code == 404
    assert httpx.post(f"{address}/webhooks/rest/webhook", json={"sender": "x", "message": "hi"}).status_code == 404


def test_arabic_question_and_follow_up_over_http(server):
    address, folder, _ = server
    session = httpx.post(f"{address}/api/v1/conversations", json={}).json()
    first = ask(address, session, SLEEP_AR, 1)
    assert first["language"] == "ar" and first["dir"] == "rtl"
    centre = {card["id"]: card for card in first["cards"]}["psz-chemnitz"]
    assert centre["checked"] or centre["note"]
    assert first["sources"]
    second = ask(address, session, OPEN_AR, 2)
    assert second["language"] == "ar" and second["part"] == "hours"
    assert second["cards"][0]["id"] == first["cards"][0]["id"]
    written = b"".join(p.read_bytes() for p in (folder / "var").iterdir()) + (folder / "log").read_bytes()
    assert SLEEP_AR.encode() not in written and OPEN_AR.encode() not in written
    assert session["conversation"].encode() not in written


def test_our_directory_is_served_as_hsds(server):
    address, _, _ = server
    page = httpx.get(f"{address}/hsds/services", params={"per_page": 2, "full": "true"}).json()
    assert page["total_items"] > 400 and len(page["contents"]) == 2
    assert httpx.get(f"{address}/hsds/services/{page['contents'][0]['id']}").json()["name"]


def test_arabic_question_in_the_page(server, tmp_path):
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: `make system` installs it")
        pytest.skip("chromium is missing: `make system` installs it")
    from playwright.sync_api import expect, sync_playwright

    address, _, _ = server
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 360, "height": 740}, locale="ar")
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/")
        box = page.get_by_role("textbox")
        box.fill(SLEEP_AR)
        box.press("Enter")
        expect(page.get_by_text("PSZ", exact=False).first).to_be_visible(timeout=30_000)
        page.screenshot(path=str(tmp_path / "arabic.png"))
        box.fill(OPEN_AR)
        box.press("Enter")
        expect(page.get_by_role("log").locator("[lang=ar]").last).to_be_visible(timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert not faults
        browser.close()
