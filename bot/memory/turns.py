"""What is counted of a turn, read from the tracker once it was answered: kinds and ids, never words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.memory.counters import TEST, Counted

FEEDBACK = frozenset({"feedback_good", "feedback_bad"})
NOT_UNDERSTOOD = "nlu_fallback"
PERHAPS_A_CRISIS = "crisis_near"
HANDOVER = "human_handover"
FOLLOW_UPS = frozenset(
    {
        *("ask_cost", "ask_eligibility", "ask_documents", "ask_how", "ask_duration", "ask_contact"),
        *("ask_opening_hours", "ask_more_options", "ask_service_language", "simplify", "inform"),
    }
)
# What a reply says when it answers with a question of its own, and when it had nothing likely to offer.
ASKS_BACK = frozenset({"utter_clarify", "utter_ask_topic", "utter_place_which", "utter_place_unknown"})
OFFERS_ALL = "utter_clarify_open"
NOWHERE = "utter_no_service_here"
# A reply that has looked for services of its topic: the first one on it, and the one after a place was told.
LOOKED_UP = "summary"
# How far a service may be for a topic that is asked about a place; for the others the whole state is near enough.
HERE = frozenset({"place", "district", "near"})
REACHABLE = frozenset({*HERE, "state", "country"})


@dataclass(frozen=True)
class Known:
    """What reading a turn needs of the assistant.

    `topics` can be asked about, those of `local` are answered for a place; `crises` are urgent. Of `private` topics
    and of crises neither district nor campaign is counted: a village and such a topic are a person. `district` gives
    the Kreis of a place id, "" when it lies in none.
    """

    topics: frozenset[str]
    local: frozenset[str]
    crises: frozenset[str]
    private: frozenset[str]
    district: Callable[[str], str]


@dataclass(frozen=True)
class _Reply:
    says: frozenset[str]
    cards: tuple[dict[str, Any], ...]
    parts: frozenset[str]


def read_turn(tracker: DialogueStateTracker, known: Known, moment: datetime) -> Counted | None:
    """The latest turn of a conversation as it is counted, None when nobody said anything.

    `moment` is now, in Berlin's time.
    """
    events = list(tracker.events)
    last = max((i for i, event in enumerate(events) if isinstance(event, UserUttered)), default=-1)
    message = events[last] if last >= 0 else None
    if not isinstance(message, UserUttered):
        return None
    intent = str((message.intent or {}).get("name") or "")
    topic = str(tracker.get_slot("topic") or "")
    reply = _reply(events[last:])
    outcome = _outcome(intent, topic, reply, known)
    if tracker.is_paused() and outcome != "crisis":  # it was passed on to a person, and is nothing that went wrong
        outcome = "conversation"
    hidden = topic in known.private or topic in known.crises or outcome == "crisis"
    campaign = str(tracker.get_slot("campaign") or "")
    place = str(tracker.get_slot("place") or "")
    district = known.district(place) if place else ""
    asked = [where for before, where in _earlier(events[:last]) if before == topic]
    on_topic = topic in known.topics and outcome in ("answered", "crisis")
    placed = on_topic and bool(asked) and bool(district) and not any(asked)
    missing = on_topic and bool(district) and LOOKED_UP in reply.parts and not _reachable(topic, reply, known)
    return Counted(
        moment=moment,
        channel=str(message.input_channel or "") or str(tracker.sender_id).partition("-")[0],
        language=str(tracker.get_slot("language") or ""),
        outcome=outcome,
        topic=topic if topic in known.topics else "",
        new_question=on_topic and not asked,
        district="" if hidden else district,
        campaign=campaign if campaign == TEST or not hidden else "",
        services=tuple((str(card["id"]), bool(card.get("warning"))) for card in reply.cards if card.get("id")),
        missing=missing,
        placed=placed and not hidden,
    )


def _outcome(intent: str, topic: str, reply: _Reply, known: Known) -> str:
    if intent in known.crises or intent == PERHAPS_A_CRISIS:
        return "crisis"
    if intent in FEEDBACK:
        return intent
    if intent == NOT_UNDERSTOOD or intent in FOLLOW_UPS or intent in known.topics:
        if OFFERS_ALL in reply.says or (intent == NOT_UNDERSTOOD and not reply.parts):
            return "not_understood"
        if reply.says & ASKS_BACK:
            return "asked_back"
        if topic and reply.parts:
            return "answered"
    return "conversation"


def _reply(events: list[Event]) -> _Reply:
    """The facts of what was answered in one turn."""
    says: set[str] = set()
    cards: list[dict[str, Any]] = []
    parts: set[str] = set()
    for event in events:
        facts = ((event.data or {}).get("custom") or {}).get("facts") if isinstance(event, BotUttered) else None
        if isinstance(facts, dict):
            says.update(str(block["say"]) for block in facts.get("blocks") or () if "say" in block)
            cards.extend(facts.get("cards") or ())
            parts.add(str(facts.get("part") or ""))
    return _Reply(frozenset(says), tuple(cards), frozenset(parts))


def _earlier(events: list[Event]) -> Iterator[tuple[str, str]]:
    """Topic and place in hand at the end of each turn before, from the oldest one that is still known."""
    topic, place, intent = "", "", ""
    for event in events:
        if isinstance(event, SlotSet) and event.key == "topic":
            topic = str(event.value or "")
        elif isinstance(event, SlotSet) and event.key == "place":
            place = str(event.value or "")
        elif isinstance(event, UserUttered):
            # Who asks for a person has not asked about counselling.
            if topic and intent != HANDOVER:
                yield topic, place
            intent = str((event.intent or {}).get("name") or "")
    if topic and intent != HANDOVER:
        yield topic, place


def _reachable(topic: str, reply: _Reply, known: Known) -> bool:
    """Whether a service was shown that helps with this topic at the person's place."""
    scopes = HERE if topic in known.local else REACHABLE
    return NOWHERE not in reply.says and any(card.get("scope") in scopes for card in reply.cards)
