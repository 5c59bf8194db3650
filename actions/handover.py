"""A person to talk to: counselling nearby first, then a call-back, then a counsellor who writes here."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.crisis import AFTERWARDS
from actions.directory.hours import state_at
from actions.directory.search import Match, Query
from actions.people import Matter
from actions.turn import Turn, WegweiserAction

COUNSELLING = "migration_counselling"
CARDS, LOOKED_AT = 3, 12
AWAITING = "phone"
# What the person answered instead of a number, as the channel's side reads it.
UNREADABLE, GIVEN_UP = "unreadable", "given up"


class HandoverAction(WegweiserAction):
    """Offers persons, asks for consent, and goes on with what was chosen."""

    action_name = "action_handover"

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """One step: the buttons say which."""
        people = turn.resources.people
        step = next((str(e["value"]) for e in reversed(turn.entities("person"))), "")
        live = people.live(turn.tracker.sender_id)
        part = ""
        if step == "live" and live:
            _ask_consent(turn)
        elif step == "yes" and live:
            part = await _begin(turn)
        elif step == "callback" and people.callbacks:
            turn.say(
                "utter_callback_ask_office" if people.numbers_leave else "utter_callback_ask", office=people.office
            )
            turn.set("awaiting", AWAITING)
        elif step == "no":
            turn.say("utter_handover_declined")
            _back_to_topic(turn)
        elif step == "stop":
            turn.say("utter_handover_back")
            _back_to_topic(turn)
        else:
            part = _offer(turn)
        turn.send(dispatcher, part)
        return []


async def take_number(turn: Turn) -> str:
    """Answer a message that was read as a phone number, or as a try to write one; the part of the reply."""
    people = turn.resources.people
    value = str(turn.entities("phone")[-1]["value"])
    if value == UNREADABLE:
        turn.say("utter_callback_unreadable")
        turn.set("awaiting", AWAITING)
        return ""
    if value == GIVEN_UP:
        turn.say("utter_callback_given_up")
        return _counselling(turn)
    if not await people.call_back(turn.tracker.sender_id, _matter(turn)):
        turn.say("utter_callback_full")
        return _counselling(turn)
    turn.say("utter_callback_noted", office=people.office, number=value, language={"language": turn.language})
    _back_to_topic(turn)
    return ""


async def leave_number(turn: Turn, dispatcher: CollectingDispatcher) -> None:
    """Before a message is answered that came when a number was asked for: whatever it is, the question is over.

    A number that came beside a question is noted here, and the question is answered after it.
    """
    if turn.intent == "human_handover" and any(e["value"] == "callback" for e in turn.entities("person")):
        return
    turn.set("awaiting", None)
    if turn.entities("phone") and turn.intent != "inform":
        beside = Turn(turn.tracker, turn.resources)
        beside.slots.update(turn.slots)
        part = await take_number(beside)
        beside.choices.clear()
        beside.send(dispatcher, part)


def _offer(turn: Turn) -> str:
    people = turn.resources.people
    live = people.live(turn.tracker.sender_id)
    turn.say("utter_handover")
    if live or people.callbacks:
        _keep_matter(turn)
    if people.callbacks:
        turn.choose("utter_choice_callback", '/human_handover{"person":"callback"}')
    if live:
        closed = bool(people.hours) and state_at(people.hours, turn.resources.clock()).state == "closed"
        turn.choose("utter_choice_leave_message" if closed else "utter_choice_live", '/human_handover{"person":"live"}')
    part = _counselling(turn)
    turn.set("topic", COUNSELLING)
    if turn.place is None and turn.point is None:
        turn.ask_place()
    return part


def _counselling(turn: Turn) -> str:
    """Cards of the counselling nearby that can be reached, those open now first."""
    query = Query(topic=COUNSELLING, place=turn.place, point=turn.point, language=turn.language, limit=LOOKED_AT)
    found = turn.resources.directory.search(query, turn.resources.clock())
    reachable = [m for m in found if m.shown.phone] or [m for m in found if m.shown.actionable] or found
    nearest = reachable[:CARDS]
    if not any(_open(m) for m in nearest):
        nearest = [*nearest[: CARDS - 1], *([m for m in reachable if _open(m)] or nearest[CARDS - 1 :])[:1]]
    nearest.sort(key=lambda match: not _open(match))
    for match in nearest:
        turn.card(match)
    turn.set("shown", [m.service.id for m in nearest])
    turn.set("service", nearest[0].service.id if nearest else None)
    return "contact"


def _open(match: Match) -> bool:
    return match.hours is not None and match.hours.state == "open"


def _ask_consent(turn: Turn) -> None:
    people = turn.resources.people
    if people.hours:
        now = state_at(people.hours, turn.resources.clock())
        if now.state == "open" and now.until is not None:
            turn.say("utter_handover_open", office=people.office, until={"moment": now.until.isoformat()})
        elif now.state == "closed" and now.opens is not None:
            turn.say("utter_handover_closed", office=people.office, opens={"moment": now.opens.isoformat()})
        elif now.state == "closed":
            turn.say("utter_handover_closed_for_now", office=people.office)
    waiting = people.waiting()
    if waiting:
        turn.say("utter_handover_waiting", number=str(waiting))
    turn.say("utter_handover_consent", office=people.office)
    turn.choose("utter_choice_agree", '/human_handover{"person":"yes"}')
    turn.choose("utter_choice_disagree", '/human_handover{"person":"no"}')


async def _begin(turn: Turn) -> str:
    people = turn.resources.people
    if not await people.open(turn.tracker.sender_id, _matter(turn)):
        turn.say("utter_handover_failed", office=people.office)
        if people.callbacks:
            turn.choose("utter_choice_callback", '/human_handover{"person":"callback"}')
        return _counselling(turn)
    turn.say("utter_handover_begun", office=people.office)
    if people.hours:
        now = state_at(people.hours, turn.resources.clock())
        if now.state == "closed" and now.opens is not None:
            turn.say("utter_handover_closed", office=people.office, opens={"moment": now.opens.isoformat()})
    turn.choose("utter_choice_back", '/human_handover{"person":"stop"}')
    return ""


def _keep_matter(turn: Turn) -> None:
    """What the conversation was about before counselling was offered: that is told, and taken up again."""
    topic = turn.slots.get("topic")
    if topic and topic != COUNSELLING:
        turn.set("matter", {name: turn.slots.get(name) for name in ("topic", "shown", "service")})


def _matter(turn: Turn) -> Matter:
    kept = turn.slots.get("matter") or {name: turn.slots.get(name) for name in ("topic", "shown")}
    named = {name: turn.slots.get(name) or "" for name in ("place", "status")}
    return {
        "language": turn.language,
        "topic": kept.get("topic") or "",
        "shown": list(kept.get("shown") or ()),
        **named,
    }


def _back_to_topic(turn: Turn) -> None:
    """The topic from before is the one in hand again, with a button to go on."""
    matter = turn.slots.get("matter") or {}
    if turn.slots.get("topic") in (None, COUNSELLING, *AFTERWARDS):
        for name, value in matter.items():
            turn.set(name, value)
    turn.set("matter", None)
    topic = turn.slots.get("topic")
    if topic:
        turn.choose_topic(str(topic))
    turn.choose("utter_choice_menu", "/help")
