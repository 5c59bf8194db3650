"""The real directory, and a copy of it that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.directory_tools.holdings import Holdings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def holdings() -> Holdings:
    return Holdings.load(ROOT / "data")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of what the tools read."""
    folder = tmp_path / "data"
    for name in ("services", "articles"):
        shutil.copytree(ROOT / "data" / name, folder / name)
    for name in ("places.yml", "postcodes.yml"):
        shutil.copy(ROOT / "data" / name, folder / name)
    return folder
