"""Explaining a German word: what it is, whether there is a deadline, what to do first, who helps."""

from __future__ import annotations

from actions.answer import COUNSELLING, add_helpers, answer_topic, take_up
from actions.knowledge.glossary import Word
from actions.turn import Turn

# What to do first with such a thing; an office, a person or a benefit has its article.
FIRST = {
    "decision": "utter_word_first_decision",
    "demand": "utter_word_first_demand",
    "court": "utter_word_first_court",
    "appointment": "utter_word_first_appointment",
    "deadline": "utter_word_first_deadline",
    "paper": "utter_word_first_paper",
}
# What is explained before the topic when it stands in a message: an office, a person or a benefit is what a topic is about.
EXPLAINED = frozenset({*FIRST, "rule", "word"})
# Letters that often bring a deadline, even when none is known for this one.
DATED = frozenset({"decision", "demand", "court", "deadline"})


def word_of(turn: Turn, asked: bool) -> Word | None:
    """The office word the latest message asks about (`asked`), or merely holds; None without one we can explain."""
    for entity in (*turn.entities("term"), *turn.entities("status")):
        word = turn.resources.words.get(str(entity.get("word") or ""))
        if word is not None and (entity.get("asked") or not asked):
            return word
    return None


def explain(turn: Turn, word: Word) -> None:
    """Add what the word means, its deadline, and what to do first."""
    turn.say("utter_word", word=word.term)
    turn.state([*word.meaning])
    if word.deadline:
        turn.state([*word.deadline])
    elif word.kind in DATED:
        turn.say("utter_word_deadline")
    if word.kind in FIRST:
        turn.say(FIRST[word.kind])


def answer_word(turn: Turn, word: Word) -> None:
    """Explain the word; a benefit, an office or a rule is followed by its topic, a letter by who helps with it."""
    if word.kind not in FIRST and word.kind != "word":
        explain(turn, word)
        answer_topic(turn, word.topic, told=frozenset(statement.text for statement in word.meaning))
        return
    take_up(turn, word.topic)
    explain(turn, word)
    add_helpers(turn, word.topic)
    turn.choose_topic(word.topic)
    turn.choose_topic(COUNSELLING)
