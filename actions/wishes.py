"""Wishes beside a topic ("free", "for women", "open now", "who speaks Dari"): which services surely fulfil them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from actions.directory.hours import HoursError, week
from actions.directory.search import Match, Query
from actions.turn import Turn

# More than a person would page through; beyond it a wish is as good as unfulfilled.
LOOKED_AT = 60
SPEAKS = "speaks:"
# Times of day a place must be open at, on an ordinary weekday: from (included) and to.
EVENING_FROM, MORNING_TO = "18:00", "12:00"
SATURDAY = 5
# What a topic is about anyway is no wish: whoever asks for a kindergarten wants childcare itself.
OF_COURSE = {
    "childcare": {"childcare"},
    "interpreter": {"interpreter"},
    "disability_care": {"wheelchair"},
    "women_girls": {"women"},
    "domestic_violence": {"women"},
    "pregnancy": {"women"},
    "volunteering": {"free"},
    "food_clothes": {"free"},
    "learn_by_yourself": {"online"},
}
# Topics in which nobody is turned away from a card because of a side remark.
NOT_NARROWED = frozenset({"emergency_medical", "emergency_violence", "crisis_suicide", "emergency_shelter"})
SAID = {
    "open_now": "utter_wish_open_now",
    "free": "utter_wish_free",
    "women": "utter_wish_women",
    "men": "utter_wish_men",
    "evening": "utter_wish_evening",
    "morning": "utter_wish_morning",
    "weekend": "utter_wish_weekend",
    "online": "utter_wish_online",
    "childcare": "utter_wish_childcare",
    "wheelchair": "utter_wish_wheelchair",
    "interpreter": "utter_wish_interpreter",
    "appointment_free": "utter_wish_appointment_free",
}


def heard(turn: Turn, topic: str) -> list[str]:
    """Wishes the latest message names for a topic, each once; a language to be spoken as "speaks:fa"."""
    if topic in NOT_NARROWED:
        return []
    found = [str(e["value"]) for e in turn.entities("wish") if e["value"] in SAID]
    if topic != "interpreter":
        found += [SPEAKS + str(e["value"]) for e in turn.entities("service_language")]
    return [wish for wish in dict.fromkeys(found) if wish not in OF_COURSE.get(topic, ())]


def take(turn: Turn, topic: str) -> bool:
    """Add what the latest message wishes to what is wished already; whether it wishes anything."""
    found = heard(turn, topic)
    if found:
        turn.set("wishes", list(dict.fromkeys([*(turn.slots.get("wishes") or []), *found])))
    return bool(found)


def search(turn: Turn, query: Query, wishes: list[str], limit: int) -> list[Match]:
    """The best services that surely fulfil every wish; what a record does not say counts as not fulfilled."""
    now = turn.resources.clock()
    if not wishes:
        return turn.resources.directory.search(query, now)[:limit]
    spoken = [wish.removeprefix(SPEAKS) for wish in wishes if wish.startswith(SPEAKS)]
    # What the directory can sieve itself, so that the ones looked at are not all of another kind.
    sieved = replace(
        query, free="free" in wishes, open_now="open_now" in wishes, women="women" in wishes, speaks="".join(spoken[:1])
    )
    found = turn.resources.directory.search(sieved, now)
    surely = [m for m in found if all(fulfils(m, wish, now) for wish in wishes)]
    # A wish fulfilled at a place nobody can reach helps less than one fulfilled farther away.
    return sorted(surely, key=lambda m: not m.shown.actionable)[:limit]


def fulfils(match: Match, wish: str, now: datetime) -> bool:
    """Whether a record says that it fulfils a wish."""
    service = match.service
    if wish.startswith(SPEAKS):
        return wish.removeprefix(SPEAKS) in service.languages
    if wish == "open_now":
        return match.shown.hours and match.hours is not None and match.hours.state == "open"
    if wish in ("evening", "morning", "weekend"):
        return match.shown.hours and bool(service.hours) and _open_at(service.hours, wish, now)
    if wish in ("women", "men"):
        return service.eligibility.gender == wish
    if wish == "online":
        return "online" in f"{service.name} {service.description}".casefold()
    if wish == "appointment_free":
        return bool(service.hours) and match.shown.hours and not service.by_appointment
    named = {"free": service.free, "childcare": service.childcare, "wheelchair": service.wheelchair}
    return {**named, "interpreter": service.interpreters}.get(wish, False)


def _open_at(hours: str, wish: str, now: datetime) -> bool:
    try:
        days = week(hours, now)
    except HoursError:
        return False
    if wish == "weekend":
        return any(day >= SATURDAY for day, _ in days)
    spans = [span.partition("-") for day, text in days if day < SATURDAY for span in text.split(", ")]
    if wish == "evening":
        return any(end > EVENING_FROM for _, _, end in spans)
    return any(start < MORNING_TO for start, _, _ in spans)


def say(turn: Turn, wishes: list[str], matches: list[Match]) -> None:
    """One phrase for each wish the cards fulfil, and how they are sorted where that is by distance."""
    for wish in wishes:
        if wish.startswith(SPEAKS):
            turn.say("utter_wish_speaks", language={"language": wish.removeprefix(SPEAKS)})
        else:
            turn.say(SAID[wish])
    say_order(turn, matches)


def say_order(turn: Turn, matches: list[Match]) -> None:
    """That the nearest come first, where it is so."""
    away = [match.distance_km for match in matches if match.distance_km is not None]
    if 1 < len(away) == len(matches) and away == sorted(away):
        turn.say("utter_sorted_near")
