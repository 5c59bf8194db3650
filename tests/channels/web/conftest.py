"""One server for all tests of a module, and a fresh conversation for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels import gate
from tests.fakes.web_client import Client
from tests.fakes.web_server import RunningServer, serve


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(limit=gate.RateLimit(count=1000), patience=0.4) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    agent = server.agent
    agent.messages.clear()
    agent.delay, agent.failure, agent.ready, agent.reply = 0.0, None, True, None
    yield Client(server)
