"""Crisis first: numbers to call at once; nothing here can fail for want of a directory or a network."""

from __future__ import annotations

import logging

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.directory.search import Query
from actions.turn import Turn, WegweiserAction

logger = logging.getLogger(__name__)
AFTERWARDS = {
    "emergency_medical": ("doctor", "medicine"),
    "emergency_violence": ("domestic_violence", "legal_advice"),
    "crisis_suicide": ("mental_health", "migration_counselling"),
}
# The number the first sentence names; its card comes before every other one.
NUMBER = {"emergency_medical": "112", "emergency_violence": "110"}
CARDS, LOOKED_AT, LIKELY = 2, 6, 3


class CrisisAction(WegweiserAction):
    """The emergency numbers in one sentence, then what to do, then helplines."""

    action_name = "action_crisis"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Say the numbers first, whatever else is known."""
        topic = turn.intent if turn.intent in AFTERWARDS else "emergency_medical"
        turn.set("topic", topic)
        turn.set("awaiting", None)
        turn.set("shown", [])
        turn.set("service", None)
        turn.say_urgently(f"utter_{topic}")
        try:
            article = turn.resources.knowledge.article(topic)
            if article is not None:
                turn.state(article.part("summary"), optional=True)
                turn.state(article.part("how"), bullets=True, optional=True)
            query = Query(topic=topic, place=turn.place, point=turn.point, language=turn.language, limit=LOOKED_AT)
            found = turn.resources.directory.search(query, turn.resources.clock())
            reachable = [m for m in found if m.shown.phone]
            reachable.sort(key=lambda m: m.service.phone != NUMBER.get(topic))
            for match in reachable[:CARDS]:
                turn.card(match)
            turn.set("shown", [m.service.id for m in reachable[:CARDS]])
            turn.set("service", reachable[0].service.id if reachable else None)
        except Exception as exc:  # the numbers must go out whatever breaks behind them
            logger.error("crisis answer went out without details: %s", exc.__class__.__name__)
        for after in AFTERWARDS[topic]:
            turn.choose_topic(after)
        turn.send(dispatcher, "summary")
        return []


class CheckDangerAction(WegweiserAction):
    """Something near a crisis was heard: the numbers at once, and the question whether there is danger now."""

    action_name = "action_check_danger"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Numbers, question, three kinds of danger; "no" goes on to what else the message was likely about."""
        turn.say_urgently("utter_danger_numbers")
        turn.say("utter_danger_question")
        turn.choose("utter_choice_danger_medical", "/emergency_medical")
        turn.choose("utter_choice_danger_violence", "/emergency_violence")
        turn.choose("utter_choice_danger_suicide", "/crisis_suicide")
        likely = [n for n, _ in turn.ranking() if n not in AFTERWARDS and turn.resources.knowledge.article(n)]
        turn.choose("utter_choice_no_danger", f"/{likely[0]}" if likely else "/help")
        for topic in likely[1:LIKELY]:
            turn.choose_topic(topic)
        turn.send(dispatcher)
        return []
