"""Which messages are kept to learn from, which never are, and when they go: a real SQLite file and real trackers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory import review_queue, review_store
from bot.memory.review_queue import NEVER, ReviewQueue, Rules
from bot.memory.review_store import FILE, Store, queue_counts

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


@pytest.fixture
def queue(tmp_path: Path, at: Time) -> Iterator[ReviewQueue]:
    rules = Rules(
        scrub=lambda text: text.replace("Amal", "[name]"),
        urgent=lambda text: "umbringen" in text,
        languages={"de", "ar"},
        topics={"find_housing", "german_course", "domestic_violence"},
    )
    opened = ReviewQueue(tmp_path / FILE, b"k" * 16, rules, 24, lambda: at.day, lambda: at.now)
    yield opened
    opened.close()


@pytest.fixture
def store(queue: ReviewQueue, tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / FILE)
    yield opened
    opened.close()


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
    """Plays turns of one conversation as the tracker store does: after each the queue is told."""
    events: dict[str, list[Event]] = {}

    def play(*turns: list[Event], sender: str = "web-1") -> None:
        for turn in turns:
            events.setdefault(sender, []).extend(turn)
            queue.turn(DialogueStateTracker.from_events(sender, events[sender], domain.slots))

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
    assert [row.text for row in store.waiting()] == ["bleibt hier stehen"]


def test_rows_name_nobody_and_are_not_linked(tell, store: Store, tmp_path: Path) -> None:
    tell(said(), said("noch eine frage"))
    tags = store.tags()
    assert len({salt for _, salt, _ in tags}) == len({tag for *_, tag in tags}) == 2
    content = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    assert b"web-1" not in content
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


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


def test_what_is_deleted_is_gone_from_the_disk(tell, queue: ReviewQueue, tmp_path: Path) -> None:
    tell(said("ein sehr eigenes wort"))
    assert any(b"eigenes wort" in path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    queue.forget("web-1")
    assert not any(b"eigenes wort" in path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))


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


def test_counts_only(tell, tmp_path: Path, store: Store) -> None:
    tell(said(), sender="web-1")
    tell(said(), pressed("find_housing"), sender="web-2")
    tell(said(language="ar"), sender="web-3")
    assert queue_counts(tmp_path) == {
        "total": 3,
        "oldest": "2026-10-01",
        "rows": {("de", "not_understood"): 1, ("de", "corrected"): 1, ("ar", "not_understood"): 1},
    }
    assert queue_counts(tmp_path / "nowhere") == {"total": 0, "oldest": "", "rows": {}}


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Store(tmp_path / FILE)
