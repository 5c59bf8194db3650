"""Waiting for a page under our Content-Security-Policy, which forbids the eval that Playwright's own waiting needs."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

SECONDS = 30.0


def until(page: Page, expression: str, arg: Any = None) -> None:
    """Until a JavaScript expression, or a function of `arg`, is true in the page."""
    end = time.monotonic() + SECONDS
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"did not become true: {expression}"
        page.wait_for_timeout(20)
