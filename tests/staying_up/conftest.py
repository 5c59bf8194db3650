"""Kinds of stores, and what the process remembers between tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import settings
from tests.staying_up.stores import KINDS, Kind


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each store that keeps a file."""
    found: Kind = request.param
    return found


@pytest.fixture(autouse=True)
def no_passing_secret() -> Iterator[None]:
    """Secrets of folders that could not be written end with a process; here with a test."""
    settings._PASSING.clear()
    yield
    settings._PASSING.clear()
