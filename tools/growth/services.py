"""Curve c: the directory with 1,000 to 100,000 services, as `wegweiser bench directory` measures it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tools.bench.processes import clean_environment, timed

SECONDS = 600.0


def curve(folder: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Its figures for these sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "directory.json"
    command = [sys.executable, "-m", "bot.cli", "bench", "directory", "--sizes", ",".join(map(str, sizes))]
    timed([*command, "--json", str(out)], ROOT, clean_environment(), folder / "directory.log", SECONDS)
    return {"points": json.loads(out.read_text(encoding="utf-8"))["directory"]}
