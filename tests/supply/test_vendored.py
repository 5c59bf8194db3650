"""Vendored: nothing. No code of others in the repository, and no page that loads any."""

from __future__ import annotations

import re
import subprocess

import pytest

from bot.settings import ROOT

# Data of others for tests, each with its origin beside it; no code.
DATA = ("tests/contracts/", "tests/fakes/telegram_methods.json")
# Where libraries of others usually lie.
FOLDERS = re.compile(r"(^|/)(vendor|vendored|_vendor|third_party|thirdparty|node_modules|bower_components|extern)(/|$)")
CODE = (".py", ".js", ".mjs", ".ts", ".css", ".sh", ".html")
BINARY = (".so", ".whl", ".jar", ".exe", ".dll", ".dylib", ".wasm", ".pyc", ".onnx", ".pkl", ".zip", ".gz", ".tar")


def tracked() -> list[str]:
    """Every file that is or would be in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def names() -> list[str]:
    found = tracked()
    assert len(found) > 500
    return found


def test_no_folder_and_no_binary_of_others(names):
    assert [name for name in names if FOLDERS.search(name)] == []
    assert [name for name in names if name.endswith(BINARY)] == []
    # the adapter of the encoder is made by tools/finetune
    assert [n for n in names if n.endswith(".npz")] == ["data/encoder/adapter.npz"]


def test_no_minified_code_and_no_licence_text_of_others(names):
    notice = re.compile(r"@license|@preserve|copyright \(c\)|\(c\) \d{4}|licensed under the (mit|apache|bsd)", re.I)
    for name in names:
        if not name.endswith(CODE) or name.startswith(DATA) or name == "tests/supply/test_vendored.py":
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"\.min\.(js|css)$", name), name
        assert not notice.search(text), f"{name}: whose is it?"
        if name.endswith((".js", ".css")) and name.startswith("bot/"):
            longest = max(map(len, text.splitlines()), default=0)
            assert longest < 400, f"{name} looks minified"


def test_what_runs_in_browsers_loads_nothing_from_elsewhere(names):
    pages = [n for n in names if n.startswith("bot/") and n.endswith((".js", ".css", ".html"))]
    assert len([n for n in pages if n.endswith(".js")]) >= 12
    loads = re.compile(
        r"""(?:\bimport\b[^;]*?\bfrom\s*|\bimport\s*\(?\s*|\bsrc\s*=\s*|<link[^>]*\bhref\s*=\s*|url\(\s*|@import\s+|"""
        r"""\bnew Worker\(\s*|importScripts\(\s*)["']?((?:https?:)?//[^"'\s)]+)"""
    )
    for name in pages:
        assert loads.findall((ROOT / name).read_text(encoding="utf-8")) == [], name


def test_the_rule_sees_what_it_is_for():
    loads = re.compile(r"""\bimport\b[^;]*?\bfrom\s*["']((?:https?:)?//[^"']+)""")
    assert loads.findall('import x from "https://cdn.example.org/x.js"')
    assert FOLDERS.search("bot/vendor/x.js") and not FOLDERS.search("bot/vendors.py")


def test_data_of_others_says_where_it_is_from(names):
    folders = {n.split("/")[2] for n in names if n.startswith("tests/contracts/")}
    assert {"hsds", "hsds_feed", "integreat"} <= {
        n.split("/")[2] for n in names if n.startswith("tests/contracts/") and n.endswith("README.md")
    }
    assert folders == {"hsds", "hsds_feed", "integreat", "course_search", "zammad"}
