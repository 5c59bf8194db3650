"""Answering a topic: the article's part in hand and the nearest services that help."""

from __future__ import annotations

from actions import status as residence
from actions import wishes
from actions.directory.search import Match, Query
from actions.turn import Turn

CARDS = 3
COUNSELLING = "migration_counselling"
RELATED = 3


def take_up(turn: Turn, topic: str) -> None:
    """Make a topic the one in hand, from its first card on."""
    turn.set("topic", topic)
    turn.set("awaiting", None)
    turn.set("shown", [])


def add_helpers(turn: Turn, topic: str) -> None:
    """Add the first cards of a topic; where it has none, counselling knows who is responsible."""
    if not add_services(turn, topic, first=True):
        add_services(turn, COUNSELLING, first=True)


def answer_topic(turn: Turn, topic: str, extra_part: str = "", told: frozenset[str] = frozenset()) -> None:
    """Add summary, one asked part, services and choices of a topic to the turn; `told` was said already."""
    article = turn.resources.knowledge.article(topic)
    turn.set("topic", topic)
    turn.set("awaiting", None)
    if article is None:
        turn.say("utter_no_article")
    else:
        status, areas = residence.known(turn), area_names(turn)
        turn.state([s for s in article.part("summary", status, areas) if s.text not in told])
        if extra_part:
            turn.state(article.part(extra_part, status, areas), bullets=True)
    if not add_services(turn, topic, first=True):
        # No door of its own in our directory: counselling knows who is responsible.
        turn.say("utter_no_service_here")
        add_services(turn, COUNSELLING, first=True)
    if article is not None and article.place and turn.place is None and turn.point is None:
        turn.ask_place()
        return
    if article is not None:
        for name in ("cost", "who", "how", "documents"):
            if name != extra_part and article.parts.get(name) and len(turn.choices) < RELATED:
                turn.choose(f"utter_choice_{name}", f"/ask_{_intent_of(name)}")
        for related in article.related[:2]:
            turn.choose_topic(related)
        residence.ask(turn, article, "summary")


def add_services(turn: Turn, topic: str, first: bool = False) -> int:
    """Add the next cards for a topic; returns how many. Remembers what was shown for "more options".

    What the person wishes of them narrows the first cards; when nothing surely fulfils it that is said, and the
    usual ones are shown.
    """
    shown: list[str] = [] if first else list(turn.slots.get("shown") or [])
    wished = list(turn.slots.get("wishes") or [])
    matches = _next(turn, topic, shown, wished)
    if first and wished:
        if matches:
            wishes.say(turn, wished, matches)
        else:
            turn.set("wishes", [])
            matches = _next(turn, topic, shown, [])
            if matches:
                turn.say("utter_wish_none")
    elif first and turn.point is not None:
        wishes.say_order(turn, matches)
    for match in matches:
        turn.card(match)
    turn.set("shown", shown + [m.service.id for m in matches])
    if matches:
        turn.set("service", matches[0].service.id)
    elif first:
        turn.set("service", None)
    return len(matches)


def _next(turn: Turn, topic: str, shown: list[str], wished: list[str]) -> list[Match]:
    limit = CARDS if (turn.place or turn.point) else CARDS - 1
    query = Query(
        topic=topic,
        place=turn.place,
        point=turn.point,
        language=turn.language,
        age=turn.age,
        limit=wishes.LOOKED_AT if wished else limit,
        exclude=frozenset(shown),
    )
    return wishes.search(turn, query, wished, limit)


def area_names(turn: Turn) -> frozenset[str]:
    """Folded names under which local statements of an article hold for the place in hand."""
    place = turn.place
    if place is None:
        return frozenset()
    district = turn.resources.gazetteer.get(place.district)
    return frozenset(p.name.casefold() for p in (place, district) if p is not None)


def _intent_of(part: str) -> str:
    return {"cost": "cost", "who": "eligibility", "how": "how", "documents": "documents", "duration": "duration"}[part]
