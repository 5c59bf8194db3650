"""Not sure what was meant: the likeliest topics as buttons, never "please rephrase"."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answer_topic
from actions.follow_up import MAIN_TOPICS
from actions.turn import Turn, WegweiserAction

OFFERED = 3


class ClarifyAction(WegweiserAction):
    """Offers two or three likely topics; a German office word alone is answered directly."""

    action_name = "action_clarify"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Offer what the ranking suggests, the main areas when it suggests nothing."""
        term_topic = next((str(e["value"]) for e in turn.entities("term")), None)
        if term_topic and turn.resources.knowledge.article(term_topic):
            answer_topic(turn, term_topic)
            turn.send(dispatcher, "summary")
            return []
        likely = [n for n, c in turn.ranking()[:6] if c > 0.02 and turn.resources.knowledge.article(n)][:OFFERED]
        turn.say("utter_clarify" if likely else "utter_clarify_open")
        for topic in likely or MAIN_TOPICS:
            turn.choose_topic(topic)
        turn.choose("utter_choice_human", "/human_handover")
        turn.send(dispatcher)
        return []
