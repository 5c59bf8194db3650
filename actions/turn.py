"""One turn of a conversation as actions see it, and the language-neutral facts they hand to speech."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.directory.geo import Place
from actions.directory.search import Match
from actions.directory.sources.gather import BUDGET
from actions.directory.sources.port import Wanted
from actions.knowledge.model import Statement
from actions.resources import Resources

PARTS_BY_INTENT = {
    "ask_cost": "cost",
    "ask_eligibility": "who",
    "ask_documents": "documents",
    "ask_how": "how",
    "ask_duration": "duration",
}
# What the decision calls a message it asks back about: no intents of the taxonomy.
ASKING_BACK = frozenset({"nlu_fallback", "crisis_near"})
# The hour at which a day is looked at when no hour was said.
NOON = 12
CITIES = ("leipzig", "dresden", "chemnitz", "zwickau", "goerlitz", "plauen", "bautzen")


class WegweiserAction(Action):
    """Base of our actions: they are built with Resources and run without blocking the event loop."""

    action_name = ""
    # Whether it shows services, so that their sources are asked first.
    looks_up = False

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        """The name under which domain.yml lists this action."""
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Answer the latest message; returns the slots that changed."""
        turn = Turn(tracker, self.resources)
        if self.looks_up and self.resources.sources is not None:
            await self.resources.sources.refresh(turn.wanted(), turn.seconds_left())
        events = await self.answer(turn, dispatcher)
        return [*events, *turn.changes()]

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """What one action does; `turn` collects slots and facts."""
        raise NotImplementedError


class Turn:
    """Reads the tracker, remembers slot changes and builds the facts of one reply."""

    def __init__(self, tracker: Tracker, resources: Resources) -> None:
        self.tracker = tracker
        self.resources = resources
        self.slots: dict[str, Any] = dict(tracker.slots)
        self._changed: dict[str, Any] = {}
        self.blocks: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = []
        self.sources: list[dict[str, str]] = []
        self.links: list[dict[str, str]] = []
        self.asks = ""
        self._until = time.monotonic() + BUDGET

    # what the person said
    @property
    def intent(self) -> str:
        """The final intent of the latest message."""
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def language(self) -> str:
        """The language of this conversation."""
        return str(self.slots.get("language") or "")

    def ranking(self) -> list[tuple[str, float]]:
        """Intents with their confidence, the likeliest first, fallback left out."""
        rows = self.tracker.latest_message.get("intent_ranking") or []
        return [(r["name"], float(r["confidence"])) for r in rows if r["name"] not in ASKING_BACK]

    @property
    def unspoken(self) -> bool:
        """True when the latest message is surely in a language we do not answer in."""
        detected = self.tracker.latest_message.get("language") or {}
        spoken, name = self.resources.languages, detected.get("name") or ""
        return bool(spoken) and name not in ("", "und", *spoken)

    def entities(self, name: str) -> list[dict[str, Any]]:
        """Entities of the latest message with this name."""
        return [e for e in self.tracker.latest_message.get("entities") or [] if e.get("entity") == name]

    @property
    def place(self) -> Place | None:
        """The place in hand."""
        return self.resources.gazetteer.get(self.slots.get("place"))

    @property
    def age(self) -> int | None:
        """The person's age in years, when they said it."""
        value = self.slots.get("age")
        return int(value) if value is not None else None

    @property
    def asked_moment(self) -> datetime | None:
        """The moment the message asks about ("tomorrow morning"); None for now. It is not remembered."""
        found = self.entities("time")
        if not found:
            return None
        day, _, hour = str(found[0]["value"]).partition(" ")
        now = self.resources.clock()
        if not hour and day == "+0":  # "is it open today?" asks about now
            return None
        ahead = int(day) if day.startswith("+") else (int(day) - now.weekday()) % 7
        return (now + timedelta(days=ahead)).replace(hour=int(hour or NOON), minute=0, second=0, microsecond=0)

    @property
    def point(self) -> tuple[float, float] | None:
        """The shared location in hand, rounded by the channel."""
        text = self.slots.get("point")
        if not text:
            return None
        latitude, _, longitude = str(text).partition(",")
        return float(latitude), float(longitude)

    def seconds_left(self) -> float:
        """What is left of the time this message may spend on waiting for others."""
        return max(0.0, self._until - time.monotonic())

    def wanted(self) -> Wanted:
        """All that sources may know of this question: topic, place, language, level."""
        topic = self.intent if self.resources.knowledge.article(self.intent) else str(self.slots.get("topic") or "")
        return Wanted(topic, self.place, self.language, str(self.slots.get("level") or ""))

    # what is remembered
    def set(self, slot: str, value: Any) -> None:
        """Remember a slot for the rest of the conversation."""
        self.slots[slot] = value
        self._changed[slot] = value

    def changes(self) -> list[EventType]:
        """SlotSet events for what differs from before the turn."""
        return [SlotSet(k, v) for k, v in self._changed.items() if self.tracker.slots.get(k) != v]

    # what is said
    def say(self, key: str, **args: Any) -> None:
        """Add a sentence of domain.yml; `args` are language-neutral values, see bot.speech.formats."""
        self.blocks.append({"say": key, "args": args})

    def say_urgently(self, key: str) -> None:
        """Add a sentence that must be understood: in every language that has it when none of ours is spoken."""
        if self.unspoken:
            self.blocks.append({"everywhere": key})
        else:
            self.say(key)

    def state(self, statements: list[Statement], bullets: bool = False, optional: bool = False) -> None:
        """Add sentences of an article together with their sources; optional ones may be left untranslated."""
        if statements:
            block = {"statements": [s.text for s in statements], "bullets": bullets}
            self.blocks.append(block | {"optional": True} if optional else block)
            self.sources.extend(self.resources.knowledge.sources(statements))
            today = self.resources.clock().date().isoformat()
            gone = [s.expires for s in statements if s.expires and s.expires < today]
            if gone:
                self.say("utter_expired", date={"day": min(gone)})

    def card(self, match: Match) -> None:
        """Add a service card holding only what the freshness contract lets it show."""
        self.cards.append(card_facts(match, self.resources))

    def link(self, url: str, name: str, **details: str) -> None:
        """Add a link to a page that others keep: its name, and of what is known `moment` or `day`, `place`, `updated`."""
        self.links.append({"url": url, "name": name, **details})

    def choose_topic(self, topic: str) -> None:
        """Offer a topic as a button."""
        article = self.resources.knowledge.article(topic)
        if article is not None:
            self.choices.append({"title": article.title, "payload": f"/{topic}"})

    def choose(self, key: str, payload: str) -> None:
        """Offer a button whose title is a sentence of domain.yml."""
        self.choices.append({"say": key, "payload": payload})

    def choose_place(self, place: Place) -> None:
        """Offer a place as a button."""
        self.choices.append({"place": place.id, "payload": f'/inform{{"place":"{place.id}"}}'})

    def ask_place(self) -> None:
        """Ask where the person lives, the largest towns as buttons."""
        self.say("utter_ask_place")
        self.asks = "place"
        self.set("awaiting", "place")
        for place_id in CITIES:
            place = self.resources.gazetteer.get(place_id)
            if place is not None:
                self.choose_place(place)

    def _own_up(self) -> None:
        """Say once in a conversation that a text is a machine's draft, and offer the German one."""
        written = any("statements" in block and not block.get("optional") for block in self.blocks)
        if written and self.language in self.resources.drafts and self.slots.get("drafted") != self.language:
            self.set("drafted", self.language)
            self.say("utter_draft")
            self.choose("utter_choice_german", '/repeat{"show":"de"}')

    def send(self, dispatcher: CollectingDispatcher, part: str = "") -> None:
        """Hand the collected facts to speech as one reply."""
        self._own_up()
        facts = {
            "blocks": self.blocks,
            "cards": self.cards,
            "choices": self.choices,
            "sources": self.sources,
            "links": self.links,
            "part": part,
            "asks": self.asks,
            "topic": self.slots.get("topic") or "",
            "place": self.slots.get("place") or "",
            "speak": self.language,
            "introduced": self.slots.get("introduced") or "",
            "now": self.resources.clock().isoformat(),
        }
        dispatcher.utter_message(response="utter_reply", facts=facts)


def card_facts(match: Match, resources: Resources) -> dict[str, Any]:
    """A service as JSON facts: names and numbers as they are, times as ISO, nothing in words."""
    service, shown = match.service, match.shown
    town = service.city or ("" if service.telephone_only else _first_area(service.area, resources))
    facts: dict[str, Any] = {
        "id": service.id,
        "name": service.name,
        "organization": service.organization if service.organization != service.name else "",
        "kind_label": resources.kinds[service.kind]["label"],
        "kind_german": resources.kinds[service.kind]["german"],
        "town": town,
        "website": service.url,
        "checked": shown.checked,
        "warning": shown.warning,
        "source": service.source_url(),
        "scope": match.scope,
        "languages": list(service.languages),
        "telephone_only": service.telephone_only,
    }
    if shown.address:
        facts["address"] = {"street": service.address_1, "postal_code": service.postal_code, "city": service.city}
        if service.point is not None:
            facts["point"] = list(service.point)
    if shown.phone:
        facts["phone"] = service.phone
    if shown.email:
        facts["email"] = service.email
    # Towns stand for their services: below a kilometre the figure would only say "the same town".
    if match.distance_km is not None and match.distance_km >= 1:
        facts["distance_km"] = round(match.distance_km, 1)
    if shown.hours and match.hours is not None:
        facts["hours"] = {
            "osm": service.hours,
            "state": match.hours.state,
            "until": match.hours.until.isoformat() if match.hours.until else None,
            "opens": match.hours.opens.isoformat() if match.hours.opens else None,
            "always": match.hours.always,
            "holiday": match.hours.holiday,
        }
    if shown.hours and service.hours_note:
        facts["hours_note"] = service.hours_note
    if service.free:
        facts["free"] = True
    about = [name for name in ("childcare", "wheelchair", "interpreters") if getattr(service, name)]
    if service.eligibility.gender:
        about.insert(0, service.eligibility.gender)
    if about:
        facts["about"] = about
    if service.alert:
        facts["alert"] = service.alert
    if service.starts:
        facts["starts"] = service.starts
    return facts


def _first_area(area: tuple[str, ...], resources: Resources) -> str:
    place = resources.gazetteer.get(area[0]) if area else None
    return place.name if place is not None and place.kind not in ("state", "country") else ""
