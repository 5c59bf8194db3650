"""What a turn tells the review queue (bot/memory/review_queue.py): whether it is delicate, and what was offered before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

TEST = "test"
CRISES = frozenset({"crisis_suicide", "emergency_medical", "emergency_violence", "crisis_near"})
# Danger, violence and despair. `rejection` is with them: who is to leave tells what he fled from, and some despair.
# `police_safety` reports offences, `unaccompanied_minor` children, `addiction` and `mental_health` illness.
NEVER = CRISES | {
    *("domestic_violence", "forced_marriage_trafficking", "hate_crime", "lgbtiq", "women_girls", "mental_health"),
    *("extremism_help", "rejection", "police_safety", "unaccompanied_minor", "addiction", "discrimination"),
}
# Probability from which such a topic is likely: in a message itself, and in an earlier one of its conversation.
LIKELY, LIKELY_BEFORE = 0.05, 0.15
# The same for the three crises together.
TRACE, TRACE_BEFORE = 0.02, 0.08


def delicate(parsed: dict[str, Any] | None, never: Collection[str], likely: float, trace: float) -> bool:
    """Whether a message may be about danger, violence or despair, from these probabilities on."""
    parsed = parsed or {}
    likeliest = [*intents(parsed), *intents({"intent_ranking": [parsed.get("intent") or {}]})]
    paths = parsed.get("crisis_paths") or {}
    return (
        str((parsed.get("intent") or {}).get("name") or "") in never
        or any(name in never and confidence >= likely for name, confidence in likeliest)
        or bool(paths.get("phrase"))
        or float(paths.get("classifier") or 0.0) >= trace
    )


def is_test(tracker: DialogueStateTracker, message: UserUttered) -> bool:
    """Whether this is a question of ours, not of a person."""
    campaign = tracker.slots.get("campaign")
    named = (message.metadata or {}).get("campaign"), campaign.value if campaign is not None else None
    return TEST in named or str(tracker.sender_id).startswith(("cli-", "warm-"))


def intents(parsed: dict[str, Any]) -> list[tuple[str, float]]:
    """Intents and their probabilities."""
    rows = parsed.get("intent_ranking") or []
    return [(str(row.get("name") or ""), float(row.get("confidence") or 0.0)) for row in rows]


def facts(tracker: DialogueStateTracker) -> dict[str, Any]:
    """The facts of the reply to the latest message."""
    for event in reversed(list(tracker.events)):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            return dict(((event.data or {}).get("custom") or {}).get("facts") or {})
    return {}


def before_button(tracker: DialogueStateTracker) -> tuple[float, frozenset[str]]:
    """When the message was written that the latest button follows, and the topics that the answer before it offered.

    A "that was no help" in between is no message of its own.
    """
    newest, topics = True, None
    for event in reversed(list(tracker.events)):
        if isinstance(event, BotUttered) and not newest and topics is None:
            topics = offered(((event.data or {}).get("custom") or {}).get("facts") or {})
        elif isinstance(event, UserUttered):
            if not newest and (event.intent or {}).get("name") != "feedback_bad":
                return float(event.timestamp), topics or frozenset()
            newest = False
    return 0.0, frozenset()


def offered(reply: dict[str, Any]) -> frozenset[str]:
    """Topics on the buttons of a reply."""
    payloads = (str(choice.get("payload") or "") for choice in reply.get("choices") or ())
    return frozenset(p[1:] for p in payloads if p.startswith("/") and "{" not in p)
