"""What a message tells about the person: language, place, status, level. Lives only in this conversation."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answer_topic
from actions.follow_up import MAIN_TOPICS
from actions.handover import AWAITING, leave_number, take_number
from actions.status import TITLES, UNSAID
from actions.turn import Turn, WegweiserAction

# The identifier already leans to the language of the conversation; a single short word is poor evidence besides.
SWITCH_CONFIDENCE = 0.60
SWITCH_WORDS = 3
DEFAULT_LANGUAGE = "de"
WITHOUT_LETTERS = "und"
# A town alone is written the same in several languages: the one most people here write in that script.
OF_SCRIPT = {"LATIN": "de", "CYRILLIC": "uk", "ARABIC": "ar", "ETHIOPIC": "ti"}
# A language that is only recognised must be surer: its speakers are told that it is not spoken here.
RECOGNISED_CONFIDENCE, RECOGNISED_WORDS = 0.90, 2
# What may be remembered of a person besides a place; a made-up button would say something else.
KNOWN = {"status": frozenset({*TITLES, UNSAID}), "level": frozenset({"A1", "A2", "B1", "B2", "C1", "C2"})}


class ProfileAction(WegweiserAction):
    """Runs before every prediction (Rasa's `action_validate_slot_mappings`) and fills the profile slots."""

    action_name = "action_validate_slot_mappings"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Decide the conversation's language, then the place and status named in this message."""
        # A language we do not speak is met with an honest word once, not before every answer.
        turn.set("introduced", turn.language or None)
        turn.set("language", decide_language(turn))
        turn.set("forget", None)
        _take_campaign(turn)
        _take_place(turn)
        for name, known in KNOWN.items():
            values = [str(e["value"]) for e in turn.entities(name) if e["value"] in known]
            if values:
                turn.set(name, values[-1])
        ages = turn.entities("age")
        if ages:
            turn.set("age", float(ages[-1]["value"]))
        if turn.slots.get("awaiting") == AWAITING:
            await leave_number(turn, dispatcher)
        return []


def decide_language(turn: Turn) -> str:
    """The language to answer in.

    A first message decides by itself, helped by the channel's hint; later ones change the language
    only on good evidence: several words, clearly in another language.
    """
    message = turn.tracker.latest_message
    detected = message.get("language") or {}
    name, confidence = detected.get("name") or "", float(detected.get("confidence") or 0.0)
    current = turn.language
    hint = str((message.get("metadata") or {}).get("hint") or "")
    words = int(detected.get("words") or 0)
    spoken = turn.resources.languages
    if spoken and name not in spoken and (confidence < RECOGNISED_CONFIDENCE or words < RECOGNISED_WORDS):
        name = WITHOUT_LETTERS
    if turn.entities("letter") and (current or hint):
        return current or hint  # the letter is German, not the person
    if not current:
        if name in ("", WITHOUT_LETTERS, "other"):
            return hint or DEFAULT_LANGUAGE
        if words < SWITCH_WORDS and turn.entities("place") and turn.intent == "inform":
            return hint or OF_SCRIPT.get(str(detected.get("script") or ""), name)
        # "Jobcenter", "Duldung" or "Wohnung" alone are said in every language.
        named = words < SWITCH_WORDS and bool(turn.entities("term") or turn.entities("status"))
        borrowed = named or (words == 1 and name == DEFAULT_LANGUAGE)
        if hint and hint != name and (confidence < SWITCH_CONFIDENCE or borrowed):
            return hint
        if named and not hint and detected.get("script") == "LATIN":
            return DEFAULT_LANGUAGE
        return name
    if name in ("", WITHOUT_LETTERS, "other", current):
        return current
    if confidence >= SWITCH_CONFIDENCE and words >= SWITCH_WORDS:
        return name
    # Another script is evidence enough even for one word: nobody types Arabic letters by accident.
    return name if detected.get("script_only") and confidence >= SWITCH_CONFIDENCE else current


def _take_campaign(turn: Turn) -> None:
    """Where the conversation began, as its channel says; what comes later or is typed changes nothing."""
    campaign = (turn.tracker.latest_message.get("metadata") or {}).get("campaign")
    if campaign and not turn.slots.get("campaign"):
        turn.set("campaign", str(campaign))


def _take_place(turn: Turn) -> None:
    points = turn.entities("point")
    if points:
        latitude, _, longitude = str(points[-1]["value"]).partition(",")
        place = turn.resources.gazetteer.nearest(float(latitude), float(longitude))
        turn.set("point", points[-1]["value"])
        turn.set("place", place.id if place else None)
        turn.set("place_options", None)
        return
    named = turn.entities("place")
    if not named:
        return
    options = [str(v) for v in named[-1].get("options") or []]
    turn.set("point", None)
    # What a client makes up as a button's value is no place, and is not remembered.
    place = turn.resources.gazetteer.get(str(named[-1]["value"]))
    turn.set("place", place.id if place else None)
    turn.set("place_options", options if len(options) > 1 else None)


class InformAction(WegweiserAction):
    """A detail and nothing else: a town, a postal code, a status, a level."""

    action_name = "action_inform"
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Apply the detail to the topic in hand; without one, offer topics."""
        if turn.entities("phone"):
            turn.send(dispatcher, await take_number(turn))
            return []
        topic = turn.slots.get("topic")
        gave_place = bool(turn.entities("place") or turn.entities("point"))
        options = turn.slots.get("place_options") or []
        part = ""
        if gave_place and options:
            _ask_which(turn, options)
        elif gave_place and turn.place is None:
            turn.say("utter_place_unknown")
            turn.ask_place()
        elif topic and turn.resources.knowledge.article(topic):
            part = "summary"
            if gave_place and turn.place is not None:
                turn.say("utter_services_in", place={"place": turn.place.id})
                _services_only(turn, str(topic))
            else:
                answer_topic(turn, str(topic))
        else:
            if gave_place and turn.place is not None:
                turn.say("utter_place_noted", place={"place": turn.place.id})
            else:
                turn.say("utter_detail_noted")
            for main in MAIN_TOPICS:
                turn.choose_topic(main)
        turn.send(dispatcher, part)
        return []


def _services_only(turn: Turn, topic: str) -> None:
    from actions.answer import add_services

    turn.set("awaiting", None)
    if not add_services(turn, topic, first=True):
        turn.say("utter_no_service_here")
        turn.choose_topic("migration_counselling")
        return
    article = turn.resources.knowledge.article(topic)
    turn.choose("utter_choice_hours", "/ask_opening_hours")
    turn.choose("utter_choice_more", "/ask_more_options")
    for related in (article.related if article else ())[:1]:
        turn.choose_topic(related)


def _ask_which(turn: Turn, options: list[Any]) -> None:
    turn.say("utter_place_which")
    turn.set("place", None)
    for place_id in options[:5]:
        place = turn.resources.gazetteer.get(str(place_id))
        if place is not None:
            turn.choose_place(place)
    turn.asks = "place"


class ChangeLanguageAction(WegweiserAction):
    """Speaks the language asked for, or offers those it speaks."""

    action_name = "action_change_language"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Switch when the message names a language we speak; else keep the one in hand and offer ours."""
        wanted = [str(e["value"]) for e in turn.entities("service_language")]
        spoken = turn.resources.languages
        if wanted and spoken and wanted[-1] not in spoken:
            turn.say("utter_language_not_yet", language={"language": wanted[-1]})
            turn.asks = "language"
        elif wanted:
            turn.set("language", wanted[-1])
            turn.say("utter_language_changed")
            topic = turn.slots.get("topic")
            if topic and turn.resources.knowledge.article(topic):
                answer_topic(turn, str(topic))
            else:
                for main in MAIN_TOPICS:
                    turn.choose_topic(main)
        else:
            turn.say("utter_ask_language")
            turn.asks = "language"
        turn.send(dispatcher)
        return []
