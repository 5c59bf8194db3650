"""Debian's promtool, which reads Prometheus's files as Prometheus does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.settings import ROOT
from tests.deploy.files import program

MONITORING = ROOT / "deploy" / "monitoring"


def promtool(*arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run it; the output is for whoever reads a failed test."""
    command = [program("promtool"), *map(str, arguments)]
    return subprocess.run(command, cwd=folder or MONITORING, capture_output=True, text=True, timeout=120, check=False)
