"""Limits that hold over all processes together, and sessions of the staff pages that hold at each of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bot.channels.buckets import Charge, OwnBuckets, SharedBuckets
from bot.channels.gate import RateLimit
from bot.channels.web.staff import shared_sessions
from bot.channels.web.staff.entrance import Access, Entrance
from bot.channels.web.staff.sessions import MOST
from bot.channels.web.staff.shared_sessions import SharedSessions
from bot.memory.shared import Shared
from tests.channels.web.several import at, content, process, texts, two, until
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer
from tests.fakes.staff_server import PASSWORD, SECRET, StaffServer, serve_staff, token_of
from tests.fakes.web_client import Client, check_error
from tests.fakes.web_server import RunningServer

pytestmark = pytest.mark.skipif(
    redis_server.programs() is None, reason="needs redis-server (deploy/debian-packages.txt)"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def shared(redis: RedisServer, anyio_backend: str) -> AsyncIterator[Shared]:
    found = Shared.open(redis.url)
    yield found
    await found.disconnect()


# Buckets


@pytest.mark.anyio
async def test_a_bucket_counts_as_in_one_process(shared: Shared) -> None:
    for buckets in (OwnBuckets(), SharedBuckets(shared)):
        limit = RateLimit(count=3, seconds=0.9)
        charge, other = Charge("test", limit, "a"), Charge("test", limit, "b")
        assert [await buckets.look([charge]) for _ in range(5)] == [0] * 5
        assert [await buckets.take([charge]) for _ in range(3)] == [0, 0, 0]
        wait = await buckets.take([charge])
        assert 0 < wait <= 0.3 and 0 < await buckets.look([charge]) <= wait
        assert await buckets.take([other]) == 0, "others are not affected"
        end = time.monotonic() + wait + 0.1
        while (again := await buckets.take([charge])) > 0:
            assert time.monotonic() < end
        assert again == 0 and await buckets.take([charge]) > 0, "one more after a third of the time, not three"


@pytest.mark.anyio
async def test_all_or_nothing_is_taken(shared: Shared) -> None:
    for buckets in (OwnBuckets(), SharedBuckets(shared)):
        wide, narrow = RateLimit(count=2, seconds=60), RateLimit(count=1, seconds=30)
        both = [Charge("wide", wide, "x"), Charge("narrow", narrow, "x")]
        assert await buckets.take(both) == 0
        assert 29 < await buckets.take(both) <= 30
        assert await buckets.take(both[:1]) == 0, "what was refused has taken nothing"
        assert 29 < await buckets.take(both) <= 30, "the longer wait"
        assert await buckets.take([]) == 0


@pytest.mark.anyio
async def test_buckets_end_by_themselves(shared: Shared, redis: RedisServer) -> None:
    charge = Charge("short", RateLimit(count=100, seconds=1.0), "x")
    assert await SharedBuckets(shared).take([charge]) == 0
    until(lambda: not content(redis), 1.0)


@pytest.mark.anyio
async def test_a_process_alone_counts_for_itself(shared: Shared, redis: RedisServer) -> None:
    buckets, charge = SharedBuckets(shared), Charge("test", RateLimit(count=2), "a")
    assert await buckets.take([charge]) == 0
    redis.stop()
    assert [await buckets.take([charge]) > 0 for _ in range(3)] == [False, False, True]
    assert await buckets.look([charge]) > 0


# Limits of the web channel


def test_a_conversation_has_one_allowance(redis: RedisServer) -> None:
    with two(redis, limit=RateLimit(count=4, seconds=60)) as (first, other):
        client = Client(first)
        moved = at(other, client)
        assert [(client, moved)[n % 2].send(id=f"m{n}", text="hello").status_code for n in range(4)] == [200] * 4
        for one in (client, moved):
            response = one.send(id="more", text="hello")
            check_error(response, 429, "too_many")
            assert int(response.headers["retry-after"]) in (14, 15)
        assert moved.send(id="m0", text="hello").status_code == 200, "a repeated id costs nothing"
        assert Client(other).send(text="hello").status_code == 200, "others are not affected"
        path = f"/api/v1/conversations/{client.conversation}"
        assert moved.http.delete(path, headers=client.headers).status_code == 204, "deleting has its own allowance"
        assert len(texts(first, other)) == 6


def test_an_address_has_one_allowance(redis: RedisServer) -> None:
    options = {"per_address": 5, "trusted_proxies": ("127.0.0.0/8",), "limit": RateLimit(count=1000)}
    with two(redis, **options) as (first, other):
        opened = [open_from(server, "192.0.2.1") for server in (first, other)]
        assert [response.status_code for response in opened] == [201, 429]
        assert open_from(other, "192.0.2.2").status_code == 201
        client = Client.__new__(Client)
        client.http, found = httpx.Client(base_url=first.url), opened[0].json()
        client.conversation, client.token, client._count = found["conversation"], found["token"], 0
        client.headers = {"Authorization": f"Bearer {client.token}", "X-Forwarded-For": "203.0.113.9"}
        moved = at(other, client)
        codes = [(client, moved)[n % 2].send(id=f"m{n}", text="hello").status_code for n in range(6)]
        assert codes == [200] * 5 + [429]
        elsewhere = {**client.headers, "X-Forwarded-For": "203.0.113.10"}
        assert moved.send(id="mine", text="hello", headers=elsewhere).status_code == 200
        everything = b" ".join(content(redis))
        assert b"203.0.113" not in everything and b"192.0.2" not in everything


def open_from(server: RunningServer, address: str) -> httpx.Response:
    return httpx.post(f"{server.url}/api/v1/conversations", headers={"X-Forwarded-For": address})


def test_emergencies_are_not_shed(redis: RedisServer) -> None:
    with two(redis, limit=RateLimit(count=1), urgent=lambda text: "die" in text) as (first, other):
        client = Client(first)
        places = (client, at(other, client))
        codes = [places[n % 2].send(id=f"m{n}", text="hello").status_code for n in range(3)]
        assert codes == [200, 429, 429]
        assert places[1].send(id="button", payload="/help").status_code == 429
        assert [places[n % 2].send(id=f"e{n}", text="I die").status_code for n in range(6)] == [200] * 5 + [429]
        assert len(texts(first, other)) == 6


def test_limits_while_redis_is_away(redis: RedisServer) -> None:
    with process(redis, limit=RateLimit(count=2), urgent=lambda text: "die" in text) as server:
        client = Client(server)
        assert [client.send(text="hello").status_code for _ in range(3)] == [200, 200, 429]
        redis.stop()
        assert [client.send(text="hello").status_code for _ in range(3)] == [200, 200, 429]
        assert client.send(text="I die").status_code == 200


# The staff pages


@contextlib.contextmanager
def staff(redis: RedisServer) -> Iterator[StaffServer]:
    """The staff pages of one process."""
    shared = Shared.open(redis.url)

    def entrance(access: Access) -> Entrance:
        sessions = SharedSessions(shared, access.secret, access.password, False)
        return Entrance(access, sessions, SharedBuckets(shared))

    with serve_staff(entrance=entrance, trusted_proxies=("127.0.0.0/8",)) as running:
        yield running


@pytest.fixture
def offices(redis: RedisServer) -> Iterator[tuple[StaffServer, StaffServer]]:
    with staff(redis) as one, staff(redis) as other:
        yield one, other


Offices = tuple[StaffServer, StaffServer]


def status(server: StaffServer, cookie: str) -> int:
    """What the overview says to the bearer of a cookie: 200, or 303 to the login."""
    return httpx.get(f"{server.url}/staff", headers={"Cookie": f"wegweiser_staff={cookie}"}).status_code


def test_a_session_holds_everywhere(offices: Offices, redis: RedisServer) -> None:
    browser = offices[0].staff()
    cookie = browser.cookies["wegweiser_staff"]
    assert [status(server, cookie) for server in offices] == [200, 200]
    assert [status(server, cookie[:-1] + "x") for server in offices] == [303, 303]
    token = token_of(httpx.get(f"{offices[1].url}/staff", headers={"Cookie": f"wegweiser_staff={cookie}"}).text)
    assert token == token_of(browser.get("/staff").text), "a form of one is taken by the other"
    held = content(redis)
    assert cookie.partition(".")[0].encode() not in b" ".join([*held, *held.values()])
    left = httpx.post(
        f"{offices[1].url}/staff/logout",
        data={"token": token},
        headers={"Cookie": f"wegweiser_staff={cookie}", "Origin": offices[1].url},
    )
    assert left.status_code == 200
    assert [status(server, cookie) for server in offices] == [303, 303], "logging out ends it everywhere"


def test_a_login_form_of_one_is_taken_by_the_other(offices: Offices) -> None:
    form = offices[0].browser()
    token = token_of(form.get("/staff/login").text)
    cookie = form.cookies["wegweiser_staff_form"]
    entered = httpx.post(
        f"{offices[1].url}/staff/login",
        data={"token": token, "password": PASSWORD},
        headers={"Cookie": f"wegweiser_staff_form={cookie}", "Origin": offices[1].url},
    )
    assert entered.status_code == 303
    assert status(offices[0], entered.cookies["wegweiser_staff"]) == 200


def test_wrong_passwords_count_together(offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def wrong(hashed: str, password: str) -> bool:
        tried.append(password)
        return password == PASSWORD

    monkeypatch.setattr("bot.channels.web.staff.password.matches", wrong)
    browsers = [server.browser(**{"X-Forwarded-For": "192.0.2.1"}) for server in offices]
    for number in range(12):
        assert browsers[number % 2].log_in("falsch").status_code == 403
    assert len(tried) == 10, "what is above the limit is not even checked"
    assert browsers[1].log_in(PASSWORD).status_code == 403
    assert offices[1].browser(**{"X-Forwarded-For": "192.0.2.2"}).log_in().status_code == 303


def test_sessions_while_redis_is_away(offices: Offices, redis: RedisServer) -> None:
    first, other = offices
    seen, unseen = first.staff(), first.staff()
    cookies = [browser.cookies["wegweiser_staff"] for browser in (seen, unseen)]
    assert status(other, cookies[0]) == 200
    redis.pause()
    try:
        assert [status(first, cookie) for cookie in cookies] == [200, 200]
        assert [status(other, cookie) for cookie in cookies] == [200, 303], "it never saw the second"
        begun = first.staff()
        new = begun.cookies["wegweiser_staff"]
        assert [status(server, new) for server in offices] == [200, 303]
        assert seen.log_out().status_code == 200
        assert status(first, cookies[0]) == 303
    finally:
        redis.resume()
    until(lambda: status(other, new) == 200)
    until(lambda: status(other, cookies[0]) == 303)
    assert [status(server, cookies[0]) for server in offices] == [303, 303], "what ended meanwhile stays ended"
    assert [status(server, cookies[1]) for server in offices] == [200, 200]


@pytest.mark.anyio
async def test_shared_sessions_end(shared: Shared, redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    one, other = (SharedSessions(shared, SECRET, "hash", False, lambda: now[0]) for _ in range(2))
    cookie = await one.begin()
    now[0] += 8 * 3600 - 1
    assert await other.find(cookie)
    now[0] += 1
    assert await other.find(cookie) == "" == await one.find(cookie)
    cookie = await one.begin()
    changed = SharedSessions(shared, SECRET, "another hash", False, lambda: now[0])
    assert await changed.find(cookie) == "", "another password"
    redis.stop()
    assert await one.find(cookie)
    now[0] += shared_sessions.CONFIRMED_SECONDS
    assert await one.find(cookie) == "", "nobody knows whether it has ended elsewhere"


@pytest.mark.anyio
async def test_shared_sessions_are_bounded(shared: Shared, redis: RedisServer) -> None:
    now = [1_000_000.0]
    found = SharedSessions(shared, SECRET, "hash", False, lambda: now[0])
    cookies = []
    for _ in range(MOST + 1):
        now[0] += 1.0
        cookies.append(await found.begin())
    assert await found.find(cookies[0]) == "" and await found.find(cookies[1]) and await found.find(cookies[-1])
