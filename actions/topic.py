"""A question on a topic, or on a programme by its name."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import region, wishes
from actions.answer import answer_topic
from actions.letters import answer_letter, pasted
from actions.programme import answer_programme, named
from actions.turn import PARTS_BY_INTENT, Turn, WegweiserAction
from actions.words import EXPLAINED, answer_word, explain, word_of

# A follow-up inside a topic question ("what does the course cost?") is recognised by its share of the ranking.
PART_SHARE = 0.15
# So long a German word in another language is what a letter or a counter said, whatever else is asked.
RARE_LETTERS = 12


class AnswerAction(WegweiserAction):
    """Every topic intent: summary first, services second, then the place if it matters and is unknown."""

    action_name = "action_answer"
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Take the topic in hand and answer it."""
        topic = turn.intent
        letter = pasted(turn)
        if letter is not None:
            answer_letter(turn, letter, dispatcher)
            return []
        if topic != turn.slots.get("topic"):
            turn.set("shown", [])
        turn.set("wishes", wishes.heard(turn, topic))
        programme = named(turn, topic)
        if programme is not None:
            answer_programme(turn, programme)
            turn.send(dispatcher, "summary")
            return []
        word = word_of(turn, asked=True)
        if word is not None:
            answer_word(turn, word)
            turn.send(dispatcher, "summary")
            return []
        word = word_of(turn, asked=False)
        # Who writes German knows the word; who puts it into another language may only have read it.
        told: frozenset[str] = frozenset()
        meant = word is not None and (word.topic == topic or len(word.term) >= RARE_LETTERS)
        if word is not None and meant and word.kind in EXPLAINED and turn.language != "de":
            explain(turn, word)
            told = frozenset(statement.text for statement in (*word.meaning, *word.deadline))
        answer_topic(turn, topic, _asked_part(turn), told)
        await region.add_events(turn, topic)
        turn.send(dispatcher, "summary")
        return []


def _asked_part(turn: Turn) -> str:
    for name, confidence in turn.ranking()[1:3]:
        if name in PARTS_BY_INTENT and confidence >= PART_SHARE:
            return PARTS_BY_INTENT[name]
    return ""
