"""What the region itself writes: events beside the places to meet people, pages where we know no answer."""

from __future__ import annotations

from actions.turn import Turn

# Topics in which what happens next is an answer, not an advertisement.
EVENT_TOPICS = frozenset({"meet_people"})


async def add_events(turn: Turn, topic: str) -> None:
    """Add the next events near the place in hand, as links."""
    handbook = turn.resources.handbook
    if handbook is None or topic not in EVENT_TOPICS or turn.place is None:
        return
    found = await handbook.events(turn.wanted(), turn.seconds_left())
    if found:
        turn.say("utter_events", place={"place": turn.place.id})
    for event in found:
        when = {"day": event.start.date().isoformat()} if event.all_day else {"moment": event.start.isoformat()}
        turn.link(event.url, event.title, place=event.place, **when)


async def add_pages(turn: Turn) -> bool:
    """Add the region's pages that share words with the message; whether there are any."""
    handbook = turn.resources.handbook
    text = str(turn.tracker.latest_message.get("text") or "")
    if handbook is None or turn.place is None or text.startswith("/"):
        return False
    found = await handbook.pages(turn.wanted(), [text], turn.seconds_left())
    if found:
        turn.say("utter_pages")
    for page in found:
        turn.link(page.url, page.title, place=page.region, updated=page.updated[:10])
    return bool(found)
