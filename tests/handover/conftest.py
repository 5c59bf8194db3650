"""A Zammad on loopback for every test of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.handover.zammad import Zammad
from tests.fakes.zammad_server import CUSTOMER, GROUP, TOKEN, FakeZammad


@pytest.fixture
def anyio_backend() -> str:
    """Sanic and Rasa run on asyncio."""
    return "asyncio"


@pytest.fixture
async def zammad(anyio_backend: str) -> AsyncIterator[FakeZammad]:
    """A Zammad that is up."""
    fake = FakeZammad()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def port(zammad: FakeZammad) -> AsyncIterator[Zammad]:
    """Our side of it."""
    client = Zammad(zammad.url, TOKEN, GROUP, CUSTOMER, seconds=0.5)
    yield client
    await client.aclose()
