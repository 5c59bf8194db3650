"""Several processes on one Redis: servers with connections of their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from redis import Redis

from bot.channels.buckets import SharedBuckets
from bot.channels.web.shared_replays import SharedReplays
from bot.memory.shared import Shared
from tests.fakes.redis_server import RedisServer
from tests.fakes.web_client import Client
from tests.fakes.web_server import SECRET, RunningServer, serve

LEASE = 0.8


@contextlib.contextmanager
def process(redis: RedisServer, **options: Any) -> Iterator[RunningServer]:
    """A web server whose answers and limits are in Redis; its end is as sudden as kill -9."""
    shared = Shared.open(redis.url)
    with serve(replays=SharedReplays(shared, SECRET, LEASE), buckets=SharedBuckets(shared), **options) as running:
        yield running


@contextlib.contextmanager
def two(redis: RedisServer, **options: Any) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Two of them."""
    with process(redis, **options) as one, process(redis, **options) as other:
        yield one, other


def at(server: RunningServer, client: Client) -> Client:
    """The same conversation at another server."""
    moved = Client.__new__(Client)
    moved.__dict__.update(client.__dict__)
    moved.server, moved.agent = server, server.agent
    moved.http = httpx.Client(base_url=server.url, timeout=20)
    return moved


def texts(*servers: RunningServer) -> list[str]:
    """What all of them were asked."""
    return [str(message.text) for server in servers for message in server.agent.messages]


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def content(redis: RedisServer) -> dict[bytes, bytes]:
    """Every key with what stands under it."""
    with Redis(port=redis.port) as client:
        found: dict[bytes, bytes] = {}
        for key in client.scan_iter():
            kind = client.type(key)
            value = client.get(key) if kind == b"string" else b" ".join(client.zrange(key, 0, -1))
            if value is not None:  # it may have ended meanwhile
                found[key] = value
        return found


def answers(redis: RedisServer) -> list[bytes]:
    """The finished answers."""
    return [v for k, v in content(redis).items() if k.startswith(b"wegweiser:answer:") and v.startswith(b"a")]
