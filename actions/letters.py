"""A pasted German letter: which kind it probably is, its words, the words about time, and whom to show it to."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.answer import COUNSELLING, add_helpers, take_up
from actions.turn import Turn

WORDS = 4


def pasted(turn: Turn) -> dict[str, Any] | None:
    """The letter in the latest message, or None."""
    return next(iter(turn.entities("letter")), None)


def answer_letter(turn: Turn, letter: dict[str, Any], dispatcher: CollectingDispatcher) -> None:
    """Say what it probably is and never more: nothing about the person's case."""
    kind = turn.resources.letter_kinds.get(str(letter.get("value") or ""))
    topic = str(letter["topic"])
    take_up(turn, topic)
    if kind is None:
        turn.say("utter_letter_unsure")
    else:
        turn.say("utter_letter_kind", kind={"msgid": kind})
    times = [row for row in letter.get("times") or [] if "at_once" not in row]
    if times:
        turn.say("utter_letter_times", times={"times": times})
    if len(times) < len(letter.get("times") or []):
        turn.say("utter_letter_at_once")
    if letter.get("link"):
        turn.say("utter_letter_link")
    turn.say("utter_letter_show")
    _explain_words(turn)
    add_helpers(turn, topic)
    turn.choose_topic(topic)
    turn.choose_topic(COUNSELLING)
    turn.choose_topic("legal_advice")
    turn.send(dispatcher, "letter")


def _explain_words(turn: Turn) -> None:
    names = dict.fromkeys(str(e.get("word") or "") for e in (*turn.entities("term"), *turn.entities("status")))
    words = [turn.resources.words[name] for name in names if name in turn.resources.words][:WORDS]
    if words:
        turn.say("utter_letter_words")
        turn.state([word.meaning[0] for word in words], bullets=True)
