"""Messages read side by side: Python one at a time, the encoder as many as there are cores."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from bot.nlu.embedding_cache import EmbeddingCache
from bot.nlu.reader import SIDE_BY_SIDE, aside, read


def test_one_at_a_time_but_for_the_encoder() -> None:
    inside, most = 0, 0
    together = threading.Barrier(SIDE_BY_SIDE, timeout=10)

    def message() -> int:
        nonlocal inside, most
        for _ in range(20):
            inside += 1
            most = max(most, inside)
            time.sleep(0)
            inside -= 1
        with aside():
            together.wait()  # passes only when all are here at once
        return threading.get_ident()

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(read(message) for _ in range(SIDE_BY_SIDE)))

    assert len(set(asyncio.run(all_of_them()))) == SIDE_BY_SIDE
    assert most == 1


def test_a_failed_message_gives_its_turn_back() -> None:
    def broken() -> None:
        with aside():
            raise ValueError("no")

    async def twice() -> str:
        for _ in range(2 * SIDE_BY_SIDE):
            with pytest.raises(ValueError, match="no"):
                await read(broken)
        return await asyncio.wait_for(read(lambda: "yes"), 10)

    assert asyncio.run(twice()) == "yes"


def test_aside_is_nothing_outside() -> None:
    with aside(), aside():
        pass


def test_what_was_embedded_is_kept() -> None:
    cache, made = EmbeddingCache(2), []

    def embed(texts: Sequence[str]) -> np.ndarray:
        made.extend(texts)
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    for text in ("a", "bb", "a", "ccc", "a", "bb"):  # bb had to make room for ccc
        assert cache.get(text, embed)[0] == len(text)
    assert made == ["a", "bb", "ccc", "bb"]
    assert (cache.lookups, cache.hits) == (6, 2)
    assert not any("ccc" in repr(key) for key in cache._rows), "no words of people are kept"
    assert cache.get("\ud800", embed)[0] == 1
