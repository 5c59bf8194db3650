"""Stock's custom actions, run by Rasa's own action server: an answer with service cards, and one part of an article.

Copied into the project as actions/actions.py. Everything is read once from answers.json, which tools/bench/export.py
writes from our articles and directory; an answer is a lookup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))

NOT_SURE = "I am not sure what you mean. Is it one of these?"
OFFERED = 3


def place_in_hand(tracker: Tracker) -> str:
    """The id of the place that was named last, "" for none that is known."""
    return str(ANSWERS["places"].get(str(tracker.get_slot("place") or "").casefold(), ""))


class ActionAnswer(Action):
    """A topic: its summary and the cards of the place; a place alone answers the topic in hand."""

    def name(self) -> str:
        """As the domain lists it."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say text, cards and buttons; remember the topic."""
        intent = str((tracker.latest_message.get("intent") or {}).get("name") or "")
        topic = intent if intent in ANSWERS["articles"] else str(tracker.get_slot("topic") or "")
        if topic not in ANSWERS["articles"]:
            dispatcher.utter_message(text="What is it about?")
            return []
        article, place = ANSWERS["articles"][topic], place_in_hand(tracker)
        cards = [ANSWERS["cards"][name] for name in ANSWERS["shown"][topic][place]]
        buttons = [
            {"title": part, "payload": f"/{intent}"}
            for intent, part in ANSWERS["parts"].items()
            if article["parts"].get(part)
        ]
        dispatcher.utter_message(text=article["parts"].get("summary") or article["title"], buttons=buttons)
        dispatcher.utter_message(json_message={"cards": cards, "topic": topic, "place": place})
        return [SlotSet("topic", topic)]


class ActionFollowUp(Action):
    """A part of the topic in hand, or what the first card says about hours, contact and languages."""

    def name(self) -> str:
        """As the domain lists it."""
        return "action_follow_up"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the part, and the card it is about."""
        topic, place = str(tracker.get_slot("topic") or ""), place_in_hand(tracker)
        if topic not in ANSWERS["articles"]:
            dispatcher.utter_message(text="What is it about?")
            return []
        intent = str((tracker.latest_message.get("intent") or {}).get("name") or "")
        part = ANSWERS["parts"].get(intent)
        text = ANSWERS["articles"][topic]["parts"].get(part) if part else ""
        cards = [ANSWERS["cards"][name] for name in ANSWERS["shown"][topic][place]]
        if not text and cards:
            first = cards[0]
            told = {"ask_opening_hours": "hours", "ask_contact": "phone", "ask_service_language": "languages"}
            text = f"{first['name']}: {first.get(told.get(intent, 'address')) or first.get('website') or ''}"
        dispatcher.utter_message(text=text or "This is not known. Please ask a counselling service.")
        dispatcher.utter_message(json_message={"cards": cards[:1], "topic": topic, "place": place})
        return []


class ActionClarify(Action):
    """Not sure: the likeliest intents as buttons."""

    def name(self) -> str:
        """As the domain lists it."""
        return "action_clarify"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask back."""
        rows = [row["name"] for row in tracker.latest_message.get("intent_ranking") or []]
        likely = [name for name in rows if name != "nlu_fallback"][:OFFERED]
        dispatcher.utter_message(text=NOT_SURE, buttons=[{"title": name, "payload": f"/{name}"} for name in likely])
        return []
