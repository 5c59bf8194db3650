"""Conversations in a real Redis: any process goes on with them, also when Redis was away, and what is forgotten stays so."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from rasa.core.tracker_store import check_if_tracker_store_async
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory import copies, redis_store, shared
from bot.memory.copies import HEADER, Copies, Kept
from bot.memory.redis_store import RedisConversations, forget_all
from bot.memory.shared import Away, Shared
from bot.memory.tracker_store import SqliteTrackerStore
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
SECRET = "Ich heiße Amal Rezai"
CIPHER = Fernet(b"A" * 43 + b"=")

pytestmark = pytest.mark.skipif(redis_server.programs() is None, reason="redis-server is not on this machine")


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "RETRY_SECONDS", 0.15)
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 0.5)


@pytest.fixture
def stores(server: RedisServer, domain: Domain) -> Callable[[], RedisConversations]:
    """Each with connections and copies of its own, as another process has them."""
    return lambda: RedisConversations(domain, Shared.open(server.url), CIPHER, retention_hours=24)


def tracker(domain: Domain, number: int = 0, sender: str = "web-1", **slots: object) -> DialogueStateTracker:
    parsed = {"intent": {"name": "german_course", "confidence": 0.9}, "entities": [], "text": SECRET}
    events: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    events += [
        UserUttered(SECRET, parsed["intent"], [], parsed),  # type: ignore[arg-type]
        *(SlotSet(key, value) for key, value in slots.items()),
        ActionExecuted("action_answer"),
        BotUttered(f"Antwort {number}", {"custom": {"facts": {"part": str(number)}}}),
        ActionExecuted("action_listen"),
    ]
    return DialogueStateTracker.from_events(sender, events, domain.slots)


async def place(store: RedisConversations, sender: str = "web-1") -> str | None:
    found = await store.retrieve(sender)
    return None if found is None else str(found.get_slot("place"))


async def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


async def until_is(expected: object, ask: Callable[[], Awaitable[object]]) -> None:
    end = time.monotonic() + 10
    while await ask() != expected:
        assert time.monotonic() < end, f"{await ask()} is not {expected}"
        await asyncio.sleep(0.01)


async def back(*all_stores: RedisConversations) -> None:
    """Redis is back for all of them, and what they kept is handed in."""
    await until(lambda: not any(store._shared.away for store in all_stores))
    await until(lambda: not any(store._copies.waiting for store in all_stores))
    await asyncio.gather(*(store._shared._handing_in for store in all_stores if store._shared._handing_in))


async def lose(*all_stores: RedisConversations) -> None:
    """Every process notices that Redis is away."""
    for store in all_stores:
        with pytest.raises(Away):
            await store._shared.run(lambda redis: redis.ping())


def run(story: Awaitable[Any]) -> Any:
    async def whole() -> Any:
        return await story

    return asyncio.run(whole())


def test_another_process_goes_on(stores: Callable[[], RedisConversations], domain: Domain) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen", shown=["a", "b"]))
        found = await other.retrieve("web-1")
        assert found is not None
        assert found.current_slot_values() == tracker(domain, place="plauen", shown=["a", "b"]).current_slot_values()
        found.update_with_events([SlotSet("place", "zittau")], domain)
        await other.save(found)
        assert (await place(one), await place(other)) == ("zittau", "zittau")
        assert await other.retrieve("web-2") is None
        assert list(await one.keys()) == ["web-1"]

    run(story())


def test_rasa_takes_it_for_asynchronous() -> None:
    assert check_if_tracker_store_async(RedisConversations)  # type: ignore[arg-type]
    assert check_if_tracker_store_async(SqliteTrackerStore)  # type: ignore[arg-type]


def test_a_message_is_one_reading_and_one_writing(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> list[str]:
        one = stores()
        await one.save(tracker(domain))
        await one._shared.run(lambda redis: redis.config_resetstat())
        for _ in range(10):
            found = await one.retrieve("web-1")
            assert found is not None
            await one.save(found)
        stats = await one._shared.run(lambda redis: redis.info("commandstats"))
        return sorted(f"{name} {row['calls']}" for name, row in stats.items() if "config" not in name)

    assert run(story()) == [
        "cmdstat_evalsha 10", "cmdstat_get 10", "cmdstat_getrange 10", "cmdstat_set 10",
    ]  # fmt: skip


def test_what_people_write_is_not_in_redis(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> bytes:
        one = stores()
        await one.save(tracker(domain))
        content = await one._shared.run(lambda redis: redis.get("wegweiser:conversation:web-1"))
        assert content is not None
        assert content[HEADER:].startswith(b"gAAAA")  # and the times before it
        return zlib.decompress(CIPHER.decrypt(content[HEADER:]))

    raw = run(story())
    assert b"german_course" in raw
    for word in ("Amal", "Rezai", "heiße", "Antwort", "hei\\u00dfe"):
        assert word.encode() not in raw


def test_every_message_renews_the_retention(stores: Callable[[], RedisConversations], domain: Domain) -> None:
    async def story() -> None:
        one = stores()
        await one.save(tracker(domain))
        name = "wegweiser:conversation:web-1"
        assert 24 * 3600 - 5 <= await one._shared.run(lambda redis: redis.ttl(name)) <= 24 * 3600
        await one._shared.run(lambda redis: redis.expire(name, 50))
        await one.save(tracker(domain))
        assert await one._shared.run(lambda redis: redis.ttl(name)) > 24 * 3600 - 5
        assert one.sweep() == 0

    run(story())


def test_what_is_over_does_not_come_back_from_a_copy(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        one = stores()
        await one.save(tracker(domain, place="plauen"))
        one.retention_seconds = 10
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 11)
        server.empty()  # as Redis does when it is over
        assert await one.retrieve("web-1") is None
        server.stop()
        assert await one.retrieve("web-1") is None
        assert list(await one.keys()) == []

    run(story())


def test_forgetting_deletes_it_everywhere(stores: Callable[[], RedisConversations], domain: Domain) -> None:
    async def story() -> None:
        one, other, late = stores(), stores(), stores()
        told: list[str] = []

        async def slowly(sender: str) -> None:
            await asyncio.sleep(0)
            told.append(sender)

        one.on_forget.append(slowly)
        await one.save(tracker(domain, place="goerlitz"))
        await other.retrieve("web-1")
        await one.save(tracker(domain, place="goerlitz", forget=True))
        assert told == ["web-1"]
        for store in (one, other, late):
            assert await store.retrieve("web-1") is None
            assert list(await store.keys()) == []
        left = await one._shared.run(lambda redis: redis.get("wegweiser:conversation:web-1"))
        assert left is not None and len(left) == HEADER  # two times, and nothing else
        assert await one._shared.run(lambda redis: redis.ttl("wegweiser:conversation:web-1")) <= copies.COPY_SECONDS
        await other.save(tracker(domain, place="plauen"))  # the same person begins anew
        assert [await place(store) for store in (one, other, late)] == ["plauen"] * 3

    run(story())


def test_turns_are_counted_and_a_fault_there_costs_nothing(
    stores: Callable[[], RedisConversations], domain: Domain
) -> None:
    async def story() -> None:
        one, texts = stores(), []
        one.on_turn += [lambda given: 1 / 0, lambda given: texts.append(given.latest_message.text)]
        await one.save(tracker(domain, place="plauen"))
        assert texts == [SECRET] and await place(one) == "plauen"

    run(story())


def test_while_redis_is_away_the_process_goes_on(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, 0, "web-1", place="plauen"))
        await one.save(tracker(domain, 0, "web-2", place="zittau"))
        server.stop()
        assert await place(one) == "plauen"
        await one.save(tracker(domain, 1, "web-1", place="bautzen"))
        await one.save(tracker(domain, 1, "web-3", place="pirna"))
        assert [await place(one, f"web-{n}") for n in (1, 2, 3)] == ["bautzen", "zittau", "pirna"]
        assert sorted(await one.keys()) == ["web-1", "web-2", "web-3"]
        server.start()  # empty
        await back(one)
        # web-2 was not touched while it was away: it comes back, too
        assert [await place(other, f"web-{n}") for n in (1, 2, 3)] == ["bautzen", "zittau", "pirna"]

    run(story())


def test_a_redis_that_lost_everything_unnoticed_gets_a_conversation_back_with_its_next_message(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        server.empty()
        found = await one.retrieve("web-1")
        assert found is not None
        await one.save(found)
        assert await place(other) == "plauen"

    run(story())


def test_what_was_said_later_counts(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        await other.retrieve("web-1")
        server.pause()
        await one.save(tracker(domain, 1, place="early"))
        await other.save(tracker(domain, 2, place="late"))
        server.resume()
        await back(one, other)
        assert (await place(one), await place(other)) == ("late", "late")

    run(story())


def test_one_that_was_cut_off_does_not_overwrite_what_was_said_meanwhile(
    stores: Callable[[], RedisConversations], domain: Domain, caplog: pytest.LogCaptureFixture
) -> None:
    """Only this process does not reach Redis; the others go on."""

    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        reach, one._shared.run = one._shared.run, _unreachable  # type: ignore[method-assign]
        await one.save(tracker(domain, 1, place="cut off"))
        found = await other.retrieve("web-1")
        assert found is not None
        found.update_with_events([SlotSet("place", "meanwhile")], domain)
        await other.save(found)
        assert await place(one) == "cut off"
        one._shared.run = reach  # type: ignore[method-assign]
        await one.hand_in()
        assert (await place(one), await place(other), one._copies.waiting) == ("meanwhile", "meanwhile", 0)

    run(story())


async def _unreachable(call: object) -> Any:
    raise Away


@pytest.mark.parametrize("first", [0, 1])
def test_what_was_forgotten_while_redis_was_away_stays_forgotten(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain, first: int
) -> None:
    """Whichever of the two hands in first, and although the other one has turns that are later."""

    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        await other.retrieve("web-1")
        server.pause()
        await lose(one, other)
        await one.delete("web-1")
        await other.save(tracker(domain, 1, place="later"))
        assert await one.retrieve("web-1") is None
        for store in (one, other):
            store._shared.on_back.clear()
        server.resume()
        await back_only(one, other)
        assert await one.retrieve("web-1") is None  # known before it is handed in
        for store in ((one, other), (other, one))[first]:
            await store.hand_in()
        assert await one.retrieve("web-1") is None
        assert await other.retrieve("web-1") is None
        assert await stores().retrieve("web-1") is None

    run(story())


async def back_only(*all_stores: RedisConversations) -> None:
    await until(lambda: not any(store._shared.away for store in all_stores))


def test_what_was_forgotten_elsewhere_does_not_come_back_with_a_redis_that_lost_everything(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        await other.retrieve("web-1")
        await one.delete("web-1")
        server.stop()
        await lose(one, other)
        assert await place(other) == "plauen"  # it has not heard of it, and cannot
        server.start()
        await back(one, other)
        await until_is(None, lambda: place(other))
        assert await one.retrieve("web-1") is None
        assert list(await other.keys()) == []

    run(story())


def test_a_new_conversation_after_a_forgotten_one_is_not_lost(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        await other.retrieve("web-1")
        server.stop()
        await one.delete("web-1")
        assert await one.retrieve("web-1") is None
        await one.save(tracker(domain, place="anew"))
        server.start()
        await back(one)
        await other.hand_in()
        assert (await place(one), await place(other)) == ("anew", "anew")

    async def cut_off() -> None:
        """The other one did not hear that it was forgotten, and what it has is later."""
        one, other = stores(), stores()
        await one.save(tracker(domain, sender="web-2", place="plauen"))
        await other.retrieve("web-2")
        await one.delete("web-2")
        await one.save(tracker(domain, sender="web-2", place="anew"))
        reach, other._shared.run = other._shared.run, _unreachable  # type: ignore[method-assign]
        await other.save(tracker(domain, sender="web-2", place="of before"))
        other._shared.run = reach  # type: ignore[method-assign]
        await other.hand_in()
        assert (await place(one, "web-2"), await place(other, "web-2")) == ("anew", "anew")

    run(story())


def test_a_clock_that_is_slow_does_not_hide_what_is_said(
    stores: Callable[[], RedisConversations], domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now - 30)
        found = await other.retrieve("web-1")
        assert found is not None
        found.update_with_events([SlotSet("place", "zittau")], domain)
        await other.save(found)
        assert await place(one) == "zittau"
        late = stores()
        await late.delete("web-1")
        assert await one.retrieve("web-1") is None
        assert await other.retrieve("web-1") is None
        await other.save(tracker(domain, place="anew"))
        assert await place(one) == "anew"

    run(story())


def test_lua_and_python_agree_on_what_remains(stores: Callable[[], RedisConversations], domain: Domain) -> None:
    base = 1_700_000_000_000_000
    kinds = [Kept(since and base + since, base + version, b"x") for since in (0, 1, 2) for version in (3, 4)]
    kinds += [Kept(base + version, base + version) for version in (1, 2, 3)]

    async def story() -> int:
        one, seen = stores(), 0
        for stored, mine in itertools.product(kinds, kinds):
            await one._shared.run(lambda redis, s=stored: redis.set(one._key("a"), s.to_bytes()))  # type: ignore[misc]
            written = await one._shared.run(lambda redis, m=mine: one._call(redis, "a", m))  # type: ignore[misc]
            assert bool(written) is mine.outlives(stored), (stored, mine)
            left = await one._shared.run(lambda redis: redis.get(one._key("a")))
            assert Kept.from_bytes(left or b"") == (mine if written else stored)
            seen += bool(written)
        return seen

    assert 20 < run(story()) < len(kinds) ** 2 - 20  # both answers were seen


def test_the_order_of_handing_in_does_not_matter() -> None:
    """What three processes hold ends the same, whichever comes first, and nothing that was forgotten remains."""
    kinds = [Kept(since, version, b"x") for since in (0, 1, 2) for version in range(since + 1, 6)]
    kinds += [Kept(version, version) for version in range(1, 6)]
    for three in itertools.combinations(kinds, 3):
        if len({kept.version for kept in three}) < 3:  # two savings of one conversation have two times
            continue
        ends = set()
        for order in itertools.permutations(three):
            stored = order[0]
            for kept in order[1:]:
                stored = kept if kept.outlives(stored) else stored
            ends.add(stored)
        (end,) = ends
        assert end.forgotten or all(end.since >= kept.version for kept in three if kept.forgotten), three


@pytest.mark.parametrize("content", [b"no times", b"0000000000000001000000000000000xturns", b""])
def test_a_damaged_conversation_begins_anew(
    stores: Callable[[], RedisConversations], domain: Domain, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        one, given = stores(), content or Kept(0, time.time_ns() // 1000, CIPHER.encrypt(b"no zlib")).to_bytes()
        await one._shared.run(lambda redis: redis.set(one._key("web-1"), given))
        with caplog.at_level(logging.ERROR):
            assert await one.retrieve("web-1") is None
        assert "begins anew" in caplog.text
        await one.save(tracker(domain, place="plauen"))
        assert await place(one) == "plauen"
        assert await place(stores()) == "plauen"

    run(story())


def test_without_the_secret_nothing_can_be_read(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        one, stranger = stores(), RedisConversations(domain, Shared.open(server.url), Fernet(b"B" * 43 + b"="))
        await one.save(tracker(domain, place="plauen"))
        assert await stranger.retrieve("web-1") is None
        assert "InvalidToken" in caplog.text
        await stranger.save(tracker(domain, place="anew"))
        assert await place(stranger) == "anew"

    run(story())


def test_a_redis_that_is_full_is_like_one_that_is_away(
    stores: Callable[[], RedisConversations], domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        await one.save(tracker(domain, place="plauen"))
        await one._shared.run(lambda redis: redis.config_set("maxmemory", "1"))
        try:
            await one.save(tracker(domain, place="zittau"))
            assert (await place(one), one._copies.waiting, one._shared.away) == ("zittau", 1, False)
        finally:
            await one._shared.run(lambda redis: redis.config_set("maxmemory", "0"))
        await one.save(tracker(domain, sender="web-2"))  # with the next message of anybody
        await until(lambda: not one._copies.waiting)
        assert await place(other) == "zittau"

    run(story())


def test_a_client_of_another_event_loop(stores: Callable[[], RedisConversations], domain: Domain) -> None:
    one = stores()
    run(one.save(tracker(domain, place="plauen")))
    assert run(place(one)) == "plauen"


def test_forgetting_all_by_hand(stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain) -> None:
    async def story() -> None:
        one, by_hand = stores(), Shared.open(server.url)
        for number in range(5):
            await one.save(tracker(domain, sender=f"web-{number}"))
        await one.delete("web-0")
        await by_hand.run(lambda redis: redis.set("wegweiser:other", b"x" * 99))
        assert await forget_all(by_hand) == 4
        assert [await one.retrieve(f"web-{number}") for number in range(5)] == [None] * 5
        assert list(await one.keys()) == []
        assert await by_hand.run(lambda redis: redis.exists("wegweiser:other")) == 1

    run(story())


def test_copies_are_few_and_short_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "CONVERSATIONS", 3)
    monkeypatch.setattr(copies, "BYTES", 100)
    kept = Copies()
    for number in range(5):
        kept.put(str(number), Kept(0, number, b"x" * 10), waiting=number != 3)
    assert [kept.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]
    assert (len(kept), kept.waiting) == (3, 2)
    assert [sender for sender, _ in kept.all()] == ["2", "4", "3"]
    kept.put("big", Kept(0, 9, b"x" * 95))
    assert (len(kept), kept.waiting) == (1, 0)
    kept.put("waits", Kept(0, 9, b"x"), waiting=True)
    kept.handed_in("waits", Kept(0, 8, b"y"))  # an older one
    assert kept.waiting == 1
    kept.handed_in("waits", Kept(0, 9, b"x"))
    kept.handed_in("waits", Kept(0, 9, b"x"))
    assert kept.waiting == 0
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + copies.COPY_SECONDS + 1)
    assert kept.get("waits") is None
    kept.put("new", Kept(0, 9, b"x"))
    assert (len(kept), kept._bytes) == (1, 1)


def test_handing_in_many_leaves_time_for_messages(
    stores: Callable[[], RedisConversations], server: RedisServer, domain: Domain
) -> None:
    async def story() -> None:
        one, other = stores(), stores()
        number = redis_store.AT_ONCE * 3 + 7
        now = time.time_ns() // 1000
        server.stop()
        await lose(one)
        for at in range(number):
            one._copies.put(f"web-{at}", Kept(0, now + at, b"x" * 2000), waiting=True)
        most, before = 0, one._copies.waiting
        server.start()
        while one._shared.away or one._copies.waiting:
            await asyncio.sleep(0)  # where a message would have its turn
            most, before = max(most, before - one._copies.waiting), one._copies.waiting
        assert 0 < most <= redis_store.AT_ONCE
        assert len(list(await other.keys())) == number

    run(story())
