"""The conversation itself: starting over, forgetting, repeating, easier words."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import status as residence
from actions.answer import area_names
from actions.follow_up import MAIN_TOPICS, ask_topic
from actions.turn import Turn, WegweiserAction

CONTEXT_SLOTS = (
    *("topic", "place", "point", "status", "level", "age", "shown", "service", "awaiting", "place_options"),
    "matter",
)


class StartOverAction(WegweiserAction):
    """Drops topic, place and status, keeps the language, offers the main areas."""

    action_name = "action_start_over"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Clear what the conversation was about."""
        _clear(turn)
        turn.say("utter_start_over")
        for topic in MAIN_TOPICS:
            turn.choose_topic(topic)
        turn.send(dispatcher)
        return []


class ForgetAction(WegweiserAction):
    """Deletes everything stored about this conversation; the tracker store acts on the slot."""

    action_name = "action_forget"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Confirm and mark the conversation for deletion."""
        _clear(turn)
        turn.set("forget", True)
        turn.say("utter_forgotten")
        turn.send(dispatcher)
        return []


class RepeatAction(WegweiserAction):
    """Says the last answer again, in another language when one is named ("again in English").

    A button only shows it in another one: the conversation goes on in its own."""

    action_name = "action_repeat"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Send the facts of the last reply once more, in the language of now."""
        wanted = [str(e["value"]) for e in turn.entities("service_language")]
        if wanted and wanted[-1] in turn.resources.languages:
            turn.set("language", wanted[-1])
        facts = _last_facts(turn)
        if facts is None:
            ask_topic(turn)
            turn.send(dispatcher)
            return []
        shown = [str(e["value"]) for e in turn.entities("show") if e["value"] in turn.resources.languages]
        dispatcher.utter_message(response="utter_reply", facts={**facts, "speak": (shown or [turn.language])[-1]})
        return []


class SimplifyAction(WegweiserAction):
    """The topic once more in easy language, and a person who explains."""

    action_name = "action_simplify"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """One thought a line; nothing new is claimed."""
        article = turn.resources.knowledge.article(turn.slots.get("topic"))
        if article is None:
            ask_topic(turn)
        else:
            turn.say("utter_simplify")
            turn.state(article.easy(residence.known(turn), area_names(turn)), bullets=True)
            turn.choose_topic("migration_counselling")
            turn.choose_topic("interpreter")
        turn.send(dispatcher, "summary")
        return []


def _clear(turn: Turn) -> None:
    for slot in CONTEXT_SLOTS:
        turn.set(slot, None)


def _last_facts(turn: Turn) -> dict[str, Any] | None:
    for event in reversed(turn.tracker.events):
        if event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom") or {}
            facts = custom.get("facts")
            if facts:
                return dict(facts)
    return None
