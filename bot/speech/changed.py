"""A changed English sentence and its old translation: which belong together, and whether the old may still be said.

In the catalogues a stale translation is what gettext calls fuzzy with a previous msgid (`#| msgid`). The flag `minor`
beside `fuzzy` says that the change is one of wording, `urgent` that it is not; a translator who has looked at the
sentence takes `fuzzy` away.
"""

from __future__ import annotations

from collections.abc import Iterable

from babel.messages.catalog import Catalog, Message
from rapidfuzz import fuzz

from bot.speech.critical import urgent

# Similarity in per cent from which two sentences are one that was edited: at the same place, and anywhere.
SAME_PLACE, ANYWHERE = 55.0, 85.0


def predecessors(old: Catalog, source: Catalog) -> dict[str, Message]:
    """New msgid to the translated message of `old` whose sentence it replaced; each old one serves once."""
    kept = {str(m.id) for m in source if m.id}
    gone = [m for m in old if m.id and m.string and str(m.id) not in kept]
    if not gone:
        return {}
    fresh = [m for m in source if m.id and old.get(m.id) is None]
    rated = sorted(
        ((rate, str(new.id), before) for new in fresh for before in gone if (rate := _likeness(before, new)) > 0),
        key=lambda row: (-row[0], row[1]),
    )
    found: dict[str, Message] = {}
    used: set[str] = set()
    for _, text, before in rated:
        if text not in found and str(before.id) not in used:
            found[text] = before
            used.add(str(before.id))
    return found


def _likeness(before: Message, new: Message) -> float:
    here = bool(set(before.auto_comments) & set(new.auto_comments))
    rate = float(fuzz.ratio(str(before.id), str(new.id)))
    return rate + 100 * here if rate >= (SAME_PLACE if here else ANYWHERE) else 0.0


def stale(message: Message) -> bool:
    """True when the English sentence changed since it was translated."""
    return bool(message.string and message.fuzzy and message.previous_id)


def withdrawn(message: Message) -> bool:
    """True when what changed is a number, a deadline, a right or a negation: the old translation is not said."""
    if not stale(message) or "minor" in message.flags:
        return False
    return "urgent" in message.flags or urgent(_first(message.previous_id), str(message.id))


def sayable(message: Message) -> bool:
    """True when a translation may be said: up to date, or stale in its wording only."""
    return bool(message.string) and (not message.fuzzy or (stale(message) and not withdrawn(message)))


def _first(previous: str | Iterable[str]) -> str:
    return previous if isinstance(previous, str) else next(iter(previous), "")
