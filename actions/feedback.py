"""Bad feedback gets a way on; a wrong number, address or hour goes to the editors' queue without the person's words."""

from __future__ import annotations

import asyncio

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, WegweiserAction

# What may be wrong with a card, as buttons.
WRONG = {
    "phone": "utter_choice_wrong_phone",
    "address": "utter_choice_wrong_address",
    "hours": "utter_choice_wrong_hours",
    "closed": "utter_choice_wrong_closed",
}


class FeedbackAction(WegweiserAction):
    """Thanks for the hint and offers neighbouring topics and a person; takes in what is wrong with a card."""

    action_name = "action_feedback_bad"
    # The card may be one that another process has shown.
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Offer what else the last question could have meant, and to report what is wrong with the card in hand."""
        service = turn.resources.directory.get(turn.slots.get("service"))
        wrong = [str(e["value"]) for e in turn.entities("wrong") if e["value"] in WRONG]
        if wrong and service is not None:
            day = turn.resources.clock().date()
            await asyncio.to_thread(turn.resources.report, service.id, wrong[-1], day)
            turn.say("utter_correction_noted", service=service.name)
            turn.choose("utter_choice_more", "/ask_more_options")
            turn.choose("utter_choice_human", "/human_handover")
            turn.send(dispatcher)
            return []
        turn.say("utter_feedback_bad")
        article = turn.resources.knowledge.article(turn.slots.get("topic"))
        if service is not None:
            for what, title in WRONG.items():
                turn.choose(title, f'/feedback_bad{{"wrong": "{what}"}}')
        for topic in (article.related if article else ())[: 1 if service else 3]:
            turn.choose_topic(topic)
        turn.choose("utter_choice_human", "/human_handover")
        turn.choose("utter_choice_menu", "/help")
        turn.send(dispatcher)
        return []
