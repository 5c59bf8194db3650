"""Every store forgets on time, by its job and by a restart: looked for in the raw files, with what lies beside them."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot import upkeep
from bot.channels.telegram.journal import FILE as JOURNAL
from bot.channels.telegram.journal import KEPT_SECONDS, Journal
from bot.channels.web.limits import Toll
from bot.channels.web.mailbox import Mailbox
from bot.channels.web.replays import Replays
from bot.handover.callbacks import Callbacks
from bot.handover.desk import Desk
from bot.handover.numbers import Numbers
from bot.memory import forget
from bot.memory.counters import Counted, Counters, months_ago
from bot.memory.fragments import Fragments
from bot.memory.review_queue import ReviewQueue, Rules
from bot.memory.tracker_store import SqliteTrackerStore
from bot.settings import Settings
from tests.channels.telegram.conftest import text_update

SECRET = b"the secret of the retention tests"
HOUR, DAY = 3600.0, 86_400.0
CANARY = "canary-4d2f08a7"


class Clock:
    """The time of every store of a test, in seconds."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def today(self) -> date:
        return datetime.fromtimestamp(self.now, timezone.utc).date()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", made)
    return made


def raw(folder: Path) -> bytes:
    """All bytes of all files, -wal and -shm too."""
    return b"\0\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def once(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run an hourly or minutely job of the server until it waits for the second time."""

    class Done(Exception):
        pass

    turns: list[float] = []

    async def sleep(seconds: float, *_: Any) -> None:
        turns.append(seconds)
        if len(turns) > 1:
            raise Done

    with monkeypatch.context() as patched:
        patched.setattr(upkeep.asyncio, "sleep", sleep)
        with pytest.raises(Done):
            asyncio.run(work)
    assert turns[0] in (60, 3600)


HOW = pytest.mark.parametrize("how", ["job", "restart"])


# ---- conversations


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(Path(__file__).parents[2] / "domain.yml"))


def conversations(domain: Domain, folder: Path) -> SqliteTrackerStore:
    return SqliteTrackerStore(domain, folder / "conversations.sqlite", retention_hours=24)


def saved(store: SqliteTrackerStore, senders: list[str]) -> None:
    async def save() -> None:
        for sender in senders:
            events = [SlotSet("topic", f"{sender}-topic" * 40)]
            await store.save(DialogueStateTracker.from_events(sender, events, store.domain.slots))

    asyncio.run(save())


@HOW
def test_conversations(domain: Domain, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    store, senders = conversations(domain, tmp_path), [f"web-{CANARY}-{number}" for number in range(50)]
    saved(store, senders)
    with sqlite3.connect(tmp_path / "conversations.sqlite") as db:
        contents = [bytes(row[0]) for row in db.execute("SELECT events FROM conversations")]
    assert CANARY.encode() in raw(tmp_path) and contents[7][10:40] in raw(tmp_path)
    clock.now += 24 * HOUR - 60
    once(upkeep.forget_on_time(store), monkeypatch)
    assert CANARY.encode() in raw(tmp_path), "not before its time"
    clock.now += 120
    if how == "job":
        once(upkeep.forget_on_time(store), monkeypatch)
    else:  # after a crash: what is in the log beside the file goes too
        del store
        gc.collect()
        store = conversations(domain, tmp_path)
    found = raw(tmp_path)
    assert CANARY.encode() not in found
    assert [content for content in contents if content[10:40] in found] == []
    store.close()


def test_one_that_is_deleted_leaves_nothing_in_the_log(domain: Domain, tmp_path: Path) -> None:
    """Not even what was overwritten before: older states of a row stand in the log, too."""
    store = conversations(domain, tmp_path)
    for _ in range(5):
        saved(store, [f"web-{CANARY}", "web-other"])
    asyncio.run(store.delete(f"web-{CANARY}"))
    assert CANARY.encode() not in raw(tmp_path) and b"web-other" in raw(tmp_path)
    store.close()


def test_somebody_who_reads_at_that_moment_only_delays_it(domain: Domain, tmp_path: Path) -> None:
    store = conversations(domain, tmp_path)
    saved(store, [f"web-{CANARY}"])
    reader = sqlite3.connect(tmp_path / "conversations.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM conversations").fetchone()
    store._connection.execute("PRAGMA busy_timeout=50")
    asyncio.run(store.delete(f"web-{CANARY}"))
    assert asyncio.run(store.retrieve(f"web-{CANARY}")) is None
    reader.execute("COMMIT")
    store.sweep()
    assert CANARY.encode() not in raw(tmp_path)
    reader.close()
    store.close()


def test_the_command_deletes_too(domain: Domain, tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture) -> None:
    """Beside a server that runs, too, which keeps the log."""
    store = conversations(domain, tmp_path)
    saved(store, [f"web-{CANARY}"])
    clock.now += 25 * HOUR
    assert forget.main(Settings(data_dir=tmp_path), everything=False) == 0
    assert CANARY.encode() not in raw(tmp_path)
    store.close()


# ---- messages to learn from

RULES = Rules(scrub=lambda text: text, urgent=lambda text: False, languages=frozenset({"en"}), topics=frozenset())


@HOW
def test_messages_to_learn_from(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    def opened() -> ReviewQueue:
        return ReviewQueue(tmp_path / "review.sqlite", SECRET, RULES, 24, clock.today)

    queue = opened()
    (salt,), (mark,) = queue._salts("web-a", 1.0), queue._marks("web-shut")
    tag = queue._tag(salt, "web-a")
    content = ("en", f"{CANARY} in words", "not_understood", "[]", "", clock.today().isoformat())
    assert queue._store.add(content, salt, tag)
    queue._store.close_conversation(mark, clock.today())

    def pass_time(days: float) -> bytes:
        nonlocal queue
        clock.now += days * DAY
        if how == "job":
            once(upkeep.forget_on_time(queue), monkeypatch)
        else:
            del queue
            gc.collect()
            queue = opened()
        return raw(tmp_path)

    found = pass_time(1)
    assert CANARY.encode() in found and tag in found
    found = pass_time(1)
    assert CANARY.encode() in found and tag not in found and salt not in found and mark not in found
    assert CANARY.encode() in pass_time(27)
    assert CANARY.encode() not in pass_time(2)
    queue.close()


# ---- Telegram


@HOW
def test_updates_and_numbers_of_telegram(tmp_path: Path, clock: Clock, how: str) -> None:
    journal = Journal(tmp_path / JOURNAL, SECRET)
    journal.take(text_update(1, CANARY))
    sealed = bytes(journal._db.execute("SELECT content FROM updates").fetchone()[0])[40:90]
    journal.keep_sent(f"telegram-{CANARY}", 7)
    assert sealed in raw(tmp_path)
    journal.done(1)
    if how == "job":  # every minute (TelegramInput)
        journal.erase()
    else:
        del journal
        gc.collect()
        journal = Journal(tmp_path / JOURNAL, SECRET)
        journal.sweep()
    assert sealed not in raw(tmp_path) and CANARY.encode() in raw(tmp_path)
    clock.now += 2 * KEPT_SECONDS + 1
    journal.sweep()
    assert CANARY.encode() not in raw(tmp_path)
    assert journal._db.execute("SELECT count(*) FROM updates").fetchone() == (0,)
    journal.close()


# ---- the office


@HOW
def test_numbers_for_a_call_back(tmp_path: Path, clock: Clock, how: str) -> None:
    def opened() -> Callbacks:
        return Callbacks(tmp_path / "callbacks.sqlite", SECRET, clock=clock)

    callbacks = opened()
    assert callbacks.add(f"web-{CANARY}", "+49341000123", "en", "leipzig", "doctor")
    key, sealed = callbacks._db.execute("SELECT id, content FROM callbacks").fetchone()
    clock.now += 14 * DAY - 60
    callbacks.sweep()
    assert bytes(sealed)[40:90] in raw(tmp_path)
    clock.now += 120
    if how == "job":  # hourly, and whenever staff look
        callbacks.sweep()
    else:
        del callbacks
        gc.collect()
        callbacks = opened()
    assert bytes(sealed)[40:90] not in raw(tmp_path) and str(key).encode() not in raw(tmp_path)
    callbacks.close()


def test_a_call_that_was_made(tmp_path: Path) -> None:
    callbacks = Callbacks(tmp_path / "callbacks.sqlite", SECRET)
    callbacks.add(f"web-{CANARY}", "+49341000123", "en", "leipzig", "doctor")
    key, sealed = callbacks._db.execute("SELECT id, content FROM callbacks").fetchone()
    assert callbacks.done(key)
    assert bytes(sealed)[40:90] not in raw(tmp_path)
    callbacks.close()


def test_a_conversation_with_a_person(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / "handover.sqlite", SECRET, clock)
    desk.begin(f"web-{CANARY}", "17", "en")
    desk.reach(f"web-{CANARY}", "7001234")
    desk.put(f"web-{CANARY}", "words to the office")
    number, _, _ = desk.next(f"web-{CANARY}")  # type: ignore[misc]
    sealed = bytes(desk._db.execute("SELECT content FROM outbox").fetchone()[0])[40:90]
    desk.delivered(number)
    assert sealed not in raw(tmp_path), "what was delivered is gone"
    assert desk.first_time("delivery:canary-call")
    clock.now += 72 * HOUR + 1
    (talk,) = desk.idle()
    desk.end(talk.conversation)
    assert CANARY.encode() not in raw(tmp_path)
    assert b"canary-call" in raw(tmp_path)
    clock.now += 4 * DAY
    desk.sweep()
    assert b"canary-call" not in raw(tmp_path)
    desk.close()


# ---- numbers


@HOW
def test_numbers_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Nothing of a person is in them; they go after 36 months all the same."""
    now = {"moment": datetime(2026, 11, 23, 10, tzinfo=timezone.utc)}

    def opened() -> Counters:
        counters = Counters(f"sqlite:///{tmp_path / 'counters.sqlite'}")
        counters.oldest = lambda: months_ago(now["moment"], 36)
        return counters

    counters = opened()
    counters.count(Counted(now["moment"], "web", "en", "answered", topic="doctor", new_question=True))
    assert counters.flush() and counters.months() == ["2026-11"]
    for days, months in ((36 * 30, ["2026-11"]), (90, [])):
        now["moment"] += timedelta(days=days)
        if how == "job":
            once(upkeep.forget_on_time(counters), monkeypatch)
        else:
            counters.close()
            counters = opened()
            counters.sweep()
        assert counters.months() == months
    counters.close()


# ---- what is in memory


def test_pieces_of_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"time": 0.0}
    pieces = Fragments(lambda: now["time"])
    asyncio.run(pieces.add("web-a", CANARY))
    agent = _agent(pieces)
    now["time"] = 59
    once(upkeep.trim_on_time(agent), monkeypatch)
    assert asyncio.run(pieces.before("web-a")) == CANARY
    now["time"] = 61
    once(upkeep.trim_on_time(agent), monkeypatch)
    assert not pieces._pieces, "nobody else wrote"


def test_a_number_that_no_action_took(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = Numbers()
    assert numbers.read("web-a", "0341 123 45678")
    relay = dataclasses.make_dataclass("Relay", ["trim"])(numbers.trim)
    agent = _agent(None, relay)
    once(upkeep.trim_on_time(agent), monkeypatch)
    assert numbers.read("web-a", "0341 123 45678") and not numbers._left, "a new one has its minute"
    once(upkeep.trim_on_time(agent), monkeypatch)
    once(upkeep.trim_on_time(agent), monkeypatch)
    assert not numbers._taken and numbers.take("web-a") == ""


def _agent(pieces: Any, relay: Any = None) -> Any:
    processor = dataclasses.make_dataclass("Processor", ["fragments"])(pieces)
    return dataclasses.make_dataclass("Agent", ["processor", "relay"])(processor, relay)


def test_last_messages_to_learn_from(tmp_path: Path) -> None:
    now = {"time": 0.0}
    queue = ReviewQueue(tmp_path / "review.sqlite", SECRET, RULES, clock=lambda: now["time"])
    from bot.memory.review_queue import _Last

    queue._last["web-a"] = _Last(0.0, 1.0, 1.0, CANARY, "en")
    now["time"] = 599
    queue.trim()
    assert queue._last
    now["time"] = 601
    queue.trim()
    assert not queue._last
    queue.close()


def test_answers_and_messages_that_wait() -> None:
    """They have timers of their own; a loop whose clock is moved stands for the time."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        passed = 0.0
        real = loop.time
        loop.time = lambda: real() + passed  # type: ignore[method-assign]
        replays, mailbox = Replays(), Mailbox(clock=loop.time)

        async def answer() -> bytes:
            return CANARY.encode()

        await (await replays.begin("web-a", "m1", answer, Toll(_Free(), [])))
        mailbox.put("web-a", {"text": CANARY})
        assert len(replays) == len(mailbox) == 1
        for seconds, left in ((599.0, (1, 1)), (602.0, (0, 1)), (24 * HOUR + 1, (0, 0))):
            passed = seconds
            for _ in range(3):
                await asyncio.sleep(0)
            await _until(lambda left=left: (len(replays), len(mailbox)) == left)
        mailbox.close()

    asyncio.run(story())


class _Free:
    async def take(self, charges: Any) -> float:
        return 0.0


async def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()
