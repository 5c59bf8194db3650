"""The real Redis of tests of what processes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer


@pytest.fixture(scope="module")
def module_server() -> Iterator[RedisServer]:
    with redis_server.running() as server:
        yield server


@pytest.fixture
def server(module_server: RedisServer) -> RedisServer:
    module_server.start()
    module_server.empty()
    return module_server
