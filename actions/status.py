"""The residence status: asked for only where it changes the answer, remembered only in this conversation."""

from __future__ import annotations

from actions.knowledge.model import Article
from actions.turn import Turn

UNSAID = "unsaid"
TITLES = {
    "asylum_seeker": "utter_status_asylum_seeker",
    "tolerated": "utter_status_tolerated",
    "recognised": "utter_status_recognised",
    "ukraine": "utter_status_ukraine",
    "eu": "utter_status_eu",
    "student_worker": "utter_status_student_worker",
    "undocumented": "utter_status_undocumented",
}


def known(turn: Turn) -> str:
    """The status in hand, "" when it is not known or the person would rather not say."""
    status = str(turn.slots.get("status") or "")
    return "" if status == UNSAID else status


def ask(turn: Turn, article: Article, part: str) -> None:
    """Offer the statuses that this part tells apart; nothing when it tells none apart or the question was answered."""
    told_apart = {status for statement in article.parts.get(part, ()) for status in statement.statuses}
    if not told_apart or turn.slots.get("status"):
        return
    turn.say("utter_ask_status")
    for status, title in TITLES.items():
        if status in told_apart:
            turn.choose(title, f'/inform{{"status":"{status}"}}')
    turn.choose("utter_status_unsaid", f'/inform{{"status":"{UNSAID}"}}')
