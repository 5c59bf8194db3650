"""docs/data-flow.md is as new as the code; a new route, way out, file or program is seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sanic import Blueprint, Sanic
from sanic.response import empty

from bot.quality import data_flow
from bot.quality.flow_code import Found, everything, read
from bot.settings import PREFIX, ROOT, Settings

PAGE = ROOT / "docs" / "data-flow.md"


def test_the_page_is_as_new_as_the_code() -> None:
    """Made by `wegweiser dataflow`; run it when this fails, and look at what has come in or goes out."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "dataflow", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def source(folder: Path, text: str) -> Found:
    path = folder / "module.py"
    path.write_text(text, "utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("import httpx", "httpx"),
        ("from telegram.ext import Application", "telegram"),
        ("def f():\n    import smtplib", "smtplib"),
        ("from urllib.request import urlopen", "urllib.request"),
        ("import http.client as c", "http.client"),
        ("import socket", "socket"),
        ("from sqlalchemy import create_engine\ncreate_engine('postgresql://x')", "sqlalchemy"),
    ],
)
def test_a_client_is_seen(tmp_path: Path, text: str, client: str) -> None:
    assert source(tmp_path, text).clients == {client}


def test_what_is_imported_for_types_alone_is_no_client(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx\nfrom urllib.parse import quote\n"
    assert source(tmp_path, text).clients == set()


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('x')",
        "import subprocess\nsubprocess.run(['x'])",
        "create_subprocess_exec('x')",
        "os.fork()",
    ],
)
def test_a_program_is_seen(tmp_path: Path, text: str) -> None:
    assert len(source(tmp_path, text).processes) == 1


def test_a_file_is_seen(tmp_path: Path) -> None:
    assert source(tmp_path, "x = data_dir / 'things.sqlite'\ny = self.data_dir / 'secret'").files == {
        "things.sqlite",
        "secret",
    }


def test_a_client_without_a_purpose_stops_the_page() -> None:
    found = everything() | {"bot.memory.new_thing": Found(clients={"httpx"})}
    with pytest.raises(ValueError, match="bot.memory.new_thing imports httpx"):
        data_flow.ways(found)


def test_a_route_without_a_caller_stops_the_page() -> None:
    Sanic.test_mode = True
    app, blueprint = Sanic("new-route"), Blueprint("brand_new")
    blueprint.add_route(lambda request: empty(), "/brand-new", name="x")
    app.blueprint(blueprint)
    with pytest.raises(ValueError, match="/brand-new: say"):
        data_flow.routes(app)


def test_an_older_page_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text("utf-8")
    monkeypatch.setattr(data_flow, "page", lambda: text)
    older = tmp_path / "page.md"
    older.write_text(text.replace("`/webhooks/zammad`", "`/webhooks/other`"), "utf-8")
    assert data_flow.main(str(older), check=True) == 1
    assert "/webhooks/zammad" in capsys.readouterr().err
    assert data_flow.main(str(older), check=False) == 0
    assert data_flow.main(str(older), check=True) == 0


def test_every_address_among_the_settings_is_a_way_out_or_none() -> None:
    """A new setting with an address is a new way out until somebody says that it is none."""
    from bot.settings import _PARSERS, _database, _redis, _url, _urls

    addresses = {name for name, parser in _PARSERS.items() if parser in (_url, _urls, _redis, _database)}
    named = {name for way in data_flow.WAYS for name in way.settings}
    assert addresses <= named | set(data_flow.NOT_CALLED)
    assert named | set(data_flow.NOT_CALLED) <= {f"{name}" for name in Settings.__dataclass_fields__}


def test_the_page_names_what_privacy_tells_of() -> None:
    """Every file in the data folder stands in both pages."""
    flow, privacy = PAGE.read_text("utf-8"), (ROOT / "docs" / "privacy.md").read_text("utf-8")
    files = {name for found in everything().values() for name in found.files if name.endswith((".sqlite", ".jsonl"))}
    assert {"conversations.sqlite", "telegram.sqlite", "handover.sqlite", "review.sqlite"} <= files
    assert [name for name in sorted(files) if f"`{name}`" not in flow or f"`{name}`" not in privacy] == []
    assert f"{PREFIX}TELEGRAM_TOKEN" in flow and "```mermaid" in flow
