"""What the first use of the widget weighs on the wire, in every language; and that its JavaScript type-checks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.languages import languages, offered
from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
from bot.speech.interface import InterfaceTexts
from tests.fakes.web_server import RunningServer, serve

FOLDER = ROOT / "bot" / "channels" / "web" / "widget"
LANGUAGES = {code: item for code, item in languages().items() if item.trained}
MOST = 25_000
TSC = shutil.which("tsc")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(languages=offered(), words=InterfaceTexts(Catalogue.load(ROOT / "locales")).web) as running:
        yield running


def weight(url: str) -> int:
    """Bytes of the body as it travels."""
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}, trust_env=False) as answer:
        assert answer.status_code == 200
        assert answer.headers.get("content-encoding") == "gzip", url
        return len(b"".join(answer.iter_raw()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_use_stays_small(server: RunningServer, language: str) -> None:
    parts = ["widget.js", "widget/replies.js", f"api/v1/strings?lang={language}"]
    sizes = {part: weight(f"{server.url}/{part}") for part in parts}
    assert sum(sizes.values()) <= MOST, sizes


def test_the_first_words_are_in_the_module_in_every_language(server: RunningServer) -> None:
    line = next(
        row for row in httpx.get(f"{server.url}/widget.js").text.split("\n") if row.startswith("const FIRST = ")
    )
    first = json.loads(line.removeprefix("const FIRST = ").removesuffix(";"))
    assert set(first) == set(LANGUAGES)
    for code, words in first.items():
        assert (words["language"], words["dir"]) == (code, LANGUAGES[code].direction)
        assert words["strings"]["message"] and words["strings"]["send"]


def test_the_javascript_type_checks() -> None:
    if TSC is None and not os.environ.get("CI"):
        pytest.skip("tsc is missing: `make system` installs it")
    assert TSC is not None, "tsc is missing and CI must not skip: run `make system`"
    done = subprocess.run([TSC, "-p", str(FOLDER)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_there_is_no_way_to_markup_from_text() -> None:
    sources = {
        path.name: path.read_text("utf-8") for path in [*FOLDER.glob("*.js"), *Path(FOLDER / "parts").glob("*.js")]
    }
    assert len(sources) > 4
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert [name for name, text in sources.items() if word in text] == [], word
