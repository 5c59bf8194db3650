"""Follow-ups on the topic in hand: cost, who, documents, how, how long."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import status as residence
from actions.answer import area_names
from actions.directory.search import Query
from actions.turn import PARTS_BY_INTENT, Turn, WegweiserAction

MAIN_TOPICS = ("german_course", "find_housing", "doctor", "residence_permit", "migration_counselling", "find_job")
GUESS_TOPIC = 0.12
# Parts of an article that no question names, said along with the part they belong to.
BESIDE = {"who": ("rights",), "how": ("warning",), "duration": ("warning",)}


class FollowUpAction(WegweiserAction):
    """Gives one part of the topic's article, or says honestly that it is not known and who knows."""

    action_name = "action_follow_up"
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Answer a follow-up; without a topic ask what it is about."""
        part = PARTS_BY_INTENT.get(turn.intent, "how")
        topic = topic_in_hand(turn)
        if topic is None:
            ask_topic(turn)
            turn.send(dispatcher)
            return []
        article = turn.resources.knowledge.article(topic)
        status = residence.known(turn)
        names = (part, *BESIDE.get(part, ()))
        statements = [s for name in names for s in article.part(name, status, area_names(turn))] if article else []
        if statements:
            turn.state(statements, bullets=len(statements) > 1)
            if article and (article.place is False or turn.place is not None or turn.point is not None):
                residence.ask(turn, article, part)
            if article and part != "how":
                for other in ("how", "documents", "cost", "who", "duration"):
                    if other != part and article.parts.get(other) and len(turn.choices) < 2:
                        turn.choose(f"utter_choice_{other}", f"/ask_{_OTHER[other]}")
        else:
            turn.say("utter_part_unknown", topic={"msgid": article.title if article else ""})
            _who_knows(turn, topic)
        turn.send(dispatcher, part)
        return []


_OTHER = {"cost": "cost", "who": "eligibility", "how": "how", "documents": "documents", "duration": "duration"}


def topic_in_hand(turn: Turn) -> str | None:
    """The topic the conversation is about; else the topic this message itself most likely names."""
    topic = turn.slots.get("topic")
    if topic:
        return str(topic)
    for name, confidence in turn.ranking():
        if confidence < GUESS_TOPIC:
            break
        if turn.resources.knowledge.article(name) is not None:
            turn.set("topic", name)
            return name
    return None


def ask_topic(turn: Turn) -> None:
    """Ask what a follow-up is about, the main areas as buttons."""
    turn.say("utter_ask_topic")
    for topic in MAIN_TOPICS:
        turn.choose_topic(topic)


def _who_knows(turn: Turn, topic: str) -> None:
    """The service that can say what we cannot: one of the topic, else counselling."""
    now = turn.resources.clock()
    for wanted in (topic, "migration_counselling"):
        query = Query(topic=wanted, place=turn.place, point=turn.point, language=turn.language, limit=1)
        found = [m for m in turn.resources.directory.search(query, now) if m.shown.actionable]
        if found:
            turn.card(found[0])
            turn.set("service", found[0].service.id)
            return
