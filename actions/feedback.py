"""Bad feedback gets a way on: another topic or a person."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, WegweiserAction


class FeedbackAction(WegweiserAction):
    """Thanks for the hint and offers neighbouring topics and a person."""

    action_name = "action_feedback_bad"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Offer what else the last question could have meant."""
        turn.say("utter_feedback_bad")
        article = turn.resources.knowledge.article(turn.slots.get("topic"))
        for topic in (article.related if article else ())[:3]:
            turn.choose_topic(topic)
        turn.choose("utter_choice_human", "/human_handover")
        turn.choose("utter_choice_menu", "/help")
        turn.send(dispatcher)
        return []
