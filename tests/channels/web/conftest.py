"""One server for all tests of a module, and a fresh conversation for each test; a real Redis for several processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels import gate
from bot.memory import shared as shared_module
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer
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


@pytest.fixture(scope="module")
def module_redis() -> Iterator[RedisServer]:
    with redis_server.running() as server:
        yield server


@pytest.fixture
def redis(module_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    monkeypatch.setattr(shared_module, "RETRY_SECONDS", 0.15)
    monkeypatch.setattr(shared_module, "PATIENCE_SECONDS", 0.5)
    module_redis.start()
    module_redis.empty()
    return module_redis
