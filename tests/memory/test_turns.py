"""What is counted of a turn: outcome, topic, Kreis and cards, from trackers as the assistant leaves them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from actions.directory.hours import BERLIN
from bot.memory.counters import OUTCOMES, Counted
from bot.memory.tracker_store import SqliteTrackerStore
from bot.memory.turns import Known, read_turn

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
KREIS = {"leipzig": "leipzig", "goerlitz": "landkreis-goerlitz", "zittau": "landkreis-goerlitz"}
KNOWN = Known(
    topics=frozenset({"doctor", "school", "bank_account", "migration_counselling", "lgbtiq", "crisis_suicide"}),
    local=frozenset({"doctor", "school", "migration_counselling", "lgbtiq"}),
    crises=frozenset({"crisis_suicide"}),
    private=frozenset({"lgbtiq"}),
    district=lambda place: KREIS.get(place, ""),
)
NEAR = {"id": "practice", "scope": "place", "warning": ""}
OLD = {"id": "office", "scope": "district", "warning": "old"}
STATEWIDE = {"id": "hotline", "scope": "state", "warning": ""}
TYPED = "Ich heiße Amal Rezai"


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(Path(__file__).parents[2] / "domain.yml"))


def turn(
    intent: str, *cards: dict[str, Any], says: tuple[str, ...] = (), part: str = "summary", channel: str = "web", **slots: Any
) -> list[Event]:  # fmt: skip
    facts = {"blocks": [{"say": key, "args": {}} for key in says], "cards": list(cards), "part": part}
    return [
        UserUttered(TYPED, {"name": intent, "confidence": 1.0}, input_channel=channel),
        *(SlotSet(name, value) for name, value in slots.items()),
        ActionExecuted("action_answer"),
        BotUttered("…", {"custom": {"reply": {"text": "…"}, "facts": facts}}),
        ActionExecuted("action_listen"),
    ]


def tracker(domain: Domain, *turns: list[Event], sender: str = "web-1") -> DialogueStateTracker:
    start: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    return DialogueStateTracker.from_events(sender, [*start, *(e for one in turns for e in one)], domain.slots)


@pytest.fixture
def read(domain: Domain) -> Any:
    def counted(*turns: list[Event], sender: str = "web-1") -> Counted:
        found = read_turn(tracker(domain, *turns, sender=sender), KNOWN, NOW)
        assert found is not None and found.outcome in OUTCOMES
        return found

    return counted


def test_a_question(read: Any) -> None:
    found = read(turn("doctor", NEAR, OLD, topic="doctor", language="ar", place="zittau", campaign="aufnahme7"))
    assert found == Counted(
        NOW, "web", "ar", "answered", topic="doctor", new_question=True, district="landkreis-goerlitz",
        campaign="aufnahme7", services=(("practice", False), ("office", True)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "says", "part", "outcome"),
    [
        ("doctor", (), "summary", "answered"),
        ("ask_cost", (), "cost", "answered"),
        ("ask_cost", ("utter_ask_topic",), "", "asked_back"),
        ("inform", ("utter_services_in",), "summary", "answered"),
        ("inform", ("utter_place_which",), "", "asked_back"),
        ("inform", ("utter_place_unknown", "utter_ask_place"), "", "asked_back"),
        ("nlu_fallback", ("utter_clarify",), "", "asked_back"),
        ("nlu_fallback", ("utter_clarify_open",), "", "not_understood"),
        ("nlu_fallback", ("utter_word",), "summary", "answered"),
        ("nlu_fallback", (), "more", "answered"),
        ("crisis_suicide", ("utter_crisis_suicide",), "summary", "crisis"),
        ("crisis_near", ("utter_danger_question",), "", "crisis"),
        ("feedback_good", (), "", "feedback_good"),
        ("feedback_bad", ("utter_feedback_bad",), "", "feedback_bad"),
        ("greet", (), "", "conversation"),
        ("repeat", ("utter_clarify",), "summary", "conversation"),
        ("change_language", (), "", "conversation"),
        ("human_handover", ("utter_handover",), "contact", "conversation"),
        ("delete_my_data", (), "", "conversation"),
        ("an intent of tomorrow", (), "", "conversation"),
    ],
)
def test_outcomes(read: Any, intent: str, says: tuple[str, ...], part: str, outcome: str) -> None:
    assert read(turn(intent, says=says, part=part, topic="doctor")).outcome == outcome


def test_a_town_without_a_question_is_conversation(read: Any) -> None:
    assert read(turn("inform", says=("utter_place_noted",), part="", place="leipzig")).outcome == "conversation"


def test_an_answer_that_never_came_is_not_understood(domain: Domain) -> None:
    events = [UserUttered(TYPED, {"name": "nlu_fallback"}, input_channel="web"), SlotSet("topic", "doctor")]
    found = read_turn(tracker(domain, events), KNOWN, NOW)
    assert found is not None and found.outcome == "not_understood"


def test_what_is_written_to_a_person_is_not_a_question_in_vain(read: Any) -> None:
    """The assistant is silent then; an emergency is one nevertheless."""
    paused = ConversationPaused()
    passed_on: list[Event] = [paused, UserUttered("", {"name": "nlu_fallback", "confidence": 1.0}, input_channel="web")]
    assert read(turn("doctor", topic="doctor"), passed_on).outcome == "conversation"
    assert read([*turn("crisis_suicide", topic="crisis_suicide"), paused]).outcome == "crisis"


def test_nobody_said_anything(domain: Domain) -> None:
    assert read_turn(tracker(domain), KNOWN, NOW) is None


def test_a_topic_is_new_once_a_conversation(read: Any) -> None:
    first, other = turn("doctor", NEAR, topic="doctor"), turn("school", NEAR, topic="school")
    follow_up, again = turn("ask_cost", part="cost"), turn("doctor", NEAR, topic="doctor")
    assert read(first).new_question
    assert not read(first, follow_up).new_question
    assert read(first, follow_up).topic == "doctor"
    assert read(first, other).new_question
    assert not read(first, other, again).new_question
    assert not read(first, turn("thank", part=""), again).new_question
    assert not read(first, turn("start_over", part="", topic=None), again).new_question


def test_a_topic_named_by_a_follow_up_is_new(read: Any) -> None:
    assert read(turn("greet", part=""), turn("ask_cost", part="cost", topic="school")).new_question


def test_asking_for_a_person_is_no_question_about_counselling(read: Any) -> None:
    asked = turn("human_handover", NEAR, part="contact", topic="migration_counselling", place="leipzig")
    assert not read(asked).new_question
    counselling = turn("migration_counselling", NEAR, topic="migration_counselling")
    assert read(asked, counselling).new_question
    assert read(asked, turn("doctor", NEAR, topic="doctor"), counselling).new_question
    assert not read(counselling, asked, counselling).new_question


def test_the_town_told_afterwards_places_the_question_once(read: Any) -> None:
    asked = turn("doctor", STATEWIDE, topic="doctor", awaiting="place")
    told = turn("inform", NEAR, place="zittau", awaiting=None)
    first = read(asked)
    assert (first.new_question, first.placed, first.district, first.missing) == (True, False, "", False)
    second = read(asked, told)
    assert (second.new_question, second.placed, second.district) == (False, True, "landkreis-goerlitz")
    assert not read(asked, told, turn("ask_cost", part="cost")).placed
    assert not read(asked, told, turn("inform", NEAR, place="leipzig")).placed, "one question, one Kreis"
    assert not read(turn("doctor", NEAR, topic="doctor", place="leipzig"), turn("inform", NEAR, place="zittau")).placed
    assert not read(asked, turn("inform", STATEWIDE, place="sachsen")).placed, "the whole state is no Kreis"


@pytest.mark.parametrize(
    ("topic", "cards", "says", "missing"),
    [
        ("doctor", [NEAR], (), False),
        ("doctor", [OLD], (), False),
        ("doctor", [{"id": "a", "scope": "near"}], (), False),
        ("doctor", [STATEWIDE], (), True),
        ("doctor", [STATEWIDE, OLD], (), False),
        ("doctor", [], (), True),
        ("doctor", [NEAR], ("utter_no_service_here",), True),
        ("bank_account", [STATEWIDE], (), False),
        ("bank_account", [], (), True),
    ],
)
def test_no_service_here(
    read: Any, topic: str, cards: list[dict[str, Any]], says: tuple[str, ...], missing: bool
) -> None:
    assert read(turn(topic, *cards, says=says, topic=topic, place="zittau")).missing is missing
    assert not read(turn(topic, *cards, says=says, topic=topic)).missing, "no place is known"
    asked, told = turn(topic, topic=topic), turn("inform", *cards, says=says, place="zittau")
    assert read(asked, told).missing is missing


def test_a_follow_up_without_cards_misses_nothing(read: Any) -> None:
    assert not read(turn("ask_cost", part="cost", topic="doctor", place="zittau")).missing


@pytest.mark.parametrize("topic", ["lgbtiq", "crisis_suicide"])
def test_a_village_and_such_a_topic_are_a_person(read: Any, topic: str) -> None:
    found = read(turn(topic, STATEWIDE, topic=topic, place="zittau", campaign="aufnahme7"))
    assert (found.topic, found.new_question) == (topic, True)
    assert (found.district, found.campaign) == ("", "")
    later = read(turn(topic, topic=topic, campaign="aufnahme7"), turn("inform", STATEWIDE, place="zittau"))
    assert (later.district, later.campaign, later.placed) == ("", "", False)


def test_perhaps_a_crisis_tells_no_place_of_the_topic_before(read: Any) -> None:
    found = read(turn("doctor", NEAR, topic="doctor", place="zittau"), turn("crisis_near", part=""))
    assert (found.outcome, found.new_question, found.district) == ("crisis", False, "")


def test_tests_stay_marked_whatever_they_ask(read: Any) -> None:
    assert read(turn("lgbtiq", topic="lgbtiq", campaign="test")).campaign == "test"


def test_the_channel_of_a_message_that_names_none(read: Any) -> None:
    assert read(turn("doctor", channel="", topic="doctor"), sender="telegram-3f2a").channel == "telegram"


def test_no_word_of_a_person_is_in_what_is_counted(read: Any) -> None:
    found = repr(read(turn("doctor", NEAR, topic="doctor", language="de")))
    assert "Amal" not in found and "web-1" not in found


def test_a_conversation_that_was_stored_is_read_as_before(domain: Domain, tmp_path: Path) -> None:
    """Long after the first turns were cut, a topic in hand is not new again."""
    store = SqliteTrackerStore(domain, tmp_path / "conversations.sqlite")
    found: list[Counted | None] = []
    store.on_turn.append(lambda one: found.append(read_turn(one, KNOWN, NOW)))

    async def run() -> None:
        given = tracker(domain, turn("doctor", STATEWIDE, topic="doctor", language="ar", campaign="heim"))
        await store.save(given)
        for _ in range(20):
            stored = await store.retrieve("web-1")
            assert stored is not None
            stored.update_with_events(turn("ask_cost", part="cost", channel="telegram"), domain)
            await store.save(stored)
        stored = await store.retrieve("web-1")
        assert stored is not None
        stored.update_with_events(turn("inform", NEAR, place="zittau"), domain)
        await store.save(stored)

    asyncio.run(run())
    store.close()
    new = [one.new_question for one in found if one]
    assert new == [True, *[False] * 21]
    assert [one.placed for one in found if one] == [*[False] * 21, True]
    assert {(one.language, one.campaign) for one in found if one} == {("ar", "heim")}
    assert [one.channel for one in found if one][1] == "telegram"
