"""A Chromium for each file: Playwright keeps an event loop running, which other tests would stumble over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; skipped where there is none, which CI must not do."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("chromium is missing: `make system` installs it")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=options)
        yield browser
        browser.close()
