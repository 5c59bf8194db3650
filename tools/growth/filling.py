"""Stores of conversations as large as wanted: packed rows of real conversations, written as the stores write them."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import Ask, Workload
from tools.growth.agents import answer

BATCH = 20_000
RETENTION_HOURS = 24
# How many messages the conversations have that rows are taken from.
LENGTHS = (1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 8, 10, 12, 16)
# Redis needs so much more than the values themselves.
OVERHEAD = 1.5


async def packed_rows(agent: Any, work: Workload, lengths: Sequence[int] = LENGTHS) -> list[bytes]:
    """What the store keeps of real conversations of these lengths."""
    rows, number = [], 0
    for index, length in enumerate(lengths):
        name = f"filling-{index}"
        asks: list[Ask] = []
        while len(asks) < length:
            asks += work.conversation(number)
            number += 1
        for ask in asks[:length]:
            await answer(agent, name, ask)
        packed = await agent.conversations._find(name)
        if packed is None:
            raise ValueError("a conversation was not stored")
        rows.append(bytes(packed))
    return rows


def sender(number: int) -> str:
    """The id of a conversation, as evenly spread as the pseudonyms of channels are."""
    return f"web-{hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()}"


def fill_sqlite(path: Path, domain: Any, size: int, rows: Sequence[bytes]) -> None:
    """A file with so many conversations, last used at any time of the retention but its last hour."""
    from bot.memory.tracker_store import SqliteTrackerStore

    store = SqliteTrackerStore(domain, path, RETENTION_HOURS)
    try:
        connection = store._connection
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        for numbers in _batches(size):
            connection.execute("BEGIN")
            for number in numbers:
                store._replace(sender(number), _updated(number), rows[number % len(rows)])
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()


def redis_store(domain: Any, url: str) -> Any:
    """The store of conversations on a Redis, with a key of its own."""
    from cryptography.fernet import Fernet

    from bot.memory.redis_store import RedisConversations
    from bot.memory.shared import Shared

    return RedisConversations(domain, Shared.open(url), Fernet(Fernet.generate_key()), RETENTION_HOURS)


async def fill_redis(url: str, store: Any, size: int, rows: Sequence[bytes]) -> None:
    """The same in Redis: values that the store itself has written, each with a time of expiry of its own."""
    import redis

    client = redis.Redis.from_url(url)
    values = []
    for index, packed in enumerate(rows):
        key = store._key(f"filling-{index}")
        await store._keep(f"filling-{index}", packed)
        values.append(client.get(key))
        client.delete(key)
    if not all(values):
        raise ValueError("the store has not written to Redis")
    for numbers in _batches(size):
        pipe = client.pipeline(transaction=False)
        for number in numbers:
            seconds = int(_updated(number) + RETENTION_HOURS * 3600 - time.time())
            pipe.set(store._key(sender(number)), values[number % len(rows)], ex=seconds)
        pipe.execute()
    client.close()


def redis_needs_mb(size: int, rows: Sequence[bytes]) -> float:
    """About how much memory a Redis with so many conversations takes."""
    mean = sum(map(len, rows)) / len(rows)
    return size * (mean + 200) * OVERHEAD / 2**20


def _batches(size: int) -> Iterator[range]:
    for start in range(0, size, BATCH):
        yield range(start, min(size, start + BATCH))


def _updated(number: int) -> float:
    return time.time() - random.Random(number).uniform(0, (RETENTION_HOURS - 1) * 3600)
