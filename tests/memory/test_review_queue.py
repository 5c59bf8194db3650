"""Which messages are kept to learn from, which never are, and when they go: real trackers, SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.handover.sealed import Seal
from bot.memory import review_queue, review_store
from bot.memory.review_queue import NEVER, ReviewQueue, Rules
from bot.memory.review_store import FILE, ReviewError, Store, queue_counts
from bot.memory.stored_events import pack, unpack
from bot.operations.quarantine import quarantined
from tests.fakes import postgres
from tests.fakes.frozen_postgres import frozen

ROOT = Path(__file__).parents[2]
TEXT = "ich such was mit drei zimmern"


class Time:
    now, day = 0.0, date(2026, 10, 1)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
def at() -> Time:
    return Time()


RULES = Rules(
    scrub=lambda text: text.replace("Amal", "[name]"),
    urgent=lambda text: "umbringen" in text,
    languages={"de", "ar"},
    topics={"find_housing", "german_course", "domestic_violence"},
)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A store with nothing in it."""
    if request.param == "sqlite":
        return tmp_path / FILE
    found: str = request.getfixturevalue("postgres_server").url
    opened = Store(found)
    opened.clear()
    opened.forget_conversations()
    opened.close()
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE


def opened(place: Path | str, at: Time, **more: Any) -> ReviewQueue:
    return ReviewQueue(place, b"k" * 16, RULES, 24, lambda: at.day, lambda: at.now, **more)


@pytest.fixture
def queue(place: Path | str, at: Time) -> Iterator[ReviewQueue]:
    found = opened(place, at)
    yield found
    found.close()


@pytest.fixture
def store(queue: ReviewQueue, place: Path | str) -> Iterator[Store]:
    found = Store(place)
    yield found
    found.close()


def said(
    text: str = TEXT, intent: str = "nlu_fallback", ranking: tuple[tuple[str, float], ...] = (("find_job", 0.3), ("find_housing", 0.2)),
    language: str = "de", asks: bool = True, offered: tuple[str, ...] = ("find_housing",), entities: tuple[str, ...] = (), **more: Any,
) -> list[Event]:  # fmt: skip
    parsed = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.7},
        "intent_ranking": [{"name": n, "confidence": c} for n, c in ranking],
        "entities": [{"entity": e, "value": "x"} for e in entities],
        "language": {"name": language, "confidence": 0.9},
        **more.get("parsed", {}),
    }
    facts = {
        "blocks": [{"say": more.get("say", "utter_clarify" if asks else "utter_title")}],
        "choices": [{"title": "x", "payload": f"/{topic}"} for topic in offered],
    }
    metadata = more.get("metadata", {})
    return [
        UserUttered(text, parsed["intent"], parsed["entities"], parsed, metadata=metadata),
        BotUttered("", {"custom": {"facts": facts}}),
    ]


def pressed(topic: str) -> list[Event]:
    return said(f"/{topic}", topic, ((topic, 1.0),), asks=False, offered=(), parsed={"language": None})


@pytest.fixture
def tell(queue: ReviewQueue, domain: Domain) -> Callable[..., None]:
    """Plays turns of one conversation as the tracker store does: after each a queue, this one by default, is told.

    As in the store, what was said before has lost its words, and only the last answer has its facts.
    """
    events: dict[str, list[Event]] = {}

    def play(*turns: list[Event], sender: str = "web-1", to: ReviewQueue = queue, waits: bool = False) -> None:
        for turn in turns:
            before = DialogueStateTracker.from_events(sender, events.get(sender, []), domain.slots)
            stored = unpack(sender, pack(before), domain)
            assert stored is not None
            events[sender] = [*stored.events, *turn]
            to.turn(DialogueStateTracker.from_events(sender, events[sender], domain.slots))
            assert waits or to.drain()

    play.events = events  # type: ignore[attr-defined]

    return play


def test_a_message_asked_back_is_kept_scrubbed(tell, store: Store) -> None:
    tell(said("Amal sucht was mit drei zimmern"))
    (row,) = store.waiting()
    assert (row.text, row.language, row.kind, row.chosen) == (
        "[name] sucht was mit drei zimmern",
        "de",
        "not_understood",
        "",
    )
    assert row.ranking == (("find_job", 0.3), ("find_housing", 0.2))
    assert row.day == "2026-10-01"


def test_a_button_says_what_was_meant(tell, store: Store) -> None:
    tell(said(), pressed("find_housing"))
    (row,) = store.waiting()
    assert (row.kind, row.chosen) == ("corrected", "find_housing")


def test_a_button_that_was_not_offered_says_nothing(tell, store: Store) -> None:
    tell(said(), pressed("german_course"))
    assert [(row.kind, row.chosen) for row in store.waiting()] == [("not_understood", "")]


def test_what_was_answered_is_kept_only_when_it_is_called_bad(tell, store: Store) -> None:
    tell(said(intent="find_job", asks=False))
    assert store.waiting() == []
    tell(said("/feedback_bad", "feedback_bad", (("feedback_bad", 1.0),), asks=False, offered=("german_course",)))
    assert [(row.text, row.kind) for row in store.waiting()] == [(TEXT, "rated_bad")]
    tell(pressed("german_course"))
    assert [(row.kind, row.chosen) for row in store.waiting()] == [("corrected", "german_course")]


def test_ten_minutes_later_nothing_is_known_of_the_message(tell, store: Store, at: Time, queue: ReviewQueue) -> None:
    tell(said(intent="find_job", asks=False))
    at.now = review_queue.SECONDS + 1
    tell(said("/feedback_bad", "feedback_bad", asks=False))
    assert store.waiting() == []
    queue.sweep()
    assert not queue._last


@pytest.mark.parametrize("topic", sorted(NEVER))
def test_danger_violence_and_despair_are_never_kept(tell, store: Store, topic: str) -> None:
    tell(said(intent=topic, ranking=((topic, 0.6),)))
    tell(said(ranking=(("find_job", 0.4), ("school", 0.2), (topic, 0.06))), sender="web-2")
    assert store.waiting() == []


@pytest.mark.parametrize(
    "paths", [{"phrase": "crisis_suicide", "classifier": 0.0}, {"phrase": None, "classifier": 0.03}]
)
def test_a_trace_of_a_crisis_is_enough(tell, store: Store, paths: dict[str, Any]) -> None:
    tell(said(parsed={"crisis_paths": paths}))
    assert store.waiting() == []


def test_a_crisis_phrase_is_enough(tell, store: Store) -> None:
    tell(said("er will mich umbringen"), said("wo krieg ich was"))
    assert store.waiting() == []


def test_nothing_more_of_a_conversation_that_came_to_violence_and_nothing_from_before(tell, store: Store) -> None:
    tell(said(), said("andere sache"), sender="web-other")
    tell(said())
    assert len(store.waiting()) == 3
    tell(said("mein mann", "domestic_violence", (("domestic_violence", 0.8),), asks=False))
    assert len(store.waiting()) == 2
    tell(said("und wo gibts kurse"))
    assert len(store.waiting()) == 2


def test_pressing_a_topic_of_violence_takes_the_message_back(tell, store: Store) -> None:
    tell(said(offered=("domestic_violence",)), pressed("domestic_violence"))
    assert store.waiting() == []


@pytest.mark.parametrize(
    "turn",
    [
        said(entities=("letter",)),
        said(entities=("phone",)),
        said(language="other"),
        said(language="und"),
        said(language="it"),
        said("x" * (review_queue.LONGEST + 1)),
        said("12 ?"),
        said(intent="delete_my_data"),
        said(say="utter_handover_there"),
        said(metadata={"campaign": "test"}),
        [SlotSet("campaign", "test"), *said()],
        pressed("find_housing"),
        said("/inform", "inform", (("inform", 1.0),), entities=("point",)),
    ],
    ids=[
        "letter",
        "number",
        "other",
        "und",
        "it",
        "long",
        "letters",
        "act",
        "person",
        "test",
        "slot",
        "button",
        "point",
    ],
)
def test_what_is_no_question_of_one_person_is_not_kept(tell, store: Store, turn: list[Event]) -> None:
    tell(turn)
    assert store.waiting() == []


def test_what_nobody_answered_is_not_kept(tell, store: Store) -> None:
    tell(said()[:1], said("/feedback_bad", "feedback_bad", asks=False))
    assert store.waiting() == []


@pytest.mark.parametrize("sender", ["cli-1", "warm-de"])
def test_our_own_questions_are_not_kept(tell, store: Store, sender: str) -> None:
    tell(said(), sender=sender)
    assert store.waiting() == []


def test_forget_me_erases_the_rows_of_one_conversation(tell, store: Store, queue: ReviewQueue) -> None:
    tell(said(), sender="web-1")
    tell(said("bleibt hier stehen"), sender="web-2")
    queue.forget("web-1")
    assert queue.drain()
    assert [row.text for row in store.waiting()] == ["bleibt hier stehen"]


def test_rows_are_not_linked(tell, store: Store) -> None:
    tell(said(), said("noch eine frage"))
    tags = store.tags()
    assert len({salt for _, salt, _ in tags}) == len({tag for *_, tag in tags}) == 2


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_file_names_nobody_and_is_its_owners(tell, file: Path) -> None:
    tell(said(), said("er will mich umbringen"))
    tell(said(), sender="web-2")
    content = b"".join(path.read_bytes() for path in file.parent.glob(f"{FILE}*"))
    assert TEXT.encode() in content and b"web-1" not in content and b"web-2" not in content
    assert file.stat().st_mode & 0o077 == 0


def test_tags_go_with_the_conversation_and_rows_after_thirty_days(
    tell, store: Store, queue: ReviewQueue, at: Time
) -> None:
    tell(said())
    at.day += timedelta(days=1)
    queue.sweep()
    assert len(store.tags()) == 1
    at.day += timedelta(days=1)
    queue.sweep()
    assert store.tags() == []
    assert len(store.waiting()) == 1
    at.day = date(2026, 10, 31)
    queue.sweep()
    assert store.waiting() == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_deleted_is_gone_from_the_disk(tell, queue: ReviewQueue, file: Path) -> None:
    tell(said("ein sehr eigenes wort"))
    assert any(b"eigenes wort" in path.read_bytes() for path in file.parent.glob(f"{FILE}*"))
    queue.forget("web-1")
    assert queue.drain()
    assert not any(b"eigenes wort" in path.read_bytes() for path in file.parent.glob(f"{FILE}*"))


def test_the_queue_is_bounded_and_the_oldest_goes(
    tell, store: Store, at: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_store, "ROWS", 3)
    for number in range(5):
        at.day = date(2026, 10, 1 + number)
        tell(said(f"frage nummer {'abcde'[number]}"), sender=f"web-{number}")
    assert sorted(row.day for row in store.waiting()) == ["2026-10-03", "2026-10-04", "2026-10-05"]


def test_nobody_fills_the_queue_alone(tell, store: Store) -> None:
    tell(*[said(f"frage {chr(97 + n)}") for n in range(review_queue.ROWS_EACH + 5)])
    assert len(store.waiting()) == review_queue.ROWS_EACH


def test_memory_is_bounded(tell, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_queue, "CONVERSATIONS", 3)
    for number in range(6):
        tell(said(), sender=f"web-{number}")
    assert len(queue._last) <= 3


def test_counts_only(tell, tmp_path: Path, place: Path | str, store: Store) -> None:
    tell(said(), sender="web-1")
    tell(said(), pressed("find_housing"), sender="web-2")
    tell(said(language="ar"), sender="web-3")
    assert queue_counts(place if isinstance(place, str) else tmp_path) == {
        "total": 3,
        "oldest": "2026-10-01",
        "rows": {("de", "not_understood"): 1, ("de", "corrected"): 1, ("ar", "not_understood"): 1},
    }
    assert queue_counts(tmp_path / "nowhere") == {"total": 0, "oldest": "", "rows": {}}


def test_a_damaged_file_is_put_aside(file: Path, at: Time) -> None:
    file.write_bytes(b"not a database at all" * 100)
    assert Store(file).waiting() == []
    assert [found.name for found in quarantined(file.parent)] == [file.name]
    file.write_bytes(b"not a database at all" * 100)
    opened(file, at).close()


def test_a_file_that_cannot_be_used_is_said_and_stops_no_start(tmp_path: Path, at: Time) -> None:
    nowhere = tmp_path / "nothing" / "review.sqlite"
    with pytest.raises(ReviewError) as told:
        Store(nowhere).waiting()
    assert str(told.value) == "the messages to learn from cannot be used (OperationalError)"
    opened(nowhere, at).close()


def test_a_file_of_before_goes_on(file: Path, at: Time) -> None:
    """Its table had no conversations that are closed, and its salts were random."""
    connection = sqlite3.connect(file)
    connection.execute(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, language TEXT NOT NULL, text TEXT NOT NULL, "
        "kind TEXT NOT NULL, ranking TEXT NOT NULL, chosen TEXT NOT NULL, day TEXT NOT NULL, salt BLOB, tag BLOB)"
    )
    key = hmac.new(b"k" * 16, b"review", hashlib.sha256).digest()
    for number, sender in ((7, b"web-1"), (8, b"web-2")):
        salt = bytes([number]) * 16
        tag = hmac.new(key, salt + sender, hashlib.sha256).digest()[:16]
        row = (number, "de", f"alt {number}", "rated_bad", '[["find_job", 0.3]]', "", "2026-09-30", salt, tag)
        connection.execute("INSERT INTO messages VALUES (?,?,?,?,?,?,?,?,?)", row)
    connection.commit()
    connection.close()
    queue = opened(file, at)
    queue.forget("web-1")
    assert queue.drain()
    store = Store(file)
    assert store.waiting() == [
        review_store.Waiting(8, "alt 8", "de", "rated_bad", (("find_job", 0.3),), "", "2026-09-30")
    ]
    queue.close()
    store.close()


@pytest.fixture
def other(queue: ReviewQueue, place: Path | str, at: Time) -> Iterator[ReviewQueue]:
    """The queue of another process, on the same database."""
    found = opened(place, at)
    yield found
    found.close()


def test_a_button_pressed_in_another_process_says_what_was_meant(tell, store: Store, other: ReviewQueue) -> None:
    tell(said())
    tell(pressed("find_housing"), to=other)
    assert [(row.kind, row.chosen) for row in store.waiting()] == [("corrected", "find_housing")]


def test_another_process_takes_only_what_was_offered(tell, store: Store, other: ReviewQueue) -> None:
    tell(said(), sender="web-2")
    tell(said())
    tell(pressed("german_course"), to=other)
    assert {(row.kind, row.chosen) for row in store.waiting()} == {("not_understood", "")}


def test_a_rating_counts_only_where_the_message_is_the_last_one(tell, store: Store, other: ReviewQueue) -> None:
    rating = said("/feedback_bad", "feedback_bad", asks=False)
    tell(said(intent="find_job", asks=False))
    tell(said("was ganz anderes", intent="find_job", asks=False), to=other)
    tell(rating)
    assert store.waiting() == [], "the message before the last was not rated"
    tell(said("noch etwas", intent="find_job", asks=False), rating)
    assert [row.text for row in store.waiting()] == ["noch etwas"]


def test_forget_me_in_another_process_ends_what_is_known_here(tell, store: Store, other: ReviewQueue) -> None:
    tell(said())
    tell(said("geheim geblieben", intent="find_job", asks=False))
    other.forget("web-1")
    assert other.drain()
    assert store.waiting() == []
    tell.events.clear()
    tell(said("/feedback_bad", "feedback_bad", asks=False))
    assert store.waiting() == [], "what was said before the conversation was deleted is kept after it"


def test_nothing_more_in_any_process_of_a_conversation_that_came_to_danger(
    tell, store: Store, other: ReviewQueue, at: Time
) -> None:
    tell(said("und noch was"), to=other)
    tell(said(parsed={"crisis_paths": {"phrase": None, "classifier": 0.09}}))
    assert store.waiting() == []
    tell(said("und noch was"), to=other)
    assert store.waiting() == []
    tell(said("jemand anderes"), sender="web-2", to=other)
    assert [row.text for row in store.waiting()] == ["jemand anderes"]
    other.forget("web-1")
    assert other.drain()
    tell.events.clear()
    tell(said("ganz neu"), to=other)
    assert len(store.waiting()) == 2, "a conversation that was deleted begins anew"


def test_marks_of_closed_conversations_go_with_the_retention(tell, store: Store, queue: ReviewQueue, at: Time) -> None:
    tell(said(), said("er will mich umbringen"))
    for days, left in ((0, 1), (1, 1), (2, 0)):
        at.day = date(2026, 10, 1) + timedelta(days=days)
        queue.sweep()
        with store._database.begin() as connection:
            assert len(connection.execute(store._closed.select()).all()) == left


def test_a_message_told_twice_is_one_row(store: Store) -> None:
    content = ("de", "a", "rated_bad", "[]", "", "2026-10-01")
    assert store.add(content, b"s" * 16, b"t" * 16) == store.add(content, b"s" * 16, b"t" * 16)
    assert len(store.waiting()) == 1


def test_processes_open_one_empty_database_at_once(place: Path | str, postgres_server: postgres.Postgres) -> None:
    if isinstance(place, str):
        engine = sqlalchemy.create_engine(place)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("DROP TABLE wegweiser_review, wegweiser_review_closed"))
        engine.dispose()
    stores = [Store(place) for _ in range(6)]
    begin = threading.Barrier(len(stores))
    told: list[object] = []

    def add(number: int) -> None:
        try:
            begin.wait()
            for n in range(5):
                mark = bytes([number, n]) * 8
                stores[number].add(("de", "a", "rated_bad", "[]", "", "2026-10-01"), mark, mark)
        except Exception as exc:
            told.append(exc)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == []
    assert len(stores[0].waiting()) == 30
    for found in stores:
        found.close()


def test_sealed_texts_are_read_with_the_secret_only(place: Path | str, at: Time, tell) -> None:
    sealed = opened(place, at, seal=Seal(b"k" * 16, "review"))
    tell(said("mit drei zimmern"), to=sealed)
    sealed.close()
    (bare,) = Store(place).waiting()
    assert "zimmer" not in bare.text
    assert Store(place, Seal(b"x" * 16, "review")).waiting() == []
    assert [row.text for row in Store(place, Seal(b"k" * 16, "review")).waiting()] == ["mit drei zimmern"]
    assert Store(place).counts()["total"] == 1


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_postgresql_keeps_nothing_deleted_in_its_tables(
    tell, queue: ReviewQueue, store: Store, postgres_server: postgres.Postgres, at: Time
) -> None:
    """Without a seal, so that the words can be looked for; its log of writes (pg_wal) is not looked at."""

    def on_disk() -> bool:
        store._database.apart("CHECKPOINT")
        return any(
            b"eigenes wort" in path.read_bytes() for path in postgres_server._data.glob("base/*/*") if path.is_file()
        )

    tell(said("ein sehr eigenes wort"))
    tell(said("bleibt hier stehen"), sender="web-2")
    assert on_disk()
    queue.forget("web-1")
    assert queue.drain()
    queue.sweep()
    assert not on_disk()
    assert [row.text for row in store.waiting()] == ["bleibt hier stehen"]
    tables = "SELECT reloptions FROM pg_class WHERE relname LIKE 'wegweiser_review%' AND relkind = 'r'"
    with store._database.begin() as connection:
        options = connection.execute(sqlalchemy.text(tables)).scalars().all()
    assert options == [["autovacuum_vacuum_scale_factor=0", "autovacuum_vacuum_threshold=50"]] * 2


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_database_that_is_away_costs_no_answer_and_no_message(
    tell, queue: ReviewQueue, store: Store, postgres_server: postgres.Postgres, at: Time, domain: Domain, caplog: Any
) -> None:
    tell(said("von vorher"), sender="web-old")
    postgres_server.stop()
    try:
        begun = time.monotonic()
        starting = opened(postgres_server.url, at)
        for number in range(20):
            turn = said(f"geheime frage {chr(97 + number)}")
            queue.turn(DialogueStateTracker.from_events(f"web-{number}", turn, domain.slots))
        queue.forget("web-3")
        queue.forget("web-old")
        assert time.monotonic() - begun < 1
        assert not queue.drain(0.2)
        with pytest.raises(review_store.ReviewAway):
            store.waiting()
    finally:
        postgres_server.start()
    assert queue.drain() and starting.drain()
    assert sorted(row.text[-1] for row in store.waiting()) == [c for c in "abcdefghijklmnopqrst" if c != "d"]
    starting.close()
    assert "it waits" in caplog.text and "geheim" not in caplog.text


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_database_that_froze_holds_up_nobody_for_long(
    tell,
    queue: ReviewQueue,
    store: Store,
    postgres_server: postgres.Postgres,
    monkeypatch: pytest.MonkeyPatch,
    at: Time,
) -> None:
    monkeypatch.setattr(review_store, "PATIENCE", 0.3)
    waiting = opened(postgres_server.url, at)
    tell(said("von vorher"), to=waiting)
    with frozen(postgres_server):
        begun = time.monotonic()
        tell(said("während es steht"), sender="web-2", to=waiting, waits=True)
        impatient = Store(postgres_server.url)
        with pytest.raises(review_store.ReviewAway):
            impatient.waiting()
        impatient.close()
        assert time.monotonic() - begun < 3
    assert waiting.drain()
    assert {row.text for row in store.waiting()} == {"von vorher", "während es steht"}
    waiting.close()
