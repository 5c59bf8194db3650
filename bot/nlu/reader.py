"""Messages are read side by side: one at a time in Python, as many as there are cores in the encoder.

The encoder takes half of the time of reading and leaves Python to others meanwhile. The other components share what
they have looked up, so only one message at a time may be with them.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
SIDE_BY_SIDE = max(2, os.cpu_count() or 1)
_POOL = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="reading")
_turn = threading.Lock()
_mine = threading.local()
_under_way = 0
# Called now and then while no message is being read.
when_idle: list[Callable[[], object]] = []


async def read(call: Callable[[], T]) -> T:
    """What a call that reads a message gives; the event loop is free meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _in_turn, call)


@contextmanager
def aside() -> Iterator[None]:
    """Let another message be read while this one is where it needs no turn; without effect outside `read`."""
    if not getattr(_mine, "turn", False):
        yield
        return
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()


def _in_turn(call: Callable[[], T]) -> T:
    global _under_way
    with _turn:
        _mine.turn, _under_way = True, _under_way + 1
        try:
            return call()
        finally:
            _mine.turn, _under_way = False, _under_way - 1
            if _under_way == 0:  # nobody is with the encoder either
                for told in when_idle:
                    told()
