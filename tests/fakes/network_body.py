"""The body of an answer as it comes from a network: still to be read, in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx


class NetworkBody(httpx.AsyncByteStream):
    """Gives out pieces, with a pause of some seconds before each; `given` counts them."""

    def __init__(self, *pieces: bytes, pause: float = 0.0) -> None:
        self._pieces, self._pause, self.given = pieces, pause, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if self._pause:
                await asyncio.sleep(self._pause)
            self.given += 1
            yield piece
