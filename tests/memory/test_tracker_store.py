"""Conversations in a real SQLite file: what is kept, what never is, and when it goes."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, Restarted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory import forget
from bot.memory import turns as turns_module
from bot.memory.stored_events import USER_TURNS, pack
from bot.memory.tracker_store import SWEEP_EVERY, SWEPT_AT_ONCE, SqliteTrackerStore
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
SECRET = "Ich heiße Amal Rezai"
FACTS = {"blocks": [{"say": "utter_contact", "args": {"service": "Amt"}}], "speak": "de"}


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
def store(domain: Domain, tmp_path: Path) -> Iterator[SqliteTrackerStore]:
    opened = SqliteTrackerStore(domain, tmp_path / "conversations.sqlite", retention_hours=24)
    yield opened
    opened.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The store's time, in seconds; it stands until a test moves it."""
    now = {"time": time.time()}
    monkeypatch.setattr(time, "time", lambda: now["time"])
    return now


def start() -> list[Event]:
    return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


def turn(number: int = 0, text: str = SECRET, **slots: object) -> list[Event]:
    parsed = {
        "text": text,
        "intent": {"name": "german_course", "confidence": 0.9},
        "intent_ranking": [{"name": name, "confidence": 0.1} for name in ("german_course", "school", "work", "a", "b")],
        "entities": [{"entity": "place", "value": "leipzig", "start": 0, "end": 7}],
        "language": {"name": "de", "confidence": 0.9},
        "metadata": {"hint": text},
    }
    return [
        UserUttered(
            text, parsed["intent"], parsed["entities"], parsed, input_channel=text, metadata={"name": text}
        ),
        *(SlotSet(key, value) for key, value in slots.items()),
        ActionExecuted("action_answer"),
        BotUttered(f"Antwort {number}", {"custom": {"reply": {"text": f"Antwort {number}"}, "facts": FACTS | {"part": str(number)}}}),
        ActionExecuted("action_listen"),
    ]  # fmt: skip


def tracker(domain: Domain, *turns: list[Event], sender: str = "cli-1") -> DialogueStateTracker:
    events = [*start(), *(event for one in turns for event in one)]
    return DialogueStateTracker.from_events(sender, events, domain.slots)


def roundtrip(store: SqliteTrackerStore, given: DialogueStateTracker) -> DialogueStateTracker:
    async def run() -> DialogueStateTracker | None:
        await store.save(given)
        return await store.retrieve(given.sender_id)

    found = asyncio.run(run())
    assert found is not None
    return found


def test_a_conversation_comes_back(store: SqliteTrackerStore, domain: Domain) -> None:
    given = tracker(domain, turn(0, topic="german_course", place="leipzig", shown=["a", "b"], awaiting="place"))
    found = roundtrip(store, given)
    assert found.sender_id == "cli-1"
    assert found.current_slot_values() == given.current_slot_values()
    assert found.latest_message is not None and found.latest_message.intent["name"] == "german_course"
    assert found.latest_message.parse_data["language"] == {"name": "de", "confidence": 0.9}
    assert found.latest_action_name == given.latest_action_name == "action_listen"
    assert [type(e) for e in found.events] == [type(e) for e in given.events]


def test_policies_see_the_same_states(store: SqliteTrackerStore, domain: Domain) -> None:
    given = tracker(domain, turn(0, topic="german_course", awaiting="place"), turn(1, awaiting=None))

    def states(one: DialogueStateTracker) -> list[dict]:
        rows = one.past_states(domain)
        for row in rows:
            row.get("user", {}).pop("text", None)  # our policies decide from the intent
        return rows

    assert states(roundtrip(store, given)) == states(given)
    assert len(states(given)) > 3


def test_nothing_is_known_of_strangers(store: SqliteTrackerStore) -> None:
    assert asyncio.run(store.retrieve("cli-2")) is None


def test_what_people_write_is_nowhere_in_the_file(store: SqliteTrackerStore, domain: Domain, tmp_path: Path) -> None:
    roundtrip(store, tracker(domain, turn(0, topic="school"), turn(1)))
    files = sorted(p.name for p in tmp_path.iterdir())
    assert "conversations.sqlite-wal" in files
    raw = b"".join((tmp_path / name).read_bytes() for name in files)
    # The rows are compressed: what they hold has to be looked at too.
    (packed,) = (
        sqlite3.connect(tmp_path / "conversations.sqlite").execute("SELECT events FROM conversations").fetchone()
    )
    raw += zlib.decompress(packed)
    for word in ("Amal", "Rezai", "heiße", "Antwort"):
        assert word.encode() not in raw
        assert json.dumps(word).strip('"').encode() not in raw
    assert b"german_course" in raw  # the look inside is real


def test_metadata_is_not_kept_and_the_ranking_is_short(store: SqliteTrackerStore, domain: Domain) -> None:
    found = roundtrip(store, tracker(domain, turn()))
    assert found.latest_message is not None
    assert found.latest_message.text in ("", None)
    assert found.latest_message.metadata == {}
    assert len(found.latest_message.parse_data["intent_ranking"]) == 3


def test_only_the_last_answer_keeps_its_facts(store: SqliteTrackerStore, domain: Domain) -> None:
    found = roundtrip(store, tracker(domain, turn(0), turn(1), turn(2)))
    [answer] = [e for e in found.events if isinstance(e, BotUttered)]
    assert answer.data["custom"]["facts"]["part"] == "2"
    # The turn in hand had no answer yet: the one before is still the last.
    found = roundtrip(store, tracker(domain, turn(0), turn(1), turn(2)[:1]))
    [answer] = [e for e in found.events if isinstance(e, BotUttered)]
    assert answer.data["custom"]["facts"]["part"] == "1"


def test_of_turns_that_are_over_what_counts_is_kept(store: SqliteTrackerStore, domain: Domain) -> None:
    """The slots, what policies see of every turn, and the topics that counters read; and little else."""
    turns = [
        turn(0, language="uk", topic="school", place="leipzig", awaiting="place", shown=["a"]),
        turn(1, language="uk", topic="school", place="leipzig", awaiting=None, shown=["a", "b"]),
        turn(2, language="de", topic="doctor", place="leipzig", status=None, shown=[]),
        turn(3, language="de", topic="doctor", place=None, shown=["c"]),
    ]
    given = tracker(domain, *turns)
    found = roundtrip(store, given)
    assert found.current_slot_values() == given.current_slot_values()
    assert domain.states_for_tracker_history(found) == [
        {kind: {k: v for k, v in part.items() if k != "text"} for kind, part in state.items()}
        for state in domain.states_for_tracker_history(given)
    ]
    told = [
        (e.key, e.value) for e in found.events if isinstance(e, SlotSet) and e.key in ("topic", "place", "awaiting")
    ]
    assert told == [
        ("topic", "school"), ("place", "leipzig"), ("awaiting", "place"), ("awaiting", None),
        ("topic", "doctor"), ("topic", "doctor"), ("place", None),
    ]  # fmt: skip
    assert list(turns_module._earlier(list(found.events))) == list(turns_module._earlier(list(given.events)))
    again = roundtrip(store, found)
    assert again.current_slot_values() == given.current_slot_values()
    assert len(again.events) <= len(found.events) + 1


def test_after_a_restart_in_the_conversation_nothing_is_carried_over_it(
    store: SqliteTrackerStore, domain: Domain
) -> None:
    given = tracker(domain, turn(0, topic="school"), [Restarted()], turn(1, place="leipzig"), turn(2))
    found = roundtrip(store, given)
    assert found.current_slot_values() == given.current_slot_values()
    assert found.get_slot("topic") is None


def test_long_conversations_are_cut_and_keep_their_slots(store: SqliteTrackerStore, domain: Domain) -> None:
    first = turn(0, language="uk", place="leipzig", topic="school", status="ukraine")
    second = turn(1, topic="doctor", status=None)
    turns = [first, second, *(turn(n) for n in range(2, 40))]
    found = roundtrip(store, tracker(domain, *turns))
    assert sum(isinstance(e, UserUttered) for e in found.events) == USER_TURNS
    assert [found.get_slot(s) for s in ("language", "place", "topic", "status")] == ["uk", "leipzig", "doctor", None]
    assert found.latest_action_name == "action_listen"


def test_a_cut_conversation_does_not_grow(store: SqliteTrackerStore, domain: Domain) -> None:
    found = roundtrip(store, tracker(domain, *(turn(n, place="leipzig") for n in range(40))))
    size = len(found.events)
    for number in range(5):
        found.update_with_events(turn(100 + number), domain)
        found = roundtrip(store, found)
    assert len(found.events) <= size + 2
    assert found.get_slot("place") == "leipzig"


def test_retention_ends_a_conversation(store: SqliteTrackerStore, domain: Domain, clock: dict[str, float]) -> None:
    asyncio.run(store.save(tracker(domain, turn())))
    clock["time"] += 24 * 3600 - 1
    assert asyncio.run(store.retrieve("cli-1")) is not None
    clock["time"] += 2
    assert asyncio.run(store.retrieve("cli-1")) is None


def test_every_message_renews_the_retention(store: SqliteTrackerStore, domain: Domain, clock: dict[str, float]) -> None:
    for _ in range(3):
        asyncio.run(store.save(tracker(domain, turn())))
        clock["time"] += 20 * 3600
    assert asyncio.run(store.retrieve("cli-1")) is not None


def test_sweeping_deletes_what_is_over(store: SqliteTrackerStore, domain: Domain, clock: dict[str, float]) -> None:
    asyncio.run(store.save(tracker(domain, turn(), sender="old")))
    clock["time"] += 25 * 3600
    asyncio.run(store.save(tracker(domain, turn(), sender="new")))
    assert store.sweep() == 1
    assert asyncio.run(store.keys()) == ["new"]


def test_a_start_sweeps(domain: Domain, tmp_path: Path, clock: dict[str, float]) -> None:
    for hours, kept in ((0, []), (25, [])):
        clock["time"] += hours * 3600
        store = SqliteTrackerStore(domain, tmp_path / "c.sqlite", retention_hours=24)
        assert asyncio.run(store.keys()) == kept
        asyncio.run(store.save(tracker(domain, turn())))
        store.close()


def test_saving_sweeps_from_time_to_time(store: SqliteTrackerStore, domain: Domain, clock: dict[str, float]) -> None:
    async def run() -> list[str]:
        await store.save(tracker(domain, turn(), sender="old"))
        clock["time"] += 25 * 3600
        given = tracker(domain, turn(), sender="new")
        for _ in range(SWEEP_EVERY):
            await store.save(given)
        return list(await store.keys())

    assert asyncio.run(run()) == ["new"]


def test_forgetting_deletes_the_conversation(store: SqliteTrackerStore, domain: Domain, tmp_path: Path) -> None:
    async def run() -> DialogueStateTracker | None:
        await store.save(tracker(domain, turn(0, place="goerlitz")))
        await store.save(tracker(domain, turn(0, place="goerlitz"), turn(1, forget=True)))
        return await store.retrieve("cli-1")

    assert asyncio.run(run()) is None
    assert asyncio.run(store.keys()) == []


def test_whoever_keeps_something_of_a_conversation_is_told(store: SqliteTrackerStore, domain: Domain) -> None:
    told: list[str] = []
    store.on_forget.append(told.append)

    async def run() -> None:
        await store.save(tracker(domain, turn(), sender="a"))
        await store.save(tracker(domain, turn(0, forget=True), sender="b"))

    asyncio.run(run())
    assert told == ["b"]


def test_what_others_keep_is_forgotten_before_the_answer_even_when_one_of_them_fails(
    store: SqliteTrackerStore, domain: Domain, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def fails(sender: str) -> None:
        raise RuntimeError(sender)

    async def slowly(sender: str) -> None:
        await asyncio.sleep(0)
        told.append(sender)

    store.on_forget += [fails, slowly]
    asyncio.run(store.save(tracker(domain, turn(0, forget=True), sender="cli-secret")))
    assert told == ["cli-secret"]
    assert "RuntimeError" in caplog.text and "cli-secret" not in caplog.text


def test_a_message_is_written_where_the_last_one_was(store: SqliteTrackerStore, domain: Domain) -> None:
    """Work and file do not grow with the number of messages: the row stays, and no page is added."""

    def seen() -> tuple[int, int]:
        reader = sqlite3.connect(store.path)
        (row,) = reader.execute("SELECT rowid FROM conversations WHERE sender = 'cli-3'").fetchone()
        (pages,) = reader.execute("PRAGMA page_count").fetchone()
        reader.close()
        return row, pages

    async def write(times: int) -> None:
        for number in range(times):
            store._replace(f"cli-{number % 10}", time.time(), b"x" * 1500)

    asyncio.run(write(20))
    before = seen()
    asyncio.run(write(500))
    assert seen() == before


def test_both_ways_to_a_conversation_use_an_index(store: SqliteTrackerStore) -> None:
    reader = sqlite3.connect(store.path)
    for query in (
        "SELECT updated, events FROM conversations WHERE sender = 'a'",
        "DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations WHERE updated < 1 LIMIT 5)",
    ):
        plan = " ".join(str(row[3]) for row in reader.execute(f"EXPLAIN QUERY PLAN {query}"))
        assert "SEARCH conversations USING" in plan and "SCAN conversations" not in plan, plan
    reader.close()


def test_a_long_sweep_goes_in_steps(store: SqliteTrackerStore, clock: dict[str, float]) -> None:
    for number in range(SWEPT_AT_ONCE * 2 + 7):
        store._replace(f"old-{number}", clock["time"] - 25 * 3600, b"x")
    store._replace("new", clock["time"], b"x")
    assert store.sweep() == SWEPT_AT_ONCE * 2 + 7
    assert asyncio.run(store.keys()) == ["new"]


def test_reading_does_not_wait_for_a_writer(store: SqliteTrackerStore, domain: Domain) -> None:
    async def run() -> DialogueStateTracker | None:
        await store.save(tracker(domain, turn(0, place="plauen")))
        store._connection.execute("BEGIN IMMEDIATE")
        try:
            return await asyncio.wait_for(store.retrieve("cli-1"), 5)
        finally:
            store._connection.execute("ROLLBACK")

    found = asyncio.run(run())
    assert found is not None and found.get_slot("place") == "plauen"


def test_a_file_of_the_version_before_is_used_as_it_is(domain: Domain, tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    with sqlite3.connect(path) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.execute("CREATE TABLE conversations (sender TEXT PRIMARY KEY, updated REAL NOT NULL, events BLOB NOT NULL)")
        old.execute("CREATE INDEX conversations_updated ON conversations(updated)")
        for number in range(3):
            packed = pack(tracker(domain, turn(0, place="plauen"), sender=f"cli-{number}"))
            old.execute("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)", (f"cli-{number}", time.time(), packed))
    old.close()
    store = SqliteTrackerStore(domain, path)
    found = asyncio.run(store.retrieve("cli-2"))
    assert found is not None and found.get_slot("place") == "plauen"
    asyncio.run(store.save(found))
    assert sorted(asyncio.run(store.keys())) == ["cli-0", "cli-1", "cli-2"]
    store.close()


def test_forgetting_one_leaves_the_others(store: SqliteTrackerStore, domain: Domain) -> None:
    async def run() -> list[str]:
        await store.save(tracker(domain, turn(), sender="a"))
        await store.save(tracker(domain, turn(), sender="b"))
        await store.delete("a")
        return list(await store.keys())

    assert asyncio.run(run()) == ["b"]


def test_saves_and_reads_at_the_same_time(store: SqliteTrackerStore, domain: Domain) -> None:
    async def one(number: int) -> str:
        sender = f"cli-{number % 10}"
        await store.save(tracker(domain, turn(number, topic=f"topic{number % 10}"), sender=sender))
        found = await store.retrieve(sender)
        assert found is not None
        return str(found.get_slot("topic"))

    async def run() -> list[str]:
        return await asyncio.gather(*(one(n) for n in range(60)))

    assert asyncio.run(run()) == [f"topic{n % 10}" for n in range(60)]


def test_a_second_process_may_write_the_same_file(store: SqliteTrackerStore, domain: Domain) -> None:
    other = SqliteTrackerStore(domain, store.path)
    asyncio.run(other.save(tracker(domain, turn(0, place="plauen"))))
    found = asyncio.run(store.retrieve("cli-1"))
    other.close()
    assert found is not None and found.get_slot("place") == "plauen"


@pytest.mark.parametrize(
    "blob",
    [
        b"no zlib",
        zlib.compress(b"no json"),
        zlib.compress(b"5"),
        zlib.compress(b'[{"event": "of another version"}]'),
        zlib.compress(b'[{"event": "user"}]')[:-3],
        zlib.compress(b"[" + b" " * 5_000_000 + b"]"),
        b"",
    ],
)
def test_a_damaged_conversation_begins_anew(
    store: SqliteTrackerStore, domain: Domain, caplog: pytest.LogCaptureFixture, blob: bytes
) -> None:
    store._replace("cli-1", time.time(), blob)
    with caplog.at_level(logging.ERROR):
        assert asyncio.run(store.retrieve("cli-1")) is None
    assert "begins anew" in caplog.text
    assert roundtrip(store, tracker(domain, turn(0, place="plauen"))).get_slot("place") == "plauen"


def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, retention_hours=24)


def test_forget_by_hand(
    store: SqliteTrackerStore,
    domain: Domain,
    tmp_path: Path,
    clock: dict[str, float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(store.save(tracker(domain, turn(), sender="old")))
    clock["time"] += 25 * 3600
    asyncio.run(store.save(tracker(domain, turn(), sender="new")))
    assert forget.main(settings(tmp_path), everything=False) == 0
    assert capsys.readouterr().out == "1 conversations deleted\n"
    assert asyncio.run(store.keys()) == ["new"]
    assert forget.main(settings(tmp_path), everything=True) == 0
    assert asyncio.run(store.keys()) == []


def test_forget_by_hand_without_any_conversation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert forget.main(settings(tmp_path), everything=True) == 0
    assert capsys.readouterr().out == "0 conversations deleted\n"
    assert list(tmp_path.iterdir()) == []
