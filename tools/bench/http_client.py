"""A small HTTP/1.1 client on asyncio: one kept-alive connection, POST of JSON, as little work as possible."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any


class Connection:
    """One connection to one server; opened at first use and again when the server has closed it."""

    def __init__(self, host: str, port: int, seconds: float = 30.0) -> None:
        self.host, self.port, self.seconds = host, port, seconds
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, Any], token: str = "") -> tuple[int, bytes]:
        """Status and body of the answer. OSError, asyncio.TimeoutError or ValueError when there is none."""
        data = json.dumps(body, ensure_ascii=False).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n"
        )
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        try:
            return await asyncio.wait_for(self._exchange(head.encode() + b"\r\n" + data), self.seconds)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError):
            await self.close()
            raise

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        assert self._reader is not None
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        length, closing = -1, "connection: close" in head
        for line in head.split("\r\n"):
            if line.startswith("content-length:"):
                length = int(line[15:])
        if length < 0:
            raise ValueError("an answer without its length")
        body = await self._reader.readexactly(length)
        if closing:
            await self.close()
        return status, body

    async def close(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def post_once(url: str, body: dict[str, Any], token: str = "", seconds: float = 30.0) -> tuple[int, Any]:
    """One POST without asyncio: status and JSON; (0, None) while nobody answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as exc:
        return exc.code, None
    except (OSError, ValueError):
        return 0, None
