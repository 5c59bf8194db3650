"""Not sure what was meant: the likeliest topics as buttons, never "please rephrase"."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import region, wishes
from actions.answer import add_services, answer_topic
from actions.follow_up import MAIN_TOPICS
from actions.letters import answer_letter, pasted
from actions.programme import answer_programme, named
from actions.turn import Turn, WegweiserAction
from actions.words import answer_word, word_of

OFFERED = 3
# Probability that one of the offered topics is meant, below which they would mislead: then the main areas and a person.
HAND_OVER = 0.4


class ClarifyAction(WegweiserAction):
    """Offers up to three likely topics, or the main areas and a person; a German office word alone is answered."""

    action_name = "action_clarify"
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Offer what the ranking suggests, the main areas when it suggests nothing."""
        letter = pasted(turn)
        if letter is not None:
            answer_letter(turn, letter, dispatcher)
            return []
        word = word_of(turn, asked=False)
        if word is not None:
            answer_word(turn, word)
            turn.send(dispatcher, "summary")
            return []
        term_topic = next((str(e["value"]) for e in turn.entities("term")), None)
        if term_topic and turn.resources.knowledge.article(term_topic):
            answer_topic(turn, term_topic)
            turn.send(dispatcher, "summary")
            return []
        programme = named(turn)
        if programme is not None:
            answer_programme(turn, programme)
            turn.send(dispatcher, "summary")
            return []
        topic = str(turn.slots.get("topic") or "")
        if turn.resources.knowledge.article(topic) and wishes.take(turn, topic):
            # "and in the evening?" is about what was talked of; where there is no place at all, we ask as always.
            if add_services(turn, topic, first=True):
                turn.choose("utter_choice_more", "/ask_more_options")
                turn.send(dispatcher, "more")
                return []
        await region.add_pages(turn)
        rows = [(n, c) for n, c in turn.ranking()[:6] if c > 0.02 and turn.resources.knowledge.article(n)][:OFFERED]
        if sum(c for _, c in rows) >= HAND_OVER:
            turn.say("utter_clarify")
            for topic, _ in rows:
                turn.choose_topic(topic)
            turn.choose("utter_choice_human", "/human_handover")
        else:
            turn.say("utter_clarify_open")
            turn.choose("utter_choice_human", "/human_handover")
            for topic in MAIN_TOPICS:
                turn.choose_topic(topic)
        turn.send(dispatcher)
        return []
