"""Whether what an installation needs of others can be reached: stores, action servers, directories, Telegram, Zammad.

Nothing that is secret is printed: of an error its kind alone, and no address that a token is part of.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.operations.inspection import FAULT, NOTE, OK, Finding
from bot.settings import PREFIX, Settings

SECONDS = 5.0
# So far the clocks of two machines may be apart before tokens, certificates and times of messages suffer.
CLOCK_OFF = 120.0


def reach(settings: Settings) -> list[Finding]:
    """One finding for everything that is configured, in at most about five seconds."""
    return asyncio.run(_all(settings))


async def _all(settings: Settings) -> list[Finding]:
    import httpx

    clocks: list[float] = []
    limits = httpx.Timeout(SECONDS)
    async with httpx.AsyncClient(timeout=limits, trust_env=False, follow_redirects=False) as client:

        async def get(address: str) -> httpx.Response:
            answer = await client.get(address)
            date = answer.headers.get("Date", "")
            if urlsplit(address).hostname not in ("127.0.0.1", "localhost", "::1") and date:
                clocks.append(time.time() - parsedate_to_datetime(date).timestamp())
            return answer

        checks: list[Awaitable[Finding]] = []
        if settings.redis_url:
            checks.append(_tried("Redis", _redis(settings), f"look at {PREFIX}REDIS_URL and at the server"))
        if settings.database_url:
            checks.append(_tried("PostgreSQL", _postgres(settings), f"look at {PREFIX}DATABASE_URL and at the server"))
        if settings.actions_url:
            do = f"look at {PREFIX}ACTIONS_URL and at `wegweiser actions`"
            checks.append(_tried("the action server", _status(get, f"{settings.actions_url}/health"), do))
        if settings.telegram_token:
            checks.append(_telegram(settings, get))
        for name, address in _upstreams(settings):
            do = f"{name} may be down: what is known of it stays 7 days, then the own directory answers"
            checks.append(_tried(urlsplit(address).hostname or name, _status(get, address, 500), do, NOTE))
        if settings.zammad_url:
            do = "people are told that nobody can be reached until it is back"
            checks.append(_tried("Zammad", _status(get, settings.zammad_url, 500), do, NOTE))
        found = list(await asyncio.gather(*checks))
    return [*found, *_clock(clocks)]


def _upstreams(settings: Settings) -> list[tuple[str, str]]:
    named = [("Integreat", settings.integreat_url), *(("the HSDS feed", url) for url in settings.hsds_urls)]
    named.append(("the course search", settings.course_search_url))
    return [(name, address) for name, address in named if address]


async def _tried(name: str, work: Awaitable[None], do: str, level: str = FAULT) -> Finding:
    try:
        await asyncio.wait_for(work, SECONDS + 1)
    except Exception as exc:  # whatever it is: the other checks go on, and its text may hold an address with a password
        said = str(exc) if isinstance(exc, _Unfit) else exc.__class__.__name__
        return Finding(level, f"{name} cannot be used ({said})", do)
    return Finding(OK, f"{name} answers")


class _Unfit(Exception):
    """What answers is not what is wanted; the text is ours."""


async def _status(get: Callable[[str], Awaitable[object]], address: str, from_on: int = 400) -> None:
    status = int((await get(address)).status_code)  # type: ignore[attr-defined]
    if status >= from_on:
        raise _Unfit(f"status {status}")


async def _redis(settings: Settings) -> None:
    from redis.asyncio import Redis

    client: Redis = Redis.from_url(settings.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        await client.ping()
    finally:
        await client.close()


async def _postgres(settings: Settings) -> None:
    import sqlalchemy as sa

    from bot.memory.database import Database

    def ask() -> None:
        database = Database(settings.database_url, sa.MetaData(), patience=SECONDS)
        try:
            with database.begin() as connection:
                connection.execute(sa.text("SELECT 1"))
        finally:
            database.close()

    await asyncio.to_thread(ask)


async def _telegram(settings: Settings, get: Callable[[str], Awaitable[object]]) -> Finding:
    """The Bot API's getMe."""
    try:
        answer = await get(f"{settings.telegram_api}/bot{settings.telegram_token}/getMe")
        status = int(answer.status_code)  # type: ignore[attr-defined]
        name = str(((answer.json() or {}).get("result") or {}).get("username") or "")  # type: ignore[attr-defined]
    except Exception as exc:  # its text holds the address, and that the token
        do = "look at the network and its proxy; the rest serves without Telegram"
        return Finding(NOTE, f"Telegram cannot be reached ({exc.__class__.__name__})", do)
    if status in (401, 404):
        return Finding(FAULT, "Telegram refuses the token", f"ask BotFather for it and set {PREFIX}TELEGRAM_TOKEN")
    if status != 200:
        return Finding(NOTE, f"Telegram answers with status {status}", "try again later")
    if settings.telegram_name and name.lower() != settings.telegram_name.lower():
        return Finding(FAULT, f"the bot of the token is @{name}", f"set {PREFIX}TELEGRAM_NAME to it")
    return Finding(OK, f"Telegram knows the bot @{name}")


def _clock(off: list[float]) -> list[Finding]:
    if not off:
        return []
    middle = sorted(off)[len(off) // 2]
    if abs(middle) > CLOCK_OFF:
        way = "ahead of" if middle > 0 else "behind"
        what = f"the clock is {round(abs(middle))} s {way} other servers"
        return [Finding(FAULT if abs(middle) > 3600 else NOTE, what, "set it, use NTP")]
    return [Finding(OK, "the clock agrees with other servers")]
