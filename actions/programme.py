"""Answering "what is SprInt?": what a programme is, whether it still exists, and who helps."""

from __future__ import annotations

from actions.answer import add_helpers, area_names, take_up
from actions.knowledge.programmes import Programme
from actions.turn import Turn

# Topics in which a name is asked about as such, whatever it names.
ABOUT_NAMES = frozenset({"programme_info", "saxony_facts"})


def named(turn: Turn, topic: str = "") -> Programme | None:
    """The programme the latest message asks about, or None.

    A name that is also an everyday word counts only in a question about names; any other counts beside its own
    topic, too, and where the message was not understood (`topic` is empty).
    """
    for entity in turn.entities("programme"):
        programme = turn.resources.programmes.get(str(entity["value"]))
        if programme is None:
            continue
        if topic in ABOUT_NAMES or not topic or (not entity.get("common") and topic == programme.topic):
            return programme
    return None


def answer_programme(turn: Turn, programme: Programme) -> None:
    """Add its sentences, the services of its topic and the way to the topic's article."""
    article = turn.resources.knowledge.article(programme.topic)
    areas = area_names(turn)
    take_up(turn, programme.topic)
    turn.state([s for s in programme.statements if not s.area or s.area.casefold() in areas] or [*programme.statements])
    add_helpers(turn, programme.topic)
    if article is not None and article.place and turn.place is None and turn.point is None:
        turn.ask_place()
        return
    turn.choose_topic(programme.topic)
    for related in (article.related if article else ())[:2]:
        turn.choose_topic(related)
