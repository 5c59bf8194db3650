"""Those who are not people: floods, bodies of megabytes, connections that say nothing or one byte a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from tools.chaos.people import code_of

SLOW, IDLE, FLOODERS = 80, 300, 4
BODY = 3 * 1024 * 1024
MESSAGES = "/api/v1/messages"
# They come from elsewhere: who floods is not the address of those who ask.
ELSEWHERE = "127.0.0.2"
Refused = Callable[[str], None]


async def slow_loris(url: str, seconds: float) -> str:
    """Headers that arrive one byte a second."""
    head = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Pad: " + b"a" * 200

    async def one(number: int) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await _connect(url)
            try:
                writer.write(head[: 20 + number % 60])
                for at in range(round(seconds)):
                    writer.write(head[80 + at : 81 + at])
                    await writer.drain()
                    await asyncio.sleep(1.0)
                return True
            finally:
                writer.transport.abort()
        return False

    held = await asyncio.gather(*(one(n) for n in range(SLOW)))
    return f"{sum(held)} of {SLOW} were let on"


async def connections(url: str, seconds: float) -> str:
    """Connections that say nothing."""
    found = await asyncio.gather(*(_connect(url) for _ in range(IDLE)), return_exceptions=True)
    writers = [pair[1] for pair in found if not isinstance(pair, BaseException)]
    await asyncio.sleep(seconds)
    for writer in writers:
        writer.transport.abort()
    return f"{len(writers)} of {IDLE} were let in"


async def messages(url: str, seconds: float, refused: Refused) -> str:
    """Conversations that send far more than they may: 429 with a code, every time."""
    said: Counter[str] = Counter()
    end = asyncio.get_running_loop().time() + seconds

    async def one() -> None:
        async with _client(url) as http:
            opened = (await http.post("/api/v1/conversations")).raise_for_status().json()
            headers = {"Authorization": f"Bearer {opened['token']}"}
            number = 0
            while asyncio.get_running_loop().time() < end:
                number += 1
                body = {"conversation": opened["conversation"], "id": f"f{number}", "payload": "/help"}
                answer = await http.post(MESSAGES, json=body, headers=headers)
                said[str(answer.status_code)] += 1
                _check(answer, refused)
                await asyncio.sleep(0.02)

    await _several(one, said)
    return _told(said)


async def bodies(url: str, seconds: float, refused: Refused) -> str:
    """Bodies of megabytes, which are refused while they arrive."""
    said: Counter[str] = Counter()
    end = asyncio.get_running_loop().time() + seconds
    content = b'{"text": "' + b"x" * BODY + b'"}'

    async def one() -> None:
        async with _client(url) as http:
            while asyncio.get_running_loop().time() < end:
                answer = await http.post(MESSAGES, content=content, headers={"Content-Type": "application/json"})
                said[str(answer.status_code)] += 1
                if answer.status_code < 300:
                    refused("a body of megabytes was taken")
                _check(answer, refused)
                await asyncio.sleep(0.2)

    await _several(one, said)
    return _told(said)


async def _several(one: Callable[[], object], said: Counter[str]) -> None:
    async def until_it_ends() -> None:
        try:
            await one()  # type: ignore[misc]
        except (httpx.HTTPError, ValueError, KeyError) as exc:
            said[type(exc).__name__] += 1

    await asyncio.gather(*(until_it_ends() for _ in range(FLOODERS)))


def _check(answer: httpx.Response, refused: Refused) -> None:
    if (answer.status_code == 429 or answer.status_code >= 500) and not code_of(answer):
        refused(f"status {answer.status_code} without a code")


def _told(said: Counter[str]) -> str:
    return ", ".join(f"{number} x {what}" for what, number in sorted(said.items())) or "nothing was sent"


def _client(url: str) -> httpx.AsyncClient:
    elsewhere = httpx.AsyncHTTPTransport(local_address=ELSEWHERE, trust_env=False)
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=30, transport=elsewhere)


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(url)
    return await asyncio.open_connection(address.hostname, address.port, local_addr=(ELSEWHERE, 0))
