"""The short form of `make load`: the real server under steady traffic loses nothing and keeps every chat's order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT


def test_steady_traffic_loses_nothing(tmp_path: Path) -> None:
    figures = tmp_path / "load.json"
    command = [sys.executable, "tools/load/telegram.py", "--seconds", "6", "--json", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    for row in json.loads(figures.read_text("utf-8")):
        assert row["updates"] >= 6 * row["rate"] * 0.9 and row["messages"] >= row["updates"], row
        assert (row["lost"], row["out of order"]) == (0, 0), row
