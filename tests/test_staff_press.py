"""Posters in a process of their own: what comes out, what is refused, and that no secret goes in."""

from __future__ import annotations

import dataclasses
import subprocess
from typing import Any

import pytest

from bot import staff_press
from bot.settings import Settings
from bot.staff_press import PressRefused, printed

SETTINGS = dataclasses.replace(Settings(), public_url="https://w.example", telegram_name="WegweiserBot")
ORDER: dict[str, Any] = {
    "site": "vhs-leipzig",
    "languages": ("ar", "de"),
    "format": "a6",
    "topics": ("german_course",),
    "channel": "both",
    "campaign": "test-druck",
}


def test_a_poster_as_pdf_and_as_page() -> None:
    assert printed(SETTINGS, "pdf", ORDER).startswith(b"%PDF-")
    page = printed(SETTINGS, "html", ORDER).decode("utf-8")
    assert "<svg" in page and "<script" not in page


@pytest.mark.parametrize(("change", "said"), [({"site": "nowhere"}, "Standort"), ({"languages": ()}, "Sprache")])
def test_what_cannot_be_printed_is_said_in_german(change: dict[str, Any], said: str) -> None:
    with pytest.raises(PressRefused, match=said):
        printed(SETTINGS, "pdf", {**ORDER, **change})


def test_the_press_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append((options["input"], options["env"]))
        return subprocess.CompletedProcess(command, 1, b"", b"trace")

    monkeypatch.setenv("WEGWEISER_SECRET", "a very secret secret")
    monkeypatch.setattr(staff_press.subprocess, "run", run)
    with pytest.raises(RuntimeError) as caught:
        printed(dataclasses.replace(SETTINGS, secret="a very secret secret"), "pdf", ORDER)
    assert "trace" not in str(caught.value)
    given, environment = seen[0]
    assert b"secret" not in given
    assert not [key for key in environment if key.startswith("WEGWEISER_")]


def test_a_press_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_press, "_PATIENCE", 0.01)
    with pytest.raises(PressRefused, match="viel zu tun"):
        printed(SETTINGS, "pdf", ORDER)
